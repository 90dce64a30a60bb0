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

    /// Finds a question's tokens in texts of any language; `None` from models whose tokens have no vectors of their own that can be
    /// compared across languages.
    fn aligner(&self, _question: &str) -> Option<Box<dyn Aligner>> {
        None
    }
}

/// Finds one question's tokens in texts, by the vectors of single tokens: a word, or its like in another language.
///
/// The idea is that of late interaction (Khattab and Zaharia, "ColBERT", SIGIR 2020), without context.
pub trait Aligner: Send + Sync {
    /// What each distinct token of the question is worth, above 0: function words little, rare words much.
    fn weights(&self) -> &[f32];

    /// For each of these tokens the cosine of the token in `text` that is nearest to it, in [0, 1]. Blocks for some ten microseconds
    /// for each distinct token of the text, and longer where the table of vectors has to come from the disk.
    fn nearest(&self, text: &str) -> Vec<f32>;

    /// The share in [0, 1] of the question's worth that was found as near as `found` says, which is as [`Self::nearest`] gives it.
    fn share(&self, found: &[f32]) -> f32 {
        let got: f32 = found
            .iter()
            .zip(self.weights())
            .map(|(near, worth)| near * worth)
            .sum();
        got / self.weights().iter().sum::<f32>().max(f32::EPSILON)
    }
}
