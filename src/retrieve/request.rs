//! What a search is asked for.

use serde::{Deserialize, Serialize};
use wenyuan_ingest::{Kind, Language};

use crate::model::{DocumentId, KnowledgeBaseId, Question};

/// Which legs of the search run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SearchMode {
    /// Meaning and words together.
    #[default]
    Hybrid,
    /// Vectors only.
    Dense,
    /// Words only.
    Lexical,
}

/// Narrows a search. Empty lists and `None` do not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SearchFilter {
    /// Only these documents.
    pub documents: Vec<DocumentId>,
    /// Only these formats.
    pub kinds: Vec<Kind>,
    /// Only passages in these languages.
    pub languages: Vec<Language>,
    /// Only documents with any of these tags.
    pub tags: Vec<String>,
    /// Only documents added at or after this time, in seconds since 1970.
    pub added_after: Option<i64>,
    /// Only documents added at or before this time, in seconds since 1970.
    pub added_before: Option<i64>,
    /// Only passages that begin on these pages: first and last, from 1.
    pub pages: Option<(u32, u32)>,
}

/// One search.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchRequest {
    /// What is asked.
    pub question: Question,
    /// Where to look.
    pub knowledge_bases: Vec<KnowledgeBaseId>,
    /// Most hits wanted.
    pub top_k: usize,
    /// What to look at.
    pub filter: SearchFilter,
    /// Which legs run.
    pub mode: SearchMode,
    /// Whether to keep every stage's list in [`SearchResponse::trace`](super::SearchResponse::trace).
    pub explain: bool,
}
