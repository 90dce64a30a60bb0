//! The vector index: dense and lexical search over chunks, behind one trait with interchangeable backends.

mod check;
#[cfg(test)]
mod conformance;
mod filter;
mod live;
mod memory;
mod qdrant;

use async_trait::async_trait;
use wenyuan_ingest::{ChunkSink, SinkError, SparseVector, TextMark};

pub use filter::{Condition, Field, Filter};
pub use live::{Collection, Embedding, Live, model_of};
pub use memory::MemoryStore;
#[cfg(feature = "edge")]
pub use qdrant::EdgeStore;
pub use qdrant::{QdrantSettings, QdrantStore};

use crate::model::ChunkId;

/// Why the index did not answer, by what the caller can do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The request does not fit this index (wrong vector length, unknown collection); retrying cannot help.
    #[error("the index refused the request: {0}")]
    Rejected(String),
    /// The collection's vectors come from another embedder than the one it was opened for: nothing was touched.
    #[error(
        "{place} was made with the embedder `{made_with}`, not with `{wanted}`: choose the first one again \
         (`wenyuan models use`), or build another index (`wenyuan reindex --embedder NAME`)"
    )]
    OtherEmbedder {
        /// The collection.
        place: String,
        /// Fingerprint of the embedder that its vectors come from.
        made_with: String,
        /// Fingerprint of the embedder that it was opened for.
        wanted: String,
    },
    /// Another process holds the index.
    #[error("the index in {path} is in use by another process")]
    InUse {
        /// The data folder.
        path: std::path::PathBuf,
    },
    /// The backend did not answer; the same call may succeed later.
    #[error("the index is unavailable: {0}")]
    Unavailable(String),
}

impl From<StoreError> for SinkError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Rejected(reason) => Self::Rejected(reason),
            StoreError::OtherEmbedder { .. } => Self::Rejected(error.to_string()),
            StoreError::InUse { .. } => Self::Unavailable(error.to_string()),
            StoreError::Unavailable(reason) => Self::Unavailable(reason),
        }
    }
}

/// What to compare chunks with, and so which named vector is searched.
#[derive(Debug, Clone, PartialEq)]
pub enum QueryVector {
    /// Passage vectors (`dense`), by cosine.
    Passage(Vec<f32>),
    /// Sentence vectors (`sentences`), by the best sentence's cosine. Meant for rescoring: always give ids.
    BestSentence(Vec<f32>),
    /// Lexical terms (`bm25`), by BM25 with the index's IDF.
    Lexical(SparseVector),
}

/// One search.
#[derive(Debug, Clone, PartialEq)]
pub struct StoreQuery {
    /// What to compare with.
    pub vector: QueryVector,
    /// Which chunks count.
    pub filter: Filter,
    /// Most hits wanted.
    pub limit: usize,
}

/// One chunk found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoredChunk {
    /// The chunk.
    pub id: ChunkId,
    /// Cosine in [-1, 1], or BM25 score ≥ 0.
    pub score: f32,
}

/// How much is done at once to put an index in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// What bounds memory and the number of parts while more is being written.
    Little,
    /// What else makes searches fast: nothing is being written now.
    Full,
}

/// What the index keeps of a chunk's sentences.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptSentences {
    /// The chunk.
    pub id: ChunkId,
    /// Marks of the texts that were embedded, in order.
    pub marks: Vec<TextMark>,
    /// Their vectors in the same order; none unless they were asked for.
    pub vectors: Vec<Vec<f32>>,
}

impl KeptSentences {
    /// One chunk's, if its marks and vectors belong together: points of earlier programs have no marks.
    fn checked(id: ChunkId, marks: &str, vectors: Option<Vec<Vec<f32>>>) -> Option<Self> {
        let marks = TextMark::read(marks);
        let fits = vectors
            .as_ref()
            .is_none_or(|vectors| vectors.len() == marks.len());
        (!marks.is_empty() && fits).then(|| Self {
            id,
            marks,
            vectors: vectors.unwrap_or_default(),
        })
    }
}

/// A searchable index of one collection. Writes come through [`ChunkSink`].
#[async_trait]
pub trait VectorStore: ChunkSink {
    /// Answers several searches in one round trip, results in the order of the queries.
    ///
    /// Each result is best first, ties by id. A lexical query returns only chunks that share a term.
    /// Which of several equal scores make the limit is the backend's choice.
    /// A point is findable as soon as `upsert` has returned.
    async fn query_batch(
        &self,
        queries: Vec<StoreQuery>,
    ) -> Result<Vec<Vec<ScoredChunk>>, StoreError>;

    /// How many chunks pass the filter, exactly.
    async fn count(&self, filter: &Filter) -> Result<usize, StoreError>;

    /// Ids that pass the filter, ascending, after `after`, at most `limit`: to walk the whole index.
    async fn ids(
        &self,
        filter: &Filter,
        after: Option<ChunkId>,
        limit: usize,
    ) -> Result<Vec<ChunkId>, StoreError>;

    /// Marks of these chunks' sentences, and their vectors if wanted: a vector of 512 elements takes 2 KB, so ask for
    /// few at a time. In no certain order; chunks that are not there or have no marks are left out.
    async fn sentences(
        &self,
        ids: &[ChunkId],
        with_vectors: bool,
    ) -> Result<Vec<KeptSentences>, StoreError>;

    /// Replaces the lexical terms of chunks; their vectors and what can be filtered on stay. Chunks that are not there
    /// are left out, and so are those whose new terms are none. Not durable until [`flush`](ChunkSink::flush) returns.
    async fn replace_terms(&self, terms: Vec<(ChunkId, SparseVector)>) -> Result<(), StoreError>;

    /// Removes chunks that pass the filter.
    async fn remove(&self, filter: &Filter) -> Result<(), StoreError>;

    /// Builds what makes large collections fast. May take minutes; searches and writes go on.
    async fn optimize(&self, effort: Effort) -> Result<(), StoreError>;

    /// Returns if the index can answer now.
    async fn check(&self) -> Result<(), StoreError>;
}

/// Puts hits in the order that [`VectorStore::query_batch`] promises and cuts them.
fn rank(hits: &mut Vec<ScoredChunk>, limit: usize) {
    hits.sort_by(|left, right| {
        right
            .score
            .total_cmp(&left.score)
            .then_with(|| left.id.cmp(&right.id))
    });
    hits.truncate(limit);
}
