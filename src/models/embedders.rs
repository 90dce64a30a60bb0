//! Embedders in the models folder: the one in use, and others that an index may have been made with.

use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use super::files::hexadecimal;
use super::store::role_key;
use super::{
    CheckedFile, EmbedderTraits, ModelEntry, ModelError, ModelState, ModelStore, Pooling, Role,
};

/// What an embedder needs to load.
#[derive(Debug, Clone)]
pub struct EmbedderFiles {
    /// Name from the catalog.
    pub name: String,
    /// The graph.
    pub model: CheckedFile,
    /// SHA-256 over all files' checksums: other vectors come of other weights and of another tokenizer alike.
    pub content: String,
    /// Folder with `tokenizer.json`, `tokenizer_config.json`, `special_tokens_map.json` and `config.json`.
    pub folder: PathBuf,
    /// The ONNX Runtime library.
    pub runtime: PathBuf,
    /// Dimension, window, pooling and prefixes.
    pub traits: EmbedderTraits,
}

impl EmbedderFiles {
    /// Everything that changes a vector, and nothing else; it begins with the name.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let pooling = match self.traits.pooling {
            Pooling::Cls => "cls",
            Pooling::Mean => "mean",
        };
        let hash = self.content.get(..16).unwrap_or(&self.content);
        let mut text = format!("{}@{hash}/{}/{pooling}", self.name, self.traits.max_tokens);
        for prefix in [&self.traits.query_prefix, &self.traits.passage_prefix] {
            if !prefix.is_empty() {
                text = format!("{text}/{}", prefix.trim());
            }
        }
        text
    }
}

impl ModelStore {
    /// The embedder in use, with the runtime that it needs.
    pub fn embedder(&self) -> Result<EmbedderFiles, ModelError> {
        self.embedder_files(self.required(Role::Embedder)?)
    }

    /// One embedder by name, whether in use or not.
    pub fn embedder_named(&self, name: &str) -> Result<EmbedderFiles, ModelError> {
        self.embedder_files(self.catalog().model(name)?)
    }

    /// Every embedder that is installed and whole as far as a quick look tells, in the catalog's order.
    #[must_use]
    pub fn embedders(&self) -> Vec<EmbedderFiles> {
        let all = self.catalog().models.iter();
        let installed = all.filter(|model| {
            model.role == Role::Embedder && self.state(model) == ModelState::Installed
        });
        installed
            .filter_map(|model| self.embedder_files(model).ok())
            .collect()
    }

    /// The name of the embedder that a person chose; `None` where nobody did.
    #[must_use]
    pub fn chosen_embedder(&self) -> Option<String> {
        self.choices().remove(&role_key(Role::Embedder))
    }

    fn embedder_files(&self, model: &ModelEntry) -> Result<EmbedderFiles, ModelError> {
        let traits = model
            .embedder
            .clone()
            .ok_or_else(|| self.none_installed(Role::Embedder))?;
        let files = self.checked_files(model)?;
        Ok(EmbedderFiles {
            name: model.name.clone(),
            content: content(&files),
            model: self.first(model, files)?,
            folder: self.model_folder(model),
            runtime: self.onnx_runtime()?,
            traits,
        })
    }
}

/// SHA-256 over all files' checksums.
pub(super) fn content(files: &[CheckedFile]) -> String {
    let all: Vec<&str> = files.iter().map(|file| file.sha256.as_str()).collect();
    hexadecimal(&Sha256::digest(all.join("\n")))
}
