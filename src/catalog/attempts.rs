//! Who works on a job and how often that was begun: a job that keeps taking the program down is given up.

use rusqlite::params;

use super::queue::{Lease, held};
use super::row::{all, execute, id, now};
use super::{Catalog, CatalogError};
use crate::model::JobId;

/// How often a job may take its process down before it is given up. Who kills a program cannot be told from within, and
/// one that is killed every second or two (`make torture`) has hit the same document three times by chance.
pub(crate) const MOST_ATTEMPTS: u32 = 5;

impl Catalog {
    /// Ends what an earlier process left running: queued again, cancelled if that was asked, or given up after
    /// [`MOST_ATTEMPTS`]. How many were found.
    pub(crate) async fn take_over(&self) -> Result<usize, CatalogError> {
        self.database()
            .write(move |connection| {
                let now = now();
                let cancelled = "UPDATE jobs SET status = 'cancelled', stage = 'queued', lease = NULL, updated_at = ?
                     WHERE status = 'running' AND cancel = 1";
                let crashed = "UPDATE jobs SET status = 'failed', lease = NULL, updated_at = ?1,
                     error_code = 'crashed', error_args = json_object('attempts', attempt), error_message =
                     'the program ended ' || attempt || ' times while it worked on this file; it is not tried again'
                     WHERE status = 'running' AND attempt >= ?2";
                let requeued = "UPDATE jobs SET status = 'queued', stage = 'queued', lease = NULL, updated_at = ?
                     WHERE status = 'running'";
                Ok(execute(connection, cancelled, [now])?
                    + execute(connection, crashed, params![now, MOST_ATTEMPTS])?
                    + execute(connection, requeued, [now])?)
            })
            .await
    }

    /// Counts an attempt: from here on the file is being read, and could be what ends the program.
    pub(crate) async fn attempt_begins(&self, lease: &Lease) -> Result<(), CatalogError> {
        let held_by = (lease.job.0.into_bytes(), lease.process.into_bytes());
        let sql = "UPDATE jobs SET attempt = attempt + 1 WHERE id = ? AND lease = ? AND status = 'running'";
        self.database()
            .note(move |connection| held(execute(connection, sql, held_by)?))
            .await
    }

    /// The process has outlived what could have ended it: nothing speaks against the job any more.
    pub(crate) async fn attempt_survived(&self, lease: &Lease) -> Result<(), CatalogError> {
        let held_by = (lease.job.0.into_bytes(), lease.process.into_bytes());
        let sql = "UPDATE jobs SET attempt = 0 WHERE id = ? AND lease = ? AND status = 'running'";
        self.database()
            .note(move |connection| held(execute(connection, sql, held_by)?))
            .await
    }

    /// Gives a job back to the queue, as if it had not been begun; whether an attempt at it was counted is for the
    /// worker to know.
    pub(crate) async fn release(&self, lease: &Lease, counted: bool) -> Result<(), CatalogError> {
        let lease = lease.clone();
        self.database()
            .write(move |connection| {
                execute(
                    connection,
                    "UPDATE jobs SET status = CASE cancel WHEN 1 THEN 'cancelled' ELSE 'queued' END, stage = 'queued',
                        lease = NULL, attempt = max(attempt - ?, 0), updated_at = ?
                     WHERE id = ? AND lease = ? AND status = 'running'",
                    params![counted, now(), lease.job.0.into_bytes(), lease.process.into_bytes()],
                )
                .map(drop)
            })
            .await
    }

    /// Which of the jobs under way are to stop: what a missed announcement left unsaid.
    pub(crate) async fn jobs_to_stop(&self) -> Result<Vec<JobId>, CatalogError> {
        self.database()
            .read(|connection| {
                let sql = "SELECT id FROM jobs WHERE status = 'running' AND cancel = 1";
                all(connection, sql, [], |row| id(row, "id").map(JobId))
            })
            .await
    }

    /// Jobs that wait with the size of their originals in bytes, in the order in which they will be leased.
    pub(crate) async fn waiting(&self) -> Result<Vec<(JobId, u64)>, CatalogError> {
        self.database()
            .read(|connection| {
                let sql = "SELECT j.id, v.bytes FROM jobs j JOIN versions v ON v.id = j.version
                    WHERE j.status = 'queued' AND v.state = 'staging' ORDER BY j.seq";
                all(connection, sql, [], |row| {
                    let bytes = row.get::<_, i64>("bytes")?.unsigned_abs();
                    Ok((JobId(id(row, "id")?), bytes))
                })
            })
            .await
    }
}
