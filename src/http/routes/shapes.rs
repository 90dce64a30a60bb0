//! Documents and failed jobs as they are shown, in the reader's language.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::catalog::{Accepted, Document, DocumentPage, JobError, Progress, Stage, Status};
use crate::http::error::ErrorBody;
use crate::http::failures;
use crate::http::language::Tongue;
use crate::model::{DocumentId, JobId};
use wenyuan_ingest::Warning;

/// Why a document or job failed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FailureResponse {
    /// Stable snake_case name.
    #[schema(example = "password_required")]
    code: String,
    /// What happened and what to do, in the language of the request.
    message: String,
}

impl FailureResponse {
    pub(crate) fn told(error: JobError, tongue: Tongue) -> Self {
        let message = failures::words(&error, tongue);
        Self {
            code: error.code,
            message,
        }
    }

    /// A file refused at the door.
    pub(crate) fn refused(error: ErrorBody) -> Self {
        Self {
            code: error.code.to_owned(),
            message: error.message,
        }
    }
}

/// Something that a reader should know, without being a failure.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WarningResponse {
    /// Stable snake_case name.
    #[schema(example = "page_without_text")]
    code: String,
    /// Page that it is about, from 1.
    page: Option<u32>,
    /// What it is, in the language of the request.
    message: String,
}

impl WarningResponse {
    pub(crate) fn told(warning: Warning, tongue: Tongue) -> Self {
        let message = failures::warning(&warning, tongue);
        Self {
            code: warning.code,
            page: warning.page,
            message,
        }
    }
}

/// How far a job is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProgressResponse {
    /// Pages read.
    pages_done: u32,
    /// Pages of the original, once known.
    pages_total: Option<u32>,
    /// Passages in the index.
    chunks_done: u32,
    /// Passages cut, once known.
    chunks_total: Option<u32>,
}

impl From<Progress> for ProgressResponse {
    fn from(progress: Progress) -> Self {
        Self {
            pages_done: progress.pages_done,
            pages_total: progress.pages_total,
            chunks_done: progress.chunks_done,
            chunks_total: progress.chunks_total,
        }
    }
}

/// A document.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentResponse {
    /// Its id.
    #[schema(value_type = String)]
    id: DocumentId,
    /// Its name.
    name: String,
    /// Tags.
    tags: Vec<String>,
    /// Title found in it.
    title: Option<String>,
    /// Who wrote it, as the file says.
    author: Option<String>,
    /// The day it was made, as the file says.
    #[schema(value_type = Option<String>, format = Date)]
    created: Option<String>,
    /// The day it was last changed, as the file says.
    #[schema(value_type = Option<String>, format = Date)]
    modified: Option<String>,
    /// Main language: zh, zh-Hant, en or other.
    language: Option<String>,
    /// Format: pdf, docx, html, markdown or text; null until it has been looked at.
    kind: Option<String>,
    /// Size of the original.
    bytes: u64,
    /// Pages, where the format has them.
    pages: Option<u32>,
    /// Passages that can be found.
    chunks: u64,
    /// When it was first added.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When its newest version was added.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// queued, running, ready, failed or cancelled.
    #[schema(value_type = String)]
    status: Status,
    /// queued, reading, splitting, embedding or publishing.
    #[schema(value_type = String)]
    stage: Stage,
    /// Whether some version can be found now, even while a newer one is being read.
    searchable: bool,
    #[serde(flatten)]
    progress: ProgressResponse,
    /// The job of its newest version.
    #[schema(value_type = String)]
    job_id: JobId,
    /// How it was cut: prose, manual, table, qa, slides or code; null until it is.
    preset: Option<String>,
    /// What a reader should know.
    warnings: Vec<WarningResponse>,
    /// Why it failed.
    error: Option<FailureResponse>,
}

impl DocumentResponse {
    pub(crate) fn told(document: Document, tongue: Tongue) -> Self {
        Self {
            id: document.id,
            name: document.name,
            tags: document.tags,
            title: document.title,
            author: document.author,
            created: document.created,
            modified: document.modified,
            language: document.language,
            kind: document.kind,
            bytes: document.bytes,
            pages: document.pages,
            chunks: document.chunks,
            created_at: document.created_at,
            updated_at: document.updated_at,
            status: document.status,
            stage: document.stage,
            searchable: document.searchable,
            progress: document.progress.into(),
            job_id: document.job_id,
            preset: document.preset,
            warnings: document
                .warnings
                .into_iter()
                .map(|one| WarningResponse::told(one, tongue))
                .collect(),
            error: document
                .error
                .map(|error| FailureResponse::told(error, tongue)),
        }
    }
}

/// Some documents, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentsResponse {
    /// The documents.
    documents: Vec<DocumentResponse>,
    /// Where the next page begins; null at the end.
    next_cursor: Option<String>,
}

impl DocumentsResponse {
    pub(crate) fn told(page: DocumentPage, tongue: Tongue) -> Self {
        Self {
            documents: page
                .documents
                .into_iter()
                .map(|one| DocumentResponse::told(one, tongue))
                .collect(),
            next_cursor: page.next_cursor,
        }
    }
}

/// What became of an upload.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UploadResponse {
    /// One for each file, in the order sent.
    pub(crate) documents: Vec<UploadedResponse>,
}

/// What became of one file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UploadedResponse {
    /// The document; null when refused.
    #[schema(value_type = Option<String>)]
    document_id: Option<DocumentId>,
    /// The job to follow; null when refused.
    #[schema(value_type = Option<String>)]
    job_id: Option<JobId>,
    /// The document's name: the earlier one if the same bytes are there under another name.
    name: String,
    /// Where it stands; `ready` if the same bytes can already be found, `failed` when refused.
    #[schema(value_type = String)]
    status: Status,
    /// Whether these bytes were there already.
    known: bool,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorBody>,
}

impl UploadedResponse {
    pub(crate) fn taken(accepted: Accepted) -> Self {
        Self {
            document_id: Some(accepted.document_id),
            job_id: Some(accepted.job_id),
            name: accepted.name,
            status: accepted.status,
            known: accepted.known,
            error: None,
        }
    }

    pub(crate) const fn refused(name: String, error: ErrorBody) -> Self {
        Self {
            document_id: None,
            job_id: None,
            name,
            status: Status::Failed,
            known: false,
            error: Some(error),
        }
    }
}
