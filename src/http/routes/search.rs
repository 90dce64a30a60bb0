//! Search: passages for a question, with every stage's score.

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wenyuan_ingest::{Kind, Language};

use super::chunks::RangeResponse;
use crate::http::error::{ApiError, ErrorResponse};
use crate::http::extract::{Body, InKnowledgeBase, within};
use crate::http::state::App;
use crate::model::{ChunkId, DocumentId, Question};
use crate::retrieve::{
    Evidence, Hit, SearchFilter, SearchMode, SearchRequest as Search, SearchResponse as Found,
    SearchTimings, StageScores, Trace,
};

/// Narrows a search. What is left out does not narrow; a field that does not exist is an error.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct FilterRequest {
    /// Only these documents.
    #[schema(value_type = Vec<String>)]
    documents: Vec<DocumentId>,
    /// Only these formats: pdf, docx, html, markdown, text.
    #[schema(value_type = Vec<String>)]
    kinds: Vec<Kind>,
    /// Only passages in these languages: zh, zh-Hant, en, other.
    #[schema(value_type = Vec<String>)]
    languages: Vec<Language>,
    /// Only documents with any of these tags.
    tags: Vec<String>,
    /// Only documents added at or after this moment.
    #[schema(value_type = Option<String>, format = DateTime)]
    added_after: Option<Timestamp>,
    /// Only documents added at or before this moment.
    #[schema(value_type = Option<String>, format = DateTime)]
    added_before: Option<Timestamp>,
    /// Only passages that begin on these pages: first and last, from 1.
    pages: Option<(u32, u32)>,
}

impl From<FilterRequest> for SearchFilter {
    fn from(filter: FilterRequest) -> Self {
        Self {
            documents: filter.documents,
            kinds: filter.kinds,
            languages: filter.languages,
            tags: filter.tags,
            added_after: filter.added_after.map(Timestamp::as_second),
            added_before: filter.added_before.map(Timestamp::as_second),
            pages: filter.pages,
        }
    }
}

/// A search.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct SearchRequest {
    /// What is looked for: a question or words; at most 4,000 characters.
    #[schema(example = "年假可以累积到下一年吗？")]
    query: String,
    /// Most passages to return, 1 to 100; 10 when left out.
    #[serde(default)]
    top_k: Option<usize>,
    /// Where to look.
    #[serde(default)]
    filter: Option<FilterRequest>,
    /// hybrid (meaning and words), dense (meaning) or lexical (words).
    #[serde(default)]
    #[schema(value_type = String, example = "hybrid")]
    mode: Option<SearchMode>,
    /// Whether to show every stage's list.
    #[serde(default)]
    explain: bool,
}

/// A passage found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HitResponse {
    /// The passage's id.
    #[schema(value_type = String)]
    chunk_id: ChunkId,
    /// The document.
    #[schema(value_type = String)]
    document_id: DocumentId,
    /// The document's name.
    document_name: String,
    /// The document's title, where it has one.
    title: Option<String>,
    /// First page, from 1.
    page: Option<u32>,
    /// Headings above it, highest first.
    heading: Vec<String>,
    /// zh, zh-Hant, en or other.
    language: &'static str,
    /// The passage, exactly as in the cleaned text.
    text: String,
    /// First character in the cleaned text.
    start: usize,
    /// One past the last character.
    end: usize,
    /// What the hits are ordered by.
    score: f32,
    /// Each stage's score: dense, lexical, fused, rerank; null for a stage that did not see it.
    #[schema(value_type = Object)]
    scores: StageScores,
    /// Its sentences.
    sentences: Vec<RangeResponse>,
}

impl From<Hit> for HitResponse {
    fn from(hit: Hit) -> Self {
        Self {
            chunk_id: hit.chunk_id,
            document_id: hit.document_id,
            document_name: hit.document_name,
            title: hit.title,
            page: hit.page,
            heading: hit.heading,
            language: hit.language.as_str(),
            text: hit.text,
            start: hit.start,
            end: hit.end,
            score: hit.score,
            scores: hit.scores,
            sentences: hit
                .sentences
                .iter()
                .map(|span| RangeResponse {
                    start: span.start,
                    end: span.end,
                })
                .collect(),
        }
    }
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SearchResponse {
    /// Best first.
    hits: Vec<HitResponse>,
    /// Milliseconds: embed, search, load, rank, total.
    #[schema(value_type = Object)]
    timings_ms: SearchTimings,
    /// How likely the passages hold an answer: `answerability` in [0, 1] and `verdict`, sufficient or insufficient.
    #[schema(value_type = Object)]
    evidence: Evidence,
    /// Every stage's list, with `explain`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    trace: Option<Trace>,
}

impl From<Found> for SearchResponse {
    fn from(found: Found) -> Self {
        Self {
            hits: found.hits.into_iter().map(Into::into).collect(),
            timings_ms: found.timings,
            evidence: found.evidence,
            trace: found.trace,
        }
    }
}

/// Finds the passages that bear on a question, best first.
#[utoipa::path(post, path = "/api/v1/knowledge-bases/{kb}/search", tag = "questions",
    params(("kb" = String, Path, description = "Id or name")), request_body = SearchRequest, responses(
    (status = 200, body = SearchResponse),
    (status = 400, description = "`empty_question`, `question_too_long`, `out_of_range`", body = ErrorResponse),
    (status = 503, description = "`index_unavailable`, `embedder_unavailable`", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn search(
    State(app): State<App>,
    InKnowledgeBase(base): InKnowledgeBase,
    Body(request): Body<SearchRequest>,
) -> Result<Json<SearchResponse>, ApiError> {
    let search = Search {
        question: Question::try_from(request.query.as_str())?,
        knowledge_bases: vec![base.id],
        top_k: within("top_k", request.top_k, 10, 1..=100)?,
        filter: request.filter.unwrap_or_default().into(),
        mode: request.mode.unwrap_or_default(),
        explain: request.explain,
    };
    Ok(Json(app.state.retriever.search(search).await?.into()))
}
