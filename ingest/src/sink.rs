//! Where finished chunks go: the write half of a vector index.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Language, SparseVector};

/// Why an index refused a write, by what the caller can do.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SinkError {
    /// The request does not fit this index (a vector of the wrong length, say); retrying cannot help.
    #[error("the index refused the write: {0}")]
    Rejected(String),
    /// The index did not answer or could not write; the same call may succeed later.
    #[error("the index is unavailable: {0}")]
    Unavailable(String),
}

/// What the index keeps of a chunk to filter on. The text itself stays in the catalog's blobs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointPayload {
    /// Owning knowledge base: the tenant.
    pub knowledge_base: Uuid,
    /// The document, across its versions.
    pub document: Uuid,
    /// The version that these bytes belong to; visibility hangs on it.
    pub version: Uuid,
    /// The chunk's position in the version, from 0.
    pub ordinal: u32,
    /// First page, from 1.
    pub page: Option<u32>,
    /// Language of the passage.
    pub language: Language,
    /// Format, as [`Kind::as_str`](crate::Kind::as_str).
    pub kind: String,
    /// User's tags.
    pub tags: Vec<String>,
    /// Terms of the headings above it, as [`Lexicon::distinct_terms`](crate::Lexicon::distinct_terms) gives them.
    #[serde(default)]
    pub headings: Vec<String>,
    /// When the document was added, in seconds since 1970.
    pub added_at: i64,
}

/// One chunk, ready for the index.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Chunk id: UUIDv5 of version and ordinal, so that a replay overwrites.
    pub id: Uuid,
    /// The passage's vector, unit norm.
    pub dense: Vec<f32>,
    /// One unit vector per sentence with its title in front; at least one.
    pub sentences: Vec<Vec<f32>>,
    /// Lexical terms of title, headings and text.
    pub bm25: SparseVector,
    /// What can be filtered on.
    pub payload: PointPayload,
}

/// Accepts chunks. Every vector index is one.
#[async_trait]
pub trait ChunkSink: Send + Sync {
    /// Writes points; the same id again overwrites. Not durable until [`flush`](Self::flush) returns.
    async fn upsert(&self, points: Vec<Point>) -> Result<(), SinkError>;

    /// Returns once everything written before survives power loss.
    async fn flush(&self) -> Result<(), SinkError>;

    /// Removes every point of a document version. Removing nothing is no error.
    async fn remove_version(&self, version: Uuid) -> Result<(), SinkError>;
}
