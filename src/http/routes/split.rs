//! Files as they would be read and cut, before anything is taken in.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::multipart::Multipart;
use axum::extract::{Request, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wenyuan_ingest::PresetChoice;

use super::shapes::{FailureResponse, WarningResponse};
use crate::catalog::TemporaryFile;
use crate::http::code::ErrorCode;
use crate::http::context::RequestContext;
use crate::http::error::{ApiError, ErrorResponse};
use crate::http::extract::within;
use crate::http::state::{App, HttpSettings};
use crate::http::upload::{in_time, multipart, receive_file, receive_metadata};
use crate::jobs::{Preview, PreviewRequest};

/// Files in one request.
const MAX_FILES: usize = 10;
/// Passages shown of one file; `chunk_count` tells of the others.
const MAX_CHUNKS: usize = 5_000;
/// When to come back while others look at files.
const RETRY: Duration = Duration::from_secs(2);

/// How to read and cut the files.
#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct SplitMetadata {
    /// auto, prose, manual, table, qa, slides or code; auto finds one for each file.
    #[serde(default)]
    #[schema(value_type = String, example = "auto")]
    preset: PresetChoice,
    /// For encrypted files.
    #[serde(default)]
    password: Option<String>,
    /// Wanted length of a passage in the embedder's tokens, 32 to 2,000; left out it is the server's.
    #[serde(default)]
    chunk_tokens: Option<usize>,
}

/// What the form holds.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only describes the form in the OpenAPI document")]
pub(crate) struct SplitForm {
    /// 1 to 10 files, each in a field of this name.
    #[schema(value_type = Vec<String>, format = Binary)]
    file: Vec<Vec<u8>>,
    /// How to read and cut them, as JSON.
    metadata: Option<SplitMetadata>,
}

/// A passage as it would be.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SplitChunkResponse {
    /// Its place in the document, from 0.
    ordinal: u32,
    /// First character in the cleaned text.
    start: usize,
    /// One past the last character.
    end: usize,
    /// First page, from 1.
    page: Option<u32>,
    /// Headings above it, highest first.
    heading: Vec<String>,
    /// The passage.
    text: String,
    /// Length in the embedder's tokens.
    tokens: u32,
}

/// A file as it would be taken in; all but its name is null or empty where there is an `error`.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct SplitDocumentResponse {
    /// Its name.
    name: String,
    /// Format, such as pdf or markdown.
    kind: Option<&'static str>,
    /// Title found in it.
    title: Option<String>,
    /// Main language: zh, zh-Hant, en or other.
    language: Option<&'static str>,
    /// Pages, where the format has them.
    pages: Option<usize>,
    /// Characters of the cleaned text.
    characters: usize,
    /// The preset that was used: prose, manual, table, qa, slides or code.
    preset: Option<&'static str>,
    /// What a reader should know.
    warnings: Vec<WarningResponse>,
    /// Passages that it would become.
    chunk_count: usize,
    /// The passages; the first 5,000 where there are more.
    chunks: Vec<SplitChunkResponse>,
    /// Why it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<FailureResponse>,
}

/// All files, in the order sent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SplitResponse {
    /// One for each file.
    documents: Vec<SplitDocumentResponse>,
}

/// A file that waits for its turn, or was refused.
struct Sent {
    name: String,
    file: Result<TemporaryFile, ApiError>,
}

/// Shows how files would be read and cut. Nothing is kept, and no knowledge base is needed.
///
/// A file that cannot be read has an `error`, the others go on.
#[utoipa::path(post, path = "/api/v1/split", tag = "documents",
    request_body(content = SplitForm, content_type = "multipart/form-data"), responses(
    (status = 200, body = SplitResponse),
    (status = 413, description = "`payload_too_large` or `too_many_files`", body = ErrorResponse),
    (status = 429, description = "`too_many_requests`: others look at files now", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn split_files(
    State(app): State<App>,
    context: RequestContext,
    request: Request,
) -> Result<Json<SplitResponse>, ApiError> {
    // Taken before the body is read: who must wait sends nothing in vain.
    let place = Arc::clone(&app.previews)
        .try_acquire_owned()
        .map_err(|_taken| ApiError::busy(ErrorCode::TooManyRequests, RETRY))?;
    let place = Arc::new(place);
    let form = multipart(request, &app, "multipart/form-data").await?;
    let (files, metadata) = receive(form, &app).await?;
    let mut documents = Vec::with_capacity(files.len());
    for Sent { name, file } in files {
        let told = match file {
            Err(error) => Err(FailureResponse::refused(error.body(&context))),
            Ok(file) => {
                let wanted = PreviewRequest {
                    path: file.path().to_path_buf(),
                    name: name.clone(),
                    password: metadata.password.clone(),
                    preset: metadata.preset,
                    chunk_tokens: metadata.chunk_tokens,
                    place: Some(Arc::clone(&place)),
                };
                let preview = app.state.ingestor.preview(wanted).await;
                preview.map_err(|error| FailureResponse::told(error, context.tongue))
            }
        };
        documents.push(SplitDocumentResponse::told(name, told, &context));
    }
    Ok(Json(SplitResponse { documents }))
}

/// Reads the form to its end: what is said about the files may come after them.
async fn receive(mut form: Multipart, app: &App) -> Result<(Vec<Sent>, SplitMetadata), ApiError> {
    let blobs = app.state.catalog.blobs();
    let settings = &HttpSettings {
        max_upload_bytes: app.settings.max_preview_bytes,
        ..HttpSettings::clone(&app.settings)
    };
    let (mut files, mut metadata) = (Vec::new(), SplitMetadata::default());
    while let Some(field) = in_time(form.next_field(), settings).await? {
        match field.name() {
            Some("file") => {
                if files.len() == MAX_FILES {
                    return Err(ApiError::new(ErrorCode::TooManyFiles).with("max", MAX_FILES));
                }
                let Some(incoming) = receive_file(field, blobs, settings).await? else {
                    continue;
                };
                let file = match incoming.writer {
                    Ok(writer) => writer.lend().await.map_err(ApiError::from),
                    Err(error) => Err(error),
                };
                let name = incoming.name;
                files.push(Sent { name, file });
            }
            Some("metadata") => metadata = receive_metadata(field, settings).await?,
            Some(_) | None => {}
        }
    }
    if files.is_empty() {
        return Err(ApiError::new(ErrorCode::NoFiles));
    }
    within("chunk_tokens", metadata.chunk_tokens, 32, 32..=2_000)?;
    Ok((files, metadata))
}

impl SplitDocumentResponse {
    fn told(
        name: String,
        preview: Result<Preview, FailureResponse>,
        context: &RequestContext,
    ) -> Self {
        let Preview {
            document,
            preset,
            chunks,
        } = match preview {
            Ok(preview) => preview,
            Err(error) => {
                return Self {
                    name,
                    error: Some(error),
                    ..Self::default()
                };
            }
        };
        let text = &document.text;
        let pages = document.pages.len();
        let shown = chunks.iter().take(MAX_CHUNKS);
        let passages = shown.map(|chunk| SplitChunkResponse {
            ordinal: chunk.ordinal,
            start: chunk.chars.start,
            end: chunk.chars.end,
            page: chunk.pages.map(|(first, _)| first),
            heading: chunk.heading.clone(),
            text: chunk.span.of(text).to_owned(),
            tokens: chunk.tokens,
        });
        Self {
            name,
            kind: Some(document.kind.as_str()),
            language: Some(document.language.as_str()),
            pages: (pages > 0).then_some(pages),
            characters: text.chars().count(),
            preset: Some(preset.as_str()),
            chunk_count: chunks.len(),
            chunks: passages.collect(),
            title: document.title,
            warnings: document
                .warnings
                .into_iter()
                .map(|one| WarningResponse::told(one, context.tongue))
                .collect(),
            error: None,
        }
    }
}
