//! One filter language for every backend.

use uuid::Uuid;

use crate::model::{ChunkId, DocumentId, KnowledgeBaseId, VersionId};

/// A payload field that can be filtered on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// The tenant.
    KnowledgeBase,
    /// The document.
    Document,
    /// The document's version.
    Version,
    /// Language name.
    Language,
    /// Format name.
    Kind,
    /// Any of the user's tags.
    Tag,
    /// First page.
    Page,
    /// Seconds since 1970.
    AddedAt,
}

impl Field {
    /// The payload key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::KnowledgeBase => "knowledge_base",
            Self::Document => "document",
            Self::Version => "version",
            Self::Language => "language",
            Self::Kind => "kind",
            Self::Tag => "tags",
            Self::Page => "page",
            Self::AddedAt => "added_at",
        }
    }
}

/// One test of a chunk.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// The field has one of these values. An empty list passes nothing.
    Any(Field, Vec<String>),
    /// The numeric field lies in this closed range; an open end is `None`.
    Range(Field, Option<i64>, Option<i64>),
    /// The chunk is one of these.
    Ids(Vec<ChunkId>),
}

/// All of `must` and none of `must_not`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    /// Every one must pass.
    pub must: Vec<Condition>,
    /// None may pass.
    pub must_not: Vec<Condition>,
}

impl Filter {
    /// Chunks of any of these knowledge bases.
    #[must_use]
    pub fn in_knowledge_bases(ids: &[KnowledgeBaseId]) -> Self {
        Self::default().and_any(Field::KnowledgeBase, ids.iter().map(|id| id.0))
    }

    /// Adds: the field is one of these ids.
    #[must_use]
    pub fn and_any(mut self, field: Field, ids: impl IntoIterator<Item = Uuid>) -> Self {
        self.must.push(Condition::Any(field, ids.into_iter().map(|id| id.to_string()).collect()));
        self
    }

    /// Adds: only these documents.
    #[must_use]
    pub fn in_documents(self, ids: &[DocumentId]) -> Self {
        self.and_any(Field::Document, ids.iter().map(|id| id.0))
    }

    /// Adds: none of these versions. An empty list changes nothing.
    #[must_use]
    pub fn without_versions(mut self, ids: &[VersionId]) -> Self {
        if !ids.is_empty() {
            let values = ids.iter().map(ToString::to_string).collect();
            self.must_not.push(Condition::Any(Field::Version, values));
        }
        self
    }

    /// Adds: only these chunks.
    #[must_use]
    pub fn among(mut self, ids: Vec<ChunkId>) -> Self {
        self.must.push(Condition::Ids(ids));
        self
    }
}
