//! Why the catalog refused, told by what the caller can do about it.

use std::path::{Path, PathBuf};

/// What was looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entity {
    /// A knowledge base.
    KnowledgeBase,
    /// A document.
    Document,
    /// A version of a document.
    Version,
    /// A job.
    Job,
    /// An original or its cleaned text.
    Content,
    /// A question whose answer is known.
    GoldQuestion,
}

impl Entity {
    /// The stable snake_case name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KnowledgeBase => "knowledge_base",
            Self::Document => "document",
            Self::Version => "version",
            Self::Job => "job",
            Self::Content => "content",
            Self::GoldQuestion => "gold_question",
        }
    }
}

/// Why a catalog call failed.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// There is no such thing, or no longer.
    #[error("there is no {} `{id}`", entity.as_str())]
    NotFound {
        /// What was looked for.
        entity: Entity,
        /// By which id or name.
        id: String,
    },
    /// The request contradicts what is there: another name or another moment may do.
    #[error("{message}")]
    Conflict {
        /// Stable snake_case name: `name_taken`, `not_retryable`, `not_cancellable`.
        code: &'static str,
        /// English detail.
        message: String,
    },
    /// The request itself is wrong.
    #[error("{field}: {message}")]
    Invalid {
        /// The field that is wrong.
        field: &'static str,
        /// English detail.
        message: String,
    },
    /// An upload is larger than allowed.
    #[error("the file is larger than {limit} bytes")]
    TooLarge {
        /// The most that is accepted, in bytes.
        limit: u64,
    },
    /// The disk is full; nothing was changed.
    #[error(
        "too little space is left on the disk that holds {path} (some 64 MB are kept free): free some and try again"
    )]
    StorageFull {
        /// The data folder or a file in it.
        path: PathBuf,
    },
    /// Another process works with this data folder.
    #[error(
        "the data folder {path} is in use by another Wenyuan process: stop it, or talk to it with --server"
    )]
    InUse {
        /// The data folder.
        path: PathBuf,
    },
    /// The data folder was written by a newer program.
    #[error(
        "the catalog has schema {found}, this program knows up to {supported}: use a newer Wenyuan"
    )]
    NewerSchema {
        /// The schema found.
        found: u32,
        /// The newest one known here.
        supported: u32,
    },
    /// The disk or the database failed; the cause tells why.
    #[error("the data folder cannot be used: {message}")]
    Unavailable {
        /// What was being done, and what the system said.
        message: String,
    },
}

impl CatalogError {
    /// The stable snake_case name for the API.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound { entity, .. } => match entity {
                Entity::KnowledgeBase => "knowledge_base_not_found",
                Entity::Document => "document_not_found",
                Entity::Version => "version_not_found",
                Entity::Job => "job_not_found",
                Entity::Content => "content_not_found",
                Entity::GoldQuestion => "gold_question_not_found",
            },
            Self::Conflict { code, .. } => code,
            Self::Invalid { .. } => "invalid_request",
            Self::TooLarge { .. } => "file_too_large",
            Self::StorageFull { .. } => "storage_full",
            Self::InUse { .. } => "data_folder_in_use",
            Self::NewerSchema { .. } => "newer_schema",
            Self::Unavailable { .. } => "catalog_unavailable",
        }
    }

    pub(crate) fn not_found(entity: Entity, id: impl std::fmt::Display) -> Self {
        Self::NotFound {
            entity,
            id: id.to_string(),
        }
    }

    pub(crate) fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid {
            field,
            message: message.into(),
        }
    }

    pub(crate) fn unavailable(message: impl std::fmt::Display) -> Self {
        Self::Unavailable {
            message: message.to_string(),
        }
    }

    /// A file could not be used: tells a full disk from everything else.
    pub(crate) fn from_io(path: &Path, error: &std::io::Error) -> Self {
        if matches!(
            error.kind(),
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded
        ) {
            return Self::StorageFull {
                path: path.to_path_buf(),
            };
        }
        Self::unavailable(format_args!("{}: {error}", path.display()))
    }
}

impl From<rusqlite::Error> for CatalogError {
    fn from(error: rusqlite::Error) -> Self {
        if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull) {
            return Self::StorageFull {
                path: PathBuf::from("catalog.sqlite"),
            };
        }
        Self::unavailable(format_args!("catalog.sqlite: {error}"))
    }
}
