//! One job's progress: shown at once, written to the catalog now and then.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::events::{Board, JobEvent};
use crate::catalog::{Catalog, CatalogError, JobError, Lease, Progress, Stage, Status};

const WRITE_EVERY: Duration = Duration::from_secs(1);

/// Follows one job through its stages.
pub(super) struct Tracker {
    catalog: Catalog,
    board: Arc<Board>,
    lease: Lease,
    state: Mutex<State>,
}

struct State {
    stage: Stage,
    progress: Progress,
    written: Progress,
    stage_began: Instant,
}

impl Tracker {
    pub(super) fn new(catalog: Catalog, board: Arc<Board>, lease: Lease) -> Self {
        let progress = Progress::default();
        let state = State {
            stage: Stage::Reading,
            progress,
            written: progress,
            stage_began: Instant::now(),
        };
        let tracker = Self {
            catalog,
            board,
            lease,
            state: Mutex::new(state),
        };
        tracker.show(Status::Running, None);
        tracker
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn show(&self, status: Status, error: Option<JobError>) {
        let event = {
            let state = self.lock();
            JobEvent {
                job_id: self.lease.job,
                document_id: self.lease.document,
                status,
                stage: state.stage,
                progress: state.progress,
                eta_s: if status == Status::Running {
                    state.seconds_left()
                } else {
                    None
                },
                error,
            }
        };
        self.board.post(event);
    }

    /// Enters a stage, in the catalog too.
    ///
    /// # Errors
    /// A conflict if the job was stopped meanwhile.
    pub(super) async fn enter(&self, stage: Stage) -> Result<(), CatalogError> {
        {
            let mut current = self.lock();
            current.stage = stage;
            current.stage_began = Instant::now();
        }
        self.show(Status::Running, None);
        self.write().await
    }

    /// Notes pages read.
    pub(super) fn pages(&self, done: u32, total: u32) {
        {
            let mut current = self.lock();
            current.progress.pages_done = done;
            current.progress.pages_total = Some(total);
        }
        self.show(Status::Running, None);
    }

    /// Notes chunks in the index.
    pub(super) fn chunks(&self, done: u32, total: u32) {
        {
            let mut current = self.lock();
            current.progress.chunks_done = done;
            current.progress.chunks_total = Some(total);
        }
        self.show(Status::Running, None);
    }

    /// Shows the end, which the catalog knows already.
    pub(super) fn end(&self, status: Status, error: Option<JobError>) {
        self.show(status, error);
    }

    /// Runs `work` and writes its progress to the catalog meanwhile.
    pub(super) async fn writing<T>(&self, work: impl Future<Output = T>) -> T {
        let mut clock = tokio::time::interval(WRITE_EVERY);
        clock.tick().await;
        tokio::pin!(work);
        loop {
            tokio::select! {
                outcome = &mut work => return outcome,
                _ = clock.tick() => {
                    let changed = { let state = self.lock(); state.progress != state.written };
                    if changed && let Err(error) = self.write().await {
                        tracing::debug!(job.id = %self.lease.job, error = %error, "progress was not written");
                    }
                }
            }
        }
    }

    async fn write(&self) -> Result<(), CatalogError> {
        let (stage, progress) = {
            let mut current = self.lock();
            current.written = current.progress;
            (current.stage, current.progress)
        };
        self.catalog.report(&self.lease, stage, progress).await
    }
}

impl State {
    /// From the pace of this stage so far.
    fn seconds_left(&self) -> Option<u64> {
        let (done, total) = match self.stage {
            Stage::Reading => (self.progress.pages_done, self.progress.pages_total?),
            Stage::Embedding => (self.progress.chunks_done, self.progress.chunks_total?),
            Stage::Queued | Stage::Splitting | Stage::Publishing => return None,
        };
        let left = f64::from(total.checked_sub(done)?);
        let spent = self.stage_began.elapsed().as_secs_f64();
        (done > 0).then(|| (left * spent / f64::from(done)).ceil() as u64)
    }
}
