//! The one table from error codes to HTTP statuses, and the one shape that errors leave in. Nothing else in this
//! crate names `StatusCode`, except where a success is not 200.

use std::time::Duration;

use axum::Json;
use axum::http::header::{CONTENT_LANGUAGE, RETRY_AFTER, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::code::ErrorCode;
use super::context::RequestContext;
use super::language::Tongue;
use super::messages::{fill, words};

/// An error on its way out. It becomes words only when the language of the request is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError {
    code: ErrorCode,
    arguments: Vec<(&'static str, String)>,
    retry_after: Option<Duration>,
}

/// What an error looks like.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErrorResponse {
    /// The error.
    pub(crate) error: ErrorBody,
}

/// The error itself.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErrorBody {
    /// Stable snake_case name.
    #[schema(example = "empty_question")]
    pub(crate) code: &'static str,
    /// What happened, in the language of the request.
    pub(crate) message: String,
    /// What to do next.
    pub(crate) hint: String,
    /// Names this request in the server's log.
    pub(crate) request_id: String,
}

impl ApiError {
    /// An error whose words need no arguments.
    pub(crate) const fn new(code: ErrorCode) -> Self {
        Self {
            code,
            arguments: Vec::new(),
            retry_after: None,
        }
    }

    /// Adds what `{name}` stands for in the message.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.arguments.push((name, value.to_string()));
        self
    }

    /// A refusal for now: the client is told when to come back, in whole seconds of at least one.
    pub(crate) fn busy(code: ErrorCode, after: Duration) -> Self {
        let seconds = after.as_secs_f64().ceil().max(1.0) as u64;
        Self {
            retry_after: Some(Duration::from_secs(seconds)),
            ..Self::new(code).with("seconds", seconds)
        }
    }

    /// A failure that is not the client's: the cause is logged here, once, and never sent.
    pub(crate) fn caused_by(code: ErrorCode, cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(error.code = code.as_str(), error.cause = %cause, "request failed: {cause}");
        Self::new(code)
    }

    /// Which error it is.
    pub(crate) const fn code(&self) -> ErrorCode {
        self.code
    }

    /// What happened and what to do next, in this language.
    pub(crate) fn sentences(&self, tongue: Tongue) -> [String; 2] {
        let words = words(self.code, tongue);
        [words.message, words.hint].map(|template| fill(template, &self.arguments))
    }

    /// The error in the words of one request.
    pub(crate) fn body(&self, context: &RequestContext) -> ErrorBody {
        let [message, hint] = self.sentences(context.tongue);
        ErrorBody {
            code: self.code.as_str(),
            message,
            hint,
            request_id: context.id.to_string(),
        }
    }

    /// The whole response in the words of one request.
    pub(crate) fn response(&self, context: &RequestContext) -> Response {
        let body = ErrorResponse {
            error: self.body(context),
        };
        let mut response = (status(self.code), Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_LANGUAGE,
            HeaderValue::from_static(context.tongue.tag()),
        );
        headers.insert(VARY, HeaderValue::from_static("accept-language"));
        if let Some(after) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(after.as_secs()));
        }
        response
    }
}

impl IntoResponse for ApiError {
    /// Leaves the error in the response's extensions: the outermost layer, which knows the request, writes the body.
    fn into_response(self) -> Response {
        let mut response = status(self.code).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The status of every error.
const fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::EmptyQuestion
        | ErrorCode::OnlyFilters
        | ErrorCode::FilterTooBroad
        | ErrorCode::QuestionTooLong
        | ErrorCode::InvalidJson
        | ErrorCode::InvalidBody
        | ErrorCode::UnreadableBody
        | ErrorCode::InvalidParameter
        | ErrorCode::OutOfRange
        | ErrorCode::InvalidRequest
        | ErrorCode::InvalidName
        | ErrorCode::InvalidMultipart
        | ErrorCode::NoFiles
        | ErrorCode::EmptyFile
        | ErrorCode::TooManyWords
        | ErrorCode::WordTooShort
        | ErrorCode::WordTooLong
        | ErrorCode::WordNotAllowed
        | ErrorCode::UrlInvalid => StatusCode::BAD_REQUEST,
        ErrorCode::HostRefused
        | ErrorCode::OriginRefused
        | ErrorCode::UrlRefused
        | ErrorCode::UrlPortRefused
        | ErrorCode::UrlDowngraded
        | ErrorCode::UrlDisabled => StatusCode::FORBIDDEN,
        ErrorCode::RouteNotFound
        | ErrorCode::KnowledgeBaseNotFound
        | ErrorCode::DocumentNotFound
        | ErrorCode::VersionNotFound
        | ErrorCode::ContentNotFound
        | ErrorCode::PageNotFound
        | ErrorCode::NoPageImages
        | ErrorCode::GoldQuestionNotFound
        | ErrorCode::JobNotFound => StatusCode::NOT_FOUND,
        ErrorCode::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        ErrorCode::NameTaken
        | ErrorCode::NotCancellable
        | ErrorCode::NotRetryable
        | ErrorCode::EmbedderMismatch
        | ErrorCode::EmbedderInUse
        | ErrorCode::IndexChangeUnderWay
        | ErrorCode::IndexNotReady
        | ErrorCode::NoOtherIndex
        | ErrorCode::Conflict => StatusCode::CONFLICT,
        ErrorCode::TooManyFiles
        | ErrorCode::PayloadTooLarge
        | ErrorCode::FileTooLarge
        | ErrorCode::UrlTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::UnsupportedMediaType | ErrorCode::UnsupportedFormat => {
            StatusCode::UNSUPPORTED_MEDIA_TYPE
        }
        ErrorCode::Unsupported
        | ErrorCode::EmbedderNotInstalled
        | ErrorCode::NoGoldQuestions
        | ErrorCode::TooLittleText
        | ErrorCode::UrlStatus
        | ErrorCode::TooManyRedirects
        | ErrorCode::UrlUnreachable
        | ErrorCode::UrlTimeout => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::Overloaded | ErrorCode::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        ErrorCode::ModelUnavailable
        | ErrorCode::EmbedderUnavailable
        | ErrorCode::IndexUnavailable
        | ErrorCode::CatalogUnavailable
        | ErrorCode::StorageFull
        | ErrorCode::Timeout => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// A body under one of the few statuses that are neither 200 nor an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Made: 201.
    Created,
    /// Taken in, to be worked on: 202.
    Accepted,
    /// Done, nothing to say: 204.
    NoContent,
    /// A part of the content: 206.
    Partial,
    /// The client's copy is current: 304.
    Unchanged,
    /// The range asked for lies outside: 416.
    OutsideRange,
    /// Not ready: 503.
    NotReady,
}

impl IntoResponse for Outcome {
    fn into_response(self) -> Response {
        match self {
            Self::Created => StatusCode::CREATED,
            Self::Accepted => StatusCode::ACCEPTED,
            Self::NoContent => StatusCode::NO_CONTENT,
            Self::Partial => StatusCode::PARTIAL_CONTENT,
            Self::Unchanged => StatusCode::NOT_MODIFIED,
            Self::OutsideRange => StatusCode::RANGE_NOT_SATISFIABLE,
            Self::NotReady => StatusCode::SERVICE_UNAVAILABLE,
        }
        .into_response()
    }
}

impl Outcome {
    /// This outcome with headers and a body.
    pub(crate) fn with(self, headers: HeaderMap, body: impl IntoResponse) -> Response {
        let mut response = (headers, body).into_response();
        *response.status_mut() = self.into_response().status();
        response
    }
}
