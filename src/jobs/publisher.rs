//! Makes finished versions visible: one sync of the index serves all that wait for it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use wenyuan_ingest::Chunk;

use super::outcome::Halt;
use super::outline::Outline;
use super::worker::{Task, Worker};
use crate::catalog::{Stage, Status};

const MOST_TOGETHER: usize = 256;
/// How long a finished version waits for others that are under way: a sync of the index costs as much as embedding
/// several short documents.
const GATHERING: Duration = Duration::from_millis(400);
const FLUSH_DEADLINE: Duration = Duration::from_mins(10);

/// A version whose points are all written.
pub(super) struct Finished {
    pub(super) task: Task,
    /// Falls when a person stops the job, and when the program stops: that publishes what is finished first.
    pub(super) token: CancellationToken,
    pub(super) outline: Outline,
    pub(super) chunks: Vec<Chunk>,
}

/// Publishes what comes until every sender is gone.
pub(super) async fn run(worker: Arc<Worker>, mut finished: mpsc::Receiver<Finished>) {
    let mut waiting = Vec::new();
    while !waiting.is_empty() || finished.recv_many(&mut waiting, MOST_TOGETHER).await > 0 {
        gather(&worker, &mut finished, &mut waiting).await;
        let publishing = publish_all(&worker, std::mem::take(&mut waiting));
        tokio::pin!(publishing);
        let mut open = true;
        loop {
            let room = waiting.len() < MOST_TOGETHER;
            tokio::select! {
                () = &mut publishing => break,
                next = finished.recv(), if open && room => match next {
                    Some(next) => waiting.push(next),
                    None => open = false,
                },
                at = stopped(&worker, &waiting) => {
                    let given_up = waiting.swap_remove(at);
                    worker.conclude(&given_up.task, Halt::Stopped).await;
                }
            }
        }
    }
}

/// Adds what else is finished soon, as long as anything is under way.
async fn gather(
    worker: &Worker,
    finished: &mut mpsc::Receiver<Finished>,
    batch: &mut Vec<Finished>,
) {
    let gathering = async {
        while batch.len() < MOST_TOGETHER && worker.under_way() > batch.len() {
            if finished.recv_many(batch, MOST_TOGETHER - batch.len()).await == 0 {
                return;
            }
        }
    };
    drop(tokio::time::timeout(GATHERING, gathering).await);
}

/// The place of one that a person has stopped, as soon as there is one.
async fn stopped(worker: &Worker, batch: &[Finished]) -> usize {
    let stops = batch.iter().enumerate().map(|(at, finished)| {
        Box::pin(async move {
            finished.token.cancelled().await;
            at
        })
    });
    let stops: Vec<_> = stops.collect();
    if stops.is_empty() {
        return std::future::pending().await;
    }
    let (at, _, _) = futures::future::select_all(stops).await;
    if worker.stop.is_cancelled() {
        // The program stops, and nobody stopped this job: what is finished is published before.
        return std::future::pending().await;
    }
    at
}

async fn publish_all(worker: &Worker, mut batch: Vec<Finished>) {
    for finished in &batch {
        if let Err(error) = finished.task.tracker.enter(Stage::Publishing).await {
            tracing::debug!(job.id = %finished.task.lease.job, error = %error, "stopped before publishing");
        }
    }
    let versions: Vec<_> = batch
        .iter()
        .map(|finished| finished.task.lease.version)
        .collect();
    let durable = async {
        tokio::join!(
            worker.with_retries(FLUSH_DEADLINE, "publishing", || worker.flush()),
            worker.sync_texts(versions),
        )
    };
    tokio::pin!(durable);
    let (flushed, synced) = loop {
        tokio::select! {
            done = &mut durable => break done,
            at = stopped(worker, &batch) => {
                let given_up = batch.swap_remove(at);
                worker.conclude(&given_up.task, Halt::Stopped).await;
            }
        }
    };
    let (flushed, mut torn) = match (flushed, synced) {
        (Ok(()), Ok(torn)) => (Ok(()), torn),
        (Err(halt), _) | (Ok(()), Err(halt)) => (Err(halt), HashMap::new()),
    };
    let published = batch.into_iter().map(|finished| {
        let outcome = match torn.remove(&finished.task.lease.version) {
            Some(error) => Err(Halt::from(error)),
            None => flushed.as_ref().map(|_done| ()).map_err(Halt::again),
        };
        publish(worker, finished, outcome)
    });
    futures::future::join_all(published).await;
}

async fn publish(worker: &Worker, finished: Finished, durable: Result<(), Halt>) {
    let Finished {
        task,
        token: _,
        outline,
        chunks,
    } = finished;
    let count = chunks.len();
    let halt = match durable {
        Err(halt) => halt,
        Ok(()) => match worker
            .catalog
            .publish(
                &task.lease,
                task.to.embedder.fingerprint(),
                outline.pages,
                chunks,
            )
            .await
        {
            Ok(()) => {
                tracing::info!(document.id = %task.lease.document, chunks = count, "document is searchable");
                worker.catalog.announce_published();
                worker.forget(task.lease.job);
                worker.collections.woken.notify_one();
                task.tracker.end(Status::Ready, None);
                return;
            }
            Err(error) => Halt::from(error),
        },
    };
    worker.conclude(&task, halt).await;
}
