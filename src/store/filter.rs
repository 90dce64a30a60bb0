//! One filter language for every backend.

use uuid::Uuid;
use wenyuan_ingest::PointPayload;

use super::StoreError;
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
    /// Any term of the headings above the chunk.
    Heading,
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
            Self::Heading => "headings",
            Self::Page => "page",
            Self::AddedAt => "added_at",
        }
    }

    /// Every field, in the order in which an index creates them.
    pub const ALL: [Self; 9] = [
        Self::KnowledgeBase,
        Self::Document,
        Self::Version,
        Self::Language,
        Self::Kind,
        Self::Tag,
        Self::Heading,
        Self::Page,
        Self::AddedAt,
    ];

    /// Whether the field holds whole numbers; the others hold words.
    #[must_use]
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Page | Self::AddedAt)
    }
}

/// One test of a chunk.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// The field has one of these values, numbers written in decimal. An empty list passes nothing.
    Any(Field, Vec<String>),
    /// The numeric field lies in this closed range; an open end is `None`. A chunk without the field does not.
    Range(Field, Option<i64>, Option<i64>),
    /// The chunk is one of these.
    Ids(Vec<ChunkId>),
    /// At least one of these filters passes. An empty list passes nothing.
    AnyOf(Vec<Filter>),
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
        self.must.push(Condition::Any(
            field,
            ids.into_iter().map(|id| id.to_string()).collect(),
        ));
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

impl Condition {
    /// Whether nothing at all can pass.
    fn is_never(&self) -> bool {
        match self {
            Self::Any(field, values) if field.is_number() => numbers(values).next().is_none(),
            Self::Any(_, values) => values.is_empty(),
            Self::Range(_, Some(low), Some(high)) => low > high,
            Self::Range(..) => false,
            Self::Ids(ids) => ids.is_empty(),
            Self::AnyOf(filters) => filters.iter().all(Filter::is_never),
        }
    }

    /// The same condition without what cannot matter.
    fn settled(&self) -> Self {
        match self {
            Self::AnyOf(filters) => {
                let possible = filters.iter().filter(|filter| !filter.is_never());
                Self::AnyOf(possible.map(Filter::trimmed).collect())
            }
            Self::Any(..) | Self::Range(..) | Self::Ids(_) => self.clone(),
        }
    }

    fn check(&self) -> Result<(), StoreError> {
        match self {
            Self::Range(field, ..) if !field.is_number() => Err(StoreError::Rejected(format!(
                "`{}` holds words, which have no range",
                field.key()
            ))),
            Self::AnyOf(filters) => filters.iter().try_for_each(Filter::check),
            Self::Any(..) | Self::Range(..) | Self::Ids(_) => Ok(()),
        }
    }

    fn passes(&self, id: ChunkId, payload: &PointPayload) -> bool {
        match self {
            Self::Any(Field::Tag, wanted) => payload.tags.iter().any(|tag| wanted.contains(tag)),
            Self::Any(Field::Heading, wanted) => {
                payload.headings.iter().any(|term| wanted.contains(term))
            }
            Self::Any(field, wanted) if field.is_number() => number(*field, payload)
                .is_some_and(|value| numbers(wanted).any(|wanted| wanted == value)),
            Self::Any(field, wanted) => wanted.contains(&word(*field, payload)),
            Self::Range(field, low, high) => number(*field, payload).is_some_and(|value| {
                low.is_none_or(|low| value >= low) && high.is_none_or(|high| value <= high)
            }),
            Self::Ids(ids) => ids.contains(&id),
            Self::AnyOf(filters) => filters.iter().any(|filter| filter.passes(id, payload)),
        }
    }
}

impl Filter {
    /// The same filter without what cannot matter, or `None` when nothing can pass.
    ///
    /// Backends see only settled filters, so none of them has to agree on what an empty list means.
    pub(super) fn settle(&self) -> Result<Option<Self>, StoreError> {
        self.check()?;
        Ok((!self.is_never()).then(|| self.trimmed()))
    }

    fn check(&self) -> Result<(), StoreError> {
        let mut conditions = self.must.iter().chain(&self.must_not);
        conditions.try_for_each(Condition::check)
    }

    /// Whether nothing at all can pass.
    fn is_never(&self) -> bool {
        self.must.iter().any(Condition::is_never)
    }

    fn trimmed(&self) -> Self {
        let excluding = self
            .must_not
            .iter()
            .filter(|condition| !condition.is_never());
        Self {
            must: self.must.iter().map(Condition::settled).collect(),
            must_not: excluding.map(Condition::settled).collect(),
        }
    }

    /// Whether a chunk passes: what every backend must agree with.
    #[must_use]
    pub fn passes(&self, id: ChunkId, payload: &PointPayload) -> bool {
        self.must
            .iter()
            .all(|condition| condition.passes(id, payload))
            && !self
                .must_not
                .iter()
                .any(|condition| condition.passes(id, payload))
    }
}

/// The values that are whole numbers; others cannot equal a number and fall away.
pub(super) fn numbers(values: &[String]) -> impl Iterator<Item = i64> + '_ {
    values.iter().filter_map(|value| value.trim().parse().ok())
}

fn number(field: Field, payload: &PointPayload) -> Option<i64> {
    match field {
        Field::Page => payload.page.map(i64::from),
        Field::AddedAt => Some(payload.added_at),
        Field::KnowledgeBase
        | Field::Document
        | Field::Version
        | Field::Language
        | Field::Kind
        | Field::Tag
        | Field::Heading => None,
    }
}

fn word(field: Field, payload: &PointPayload) -> String {
    match field {
        Field::KnowledgeBase => payload.knowledge_base.to_string(),
        Field::Document => payload.document.to_string(),
        Field::Version => payload.version.to_string(),
        Field::Language => payload.language.as_str().to_owned(),
        Field::Kind => payload.kind.clone(),
        Field::Tag | Field::Heading | Field::Page | Field::AddedAt => String::new(),
    }
}
