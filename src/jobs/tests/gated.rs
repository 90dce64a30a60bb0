//! An index whose syncs wait for a gate.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use tokio::sync::Semaphore;
use uuid::Uuid;
use wenyuan_ingest::{ChunkSink, Point, SinkError, SparseVector};

use crate::model::ChunkId;
use crate::store::{
    Effort, Filter, KeptSentences, MemoryStore, ScoredChunk, StoreError, StoreQuery, VectorStore,
};

/// The index in memory, with a gate in front of its syncs.
pub(in crate::jobs) struct GatedStore {
    pub(super) store: Arc<MemoryStore>,
    pub(in crate::jobs) gate: Semaphore,
    pub(in crate::jobs) flushes: AtomicUsize,
    /// How often it was put in order.
    pub(in crate::jobs) optimized: AtomicUsize,
}

impl GatedStore {
    /// A small one with the gate open.
    pub(in crate::jobs) fn open() -> Arc<Self> {
        Self::gated(Arc::new(MemoryStore::new(2)), Semaphore::MAX_PERMITS)
    }

    /// With the gate shut.
    pub(super) fn shut(store: Arc<MemoryStore>) -> Arc<Self> {
        Self::gated(store, 0)
    }

    fn gated(store: Arc<MemoryStore>, permits: usize) -> Arc<Self> {
        Arc::new(Self {
            store,
            gate: Semaphore::new(permits),
            flushes: AtomicUsize::new(0),
            optimized: AtomicUsize::new(0),
        })
    }
}

#[async_trait]
impl ChunkSink for GatedStore {
    async fn upsert(&self, points: Vec<Point>) -> Result<(), SinkError> {
        self.store.upsert(points).await
    }

    async fn flush(&self) -> Result<(), SinkError> {
        self.flushes.fetch_add(1, Ordering::SeqCst);
        let _permit = self.gate.acquire().await.expect("an open gate");
        self.store.flush().await
    }

    async fn remove_version(&self, version: Uuid) -> Result<(), SinkError> {
        self.store.remove_version(version).await
    }
}

#[async_trait]
impl VectorStore for GatedStore {
    async fn query_batch(
        &self,
        queries: Vec<StoreQuery>,
    ) -> Result<Vec<Vec<ScoredChunk>>, StoreError> {
        self.store.query_batch(queries).await
    }

    async fn count(&self, filter: &Filter) -> Result<usize, StoreError> {
        self.store.count(filter).await
    }

    async fn ids(
        &self,
        filter: &Filter,
        after: Option<ChunkId>,
        limit: usize,
    ) -> Result<Vec<ChunkId>, StoreError> {
        self.store.ids(filter, after, limit).await
    }

    async fn sentences(
        &self,
        ids: &[ChunkId],
        with_vectors: bool,
    ) -> Result<Vec<KeptSentences>, StoreError> {
        self.store.sentences(ids, with_vectors).await
    }

    async fn replace_terms(&self, terms: Vec<(ChunkId, SparseVector)>) -> Result<(), StoreError> {
        self.store.replace_terms(terms).await
    }

    async fn remove(&self, filter: &Filter) -> Result<(), StoreError> {
        self.store.remove(filter).await
    }

    async fn optimize(&self, effort: Effort) -> Result<(), StoreError> {
        self.optimized.fetch_add(1, Ordering::SeqCst);
        self.store.optimize(effort).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.store.check().await
    }
}
