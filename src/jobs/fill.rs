//! Fills a collection from the catalog while another one is searched: texts and chunks are there, only vectors are made.
//!
//! Each version is marked in the catalog once its points are durable, so a restart goes on where the last one ended. What
//! is published meanwhile comes in the next round; what is removed is removed from every open collection.

use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt as _, stream};
use wenyuan_ingest::Embedder;

use super::IngestError;
use super::collections::{Open, Writing};
use super::outcome::Halt;
use super::worker::Worker;
use crate::catalog::JobError;
use crate::catalog::Visible;
use crate::model::VersionId;
use crate::store::{Field, Filter};

/// Versions that are synced and marked together.
const TOGETHER: usize = 16;
/// Versions that are embedded side by side: short ones share the calls to the embedder.
const AT_ONCE: usize = 6;
const LOOK_AGAIN: Duration = Duration::from_secs(5);
const AFTER_TROUBLE: Duration = Duration::from_secs(15);

/// What a round came to.
#[derive(Debug, PartialEq, Eq)]
enum Round {
    /// Nothing is to be filled, or everything is.
    Rest,
    /// Some documents failed, or all of it did.
    Trouble,
}

/// Fills whatever is to be filled until the worker stops.
pub(super) async fn run(worker: Arc<Worker>) {
    let stop = worker.stop.clone();
    let filling = async {
        loop {
            let pause = match worker.fill().await {
                Ok(Round::Rest) => LOOK_AGAIN,
                Ok(Round::Trouble) => AFTER_TROUBLE,
                Err(error) => {
                    tracing::warn!(%error, "filling an index will be tried again");
                    worker.collections.meter.trouble(error.to_string());
                    AFTER_TROUBLE
                }
            };
            drop(tokio::time::timeout(pause, worker.collections.woken.notified()).await);
        }
    };
    stop.run_until_cancelled(filling).await;
}

impl Worker {
    /// One round over everything that is missing.
    async fn fill(&self) -> Result<Round, IngestError> {
        let (collections, meter) = (&self.collections, &self.collections.meter);
        let Some(open) = collections.to_fill().await? else {
            meter.rest();
            return Ok(Round::Rest);
        };
        let mut after = 0;
        let mut failed = 0;
        loop {
            let page = self.catalog.unmirrored(after, TOGETHER).await?;
            let Some(last) = page.last() else { break };
            if after == 0 {
                meter.begin();
            }
            after = last.position;
            let embedder = match collections.embedder_of(&open).await {
                Ok(embedder) => embedder,
                Err(error) => {
                    tracing::warn!(%error, "an index cannot be filled");
                    meter.trouble(error.to_string());
                    return Ok(Round::Trouble);
                }
            };
            failed += self.fill_page(&open, embedder, page).await?;
            if open.token.is_cancelled() {
                return Ok(Round::Rest);
            }
        }
        if failed > 0 {
            return Ok(Round::Trouble);
        }
        meter.rest();
        collections.let_embedder_go();
        let whose = &open.embedding.fingerprint;
        if self.catalog.complete_collection(whose).await? {
            tracing::info!(embedder = %whose, "an index is complete");
        }
        Ok(Round::Rest)
    }

    /// Brings these versions in, makes them durable and marks them; how many failed.
    async fn fill_page(
        &self,
        open: &Open,
        embedder: Arc<dyn Embedder>,
        page: Vec<Visible>,
    ) -> Result<usize, IngestError> {
        let to = Writing {
            open: open.clone(),
            embedder,
        };
        let all: Vec<VersionId> = page.iter().map(|one| one.lease.version).collect();
        let filled: Vec<_> = stream::iter(page)
            .map(|visible| self.fill_one(&to, visible))
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let done: Vec<VersionId> = filled.iter().copied().flatten().collect();
        let outcome = if done.is_empty() || open.token.is_cancelled() {
            Ok(())
        } else {
            async {
                open.store.flush().await?;
                Ok(self.catalog.mirrored(done).await?)
            }
            .await
        };
        self.collections.meter.ended(&all);
        outcome.map(|()| filled.iter().filter(|one| one.is_none()).count())
    }

    /// The version, if the collection holds all of it now.
    async fn fill_one(&self, to: &Writing, visible: Visible) -> Option<VersionId> {
        let Visible { lease, chunks, .. } = visible;
        match self.bring_in(to, &lease, chunks).await {
            Ok(()) => Some(lease.version),
            Err(Halt::Stopped | Halt::Again) => None,
            Err(Halt::Failed(error)) => {
                tracing::warn!(document.id = %lease.document, error.code, error = %error.message, "not brought into the index");
                self.collections.meter.failed(&lease, error);
                None
            }
        }
    }

    async fn bring_in(
        &self,
        to: &Writing,
        lease: &crate::catalog::Lease,
        chunks: u64,
    ) -> Result<(), Halt> {
        let filter = Filter::default().and_any(Field::Version, [lease.version.0]);
        let held = to.open.store.count(&filter).await;
        let held = held.map_err(|error| Halt::Failed(unavailable(&error)))?;
        if held as u64 == chunks {
            return Ok(());
        }
        let _space = self.reserve_space(usize::try_from(chunks).unwrap_or(usize::MAX))?;
        let on_progress = |done, _total| self.collections.meter.written(lease.version, done);
        self.index_again(to, lease, on_progress).await
    }
}

fn unavailable(error: &crate::store::StoreError) -> JobError {
    JobError::new("index_unavailable", error.to_string())
}
