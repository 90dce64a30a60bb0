//! Knowledge bases: made, listed, renamed and deleted.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::measure::CalibrationResponse;
use super::retrieval::{RetrievalResponse, checked};
use crate::catalog::{KnowledgeBase, KnowledgeBaseChange, NewKnowledgeBase, Workload};
use crate::http::error::{ApiError, ErrorResponse, Outcome};
use crate::http::extract::{Body, InKnowledgeBase};
use crate::http::state::App;
use crate::model::KnowledgeBaseId;
use crate::retrieve::RetrievalChange;

/// A knowledge base to be made.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct CreateKnowledgeBaseRequest {
    /// 1 to 100 characters; unique without regard to case.
    #[schema(example = "合同与制度")]
    name: String,
    /// What it is for; at most 2,000 characters.
    #[serde(default)]
    description: Option<String>,
}

/// What is to change; fields left out stay as they are.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ChangeKnowledgeBaseRequest {
    /// A new name.
    #[serde(default)]
    name: Option<String>,
    /// A new description.
    #[serde(default)]
    description: Option<String>,
    /// Other retrieval settings: a field left out stays, `null` goes back to the default.
    #[serde(default)]
    #[schema(value_type = Option<RetrievalResponse>)]
    retrieval: Option<RetrievalChange>,
}

/// A knowledge base.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KnowledgeBaseResponse {
    /// Its id; paths take it or the name.
    #[schema(value_type = String)]
    id: KnowledgeBaseId,
    /// Its name.
    name: String,
    /// What it is for.
    description: String,
    /// Documents in it, whatever their status.
    documents: u64,
    /// Documents of which the newest version waits to be read.
    queued: u64,
    /// Documents of which the newest version is being worked on.
    running: u64,
    /// Documents of which the newest version could not be read; an earlier one may still be found.
    failed: u64,
    /// Passages that can be found.
    chunks: u64,
    /// Fingerprint of the model whose vectors are searched.
    embedder: String,
    /// How searches and answers look for passages here; `null` is the default.
    retrieval: RetrievalResponse,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// The threshold that was fitted to it, with what that refuses and loses; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    calibration: Option<CalibrationResponse>,
}

impl KnowledgeBaseResponse {
    fn told(base: KnowledgeBase, load: Workload, calibration: Option<CalibrationResponse>) -> Self {
        Self {
            id: base.id,
            name: base.name,
            description: base.description,
            documents: base.documents,
            queued: load.queued,
            running: load.running,
            failed: load.failed,
            chunks: base.chunks,
            embedder: base.embedder,
            retrieval: base.retrieval.into(),
            created_at: base.created_at,
            calibration,
        }
    }

    async fn with_load(base: KnowledgeBase, app: &App) -> Result<Self, ApiError> {
        let loads = app.state.catalog.workloads().await?;
        let load = loads.get(&base.id).copied().unwrap_or_default();
        let calibration = calibrations(app).await?.remove(&base.id);
        Ok(Self::told(base, load, calibration))
    }
}

/// What was fitted to knowledge bases, as it is told.
async fn calibrations(
    app: &App,
) -> Result<HashMap<KnowledgeBaseId, CalibrationResponse>, ApiError> {
    let model = app.state.retriever.evidence_model();
    let stored = app.state.catalog.calibrations().await?.into_iter();
    let told = stored.map(|(base, stored)| (base, CalibrationResponse::told(stored, model)));
    Ok(told.collect())
}

/// All knowledge bases.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KnowledgeBasesResponse {
    /// All of them.
    knowledge_bases: Vec<KnowledgeBaseResponse>,
}

/// Makes a knowledge base.
#[utoipa::path(post, path = "/api/v1/knowledge-bases", tag = "knowledge bases",
    request_body = CreateKnowledgeBaseRequest, responses(
    (status = 201, description = "Made", body = KnowledgeBaseResponse),
    (status = 409, description = "`name_taken`", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn create_knowledge_base(
    State(app): State<App>,
    Body(request): Body<CreateKnowledgeBaseRequest>,
) -> Result<Response, ApiError> {
    let new = NewKnowledgeBase {
        name: request.name,
        description: request.description.unwrap_or_default(),
    };
    let made = app.state.catalog.create_knowledge_base(new).await?;
    Ok(Outcome::Created.with(
        HeaderMap::new(),
        Json(KnowledgeBaseResponse::told(made, Workload::default(), None)),
    ))
}

/// Lists all knowledge bases.
#[utoipa::path(get, path = "/api/v1/knowledge-bases", tag = "knowledge bases", responses(
    (status = 200, body = KnowledgeBasesResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn list_knowledge_bases(
    State(app): State<App>,
) -> Result<Json<KnowledgeBasesResponse>, ApiError> {
    let bases = app.state.catalog.knowledge_bases().await?;
    let loads = app.state.catalog.workloads().await?;
    let mut fitted = calibrations(&app).await?;
    let told = bases.into_iter().map(|base| {
        let load = loads.get(&base.id).copied().unwrap_or_default();
        let calibration = fitted.remove(&base.id);
        KnowledgeBaseResponse::told(base, load, calibration)
    });
    Ok(Json(KnowledgeBasesResponse {
        knowledge_bases: told.collect(),
    }))
}

/// One knowledge base.
#[utoipa::path(get, path = "/api/v1/knowledge-bases/{kb}", tag = "knowledge bases",
    params(("kb" = String, Path, description = "Id or name")), responses(
    (status = 200, body = KnowledgeBaseResponse),
    (status = 404, description = "`knowledge_base_not_found`", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn get_knowledge_base(
    State(app): State<App>,
    InKnowledgeBase(base): InKnowledgeBase,
) -> Result<Json<KnowledgeBaseResponse>, ApiError> {
    KnowledgeBaseResponse::with_load(base, &app).await.map(Json)
}

/// Renames a knowledge base, or changes its description or how it is searched.
#[utoipa::path(patch, path = "/api/v1/knowledge-bases/{kb}", tag = "knowledge bases",
    params(("kb" = String, Path, description = "Id or name")),
    request_body = ChangeKnowledgeBaseRequest, responses(
    (status = 200, body = KnowledgeBaseResponse),
    (status = 400, description = "`out_of_range`, `invalid_body`", body = ErrorResponse),
    (status = 409, description = "`name_taken`", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn change_knowledge_base(
    State(app): State<App>,
    InKnowledgeBase(base): InKnowledgeBase,
    Body(request): Body<ChangeKnowledgeBaseRequest>,
) -> Result<Json<KnowledgeBaseResponse>, ApiError> {
    let change = KnowledgeBaseChange {
        name: request.name,
        description: request.description,
        retrieval: request.retrieval.map(checked).transpose()?,
    };
    let changed = app.state.catalog.change_knowledge_base(base.id, change);
    KnowledgeBaseResponse::with_load(changed.await?, &app)
        .await
        .map(Json)
}

/// Deletes a knowledge base with everything in it. There is no way back.
#[utoipa::path(delete, path = "/api/v1/knowledge-bases/{kb}", tag = "knowledge bases",
    params(("kb" = String, Path, description = "Id or name")), responses(
    (status = 204, description = "Deleted"),
    (status = 404, description = "`knowledge_base_not_found`", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn delete_knowledge_base(
    State(app): State<App>,
    InKnowledgeBase(base): InKnowledgeBase,
) -> Result<Response, ApiError> {
    app.state.catalog.delete_knowledge_base(base.id).await?;
    Ok(Outcome::NoContent.into_response())
}
