//! Files coming in: streamed straight to the blob store, so that no file is ever whole in memory.

use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_DISPOSITION;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use wenyuan_ingest::PresetChoice;

use super::code::ErrorCode;
use super::error::ApiError;
use super::extract::{Body, bad_json, is_json, media_type};
use super::state::{App, HttpSettings};
use super::text::{bytes_for_people, file_name_of, safe_file_name};
use crate::catalog::{BlobWriter, Blobs, StoredBlob};

/// Most bytes of the `metadata` part.
const MAX_METADATA_BYTES: usize = 64 << 10;

/// What is said about all files of one upload.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
pub(crate) struct UploadMetadata {
    /// Tags for every file of this upload.
    #[serde(default)]
    #[schema(example = json!(["contract", "2026"]))]
    pub(crate) tags: Vec<String>,
    /// A title, used in place of the one found in the file.
    #[serde(default)]
    pub(crate) title: Option<String>,
    /// How to cut every file of this upload: auto, prose, manual, table, qa, slides or code. Left out, a known name or
    /// known bytes are cut as they were, anything else by what it is.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "manual")]
    pub(crate) preset: Option<PresetChoice>,
}

/// One file, stored or refused.
pub(crate) struct ReceivedFile {
    /// The name as it will be kept, or as it came where it cannot be.
    pub(crate) name: String,
    /// The original on disk.
    pub(crate) blob: Result<StoredBlob, ApiError>,
}

/// One file on disk or refused, before it is decided whether it stays.
pub(crate) struct IncomingFile {
    /// The name as it will be kept, or as it came where it cannot be.
    pub(crate) name: String,
    /// The original, all of it written.
    pub(crate) writer: Result<BlobWriter, ApiError>,
}

/// A whole upload.
pub(crate) struct Received {
    /// In the order sent.
    pub(crate) files: Vec<ReceivedFile>,
    /// What was said about them.
    pub(crate) metadata: UploadMetadata,
}

/// An upload whose body has not been read.
pub(crate) struct Upload(Multipart);

#[derive(Deserialize)]
struct AddressRequest {
    url: String,
}

impl FromRequest<App> for Upload {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        if is_json(request.headers()) {
            let Body(AddressRequest { url }) = Body::from_request(request, app).await?;
            let detail = format!("url ({url})");
            return Err(ApiError::new(ErrorCode::Unsupported).with("detail", detail));
        }
        let expected = "multipart/form-data, application/json";
        multipart(request, app, expected).await.map(Self)
    }
}

/// The parts of a form. `expected` names the content types that would do.
pub(crate) async fn multipart(
    request: Request,
    app: &App,
    expected: &str,
) -> Result<Multipart, ApiError> {
    if media_type(request.headers()) != "multipart/form-data" {
        return Err(ApiError::new(ErrorCode::UnsupportedMediaType).with("expected", expected));
    }
    Multipart::from_request(request, app)
        .await
        .map_err(|rejection| {
            ApiError::new(ErrorCode::InvalidMultipart).with("detail", rejection.body_text())
        })
}

impl Upload {
    /// Reads to the end. A file that is refused does not stop the others; a body that breaks off stores nothing
    /// that anybody sees.
    pub(crate) async fn receive(
        mut self,
        blobs: &Blobs,
        settings: &HttpSettings,
    ) -> Result<Received, ApiError> {
        let mut received = Received {
            files: Vec::new(),
            metadata: UploadMetadata::default(),
        };
        while let Some(field) = in_time(self.0.next_field(), settings).await? {
            match field.name() {
                Some("file") => {
                    if received.files.len() == settings.max_files {
                        return Err(
                            ApiError::new(ErrorCode::TooManyFiles).with("max", settings.max_files)
                        );
                    }
                    let Some(file) = receive_file(field, blobs, settings).await? else {
                        continue;
                    };
                    let blob = match file.writer {
                        Ok(writer) => writer.finish().await.map_err(ApiError::from),
                        Err(error) => Err(error),
                    };
                    let name = file.name;
                    received.files.push(ReceivedFile { name, blob });
                }
                Some("metadata") => received.metadata = receive_metadata(field, settings).await?,
                Some(_) | None => {}
            }
        }
        if received.files.is_empty() {
            return Err(ApiError::new(ErrorCode::NoFiles));
        }
        Ok(received)
    }
}

/// Waits for the next piece, but not for a client that has gone silent.
pub(crate) async fn in_time<T>(
    next: impl Future<Output = Result<T, MultipartError>>,
    settings: &HttpSettings,
) -> Result<T, ApiError> {
    let Ok(piece) = tokio::time::timeout(settings.upload_silence, next).await else {
        return Err(ApiError::new(ErrorCode::UnreadableBody));
    };
    piece.map_err(|error| {
        if error.status().as_u16() == 413 {
            let most = bytes_for_people(settings.max_upload_bytes);
            return ApiError::new(ErrorCode::PayloadTooLarge).with("max", most);
        }
        ApiError::new(ErrorCode::InvalidMultipart).with("detail", error.body_text())
    })
}

/// `None` for what browsers send when no file was chosen.
pub(crate) async fn receive_file(
    mut field: Field<'_>,
    blobs: &Blobs,
    settings: &HttpSettings,
) -> Result<Option<IncomingFile>, ApiError> {
    let sent = field
        .headers()
        .get(CONTENT_DISPOSITION)
        .and_then(|value| file_name_of(value.as_bytes()));
    let unnamed = sent.as_deref().is_some_and(str::is_empty);
    let sent = sent.unwrap_or_default();
    let safe = safe_file_name(&sent);
    let mut refusal = None;
    let mut bytes: u64 = 0;
    let mut writer = if safe.is_some() {
        Some(blobs.begin(settings.max_file_bytes).await?)
    } else {
        refusal = Some(ApiError::new(ErrorCode::InvalidName).with("detail", format!("“{sent}”")));
        None
    };
    while let Some(piece) = in_time(field.chunk(), settings).await? {
        bytes += piece.len() as u64;
        let Some(open) = &mut writer else { continue };
        if let Err(error) = open.write_piece(&piece).await {
            writer = None;
            refusal = Some(error.into());
        }
    }
    if unnamed && bytes == 0 {
        return Ok(None);
    }
    if bytes == 0 && refusal.is_none() {
        refusal = Some(ApiError::new(ErrorCode::EmptyFile));
    }
    let writer = match (refusal, writer) {
        (None, Some(writer)) => Ok(writer),
        (Some(error), _) => Err(error),
        (None, None) => Err(ApiError::new(ErrorCode::InvalidName).with("detail", "“”")),
    };
    Ok(Some(IncomingFile {
        name: safe.unwrap_or(sent),
        writer,
    }))
}

pub(crate) async fn receive_metadata<T: DeserializeOwned>(
    mut field: Field<'_>,
    settings: &HttpSettings,
) -> Result<T, ApiError> {
    let mut bytes = Vec::new();
    while let Some(piece) = in_time(field.chunk(), settings).await? {
        bytes.extend_from_slice(&piece);
        if bytes.len() > MAX_METADATA_BYTES {
            let most = bytes_for_people(MAX_METADATA_BYTES as u64);
            return Err(ApiError::new(ErrorCode::PayloadTooLarge).with("max", most));
        }
    }
    serde_json::from_slice(&bytes).map_err(|error| bad_json(&error))
}
