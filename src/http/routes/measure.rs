//! A knowledge base measured by its gold questions, and its threshold fitted.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::OwnedSemaphorePermit;
use utoipa::ToSchema;

use super::retrieval::checked;
use crate::catalog::StoredCalibration;
use crate::eval::{CalibrateOptions, CalibrateWith, GoldOptions, Report, calibrate, evaluate};
use crate::http::code::ErrorCode;
use crate::http::error::{ApiError, ErrorResponse, Outcome};
use crate::http::extract::{InKnowledgeBase, OptionalBody, within};
use crate::http::state::App;
use crate::retrieve::{Calibration, RetrievalChange, SearchMode};

/// When to come back while somebody else measures.
const RETRY: Duration = Duration::from_secs(5);
/// Most questions of one evaluation.
const MOST_ASKED: usize = 5_000;

/// How to measure.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct EvaluateRequest {
    /// Most questions to ask, spread evenly, 1 to 5,000; 1,000 when left out.
    #[serde(default)]
    limit: Option<usize>,
    /// hybrid, dense or lexical.
    #[serde(default)]
    #[schema(value_type = String, example = "hybrid")]
    mode: Option<SearchMode>,
    /// Retrieval settings to try, as in a search.
    #[serde(default)]
    #[schema(value_type = Object)]
    settings: Option<RetrievalChange>,
}

/// A run: the figures by their names, and how sure they are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EvaluationResponse {
    /// `recall_at_1`, `recall_at_5`, `recall_at_10`, `mrr_at_10`, `ndcg_at_10`, `gate_refusal_recall`,
    /// `gate_false_refusal_rate`, `search_ms_p50` and more; `intervals` with the 95% interval of each; `threshold`;
    /// `lost`, the questions whose documents are gone; and `results`, one for each question.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    report: Report,
}

/// How to calibrate.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct CalibrateRequest {
    /// Questions to make of the passages, 20 to 1,000; 200 when left out.
    #[serde(default)]
    questions: Option<usize>,
    /// Another seed draws other passages; 1 when left out.
    #[serde(default)]
    seed: Option<u64>,
}

/// A threshold that was fitted to a knowledge base. Shares are in [0, 1], intervals hold 95%.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CalibrationResponse {
    /// `threshold`, `model` (the evidence model that it was fitted for), `built_in`, `made`, `written` (of the made ones, by the language model) and `gold` (questions), `refused` (share of unanswerable
    /// questions refused), `lost` (share of answerable ones refused), `refused_interval`, `lost_interval`,
    /// `refused_built_in`, `lost_built_in`.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    calibration: Calibration,
    /// Whether searches use it; not when it was fitted for another evidence model or another embedder's vectors.
    in_use: bool,
    /// When it was fitted; absent in the answer to the request that fits it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    created_at: Option<Timestamp>,
}

impl CalibrationResponse {
    /// A stored calibration beside the evidence model that is in use.
    pub(super) fn told(stored: StoredCalibration, model: &str) -> Self {
        Self {
            in_use: stored.calibration.threshold.model == model && stored.fits_embedder,
            calibration: stored.calibration,
            created_at: Some(stored.created_at),
        }
    }
}

/// Thousands of searches at a stretch: one at a time.
fn turn(app: &App) -> Result<OwnedSemaphorePermit, ApiError> {
    Arc::clone(&app.measuring)
        .try_acquire_owned()
        .map_err(|_taken| ApiError::busy(ErrorCode::TooManyRequests, RETRY))
}

/// Asks the gold questions of a knowledge base and reckons the figures.
#[utoipa::path(post, path = "/api/v1/knowledge-bases/{kb}/evaluate", tag = "quality",
    params(("kb" = String, Path, description = "Id or name")), request_body = EvaluateRequest, responses(
    (status = 200, body = EvaluationResponse),
    (status = 422, description = "`no_gold_questions`", body = ErrorResponse),
    (status = 429, description = "`too_many_requests`: somebody else measures now", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn evaluate_knowledge_base(
    State(app): State<App>,
    InKnowledgeBase(base): InKnowledgeBase,
    OptionalBody(request): OptionalBody<EvaluateRequest>,
) -> Result<Json<EvaluationResponse>, ApiError> {
    let options = GoldOptions {
        limit: within("limit", request.limit, 1_000, 1..=MOST_ASKED)?,
        mode: request.mode,
        settings: checked(request.settings.unwrap_or_default())?,
    };
    let _turn = turn(&app)?;
    let set = app.state.catalog.gold_set(base.id).await?;
    let report = evaluate(&app.state.retriever, &base, &set, options, &|_, _| {}).await?;
    Ok(Json(EvaluationResponse { report }))
}

/// Fits the threshold for refusing questions to a knowledge base, with questions made from its own passages.
#[utoipa::path(post, path = "/api/v1/knowledge-bases/{kb}/calibrate", tag = "quality",
    params(("kb" = String, Path, description = "Id or name")), request_body = CalibrateRequest, responses(
    (status = 200, body = CalibrationResponse),
    (status = 422, description = "`too_little_text`", body = ErrorResponse),
    (status = 429, description = "`too_many_requests`: somebody else measures now", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn calibrate_knowledge_base(
    State(app): State<App>,
    InKnowledgeBase(base): InKnowledgeBase,
    OptionalBody(request): OptionalBody<CalibrateRequest>,
) -> Result<Json<CalibrationResponse>, ApiError> {
    let usual = CalibrateOptions::default();
    let options = CalibrateOptions {
        questions: within("questions", request.questions, usual.questions, 20..=1_000)?,
        seed: request.seed.unwrap_or(usual.seed),
    };
    let _turn = turn(&app)?;
    let state = &app.state;
    let with = CalibrateWith {
        catalog: &state.catalog,
        retriever: &state.retriever,
        generator: state.answerer.generator(),
    };
    let calibration = calibrate(with, &base, options, &|_, _| {}).await?;
    Ok(Json(CalibrationResponse {
        calibration,
        in_use: true,
        created_at: None,
    }))
}

/// Goes back to the built-in threshold; also where there is no other.
#[utoipa::path(delete, path = "/api/v1/knowledge-bases/{kb}/calibration", tag = "quality",
    params(("kb" = String, Path, description = "Id or name")), responses(
    (status = 204, description = "The built-in threshold is in use"),
    (status = 404, description = "`knowledge_base_not_found`", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn forget_calibration(
    State(app): State<App>,
    InKnowledgeBase(base): InKnowledgeBase,
) -> Result<Response, ApiError> {
    app.state.catalog.forget_calibration(base.id).await?;
    Ok(Outcome::NoContent.into_response())
}
