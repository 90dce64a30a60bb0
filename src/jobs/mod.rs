//! Ingestion jobs: queue, leases, progress, cancellation, publication.
//!
//! A job is read in a child process, cut into chunks, embedded into the index under a version that nobody sees yet,
//! and published in one catalog transaction once the index has synced it.

mod care;
mod collections;
mod collector;
mod costs;
mod drawing;
mod earlier;
mod events;
mod fill;
mod fill_meter;
mod forecast;
mod index;
mod ingestor;
mod opener;
mod outcome;
mod outline;
mod pace;
mod preview;
mod publisher;
mod repair;
mod steps;
mod tracker;
mod verify;
mod words;
mod worker;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::Duration;

use wenyuan_ingest::{ParseLimits, ReaderProgram, SinkError, SplitSettings};

pub use costs::StageCosts;
pub use events::JobEvent;
pub use fill_meter::{FailedDocument, FillStatus};
pub use forecast::Forecast;
pub use index::{CollectionStatus, IndexStatus};
pub use ingestor::Ingestor;
pub use opener::{CollectionOpener, EmbedderError, IndexChangeError, Installed};
pub use preview::{Preview, PreviewRequest, preview};
pub use repair::RepairReport;
pub use verify::{VerifyReport, verify};

use crate::catalog::CatalogError;
use crate::store::StoreError;

/// How ingestion works.
#[derive(Debug, Clone)]
pub struct IngestorSettings {
    /// Our own program, started again to read each file.
    pub program: ReaderProgram,
    /// Files read at the same time.
    pub readers: usize,
    /// Files embedded at the same time: more than one keeps the embedder busy while the index writes.
    pub embedders: usize,
    /// Bounds for reading one file.
    pub limits: ParseLimits,
    /// How text is cut.
    pub split: SplitSettings,
    /// Chunks written after which the index is put in order, even while more are coming; a tenth of them is enough once
    /// nothing comes.
    pub optimize_after: u64,
    /// Longest time to embed and write one file.
    pub embed_deadline: Duration,
    /// Pauses before a failed call to the embedder or the index is tried again; as many tries as pauses, and one.
    pub retry_pauses: Vec<Duration>,
}

impl IngestorSettings {
    /// The usual settings, with `program` to read files.
    #[must_use]
    pub fn new(program: PathBuf) -> Self {
        Self {
            program: ReaderProgram::new(program),
            readers: 2,
            embedders: 12,
            limits: ParseLimits::default(),
            split: SplitSettings::default(),
            optimize_after: 2_500,
            embed_deadline: Duration::from_hours(4),
            retry_pauses: [1, 4, 15].map(Duration::from_secs).to_vec(),
        }
    }
}

/// Why work on catalog and index together failed, by which of them did.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// The catalog.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The index, reading.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The index, writing.
    #[error(transparent)]
    Sink(#[from] SinkError),
}
