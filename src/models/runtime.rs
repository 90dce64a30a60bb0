//! ONNX Runtime, loaded once per process from the models folder.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ort::environment::Environment;

use super::ModelError;

/// The process's one environment and the library it came from; ONNX Runtime allows no second.
static ENVIRONMENT: Mutex<Option<(PathBuf, Environment)>> = Mutex::new(None);

/// Loads the library, or returns the environment made before.
///
/// Every user of ONNX Runtime in this process (embedder, reranker, OCR) must take its environment from here.
/// The first call decides which library is loaded; later ones get that one whatever they name.
///
/// # Errors
/// [`ModelError::Load`] if the library is missing, is no ONNX Runtime or is older than 1.24.
pub fn onnx_environment(library: &Path) -> Result<Environment, ModelError> {
    let mut held = ENVIRONMENT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((loaded, environment)) = held.as_ref() {
        if loaded != library {
            tracing::debug!(loaded = %loaded.display(), "ONNX Runtime was loaded before from another place");
        }
        return Ok(environment.clone());
    }
    let refuse = |reason: String| ModelError::Load {
        model: "onnxruntime".to_owned(),
        reason,
    };
    let library = std::path::absolute(library).map_err(|error| refuse(error.to_string()))?;
    // The crate asserts what a library answers; a wrong library must not take the process down.
    let built = catch_unwind(AssertUnwindSafe(|| {
        let builder = ort::init_from(&library).map_err(|error| error.to_string())?;
        builder
            .with_name("wenyuan")
            .with_telemetry(false)
            .build()
            .map_err(|error| error.to_string())
    }));
    let built = built.unwrap_or_else(|_| Err(format!("{} is not ONNX Runtime", library.display())));
    let environment = built.map_err(refuse)?;
    *held = Some((library, environment.clone()));
    Ok(environment)
}
