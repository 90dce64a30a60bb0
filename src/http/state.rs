//! What the HTTP interface stands on, filled in by the composition root, and the limits it keeps.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::sync::Semaphore;

use crate::answer::Answerer;
use crate::catalog::Catalog;
use crate::fetch::{FetchSettings, Fetcher};
use crate::generate::Generator;
use crate::jobs::Ingestor;
use crate::retrieve::Retriever;
use crate::store::Live;
use crate::telemetry::Metrics;

/// When to come back to an embedder that is busy.
pub(crate) const EMBEDDER_RETRY: Duration = Duration::from_secs(2);

/// Everything that handlers call. Clones share it.
#[derive(Clone)]
pub struct HttpState {
    /// Knowledge bases, documents, originals and texts.
    pub catalog: Catalog,
    /// The worker behind uploads: followed, cancelled and retried here.
    pub ingestor: Ingestor,
    /// Finds passages.
    pub retriever: Retriever,
    /// Answers questions.
    pub answerer: Answerer,
    /// Name of the language model, if there is one.
    pub model: Option<Arc<str>>,
    /// What `/readyz` asks, in this order.
    pub readiness: Vec<ReadinessCheck>,
    /// What `/metrics` shows.
    pub metrics: Metrics,
}

/// Limits and names. `Default` suits one machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpSettings {
    /// Largest file, in bytes.
    pub max_file_bytes: u64,
    /// Most files in one upload.
    pub max_files: usize,
    /// Largest upload, all files together, in bytes.
    pub max_upload_bytes: u64,
    /// Files looked at once without being taken in; more are told to come back.
    pub max_previews: usize,
    /// Largest body with files to look at, in bytes.
    pub max_preview_bytes: u64,
    /// Largest JSON body, in bytes.
    pub max_json_bytes: usize,
    /// Requests handled at once; more are told to come back.
    pub max_requests: usize,
    /// Event streams open at once; more are told to come back.
    pub max_event_streams: usize,
    /// Time for a request that neither uploads nor answers.
    pub request_timeout: Duration,
    /// Time for an answer that is not streamed.
    pub answer_timeout: Duration,
    /// Longest silence within an upload.
    pub upload_silence: Duration,
    /// What is fetched from web addresses.
    pub fetch: FetchSettings,
    /// Names that browsers may reach us by, besides addresses and names of the local network.
    pub hosts: Vec<String>,
    /// Passages to read when a question does not say.
    pub answer_top_k: usize,
    /// Tokens to generate when a question does not say.
    pub answer_max_tokens: usize,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            max_file_bytes: 1 << 30,
            max_files: 1_000,
            max_upload_bytes: 32 << 30,
            max_previews: 2,
            max_preview_bytes: 512 << 20,
            max_json_bytes: 1 << 20,
            max_requests: 512,
            max_event_streams: 512,
            request_timeout: Duration::from_secs(60),
            answer_timeout: Duration::from_secs(300),
            upload_silence: Duration::from_secs(60),
            fetch: FetchSettings::default(),
            hosts: Vec::new(),
            answer_top_k: 5,
            answer_max_tokens: 256,
        }
    }
}

/// What axum carries: the state and its limits.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) state: HttpState,
    pub(crate) settings: Arc<HttpSettings>,
    /// Brings documents from web addresses.
    pub(crate) fetcher: Fetcher,
    /// One permit for each request being handled.
    pub(crate) requests: Arc<Semaphore>,
    /// One permit for each open event stream.
    pub(crate) streams: Arc<Semaphore>,
    /// One permit for each file being looked at.
    pub(crate) previews: Arc<Semaphore>,
    /// The permit of whoever measures or calibrates: thousands of searches at a stretch.
    pub(crate) measuring: Arc<Semaphore>,
}

impl App {
    pub(crate) fn new(state: HttpState, settings: HttpSettings) -> Self {
        Self {
            state,
            fetcher: Fetcher::new(settings.fetch.clone()),
            requests: Arc::new(Semaphore::new(settings.max_requests)),
            streams: Arc::new(Semaphore::new(settings.max_event_streams)),
            previews: Arc::new(Semaphore::new(settings.max_previews)),
            measuring: Arc::new(Semaphore::new(1)),
            settings: Arc::new(settings),
        }
    }
}

/// Why a part cannot do its work, and what a person should do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotReady {
    /// What is wrong.
    pub detail: String,
    /// What to do.
    pub hint: String,
}

type Probe = dyn Fn() -> BoxFuture<'static, Result<String, NotReady>> + Send + Sync;

/// One named part that `/readyz` asks whether it can work.
#[derive(Clone)]
pub struct ReadinessCheck {
    pub(crate) name: &'static str,
    pub(crate) probe: Arc<Probe>,
}

impl std::fmt::Debug for ReadinessCheck {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_tuple("ReadinessCheck")
            .field(&self.name)
            .finish()
    }
}

impl ReadinessCheck {
    /// A check of its own kind. `Ok` says in a few words what is there.
    pub fn new<F>(name: &'static str, probe: F) -> Self
    where
        F: Fn() -> BoxFuture<'static, Result<String, NotReady>> + Send + Sync + 'static,
    {
        Self {
            name,
            probe: Arc::new(probe),
        }
    }

    /// `catalog`: the database answers.
    #[must_use]
    pub fn catalog(catalog: Catalog) -> Self {
        Self::new("catalog", move || {
            let catalog = catalog.clone();
            Box::pin(async move {
                let totals = catalog.totals().await.map_err(|error| NotReady {
                    detail: error.to_string(),
                    hint: "Check the disk that holds the data folder, then run `wenyuan doctor`."
                        .to_owned(),
                })?;
                Ok(format!(
                    "{} knowledge bases, {} documents",
                    totals.knowledge_bases, totals.documents
                ))
            })
        })
    }

    /// `index`: the vector index answers.
    #[must_use]
    pub fn index(live: Live) -> Self {
        Self::new("index", move || {
            let store = live.now().store;
            Box::pin(async move {
                store.check().await.map_err(|error| NotReady {
                    detail: error.to_string(),
                    hint: "Check the [index] settings, then run `wenyuan doctor`.".to_owned(),
                })?;
                Ok("answers".to_owned())
            })
        })
    }

    /// `models`: the embedder embeds. A missing language model is no hindrance: answers are then quotes.
    #[must_use]
    pub fn models(live: Live, generator: Option<Arc<dyn Generator>>) -> Self {
        let model = generator.map_or_else(
            || "no language model, answers are quotes".to_owned(),
            |generator| format!("language model {}", generator.describe().name),
        );
        Self::new("models", move || {
            let embedder = live.now().embedder;
            let model = model.clone();
            Box::pin(async move {
                embedder.embed_query("ready?").await.map_err(|error| NotReady {
                    detail: error.to_string(),
                    hint: "Run `wenyuan models check`, and `wenyuan models pull` for what is missing.".to_owned(),
                })?;
                Ok(format!("embedder {}; {model}", embedder.fingerprint()))
            })
        })
    }
}
