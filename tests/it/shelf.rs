//! Hashing embedders of several lengths, with their collections in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use wenyuan::embed::HashingEmbedder;
use wenyuan::jobs::{CollectionOpener, EmbedderError, Installed};
use wenyuan::store::{Embedding, MemoryStore, StoreError, VectorStore, model_of};
use wenyuan_ingest::Embedder;

/// Every embedder that is "installed", by the length of its vectors.
const LENGTHS: [usize; 3] = [32, 64, 128];

/// What was opened so far.
#[derive(Default)]
pub(crate) struct Shelf(Mutex<HashMap<String, Arc<MemoryStore>>>);

#[async_trait]
impl CollectionOpener for Shelf {
    async fn installed(&self) -> Vec<Installed> {
        let installed = LENGTHS.into_iter().map(|dimension| {
            let embedder = HashingEmbedder::new(dimension);
            Installed {
                model: embedder.fingerprint().to_owned(),
                fingerprint: embedder.fingerprint().to_owned(),
                dimension,
                chosen: dimension == 128,
            }
        });
        installed.collect()
    }

    async fn embedder(&self, fingerprint: &str) -> Result<Arc<dyn Embedder>, EmbedderError> {
        let mut all = LENGTHS.into_iter().map(HashingEmbedder::new);
        match all.find(|one| one.fingerprint() == fingerprint) {
            Some(embedder) => Ok(Arc::new(embedder)),
            None => Err(EmbedderError::NotInstalled {
                model: model_of(fingerprint).to_owned(),
            }),
        }
    }

    async fn open(&self, embedding: &Embedding) -> Result<Arc<dyn VectorStore>, StoreError> {
        let mut stores = self.0.lock().expect("no panic");
        let store = stores
            .entry(embedding.fingerprint.clone())
            .or_insert_with(|| Arc::new(MemoryStore::new(embedding.dimension)));
        Ok(Arc::<MemoryStore>::clone(store))
    }

    async fn remove(&self, embedding: &Embedding) -> Result<(), StoreError> {
        self.0
            .lock()
            .expect("no panic")
            .remove(&embedding.fingerprint);
        Ok(())
    }
}
