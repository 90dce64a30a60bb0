//! Takes away what nobody may see any more: points from the index, then rows, then files.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{RwLock, RwLockReadGuard};
use tokio_util::sync::CancellationToken;

use super::IngestError;
use super::collections::{Collections, Open};
use crate::catalog::{Catalog, Discarded};

const BATCH: usize = 100;
/// A write that was under way when its job was stopped reaches the index within this time.
pub(super) const GRACE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_secs(5);

/// The collector: removes from every open collection. One removal is under way at a time, and none while
/// [`settled`](Self::settled) returns.
pub(super) struct Collector {
    catalog: Catalog,
    collections: Arc<Collections>,
    removing: RwLock<()>,
}

impl Collector {
    pub(super) fn new(catalog: Catalog, collections: Arc<Collections>) -> Self {
        Self {
            catalog,
            collections,
            removing: RwLock::new(()),
        }
    }

    /// Returns once no removal is under way that was decided before the caller's job was leased.
    pub(super) async fn settled(&self) {
        drop(self.removing.read().await);
    }

    /// Nothing is removed while the guard lives.
    pub(super) async fn pause(&self) -> RwLockReadGuard<'_, ()> {
        self.removing.read().await
    }

    /// Removes orphan files once, then collects until stopped.
    pub(super) async fn run(&self, stop: CancellationToken) {
        match self.catalog.remove_orphan_files().await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "removed files that no document names"),
            Err(error) => tracing::warn!(error = %error, "orphan files were not removed"),
        }
        loop {
            if let Err(error) = self.collect(GRACE).await {
                tracing::warn!(error = %error, "collecting will be tried again");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
    }

    /// Removes everything there is to remove now; how many versions that were.
    pub(super) async fn collect(&self, grace: Duration) -> Result<usize, IngestError> {
        let mut collected = 0;
        loop {
            let found = self.catalog.discarded(BATCH, grace).await?;
            if found.is_empty() {
                return Ok(collected);
            }
            // One flush for all of them: their rows may only go when their points are gone for good.
            let removing = self.removing.write().await;
            // Asked for here: what is filled by now was opened before.
            let collections = self.collections.all();
            let mut removed = Vec::with_capacity(found.len());
            for version in found {
                if self.remove_points(&collections, &version).await? {
                    removed.push(version);
                }
            }
            if removed.iter().any(|version| version.has_points) {
                for collection in &collections {
                    collection.store.flush().await?;
                }
            }
            for version in &removed {
                self.catalog.points_removed(version.id).await?;
            }
            drop(removing);
            for version in &removed {
                self.catalog.remove_version(version.id).await?;
            }
            if removed.is_empty() {
                return Ok(collected);
            }
            collected += removed.len();
        }
    }

    /// Whether the version was still to be removed.
    async fn remove_points(
        &self,
        collections: &[Open],
        version: &Discarded,
    ) -> Result<bool, IngestError> {
        if !self.catalog.is_discarded(version.id).await? {
            return Ok(false);
        }
        if version.has_points {
            for collection in collections {
                collection.store.remove_version(version.id.0).await?;
            }
        }
        Ok(true)
    }
}
