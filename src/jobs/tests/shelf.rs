//! Embedders and collections in memory that outlive a worker, as a disk would.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use wenyuan_ingest::Embedder;

use crate::jobs::{CollectionOpener, EmbedderError, Installed};
use crate::store::{Embedding, MemoryStore, StoreError, VectorStore, model_of};

/// What is installed, and what was opened.
#[derive(Default)]
pub(in crate::jobs) struct Shelf {
    pub(super) embedders: Mutex<Vec<Arc<dyn Embedder>>>,
    pub(super) stores: Mutex<HashMap<String, Arc<MemoryStore>>>,
}

impl Shelf {
    pub(super) fn with(embedders: Vec<Arc<dyn Embedder>>) -> Arc<Self> {
        Arc::new(Self {
            embedders: Mutex::new(embedders),
            stores: Mutex::default(),
        })
    }

    pub(super) fn store(&self, fingerprint: &str) -> Option<Arc<MemoryStore>> {
        self.stores
            .lock()
            .expect("no panic")
            .get(fingerprint)
            .cloned()
    }
}

#[async_trait]
impl CollectionOpener for Shelf {
    async fn installed(&self) -> Vec<Installed> {
        let embedders = self.embedders.lock().expect("no panic");
        let installed = embedders.iter().map(|embedder| Installed {
            model: model_of(embedder.fingerprint()).to_owned(),
            fingerprint: embedder.fingerprint().to_owned(),
            dimension: embedder.dimension(),
            chosen: false,
        });
        installed.collect()
    }

    async fn embedder(&self, fingerprint: &str) -> Result<Arc<dyn Embedder>, EmbedderError> {
        let embedders = self.embedders.lock().expect("no panic");
        let found = embedders
            .iter()
            .find(|one| one.fingerprint() == fingerprint);
        found.cloned().ok_or_else(|| EmbedderError::NotInstalled {
            model: model_of(fingerprint).to_owned(),
        })
    }

    async fn open(&self, embedding: &Embedding) -> Result<Arc<dyn VectorStore>, StoreError> {
        let mut stores = self.stores.lock().expect("no panic");
        let store = stores
            .entry(embedding.fingerprint.clone())
            .or_insert_with(|| Arc::new(MemoryStore::new(embedding.dimension)));
        Ok(Arc::<MemoryStore>::clone(store))
    }

    async fn remove(&self, embedding: &Embedding) -> Result<(), StoreError> {
        let mut stores = self.stores.lock().expect("no panic");
        let kept = stores.remove(&embedding.fingerprint);
        match kept {
            // On a disk it would be locked.
            Some(store) if Arc::strong_count(&store) > 1 => {
                stores.insert(embedding.fingerprint.clone(), store);
                Err(StoreError::InUse {
                    path: embedding.fingerprint.clone().into(),
                })
            }
            Some(_) | None => Ok(()),
        }
    }
}
