//! Retrieval settings as they go out, and what must hold of those that come in.

use serde::Serialize;
use utoipa::ToSchema;

use crate::http::code::ErrorCode;
use crate::http::error::ApiError;
use crate::http::extract::within;
use crate::retrieve::{OutOfRange, RetrievalChange, RetrievalSettings, SearchMode, TopK};

/// How to search; `null` is the product's default. Where it is sent, a field that does not exist is an error.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RetrievalResponse {
    /// Weight of meaning against words, 0 to 4; by default 0.9 for Chinese questions and 1.2 for others.
    meaning_weight: Option<f32>,
    /// Most passages of one document among the hits, 1 to 50; by default as many as come.
    per_document: Option<usize>,
    /// hybrid, dense or lexical, where a search names none; hybrid by default.
    #[schema(value_type = Option<String>)]
    mode: Option<SearchMode>,
    /// Passages where a search or a question names no number, 1 to 50; by default 10 for searches and the configured
    /// number for answers.
    top_k: Option<usize>,
}

impl From<RetrievalSettings> for RetrievalResponse {
    fn from(settings: RetrievalSettings) -> Self {
        Self {
            meaning_weight: settings.meaning_weight,
            per_document: settings.per_document,
            mode: settings.mode,
            top_k: settings.top_k,
        }
    }
}

impl From<OutOfRange> for ApiError {
    fn from(error: OutOfRange) -> Self {
        Self::new(ErrorCode::OutOfRange)
            .with("name", error.name)
            .with("min", error.least)
            .with("max", error.most)
    }
}

/// A change whose values are within their ranges.
pub(super) fn checked(change: RetrievalChange) -> Result<RetrievalChange, ApiError> {
    change.applied_to(RetrievalSettings::default()).checked()?;
    Ok(change)
}

/// How many passages are wanted: what came, or else what is usual.
pub(super) fn top_k(given: Option<usize>, usual: usize, most: usize) -> Result<TopK, ApiError> {
    match given {
        Some(_) => Ok(TopK::Exactly(within("top_k", given, usual, 1..=most)?)),
        None => Ok(TopK::Usually(usual)),
    }
}
