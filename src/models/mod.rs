//! The model catalog: what can be installed, from where, and whether what is installed is whole.

mod catalog;
mod check;
mod convert;
mod error;
mod files;
mod pull;
mod settings;
mod store;

pub use catalog::{
    Catalog, EmbedderTraits, FileEntry, Format, LlmTraits, ModelEntry, Pooling, Profile,
    RerankerTraits, Role,
};
pub use check::CheckedFile;
pub use convert::{ConvertError, Converted, WireError, convert_embedder};
pub use error::ModelError;
pub use pull::PullEvent;
pub use settings::{HubToken, ModelSettings};
pub use store::{EmbedderFiles, LlmFiles, ModelState, ModelStatus, ModelStore, RerankerFiles};
