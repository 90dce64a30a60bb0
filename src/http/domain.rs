//! What the errors of the layers below are called at the door. No wildcard: a new variant does not compile unmapped.

use wenyuan_ingest::{EmbedError, WordError, WordList};

use super::code::ErrorCode;
use super::error::ApiError;
use super::language::Tongue;
use super::state::EMBEDDER_RETRY;
use super::text::bytes_for_people;
use crate::answer::AnswerError;
use crate::catalog::{CatalogError, Entity};
use crate::eval::{CalibrateError, GoldError, ImportRefusal};
use crate::fetch::FetchError;
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
        Entity::GoldQuestion => ErrorCode::GoldQuestionNotFound,
    }
}

impl From<FetchError> for ApiError {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Invalid { detail } => {
                Self::new(ErrorCode::UrlInvalid).with("detail", detail)
            }
            FetchError::Refused { host } => Self::new(ErrorCode::UrlRefused).with("host", host),
            FetchError::PortRefused { port } => {
                Self::new(ErrorCode::UrlPortRefused).with("port", port)
            }
            FetchError::Downgraded { host } => {
                Self::new(ErrorCode::UrlDowngraded).with("host", host)
            }
            FetchError::Status { host, status } => Self::new(ErrorCode::UrlStatus)
                .with("host", host)
                .with("status", status),
            FetchError::TooManyRedirects { limit } => {
                Self::new(ErrorCode::TooManyRedirects).with("max", limit)
            }
            FetchError::TooLarge { limit } => {
                Self::new(ErrorCode::UrlTooLarge).with("max", bytes_for_people(limit))
            }
            FetchError::Unreachable { host, detail } => Self::new(ErrorCode::UrlUnreachable)
                .with("host", host)
                .with("detail", detail.trim_end_matches('.')),
            FetchError::TimedOut { seconds } => {
                Self::new(ErrorCode::UrlTimeout).with("seconds", seconds)
            }
            FetchError::Disabled => Self::new(ErrorCode::UrlDisabled),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Rejected(_) => Self::caused_by(ErrorCode::Internal, &error),
            StoreError::OtherEmbedder {
                made_with, wanted, ..
            } => Self::mismatch(&made_with, &wanted),
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

impl From<GoldError> for ApiError {
    fn from(error: GoldError) -> Self {
        match error {
            GoldError::NoQuestions => Self::new(ErrorCode::NoGoldQuestions),
            GoldError::Question(error) => error.into(),
            GoldError::Retrieve(error) => error.into(),
        }
    }
}

impl From<CalibrateError> for ApiError {
    fn from(error: CalibrateError) -> Self {
        match error {
            CalibrateError::TooLittle { made, fewest } => Self::new(ErrorCode::TooLittleText)
                .with("made", made)
                .with("fewest", fewest),
            CalibrateError::Catalog(error) => error.into(),
            CalibrateError::Retrieve(error) => error.into(),
        }
    }
}

impl From<WordError> for ApiError {
    fn from(error: WordError) -> Self {
        match error {
            WordError::TooMany { count } => Self::new(ErrorCode::TooManyWords)
                .with("count", count)
                .with("max", WordList::MOST),
            WordError::TooShort { word } => Self::new(ErrorCode::WordTooShort)
                .with("word", word)
                .with("min", WordList::SHORTEST),
            WordError::TooLong { word } => Self::new(ErrorCode::WordTooLong)
                .with("word", word)
                .with("max", WordList::LONGEST),
            WordError::Characters { word } => {
                Self::new(ErrorCode::WordNotAllowed).with("word", word)
            }
        }
    }
}

/// Why a word was refused and what to do, in the words of the HTTP interface.
pub(crate) fn refused_word(error: WordError, tongue: Tongue) -> String {
    let [message, hint] = ApiError::from(error).sentences(tongue);
    format!("{message}\n{hint}")
}

impl From<ImportRefusal> for ApiError {
    fn from(error: ImportRefusal) -> Self {
        match error {
            ImportRefusal::Malformed(error) => super::extract::bad_json(&error),
            ImportRefusal::Question(error) => error.into(),
            ImportRefusal::Catalog(error) => error.into(),
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
