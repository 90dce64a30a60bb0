//! The models folder: what is installed, which model of a role is in use, and the files that each engine loads.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::check::{Depth, check_file};
use super::files::write_atomically;
use super::{Catalog, CheckedFile, LlmTraits, ModelEntry, ModelError, ModelSettings, Role};

const CHOICES: &str = "active.toml";

/// How much of a model is in the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelState {
    /// Every file, whole as far as a quick look tells.
    Installed,
    /// Some files, or files that are not whole.
    Incomplete,
    /// Nothing.
    Absent,
}

/// A line of `wenyuan models list`.
#[derive(Debug, Clone)]
pub struct ModelStatus<'a> {
    /// The catalog's entry.
    pub model: &'a ModelEntry,
    /// How much of it is installed.
    pub state: ModelState,
    /// Whether it is the one in use for its role.
    pub active: bool,
}

/// What a language model needs to load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LlmFiles {
    /// Name from the catalog.
    pub name: String,
    /// The GGUF file, checked.
    pub path: PathBuf,
    /// Its SHA-256 in lower-case hexadecimal.
    pub sha256: String,
    /// Tuned to follow instructions; `false` means a base model, prompted as a completion.
    pub instruct: bool,
    /// Window that it was trained for, in tokens.
    pub context_tokens: usize,
    /// Strong enough that its words, once grounded, beat quotes of the evidence.
    pub trusted_writer: bool,
}

/// The models folder with its catalog. Cheap to clone; reads the folder anew at each call.
#[derive(Debug, Clone)]
pub struct ModelStore {
    pub(super) folder: PathBuf,
    pub(super) catalog: Catalog,
    pub(super) settings: ModelSettings,
}

impl ModelStore {
    /// Opens a models folder, which need not exist yet. Touches no network, here or anywhere but in `pull`.
    pub fn open(folder: impl Into<PathBuf>, settings: ModelSettings) -> Result<Self, ModelError> {
        let folder = folder.into();
        let beside = folder.join("catalog.toml");
        let user_catalog = settings
            .catalog
            .clone()
            .or_else(|| beside.is_file().then_some(beside));
        let catalog = Catalog::load(user_catalog.as_deref())?;
        Ok(Self {
            folder,
            catalog,
            settings,
        })
    }

    /// What can be installed.
    #[must_use]
    pub const fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The models folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Every known model with its state, in the catalog's order.
    #[must_use]
    pub fn list(&self) -> Vec<ModelStatus<'_>> {
        let status = |model| ModelStatus {
            model,
            state: self.state(model),
            active: self.is_active(model),
        };
        self.catalog.models.iter().map(status).collect()
    }

    /// Reads every byte of a model's files. One result per file, in the catalog's order.
    pub fn check(&self, name: &str) -> Result<Vec<Result<CheckedFile, ModelError>>, ModelError> {
        let model = self.catalog.model(name)?;
        let folder = self.model_folder(model);
        Ok(model
            .files
            .iter()
            .map(|file| check_file(&folder, model, file, Depth::Full))
            .collect())
    }

    /// Where a model's file is, whole as far as a quick look tells.
    pub fn path(&self, name: &str, file: &str) -> Result<PathBuf, ModelError> {
        let model = self.catalog.model(name)?;
        let entry = model
            .files
            .iter()
            .find(|entry| entry.path == Path::new(file));
        let entry = entry.ok_or_else(|| ModelError::Missing {
            model: name.to_owned(),
            file: self.model_folder(model).join(file),
            advice: model.advice(),
        })?;
        check_file(&self.model_folder(model), model, entry, Depth::Quick)
            .map(|checked| checked.path)
    }

    /// Makes a model the one in use for its role. It must be installed.
    pub fn use_model(&self, name: &str) -> Result<(), ModelError> {
        let model = self.catalog.model(name)?;
        self.checked(model)?;
        let mut choices = self.choices();
        choices.insert(role_key(model.role), model.name.clone());
        self.write_choices(&choices)
    }

    /// Puts every role of a profile in the hands of that profile's model. They must be installed.
    pub fn use_profile(&self, profile: &str) -> Result<(), ModelError> {
        let mut choices = BTreeMap::new();
        for model in self.catalog.select(profile)? {
            self.checked(model)?;
            choices
                .entry(role_key(model.role))
                .or_insert_with(|| model.name.clone());
        }
        let mut all = self.choices();
        all.extend(choices);
        self.write_choices(&all)
    }

    /// The model in use for a role: the chosen one, else the first installed one, else none.
    #[must_use]
    pub fn resolve(&self, role: Role) -> Option<&ModelEntry> {
        let chosen = self.choices().remove(&role_key(role));
        let chosen =
            chosen.and_then(|name| self.catalog.models.iter().find(|model| model.name == name));
        chosen.filter(|model| model.role == role).or_else(|| {
            let mut of_role = self
                .catalog
                .models
                .iter()
                .filter(|model| model.role == role);
            of_role.find(|model| self.state(model) != ModelState::Absent)
        })
    }

    /// The language model in use.
    pub fn llm(&self) -> Result<LlmFiles, ModelError> {
        let model = self.required(Role::Llm)?;
        self.llm_files(model)
    }

    /// One language model by name, whether in use or not.
    pub fn llm_named(&self, name: &str) -> Result<LlmFiles, ModelError> {
        self.llm_files(self.catalog.model(name)?)
    }

    /// The ONNX Runtime library.
    pub fn onnx_runtime(&self) -> Result<PathBuf, ModelError> {
        let model = self.required(Role::Runtime)?;
        self.checked(model).map(|library| library.path)
    }

    /// The pdfium library, if it is installed and whole.
    #[must_use]
    pub fn pdfium(&self) -> Option<PathBuf> {
        let model = self.resolve(Role::Pdfium)?;
        match self.checked(model) {
            Ok(library) => Some(library.path),
            Err(error) => {
                tracing::warn!(%error, "pdfium is not usable");
                None
            }
        }
    }

    fn llm_files(&self, model: &ModelEntry) -> Result<LlmFiles, ModelError> {
        let Some(LlmTraits {
            instruct,
            context_tokens,
            trusted_writer,
        }) = model.llm.clone()
        else {
            return Err(self.none_installed(Role::Llm));
        };
        let CheckedFile { path, sha256, .. } = self.checked(model)?;
        Ok(LlmFiles {
            name: model.name.clone(),
            path,
            sha256,
            instruct,
            context_tokens,
            trusted_writer,
        })
    }

    pub(super) fn required(&self, role: Role) -> Result<&ModelEntry, ModelError> {
        self.resolve(role).ok_or_else(|| self.none_installed(role))
    }

    pub(super) fn none_installed(&self, role: Role) -> ModelError {
        let first = self.catalog.models.iter().find(|model| model.role == role);
        let advice = first.map_or_else(|| "starter".to_owned(), ModelEntry::advice);
        ModelError::NoneInstalled {
            role,
            folder: self.folder.clone(),
            advice,
        }
    }

    /// Looks at every file of a model and returns the first, its graph or weights.
    fn checked(&self, model: &ModelEntry) -> Result<CheckedFile, ModelError> {
        self.first(model, self.checked_files(model)?)
    }

    pub(super) fn first(
        &self,
        model: &ModelEntry,
        files: Vec<CheckedFile>,
    ) -> Result<CheckedFile, ModelError> {
        let first = files.into_iter().next();
        first.ok_or_else(|| self.none_installed(model.role))
    }

    pub(super) fn checked_files(&self, model: &ModelEntry) -> Result<Vec<CheckedFile>, ModelError> {
        let folder = self.model_folder(model);
        let check = |file| check_file(&folder, model, file, Depth::Quick);
        model.files.iter().map(check).collect()
    }

    /// A model's folder, which may not exist.
    pub(super) fn model_folder(&self, model: &ModelEntry) -> PathBuf {
        self.folder.join(&model.name)
    }

    pub(super) fn state(&self, model: &ModelEntry) -> ModelState {
        let folder = self.model_folder(model);
        if model
            .files
            .iter()
            .all(|file| !folder.join(&file.path).exists())
        {
            return ModelState::Absent;
        }
        let whole = model.files.iter().all(|file| {
            let size = fs_err::metadata(folder.join(&file.path))
                .ok()
                .filter(std::fs::Metadata::is_file);
            size.is_some_and(|found| file.size().is_none_or(|expected| expected == found.len()))
        });
        if whole {
            ModelState::Installed
        } else {
            ModelState::Incomplete
        }
    }

    fn is_active(&self, model: &ModelEntry) -> bool {
        self.resolve(model.role)
            .is_some_and(|active| active.name == model.name)
    }

    pub(super) fn choices(&self) -> BTreeMap<String, String> {
        let text = fs_err::read_to_string(self.folder.join(CHOICES)).unwrap_or_default();
        toml::from_str(&text).unwrap_or_else(|error| {
            tracing::warn!(%error, "{CHOICES} in the models folder is not readable and is ignored");
            BTreeMap::new()
        })
    }

    fn write_choices(&self, choices: &BTreeMap<String, String>) -> Result<(), ModelError> {
        let path = self.folder.join(CHOICES);
        let lines: Vec<_> = choices
            .iter()
            .map(|(role, name)| format!("{role} = \"{name}\""))
            .collect();
        let text = lines.join("\n") + "\n";
        write_atomically(&path, text.as_bytes()).map_err(ModelError::folder("write", path))
    }
}

pub(super) fn role_key(role: Role) -> String {
    match role {
        Role::Embedder => "embedder",
        Role::Llm => "llm",
        Role::Reranker => "reranker",
        Role::Runtime => "runtime",
        Role::Ocr => "ocr",
        Role::Pdfium => "pdfium",
    }
    .to_owned()
}
