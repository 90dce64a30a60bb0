//! How a job can end badly, and what people are told then.

use serde_json::{Map, Value};
use wenyuan_ingest::{EmbedError, ParseError, SinkError};

use crate::catalog::{CatalogError, JobError};

/// Why a job does not go on.
#[derive(Debug)]
pub(super) enum Halt {
    /// A person stopped it or deleted its document, or the program stops.
    Stopped,
    /// Nothing is wrong with it; what it was made for has changed, and it is to be made again.
    Again,
    /// It failed for this reason.
    Failed(JobError),
}

impl Halt {
    /// The same end for another job.
    pub(super) fn again(&self) -> Self {
        match self {
            Self::Stopped => Self::Stopped,
            Self::Again => Self::Again,
            Self::Failed(error) => Self::Failed(error.clone()),
        }
    }

    pub(super) fn failed(code: &str, message: impl Into<String>) -> Self {
        Self::Failed(JobError::new(code, message))
    }

    /// A stage took longer than it may.
    pub(super) fn timed_out(stage: &str, seconds: u64) -> Self {
        let mut error = JobError::new(
            "timed_out",
            format!("{stage} did not end within {seconds} seconds"),
        );
        error.args.insert("stage".to_owned(), Value::from(stage));
        error
            .args
            .insert("seconds".to_owned(), Value::from(seconds));
        Self::Failed(error)
    }
}

impl From<ParseError> for Halt {
    fn from(error: ParseError) -> Self {
        if matches!(error, ParseError::Cancelled) {
            return Self::Stopped;
        }
        Self::Failed(error.into())
    }
}

impl From<ParseError> for JobError {
    fn from(error: ParseError) -> Self {
        let mut args = match serde_json::to_value(&error) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        args.remove("error");
        Self {
            code: error.code().to_owned(),
            message: error.to_string(),
            args,
        }
    }
}

impl From<EmbedError> for Halt {
    fn from(error: EmbedError) -> Self {
        let code = match &error {
            EmbedError::Overloaded => "embedder_busy",
            EmbedError::Unavailable(_) => "embedder_unavailable",
        };
        Self::failed(code, error.to_string())
    }
}

impl From<SinkError> for Halt {
    fn from(error: SinkError) -> Self {
        let code = match &error {
            SinkError::Rejected(_) => "index_rejected",
            SinkError::Unavailable(_) => "index_unavailable",
        };
        Self::failed(code, error.to_string())
    }
}

impl From<CatalogError> for Halt {
    fn from(error: CatalogError) -> Self {
        if let CatalogError::Conflict { code, .. } = error {
            match code {
                "stopped" => return Self::Stopped,
                "collection_switched" => return Self::Again,
                _ => {}
            }
        }
        Self::failed(error.code(), error.to_string())
    }
}
