//! What handlers take in, with every rejection told as one of our own errors.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::code::ErrorCode;
use super::error::ApiError;
use super::state::App;
use super::text::bytes_for_people;
use crate::catalog::KnowledgeBase;
use crate::model::{DocumentId, GoldId, JobId};

/// A JSON body. Fields that we do not know are ignored.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            let expected = "application/json";
            return Err(ApiError::new(ErrorCode::UnsupportedMediaType).with("expected", expected));
        }
        let bytes = Bytes::from_request(request, app)
            .await
            .map_err(|rejection| unread(&rejection, app))?;
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|error| bad_json(&error))
    }
}

/// A JSON body that may be left out: nothing at all stands for the default.
pub(crate) struct OptionalBody<T>(pub(crate) T);

impl<T: DeserializeOwned + Default> FromRequest<App> for OptionalBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let json = is_json(request.headers());
        let bytes = Bytes::from_request(request, app)
            .await
            .map_err(|rejection| unread(&rejection, app))?;
        if bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        if !json {
            let expected = "application/json";
            return Err(ApiError::new(ErrorCode::UnsupportedMediaType).with("expected", expected));
        }
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|error| bad_json(&error))
    }
}

/// A body of text, as lines of JSON are.
pub(crate) struct Lines(pub(crate) String);

impl FromRequest<App> for Lines {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let taken = ["application/x-ndjson", "application/jsonl", "text/plain"];
        if !taken.contains(&media_type(request.headers()).as_str()) {
            let expected = taken[0];
            return Err(ApiError::new(ErrorCode::UnsupportedMediaType).with("expected", expected));
        }
        let bytes = Bytes::from_request(request, app)
            .await
            .map_err(|rejection| unread(&rejection, app))?;
        String::from_utf8(bytes.into())
            .map(Self)
            .map_err(|_error| ApiError::new(ErrorCode::UnreadableBody))
    }
}

/// Whether the body claims to be JSON.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let essence = media_type(headers);
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// The media type of the body without its parameters, in lower case; empty when there is none.
pub(crate) fn media_type(headers: &HeaderMap) -> String {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    value
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

fn unread(rejection: &BytesRejection, app: &App) -> ApiError {
    if matches!(
        rejection,
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_))
    ) {
        let most = bytes_for_people(app.settings.max_json_bytes as u64);
        return ApiError::new(ErrorCode::PayloadTooLarge).with("max", most);
    }
    ApiError::new(ErrorCode::UnreadableBody)
}

/// Tells broken JSON from JSON of another shape; the detail names the place.
pub(crate) fn bad_json(error: &serde_json::Error) -> ApiError {
    let code = match error.classify() {
        serde_json::error::Category::Data => ErrorCode::InvalidBody,
        serde_json::error::Category::Syntax
        | serde_json::error::Category::Eof
        | serde_json::error::Category::Io => ErrorCode::InvalidJson,
    };
    ApiError::new(code).with("detail", error)
}

/// Query parameters.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        let read = axum::extract::Query::<T>::try_from_uri(&parts.uri);
        read.map(|axum::extract::Query(query)| Self(query))
            .map_err(|rejection| {
                let text = rejection.body_text();
                let problem = text
                    .strip_prefix("Failed to deserialize query string: ")
                    .unwrap_or(&text);
                let (name, detail) = problem.split_once(": ").unwrap_or(("query", problem));
                ApiError::new(ErrorCode::InvalidParameter)
                    .with("name", name)
                    .with("detail", detail)
            })
    }
}

/// The knowledge base that the path names, by id or by name.
pub(crate) struct InKnowledgeBase(pub(crate) KnowledgeBase);

impl FromRequestParts<App> for InKnowledgeBase {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let name = path_parameter(parts, app, "kb").await?;
        Ok(Self(app.state.catalog.knowledge_base(&name).await?))
    }
}

/// The document that the path names. Whether there is one, the catalog says.
pub(crate) struct InDocument {
    /// The knowledge base.
    pub(crate) knowledge_base: KnowledgeBase,
    /// The document.
    pub(crate) id: DocumentId,
}

impl FromRequestParts<App> for InDocument {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let InKnowledgeBase(knowledge_base) =
            InKnowledgeBase::from_request_parts(parts, app).await?;
        let text = path_parameter(parts, app, "id").await?;
        let missing = |_| ApiError::new(ErrorCode::DocumentNotFound).with("id", &text);
        Ok(Self {
            knowledge_base,
            id: text.parse().map_err(missing)?,
        })
    }
}

/// The gold question that the path names. Whether there is one, the catalog says.
pub(crate) struct OfGoldQuestion {
    /// The knowledge base.
    pub(crate) knowledge_base: KnowledgeBase,
    /// The question.
    pub(crate) id: GoldId,
}

impl FromRequestParts<App> for OfGoldQuestion {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let InKnowledgeBase(knowledge_base) =
            InKnowledgeBase::from_request_parts(parts, app).await?;
        let text = path_parameter(parts, app, "id").await?;
        let missing = |_| ApiError::new(ErrorCode::GoldQuestionNotFound).with("id", &text);
        Ok(Self {
            knowledge_base,
            id: text.parse().map_err(missing)?,
        })
    }
}

/// The job that the path names.
pub(crate) struct OfJob(pub(crate) JobId);

impl FromRequestParts<App> for OfJob {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let text = path_parameter(parts, app, "id").await?;
        let missing = |_| ApiError::new(ErrorCode::JobNotFound).with("id", &text);
        Ok(Self(text.parse().map_err(missing)?))
    }
}

async fn path_parameter(
    parts: &mut Parts,
    app: &App,
    name: &'static str,
) -> Result<String, ApiError> {
    let invalid = |detail: String| {
        ApiError::new(ErrorCode::InvalidParameter)
            .with("name", name)
            .with("detail", detail)
    };
    let parameters = RawPathParams::from_request_parts(parts, app)
        .await
        .map_err(|rejection| invalid(rejection.body_text()))?;
    let found = parameters.iter().find(|(known, _)| *known == name);
    found
        .map(|(_, value)| value.to_owned())
        .ok_or_else(|| invalid("it is missing".to_owned()))
}

/// A number within its range, or the default where none came.
pub(crate) fn within<N>(
    name: &'static str,
    given: Option<N>,
    default: N,
    range: std::ops::RangeInclusive<N>,
) -> Result<N, ApiError>
where
    N: PartialOrd + std::fmt::Display,
{
    let value = given.unwrap_or(default);
    if range.contains(&value) {
        return Ok(value);
    }
    Err(ApiError::new(ErrorCode::OutOfRange)
        .with("name", name)
        .with("min", range.start())
        .with("max", range.end()))
}
