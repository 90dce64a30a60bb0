//! Takes one job from its lease to the publisher, or to a clear end.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit, mpsc};
use tokio_util::sync::CancellationToken;
use wenyuan_ingest::{Chunk, CleanDocument, Preset};

use super::collections::{Collections, Writing};
use super::collector::Collector;
use super::costs::Meters;
use super::earlier::Earlier;
use super::events::Board;
use super::outcome::Halt;
use super::outline::{Outline, StoredText};
use super::pace::Pace;
use super::publisher::Finished;
use super::steps::Cut;
use super::tracker::{Tracker, Waits};
use super::{IngestorSettings, steps};
use crate::catalog::{Catalog, CatalogError, JobError, Lease, Stage, Status};
use crate::model::{JobId, VersionId};

/// Free space that is left alone: segments and logs of the index grow by steps of some megabytes.
const SPARE_BYTES: u64 = 64 << 20;
/// What one chunk takes at most in index and catalog, its sentences' vectors included.
const CHUNK_BYTES: u64 = 96 << 10;

/// A text takes one more turn at embedding for each of these bytes.
const LONG_BYTES: usize = 512 << 10;

const END_TRIES: u32 = 5;

/// What every job needs.
pub(super) struct Worker {
    pub(super) catalog: Catalog,
    pub(super) collections: Arc<Collections>,
    pub(super) settings: IngestorSettings,
    pub(super) board: Arc<Board>,
    pub(super) pace: Arc<Pace>,
    pub(super) collector: Arc<Collector>,
    /// Held to write while the terms of passages are replaced in every collection, to read while passages are written
    /// from the catalog into one.
    pub(super) teaching: tokio::sync::RwLock<()>,
    /// Ends everything.
    pub(super) stop: CancellationToken,
    pub(super) reading: Semaphore,
    pub(super) embedding: Semaphore,
    pub(super) running: Mutex<HashMap<JobId, CancellationToken>>,
    /// Bytes that documents under way may still write.
    pub(super) reserved: AtomicU64,
    pub(super) meters: Arc<Meters>,
}

/// Space that a document may still take; given up when dropped.
pub(super) struct Reserved<'a> {
    all: &'a AtomicU64,
    bytes: u64,
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        self.all.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// A job under way.
pub(super) struct Task {
    pub(super) lease: Lease,
    pub(super) tracker: Tracker,
    /// The collection that was searched when it began: all of it goes there.
    pub(super) to: Writing,
    /// Whether the catalog counts an attempt of this process at it.
    counted: AtomicBool,
    /// Bounds how many documents are in memory.
    pub(super) _place: OwnedSemaphorePermit,
}

impl Worker {
    fn running(&self) -> MutexGuard<'_, HashMap<JobId, CancellationToken>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops a job if it is under way here; whether it was.
    pub(super) fn cancel(&self, job: JobId) -> bool {
        self.running()
            .get(&job)
            .inspect(|token| token.cancel())
            .is_some()
    }

    /// Jobs between their lease and their end.
    pub(super) fn under_way(&self) -> usize {
        self.running().len()
    }

    /// The job is under way no longer.
    pub(super) fn forget(&self, job: JobId) {
        self.running().remove(&job);
    }

    /// Works on a job until it waits for publication or has ended.
    pub(super) async fn run(
        &self,
        lease: Lease,
        place: OwnedSemaphorePermit,
        publisher: mpsc::Sender<Finished>,
    ) {
        let token = self.stop.child_token();
        self.running().insert(lease.job, token.clone());
        let tracker = Tracker::new(
            self.catalog.clone(),
            Arc::clone(&self.board),
            Arc::clone(&self.pace),
            lease.clone(),
        );
        let task = Task {
            lease,
            tracker,
            to: self.collections.active(),
            counted: AtomicBool::new(false),
            _place: place,
        };
        let work = task
            .tracker
            .writing(Box::pin(self.make_findable(&task, &token)));
        let halt = match token.run_until_cancelled(work).await {
            None => Halt::Stopped,
            Some(Err(halt)) => halt,
            Some(Ok((outline, chunks))) => {
                let Err(unsent) = publisher
                    .send(Finished {
                        task,
                        token,
                        outline,
                        chunks,
                    })
                    .await
                else {
                    return;
                };
                return self.conclude(&unsent.0.task, Halt::Stopped).await;
            }
        };
        self.conclude(&task, halt).await;
    }

    async fn make_findable(
        &self,
        task: &Task,
        token: &CancellationToken,
    ) -> Result<(Outline, Vec<Chunk>), Halt> {
        let tracker = &task.tracker;
        let reading = turn(&self.reading, 1, tracker).await?;
        // One that was under way when a process ended goes alone: if it ends this one too, nobody else is blamed.
        let alone = if task.lease.attempts > 0 {
            Some(turn(&self.embedding, self.settings.embedders.max(1), tracker).await?)
        } else {
            None
        };
        let document = self.read(task, token).await?;
        let turns = self.turns(document.text.len());
        // A long text keeps others from being read until it is its turn: few of them are in memory.
        let reading = (turns > 1).then_some(reading);
        task.tracker.enter(Stage::Splitting).await?;
        let wanted = self.catalog.preset_wanted(task.lease.version).await?;
        let (outline, chunks, preset) = {
            let embedder = Arc::clone(&task.to.embedder);
            steps::split(self, document, wanted, embedder, token).await?
        };
        if chunks.is_empty() {
            return Err(Halt::failed("no_text", "no text was found in the file"));
        }
        task.tracker.chunks(0, chunks.len() as u32);
        let _turn = match alone {
            Some(alone) => alone,
            None => turn(&self.embedding, turns, tracker).await?,
        };
        drop(reading);
        let _space = self.reserve_space(chunks.len())?;
        let base = task.lease.knowledge_base;
        let (revision, words) = self.catalog.words_for_passages(base).await?;
        self.clear(&task.lease, preset, revision).await?;
        task.tracker.enter(Stage::Embedding).await?;
        let earlier = Earlier::of(&self.catalog, &task.to.open.store, &task.lease).await;
        let text = StoredText {
            texts: self.catalog.texts().clone(),
            version: task.lease.version,
        };
        let cut = Cut {
            outline: &outline,
            text: &text,
            chunks: &chunks,
            known: &earlier,
            words: &words,
        };
        let tell = |told| task.tracker.indexing(told);
        self.with_retries(self.settings.embed_deadline, "embedding", || {
            steps::index(&task.to, &task.lease, cut, tell, token)
        })
        .await?;
        if task.lease.attempts > 0 {
            // Before the next one goes alone: should that end the program, this one is not blamed.
            self.catalog.attempt_survived(&task.lease).await?;
            task.counted.store(false, Ordering::Relaxed);
        }
        Ok((outline, chunks))
    }

    /// Turns at embedding that a text takes: half of all at most, so that two long ones go side by side.
    fn turns(&self, bytes: usize) -> usize {
        let most = (self.settings.embedders / 2).max(1);
        (1 + bytes / LONG_BYTES).min(most)
    }

    /// Makes sure that the disk holds what this document and those under way will write.
    pub(super) fn reserve_space(&self, chunks: usize) -> Result<Reserved<'_>, CatalogError> {
        let bytes = (chunks as u64).saturating_mul(CHUNK_BYTES);
        let before = self.reserved.fetch_add(bytes, Ordering::Relaxed);
        let reserved = Reserved {
            all: &self.reserved,
            bytes,
        };
        self.catalog
            .folder()
            .require_space(SPARE_BYTES + before + bytes)?;
        Ok(reserved)
    }

    /// The document as read: from the checkpoint of an earlier attempt, else from the original.
    async fn read(&self, task: &Task, token: &CancellationToken) -> Result<CleanDocument, Halt> {
        let version = task.lease.version;
        let texts = self.catalog.texts().clone();
        let stored = blocking(move || texts.load(version)).await?;
        if let Some(document) = stored {
            let pages = document.pages.len() as u32;
            if pages > 0 {
                task.tracker.pages(pages, pages);
            }
            self.catalog
                .record_read(&task.lease, &document, false)
                .await?;
            task.counted.store(true, Ordering::Relaxed);
            return Ok(document);
        }
        self.catalog.attempt_begins(&task.lease).await?;
        task.counted.store(true, Ordering::Relaxed);
        let mut document = steps::read(self, task, token).await?;
        if let Some(title) = &task.lease.title {
            document.title = Some(title.clone());
        }
        let texts = self.catalog.texts().clone();
        let document = blocking(move || texts.save(version, &document).map(|()| document)).await?;
        self.catalog
            .record_read(&task.lease, &document, true)
            .await?;
        Ok(document)
    }

    /// Makes sure that no collection holds anything of the version, and that the catalog knows it soon may.
    async fn clear(&self, lease: &Lease, preset: Preset, words: i64) -> Result<(), Halt> {
        self.collector.settled().await;
        if lease.has_points {
            for collection in self.collections.all() {
                collection.store.remove_version(lease.version.0).await?;
            }
        }
        Ok(self.catalog.points_begin(lease, preset, words).await?)
    }

    /// Returns once everything written to the index survives power loss.
    pub(super) async fn flush(&self) -> Result<(), Halt> {
        Ok(self.collections.active().open.store.flush().await?)
    }

    /// Returns once the texts of these versions survive power loss, with those that do not.
    pub(super) async fn sync_texts(
        &self,
        versions: Vec<VersionId>,
    ) -> Result<HashMap<VersionId, CatalogError>, Halt> {
        let texts = self.catalog.texts().clone();
        blocking(move || texts.sync(&versions)).await
    }

    /// Repeats `step` after each of the set pauses while embedder or index are only unavailable for now.
    pub(super) async fn with_retries<F: Future<Output = Result<(), Halt>>>(
        &self,
        deadline: Duration,
        stage: &str,
        step: impl Fn() -> F,
    ) -> Result<(), Halt> {
        let tries = async {
            for pause in &self.settings.retry_pauses {
                match step().await {
                    Err(Halt::Failed(error)) if is_passing(&error) => {
                        tracing::warn!(stage, error.code, error = %error.message, "will be tried again");
                        tokio::time::sleep(*pause).await;
                    }
                    outcome => return outcome,
                }
            }
            step().await
        };
        let seconds = deadline.as_secs();
        tokio::time::timeout(deadline, tries)
            .await
            .unwrap_or_else(|_elapsed| Err(Halt::timed_out(stage, seconds)))
    }

    /// Ends a job that did not succeed, in the catalog and for those who watch.
    pub(super) async fn conclude(&self, task: &Task, halt: Halt) {
        let job = task.lease.job;
        let (status, error) = match halt {
            Halt::Failed(error) => (Status::Failed, Some(error)),
            // Stopped with the program: the next start goes on with it.
            Halt::Stopped if self.stop.is_cancelled() => (Status::Queued, None),
            Halt::Again => (Status::Queued, None),
            Halt::Stopped => (Status::Cancelled, None),
        };
        if let Some(error) = &error {
            tracing::warn!(job.id = %job, document.id = %task.lease.document, error.code, error = %error.message, "job failed");
        }
        for attempt in 1..=END_TRIES {
            let ended = match status {
                Status::Queued => {
                    let counted = task.counted.load(Ordering::Relaxed);
                    self.catalog.release(&task.lease, counted).await
                }
                Status::Failed | Status::Cancelled | Status::Running | Status::Ready => {
                    self.catalog.end_job(&task.lease, error.clone()).await
                }
            };
            let Err(trouble) = ended else { break };
            tracing::error!(job.id = %job, error = %trouble, attempt, "the end of a job was not written");
            tokio::time::sleep(Duration::from_millis(200 * u64::from(attempt))).await;
        }
        self.forget(job);
        task.tracker.end(status, error);
        if status == Status::Queued {
            self.catalog.announce_queued();
        }
    }
}

/// So many turns, once they are free; meanwhile the job says that it waits.
async fn turn<'a>(
    of: &'a Semaphore,
    turns: usize,
    tracker: &Tracker,
) -> Result<SemaphorePermit<'a>, Halt> {
    if let Ok(free) = of.try_acquire_many(turns as u32) {
        return Ok(free);
    }
    tracker.waits(Some(Waits::Turn));
    let taken = of.acquire_many(turns as u32).await;
    tracker.waits(None);
    taken.map_err(|_closed| Halt::Stopped)
}

/// Whether the same call may succeed soon.
fn is_passing(error: &JobError) -> bool {
    matches!(error.code.as_str(), "embedder_busy" | "index_unavailable")
}

/// Runs file work off the async threads.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CatalogError> + Send + 'static,
) -> Result<T, Halt> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => Ok(outcome?),
        // The program ends: that is no fault of the document's.
        Err(error) if error.is_cancelled() => std::future::pending().await,
        Err(_panicked) => Err(Halt::failed("internal", "a file operation broke down")),
    }
}
