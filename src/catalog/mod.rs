//! The catalog: knowledge bases, documents, versions, chunks and jobs. With the blobs it is the truth; the index
//! is a projection of it.

mod arrival;
mod attempts;
mod blobs;
mod calibrations;
mod collections;
mod database;
mod dictionaries;
mod disk;
mod documents;
mod error;
mod expected;
mod facets;
mod folder;
mod folder_files;
mod garbage;
mod gold;
mod knowledge_bases;
mod known;
mod listing;
mod matching;
mod migrate;
mod passages;
mod place;
mod placing;
mod queue;
mod retry;
mod row;
mod sample;
mod scrub;
mod sections;
mod source;
mod splitting;
mod stored;
mod tags;
mod texts;
mod types;
mod visible;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use tokio::sync::{Notify, broadcast};

pub use arrival::{Accepted, NewDocument};
pub use blobs::{BlobWriter, Blobs, StoredBlob, TemporaryFile};
pub use calibrations::StoredCalibration;
pub use collections::{CollectionState, Filled, StoredCollection};
pub use dictionaries::OwnWords;
pub(crate) use dictionaries::Unlearned;
pub use error::{CatalogError, Entity};
pub use facets::{FacetCount, Facets};
pub use folder::DataFolder;
pub use folder_files::{
    DocumentRename, FolderChange, FolderChanged, FolderFile, FolderQuery, MOST_FOLDER_FILES,
    RemovedDocument,
};
pub(crate) use garbage::Discarded;
pub use gold::{
    Expected, ExpectedBy, GoldPage, GoldQuestion, GoldSet, MOST_GOLD, MOST_IMPORTED,
    NewGoldQuestion, Origin,
};
pub use listing::{DocumentPage, DocumentQuery};
pub(crate) use queue::Lease;
pub use sample::Sampled;
pub use types::{
    ChunkRecord, Document, DocumentChange, Job, JobError, KnowledgeBase, KnowledgeBaseChange,
    NewKnowledgeBase, Original, Progress, Stage, Status, Totals, Version, Workload,
};
pub(crate) use visible::Visible;

use crate::model::JobId;
use database::Database;
use disk::{Disk, SystemDisk};
pub(crate) use texts::Texts;

const ANNOUNCEMENTS: usize = 1_024;

/// The catalog; clones share it.
#[derive(Clone)]
pub struct Catalog(Arc<Parts>);

struct Parts {
    database: Database,
    blobs: Blobs,
    texts: Texts,
    queued: Notify,
    words_changed: Notify,
    dictionaries: dictionaries::Ready,
    cancelled: broadcast::Sender<JobId>,
    /// Last, so that the lock falls after everything else.
    folder: DataFolder,
}

impl std::fmt::Debug for Catalog {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_tuple("Catalog")
            .field(&self.0.folder.path())
            .finish()
    }
}

impl Catalog {
    /// Opens or creates the catalog, originals and texts of a data folder.
    ///
    /// # Errors
    /// [`CatalogError::NewerSchema`] if a newer program has written it.
    pub async fn open(folder: DataFolder) -> Result<Self, CatalogError> {
        Self::open_on(folder, Arc::new(SystemDisk)).await
    }

    async fn open_on(folder: DataFolder, disk: Arc<dyn Disk>) -> Result<Self, CatalogError> {
        let opening = tokio::task::spawn_blocking(move || {
            let parts = Parts {
                database: Database::open(&folder.path().join("catalog.sqlite"), Arc::clone(&disk))?,
                blobs: Blobs::open(folder.sub_folder("blobs")?, disk)?,
                texts: Texts::open(folder.sub_folder("texts")?)?,
                queued: Notify::new(),
                words_changed: Notify::new(),
                dictionaries: dictionaries::Ready::default(),
                cancelled: broadcast::channel(ANNOUNCEMENTS).0,
                folder,
            };
            Ok(Self(Arc::new(parts)))
        });
        opening.await.map_err(CatalogError::unavailable)?
    }

    /// The data folder.
    #[must_use]
    pub fn folder(&self) -> &DataFolder {
        &self.0.folder
    }

    /// The originals: an upload goes there before [`add_document`](Self::add_document).
    #[must_use]
    pub fn blobs(&self) -> &Blobs {
        &self.0.blobs
    }

    /// Returns when a job may have been queued since the last call.
    pub(crate) async fn queued(&self) {
        self.0.queued.notified().await;
    }

    /// Jobs that were ended by people from now on.
    pub(crate) fn cancellations(&self) -> broadcast::Receiver<JobId> {
        self.0.cancelled.subscribe()
    }

    pub(crate) fn texts(&self) -> &Texts {
        &self.0.texts
    }

    fn database(&self) -> &Database {
        &self.0.database
    }

    /// Says that there may be a job to lease.
    pub(crate) fn announce_queued(&self) {
        self.0.queued.notify_one();
    }

    fn announce_cancelled(&self, jobs: &[JobId]) {
        for job in jobs {
            // Without a worker there is nobody to tell.
            drop(self.0.cancelled.send(*job));
        }
    }
}
