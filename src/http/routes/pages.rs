//! The OpenAPI document, its page, the web interface, and what is said where there is nothing.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use crate::http::assets;
use crate::http::code::ErrorCode;
use crate::http::error::ApiError;
use crate::http::state::App;

/// Paths below these are for programs: a miss there is an error in JSON, never a page.
const FOR_PROGRAMS: [&str; 3] = ["/api", "/v1", "/mcp"];

/// The document itself is added by [`documentation`], which knows it.
pub(super) fn router() -> Router<App> {
    Router::new().route("/docs/style.css", get(style))
}

/// `/openapi.json` and `/docs` for a finished document.
pub(crate) fn documentation(json: String, page: String) -> Router<App> {
    let json: Arc<str> = json.into();
    let page: Arc<str> = page.into();
    let send = |kind: &'static str, text: Arc<str>| {
        get(move || {
            let text = Arc::clone(&text);
            async move {
                (
                    [(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")],
                    text.to_string(),
                )
            }
        })
    };
    Router::new()
        .route("/openapi.json", send("application/json", json))
        .route("/docs", send("text/html; charset=utf-8", page))
}

async fn style() -> Response {
    (
        [
            (CONTENT_TYPE, "text/css; charset=utf-8"),
            (CACHE_CONTROL, "no-cache"),
        ],
        include_str!("../docs.css"),
    )
        .into_response()
}

/// The web interface, or a miss.
pub(crate) async fn anything_else(
    method: Method,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let path = request.uri().path();
    let for_programs = FOR_PROGRAMS.iter().any(|prefix| {
        path.strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    let shown = if for_programs || ![Method::GET, Method::HEAD].contains(&method) {
        None
    } else {
        assets::find(path, &headers)
    };
    shown.unwrap_or_else(|| {
        ApiError::new(ErrorCode::RouteNotFound)
            .with("path", path)
            .into_response()
    })
}

/// A path that is there, asked in a way that it does not know.
pub(crate) async fn wrong_method(request: Request) -> ApiError {
    ApiError::new(ErrorCode::MethodNotAllowed)
        .with("path", request.uri().path())
        .with("method", request.method())
}
