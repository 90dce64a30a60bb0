//! What retrieval asks of the catalog: which versions to hide, and the texts behind chunk ids.

use std::collections::HashMap;

use async_trait::async_trait;
use wenyuan_ingest::{Dictionary, Language, PageSpan, Place, Span};

use super::{RetrievalSettings, SearchFilter, Threshold};
use crate::model::{ChunkId, DocumentId, KnowledgeBaseId, VersionId};

/// The catalog did not answer; the same call may succeed later.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the catalog is unavailable: {0}")]
pub struct PassageError(pub String);

/// A chunk with its text and where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Passage {
    /// The chunk.
    pub chunk: ChunkId,
    /// The version it was cut from.
    pub version: VersionId,
    /// Its place among the version's passages, from 0.
    pub ordinal: u32,
    /// The document.
    pub document: DocumentId,
    /// The knowledge base that it is in.
    pub knowledge_base: KnowledgeBaseId,
    /// The document's name, as given at upload.
    pub document_name: String,
    /// The document's title, where it has one.
    pub title: Option<String>,
    /// Headings above the passage, highest first.
    pub heading: Vec<String>,
    /// Language of the passage.
    pub language: Language,
    /// The passage: the cleaned text at `chars`.
    pub text: String,
    /// Where it lies in the cleaned text, in characters.
    pub chars: Span,
    /// Its sentences in order, as bytes of `text` (not of the whole document).
    pub sentences: Vec<Span>,
    /// The pages that it touches, in order, each with its part of `text` in bytes; empty without pages.
    pub pages: Vec<PageSpan>,
    /// The section around the passage, in characters of the cleaned text.
    pub parent: Span,
}

/// The section around a passage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SectionOf {
    /// The version that the passage was cut from.
    pub version: VersionId,
    /// The passage's place among the version's passages.
    pub ordinal: u32,
    /// The section, in characters of the cleaned text.
    pub span: Span,
}

/// Which documents pass, in the shorter way to say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// These and no others.
    Only(Vec<DocumentId>),
    /// All of these knowledge bases but these.
    AllBut(Vec<DocumentId>),
    /// Too many either way for the index to be told.
    TooMany,
}

/// Why a document could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadingFailure {
    /// Stable name.
    pub code: String,
    /// In English.
    pub message: String,
    /// What the message says in figures, by name.
    pub args: serde_json::Map<String, serde_json::Value>,
}

/// A document, be it searchable or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The document.
    pub document: DocumentId,
    /// Its name.
    pub name: String,
    /// Whether some version can be found.
    pub searchable: bool,
    /// Where its newest version stands: `queued`, `running`, `ready`, `failed` or `cancelled`.
    pub status: &'static str,
    /// Why that failed.
    pub failure: Option<ReadingFailure>,
}

/// Reads passages. The catalog is one.
#[async_trait]
pub trait PassageSource: Send + Sync {
    /// Versions in these knowledge bases that the index may still hold but nobody may see:
    /// those not yet published, replaced, or deleted.
    async fn hidden_versions(
        &self,
        knowledge_bases: &[KnowledgeBaseId],
    ) -> Result<Vec<VersionId>, PassageError>;

    /// Documents in these knowledge bases that have now what a filter asks of the catalog
    /// ([`SearchFilter::asks_catalog`]), whatever the index remembers.
    async fn documents_matching(
        &self,
        knowledge_bases: &[KnowledgeBaseId],
        filter: &SearchFilter,
    ) -> Result<Selection, PassageError>;

    /// How these knowledge bases want to be searched, in the order asked; unknown ones are left out.
    async fn retrieval_settings(
        &self,
        knowledge_bases: &[KnowledgeBaseId],
    ) -> Result<Vec<RetrievalSettings>, PassageError>;

    /// Words of their own that all of these knowledge bases have and all their passages know.
    async fn dictionary(
        &self,
        knowledge_bases: &[KnowledgeBaseId],
    ) -> Result<Dictionary, PassageError>;

    /// Where a document of one of these knowledge bases stands.
    async fn standing(
        &self,
        knowledge_bases: &[KnowledgeBaseId],
        document: DocumentId,
    ) -> Result<Option<Standing>, PassageError>;

    /// The document that a chunk was cut from, be it of a version that can be found or of one that cannot.
    async fn document_of(&self, chunk: ChunkId) -> Result<Option<DocumentId>, PassageError>;

    /// The passages of these chunks, in the order asked. Unknown ids, and chunks of versions that are not
    /// visible, are left out.
    async fn passages(&self, ids: &[ChunkId]) -> Result<Vec<Passage>, PassageError>;

    /// The passages that lie in these sections, each once, those around which they are among them. What is not visible
    /// any more is left out.
    async fn sections(&self, of: &[SectionOf]) -> Result<Vec<Passage>, PassageError>;

    /// The thresholds that were fitted to these knowledge bases, in the order asked; `None` for those without one.
    async fn thresholds(
        &self,
        knowledge_bases: &[KnowledgeBaseId],
    ) -> Result<Vec<Option<Threshold>>, PassageError>;

    /// Where the texts of these chunks stand on their pages, in the order of each text and with spans in bytes of it.
    /// Chunks of which that is not known are left out.
    async fn places(&self, ids: &[ChunkId]) -> Result<HashMap<ChunkId, Vec<Place>>, PassageError>;
}
