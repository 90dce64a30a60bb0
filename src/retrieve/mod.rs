//! Retrieval: from a question to the passages that bear on it, with every stage's score kept.

mod across;
mod alike;
mod amount;
mod codes;
mod coverage;
mod cross;
mod evidence;
mod explain;
mod fuse;
mod ground;
mod matched;
mod names;
mod passages;
mod period;
mod phrase;
mod plan;
mod prepare;
mod question;
mod rank;
mod request;
mod rerank;
mod response;
mod scope;
mod search;
mod settings;
#[cfg(test)]
mod tests;
mod threshold;
mod typed;
mod why_not;
mod words;

use std::sync::{Arc, Mutex};
use std::time::Instant;

use wenyuan_ingest::{EmbedError, Embedder};

pub(crate) use amount::{asked_unit, asks_amount, asks_price, gives_amount, gives_price};
pub use cross::{CrossEncoding, CrossLimits, LanguagePair, RerankOutcome, Reranking};
pub use explain::{Explained, MatchedTerm, StageRank};
pub use passages::{
    Passage, PassageError, PassageSource, ReadingFailure, SectionOf, Selection, Standing,
};
pub use period::period;
pub use phrase::RequiredPhrase;
pub use question::Writing;
pub(crate) use question::writing_of;
pub use request::{SearchFilter, SearchMode, SearchRequest, TopK};
pub use response::{
    Evidence, Hit, SearchResponse, SearchTimings, StageScores, Trace, TraceEntry, TraceStage,
    UnderstoodQuery, Verdict,
};
pub use settings::{OutOfRange, RetrievalChange, RetrievalSettings, Tuning};
pub use threshold::{Calibration, Threshold, Withheld};
pub use typed::{TypedFilter, TypedQuestion};
pub use why_not::{
    Expected, Finding, Reason, Remedy, RemedyKind, StageStanding, WhyNot, WhyNotRequest,
};
pub(crate) use words::{Term, is_han, terms, terms_with};

use self::evidence::EvidenceModel;
use self::rerank::Reranker;
use crate::model::ChunkId;
use crate::store::{Collection, Live, StoreError, VectorStore};

/// Why a search failed, by whose trouble it is.
#[derive(Debug, thiserror::Error)]
pub enum RetrieveError {
    /// Filters were typed, and nothing that could be looked for.
    #[error("the question holds filters only; add what you are looking for")]
    OnlyFilters,
    /// The filter leaves more documents, and leaves out more, than the index can be told; a narrower one helps.
    #[error(
        "the filter fits too many documents; narrow it by knowledge base, format, language or time"
    )]
    FilterTooBroad,
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
    live: Live,
    /// As it was when the search began: one search never sees two collections.
    store: Arc<dyn VectorStore>,
    embedder: Arc<dyn Embedder>,
    passages: Arc<dyn PassageSource>,
    model: Arc<EvidenceModel>,
    reranker: Reranker,
    /// Where a cross-encoder is active.
    cross: Option<Arc<CrossEncoding>>,
    /// The index's size and when it was counted: only its logarithm matters, so it may be stale.
    size: Arc<Mutex<Option<(Instant, usize)>>>,
}

impl Retriever {
    /// Searches the live collection, and reads texts from `passages`.
    #[must_use]
    pub fn new(live: Live, passages: Arc<dyn PassageSource>) -> Self {
        let Collection { embedder, store } = live.now();
        let model = Arc::new(EvidenceModel::built_in());
        Self {
            live,
            store,
            embedder,
            passages,
            model,
            reranker: Reranker::built_in(),
            cross: None,
            size: Arc::default(),
        }
    }

    /// The same with a cross-encoder after the light reranker.
    #[must_use]
    pub fn with_cross_encoder(self, cross: CrossEncoding) -> Self {
        Self {
            cross: Some(Arc::new(cross)),
            ..self
        }
    }

    /// The same without a cross-encoder.
    #[must_use]
    pub fn without_cross_encoder(&self) -> Self {
        Self {
            cross: None,
            ..self.clone()
        }
    }

    /// The same with the cross-encoder that another one has, if it has any.
    #[must_use]
    pub fn with_cross_encoder_of(self, other: &Self) -> Self {
        Self {
            cross: other.cross.clone(),
            ..self
        }
    }

    /// The cross-encoder, where there is one.
    #[must_use]
    pub fn cross_encoder(&self) -> Option<&CrossEncoding> {
        self.cross.as_deref()
    }

    /// The embedder that searches beginning now use.
    #[must_use]
    pub fn embedder(&self) -> Arc<dyn Embedder> {
        self.live.now().embedder
    }

    fn as_of_now(&self) -> Self {
        let Collection { embedder, store } = self.live.now();
        Self {
            store,
            embedder,
            ..self.clone()
        }
    }

    /// Finds the best passages, best first, and judges whether they can hold an answer.
    ///
    /// No knowledge base, or none with documents, gives no hits and [`Verdict::Insufficient`].
    pub async fn search(&self, request: SearchRequest) -> Result<SearchResponse, RetrieveError> {
        search::run(&self.as_of_now(), request, &Withheld::default()).await
    }

    /// The same as if some documents or passages were not there.
    pub async fn search_without(
        &self,
        request: SearchRequest,
        withheld: &Withheld,
    ) -> Result<SearchResponse, RetrieveError> {
        search::run(&self.as_of_now(), request, withheld).await
    }

    /// The threshold that the evidence gate comes with, for passages in the language of the question.
    #[must_use]
    pub fn built_in_threshold(&self) -> f32 {
        self.model.threshold()
    }

    /// Names the evidence model, so that a threshold fitted for another one is not used.
    #[must_use]
    pub fn evidence_model(&self) -> &str {
        self.model.fingerprint()
    }

    /// Says of a passage, or of a document, at which stage a search loses it, and what would bring it among the hits.
    ///
    /// Takes as long as some ten searches at most. Remedies were tried: each of them brings the passage.
    pub async fn why_not(&self, request: WhyNotRequest) -> Result<WhyNot, RetrieveError> {
        let mut retriever = self.as_of_now();
        let cross = retriever.cross.as_deref().cloned();
        retriever.cross = cross.map(|cross| Arc::new(cross.remembering()));
        why_not::run(&retriever, request).await
    }

    /// The other passages of the sections that hits stand in, as hits without scores. For those whose version is not
    /// visible any more there are none.
    pub async fn surroundings(&self, hits: &[Hit]) -> Result<Vec<Hit>, RetrieveError> {
        let section = |hit: &Hit| SectionOf {
            version: hit.version,
            ordinal: hit.ordinal,
            span: hit.parent,
        };
        let larger = hits
            .iter()
            .filter(|hit| hit.parent.len() > hit.end - hit.start);
        let sections: Vec<SectionOf> = larger.map(section).collect();
        if sections.is_empty() {
            return Ok(Vec::new());
        }
        let mut passages = self.passages.sections(&sections).await?;
        passages.retain(|passage| hits.iter().all(|hit| hit.chunk_id != passage.chunk));
        Ok(passages.iter().map(rank::unranked).collect())
    }

    /// Tells hits where their text stands on the pages of their documents.
    pub async fn locate(&self, hits: &mut [Hit]) -> Result<(), RetrieveError> {
        let paged = hits.iter().filter(|hit| hit.page.is_some());
        let ids: Vec<ChunkId> = paged.map(|hit| hit.chunk_id).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let mut places = self.passages.places(&ids).await?;
        for hit in hits {
            hit.places = places.remove(&hit.chunk_id).unwrap_or_default();
        }
        Ok(())
    }
}
