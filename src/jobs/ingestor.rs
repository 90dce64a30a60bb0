//! The worker as others see it: started once, told what to stop or try again, asked how far it is.

use std::collections::HashMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use futures::stream::BoxStream;
use tokio::sync::{Semaphore, broadcast, mpsc};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;
use uuid::Uuid;
use wenyuan_ingest::{DrawError, Drawing, Embedder};

use super::care::CareSettings;
use super::collections::Collections;
use super::collector::Collector;
use super::drawing::Drawer;
use super::events::{Board, JobEvent};
use super::forecast::{Forecast, Forecaster, with_waiting_time};
use super::opener::CollectionOpener;
use super::pace::Pace;
use super::publisher::{self, Finished};
use super::words;
use super::worker::Worker;
use super::{IngestError, IngestorSettings, RepairReport, StageCosts, fill};
use crate::catalog::{Catalog, CatalogError, Entity, Job, Original};
use crate::model::{JobId, Password};
use crate::store::Live;

const LOOK_AGAIN: Duration = Duration::from_secs(30);
const AFTER_TROUBLE: Duration = Duration::from_secs(5);
const LOOK_FOR_STOPS: Duration = Duration::from_millis(500);
/// Room for documents between their lease and their publication.
pub(super) const ROOM: usize = 256;
/// A document takes one unit of room, and one more for each of these bytes of its file.
const UNIT_BYTES: u64 = 256 << 10;
/// The most that one document takes: some large ones are under way together.
const MOST_UNITS: usize = ROOM / 16;

/// The worker; clones share it. Dropping the last one stops it, and its jobs go on with the next start.
#[derive(Clone)]
pub struct Ingestor(Arc<Handle>);

struct Handle {
    worker: Arc<Worker>,
    drawer: Drawer,
    tasks: TaskTracker,
    forecaster: Arc<Forecaster>,
    _stop: DropGuard,
}

impl Ingestor {
    /// Takes over what an earlier process left, then works in the background on what is queued. Documents go to the
    /// live collection, which changes where a person switches to another embedder's; `opener` brings that.
    ///
    /// # Errors
    /// `embedder_mismatch` if the catalog's collection in use is not the live one's.
    pub async fn start(
        catalog: Catalog,
        live: Live,
        opener: Arc<dyn CollectionOpener>,
        settings: IngestorSettings,
    ) -> Result<Self, IngestError> {
        let found = catalog.take_over().await?;
        if found > 0 {
            tracing::info!(
                jobs = found,
                "took over jobs of a process that ended in the middle"
            );
        }
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let caring = CareSettings::after(settings.optimize_after);
        let collections = Collections::open(
            catalog.clone(),
            live,
            opener,
            caring,
            (tasks.clone(), stop.clone()),
        );
        let collections = Arc::new(collections.await?);
        let worker = Arc::new(Worker {
            board: Arc::new(Board::default()),
            pace: Arc::new(Pace::new(Instant::now())),
            collector: Arc::new(Collector::new(catalog.clone(), Arc::clone(&collections))),
            teaching: tokio::sync::RwLock::default(),
            collections,
            stop: stop.clone(),
            reading: Semaphore::new(settings.readers.max(1)),
            embedding: Semaphore::new(settings.embedders.max(1)),
            running: Mutex::new(HashMap::new()),
            reserved: AtomicU64::new(0),
            meters: Arc::default(),
            catalog,
            settings,
        });
        let (finished, waiting) = mpsc::channel(ROOM);
        tasks.spawn(publisher::run(Arc::clone(&worker), waiting));
        tasks.spawn(dispatch(Arc::clone(&worker), tasks.clone(), finished));
        tasks.spawn(hear_cancellations(
            Arc::clone(&worker),
            worker.catalog.cancellations(),
        ));
        tasks.spawn(words::run(Arc::clone(&worker)));
        let collector = Arc::clone(&worker.collector);
        tasks.spawn(async move { collector.run(stop).await });
        tasks.spawn(fill::run(Arc::clone(&worker)));
        let guard = worker.stop.clone().drop_guard();
        Ok(Self(Arc::new(Handle {
            worker,
            drawer: Drawer::new(),
            tasks,
            forecaster: Arc::default(),
            _stop: guard,
        })))
    }

    /// The job's events: its present state at once, then changes, a final status last.
    ///
    /// A slow follower skips events in between, never the last one.
    pub async fn subscribe(
        &self,
        job: JobId,
    ) -> Result<BoxStream<'static, JobEvent>, CatalogError> {
        let worker = &self.0.worker;
        let events = worker.board.follow(&worker.catalog, job).await?;
        let forecaster = Arc::clone(&self.0.forecaster);
        Ok(with_waiting_time(events, Arc::clone(worker), forecaster))
    }

    /// When the documents that wait or are worked on can be found, as of at most a second ago.
    pub async fn forecast(&self) -> Result<Forecast, CatalogError> {
        self.0.forecaster.forecast(&self.0.worker).await
    }

    /// Looks for waiting jobs now; adding a document does that by itself.
    pub fn wake(&self) {
        self.0.worker.catalog.announce_queued();
    }

    /// Waits for a job's end.
    pub async fn wait(&self, job: JobId) -> Result<JobEvent, CatalogError> {
        let last = self
            .subscribe(job)
            .await?
            .fold(None, async |_earlier, event| Some(event))
            .await;
        last.ok_or_else(|| CatalogError::not_found(Entity::Job, job))
    }

    /// Stops a job within a second; its document keeps what was visible before.
    ///
    /// # Errors
    /// `not_cancellable` if it has ended.
    pub async fn cancel(&self, job: JobId) -> Result<Job, CatalogError> {
        self.0.worker.catalog.cancel_job(job).await
    }

    /// Queues a failed or cancelled job again, with another password if one is given, or reads a document anew whose parts
    /// a password may open.
    ///
    /// # Errors
    /// `not_retryable` otherwise.
    pub async fn retry(&self, job: JobId, password: Option<Password>) -> Result<Job, CatalogError> {
        self.0.worker.catalog.retry_job(job, password).await
    }

    /// What the stages have cost in this process so far.
    #[must_use]
    pub fn costs(&self) -> StageCosts {
        self.0.worker.meters.costs()
    }

    /// A page of an original as PNG. Few are drawn at a time, and the latest are kept in memory.
    pub async fn draw(&self, original: &Original, drawing: Drawing) -> Result<Vec<u8>, DrawError> {
        let settings = &self.0.worker.settings;
        let picture = self.0.drawer.draw(settings, original, drawing).await?;
        Ok(picture.to_vec())
    }

    /// The worker behind it.
    pub(super) fn worker(&self) -> &Worker {
        &self.0.worker
    }

    /// What reading and cutting a file takes.
    pub(super) fn for_previews(&self) -> (Arc<dyn Embedder>, &IngestorSettings) {
        let worker = &self.0.worker;
        (worker.collections.active().embedder, &worker.settings)
    }

    /// Removes now what nobody may see any more, instead of soon; how many versions that were.
    pub async fn collect(&self) -> Result<usize, IngestError> {
        self.0.worker.collector.collect(Duration::ZERO).await
    }

    /// Makes the index agree with the catalog: indexes visible documents again that miss chunks, removes chunks that
    /// nobody knows. Takes as long as embedding what is missing; searches and other work go on.
    pub async fn repair(&self) -> Result<RepairReport, IngestError> {
        self.0.worker.repair().await
    }

    /// Stops working and returns once nothing is under way; unfinished jobs go on with the next start.
    pub async fn stop(&self) {
        self.0.worker.stop.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
        self.0.worker.board.close();
    }
}

/// Leases jobs as places become free.
async fn dispatch(worker: Arc<Worker>, tasks: TaskTracker, finished: mpsc::Sender<Finished>) {
    let process = Uuid::new_v4();
    let free = Arc::new(Semaphore::new(ROOM));
    let stop = worker.stop.clone();
    let leasing = async {
        loop {
            // Only what has its room already is leased: a leased job that waited could not be told from one under way.
            let Ok(mut room) = Arc::clone(&free)
                .acquire_many_owned(MOST_UNITS as u32)
                .await
            else {
                return;
            };
            let more = free.available_permits() / MOST_UNITS * MOST_UNITS;
            if let Ok(more) = Arc::clone(&free).try_acquire_many_owned(more as u32) {
                room.merge(more);
            }
            let most = room.num_permits() / MOST_UNITS;
            let leases = match worker.catalog.lease(process, most).await {
                Ok(leases) => leases,
                Err(error) => {
                    tracing::error!(error = %error, "no job could be leased");
                    tokio::time::sleep(AFTER_TROUBLE).await;
                    continue;
                }
            };
            if leases.is_empty() {
                drop(room);
                drop(tokio::time::timeout(LOOK_AGAIN, worker.catalog.queued()).await);
                continue;
            }
            for lease in leases {
                let Some(place) = room.split(units(lease.bytes)) else {
                    break;
                };
                let (worker, finished) = (Arc::clone(&worker), finished.clone());
                tasks.spawn(async move { Box::pin(worker.run(lease, place, finished)).await });
            }
        }
    };
    stop.run_until_cancelled(leasing).await;
}

fn units(bytes: u64) -> usize {
    let units = usize::try_from(bytes / UNIT_BYTES).unwrap_or(MOST_UNITS);
    (units + 1).min(MOST_UNITS)
}

/// Passes on what people stop: to the worker if the job is under way, else to those who watch it.
async fn hear_cancellations(worker: Arc<Worker>, mut announced: broadcast::Receiver<JobId>) {
    let mut clock = tokio::time::interval(LOOK_FOR_STOPS);
    loop {
        let job = tokio::select! {
            () = worker.stop.cancelled() => return,
            job = announced.recv() => job.ok(),
            _ = clock.tick() => None,
        };
        match job {
            Some(job) if worker.cancel(job) || !worker.board.is_watched(job) => {}
            Some(job) => {
                if let Ok(job) = worker.catalog.job(job).await
                    && job.status.is_final()
                {
                    worker.board.post(job.into());
                }
            }
            // Catches what was announced between a job's lease and its start, or to a full channel.
            None if worker.under_way() > 0 => {
                for job in worker.catalog.jobs_to_stop().await.unwrap_or_default() {
                    worker.cancel(job);
                }
            }
            None => {}
        }
    }
}
