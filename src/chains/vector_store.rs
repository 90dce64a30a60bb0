//! langchain-rust's `VectorStore` over a knowledge base: documents added through it are ingested like any upload.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use langchain_rust::schemas::Document;
use langchain_rust::vectorstore::VectorStore;

use super::ChainRetriever;
use crate::retrieve::SearchFilter;

/// Takes a text into a knowledge base and returns its document id once it can be searched.
#[async_trait]
pub trait DocumentIntake: Send + Sync {
    /// `name` replaces an earlier text of that name; without one the text is named by its content.
    async fn take(&self, name: Option<String>, text: String) -> Result<String, String>;
}

/// What a call is about, besides the query.
#[derive(Debug, Clone, Default)]
pub struct StoreScope {
    /// What to look at.
    pub filter: SearchFilter,
    /// Hits below this score are left out.
    pub least_score: Option<f32>,
}

/// A knowledge base as a LangChain vector store.
pub struct ChainVectorStore {
    retriever: ChainRetriever,
    intake: Arc<dyn DocumentIntake>,
}

impl ChainVectorStore {
    /// Reads through `retriever`, writes through `intake`; both must be of the same knowledge base.
    #[must_use]
    pub fn new(retriever: ChainRetriever, intake: Arc<dyn DocumentIntake>) -> Self {
        Self { retriever, intake }
    }
}

#[async_trait]
impl VectorStore for ChainVectorStore {
    type Options = StoreScope;

    /// Metadata `source` or `name` names a document; the same content again changes nothing.
    async fn add_documents(
        &self,
        documents: &[Document],
        _scope: &Self::Options,
    ) -> Result<Vec<String>, Box<dyn Error>> {
        let mut ids = Vec::with_capacity(documents.len());
        for document in documents {
            let name = ["source", "name"]
                .iter()
                .find_map(|key| document.metadata.get(*key)?.as_str())
                .map(ToOwned::to_owned);
            ids.push(
                self.intake
                    .take(name, document.page_content.clone())
                    .await?,
            );
        }
        Ok(ids)
    }

    async fn similarity_search(
        &self,
        query: &str,
        limit: usize,
        scope: &Self::Options,
    ) -> Result<Vec<Document>, Box<dyn Error>> {
        let mut found = self
            .retriever
            .search(query, limit, scope.filter.clone())
            .await?;
        if let Some(least) = scope.least_score {
            found.retain(|document| document.score >= f64::from(least));
        }
        Ok(found)
    }
}
