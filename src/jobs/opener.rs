//! Where embedders and their collections come from: asked when another one is wanted than the program began with.

use std::sync::Arc;

use async_trait::async_trait;
use serde::Serialize;
use wenyuan_ingest::Embedder;

use crate::catalog::CatalogError;
use crate::store::{Embedding, StoreError, VectorStore};

/// An embedder that could be loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Installed {
    /// Its name in the models folder.
    pub model: String,
    /// Fingerprint of its files and of how they are used.
    pub fingerprint: String,
    /// Length of its vectors.
    pub dimension: usize,
    /// Whether a person chose it for new data folders (`wenyuan models use`).
    pub chosen: bool,
}

impl Installed {
    /// What its vectors come from.
    #[must_use]
    pub fn embedding(&self) -> Embedding {
        Embedding::new(&self.fingerprint, self.dimension)
    }
}

/// Why the embedder of a collection cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EmbedderError {
    /// No embedder of that name is there, or none that is whole.
    #[error(
        "the embedder `{model}` is not installed, or its files are damaged (`wenyuan models check` says): `wenyuan models pull {model}`"
    )]
    NotInstalled {
        /// Its name.
        model: String,
    },
    /// The one of that name makes other vectors than the collection holds.
    #[error(
        "the index was made with `{collection}`, and the installed model makes vectors of `{embedder}`: install the \
         first one again, or build another index (`wenyuan reindex --embedder NAME`)"
    )]
    Mismatch {
        /// Fingerprint of the collection.
        collection: String,
        /// Fingerprint of the embedder.
        embedder: String,
    },
    /// It is there and does not work.
    #[error("the embedder `{model}` cannot be loaded: {reason}")]
    Broken {
        /// Its name.
        model: String,
        /// What was found wrong.
        reason: String,
    },
}

/// Loads embedders and opens their collections.
#[async_trait]
pub trait CollectionOpener: Send + Sync {
    /// Embedders that could be loaded, the preferred ones first.
    async fn installed(&self) -> Vec<Installed>;

    /// The embedder with this fingerprint and no other.
    async fn embedder(&self, fingerprint: &str) -> Result<Arc<dyn Embedder>, EmbedderError>;

    /// The collection for these vectors; an empty one where there is none.
    async fn open(&self, embedding: &Embedding) -> Result<Arc<dyn VectorStore>, StoreError>;

    /// Removes the collection for these vectors with everything in it; one that is not there is no error.
    async fn remove(&self, embedding: &Embedding) -> Result<(), StoreError>;
}

/// Why the index was not changed.
#[derive(Debug, thiserror::Error)]
pub enum IndexChangeError {
    /// The embedder cannot be had.
    #[error(transparent)]
    Embedder(#[from] EmbedderError),
    /// Its index is searched already.
    #[error("the index of `{model}` is the one in use")]
    InUse {
        /// The embedder's name.
        model: String,
    },
    /// There is another index beside the one in use; one is enough.
    #[error("an index of `{model}` is there beside the one in use: drop it first")]
    UnderWay {
        /// That one's embedder.
        model: String,
    },
    /// An index that must be complete first is not.
    #[error("the index is still being filled: {missing} documents are missing")]
    Incomplete {
        /// Documents that it does not hold.
        missing: u64,
    },
    /// The catalog refused or failed: `index_not_ready`, `no_other_index`.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The index failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
