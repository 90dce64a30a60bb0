//! What the catalog tells about knowledge bases, documents, versions and jobs.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use wenyuan_ingest::{Chunk, Warning};

use crate::model::{ChunkId, DocumentId, JobId, KnowledgeBaseId, VersionId};
use crate::retrieve::{RetrievalChange, RetrievalSettings};

/// A knowledge base.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KnowledgeBase {
    /// Its id.
    pub id: KnowledgeBaseId,
    /// Its name, unique without regard to case.
    pub name: String,
    /// What it is for; may be empty.
    pub description: String,
    /// Documents in it, whatever their status.
    pub documents: u64,
    /// Searchable chunks in it.
    pub chunks: u64,
    /// Fingerprint of the embedder whose vectors are searched.
    pub embedder: String,
    /// How it wants to be searched.
    pub retrieval: RetrievalSettings,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Documents of a knowledge base that are not simply there, by where their newest version stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Workload {
    /// Waiting to be read.
    pub queued: u64,
    /// Being worked on.
    pub running: u64,
    /// Given up; each says why.
    pub failed: u64,
}

/// A knowledge base to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKnowledgeBase {
    /// 1 to 100 characters.
    pub name: String,
    /// At most 2,000 characters.
    pub description: String,
}

/// What is to change in a knowledge base; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct KnowledgeBaseChange {
    /// A new name.
    pub name: Option<String>,
    /// A new description.
    pub description: Option<String>,
    /// Other retrieval settings.
    pub retrieval: Option<RetrievalChange>,
}

/// How far the newest version of a document has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Waiting for the worker.
    Queued,
    /// Being worked on.
    Running,
    /// Searchable.
    Ready,
    /// Given up; the error says why.
    Failed,
    /// Stopped by a person.
    Cancelled,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 5] = [
        Self::Queued,
        Self::Running,
        Self::Ready,
        Self::Failed,
        Self::Cancelled,
    ];

    /// The stable name used in the API and the catalog.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Ready => "ready",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more will happen without a person.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Ready | Self::Failed | Self::Cancelled)
    }
}

impl std::str::FromStr for Status {
    type Err = super::CatalogError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| {
                super::CatalogError::invalid(
                    "status",
                    format!("`{text}` is not queued, running, ready, failed or cancelled"),
                )
            })
    }
}

/// What the worker is doing for a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Waiting.
    Queued,
    /// Parsing the original.
    Reading,
    /// Cutting the text into chunks.
    Splitting,
    /// Computing vectors and writing them to the index.
    Embedding,
    /// Making the version visible.
    Publishing,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 5] = [
        Self::Queued,
        Self::Reading,
        Self::Splitting,
        Self::Embedding,
        Self::Publishing,
    ];

    /// The stable name used in the API and the catalog.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Reading => "reading",
            Self::Splitting => "splitting",
            Self::Embedding => "embedding",
            Self::Publishing => "publishing",
        }
    }
}

/// Why a job failed, in words for people and a code for programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobError {
    /// Stable snake_case name, such as `password_required`, `crashed` or `timed_out`.
    pub code: String,
    /// English sentence.
    pub message: String,
    /// What a translation of the message needs, by name.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub args: serde_json::Map<String, serde_json::Value>,
}

impl JobError {
    /// An error without arguments.
    #[must_use]
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            args: serde_json::Map::new(),
        }
    }
}

/// Progress of a job, as written in the catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Progress {
    /// Pages read.
    pub pages_done: u32,
    /// Pages of the original, once known.
    pub pages_total: Option<u32>,
    /// Chunks in the index.
    pub chunks_done: u32,
    /// Chunks cut, once known.
    pub chunks_total: Option<u32>,
}

/// One attempt to make a version searchable, with its retries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// The knowledge base.
    pub knowledge_base: KnowledgeBaseId,
    /// The document.
    pub document: DocumentId,
    /// The document's name.
    pub name: String,
    /// The version it works on.
    pub version: VersionId,
    /// Where it stands.
    pub status: Status,
    /// What it is doing.
    pub stage: Stage,
    /// How often it was begun.
    pub attempt: u32,
    /// How far it is.
    #[serde(flatten)]
    pub progress: Progress,
    /// Why it failed.
    pub error: Option<JobError>,
    /// When it was queued.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A document: one name in one knowledge base, across its versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Document {
    /// Its id.
    pub id: DocumentId,
    /// The knowledge base.
    pub knowledge_base: KnowledgeBaseId,
    /// Its name, unique in the knowledge base.
    pub name: String,
    /// The user's tags.
    pub tags: Vec<String>,
    /// Title found in the visible (or else newest) version.
    pub title: Option<String>,
    /// Who wrote it, as the file says.
    pub author: Option<String>,
    /// The day it was made, `YYYY-MM-DD`, as the file says.
    pub created: Option<String>,
    /// The day it was last changed, `YYYY-MM-DD`, as the file says.
    pub modified: Option<String>,
    /// Main language, as [`wenyuan_ingest::Language::as_str`].
    pub language: Option<String>,
    /// Format, as [`wenyuan_ingest::Kind::as_str`], once known.
    pub kind: Option<String>,
    /// The web address that the newest original was fetched from.
    pub source_url: Option<String>,
    /// Size of the newest original.
    pub bytes: u64,
    /// BLAKE3 of the newest original, in hex.
    pub hash: String,
    /// Pages, once known and where the format has them.
    pub pages: Option<u32>,
    /// Searchable chunks (of the visible version).
    pub chunks: u64,
    /// When the name was first added.
    pub created_at: Timestamp,
    /// When the newest version was added.
    pub updated_at: Timestamp,
    /// Whether some version can be found by searches now, whatever the status of a newer one.
    pub searchable: bool,
    /// Where the newest version stands.
    pub status: Status,
    /// What the worker does for it.
    pub stage: Stage,
    /// How far that is.
    #[serde(flatten)]
    pub progress: Progress,
    /// The newest version's job.
    pub job_id: JobId,
    /// How it was cut, as [`wenyuan_ingest::Preset::as_str`], once it is.
    pub preset: Option<String>,
    /// What a reader should know.
    pub warnings: Vec<Warning>,
    /// Why the newest version failed.
    pub error: Option<JobError>,
}

/// What is to change in a document; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentChange {
    /// A new name.
    pub name: Option<String>,
    /// New tags, in place of the old.
    pub tags: Option<Vec<String>>,
    /// A title in place of the one found in the text; an empty one gives that back.
    pub title: Option<String>,
}

/// One content of a document, past or present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Version {
    /// Its id.
    pub id: VersionId,
    /// BLAKE3 of the original, in hex.
    pub hash: String,
    /// Size of the original.
    pub bytes: u64,
    /// The web address that it was fetched from.
    pub source_url: Option<String>,
    /// Whether searches see it.
    pub visible: bool,
    /// When it was added.
    pub created_at: Timestamp,
}

/// The stored original of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Original {
    /// The document's name.
    pub name: String,
    /// Format, once known.
    pub kind: Option<String>,
    /// BLAKE3 in hex.
    pub hash: String,
    /// Size.
    pub bytes: u64,
    /// The file. It may vanish when the document is deleted: open it at once.
    pub path: std::path::PathBuf,
}

/// A chunk with its text, as the catalog keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChunkRecord {
    /// Its id, the same as in the index.
    pub id: ChunkId,
    /// The document.
    pub document: DocumentId,
    /// The version.
    pub version: VersionId,
    /// Where it lies, and what is around it.
    #[serde(flatten)]
    pub chunk: Chunk,
    /// Exactly the cleaned text at `chunk.span`.
    pub text: String,
}

/// Counts over everything, for readiness, metrics and `doctor`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Knowledge bases.
    pub knowledge_bases: u64,
    /// Documents.
    pub documents: u64,
    /// Searchable chunks.
    pub chunks: u64,
    /// Jobs waiting.
    pub queued: u64,
    /// Jobs running.
    pub running: u64,
    /// Jobs failed.
    pub failed: u64,
}
