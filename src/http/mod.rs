//! The HTTP interface: routes, the layers around them, one table of errors, streams, and the web interface.

mod assets;
mod code;
mod content;
mod context;
mod docs;
mod domain;
mod error;
mod extract;
mod failures;
mod fetching;
mod guard;
mod indexing;
mod language;
mod layers;
mod measuring;
mod messages;
mod openapi;
mod reasons;
mod remedies;
mod routes;
mod sse;
mod state;
mod text;
mod upload;
mod wording;

use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub(crate) use domain::refused_word;
pub(crate) use failures::{warning as warning_words, words as failure_words};
pub(crate) use indexing::change_refused;
pub(crate) use language::Tongue;
pub(crate) use routes::WhyNotResponse;
pub use state::{HttpSettings, HttpState, NotReady, ReadinessCheck};

use crate::telemetry::Metrics;
use routes::{anything_else, documentation, wrong_method};
use state::App;

/// Open streams would otherwise keep a stopping server alive for ever.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);

/// Every path of the server, with all layers. Cheap enough to build for each test.
///
/// # Panics
/// Never: the OpenAPI document is our own and always serializes.
pub fn router(state: HttpState, settings: HttpSettings) -> Router {
    let app = App::new(state, settings);
    let (documented, document) = routes::all(&app).split_for_parts();
    let json = openapi::to_json(&document);
    let page = docs::page(&json);
    let routes = documented
        .merge(routes::pages())
        .merge(documentation(json.to_string(), page))
        .method_not_allowed_fallback(wrong_method)
        .fallback(anything_else)
        .with_state(app.clone());
    layers::wrap(routes, &app)
}

/// Serves until `shutdown` completes; then takes no new requests, and ends open ones five seconds later at the latest.
///
/// # Errors
/// When the listener breaks.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let figures = tokio::spawn(Metrics::install().keep_small());
    let stopping = CancellationToken::new();
    let told = stopping.clone();
    let until_told = async move {
        shutdown.await;
        told.cancel();
    };
    let serving = axum::serve(listener, router).with_graceful_shutdown(until_told);
    let out_of_patience = async {
        stopping.cancelled().await;
        tokio::time::sleep(SHUTDOWN_GRACE).await;
    };
    let result = tokio::select! {
        result = serving.into_future() => result,
        () = out_of_patience => Ok(()),
    };
    figures.abort();
    result
}
