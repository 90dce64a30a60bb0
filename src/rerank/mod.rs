//! Cross-encoders: models that read a question and a passage together and say how well the one answers the other.

#[cfg(test)]
pub(crate) mod conformance;
#[cfg(feature = "onnx")]
mod fastembed;
#[cfg(feature = "llama")]
mod gguf;
mod overlap;
mod remote;
mod worker;

use async_trait::async_trait;

#[cfg(feature = "onnx")]
pub use fastembed::OnnxReranker;
#[cfg(feature = "llama")]
pub use gguf::GgufReranker;
pub use overlap::OverlapReranker;
pub use remote::{RemoteBody, RemoteReranker, RemoteSettings};

/// Most passages in one call.
pub const MOST_PASSAGES: usize = 256;

/// Why passages were not scored, by what the caller can do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RerankError {
    /// The queue is full, or the server asks for a pause; a later call may succeed.
    #[error("the reranker is busy")]
    Overloaded,
    /// The same call will not succeed.
    #[error("the reranker refused: {0}")]
    Refused(String),
    /// The model is broken, stopped or out of reach: nothing will succeed until that is mended.
    #[error("the reranker is unavailable: {0}")]
    Unavailable(String),
}

/// A model that reads a question together with each passage.
#[async_trait]
pub trait CrossEncoder: Send + Sync {
    /// The model's name.
    fn name(&self) -> &str;

    /// Everything that changes a score, and nothing else; it begins with the name.
    fn fingerprint(&self) -> &str;

    /// Longest question and passage together, in the model's tokens; what is longer is cut at the end.
    fn max_tokens(&self) -> usize;

    /// How well each passage answers the question: one number in [0, 1] per passage, in order.
    ///
    /// Comparable within one call. No passages give no numbers, without touching the model. Dropping the future gives the
    /// call up; a model in this process then stops at its next batch.
    ///
    /// # Errors
    /// [`RerankError::Refused`] for more than [`MOST_PASSAGES`].
    async fn rerank(&self, question: &str, passages: &[String]) -> Result<Vec<f32>, RerankError>;
}

/// A logit as a probability.
pub(crate) fn sigmoid(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}

/// Refuses calls that are too large; `true` where there is nothing to do.
fn is_empty(passages: &[String]) -> Result<bool, RerankError> {
    if passages.len() > MOST_PASSAGES {
        return Err(RerankError::Refused(format!(
            "{} passages; {MOST_PASSAGES} at most",
            passages.len()
        )));
    }
    Ok(passages.is_empty())
}

/// The beginning of a text, so that no tokenizer reads a book: no model here has a token of more than 16 characters on
/// average.
fn cut(text: &str, tokens: usize) -> &str {
    let most = tokens.saturating_mul(16);
    match text.char_indices().nth(most) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}
