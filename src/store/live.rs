//! Which collection is searched, with the embedder that made its vectors: the two change together, while searches go on.

use std::sync::{Arc, PoisonError, RwLock};

use wenyuan_ingest::Embedder;

use super::VectorStore;

/// What the vectors of a collection come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embedding {
    /// The embedder's fingerprint: everything that changes a vector.
    pub fingerprint: String,
    /// Length of its vectors.
    pub dimension: usize,
}

impl Embedding {
    /// Vectors of this length from the embedder of this fingerprint.
    #[must_use]
    pub fn new(fingerprint: impl Into<String>, dimension: usize) -> Self {
        Self {
            fingerprint: fingerprint.into(),
            dimension,
        }
    }

    /// What this embedder makes.
    #[must_use]
    pub fn of(embedder: &dyn Embedder) -> Self {
        Self::new(embedder.fingerprint(), embedder.dimension())
    }

    /// The model's name, which a fingerprint begins with.
    #[must_use]
    pub fn model(&self) -> &str {
        model_of(&self.fingerprint)
    }
}

/// The model's name, which a fingerprint begins with.
#[must_use]
pub fn model_of(fingerprint: &str) -> &str {
    fingerprint.split('@').next().unwrap_or_default()
}

/// An open collection and the embedder that its vectors come from.
#[derive(Clone)]
pub struct Collection {
    /// Makes vectors for it.
    pub embedder: Arc<dyn Embedder>,
    /// Holds them.
    pub store: Arc<dyn VectorStore>,
}

/// The collection that is searched. Clones see a switch at once; whoever has begun with the one before ends with it.
#[derive(Clone)]
pub struct Live(Arc<RwLock<Collection>>);

impl Live {
    /// Searches go to this collection.
    #[must_use]
    pub fn new(embedder: Arc<dyn Embedder>, store: Arc<dyn VectorStore>) -> Self {
        Self(Arc::new(RwLock::new(Collection { embedder, store })))
    }

    /// The collection that is searched now.
    #[must_use]
    pub fn now(&self) -> Collection {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Searches that begin from now on go to another collection.
    pub(crate) fn switch(&self, to: Collection) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = to;
    }
}
