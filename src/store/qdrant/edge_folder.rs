//! What lies beside an edge shard in its folder: the lock, and what its vectors come from.

use std::fs::{File, TryLockError};
use std::path::Path;

use serde_json::Value;

use super::DENSE;
use super::edge_layout::Layout;
use super::edge_shard::unavailable;
use crate::store::{Embedding, StoreError};

/// Taken before the folder is touched: edge itself repairs segments before it takes its own lock.
const LOCK_FILE: &str = "index.lock";
pub(super) const SHARD_FOLDER: &str = "shard";
pub(super) const CONFIG_FILE: &str = "edge_config.json";
/// Fingerprint of the embedder; an index of an earlier program has none and is given it when it is first opened.
const EMBEDDER_FILE: &str = "embedder";

/// Takes the folder for this handle alone.
pub(super) fn lock(folder: &Path) -> Result<File, StoreError> {
    let file = File::create(folder.join(LOCK_FILE)).map_err(unavailable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse {
            path: folder.to_owned(),
        }),
        Err(TryLockError::Error(error)) => Err(unavailable(error)),
    }
}

/// A length says little: two embedders may share it. What is told here are names.
pub(super) fn check_embedder(folder: &Path, embedding: &Embedding) -> Result<(), StoreError> {
    let path = folder.join(EMBEDDER_FILE);
    match fs_err::read_to_string(&path) {
        Ok(made_with) if made_with == embedding.fingerprint => Ok(()),
        // Cut short by a crash before the first point.
        Ok(made_with) if made_with.is_empty() => write_embedder(&path, embedding),
        Ok(made_with) => Err(StoreError::OtherEmbedder {
            place: format!("the index in {}", folder.display()),
            made_with,
            wanted: embedding.fingerprint.clone(),
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            write_embedder(&path, embedding)
        }
        Err(error) => Err(unavailable(error)),
    }
}

fn write_embedder(path: &Path, embedding: &Embedding) -> Result<(), StoreError> {
    fs_err::write(path, &embedding.fingerprint).map_err(unavailable)
}

/// Edge would refuse another length too, but in words that name neither the index nor the embedder. Tells how
/// vectors are stored.
pub(super) fn stored_layout(shard: &Path, wanted: usize) -> Result<Layout, StoreError> {
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
