//! Whether the server lives, whether it can work, and in figures how it does.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use futures::future::join_all;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::error::{ApiError, ErrorResponse, Outcome};
use crate::http::state::{App, NotReady, ReadinessCheck};
use crate::telemetry::{Stock, record_stock};

/// The server lives.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HealthResponse {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
    /// Version of the program.
    #[schema(example = "0.1.0")]
    version: &'static str,
}

/// Whether the server can work.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReadinessResponse {
    /// Whether every part is ready.
    ready: bool,
    /// The parts: `models`, `index`, `catalog`.
    checks: Vec<CheckResponse>,
}

/// One part of the server.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckResponse {
    /// `models`, `index` or `catalog`.
    #[schema(example = "index")]
    name: &'static str,
    /// Whether it can work.
    ready: bool,
    /// What is there, or what is wrong.
    detail: String,
    /// What to do about it; absent when ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

/// Liveness: answers as long as the process does.
#[utoipa::path(get, path = "/healthz", tag = "server", responses((status = 200, body = HealthResponse)))]
pub(crate) async fn healthz() -> Json<HealthResponse> {
    Json(HealthResponse {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// Readiness: models, index and catalog, each by name, with what to do about one that is not ready.
#[utoipa::path(get, path = "/readyz", tag = "server", responses(
    (status = 200, description = "Everything is ready", body = ReadinessResponse),
    (status = 503, description = "Something is not; its check has a hint", body = ReadinessResponse),
))]
pub(crate) async fn readyz(State(app): State<App>) -> Response {
    let checks = join_all(app.state.readiness.iter().map(ask)).await;
    let ready = checks.iter().all(|check| check.ready);
    let body = Json(ReadinessResponse { ready, checks });
    if ready {
        body.into_response()
    } else {
        Outcome::NotReady.with(HeaderMap::new(), body)
    }
}

async fn ask(check: &ReadinessCheck) -> CheckResponse {
    let name = check.name;
    match (check.probe)().await {
        Ok(detail) => CheckResponse {
            name,
            ready: true,
            detail,
            hint: None,
        },
        Err(NotReady { detail, hint }) => CheckResponse {
            name,
            ready: false,
            detail,
            hint: Some(hint),
        },
    }
}

/// Figures for Prometheus: requests, times, answers, tokens, jobs, documents.
#[utoipa::path(get, path = "/metrics", tag = "server", responses(
    (status = 200, description = "Prometheus text format", body = String, content_type = "text/plain"),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn metrics(State(app): State<App>) -> Result<Response, ApiError> {
    let totals = app.state.catalog.totals().await?;
    record_stock(Stock {
        documents: totals.documents,
        chunks: totals.chunks,
        queued: totals.queued,
        running: totals.running,
        failed: totals.failed,
    });
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    Ok(([(CONTENT_TYPE, kind)], app.state.metrics.render()).into_response())
}
