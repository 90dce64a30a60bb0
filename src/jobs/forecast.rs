//! When documents that wait or are worked on can be found: looked up once a second at most, however many ask.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use tokio::sync::Mutex;

use super::JobEvent;
use super::worker::Worker;
use crate::catalog::{CatalogError, Status};
use crate::model::JobId;

const GOOD_FOR: Duration = Duration::from_secs(1);
/// How often one who waits is told anew how long it takes.
const TELL_AGAIN: Duration = Duration::from_secs(2);

/// Seconds left of jobs that have not ended.
#[derive(Debug, Clone, Default)]
pub struct Forecast(Arc<HashMap<JobId, u64>>);

impl Forecast {
    /// Seconds until the job's document can be found; `None` while there is nothing to reckon from, or after its end.
    #[must_use]
    pub fn seconds_left(&self, job: JobId) -> Option<u64> {
        self.0.get(&job).copied()
    }
}

/// The latest forecast.
#[derive(Default)]
pub(super) struct Forecaster(Mutex<Option<(Instant, Forecast)>>);

impl Forecaster {
    pub(super) async fn forecast(&self, worker: &Worker) -> Result<Forecast, CatalogError> {
        let mut latest = self.0.lock().await;
        if let Some((made, forecast)) = &*latest
            && made.elapsed() < GOOD_FOR
        {
            return Ok(forecast.clone());
        }
        let waiting = worker.catalog.waiting().await?;
        let mut seconds = worker.pace.of_queue(&waiting);
        seconds.extend(worker.board.seconds_left());
        let forecast = Forecast(Arc::new(seconds));
        *latest = Some((Instant::now(), forecast.clone()));
        Ok(forecast)
    }
}

/// A job's events, with the time left told and told again while it waits.
pub(super) fn with_waiting_time(
    events: BoxStream<'static, JobEvent>,
    worker: Arc<Worker>,
    forecaster: Arc<Forecaster>,
) -> BoxStream<'static, JobEvent> {
    let waiting: Option<JobEvent> = None;
    let told = stream::unfold((events, waiting), move |(mut events, mut waiting)| {
        let (worker, forecaster) = (Arc::clone(&worker), Arc::clone(&forecaster));
        async move {
            loop {
                let next = match &waiting {
                    Some(_) => tokio::time::timeout(TELL_AGAIN, events.next()).await,
                    None => Ok(events.next().await),
                };
                let before = waiting.take();
                let mut event = match (next, &before) {
                    (Ok(event), _) => event?,
                    (Err(_elapsed), Some(before)) => before.clone(),
                    (Err(_elapsed), None) => continue,
                };
                if event.status != Status::Queued {
                    return Some((event, (events, None)));
                }
                // Without a catalog there is no forecast; the job's own end will tell.
                let forecast = forecaster.forecast(&worker).await.unwrap_or_default();
                event.seconds_left = forecast.seconds_left(event.job_id);
                waiting = Some(event.clone());
                if before.as_ref() != Some(&event) {
                    return Some((event, (events, waiting)));
                }
            }
        }
    });
    told.boxed()
}
