//! Why a passage does not come: where a search loses it, and what would have brought it.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::search::SearchRequest;
use crate::http::code::ErrorCode;
use crate::http::context::RequestContext;
use crate::http::error::{ApiError, ErrorResponse};
use crate::http::extract::{Body, InKnowledgeBase};
use crate::http::language::Tongue;
use crate::http::state::App;
use crate::http::{reasons, remedies};
use crate::model::{ChunkId, DocumentId};
use crate::retrieve::{
    Evidence, Expected, Finding, Passage, Remedy, StageStanding, Standing, Tuning, UnderstoodQuery,
    WhyNot, WhyNotRequest as Wanted,
};

/// Longest text to look for, in characters.
const MOST_CHARS: usize = 2_000;

/// A search, and what it should have found: exactly one of `document_id`, `chunk_id` and `text`.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct WhyNotRequest {
    #[serde(flatten)]
    search: SearchRequest,
    /// Any passage of this document should have come.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    document_id: Option<DocumentId>,
    /// This passage should have come.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    chunk_id: Option<ChunkId>,
    /// The passage with these words, or most of them, should have come; at most 2,000 characters.
    #[serde(default)]
    #[schema(example = "年假最多可以累积五天")]
    text: Option<String>,
}

impl WhyNotRequest {
    fn expected(&mut self) -> Result<Expected, ApiError> {
        let text = self.text.take().filter(|text| !text.trim().is_empty());
        let invalid = |detail: String| {
            ApiError::new(ErrorCode::InvalidParameter)
                .with("name", "document_id, chunk_id, text")
                .with("detail", detail)
        };
        match (self.document_id, self.chunk_id, text) {
            (Some(id), None, None) => Ok(Expected::Document(id)),
            (None, Some(id), None) => Ok(Expected::Chunk(id)),
            (None, None, Some(text)) if text.chars().count() <= MOST_CHARS => {
                Ok(Expected::Text(text.trim().to_owned()))
            }
            (None, None, Some(_)) => Err(invalid(format!("at most {MOST_CHARS} characters"))),
            _ => Err(invalid("exactly one of them".to_owned())),
        }
    }
}

/// The passage that should have come, or as much as is known of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExpectedResponse {
    /// The passage; null where only the document is known.
    #[schema(value_type = Option<String>)]
    chunk_id: Option<ChunkId>,
    /// The document.
    #[schema(value_type = String)]
    document_id: DocumentId,
    /// The document's name.
    document_name: String,
    /// First page, from 1.
    page: Option<u32>,
    /// Headings above it, highest first.
    heading: Vec<String>,
    /// The passage, exactly as in the cleaned text.
    text: Option<String>,
    /// First character in the cleaned text.
    start: Option<usize>,
    /// One past the last character.
    end: Option<usize>,
}

impl From<Passage> for ExpectedResponse {
    fn from(passage: Passage) -> Self {
        Self {
            chunk_id: Some(passage.chunk),
            document_id: passage.document,
            document_name: passage.document_name,
            page: passage.pages.first().map(|page| page.number),
            heading: passage.heading,
            text: Some(passage.text),
            start: Some(passage.chars.start),
            end: Some(passage.chars.end),
        }
    }
}

impl From<&Standing> for ExpectedResponse {
    fn from(standing: &Standing) -> Self {
        Self {
            chunk_id: None,
            document_id: standing.document,
            document_name: standing.name.clone(),
            page: None,
            heading: Vec::new(),
            text: None,
            start: None,
            end: None,
        }
    }
}

/// Something that brings the passage: it was tried.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RemedyResponse {
    /// larger_top_k, meaning_weight, mode, without_filter, without_phrase, per_document or only_this_document.
    code: &'static str,
    /// What to do, in the language of the request.
    message: String,
    /// The rank that the passage has then, from 1.
    rank: usize,
    /// Settings that a search, or a change of the knowledge base, takes; only for what can be kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    settings: Option<Value>,
}

impl RemedyResponse {
    fn told(remedy: &Remedy, name: &str, tongue: Tongue) -> Self {
        let settings = remedy.settings().map(|settings| {
            let mut settings = serde_json::json!(settings);
            if let Some(fields) = settings.as_object_mut() {
                fields.retain(|_, value| !value.is_null());
            }
            settings
        });
        Self {
            code: remedies::code(&remedy.kind),
            message: remedies::told(remedy, name, tongue),
            rank: remedy.rank,
            settings,
        }
    }
}

/// Why a passage does not come, or that it does.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WhyNotResponse {
    /// found, refused, not_ready, unknown, filtered, not_split_there, lost_before_fusion, lost_in_fusion,
    /// lost_in_reranking, outside_top_k, duplicate, over_document_cap or phrase_missing.
    #[schema(value_type = String)]
    verdict: Finding,
    /// The stage that decided: final, evidence, ingestion, catalog, filter, split, legs, fused, cross_encoder,
    /// duplicates, document_cap or phrases.
    stage: &'static str,
    /// How the query was understood, as in a search.
    #[schema(value_type = Object)]
    query: UnderstoodQuery,
    /// What the search went by: mode, top_k, meaning_weight, per_document.
    #[schema(value_type = Object)]
    settings: Tuning,
    /// The passage: of those that would do, the one that came furthest.
    expected: Option<ExpectedResponse>,
    /// The stages that ran: `stage`, `rank`, `score`, and the last that passed, `cutoff_rank` and `cutoff_score`.
    #[schema(value_type = Vec<Object>)]
    stages: Vec<StageStanding>,
    /// Why, in the language of the request.
    reasons: Vec<String>,
    /// What brings it; each was tried.
    remedies: Vec<RemedyResponse>,
    /// The verdict on what the search finds, as in a search.
    #[schema(value_type = Option<Object>)]
    evidence: Option<Evidence>,
}

impl WhyNotResponse {
    /// The report in somebody's words.
    pub(crate) fn told(report: WhyNot, tongue: Tongue) -> Self {
        let reasons = reasons::all(&report, tongue);
        let expected = match (report.expected, &report.standing) {
            (Some(passage), _) => Some(passage.into()),
            (None, Some(standing)) => Some(standing.into()),
            (None, None) => None,
        };
        let name = expected
            .as_ref()
            .map(|expected: &ExpectedResponse| expected.document_name.clone())
            .unwrap_or_default();
        let tried = report.remedies.iter();
        Self {
            verdict: report.finding,
            stage: report.finding.stage(),
            query: report.query,
            settings: report.settings,
            remedies: tried
                .map(|remedy| RemedyResponse::told(remedy, &name, tongue))
                .collect(),
            expected,
            stages: report.stages,
            reasons,
            evidence: report.evidence,
        }
    }
}

/// Says why a passage does not come: at which stage the search loses it, and what would have brought it.
#[utoipa::path(post, path = "/api/v1/knowledge-bases/{kb}/why-not", tag = "questions",
    params(("kb" = String, Path, description = "Id or name")), request_body = WhyNotRequest, responses(
    (status = 200, body = WhyNotResponse),
    (status = 400, description = "`empty_question`, `only_filters`, `out_of_range`, `invalid_parameter`",
        body = ErrorResponse),
    (status = 503, description = "`index_unavailable`, `embedder_unavailable`", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn why_not(
    State(app): State<App>,
    context: RequestContext,
    InKnowledgeBase(base): InKnowledgeBase,
    Body(mut request): Body<WhyNotRequest>,
) -> Result<Json<WhyNotResponse>, ApiError> {
    let expected = request.expected()?;
    let search = request.search.within(&[base])?;
    let report = app.state.retriever.why_not(Wanted { search, expected });
    Ok(Json(WhyNotResponse::told(report.await?, context.tongue)))
}
