//! Files coming in, in a form or from a web address: streamed straight to the blob store, so that no file is ever whole
//! in memory.

use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Request};
use axum::http::header::CONTENT_DISPOSITION;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use wenyuan_ingest::PresetChoice;

use super::code::ErrorCode;
use super::error::ApiError;
use super::extract::{Body, bad_json, is_json, media_type};
use super::state::{App, HttpSettings};
use super::text::bytes_for_people;
use crate::catalog::{BlobWriter, Blobs, StoredBlob};
use crate::fetch::{self, Download};
use crate::model::{Password, optional_password};
use crate::names::{file_name_of, safe_file_name};

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
    /// Opens the files that are protected; kept until they have been read, and shown nowhere.
    #[serde(default, deserialize_with = "optional_password")]
    #[schema(value_type = Option<String>)]
    pub(crate) password: Option<Password>,
    /// How to cut every file of this upload: auto, prose, manual, table, qa, slides or code. Left out, a known name or
    /// known bytes are cut as they were, anything else by what it is.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "manual")]
    pub(crate) preset: Option<PresetChoice>,
}

/// A document to be fetched from a web address.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct AddressRequest {
    /// Where it lies: http or https, in a public network or one that the settings allow.
    #[schema(example = "https://example.org/handbook.pdf")]
    url: String,
    /// What is said about it.
    #[serde(default)]
    metadata: Option<UploadMetadata>,
}

/// One file, stored or refused.
pub(crate) struct ReceivedFile {
    /// The name as it will be kept, or as it came where it cannot be.
    pub(crate) name: String,
    /// The original on disk.
    pub(crate) blob: Result<StoredBlob, ApiError>,
    /// The web address that it was fetched from.
    pub(crate) source_url: Option<String>,
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

/// An upload whose files have not been read.
pub(crate) enum Upload {
    /// In the body itself.
    Form(Multipart),
    /// Somewhere else.
    Address(AddressRequest),
}

impl FromRequest<App> for Upload {
    type Rejection = ApiError;

    async fn from_request(mut request: Request, app: &App) -> Result<Self, ApiError> {
        if is_json(request.headers()) {
            // The limits of files are not those of a few words in memory.
            DefaultBodyLimit::max(app.settings.max_json_bytes).apply(&mut request);
            let reading = Body::from_request(request, app);
            let read = tokio::time::timeout(app.settings.upload_silence, reading).await;
            let Body(address) = read.map_err(|_| ApiError::new(ErrorCode::UnreadableBody))??;
            return Ok(Self::Address(address));
        }
        let expected = "multipart/form-data, application/json";
        multipart(request, app, expected).await.map(Self::Form)
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
    pub(crate) async fn receive(self, app: &App) -> Result<Received, ApiError> {
        let blobs = app.state.catalog.blobs();
        match self {
            Self::Form(form) => receive_form(form, blobs, &app.settings).await,
            Self::Address(AddressRequest { url, metadata }) => Ok(Received {
                files: vec![fetch_file(&url, app).await?],
                metadata: metadata.unwrap_or_default(),
            }),
        }
    }
}

async fn receive_form(
    mut form: Multipart,
    blobs: &Blobs,
    settings: &HttpSettings,
) -> Result<Received, ApiError> {
    let mut received = Received {
        files: Vec::new(),
        metadata: UploadMetadata::default(),
    };
    while let Some(field) = in_time(form.next_field(), settings).await? {
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
                received.files.push(ReceivedFile {
                    name: file.name,
                    blob,
                    source_url: None,
                });
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

/// Fetches one document. What is wrong with it or its address is told in its line, like a file refused at the door.
async fn fetch_file(url: &str, app: &App) -> Result<ReceivedFile, ApiError> {
    let limit = app.settings.max_file_bytes;
    let mut download = match app.fetcher.open(url, limit).await {
        Ok(download) => download,
        Err(error) => {
            return Ok(ReceivedFile {
                name: fetch::shown(url),
                blob: Err(error.into()),
                source_url: None,
            });
        }
    };
    let writer = app.state.catalog.blobs().begin(limit).await?;
    let blob = store(&mut download, writer).await;
    Ok(ReceivedFile {
        name: download.name().to_owned(),
        blob,
        source_url: Some(download.url().to_owned()),
    })
}

async fn store(download: &mut Download, mut writer: BlobWriter) -> Result<StoredBlob, ApiError> {
    while let Some(piece) = download.next().await? {
        writer.write_piece(&piece).await?;
    }
    if writer.bytes() == 0 {
        return Err(ApiError::new(ErrorCode::EmptyFile));
    }
    Ok(writer.finish().await?)
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
