//! langchain-rust's `Retriever` over ours: hybrid search, with where each passage comes from in the metadata.

use std::collections::HashMap;
use std::error::Error;

use async_trait::async_trait;
use langchain_rust::schemas::{Document, Retriever as LangChainRetriever};
use serde_json::json;

use crate::model::{KnowledgeBaseId, Question};
use crate::retrieve::{Hit, Retriever, SearchFilter, SearchMode, SearchRequest};

/// Retrieves from some knowledge bases. Cloning shares the index.
#[derive(Clone)]
pub struct ChainRetriever {
    retriever: Retriever,
    knowledge_bases: Vec<KnowledgeBaseId>,
    top_k: usize,
}

impl ChainRetriever {
    /// Retrieves the best `top_k` passages of these knowledge bases.
    #[must_use]
    pub fn new(retriever: Retriever, knowledge_bases: Vec<KnowledgeBaseId>, top_k: usize) -> Self {
        Self { retriever, knowledge_bases, top_k }
    }

    /// One search, as LangChain documents; errors as text, since theirs cannot cross threads.
    pub(super) async fn search(
        &self,
        query: &str,
        top_k: usize,
        filter: SearchFilter,
    ) -> Result<Vec<Document>, String> {
        let question = Question::try_from(query).map_err(|error| error.to_string())?;
        let request = SearchRequest {
            question,
            knowledge_bases: self.knowledge_bases.clone(),
            top_k,
            filter,
            mode: SearchMode::Hybrid,
            explain: false,
        };
        let found = self.retriever.search(request).await.map_err(|error| error.to_string())?;
        Ok(found.hits.iter().map(document).collect())
    }
}

#[async_trait]
impl LangChainRetriever for ChainRetriever {
    async fn get_relevant_documents(&self, query: &str) -> Result<Vec<Document>, Box<dyn Error>> {
        self.search(query, self.top_k, SearchFilter::default()).await.map_err(Into::into)
    }
}

/// `page_content` is the passage, unchanged; `start` and `end` are characters of the cleaned text.
fn document(hit: &Hit) -> Document {
    let metadata = HashMap::from([
        ("chunk_id".to_owned(), json!(hit.chunk_id)),
        ("document_id".to_owned(), json!(hit.document_id)),
        ("document_name".to_owned(), json!(hit.document_name)),
        ("title".to_owned(), json!(hit.title)),
        ("page".to_owned(), json!(hit.page)),
        ("heading".to_owned(), json!(hit.heading)),
        ("start".to_owned(), json!(hit.start)),
        ("end".to_owned(), json!(hit.end)),
    ]);
    Document::new(hit.text.clone()).with_metadata(metadata).with_score(f64::from(hit.score))
}
