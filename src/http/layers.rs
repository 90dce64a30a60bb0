//! What surrounds every handler: identity, log, figures, error rendering, limits and safe headers.

use std::any::Any;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate as _};
use tracing::Instrument as _;

use super::code::ErrorCode;
use super::context::{REQUEST_ID, RequestContext};
use super::error::ApiError;
use super::guard::keep_strangers_out;
use super::state::App;
use crate::telemetry;

/// Headers that every response carries unless a handler has said otherwise.
const SAFE_HEADERS: [(&str, &str); 5] = [
    (
        "content-security-policy",
        "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'self'; \
         form-action 'self'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// When to come back after [`ErrorCode::TooManyRequests`].
const RETRY: Duration = Duration::from_secs(1);

/// Puts all layers around the routes, the outermost last.
pub(crate) fn wrap(router: Router, app: &App) -> Router {
    let worth_packing = DefaultPredicate::new()
        .and(NotForContentType::const_new("application/pdf"))
        .and(NotForContentType::const_new("application/octet-stream"));
    router
        .layer(from_fn_with_state(app.clone(), limit_requests))
        .layer(from_fn_with_state(app.clone(), keep_strangers_out))
        .layer(CatchPanicLayer::custom(after_panic))
        .layer(from_fn(frame))
        .layer(
            CompressionLayer::new()
                .gzip(true)
                .compress_when(worth_packing),
        )
}

/// Knows who asks: gives the request its id and language, logs and counts it, and puts errors into words.
async fn frame(mut request: Request, next: Next) -> Response {
    let context = RequestContext::of(request.headers());
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("(none)", MatchedPath::as_str)
        .to_owned();
    let method = request.method().clone();
    let span = tracing::info_span!("request", request.id = %context.id, http.method = %method, http.route = route);
    request.extensions_mut().insert(context.clone());
    let started = Instant::now();
    telemetry::record_open_request(1.0);
    let _open = Open;
    let mut response = next.run(request).instrument(span.clone()).await;
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        response = in_words(&error, &context, &response);
    }
    let elapsed = started.elapsed();
    let status = response.status().as_u16();
    telemetry::record_request(&route, method.as_str(), status, elapsed);
    span.in_scope(|| {
        tracing::info!(
            http.status = status,
            duration_ms = elapsed.as_millis() as u64,
            "{method} {route} {status}"
        );
    });
    finish_headers(&mut response, &context);
    response
}

/// Counts the request as done even when its client leaves and this future is dropped.
struct Open;

impl Drop for Open {
    fn drop(&mut self) {
        telemetry::record_open_request(-1.0);
    }
}

fn in_words(error: &ApiError, context: &RequestContext, bare: &Response) -> Response {
    let mut response = error.response(context);
    for (name, value) in bare.headers() {
        if !response.headers().contains_key(name) && name != axum::http::header::CONTENT_LENGTH {
            response.headers_mut().insert(name.clone(), value.clone());
        }
    }
    response
}

fn finish_headers(response: &mut Response, context: &RequestContext) {
    let headers = response.headers_mut();
    for (name, value) in SAFE_HEADERS {
        headers
            .entry(HeaderName::from_static(name))
            .or_insert(HeaderValue::from_static(value));
    }
    if let Ok(id) = HeaderValue::from_str(&context.id) {
        headers.insert(REQUEST_ID, id);
    }
}

/// Turns a panic into an error of ours; the panic hook has already written where it happened.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the layer hands the panic over"
)]
fn after_panic(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without words");
    ApiError::caused_by(ErrorCode::Internal, &text).into_response()
}

/// Takes no more requests at once than the settings allow. Streams go on after their permit here is back.
async fn limit_requests(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let Ok(_permit) = app.requests.try_acquire() else {
        return Err(ApiError::busy(ErrorCode::TooManyRequests, RETRY));
    };
    Ok(next.run(request).await)
}

/// Ends requests that take longer than others of their kind may.
pub(crate) async fn limit_time(
    State(limit): State<Duration>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => Ok(response),
        Err(elapsed) => Err(ApiError::caused_by(ErrorCode::Timeout, &elapsed)),
    }
}
