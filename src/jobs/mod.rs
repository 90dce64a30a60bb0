//! Ingestion jobs: queue, leases, progress, cancellation, publication.
#![expect(
    clippy::todo,
    clippy::unused_async,
    unused_variables,
    missing_docs,
    reason = "being written"
)]

use std::path::PathBuf;
use std::sync::Arc;

use futures::stream::BoxStream;
use serde::Serialize;
use wenyuan_ingest::Embedder;

use crate::catalog::{Catalog, CatalogError, Job, JobError, Progress, Stage, Status};
use crate::model::{DocumentId, JobId};
use crate::store::VectorStore;

/// What a follower of a job is told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JobEvent {
    /// The job.
    pub job_id: JobId,
    /// Its document.
    pub document_id: DocumentId,
    /// Where it stands; a final one is always the last event.
    pub status: Status,
    /// What it is doing.
    pub stage: Stage,
    /// How far it is.
    #[serde(flatten)]
    pub progress: Progress,
    /// Seconds left, once there is something to reckon from.
    pub eta_s: Option<u64>,
    /// Why it failed.
    pub error: Option<JobError>,
}

/// How ingestion works.
#[derive(Debug, Clone, PartialEq)]
pub struct IngestorSettings {
    /// Our own program, started again to parse a file; `None` parses in this process.
    pub program: Option<PathBuf>,
    /// Files parsed at the same time.
    pub parse_workers: usize,
}

/// The worker; clones share it. Dropping the last one stops it.
#[derive(Clone)]
pub struct Ingestor;

impl Ingestor {
    /// Takes over what an earlier process left, then starts working in the background.
    pub async fn start(
        catalog: Catalog,
        embedder: Arc<dyn Embedder>,
        store: Arc<dyn VectorStore>,
        settings: IngestorSettings,
    ) -> Result<Self, CatalogError> {
        todo!()
    }
    /// The job's events: its present state at once, then changes, a final status last.
    pub async fn subscribe(
        &self,
        job: JobId,
    ) -> Result<BoxStream<'static, JobEvent>, CatalogError> {
        todo!()
    }
    /// Stops a job within a second. A finished one is a conflict.
    pub async fn cancel(&self, job: JobId) -> Result<Job, CatalogError> {
        todo!()
    }
    /// Queues a failed or cancelled job again.
    pub async fn retry(&self, job: JobId) -> Result<Job, CatalogError> {
        todo!()
    }
    /// Waits for a job's end.
    pub async fn wait(&self, job: JobId) -> Result<JobEvent, CatalogError> {
        todo!()
    }
    /// Stops working; running jobs go on with the next start.
    pub async fn stop(&self) {
        todo!()
    }
}
