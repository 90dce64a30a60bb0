//! Logs and figures about the running program: where they go and what they are called.

use std::io::IsTerminal as _;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Histograms of seconds: from a cached search to an answer on a slow machine.
const SECONDS: [f64; 14] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0, 120.0,
];

const REQUESTS: &str = "wenyuan_http_requests_total";
const REQUEST_SECONDS: &str = "wenyuan_http_request_seconds";
const OPEN_REQUESTS: &str = "wenyuan_http_requests_open";
const ANSWERS: &str = "wenyuan_answers_total";
const ANSWER_SECONDS: &str = "wenyuan_answer_seconds";
const FIRST_TOKEN_SECONDS: &str = "wenyuan_answer_first_token_seconds";
const TOKENS: &str = "wenyuan_tokens_total";
const JOBS: &str = "wenyuan_ingest_jobs";
const DOCUMENTS: &str = "wenyuan_documents";
const CHUNKS: &str = "wenyuan_chunks";
const UPLOADED: &str = "wenyuan_uploaded_files_total";

/// Sends logs to standard error. The first call counts; `RUST_LOG` wins over everything.
///
/// A server tells of each request, other commands only of trouble; each level of `verbose` tells more. Libraries below
/// us warn of their own inner life (flags not set, caches chosen): unless asked for, they are held to errors.
pub fn start(verbose: u8, serving: bool) {
    let level = match (verbose, serving) {
        (0, false) => "warn",
        (0, true) | (1, false) => "info",
        (1, true) | (2, false) => "debug",
        (_, _) => "trace",
    };
    let others = if verbose == 0 { "error" } else { "warn" };
    // A command that takes files in tells of each failure itself, in its reader's language.
    let told = if verbose == 0 && !serving {
        ",wenyuan::jobs=error"
    } else {
        ""
    };
    let ours = format!("{others},wenyuan={level},wenyuan_ingest={level}{told}");
    let ours = EnvFilter::new(ours);
    let filter = EnvFilter::try_from_default_env().unwrap_or(ours);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none())
        .with_target(false);
    if let Err(error) = tracing_subscriber::registry()
        .with(filter)
        .with(lines)
        .try_init()
    {
        tracing::debug!("logging was already started: {error}");
    }
}

/// The figures of this process. Clones show the same ones.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Metrics")
    }
}

/// What there is and what waits, as told by the catalog.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stock {
    /// Documents.
    pub documents: u64,
    /// Searchable chunks.
    pub chunks: u64,
    /// Jobs waiting.
    pub queued: u64,
    /// Jobs running.
    pub running: u64,
    /// Jobs failed.
    pub failed: u64,
}

/// One finished answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AnswerFigures {
    /// Whether it was a refusal.
    pub refused: bool,
    /// Tokens read.
    pub prompt_tokens: usize,
    /// Of these, not computed anew.
    pub cached_tokens: usize,
    /// Tokens written.
    pub completion_tokens: usize,
    /// Milliseconds to the first text.
    pub first_token_ms: f64,
    /// Milliseconds in all.
    pub total_ms: f64,
}

impl Metrics {
    /// Starts counting, once for the process; later calls give the same figures.
    #[must_use]
    pub fn install() -> Self {
        static STARTED: OnceLock<PrometheusHandle> = OnceLock::new();
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let handle = STARTED.get_or_init(|| {
            let builder = PrometheusBuilder::new();
            let builder = builder
                .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
                .unwrap_or_else(|_| PrometheusBuilder::new());
            let recorder = builder.build_recorder();
            let handle = recorder.handle();
            if metrics::set_global_recorder(recorder).is_err() {
                tracing::warn!("another metrics recorder is installed; /metrics will stay empty");
            }
            describe();
            handle
        });
        Self {
            handle: handle.clone(),
        }
    }

    /// The figures in Prometheus' text format.
    #[must_use]
    pub fn render(&self) -> String {
        self.handle.run_upkeep();
        self.handle.render()
    }

    /// Folds samples together for as long as it is polled, so that memory stays bounded when nobody reads them.
    pub async fn keep_small(self) {
        let mut every = tokio::time::interval(Duration::from_secs(10));
        loop {
            every.tick().await;
            self.handle.run_upkeep();
        }
    }
}

fn describe() {
    metrics::describe_counter!(REQUESTS, "Requests answered, by route, method and status");
    metrics::describe_histogram!(
        REQUEST_SECONDS,
        "Seconds until the response began, by route"
    );
    metrics::describe_gauge!(OPEN_REQUESTS, "Requests being handled");
    metrics::describe_counter!(ANSWERS, "Questions answered, by outcome");
    metrics::describe_histogram!(
        ANSWER_SECONDS,
        "Seconds from the question to the end of the answer"
    );
    metrics::describe_histogram!(
        FIRST_TOKEN_SECONDS,
        "Seconds from the question to the first text"
    );
    metrics::describe_counter!(
        TOKENS,
        "Tokens of the language model: prompt, cached, completion"
    );
    metrics::describe_gauge!(JOBS, "Ingestion jobs, by status");
    metrics::describe_gauge!(DOCUMENTS, "Documents in the catalog");
    metrics::describe_gauge!(CHUNKS, "Searchable chunks");
    metrics::describe_counter!(UPLOADED, "Files uploaded, by outcome");
}

/// Counts a request that has its response.
pub fn record_request(route: &str, method: &str, status: u16, elapsed: Duration) {
    let route = route.to_owned();
    metrics::counter!(REQUESTS, "route" => route.clone(), "method" => method.to_owned(), "status" => status.to_string())
        .increment(1);
    metrics::histogram!(REQUEST_SECONDS, "route" => route).record(elapsed.as_secs_f64());
}

/// Counts one more (`1.0`) or one less (`-1.0`) request being handled.
pub fn record_open_request(change: f64) {
    metrics::gauge!(OPEN_REQUESTS).increment(change);
}

/// Counts a finished answer.
pub fn record_answer(figures: AnswerFigures) {
    let outcome = if figures.refused {
        "refused"
    } else {
        "answered"
    };
    metrics::counter!(ANSWERS, "outcome" => outcome).increment(1);
    metrics::histogram!(ANSWER_SECONDS).record(figures.total_ms / 1_000.0);
    metrics::histogram!(FIRST_TOKEN_SECONDS).record(figures.first_token_ms / 1_000.0);
    for (kind, tokens) in [
        ("prompt", figures.prompt_tokens),
        ("cached", figures.cached_tokens),
        ("completion", figures.completion_tokens),
    ] {
        metrics::counter!(TOKENS, "kind" => kind).increment(tokens as u64);
    }
}

/// Counts an answer that ended badly or was not waited for.
pub fn record_lost_answer(outcome: &'static str) {
    metrics::counter!(ANSWERS, "outcome" => outcome).increment(1);
}

/// Counts an uploaded file.
pub fn record_upload(taken: bool) {
    let outcome = if taken { "taken" } else { "refused" };
    metrics::counter!(UPLOADED, "outcome" => outcome).increment(1);
}

/// Sets what there is.
pub fn record_stock(stock: Stock) {
    metrics::gauge!(DOCUMENTS).set(stock.documents as f64);
    metrics::gauge!(CHUNKS).set(stock.chunks as f64);
    for (status, jobs) in [
        ("queued", stock.queued),
        ("running", stock.running),
        ("failed", stock.failed),
    ] {
        metrics::gauge!(JOBS, "status" => status).set(jobs as f64);
    }
}
