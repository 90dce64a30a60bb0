//! One job's progress: shown at once, written to the catalog now and then.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::events::{Board, JobEvent};
use super::pace::{Pace, Standing};
use super::steps::Told;
use crate::catalog::{Catalog, CatalogError, JobError, Lease, Progress, Stage, Status};

const WRITE_EVERY: Duration = Duration::from_secs(1);

/// Follows one job through its stages.
pub(super) struct Tracker {
    catalog: Catalog,
    board: Arc<Board>,
    pace: Arc<Pace>,
    lease: Lease,
    state: Mutex<State>,
}

struct State {
    standing: Standing,
    written: Progress,
    waits: Option<Waits>,
}

/// What a job that stands still waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waits {
    /// Others are read or embedded before it.
    Turn,
    /// The index must be put in order first.
    Index,
}

impl Tracker {
    pub(super) fn new(catalog: Catalog, board: Arc<Board>, pace: Arc<Pace>, lease: Lease) -> Self {
        let progress = Progress::default();
        let now = Instant::now();
        let standing = Standing {
            stage: Stage::Reading,
            progress,
            stage_began: now,
        };
        pace.begins(lease.job, lease.bytes, now);
        let tracker = Self {
            catalog,
            board,
            pace,
            lease,
            state: Mutex::new(State {
                standing,
                written: progress,
                waits: None,
            }),
        };
        tracker.show(Status::Running, None);
        tracker
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn show(&self, status: Status, error: Option<JobError>) {
        let (standing, waits) = {
            let state = self.lock();
            (state.standing, state.waits)
        };
        let now = Instant::now();
        let job = self.lease.job;
        let running = status == Status::Running;
        let seconds_left = if running {
            self.pace.seconds_left(job, standing, now)
        } else {
            None
        };
        self.board.post(JobEvent {
            job_id: job,
            document_id: self.lease.document,
            status,
            stage: standing.stage,
            progress: standing.progress,
            seconds_left,
            waiting_for_turn: running && waits == Some(Waits::Turn),
            waiting_for_index: running && waits == Some(Waits::Index),
            error,
        });
    }

    /// Changes where the job stands and tells everybody.
    fn go_on(&self, change: impl FnOnce(&mut Standing)) {
        let now = Instant::now();
        let standing = {
            let mut state = self.lock();
            change(&mut state.standing);
            state.standing
        };
        self.pace.stands(self.lease.job, standing, now);
        self.show(Status::Running, None);
    }

    /// Enters a stage, in the catalog too.
    ///
    /// # Errors
    /// A conflict if the job was stopped meanwhile.
    pub(super) async fn enter(&self, stage: Stage) -> Result<(), CatalogError> {
        self.go_on(|standing| {
            standing.stage = stage;
            standing.stage_began = Instant::now();
        });
        self.write().await
    }

    /// Notes pages read.
    pub(super) fn pages(&self, done: u32, total: u32) {
        self.go_on(|standing| {
            standing.progress.pages_done = done;
            standing.progress.pages_total = Some(total);
        });
    }

    /// Notes what is told while it is embedded.
    pub(super) fn indexing(&self, told: Told) {
        match told {
            Told::Chunks { done, total } => self.chunks(done, total),
            Told::Waits(waits) => self.waits(waits.then_some(Waits::Index)),
        }
    }

    /// Notes what it waits for from now on, if for anything.
    pub(super) fn waits(&self, waits: Option<Waits>) {
        self.lock().waits = waits;
        self.show(Status::Running, None);
    }

    /// Notes chunks in the index.
    pub(super) fn chunks(&self, done: u32, total: u32) {
        self.go_on(|standing| {
            standing.progress.chunks_done = done;
            standing.progress.chunks_total = Some(total);
        });
    }

    /// Shows the end, which the catalog knows already.
    pub(super) fn end(&self, status: Status, error: Option<JobError>) {
        let searchable = status == Status::Ready;
        self.pace.ends(self.lease.job, searchable, Instant::now());
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
                    // The time left goes on even where nothing else does.
                    self.show(Status::Running, None);
                    let changed = { let state = self.lock(); state.standing.progress != state.written };
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
            current.written = current.standing.progress;
            (current.standing.stage, current.standing.progress)
        };
        self.catalog.report(&self.lease, stage, progress).await
    }
}
