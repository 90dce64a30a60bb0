//! An open shard in its folder: the lock around it, and its exchange for itself with another configuration.

use std::fs::File;
use std::path::Path;
use std::sync::{PoisonError, RwLock};

use qdrant_edge as edge;

use super::edge_folder::{CONFIG_FILE, SHARD_FOLDER, check_embedder, lock, stored_layout};
use super::edge_layout::{self, Layout};
use crate::store::{Embedding, StoreError};

/// The fields drop in this order: the lock goes last.
#[derive(Debug)]
pub(super) struct OpenShard {
    /// Nothing after it could not be opened again.
    shard: RwLock<Option<edge::EdgeShard>>,
    _lock: File,
}

impl OpenShard {
    /// Opens the shard in `folder`, or makes one for vectors of this kind.
    pub(super) fn open(folder: &Path, embedding: &Embedding) -> Result<Self, StoreError> {
        let dimension = embedding.dimension;
        fs_err::create_dir_all(folder).map_err(unavailable)?;
        let lock = lock(folder)?;
        check_embedder(folder, embedding)?;
        let path = folder.join(SHARD_FOLDER);
        let (layout, shard) = if path.join(CONFIG_FILE).exists() {
            let layout = stored_layout(&path, dimension)?;
            let config = edge_layout::config(dimension, layout);
            (layout, edge::EdgeShard::load(&path, Some(config)))
        } else {
            let config = edge_layout::config(dimension, Layout::NEW);
            (Layout::NEW, edge::EdgeShard::new(&path, config))
        };
        let shard = shard.map_err(|error| explain(&error))?;
        edge_layout::create_payload_indexes(&shard, layout).map_err(|error| explain(&error))?;
        Ok(Self {
            shard: RwLock::new(Some(shard)),
            _lock: lock,
        })
    }

    /// Does this with the shard. Blocks while it is being opened again.
    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(&edge::EdgeShard) -> edge::OperationResult<T>,
    ) -> Result<T, StoreError> {
        let shard = self.shard.read().unwrap_or_else(PoisonError::into_inner);
        let shard = shard.as_ref().ok_or_else(closed)?;
        work(shard).map_err(|error| explain(&error))
    }

    /// Closes the shard and opens it with another configuration, for what edge cannot change in an open one. Calls
    /// wait meanwhile, for about as long as opening takes. If it does not open so, it goes on as it was.
    pub(super) fn reopen(&self, config: edge::EdgeConfig) -> Result<(), StoreError> {
        // So that closing has little left to write.
        self.with(edge::EdgeShard::flush)?;
        let mut place = self.shard.write().unwrap_or_else(PoisonError::into_inner);
        let shard = place.take().ok_or_else(closed)?;
        let (path, before) = (shard.path().to_owned(), shard.config().clone());
        drop(shard);
        let (opened, outcome) = match edge::EdgeShard::load(&path, Some(config)) {
            Ok(shard) => (Ok(shard), Ok(())),
            Err(error) => (
                edge::EdgeShard::load(&path, Some(before)),
                Err(explain(&error)),
            ),
        };
        *place = Some(opened.map_err(|error| explain(&error))?);
        outcome
    }
}

fn closed() -> StoreError {
    unavailable("it could not be opened again; restart the program")
}

pub(super) fn unavailable(error: impl std::fmt::Display) -> StoreError {
    StoreError::Unavailable(error.to_string())
}

pub(super) fn explain(error: &edge::OperationError) -> StoreError {
    use edge::OperationError as E;
    let refused = matches!(
        error,
        E::WrongVectorDimension { .. }
            | E::VectorNameNotExists { .. }
            | E::TypeError { .. }
            | E::ValidationError { .. }
            | E::WrongSparse
            | E::WrongMulti
    );
    if refused {
        StoreError::Rejected(error.to_string())
    } else {
        StoreError::Unavailable(error.to_string())
    }
}
