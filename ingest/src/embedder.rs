//! What ingestion asks of an embedding model.

use async_trait::async_trait;

/// Why texts could not be embedded, by what the caller can do.
#[derive(Debug, Clone, thiserror::Error)]
pub enum EmbedError {
    /// The queue is full; the same call may succeed later.
    #[error("the embedder is busy")]
    Overloaded,
    /// The model is missing, broken or has stopped: nothing will succeed until that is mended.
    #[error("the embedder is unavailable: {0}")]
    Unavailable(String),
}

/// Counts tokens as a model does.
pub trait TokenCounter: Send + Sync {
    /// Tokens in `text`, without the special tokens that frame a whole input.
    fn count(&self, text: &str) -> usize;
}

/// Turns texts into unit vectors of one fixed length.
#[async_trait]
pub trait Embedder: TokenCounter {
    /// Names the model and everything that changes its vectors; two equal fingerprints give comparable vectors.
    fn fingerprint(&self) -> &str;

    /// Elements in each vector.
    fn dimension(&self) -> usize;

    /// Longest input in tokens; what lies beyond is cut at the end.
    fn max_tokens(&self) -> usize;

    /// Embeds passages for storage: one unit-norm vector per text, in input order.
    ///
    /// Empty input returns an empty `Vec` without touching the model. Waits for a place in the queue.
    /// Dropping the future drops the work that has not begun.
    async fn embed_passages(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, EmbedError>;

    /// Embeds one question; goes before waiting passages.
    async fn embed_query(&self, text: &str) -> Result<Vec<f32>, EmbedError>;
}
