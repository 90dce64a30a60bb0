//! langchain-rust's `Retriever` over ours: hybrid search, with where each passage comes from in the metadata.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use langchain_rust::schemas::{Document, Retriever as LangChainRetriever};
use serde_json::json;

use crate::model::{KnowledgeBaseId, Question};
use crate::retrieve::{
    Hit, RetrievalChange, Retriever, SearchFilter, SearchRequest, SearchResponse, TopK,
};

/// Searches kept at once on a shelf: one for each conversation turn on its way is plenty.
const SHELF_DEPTH: usize = 16;

/// The latest searches of a retriever, so that the answering step can have the hits behind LangChain's documents.
#[derive(Clone, Default)]
pub struct HitShelf(Arc<Mutex<Vec<SearchResponse>>>);

impl HitShelf {
    fn put(&self, found: SearchResponse) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == SHELF_DEPTH {
            kept.remove(0);
        }
        kept.push(found);
    }

    /// The search that these documents came from.
    pub(super) fn found(&self, documents: &[Document]) -> Result<SearchResponse, String> {
        let wanted: Vec<&str> = documents
            .iter()
            .map(|document| {
                document
                    .metadata
                    .get("chunk_id")
                    .and_then(serde_json::Value::as_str)
                    .unwrap_or_default()
            })
            .collect();
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().rev().find(|found| {
            found.hits.len() == wanted.len()
                && found
                    .hits
                    .iter()
                    .zip(&wanted)
                    .all(|(hit, id)| hit.chunk_id.to_string() == *id)
        });
        found
            .cloned()
            .ok_or_else(|| "these documents did not come from this chain's retriever".to_owned())
    }
}

/// Retrieves from some knowledge bases. Cloning shares the index.
#[derive(Clone)]
pub struct ChainRetriever {
    retriever: Retriever,
    knowledge_bases: Vec<KnowledgeBaseId>,
    top_k: usize,
    shelf: HitShelf,
}

impl ChainRetriever {
    /// Retrieves the best `top_k` passages of these knowledge bases.
    #[must_use]
    pub fn new(retriever: Retriever, knowledge_bases: Vec<KnowledgeBaseId>, top_k: usize) -> Self {
        Self {
            retriever,
            knowledge_bases,
            top_k,
            shelf: HitShelf::default(),
        }
    }

    /// Where the hits of its searches are kept for the answering step.
    #[must_use]
    pub fn shelf(&self) -> HitShelf {
        self.shelf.clone()
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
            top_k: TopK::Exactly(top_k),
            filter,
            mode: None,
            settings: RetrievalChange::default(),
            explain: false,
        };
        let found = self
            .retriever
            .search(request)
            .await
            .map_err(|error| error.to_string())?;
        let documents = found.hits.iter().map(document).collect();
        self.shelf.put(found);
        Ok(documents)
    }
}

#[async_trait]
impl LangChainRetriever for ChainRetriever {
    async fn get_relevant_documents(&self, query: &str) -> Result<Vec<Document>, Box<dyn Error>> {
        self.search(query, self.top_k, SearchFilter::default())
            .await
            .map_err(Into::into)
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
    Document::new(hit.text.clone())
        .with_metadata(metadata)
        .with_score(f64::from(hit.score))
}
