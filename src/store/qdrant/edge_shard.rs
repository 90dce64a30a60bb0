//! An open shard in its folder: the lock around it, and its exchange for itself with another configuration.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::{PoisonError, RwLock};

use qdrant_edge as edge;
use serde_json::Value;

use super::DENSE;
use super::edge_layout::{self, Layout};
use crate::store::StoreError;

/// Taken before the folder is touched: edge itself repairs segments before it takes its own lock.
const LOCK_FILE: &str = "index.lock";
const SHARD_FOLDER: &str = "shard";
const CONFIG_FILE: &str = "edge_config.json";

/// The fields drop in this order: the lock goes last.
#[derive(Debug)]
pub(super) struct OpenShard {
    /// Nothing after it could not be opened again.
    shard: RwLock<Option<edge::EdgeShard>>,
    _lock: File,
}

impl OpenShard {
    /// Opens the shard in `folder`, or makes one for vectors of this length.
    pub(super) fn open(folder: &Path, dimension: usize) -> Result<Self, StoreError> {
        fs_err::create_dir_all(folder).map_err(unavailable)?;
        let lock = lock(folder)?;
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

fn lock(folder: &Path) -> Result<File, StoreError> {
    let file = File::create(folder.join(LOCK_FILE)).map_err(unavailable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse {
            path: folder.to_owned(),
        }),
        Err(TryLockError::Error(error)) => Err(unavailable(error)),
    }
}

/// Edge would refuse another length too, but in words that name neither the index nor the embedder. Tells how
/// vectors are stored.
fn stored_layout(shard: &Path, wanted: usize) -> Result<Layout, StoreError> {
    let config = fs_err::read(shard.join(CONFIG_FILE)).map_err(unavailable)?;
    let config: Value = serde_json::from_slice(&config).map_err(unavailable)?;
    match config["vectors"][DENSE]["size"].as_u64() {
        Some(found) if found != wanted as u64 => Err(StoreError::Rejected(format!(
            "the index in {} holds vectors of {found} elements, the embedder makes {wanted}; \
             another embedder needs an index of its own",
            shard.display()
        ))),
        Some(_) | None => Ok(Layout::stored(&config)),
    }
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
