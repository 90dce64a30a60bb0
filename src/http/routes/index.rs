//! The index: which embedder made it, and the change to another one while searches go on.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::context::RequestContext;
use crate::http::error::{ApiError, ErrorResponse, Outcome};
use crate::http::extract::Body;
use crate::http::failure_words;
use crate::http::language::Tongue;
use crate::http::state::App;
use crate::jobs::IndexStatus;

/// An embedder, by name or fingerprint.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct EmbedderRequest {
    /// Its name, as `wenyuan models list` shows it, or its whole fingerprint.
    #[schema(example = "multilingual-e5-small")]
    embedder: String,
}

/// How the index stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IndexResponse {
    /// `active`, the collection that is searched: `model`, `fingerprint`, `dimension`, `complete`, `created_at`; `other`,
    /// the same for the one beside it, or null; `filling`, null or how far the one is that is filled: `documents`,
    /// `documents_done`, `passages`, `passages_done`, `seconds_left`, `failed`, `failures` (`document_id`,
    /// `document_name`, `error`), `problem`; `ready`, whether searches could go to the other one now; `embedders`, those
    /// installed: `model`, `fingerprint`, `dimension`, `chosen`.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    status: IndexStatus,
    /// An embedder that a person chose and that is neither in use nor on its way; null where there is none.
    unheeded_choice: Option<String>,
}

impl IndexResponse {
    async fn now(app: &App, tongue: Tongue) -> Result<Json<Self>, ApiError> {
        let mut status = app.state.ingestor.index_status().await?;
        if let Some(filling) = &mut status.filling {
            for failure in &mut filling.failures {
                failure.error.message = failure_words(&failure.error, tongue);
            }
        }
        let unheeded_choice = status.unheeded_choice().map(|one| one.model.clone());
        Ok(Json(Self {
            status,
            unheeded_choice,
        }))
    }
}

/// How the index stands: the embedder that made it, and a change to another one with its progress.
#[utoipa::path(get, path = "/api/v1/index", tag = "index", responses(
    (status = 200, body = IndexResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn get_index(
    State(app): State<App>,
    context: RequestContext,
) -> Result<Json<IndexResponse>, ApiError> {
    IndexResponse::now(&app, context.tongue).await
}

/// Begins to build an index for another embedder in the background; searches go on with the one in use.
///
/// Nothing is read or uploaded again. It goes on after a restart. Beginning the same one again changes nothing.
#[utoipa::path(post, path = "/api/v1/index/build", tag = "index", request_body = EmbedderRequest, responses(
    (status = 202, description = "Under way", body = IndexResponse),
    (status = 409, description = "`embedder_in_use`, `index_change_under_way`", body = ErrorResponse),
    (status = 422, description = "`embedder_not_installed`", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn build_index(
    State(app): State<App>,
    context: RequestContext,
    Body(request): Body<EmbedderRequest>,
) -> Result<Response, ApiError> {
    app.state.ingestor.begin_index(&request.embedder).await?;
    let told = IndexResponse::now(&app, context.tongue).await?;
    Ok(Outcome::Accepted.with(HeaderMap::new(), told))
}

/// Searches go to the index of this embedder from now on. The one before is kept up to date: the same call with its name
/// goes back, and no document is lost by that.
#[utoipa::path(post, path = "/api/v1/index/switch", tag = "index", request_body = EmbedderRequest, responses(
    (status = 200, description = "In use, also if it was before", body = IndexResponse),
    (status = 409, description = "`index_not_ready`, `no_other_index`, `embedder_mismatch`", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn switch_index(
    State(app): State<App>,
    context: RequestContext,
    Body(request): Body<EmbedderRequest>,
) -> Result<Json<IndexResponse>, ApiError> {
    app.state.ingestor.switch_index(&request.embedder).await?;
    IndexResponse::now(&app, context.tongue).await
}

/// Gives up the index beside the one in use with its data: stops its building, or ends the way back.
#[utoipa::path(delete, path = "/api/v1/index/other", tag = "index", responses(
    (status = 204, description = "Given up"),
    (status = 409, description = "`no_other_index`", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn drop_other_index(State(app): State<App>) -> Result<Response, ApiError> {
    app.state.ingestor.drop_index().await?;
    Ok(Outcome::NoContent.into_response())
}
