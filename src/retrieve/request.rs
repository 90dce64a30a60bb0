//! What a search is asked for.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use wenyuan_ingest::{Kind, Language};

use super::RetrievalChange;
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
    /// Only documents whose name has any of these in it. Like all texts below, whatever their case, width or script.
    pub names: Vec<String>,
    /// Only documents whose author has any of these in it.
    pub authors: Vec<String>,
    /// Only documents whose title (or name, where it has none) has all words of any of these.
    pub titles: Vec<String>,
    /// Only passages whose headings have all words of any of these.
    pub headings: Vec<String>,
    /// Only documents dated at or after this day by themselves: made, or else last changed.
    pub created_after: Option<Date>,
    /// Only documents dated at or before this day.
    pub created_before: Option<Date>,
    /// Only documents with so many pages: least and most.
    pub page_count: Option<(u32, u32)>,
    /// Only documents added at or after this time, in seconds since 1970.
    pub added_after: Option<i64>,
    /// Only documents added at or before this time, in seconds since 1970.
    pub added_before: Option<i64>,
    /// Only passages that begin on these pages: first and last, from 1.
    pub pages: Option<(u32, u32)>,
}

impl SearchFilter {
    /// Whether the catalog must be asked which documents pass: what may change is not in the index.
    #[must_use]
    pub fn asks_catalog(&self) -> bool {
        let words = [&self.tags, &self.names, &self.authors, &self.titles];
        words.iter().any(|list| !list.is_empty())
            || self.created_after.is_some()
            || self.created_before.is_some()
            || self.page_count.is_some()
    }
}

/// How many hits are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopK {
    /// So many.
    Exactly(usize),
    /// So many, unless the knowledge bases' settings have another number.
    Usually(usize),
}

/// One search.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchRequest {
    /// What is asked.
    pub question: Question,
    /// Where to look.
    pub knowledge_bases: Vec<KnowledgeBaseId>,
    /// Most hits wanted.
    pub top_k: TopK,
    /// What to look at.
    pub filter: SearchFilter,
    /// Which legs run; `None` leaves it to the settings.
    pub mode: Option<SearchMode>,
    /// What this search alone changes in the settings of the knowledge bases.
    pub settings: RetrievalChange,
    /// Whether to keep every stage's list in [`SearchResponse::trace`](super::SearchResponse::trace) and to tell of
    /// each hit how it came, in [`Hit::explain`](super::Hit::explain).
    pub explain: bool,
}
