//! langchain-rust's `Embedder` over ours.

use std::sync::Arc;

use async_trait::async_trait;
use langchain_rust::embedding::{Embedder as LangChainEmbedder, EmbedderError};
use wenyuan_ingest::{EmbedError, Embedder};

/// Gives langchain-rust chains the same vectors that the index holds, widened to its `f64`.
#[derive(Clone)]
pub struct ChainEmbedder(Arc<dyn Embedder>);

impl ChainEmbedder {
    /// Wraps an embedder.
    #[must_use]
    pub fn new(embedder: Arc<dyn Embedder>) -> Self {
        Self(embedder)
    }
}

#[async_trait]
impl LangChainEmbedder for ChainEmbedder {
    async fn embed_documents(&self, documents: &[String]) -> Result<Vec<Vec<f64>>, EmbedderError> {
        let vectors = self
            .0
            .embed_passages(documents.to_vec())
            .await
            .map_err(|error| refuse(&error))?;
        Ok(vectors.into_iter().map(widen).collect())
    }

    async fn embed_query(&self, text: &str) -> Result<Vec<f64>, EmbedderError> {
        self.0
            .embed_query(text)
            .await
            .map(widen)
            .map_err(|error| refuse(&error))
    }
}

/// The one variant of theirs that carries a local embedder's message.
fn refuse(error: &EmbedError) -> EmbedderError {
    EmbedderError::FastEmbedError(error.to_string())
}

fn widen(vector: Vec<f32>) -> Vec<f64> {
    vector.into_iter().map(f64::from).collect()
}
