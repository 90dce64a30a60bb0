//! Jobs: looked at, followed, stopped and begun again.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::shapes::{FailureResponse, ProgressResponse};
use crate::catalog::{Job, Stage, Status};
use crate::http::context::RequestContext;
use crate::http::error::{ApiError, ErrorResponse};
use crate::http::extract::{OfJob, OptionalBody};
use crate::http::language::Tongue;
use crate::http::sse::{job_events, stream_permit};
use crate::http::state::App;
use crate::jobs::JobEvent;
use crate::model::{DocumentId, JobId, KnowledgeBaseId, Password, optional_password};

/// The work of making one version of a document searchable.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JobResponse {
    /// Its id.
    #[schema(value_type = String)]
    id: JobId,
    /// The knowledge base.
    #[schema(value_type = String)]
    knowledge_base_id: KnowledgeBaseId,
    /// The document.
    #[schema(value_type = String)]
    document_id: DocumentId,
    /// The document's name.
    name: String,
    /// queued, running, ready, failed or cancelled.
    #[schema(value_type = String)]
    status: Status,
    /// queued, reading, splitting, embedding or publishing.
    #[schema(value_type = String)]
    stage: Stage,
    /// How often it was begun.
    attempt: u32,
    #[serde(flatten)]
    progress: ProgressResponse,
    /// Seconds until the document can be found; null while there is nothing to reckon from, and after the end.
    seconds_left: Option<u64>,
    /// Why it failed.
    error: Option<FailureResponse>,
    /// When it was queued.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl JobResponse {
    async fn told(job: Job, app: &App, tongue: Tongue) -> Result<Json<Self>, ApiError> {
        let forecast = app.state.ingestor.forecast().await?;
        Ok(Json(Self {
            seconds_left: forecast.seconds_left(job.id),
            id: job.id,
            knowledge_base_id: job.knowledge_base,
            document_id: job.document,
            name: job.name,
            status: job.status,
            stage: job.stage,
            attempt: job.attempt,
            progress: job.progress.into(),
            error: job.error.map(|error| FailureResponse::told(error, tongue)),
            created_at: job.created_at,
            updated_at: job.updated_at,
        }))
    }
}

/// What followers of a job are sent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JobEventResponse {
    /// The job.
    #[schema(value_type = String)]
    job_id: JobId,
    /// Its document.
    #[schema(value_type = String)]
    document_id: DocumentId,
    /// queued, running, ready, failed or cancelled.
    #[schema(value_type = String)]
    status: Status,
    /// queued, reading, splitting, embedding or publishing.
    #[schema(value_type = String)]
    stage: Stage,
    #[serde(flatten)]
    progress: ProgressResponse,
    /// Seconds until the document can be found; null while there is nothing to reckon from, and after the end.
    seconds_left: Option<u64>,
    /// Whether others are read or embedded before it goes on.
    waiting_for_turn: bool,
    /// Whether its next passages wait until the index is in order, which takes seconds, on a busy machine minutes.
    waiting_for_index: bool,
    /// Why it failed.
    error: Option<FailureResponse>,
}

impl JobEventResponse {
    pub(crate) fn told(event: JobEvent, tongue: Tongue) -> Self {
        Self {
            job_id: event.job_id,
            document_id: event.document_id,
            status: event.status,
            stage: event.stage,
            progress: event.progress.into(),
            seconds_left: event.seconds_left,
            waiting_for_turn: event.waiting_for_turn,
            waiting_for_index: event.waiting_for_index,
            error: event
                .error
                .map(|error| FailureResponse::told(error, tongue)),
        }
    }
}

/// One job.
#[utoipa::path(get, path = "/api/v1/jobs/{id}", tag = "jobs",
    params(("id" = String, Path, description = "Job id")), responses(
    (status = 200, body = JobResponse),
    (status = 404, description = "`job_not_found`", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn get_job(
    State(app): State<App>,
    context: RequestContext,
    OfJob(id): OfJob,
) -> Result<Json<JobResponse>, ApiError> {
    let job = app.state.catalog.job(id).await?;
    JobResponse::told(job, &app, context.tongue).await
}

/// A job as it goes, as server-sent events: `progress` with the present state at once and at every change, then one
/// `done` with the final status.
#[utoipa::path(get, path = "/api/v1/jobs/{id}/events", tag = "jobs",
    params(("id" = String, Path, description = "Job id")), responses(
    (status = 200, description = "`progress`*, `done`", body = JobEventResponse, content_type = "text/event-stream"),
    (status = 404, description = "`job_not_found`", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn follow_job(
    State(app): State<App>,
    context: RequestContext,
    OfJob(id): OfJob,
) -> Result<Response, ApiError> {
    let permit = stream_permit(&app.streams)?;
    let events = app.state.ingestor.subscribe(id).await?;
    Ok(job_events(events, &context, permit))
}

/// Stops a job.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/cancel", tag = "jobs",
    params(("id" = String, Path, description = "Job id")), responses(
    (status = 200, description = "The job as it now stands", body = JobResponse),
    (status = 409, description = "`not_cancellable`: it has ended", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn cancel_job(
    State(app): State<App>,
    context: RequestContext,
    OfJob(id): OfJob,
) -> Result<Json<JobResponse>, ApiError> {
    let job = app.state.ingestor.cancel(id).await?;
    JobResponse::told(job, &app, context.tongue).await
}

/// What to do otherwise this time.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(crate) struct RetryRequest {
    /// Opens the file, after `password_required`; kept until it has been read, and shown nowhere.
    #[serde(default, deserialize_with = "optional_password")]
    #[schema(value_type = Option<String>)]
    password: Option<Password>,
}

/// Queues a failed or cancelled job again, with a password where one is needed. The body may be left out. With a password a
/// document that was read but for locked parts is read anew; the answer is the new job.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/retry", tag = "jobs",
    params(("id" = String, Path, description = "Job id")),
    request_body(content = Option<RetryRequest>, content_type = "application/json"), responses(
    (status = 200, description = "The job as it now stands", body = JobResponse),
    (status = 409, description = "`not_retryable`: it has neither failed nor been cancelled", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn retry_job(
    State(app): State<App>,
    context: RequestContext,
    OfJob(id): OfJob,
    OptionalBody(RetryRequest { password }): OptionalBody<RetryRequest>,
) -> Result<Json<JobResponse>, ApiError> {
    let job = app.state.ingestor.retry(id, password).await?;
    JobResponse::told(job, &app, context.tongue).await
}
