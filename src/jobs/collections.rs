//! The collections of the index that are open: the one that is searched and written, and the one that is filled from the
//! catalog beside it, until it takes the other's place.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use wenyuan_ingest::Embedder;

use super::IngestError;
use super::care::{Care, CareSettings};
use super::fill_meter::FillMeter;
use super::opener::{CollectionOpener, IndexChangeError, Installed};
use crate::catalog::{Catalog, CatalogError, CollectionState, StoredCollection};
use crate::store::{Collection, Embedding, Filter, Live, VectorStore, model_of};

/// How long a collection may still be in use after nobody can come to it any more.
const LETTING_GO: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(20);

/// A collection that can be written.
#[derive(Clone)]
pub(super) struct Open {
    pub(super) embedding: Embedding,
    pub(super) store: Arc<dyn VectorStore>,
    pub(super) care: Arc<Care>,
    /// Falls when it is given up.
    pub(super) token: CancellationToken,
}

/// A collection with the embedder that makes its vectors.
#[derive(Clone)]
pub(super) struct Writing {
    pub(super) open: Open,
    pub(super) embedder: Arc<dyn Embedder>,
}

struct Opened {
    active: Open,
    other: Option<Open>,
}

/// The open collections.
pub(super) struct Collections {
    catalog: Catalog,
    live: Live,
    opener: Arc<dyn CollectionOpener>,
    caring: CareSettings,
    tasks: TaskTracker,
    stop: CancellationToken,
    opened: RwLock<Opened>,
    /// One change at a time.
    changing: tokio::sync::Mutex<()>,
    /// The embedder of the other collection while there is something to fill.
    filling: Mutex<Option<Arc<dyn Embedder>>>,
    pub(super) meter: FillMeter,
    /// There may be something to fill.
    pub(super) woken: Notify,
}

impl Collections {
    /// Takes the live collection for the catalog's active one, finishes what an earlier process was removing, and opens
    /// the other one where there is one.
    ///
    /// # Errors
    /// `embedder_mismatch` if the catalog's active collection is another embedder's.
    pub(super) async fn open(
        catalog: Catalog,
        live: Live,
        opener: Arc<dyn CollectionOpener>,
        caring: CareSettings,
        (tasks, stop): (TaskTracker, CancellationToken),
    ) -> Result<Self, IngestError> {
        let Collection { embedder, store } = live.now();
        let embedding = Embedding::of(&*embedder);
        catalog
            .adopt_collection(&embedding.fingerprint, embedding.dimension)
            .await?;
        let active = opened(embedding, store, caring, (&tasks, &stop));
        let collections = Self {
            catalog,
            live,
            opener,
            caring,
            tasks,
            stop,
            opened: RwLock::new(Opened {
                active,
                other: None,
            }),
            changing: tokio::sync::Mutex::default(),
            filling: Mutex::default(),
            meter: FillMeter::default(),
            woken: Notify::new(),
        };
        if let Err(error) = collections.finish_removals().await {
            tracing::warn!(%error, "an index that was given up is still there");
        }
        let other = collections.stored(CollectionState::Other).await?;
        if let Some(other) = other {
            let embedding = Embedding::new(other.fingerprint, other.dimension);
            let store = collections.opener.open(&embedding).await?;
            // Lost or thrown away by somebody: what is there is found again, the rest is made anew.
            let held = store.count(&Filter::default()).await?;
            if (held as u64) < collections.catalog.filled().await?.passages_done {
                collections.catalog.forget_mirrored().await?;
            }
            collections.set_other(Some(collections.made(embedding, store)));
        }
        Ok(collections)
    }

    fn made(&self, embedding: Embedding, store: Arc<dyn VectorStore>) -> Open {
        opened(embedding, store, self.caring, (&self.tasks, &self.stop))
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Opened> {
        self.opened.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_other(&self, other: Option<Open>) {
        let mut opened = self.opened.write().unwrap_or_else(PoisonError::into_inner);
        opened.other = other;
    }

    fn filling(&self) -> MutexGuard<'_, Option<Arc<dyn Embedder>>> {
        self.filling.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn stored(
        &self,
        state: CollectionState,
    ) -> Result<Option<StoredCollection>, CatalogError> {
        let all = self.catalog.collections().await?;
        Ok(all.into_iter().find(|one| one.state == state))
    }

    /// The collection that is searched, to be written.
    pub(super) fn active(&self) -> Writing {
        // Both under one lock: a switch changes both.
        let opened = self.read();
        Writing {
            open: opened.active.clone(),
            embedder: self.live.now().embedder,
        }
    }

    /// The collection beside it.
    pub(super) fn other(&self) -> Option<Open> {
        self.read().other.clone()
    }

    /// Everything that may hold points of a version.
    pub(super) fn all(&self) -> Vec<Open> {
        let opened = self.read();
        let all = [Some(&opened.active), opened.other.as_ref()];
        all.into_iter().flatten().cloned().collect()
    }

    /// The collection that is to be filled from the catalog: the other one, or the active one where its predecessor was
    /// lost.
    pub(super) async fn to_fill(&self) -> Result<Option<Open>, CatalogError> {
        if let Some(other) = self.other() {
            return Ok(Some(other));
        }
        let active = self.stored(CollectionState::Active).await?;
        let incomplete = active.is_some_and(|active| !active.complete);
        Ok(incomplete.then(|| self.read().active.clone()))
    }

    /// The embedder of a collection that is filled; the other one's is loaded, and kept until
    /// [`let_embedder_go`](Self::let_embedder_go).
    pub(super) async fn embedder_of(
        &self,
        open: &Open,
    ) -> Result<Arc<dyn Embedder>, IndexChangeError> {
        let fits =
            |embedder: &Arc<dyn Embedder>| embedder.fingerprint() == open.embedding.fingerprint;
        let live = self.live.now().embedder;
        if fits(&live) {
            return Ok(live);
        }
        if let Some(kept) = self.filling().clone().filter(fits) {
            return Ok(kept);
        }
        let loaded = self.opener.embedder(&open.embedding.fingerprint).await?;
        let mut filling = self.filling();
        // Whoever gave the collection up meanwhile has let go of what was kept, or does so after this.
        if !open.token.is_cancelled() {
            *filling = Some(Arc::clone(&loaded));
        }
        drop(filling);
        Ok(loaded)
    }

    /// There is nothing to fill for now: the memory is needed elsewhere.
    pub(super) fn let_embedder_go(&self) {
        *self.filling() = None;
    }

    /// Embedders that could be loaded.
    pub(super) async fn installed(&self) -> Vec<Installed> {
        self.opener.installed().await
    }

    /// Begins a collection for another embedder, by its name or fingerprint; beginning the same one again changes
    /// nothing.
    pub(super) async fn begin(&self, wanted: &str) -> Result<(), IndexChangeError> {
        let _turn = self.changing.lock().await;
        self.finish_removals().await?;
        let found = self
            .installed()
            .await
            .into_iter()
            .find(|one| is(one, wanted));
        let embedding = found.map(|found| found.embedding()).ok_or_else(|| {
            super::EmbedderError::NotInstalled {
                model: wanted.to_owned(),
            }
        })?;
        let model = |embedding: &Embedding| embedding.model().to_owned();
        let active = self.active().open.embedding;
        if active.fingerprint == embedding.fingerprint {
            return Err(IndexChangeError::InUse {
                model: model(&active),
            });
        }
        if let Some(other) = self.other() {
            if other.embedding == embedding {
                return Ok(());
            }
            return Err(IndexChangeError::UnderWay {
                model: model(&other.embedding),
            });
        }
        if self.to_fill().await?.is_some() {
            let missing = self.catalog.filled().await?.missing();
            return Err(IndexChangeError::Incomplete { missing });
        }
        // What may lie there under the same name was given up, and nobody has kept it up to date since.
        self.opener.remove(&embedding).await?;
        self.catalog
            .begin_collection(&embedding.fingerprint, embedding.dimension)
            .await?;
        let store = self.opener.open(&embedding).await?;
        tracing::info!(embedder = %embedding.fingerprint, "another index is being built");
        self.set_other(Some(self.made(embedding, store)));
        self.meter.forget();
        self.woken.notify_one();
        Ok(())
    }

    /// Makes the other collection, named by its embedder, the one that is searched; if it is already, nothing changes.
    ///
    /// # Errors
    /// `index_not_ready` while documents are missing there; `no_other_index`.
    pub(super) async fn switch(&self, wanted: &str) -> Result<(), IndexChangeError> {
        let _turn = self.changing.lock().await;
        let before = self.active();
        let named = |open: &Open| names(&open.embedding.fingerprint, wanted);
        let Some(other) = self.other().filter(named) else {
            if named(&before.open) {
                return Ok(());
            }
            // The catalog says it in its own words.
            return Ok(self.catalog.switch_collection(wanted).await?);
        };
        let embedder = self.embedder_of(&other).await?;
        self.catalog
            .switch_collection(&other.embedding.fingerprint)
            .await?;
        let live = Collection {
            embedder,
            store: Arc::clone(&other.store),
        };
        {
            let mut opened = self.opened.write().unwrap_or_else(PoisonError::into_inner);
            self.live.switch(live);
            *opened = Opened {
                active: other,
                other: Some(before.open),
            };
        }
        self.let_embedder_go();
        self.meter.forget();
        self.woken.notify_one();
        tracing::info!(
            embedder = %self.active().open.embedding.fingerprint,
            before = %before.embedder.fingerprint(),
            "searches go to another index"
        );
        Ok(())
    }

    /// Gives the other collection up, whether it is complete or not, and removes its data.
    ///
    /// # Errors
    /// `no_other_index`.
    pub(super) async fn drop_other(&self) -> Result<(), IndexChangeError> {
        let _turn = self.changing.lock().await;
        self.catalog.drop_collection().await?;
        let Some(other) = self.other() else {
            return self.finish_removals().await;
        };
        other.token.cancel();
        self.set_other(None);
        self.let_embedder_go();
        self.meter.forget();
        let Open {
            embedding,
            store,
            care,
            token: _,
        } = other;
        drop(store);
        // Whoever writes to it lets go of it within moments.
        let released = async {
            while Arc::strong_count(&care) > 1 {
                tokio::time::sleep(LOOK).await;
            }
        };
        drop(tokio::time::timeout(LETTING_GO, released).await);
        drop(care);
        tracing::info!(embedder = %embedding.fingerprint, "an index was given up");
        if let Err(error) = self.finish_removals().await {
            tracing::warn!(%error, "its data go with the next start");
        }
        Ok(())
    }

    /// Removes the data of collections that were given up.
    async fn finish_removals(&self) -> Result<(), IndexChangeError> {
        for one in self.catalog.collections().await? {
            if one.state == CollectionState::Dropping {
                let embedding = Embedding::new(&one.fingerprint, one.dimension);
                self.opener.remove(&embedding).await?;
                self.catalog.forget_collection(&one.fingerprint).await?;
            }
        }
        Ok(())
    }
}

/// Whether a person means this fingerprint: by itself, or by the model's name.
fn names(fingerprint: &str, wanted: &str) -> bool {
    fingerprint == wanted || model_of(fingerprint) == wanted
}

fn is(installed: &Installed, wanted: &str) -> bool {
    installed.model == wanted || installed.fingerprint == wanted
}

fn opened(
    embedding: Embedding,
    store: Arc<dyn VectorStore>,
    caring: CareSettings,
    (tasks, stop): (&TaskTracker, &CancellationToken),
) -> Open {
    let care = Arc::new(Care::new(Arc::clone(&store), caring));
    let token = stop.child_token();
    let (task, ending) = (Arc::clone(&care), token.clone());
    tasks.spawn(async move { task.run(ending).await });
    Open {
        embedding,
        store,
        care,
        token,
    }
}
