//! Embedding models: the fastembed worker and its deterministic twin.

mod batch;
#[cfg(feature = "onnx")]
mod fastembed;
mod hashing;
mod queue;

#[cfg(feature = "onnx")]
pub use fastembed::{EmbedSettings, FastembedEmbedder};
pub use hashing::HashingEmbedder;
