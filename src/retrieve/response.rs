//! What a search gives back.

use serde::Serialize;
use wenyuan_ingest::{Dictionary, Language, PageSpan, Place, Span};

use super::cross::Reranking;
use super::explain::Explained;
use super::phrase::RequiredPhrase;
use super::settings::Tuning;
use super::typed::TypedFilter;
use crate::model::{ChunkId, DocumentId, KnowledgeBaseId, VersionId};

/// The score of each stage that saw the passage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct StageScores {
    /// Cosine of passage or best sentence to the question, whichever is higher.
    pub dense: Option<f32>,
    /// BM25.
    pub lexical: Option<f32>,
    /// The legs together.
    pub fused: Option<f32>,
    /// The legs together with what the rerankers add, where any of them read the passage.
    pub rerank: Option<f32>,
    /// The cross-encoder's own, in [0, 1]; left out where none read the passage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cross_encoder: Option<f32>,
}

/// A passage found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hit {
    /// The chunk.
    pub chunk_id: ChunkId,
    /// The document.
    pub document_id: DocumentId,
    /// The knowledge base that it is in.
    pub knowledge_base_id: KnowledgeBaseId,
    /// The document's name.
    pub document_name: String,
    /// The document's title, where it has one.
    pub title: Option<String>,
    /// First page, from 1.
    pub page: Option<u32>,
    /// Headings above the passage, highest first.
    pub heading: Vec<String>,
    /// Language of the passage.
    pub language: Language,
    /// The passage, exactly as in the cleaned text.
    pub text: String,
    /// First character in the cleaned text.
    pub start: usize,
    /// One past the last character.
    pub end: usize,
    /// Its place among the document's passages, from 0.
    pub ordinal: u32,
    /// The section around it, in characters of the cleaned text.
    pub parent: Span,
    /// The version that it was cut from.
    #[serde(skip)]
    pub version: VersionId,
    /// What the hits are ordered by.
    pub score: f32,
    /// Every stage's score.
    pub scores: StageScores,
    /// Its sentences, in order, as characters of the cleaned text.
    pub sentences: Vec<Span>,
    /// Sentences as bytes of `text`.
    #[serde(skip)]
    pub sentence_bytes: Vec<Span>,
    /// Pages with their bytes of `text`.
    #[serde(skip)]
    pub pages: Vec<PageSpan>,
    /// Where lines of `text` stand on the pages, by bytes; filled by [`Retriever::locate`](super::Retriever::locate).
    #[serde(skip)]
    pub places: Vec<Place>,
    /// How it came to its place, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explain: Option<Explained>,
}

/// Whether the passages can hold an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Worth reading.
    Sufficient,
    /// Nothing here answers the question.
    #[default]
    Insufficient,
}

/// How likely the passages hold an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Evidence {
    /// Probability in [0, 1] by the calibrated model.
    pub answerability: f32,
    /// The score against the threshold.
    pub verdict: Verdict,
    /// The threshold: the knowledge base's own, or the built-in one.
    pub threshold: f32,
    /// Whether the best passage is in the language of the question: only such verdicts have thresholds of their own.
    #[serde(skip)]
    pub same_writing: bool,
}

/// Where the time went, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct SearchTimings {
    /// Embedding the question.
    pub embed: f64,
    /// The index.
    pub search: f64,
    /// Reading texts from the catalog.
    pub load: f64,
    /// Fusion, duplicates and the verdict.
    pub rank: f64,
    /// The cross-encoder; left out where none was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rerank: Option<f64>,
    /// All of it.
    pub total: f64,
}

/// One passage at one stage.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TraceEntry {
    /// The chunk.
    pub chunk_id: ChunkId,
    /// Rank at this stage, from 1.
    pub rank: usize,
    /// Score at this stage.
    pub score: f32,
}

/// One stage's list, best first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TraceStage {
    /// `dense`, `lexical`, `sentences`, `fused`, `cross_encoder` (where one ran), `duplicates_removed`,
    /// `over_document_cap`, `returned`.
    pub stage: &'static str,
    /// The list.
    pub entries: Vec<TraceEntry>,
}

/// How a search came to its hits, so that a lost passage can be found.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Trace {
    /// Language that the question was taken for.
    pub language: Option<Language>,
    /// What the search went by, defaults included.
    pub settings: Tuning,
    /// Phrases in quotation marks.
    pub phrases: Vec<String>,
    /// Numbers, dates and codes.
    pub numbers: Vec<String>,
    /// Versions kept out of the search.
    pub hidden_versions: usize,
    /// The stages in order.
    pub stages: Vec<TraceStage>,
    /// The features behind [`Evidence::answerability`], named.
    pub evidence: Vec<(&'static str, f32)>,
}

/// How a question was understood.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct UnderstoodQuery {
    /// What was looked for: the question without the filters typed in it.
    pub text: String,
    /// Filters that were typed in it.
    pub filters: Vec<TypedFilter>,
    /// What was written like one, with a value that makes no sense, such as `type:foo`: it was looked for as words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unclear: Vec<String>,
    /// Phrases that passages must hold.
    pub phrases: Vec<RequiredPhrase>,
}

/// What a search found.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct SearchResponse {
    /// How the question was understood.
    pub query: UnderstoodQuery,
    /// Best first.
    pub hits: Vec<Hit>,
    /// Whether they can hold an answer.
    pub evidence: Evidence,
    /// Where the time went.
    #[serde(rename = "timings_ms")]
    pub timings: SearchTimings,
    /// What became of the cross-encoder's turn; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reranking: Option<Reranking>,
    /// Every stage, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<Trace>,
    /// Words of the knowledge bases' own that were looked for.
    #[serde(skip)]
    pub words: Dictionary,
}
