//! Wire objects as the command line reads them, from this process or from a server alike.

use serde::{Deserialize, Serialize};

use crate::catalog::Status;
use crate::model::{DocumentId, JobId};
/// How a query was understood.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct QueryView {
    /// Filters typed in it.
    pub filters: Vec<FilterView>,
    /// What was written like one and is none.
    #[serde(default)]
    pub unclear: Vec<String>,
    /// Phrases that passages must hold.
    pub phrases: Vec<PhraseView>,
}

/// A filter typed in a query.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct FilterView {
    /// Its name.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// A phrase in quotation marks.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct PhraseView {
    /// Without its marks.
    pub text: String,
    /// Whether any passage holds it.
    pub found: bool,
}

/// A search's answer.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SearchView {
    /// How the query was understood; older servers leave it out.
    #[serde(default)]
    pub query: Option<QueryView>,
    /// Best first.
    pub hits: Vec<HitView>,
    /// Whether the passages can hold an answer; older servers leave it out.
    #[serde(default)]
    pub evidence: Option<EvidenceView>,
    /// Milliseconds by stage.
    pub timings_ms: serde_json::Map<String, serde_json::Value>,
    /// The reranking model's turn, where there is one.
    #[serde(default)]
    pub reranking: Option<RerankingView>,
    /// Every stage's list, when asked for.
    #[serde(default)]
    pub trace: Option<TraceView>,
}

/// The verdict on the passages.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct EvidenceView {
    /// Probability in [0, 1].
    pub answerability: f32,
    /// `sufficient` or `insufficient`.
    pub verdict: String,
    /// What the answerability was held against; older servers leave it out.
    #[serde(default)]
    pub threshold: Option<f32>,
}

/// A passage found.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct HitView {
    /// The document's id.
    pub document_id: String,
    /// The document's name.
    pub document_name: String,
    /// Page, from 1.
    pub page: Option<u32>,
    /// Headings, highest first.
    #[serde(default)]
    pub heading: Vec<String>,
    /// zh, zh-Hant, en or other.
    #[serde(default)]
    pub language: String,
    /// The passage.
    pub text: String,
    /// What the hits are ordered by.
    pub score: f32,
    /// Score by stage.
    #[serde(default)]
    pub scores: serde_json::Map<String, serde_json::Value>,
    /// How it came to its place, when asked for.
    #[serde(default)]
    pub explain: Option<ExplainView>,
}

/// What became of the reranking model's turn.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct RerankingView {
    /// The model.
    pub model: String,
    /// done, other_languages, timed_out, failed or resting.
    pub outcome: String,
    /// Passages that it read.
    pub passages: usize,
}

/// How a hit came to its place.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ExplainView {
    /// Stages in order.
    pub stages: Vec<StageRankView>,
    /// Words of the question that it holds.
    pub matched_terms: Vec<MatchedView>,
}

/// One stage's word on a hit.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct StageRankView {
    /// Its name.
    pub stage: String,
    /// From 1.
    pub rank: Option<usize>,
    /// Score there.
    pub score: Option<f32>,
}

/// A word of the question in a hit.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct MatchedView {
    /// As asked.
    pub text: String,
    /// Its share of the score of all words.
    pub share: f32,
}

/// How a search came to its hits.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct TraceView {
    /// Stages in order.
    pub stages: Vec<StageView>,
    /// Evidence features by name.
    #[serde(default)]
    pub evidence: Vec<(String, f32)>,
}

/// One stage's list.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct StageView {
    /// Its name.
    pub stage: String,
    /// Best first.
    pub entries: Vec<serde_json::Value>,
}

/// An answer.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct AnswerView {
    /// The text.
    pub answer: String,
    /// Its sentences.
    pub sentences: Vec<SentenceView>,
    /// What they cite.
    pub citations: Vec<CitationView>,
    /// Whether the documents hold no answer.
    pub refused: bool,
    /// What the question was taken for; older servers leave it out.
    #[serde(default)]
    pub query: Option<QueryView>,
    /// Something to know about how it came to be.
    #[serde(default)]
    pub notice: Option<String>,
    /// Tokens.
    pub usage: UsageView,
    /// Milliseconds.
    pub timings_ms: AnswerTimingsView,
}

/// A sentence.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SentenceView {
    /// The text.
    pub text: String,
    /// `supported`, `weak` or `unsupported`.
    pub support: String,
    /// Citation numbers.
    pub citations: Vec<u32>,
}

/// A place cited.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct CitationView {
    /// Number in the text.
    pub n: u32,
    /// The document's id.
    pub document_id: String,
    /// The document's name.
    pub document_name: String,
    /// Page, from 1.
    pub page: Option<u32>,
    /// The words cited.
    pub quote: String,
}

/// Tokens used.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct UsageView {
    /// Tokens generated.
    pub completion_tokens: usize,
}

/// Times of an answer.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct AnswerTimingsView {
    /// Until the first text.
    pub first_token: f64,
}

/// A document, as far as folders need to know it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct DocumentView {
    /// Its id.
    pub id: DocumentId,
    /// Its name.
    pub name: String,
    /// BLAKE3 of its newest original.
    pub hash: String,
    /// Where that stands.
    pub status: Status,
    /// Whether some version can be found.
    pub searchable: bool,
    /// The job of its newest version.
    pub job_id: JobId,
    /// The user's tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Why its newest version failed.
    #[serde(default)]
    pub error: Option<ErrorView>,
}

impl DocumentView {
    /// Whether it was read for as long, or with as much memory, as one file may take: tried again as it is, it most
    /// likely takes that much again.
    pub(crate) fn ran_into_a_limit(&self) -> bool {
        let limits = ["time_limit", "recognition_time_limit", "memory_limit"];
        let error = self.error.as_ref();
        self.status == Status::Failed
            && error.is_some_and(|error| limits.contains(&error.code.as_str()))
    }
}

/// Something to know about a document that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WarningView {
    /// Stable name.
    pub code: String,
    /// The page that it is about.
    #[serde(default)]
    pub page: Option<u32>,
    /// For people.
    pub message: String,
}

impl WarningView {
    /// Whether something is missing from what was read.
    pub(crate) fn tells_of_loss(&self) -> bool {
        !matches!(
            self.code.as_str(),
            "page_read_by_ocr" | "pictures_read_by_ocr"
        )
    }
}

/// A page of documents.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct DocumentsView {
    /// The documents.
    pub documents: Vec<DocumentView>,
    /// Where the next page begins.
    pub next_cursor: Option<String>,
}

/// What became of one file handed in.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct UploadView {
    /// The document, unless it was refused at the door.
    #[serde(default)]
    pub document_id: Option<String>,
    /// The job to follow.
    #[serde(default)]
    pub job_id: Option<String>,
    /// The document's name.
    #[serde(default)]
    pub name: Option<String>,
    /// Where it stands.
    #[serde(default)]
    pub status: String,
    /// Whether its bytes were there already.
    #[serde(default)]
    pub known: bool,
    /// Why it was refused at the door.
    #[serde(default)]
    pub error: Option<ErrorView>,
}

impl UploadView {
    /// Refused at the door.
    #[must_use]
    pub(crate) fn refused(code: &str, message: String) -> Self {
        let code = code.to_owned();
        Self {
            document_id: None,
            job_id: None,
            name: None,
            status: "failed".to_owned(),
            known: false,
            error: Some(ErrorView {
                code,
                message,
                hint: None,
            }),
        }
    }
}

/// An error with its code.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct ErrorView {
    /// Stable name.
    pub code: String,
    /// For people.
    pub message: String,
    /// What to do next, where the message does not say it.
    #[serde(default)]
    pub hint: Option<String>,
}

impl ErrorView {
    /// What happened and what to do next.
    pub(crate) fn told(self) -> String {
        match self.hint.filter(|hint| !hint.is_empty()) {
            Some(hint) => format!("{}\n    {hint}", self.message),
            None => self.message,
        }
    }
}

/// How far a job is.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct JobView {
    /// `queued`, `running`, `ready`, `failed`, `cancelled`.
    pub status: String,
    /// What is being done.
    pub stage: String,
    /// Pages read.
    #[serde(default)]
    pub pages_done: u32,
    /// Pages in all, once known.
    #[serde(default)]
    pub pages_total: Option<u32>,
    /// Chunks in the index.
    #[serde(default)]
    pub chunks_done: u32,
    /// Chunks in all, once known.
    #[serde(default)]
    pub chunks_total: Option<u32>,
    /// Seconds until it can be found, once there is something to reckon from.
    #[serde(default)]
    pub seconds_left: Option<u64>,
    /// Whether others are read or embedded before it goes on.
    #[serde(default)]
    pub waiting_for_turn: bool,
    /// Whether its next passages wait until the index is in order.
    #[serde(default)]
    pub waiting_for_index: bool,
    /// Why it failed.
    #[serde(default)]
    pub error: Option<ErrorView>,
}

impl JobView {
    /// Whether nothing more will happen.
    #[must_use]
    pub(crate) fn is_final(&self) -> bool {
        matches!(self.status.as_str(), "ready" | "failed" | "cancelled")
    }
}
