//! The files of the model that reads pictures.

use std::path::PathBuf;

use super::{ModelError, ModelStore, Role};

/// The installed text recognition model: three graphs and the library that runs them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OcrFiles {
    /// The model's name in the catalog.
    pub name: String,
    /// The ONNX Runtime library.
    pub runtime: PathBuf,
    /// Finds lines of text.
    pub detector: PathBuf,
    /// Tells whether a line stands on its head.
    pub classifier: PathBuf,
    /// Reads a line.
    pub reader: PathBuf,
}

impl ModelStore {
    /// The text recognition model in use, if one is installed.
    ///
    /// # Errors
    /// [`ModelError`] if a file of it, or the runtime, is missing or damaged.
    pub fn ocr(&self) -> Result<Option<OcrFiles>, ModelError> {
        let Some(model) = self.resolve(Role::Ocr) else {
            return Ok(None);
        };
        let files = self.checked_files(model)?;
        let named = |name: &str| {
            let found = files.iter().find(|file| file.path.ends_with(name));
            found
                .map(|file| file.path.clone())
                .ok_or_else(|| ModelError::Load {
                    model: model.name.clone(),
                    reason: format!("it has no file {name}"),
                })
        };
        Ok(Some(OcrFiles {
            name: model.name.clone(),
            runtime: self.onnx_runtime()?,
            detector: named("det.onnx")?,
            classifier: named("cls.onnx")?,
            reader: named("rec.onnx")?,
        }))
    }
}
