//! The model catalog: what can be installed, from where, and whether what is installed is whole.

mod catalog;
mod check;
mod convert;
mod error;
mod files;
mod kinds;
mod pull;
mod settings;
mod store;
#[cfg(test)]
mod tests;

pub use catalog::{Catalog, FileEntry, Format, ModelEntry};
pub use check::CheckedFile;
pub use convert::{ConvertError, Converted, WireError, convert_embedder};
pub use error::ModelError;
pub use kinds::{EmbedderTraits, LlmTraits, Pooling, Profile, RerankerTraits, Role};
pub use pull::PullEvent;
pub use settings::{HubToken, ModelSettings};
pub use store::{EmbedderFiles, LlmFiles, ModelState, ModelStatus, ModelStore, RerankerFiles};
