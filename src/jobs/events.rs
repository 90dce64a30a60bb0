//! Progress for those who watch: every follower gets the present state first and the end for certain.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use serde::Serialize;
use tokio::sync::watch;

use crate::catalog::{Catalog, CatalogError, Job, JobError, Progress, Stage, Status};
use crate::model::{DocumentId, JobId};

/// What a follower of a job is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    /// Seconds until it can be found, once there is something to reckon from.
    pub seconds_left: Option<u64>,
    /// Whether others are read or embedded before it goes on.
    pub waiting_for_turn: bool,
    /// Whether its next passages wait until the index is in order.
    pub waiting_for_index: bool,
    /// Why it failed.
    pub error: Option<JobError>,
}

impl From<Job> for JobEvent {
    fn from(job: Job) -> Self {
        Self {
            job_id: job.id,
            document_id: job.document,
            status: job.status,
            stage: job.stage,
            progress: job.progress,
            seconds_left: None,
            waiting_for_turn: false,
            waiting_for_index: false,
            error: job.error,
        }
    }
}

type Latest = watch::Sender<Option<JobEvent>>;

/// The latest event of each job that is watched or under way.
#[derive(Default)]
pub(super) struct Board {
    latest: Mutex<HashMap<JobId, Latest>>,
}

impl Board {
    fn lock(&self) -> MutexGuard<'_, HashMap<JobId, Latest>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows an event. A final one must be in the catalog before, and ends the streams.
    pub(super) fn post(&self, event: JobEvent) {
        let mut jobs = self.lock();
        let (job, is_final) = (event.job_id, event.status.is_final());
        jobs.entry(job)
            .or_insert_with(|| watch::channel(None).0)
            .send_replace(Some(event));
        if is_final {
            jobs.remove(&job);
        }
    }

    /// Whether anyone but the worker knows the job.
    pub(super) fn is_watched(&self, job: JobId) -> bool {
        self.lock().contains_key(&job)
    }

    /// Ends every stream: nothing more will happen in this process.
    pub(super) fn close(&self) {
        self.lock().clear();
    }

    /// Seconds left of every job under way, where they are known.
    pub(super) fn seconds_left(&self) -> HashMap<JobId, u64> {
        let jobs = self.lock();
        let known = jobs.iter().filter_map(|(job, latest)| {
            let seconds = latest.borrow().as_ref()?.seconds_left?;
            Some((*job, seconds))
        });
        known.collect()
    }

    fn forget(&self, job: JobId) {
        self.lock().remove(&job);
    }

    fn watch(&self, job: JobId) -> watch::Receiver<Option<JobEvent>> {
        self.lock()
            .entry(job)
            .or_insert_with(|| watch::channel(None).0)
            .subscribe()
    }

    /// The job's events: its present state, changes as they come (those in between may be skipped), the end.
    pub(super) async fn follow(
        &self,
        catalog: &Catalog,
        job: JobId,
    ) -> Result<BoxStream<'static, JobEvent>, CatalogError> {
        // Watching begins before the catalog is asked: an end in between is seen by one or the other.
        let mut changes = self.watch(job);
        let stored = match catalog.job(job).await {
            Ok(stored) => JobEvent::from(stored),
            Err(error) => {
                self.forget(job);
                return Err(error);
            }
        };
        if stored.status.is_final() {
            self.forget(job);
            return Ok(stream::iter([stored]).boxed());
        }
        let first = changes.borrow_and_update().clone().unwrap_or(stored);
        let ended = first.status.is_final();
        let rest = stream::unfold((changes, ended), |(mut changes, ended)| async move {
            if ended || changes.changed().await.is_err() {
                return None;
            }
            let event = changes.borrow_and_update().clone()?;
            let ended = event.status.is_final();
            Some((event, (changes, ended)))
        });
        Ok(stream::iter([first]).chain(rest).boxed())
    }
}
