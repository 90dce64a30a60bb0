//! Gold questions: what a knowledge base is measured by.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::shapes::FailureResponse;
use crate::catalog::{Expected, ExpectedBy, GoldQuestion, NewGoldQuestion, Origin};
use crate::eval::import_gold;
use crate::http::context::RequestContext;
use crate::http::error::{ApiError, ErrorResponse, Outcome};
use crate::http::extract::{Body, InKnowledgeBase, Lines, OfGoldQuestion, Query, within};
use crate::http::state::App;
use crate::model::{DocumentId, GoldId, Question};

/// Which gold questions to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct GoldQuery {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Most questions to return, 1 to 1,000; 100 when left out.
    limit: Option<usize>,
}

/// A document, or a passage of it, that answers a question.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExpectedResponse {
    /// The document.
    #[schema(value_type = String)]
    document_id: DocumentId,
    /// Its name when the question was added.
    document_name: String,
    /// Text that the right passage holds; null where any passage of the document will do.
    passage: Option<String>,
}

impl From<Expected> for ExpectedResponse {
    fn from(expected: Expected) -> Self {
        Self {
            document_id: expected.document_id,
            document_name: expected.document_name,
            passage: expected.passage,
        }
    }
}

/// A question whose answer is known.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GoldQuestionResponse {
    /// Its id.
    #[schema(value_type = String)]
    id: GoldId,
    /// What is asked.
    question: String,
    /// Whether the knowledge base holds an answer.
    answerable: bool,
    /// Any of these answers it.
    expected: Vec<ExpectedResponse>,
    /// typed, imported or promoted.
    #[schema(value_type = String)]
    origin: Origin,
    /// When it was added.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<GoldQuestion> for GoldQuestionResponse {
    fn from(gold: GoldQuestion) -> Self {
        Self {
            id: gold.id,
            question: gold.question,
            answerable: gold.answerable,
            expected: gold.expected.into_iter().map(Into::into).collect(),
            origin: gold.origin,
            created_at: gold.created_at,
        }
    }
}

/// Some gold questions, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GoldQuestionsResponse {
    /// The questions.
    gold_questions: Vec<GoldQuestionResponse>,
    /// All that there are, at most 5,000.
    total: usize,
    /// Where the next page begins; null at the end.
    next_cursor: Option<String>,
}

/// What answers a question, as a person names it.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ExpectedRequest {
    /// Name or id of a document of the knowledge base.
    document: String,
    /// Text that the right passage holds, at most 8,000 characters.
    #[serde(default)]
    passage: Option<String>,
}

/// A gold question to be added.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct AddGoldQuestionRequest {
    /// What is asked, at most 4,000 characters.
    question: String,
    /// Whether the knowledge base holds an answer; true when left out.
    #[serde(default = "yes")]
    answerable: bool,
    /// What answers it: 1 to 50 for an answerable question, none for another one.
    #[serde(default)]
    expected: Vec<ExpectedRequest>,
}

const fn yes() -> bool {
    true
}

/// A citation as an answer carries it; its other fields are passed over.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct PromotedCitation {
    /// The document.
    document_id: String,
    /// The text that was cited.
    quote: String,
}

/// A question with what was right about its answer.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct PromoteRequest {
    /// What was asked.
    question: String,
    /// The citations that a person approved; none for a refusal.
    #[serde(default)]
    citations: Vec<PromotedCitation>,
    /// Whether the answer was a refusal, and rightly so.
    #[serde(default)]
    refused: bool,
}

/// A line that was not taken.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RefusedLineResponse {
    /// Its number, from 1.
    line: usize,
    /// Why.
    error: FailureResponse,
}

/// What became of the lines.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportedResponse {
    /// Questions that are there now.
    imported: usize,
    /// Lines that were not taken.
    refused: Vec<RefusedLineResponse>,
}

/// Lists the gold questions of a knowledge base, oldest first.
#[utoipa::path(get, path = "/api/v1/knowledge-bases/{kb}/gold-questions", tag = "quality",
    params(("kb" = String, Path, description = "Id or name"), GoldQuery), responses(
    (status = 200, body = GoldQuestionsResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn list_gold_questions(
    State(app): State<App>,
    InKnowledgeBase(base): InKnowledgeBase,
    Query(query): Query<GoldQuery>,
) -> Result<Json<GoldQuestionsResponse>, ApiError> {
    let limit = within("limit", query.limit, 100, 1..=1_000)?;
    let page = app
        .state
        .catalog
        .gold_questions(base.id, query.cursor, limit)
        .await?;
    Ok(Json(GoldQuestionsResponse {
        gold_questions: page.gold_questions.into_iter().map(Into::into).collect(),
        total: page.total,
        next_cursor: page.next_cursor,
    }))
}

/// Adds a gold question. The same question, whatever its case or width, is replaced.
#[utoipa::path(post, path = "/api/v1/knowledge-bases/{kb}/gold-questions", tag = "quality",
    params(("kb" = String, Path, description = "Id or name")), request_body = AddGoldQuestionRequest, responses(
    (status = 201, description = "Added", body = GoldQuestionResponse),
    (status = 400, description = "`empty_question`, `question_too_long`, `invalid_request`", body = ErrorResponse),
    (status = 404, description = "`knowledge_base_not_found`, `document_not_found`", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn add_gold_question(
    State(app): State<App>,
    InKnowledgeBase(base): InKnowledgeBase,
    Body(request): Body<AddGoldQuestionRequest>,
) -> Result<Response, ApiError> {
    let expected = request.expected.into_iter().map(|one| ExpectedBy {
        document: one.document,
        passage: one.passage,
    });
    let new = NewGoldQuestion {
        question: Question::try_from(request.question.as_str())?,
        answerable: request.answerable,
        expected: expected.collect(),
        origin: Origin::Typed,
    };
    let added = app.state.catalog.add_gold_question(base.id, new).await?;
    let body = Json(GoldQuestionResponse::from(added));
    Ok(Outcome::Created.with(HeaderMap::new(), body))
}

/// Makes a gold question of an answer: the citations that a person approved become what is expected.
#[utoipa::path(post, path = "/api/v1/knowledge-bases/{kb}/gold-questions/promote", tag = "quality",
    params(("kb" = String, Path, description = "Id or name")), request_body = PromoteRequest, responses(
    (status = 201, description = "Added", body = GoldQuestionResponse),
    (status = 400, description = "`empty_question`, `invalid_request`", body = ErrorResponse),
    (status = 404, description = "`knowledge_base_not_found`, `document_not_found`", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn promote_answer(
    State(app): State<App>,
    InKnowledgeBase(base): InKnowledgeBase,
    Body(request): Body<PromoteRequest>,
) -> Result<Response, ApiError> {
    let expected = request.citations.into_iter().map(|citation| ExpectedBy {
        document: citation.document_id,
        passage: Some(citation.quote),
    });
    let new = NewGoldQuestion {
        question: Question::try_from(request.question.as_str())?,
        answerable: !request.refused,
        expected: expected.collect(),
        origin: Origin::Promoted,
    };
    let added = app.state.catalog.add_gold_question(base.id, new).await?;
    let body = Json(GoldQuestionResponse::from(added));
    Ok(Outcome::Created.with(HeaderMap::new(), body))
}

/// Adds the questions of up to 1,000 lines of JSON: `{"question", "relevant": ["document"], "answerable"}`, with documents
/// by id or by name (the ending may be left out), or `expected` as when one is added. A wrong line does not hinder others.
#[utoipa::path(post, path = "/api/v1/knowledge-bases/{kb}/gold-questions/import", tag = "quality",
    params(("kb" = String, Path, description = "Id or name")),
    request_body(content = String, content_type = "application/x-ndjson"), responses(
    (status = 200, body = ImportedResponse),
    (status = 415, description = "`unsupported_media_type`", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn import_gold_questions(
    State(app): State<App>,
    context: RequestContext,
    InKnowledgeBase(base): InKnowledgeBase,
    Lines(text): Lines,
) -> Result<Json<ImportedResponse>, ApiError> {
    let outcome = import_gold(&app.state.catalog, base.id, &text).await?;
    let refused = outcome.refused.into_iter().map(|(line, refusal)| {
        let error = ApiError::from(refusal).body(&context);
        RefusedLineResponse {
            line,
            error: FailureResponse::refused(error),
        }
    });
    Ok(Json(ImportedResponse {
        imported: outcome.imported,
        refused: refused.collect(),
    }))
}

/// Removes a gold question.
#[utoipa::path(delete, path = "/api/v1/knowledge-bases/{kb}/gold-questions/{id}", tag = "quality",
    params(("kb" = String, Path, description = "Id or name"), ("id" = String, Path, description = "Gold question")),
    responses(
    (status = 204, description = "Removed"),
    (status = 404, description = "`gold_question_not_found`", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn remove_gold_question(
    State(app): State<App>,
    of: OfGoldQuestion,
) -> Result<Response, ApiError> {
    let catalog = &app.state.catalog;
    catalog
        .remove_gold_question(of.knowledge_base.id, of.id)
        .await?;
    Ok(Outcome::NoContent.into_response())
}
