//! The model catalog: what can be installed, from where, and whether what is installed is whole.

mod catalog;
mod check;
mod convert;
mod embedders;
mod error;
mod files;
mod kinds;
#[cfg(feature = "llama")]
pub mod llama;
mod ocr;
mod pull;
mod rerankers;
#[cfg(feature = "onnx")]
mod runtime;
mod settings;
mod store;
#[cfg(test)]
mod tests;

pub use catalog::{Catalog, FileEntry, Format, ModelEntry};
pub use check::CheckedFile;
pub use convert::{
    ConvertError, Converted, TokenTable, WEIGHTS_FILE, WireError, convert_embedder, token_table,
};
pub use embedders::EmbedderFiles;
pub use error::ModelError;
pub use kinds::{EmbedderTraits, LlmTraits, Pooling, Profile, RerankerTraits, Role};
pub use ocr::OcrFiles;
pub use pull::PullEvent;
pub use rerankers::RerankerFiles;
#[cfg(feature = "onnx")]
pub use runtime::onnx_environment;
pub use settings::{HubToken, ModelSettings};
pub use store::{LlmFiles, ModelState, ModelStatus, ModelStore};

/// Where tests with real models look: the folder that `make models` fills, unless another is named.
#[cfg(test)]
pub(crate) fn installed_folder() -> std::path::PathBuf {
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let share = || {
        let home = || named("HOME").map(|home| std::path::Path::new(&home).join(".local/share"));
        named("XDG_DATA_HOME").map(Into::into).or_else(home)
    };
    named("WENYUAN_MODELS__DIR")
        .map(Into::into)
        .or_else(|| share().map(|share: std::path::PathBuf| share.join("wenyuan/models")))
        .unwrap_or_else(|| "models".into())
}
