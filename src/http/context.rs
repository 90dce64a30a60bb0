//! What every handler may know about its request besides the body: its id and the language of its reader.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use uuid::Uuid;

use super::language::Tongue;

/// The header that carries the id in and out.
pub(crate) const REQUEST_ID: &str = "x-request-id";

/// A request's id and language.
#[derive(Debug, Clone)]
pub(crate) struct RequestContext {
    /// Ours, or the client's where that is short and plain.
    pub(crate) id: Arc<str>,
    /// The language that errors are told in.
    pub(crate) tongue: Tongue,
}

impl RequestContext {
    /// Reads the headers; makes an id where none came.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let given = headers
            .get(REQUEST_ID)
            .and_then(|value| value.to_str().ok())
            .filter(|id| (1..=64).contains(&id.len()))
            .filter(|id| {
                id.bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
            });
        Self {
            id: given.map_or_else(|| Uuid::now_v7().to_string().into(), Arc::from),
            tongue: Tongue::of(headers),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequestContext {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(parts
            .extensions
            .get::<Self>()
            .cloned()
            .unwrap_or_else(|| Self::of(&parts.headers)))
    }
}
