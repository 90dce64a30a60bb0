//! A worker to test with.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Semaphore;
use wenyuan_ingest::{EmbedError, Embedder, TokenCounter};

use super::shelf::Shelf;
use crate::catalog::{Accepted, Catalog, DataFolder, Document, NewDocument, NewKnowledgeBase};
use crate::jobs::{Ingestor, IngestorSettings, JobEvent};
use crate::model::{DocumentId, KnowledgeBaseId};
use crate::store::{Filter, Live, MemoryStore, VectorStore};

pub(super) const DIMENSION: usize = 8;

/// Vectors from the text's hash; calls can be held back or made to fail.
pub(super) struct TwinEmbedder {
    pub(super) gate: Semaphore,
    pub(super) failures: AtomicUsize,
    pub(super) calls: AtomicUsize,
    /// Every text that was embedded.
    pub(super) texts: Mutex<Vec<String>>,
    /// A call with this word in a text never returns.
    pub(super) stuck_on: Option<&'static str>,
    /// How often tokens were counted.
    pub(super) counts: AtomicUsize,
    /// Nothing is counted while this is true.
    counting_waits: (Mutex<bool>, Condvar),
}

impl TwinEmbedder {
    pub(super) fn open() -> Arc<Self> {
        Self::with_permits(Semaphore::MAX_PERMITS)
    }

    /// Nothing is embedded until permits are added.
    pub(super) fn shut() -> Arc<Self> {
        Self::with_permits(0)
    }

    /// Texts with this word are never done.
    pub(super) fn stuck_on(word: &'static str) -> Arc<Self> {
        let mut twin = Arc::into_inner(Self::open()).expect("nobody else has it");
        twin.stuck_on = Some(word);
        Arc::new(twin)
    }

    /// Holds counting up, or lets it go on.
    pub(super) fn hold_counting(&self, wait: bool) {
        let (waits, changed) = &self.counting_waits;
        *waits.lock().expect("no panic") = wait;
        changed.notify_all();
    }

    /// The texts embedded since the last time.
    pub(super) fn take_texts(&self) -> Vec<String> {
        std::mem::take(&mut self.texts.lock().expect("no panic"))
    }

    fn with_permits(permits: usize) -> Arc<Self> {
        Arc::new(Self {
            gate: Semaphore::new(permits),
            failures: AtomicUsize::new(0),
            calls: AtomicUsize::new(0),
            texts: Mutex::default(),
            stuck_on: None,
            counts: AtomicUsize::new(0),
            counting_waits: Default::default(),
        })
    }
}

impl TokenCounter for TwinEmbedder {
    fn count(&self, text: &str) -> usize {
        self.counts.fetch_add(1, Ordering::SeqCst);
        let (waits, changed) = &self.counting_waits;
        let waits = waits.lock().expect("no panic");
        drop(changed.wait_while(waits, |waits| *waits).expect("no panic"));
        text.chars().count()
    }
}

#[async_trait]
impl Embedder for TwinEmbedder {
    fn fingerprint(&self) -> &'static str {
        "twin"
    }

    fn dimension(&self) -> usize {
        DIMENSION
    }

    fn max_tokens(&self) -> usize {
        512
    }

    async fn embed_passages(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, EmbedError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let stuck = |word: &str| texts.iter().any(|text| text.contains(word));
        if self.stuck_on.is_some_and(stuck) {
            std::future::pending::<()>().await;
        }
        let _permit = self.gate.acquire().await.expect("an open gate");
        let fails = |left: usize| left.checked_sub(1);
        if self
            .failures
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, fails)
            .is_ok()
        {
            return Err(EmbedError::Overloaded);
        }
        let vectors = texts.iter().map(|text| vector(text)).collect();
        self.texts.lock().expect("no panic").extend(texts);
        Ok(vectors)
    }

    async fn embed_query(&self, text: &str) -> Result<Vec<f32>, EmbedError> {
        Ok(vector(text))
    }
}

fn vector(text: &str) -> Vec<f32> {
    let hash = blake3::hash(text.as_bytes());
    let raw: Vec<f32> = hash
        .as_bytes()
        .iter()
        .take(DIMENSION)
        .map(|byte| f32::from(*byte) + 1.0)
        .collect();
    let norm = raw.iter().map(|value| value * value).sum::<f32>().sqrt();
    raw.iter().map(|value| value / norm).collect()
}

pub(super) struct Fixture {
    pub(super) folder: tempfile::TempDir,
    pub(super) catalog: Catalog,
    pub(super) knowledge_base: KnowledgeBaseId,
    pub(super) store: Arc<MemoryStore>,
    pub(super) embedder: Arc<TwinEmbedder>,
    pub(super) ingestor: Ingestor,
}

pub(super) fn settings() -> IngestorSettings {
    let mut settings = IngestorSettings::new(PathBuf::from("/bin/false"));
    settings.retry_pauses = vec![Duration::from_millis(1); 3];
    settings
}

pub(super) async fn open(folder: &std::path::Path) -> Catalog {
    Catalog::open(DataFolder::lock(folder).expect("lock"))
        .await
        .expect("open")
}

pub(super) async fn fixture(embedder: Arc<TwinEmbedder>) -> Fixture {
    let store = Arc::new(MemoryStore::new(DIMENSION));
    let seen: Arc<dyn VectorStore> = Arc::<MemoryStore>::clone(&store);
    fixture_with(embedder, store, seen, settings()).await
}

/// A worker with settings of its own that sees the index through something else.
pub(super) async fn fixture_with(
    embedder: Arc<TwinEmbedder>,
    store: Arc<MemoryStore>,
    seen: Arc<dyn VectorStore>,
    settings: IngestorSettings,
) -> Fixture {
    let folder = tempfile::tempdir().expect("temporary folder");
    let catalog = open(folder.path()).await;
    let new = NewKnowledgeBase {
        name: "库".to_owned(),
        description: String::new(),
    };
    let knowledge_base = catalog
        .create_knowledge_base(new)
        .await
        .expect("knowledge base")
        .id;
    let counted: Arc<dyn Embedder> = Arc::<TwinEmbedder>::clone(&embedder);
    let live = Live::new(counted, seen);
    let ingestor = Ingestor::start(catalog.clone(), live, Arc::new(Shelf::default()), settings)
        .await
        .expect("start");
    Fixture {
        folder,
        catalog,
        knowledge_base,
        store,
        embedder,
        ingestor,
    }
}

pub(super) async fn start(
    catalog: &Catalog,
    embedder: &Arc<TwinEmbedder>,
    store: &Arc<MemoryStore>,
) -> Ingestor {
    let embedder: Arc<dyn Embedder> = Arc::<TwinEmbedder>::clone(embedder);
    let store: Arc<dyn VectorStore> = Arc::<MemoryStore>::clone(store);
    let live = Live::new(embedder, store);
    Ingestor::start(
        catalog.clone(),
        live,
        Arc::new(Shelf::default()),
        settings(),
    )
    .await
    .expect("start")
}

impl Fixture {
    pub(super) async fn upload(&self, name: &str, bytes: &[u8]) -> Accepted {
        let blob = self
            .catalog
            .blobs()
            .store(bytes, 1 << 20)
            .await
            .expect("store");
        let new = NewDocument::new(name, blob);
        self.catalog
            .add_document(self.knowledge_base, new)
            .await
            .expect("add")
    }

    pub(super) async fn ingest(&self, name: &str, bytes: &[u8]) -> (DocumentId, JobEvent) {
        let accepted = self.upload(name, bytes).await;
        let end = self.ingestor.wait(accepted.job_id).await.expect("end");
        (accepted.document_id, end)
    }

    pub(super) async fn document(&self, id: DocumentId) -> Document {
        self.catalog
            .document(self.knowledge_base, id)
            .await
            .expect("document")
    }

    pub(super) async fn points(&self) -> usize {
        self.store.count(&Filter::default()).await.expect("count")
    }
}
