//! What the errors of the layers below are called at the door. No wildcard: a new variant does not compile unmapped.

use wenyuan_ingest::EmbedError;

use super::code::ErrorCode;
use super::error::ApiError;
use super::state::EMBEDDER_RETRY;
use super::text::bytes_for_people;
use crate::answer::AnswerError;
use crate::catalog::{CatalogError, Entity};
use crate::generate::GenerateError;
use crate::model::{Question, QuestionError};
use crate::retrieve::RetrieveError;
use crate::store::StoreError;

impl From<QuestionError> for ApiError {
    fn from(error: QuestionError) -> Self {
        match error {
            QuestionError::Empty => Self::new(ErrorCode::EmptyQuestion),
            QuestionError::TooLong { chars } => Self::new(ErrorCode::QuestionTooLong)
                .with("length", chars)
                .with("max", Question::MAX_CHARS),
        }
    }
}

impl From<CatalogError> for ApiError {
    fn from(error: CatalogError) -> Self {
        match error {
            CatalogError::NotFound { entity, id } => Self::new(missing(entity)).with("id", id),
            CatalogError::Conflict { code, message } => {
                let known = ErrorCode::ALL.iter().find(|known| known.as_str() == code);
                let detail = message.trim_end_matches('.');
                Self::new(known.copied().unwrap_or(ErrorCode::Conflict)).with("detail", detail)
            }
            CatalogError::Invalid { field, message } => {
                let detail = message.trim_end_matches('.');
                Self::new(ErrorCode::InvalidRequest)
                    .with("name", field)
                    .with("detail", detail)
            }
            CatalogError::TooLarge { limit } => {
                Self::new(ErrorCode::FileTooLarge).with("max", bytes_for_people(limit))
            }
            CatalogError::StorageFull { .. } => Self::caused_by(ErrorCode::StorageFull, &error),
            CatalogError::InUse { .. }
            | CatalogError::NewerSchema { .. }
            | CatalogError::Unavailable { .. } => {
                Self::caused_by(ErrorCode::CatalogUnavailable, &error)
            }
        }
    }
}

const fn missing(entity: Entity) -> ErrorCode {
    match entity {
        Entity::KnowledgeBase => ErrorCode::KnowledgeBaseNotFound,
        Entity::Document => ErrorCode::DocumentNotFound,
        Entity::Version => ErrorCode::VersionNotFound,
        Entity::Job => ErrorCode::JobNotFound,
        Entity::Content => ErrorCode::ContentNotFound,
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Rejected(_) => Self::caused_by(ErrorCode::Internal, &error),
            StoreError::InUse { .. } | StoreError::Unavailable(_) => {
                Self::caused_by(ErrorCode::IndexUnavailable, &error)
            }
        }
    }
}

impl From<EmbedError> for ApiError {
    fn from(error: EmbedError) -> Self {
        match error {
            EmbedError::Overloaded => Self::busy(ErrorCode::TooManyRequests, EMBEDDER_RETRY),
            EmbedError::Unavailable(_) => Self::caused_by(ErrorCode::EmbedderUnavailable, &error),
        }
    }
}

impl From<RetrieveError> for ApiError {
    fn from(error: RetrieveError) -> Self {
        match error {
            RetrieveError::OnlyFilters => Self::new(ErrorCode::OnlyFilters),
            RetrieveError::FilterTooBroad => Self::new(ErrorCode::FilterTooBroad),
            RetrieveError::Embed(error) => error.into(),
            RetrieveError::Store(error) => error.into(),
            RetrieveError::Passages(error) => {
                Self::caused_by(ErrorCode::CatalogUnavailable, &error)
            }
        }
    }
}

impl From<GenerateError> for ApiError {
    fn from(error: GenerateError) -> Self {
        match error {
            GenerateError::Overloaded { retry_after } => {
                Self::busy(ErrorCode::Overloaded, retry_after)
            }
            GenerateError::TooLong {
                prompt_tokens,
                limit,
                ..
            } => Self::new(ErrorCode::QuestionTooLong)
                .with("length", prompt_tokens)
                .with("max", limit),
            GenerateError::Deadline => Self::caused_by(ErrorCode::Timeout, &error),
            GenerateError::Unavailable(_) => Self::caused_by(ErrorCode::ModelUnavailable, &error),
        }
    }
}

impl From<AnswerError> for ApiError {
    fn from(error: AnswerError) -> Self {
        match error {
            AnswerError::Retrieve(error) => error.into(),
            AnswerError::Generate(error) => error.into(),
        }
    }
}
