//! Documents: uploaded, listed, renamed, tagged, deleted, and shown as they came or as they were read.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

pub(crate) use super::shapes::{
    DocumentResponse, DocumentsResponse, UploadResponse, UploadedResponse,
};
use crate::catalog::{DocumentChange, DocumentQuery, NewDocument, Status};
use crate::http::code::ErrorCode;
use crate::http::content;
use crate::http::context::RequestContext;
use crate::http::error::{ApiError, ErrorResponse, Outcome};
use crate::http::extract::{Body, InDocument, InKnowledgeBase, Query, within};
use crate::http::state::App;
use crate::http::upload::{ReceivedFile, Upload, UploadMetadata};
use crate::model::KnowledgeBaseId;
use crate::telemetry::record_upload;

/// What is to change; fields left out stay as they are.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ChangeDocumentRequest {
    /// A new name.
    #[serde(default)]
    name: Option<String>,
    /// New tags, in place of the old.
    #[serde(default)]
    tags: Option<Vec<String>>,
    /// A title in place of the one found in the text; an empty one gives that back.
    #[serde(default)]
    title: Option<String>,
}

/// Which documents to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListDocumentsQuery {
    /// Only those in this status: queued, running, ready, failed or cancelled.
    status: Option<String>,
    /// Only this format: pdf, docx, html, markdown, text and so on.
    kind: Option<String>,
    /// Only this main language: zh, zh-Hant, en or other.
    language: Option<String>,
    /// Only those with this tag.
    tag: Option<String>,
    /// Only those whose author has this in it, whatever its case, width or script.
    author: Option<String>,
    /// Only those whose name or title has this in it, whatever its case, width or script.
    q: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Most documents to return, 1 to 1,000; 100 when left out.
    limit: Option<usize>,
}

/// Which characters of the text.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TextQuery {
    /// First character; 0 when left out.
    start: Option<usize>,
    /// One past the last character; the end when left out.
    end: Option<usize>,
}

/// What an upload form holds.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only describes the form in the OpenAPI document")]
pub(crate) struct UploadForm {
    /// One or more files, each in a field of this name.
    #[schema(value_type = Vec<String>, format = Binary)]
    file: Vec<Vec<u8>>,
    /// What is said about all of them, as JSON.
    metadata: Option<UploadMetadata>,
}

/// Uploads files. Each gets its own line in the response; a file refused at the door has an `error`, the others go on.
///
/// The same bytes again give the same document, cut anew if another preset is asked for. The same name with other
/// bytes is a new version.
#[utoipa::path(post, path = "/api/v1/knowledge-bases/{kb}/documents", tag = "documents",
    params(("kb" = String, Path, description = "Id or name")),
    request_body(content = UploadForm, content_type = "multipart/form-data"), responses(
    (status = 202, description = "Taken in; follow the jobs", body = UploadResponse),
    (status = 413, description = "`payload_too_large` or `too_many_files`", body = ErrorResponse),
    (status = 422, description = "`unsupported`: addresses cannot be read yet", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn upload_documents(
    State(app): State<App>,
    context: RequestContext,
    InKnowledgeBase(base): InKnowledgeBase,
    upload: Upload,
) -> Result<Response, ApiError> {
    let received = upload
        .receive(app.state.catalog.blobs(), &app.settings)
        .await?;
    let mut documents = Vec::with_capacity(received.files.len());
    for file in received.files {
        documents.push(take_in(&app, base.id, file, &received.metadata, &context).await);
    }
    Ok(Outcome::Accepted.with(HeaderMap::new(), Json(UploadResponse { documents })))
}

async fn take_in(
    app: &App,
    base: KnowledgeBaseId,
    file: ReceivedFile,
    metadata: &UploadMetadata,
    context: &RequestContext,
) -> UploadedResponse {
    let ReceivedFile { name, blob } = file;
    let accepted = match blob {
        Ok(blob) => {
            let UploadMetadata {
                tags,
                title,
                preset,
            } = metadata.clone();
            let new = NewDocument {
                name: name.clone(),
                title,
                blob,
                tags,
                preset,
            };
            app.state
                .catalog
                .add_document(base, new)
                .await
                .map_err(ApiError::from)
        }
        Err(error) => Err(error),
    };
    record_upload(accepted.is_ok());
    match accepted {
        Ok(accepted) => UploadedResponse::taken(accepted),
        Err(error) => UploadedResponse::refused(name, error.body(context)),
    }
}

/// Lists documents, newest first, a page at a time.
#[utoipa::path(get, path = "/api/v1/knowledge-bases/{kb}/documents", tag = "documents",
    params(("kb" = String, Path, description = "Id or name"), ListDocumentsQuery), responses(
    (status = 200, body = DocumentsResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn list_documents(
    State(app): State<App>,
    context: RequestContext,
    InKnowledgeBase(base): InKnowledgeBase,
    Query(query): Query<ListDocumentsQuery>,
) -> Result<Json<DocumentsResponse>, ApiError> {
    let limit = within("limit", query.limit, 100, 1..=1_000)?;
    let status = query
        .status
        .filter(|status| !status.is_empty())
        .map(|status| parse_status(&status));
    let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let wanted = DocumentQuery {
        status: status.transpose()?,
        kind: given(query.kind),
        language: given(query.language),
        tag: given(query.tag),
        author: given(query.author),
        text: given(query.q),
        cursor: given(query.cursor),
        limit: Some(limit),
    };
    let page = app.state.catalog.documents(base.id, wanted).await?;
    Ok(Json(DocumentsResponse::told(page, context.tongue)))
}

fn parse_status(text: &str) -> Result<Status, ApiError> {
    text.parse().map_err(|_| {
        let detail = format!("“{text}”: queued, running, ready, failed, cancelled");
        ApiError::new(ErrorCode::InvalidParameter)
            .with("name", "status")
            .with("detail", detail)
    })
}

/// One document.
#[utoipa::path(get, path = "/api/v1/knowledge-bases/{kb}/documents/{id}", tag = "documents",
    params(("kb" = String, Path, description = "Id or name"), ("id" = String, Path, description = "Document id")),
    responses(
    (status = 200, body = DocumentResponse),
    (status = 404, description = "`document_not_found`", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn get_document(
    State(app): State<App>,
    context: RequestContext,
    place: InDocument,
) -> Result<Json<DocumentResponse>, ApiError> {
    let document = app
        .state
        .catalog
        .document(place.knowledge_base.id, place.id)
        .await?;
    Ok(Json(DocumentResponse::told(document, context.tongue)))
}

/// Renames a document or changes its tags or title.
#[utoipa::path(patch, path = "/api/v1/knowledge-bases/{kb}/documents/{id}", tag = "documents",
    params(("kb" = String, Path, description = "Id or name"), ("id" = String, Path, description = "Document id")),
    request_body = ChangeDocumentRequest, responses(
    (status = 200, body = DocumentResponse),
    (status = 409, description = "`name_taken`", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn change_document(
    State(app): State<App>,
    context: RequestContext,
    place: InDocument,
    Body(request): Body<ChangeDocumentRequest>,
) -> Result<Json<DocumentResponse>, ApiError> {
    let change = DocumentChange {
        name: request.name,
        tags: request.tags,
        title: request.title,
    };
    let changed = app
        .state
        .catalog
        .change_document(place.knowledge_base.id, place.id, change)
        .await?;
    Ok(Json(DocumentResponse::told(changed, context.tongue)))
}

/// Deletes a document with all its versions.
#[utoipa::path(delete, path = "/api/v1/knowledge-bases/{kb}/documents/{id}", tag = "documents",
    params(("kb" = String, Path, description = "Id or name"), ("id" = String, Path, description = "Document id")),
    responses(
    (status = 204, description = "Deleted"),
    (status = 404, description = "`document_not_found`", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn delete_document(
    State(app): State<App>,
    place: InDocument,
) -> Result<Response, ApiError> {
    app.state
        .catalog
        .delete_document(place.knowledge_base.id, place.id)
        .await?;
    Ok(Outcome::NoContent.into_response())
}

/// The original file. PDF and plain text may be shown in place, everything else is a download. Takes `Range`.
#[utoipa::path(get, path = "/api/v1/knowledge-bases/{kb}/documents/{id}/content", tag = "documents",
    params(("kb" = String, Path, description = "Id or name"), ("id" = String, Path, description = "Document id")),
    responses(
    (status = 200, description = "The bytes as uploaded", content_type = "application/octet-stream"),
    (status = 206, description = "The part asked for"),
    (status = 404, description = "`document_not_found`", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn get_document_content(
    State(app): State<App>,
    place: InDocument,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let original = app
        .state
        .catalog
        .original(place.knowledge_base.id, place.id)
        .await?;
    content::send(original, &headers).await
}

/// The cleaned text, or the characters `[start, end)` of it. Every offset of this API counts in it.
#[utoipa::path(get, path = "/api/v1/knowledge-bases/{kb}/documents/{id}/text", tag = "documents",
    params(("kb" = String, Path, description = "Id or name"), ("id" = String, Path, description = "Document id"),
        TextQuery),
    responses(
    (status = 200, description = "The text", body = String, content_type = "text/plain; charset=utf-8"),
    (status = 404, description = "`content_not_found`: not read yet", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn get_document_text(
    State(app): State<App>,
    place: InDocument,
    Query(query): Query<TextQuery>,
) -> Result<Response, ApiError> {
    let (start, end) = (query.start.unwrap_or(0), query.end.unwrap_or(usize::MAX));
    let end = within("end", Some(end), end, start..=usize::MAX)?;
    let text = app
        .state
        .catalog
        .text(place.knowledge_base.id, place.id, Some((start, end)))
        .await?;
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}
