//! Rerankers in the models folder.

use std::path::PathBuf;

use super::embedders::content;
use super::{
    CheckedFile, Format, ModelEntry, ModelError, ModelState, ModelStore, RerankerTraits, Role,
};

/// What a reranker needs to load; for an ONNX graph the folder holds the tokenizer's files as for
/// [`super::EmbedderFiles`].
#[derive(Debug, Clone)]
pub struct RerankerFiles {
    /// Name from the catalog.
    pub name: String,
    /// The graph, or the GGUF file.
    pub model: CheckedFile,
    /// SHA-256 over all files' checksums.
    pub content: String,
    /// The model's folder.
    pub folder: PathBuf,
    /// The ONNX Runtime library; `None` for a GGUF file, which needs none.
    pub runtime: Option<PathBuf>,
    /// Its window.
    pub traits: RerankerTraits,
}

impl RerankerFiles {
    /// Everything that changes a score, and nothing else; it begins with the name.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let hash = self.content.get(..16).unwrap_or(&self.content);
        format!("{}@{hash}/{}", self.name, self.traits.max_tokens)
    }
}

impl ModelStore {
    /// The reranker in use, if one is installed.
    pub fn reranker(&self) -> Result<Option<RerankerFiles>, ModelError> {
        match self.resolve(Role::Reranker) {
            Some(model) => self.reranker_files(model).map(Some),
            None => Ok(None),
        }
    }

    /// One reranker by name, whether in use or not.
    pub fn reranker_named(&self, name: &str) -> Result<RerankerFiles, ModelError> {
        self.reranker_files(self.catalog().model(name)?)
    }

    /// Names of the rerankers that are installed and whole as far as a quick look tells, in the catalog's order.
    #[must_use]
    pub fn rerankers(&self) -> Vec<String> {
        let all = self.catalog().models.iter();
        let installed = all.filter(|model| {
            model.role == Role::Reranker && self.state(model) == ModelState::Installed
        });
        installed.map(|model| model.name.clone()).collect()
    }

    fn reranker_files(&self, model: &ModelEntry) -> Result<RerankerFiles, ModelError> {
        let traits = model
            .reranker
            .clone()
            .ok_or_else(|| self.none_installed(Role::Reranker))?;
        let files = self.checked_files(model)?;
        let is_graph = model
            .files
            .first()
            .is_some_and(|file| file.format == Format::Onnx);
        Ok(RerankerFiles {
            name: model.name.clone(),
            content: content(&files),
            model: self.first(model, files)?,
            folder: self.model_folder(model),
            runtime: is_graph.then(|| self.onnx_runtime()).transpose()?,
            traits,
        })
    }
}
