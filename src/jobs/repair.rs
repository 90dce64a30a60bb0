//! Makes the index agree with the catalog again: after a loss, or to fill an empty one for another embedder.

use serde::Serialize;
use wenyuan_ingest::NothingKnown;

use super::collections::Writing;
use super::outcome::Halt;
use super::outline::{Outline, StoredText};
use super::steps::{Cut, Told};
use super::verify::{self, Difference};
use super::worker::Worker;
use super::{IngestError, steps};
use crate::catalog::{CatalogError, Lease};
use crate::model::ChunkId;
use crate::store::{Field, Filter, VectorStore};

const STEP: usize = 1_000;

/// What was mended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct RepairReport {
    /// Documents whose chunks were missing and are in the index again.
    pub documents_indexed: u64,
    /// Documents that could not be indexed; their text is gone, or the embedder or the index failed.
    pub documents_failed: u64,
    /// Chunks removed that no document has.
    pub chunks_removed: u64,
}

impl Worker {
    /// Indexes every visible document again that misses chunks, then removes chunks that nobody knows.
    pub(super) async fn repair(&self) -> Result<RepairReport, IngestError> {
        let mut report = RepairReport::default();
        let to = self.collections.active();
        let store = &*to.open.store;
        let mut after = 0;
        loop {
            let page = self.catalog.visible(after, STEP).await?;
            let Some(last) = page.last() else { break };
            after = last.position;
            for visible in &page {
                let filter = Filter::default().and_any(Field::Version, [visible.lease.version.0]);
                if store.count(&filter).await? as u64 >= visible.chunks {
                    continue;
                }
                match self.index_again(&to, &visible.lease, |_, _| {}).await {
                    Ok(()) => report.documents_indexed += 1,
                    Err(halt) => {
                        tracing::warn!(document.id = %visible.lease.document, reason = ?halt, "not indexed again");
                        report.documents_failed += 1;
                    }
                }
            }
        }
        store.flush().await?;
        report.chunks_removed = self.remove_unknown(store).await?;
        Ok(report)
    }

    /// Writes a visible version's points into a collection. While it lasts nothing is collected, so that the version
    /// cannot lose them in the middle; one that is gone or replaced by now is left alone.
    pub(super) async fn index_again(
        &self,
        to: &Writing,
        lease: &Lease,
        on_progress: impl Fn(u32, u32) + Send + Sync,
    ) -> Result<(), Halt> {
        let _pause = self.collector.pause().await;
        let (texts, version) = (self.catalog.texts().clone(), lease.version);
        let text = StoredText {
            texts: texts.clone(),
            version,
        };
        let loading = tokio::task::spawn_blocking(move || texts.load(version));
        let loaded = loading.await.map_err(CatalogError::unavailable)??;
        let outline = loaded
            .map(Outline::from)
            .ok_or_else(|| Halt::failed("content_not_found", "its text is gone"))?;
        let mut chunks = Vec::new();
        loop {
            let from = chunks.len() as u32;
            let reading = self
                .catalog
                .chunks(lease.knowledge_base, lease.document, from, STEP);
            let page = match reading.await {
                Err(CatalogError::NotFound { .. }) => return Ok(()),
                read => read?,
            };
            let ended = page.len() < STEP;
            // Replaced meanwhile: the new version is in the index already.
            if page.iter().any(|record| record.version != lease.version) {
                return Ok(());
            }
            chunks.extend(page.into_iter().map(|record| record.chunk));
            if ended {
                break;
            }
        }
        // What it is cut with must not change for the index that has it already while it is written here.
        let _unchanged = self.teaching.read().await;
        let base = lease.knowledge_base;
        let (revision, words) = self.catalog.words_for_passages(base).await?;
        let tell = |told| {
            if let Told::Chunks { done, total } = told {
                on_progress(done, total);
            }
        };
        let cut = Cut {
            outline: &outline,
            text: &text,
            chunks: &chunks,
            known: &NothingKnown,
            words: &words,
        };
        self.with_retries(self.settings.embed_deadline, "embedding", || {
            steps::index(to, lease, cut, tell, &to.open.token)
        })
        .await?;
        // Another collection knows the words as it is written; the catalog tells what the one that is searched knows.
        let active = self.collections.active().open.embedding;
        if to.open.embedding.fingerprint != active.fingerprint {
            return Ok(());
        }
        let learned = vec![(lease.version, revision)];
        Ok(self.catalog.learned(learned).await?)
    }

    /// Removes chunks that belong neither to a visible version nor to one that is being made.
    async fn remove_unknown(&self, store: &dyn VectorStore) -> Result<u64, IngestError> {
        let mut unknown: Vec<ChunkId> = Vec::new();
        verify::compare(&self.catalog, store, |difference| {
            if let Difference::Unknown(id) = difference {
                unknown.push(id);
            }
        })
        .await?;
        let mut removed = 0;
        for ids in unknown.chunks(STEP) {
            // What was found may have been begun or published since the comparison.
            let known = self.catalog.chunks_by_id(ids).await?;
            let strangers: Vec<_> = ids
                .iter()
                .copied()
                .filter(|id| known.iter().all(|record| record.id != *id))
                .collect();
            let hidden = self.catalog.every_hidden_version().await?;
            let filter = Filter::default().among(strangers).without_versions(&hidden);
            removed += store.count(&filter).await? as u64;
            store.remove(&filter).await?;
        }
        store.flush().await?;
        Ok(removed)
    }
}
