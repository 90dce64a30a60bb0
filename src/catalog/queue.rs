//! The job queue: who works on what, how far it is, how it ended.
//!
//! One process works on a data folder, so a lease is the mark of this start of the process: after a crash every
//! lease found is of the dead.

use rusqlite::{Connection, Row, params};
use uuid::Uuid;
use wenyuan_ingest::{CleanDocument, Warning};

use super::listing::{job_error, progress};
use super::retry::forget_wrong;
use super::row::{all, execute, first, id, integer, json, name, now, time, to_json};
use super::{Catalog, CatalogError, Entity, Job, JobError, Progress, Stage, Status};
use crate::model::{DocumentId, JobId, KnowledgeBaseId, Password, VersionId};

const MOST_WARNINGS: usize = 200;

pub(super) const SELECT: &str = "
    SELECT j.id, d.knowledge_base, v.document, d.name, j.version, j.status, j.stage, j.attempt, j.pages_done,
        j.pages_total, j.chunks_done, j.chunks_total, j.error_code, j.error_message, j.error_args, j.created_at,
        j.updated_at, v.hash, v.bytes, v.created_at AS added_at, d.title, d.tags, v.state, v.has_points,
        v.seq AS position, v.chunks, j.password
    FROM jobs j JOIN versions v ON v.id = j.version JOIN documents d ON d.id = v.document";

/// A job that this process works on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lease {
    /// The job.
    pub(crate) job: JobId,
    /// The mark of this process.
    pub(super) process: Uuid,
    /// The knowledge base.
    pub(crate) knowledge_base: KnowledgeBaseId,
    /// The document.
    pub(crate) document: DocumentId,
    /// The document's name.
    pub(crate) name: String,
    /// The version.
    pub(crate) version: VersionId,
    /// The original.
    pub(crate) hash: String,
    /// Size of the original.
    pub(crate) bytes: u64,
    /// The title given with the upload.
    pub(crate) title: Option<String>,
    /// The document's tags.
    pub(crate) tags: Vec<String>,
    /// When the version was added, in seconds since 1970.
    pub(crate) added_at: i64,
    /// Whether an earlier attempt may have left points in the index.
    pub(crate) has_points: bool,
    /// How often a process ended while it worked on the job.
    pub(crate) attempts: u32,
    /// Opens the original.
    pub(crate) password: Option<Password>,
}

impl Catalog {
    /// A job.
    pub async fn job(&self, id: JobId) -> Result<Job, CatalogError> {
        self.database()
            .read(move |connection| job_by_id(connection, id))
            .await
    }

    /// Stops a job: a waiting one at once, a running one as soon as its worker hears.
    ///
    /// # Errors
    /// `not_cancellable` if it has ended.
    pub async fn cancel_job(&self, id: JobId) -> Result<Job, CatalogError> {
        let job = self
            .database()
            .write(move |connection| {
                let job = job_by_id(connection, id)?;
                if job.status.is_final() {
                    return Err(CatalogError::Conflict {
                        code: "not_cancellable",
                        message: format!("the job has ended already: {}", job.status.as_str()),
                    });
                }
                super::garbage::end_jobs(connection, "?1", job.version.0)?;
                job_by_id(connection, id)
            })
            .await?;
        self.announce_cancelled(&[id]);
        Ok(job)
    }

    /// Takes up to `limit` waiting jobs, oldest first.
    pub(crate) async fn lease(
        &self,
        process: Uuid,
        limit: usize,
    ) -> Result<Vec<Lease>, CatalogError> {
        let waiting = self
            .database()
            .read(move |connection| {
                let sql = format!("{SELECT} WHERE j.status = 'queued' AND v.state = 'staging' ORDER BY j.seq LIMIT ?");
                all(connection, &sql, [integer(limit)], |row| lease(row, process))
            })
            .await?;
        if waiting.is_empty() {
            return Ok(waiting);
        }
        self.database()
            .note(move |connection| {
                let mut leased = Vec::new();
                for lease in waiting {
                    let sql = "UPDATE jobs SET status = 'running', stage = 'reading', lease = ?,
                        updated_at = ? WHERE id = ? AND status = 'queued'";
                    let values = params![process.into_bytes(), now(), lease.job.0.into_bytes()];
                    if execute(connection, sql, values)? == 1 {
                        leased.push(lease);
                    }
                }
                Ok(leased)
            })
            .await
    }

    /// Writes stage and progress.
    pub(crate) async fn report(
        &self,
        lease: &Lease,
        stage: Stage,
        progress: Progress,
    ) -> Result<(), CatalogError> {
        let lease = lease.clone();
        self.database()
            .note(move |connection| {
                let values = params![
                    stage.as_str(),
                    progress.pages_done,
                    progress.pages_total,
                    progress.chunks_done,
                    progress.chunks_total,
                    now(),
                    lease.job.0.into_bytes(),
                    lease.process.into_bytes()
                ];
                held(execute(
                    connection,
                    "UPDATE jobs SET stage = ?, pages_done = ?, pages_total = ?, chunks_done = ?, chunks_total = ?,
                        updated_at = ? WHERE id = ? AND lease = ? AND status = 'running' AND cancel = 0",
                    values,
                )?)
            })
            .await
    }

    /// Writes what reading found, and counts an attempt at what follows: the first one if the file was `just_read`,
    /// since the checkpoint is a step that need not be repeated; one more if the text comes from the checkpoint.
    pub(crate) async fn record_read(
        &self,
        lease: &Lease,
        document: &CleanDocument,
        just_read: bool,
    ) -> Result<(), CatalogError> {
        let (lease, title, language) = (
            lease.clone(),
            document.title.clone(),
            document.language.as_str(),
        );
        let (kind, pages) = (document.kind.as_str(), document.pages.len() as u32);
        let (details, warnings) = (document.details.clone(), bounded(&document.warnings));
        self.database()
            .note(move |connection| {
                let version = lease.version.0.into_bytes();
                held(execute(
                    connection,
                    "UPDATE jobs SET attempt = CASE ? WHEN 1 THEN 1 ELSE attempt + 1 END
                     WHERE id = ? AND lease = ? AND status = 'running'",
                    params![just_read, lease.job.0.into_bytes(), lease.process.into_bytes()],
                )?)?;
                execute(
                    connection,
                    "UPDATE versions SET kind = ?, title = ?, language = ?, pages = ?, author = ?, created = ?,
                        modified = ? WHERE id = ?",
                    params![kind, title, language, (pages > 0).then_some(pages), details.author, details.created,
                        details.modified, version],
                )?;
                execute(connection, "DELETE FROM warnings WHERE version = ?", [version])?;
                for (ordinal, warning) in warnings.iter().enumerate() {
                    execute(
                        connection,
                        "INSERT INTO warnings (version, ordinal, code, page, message) VALUES (?, ?, ?, ?, ?)",
                        params![version, integer(ordinal), warning.code, warning.page, warning.message],
                    )?;
                }
                Ok(())
            })
            .await
    }

    /// Ends a job without success: failed, or cancelled where there is no error.
    pub(crate) async fn end_job(
        &self,
        lease: &Lease,
        error: Option<JobError>,
    ) -> Result<(), CatalogError> {
        let lease = lease.clone();
        self.database()
            .write(move |connection| {
                let status = if error.is_some() { Status::Failed } else { Status::Cancelled };
                let (code, message) =
                    error.as_ref().map(|error| (error.code.as_str(), error.message.as_str())).unzip();
                let args = error.as_ref().map(|error| to_json(&error.args)).transpose()?;
                let (job, process) = (lease.job.0.into_bytes(), lease.process.into_bytes());
                execute(
                    connection,
                    "UPDATE jobs SET status = ?, lease = NULL, error_code = ?, error_message = ?, error_args = ?,
                        updated_at = ? WHERE id = ? AND lease = ? AND status = 'running'",
                    params![status.as_str(), code, message, args, now(), job, process],
                )?;
                match &lease.password {
                    Some(password) if code == Some("password_required") => {
                        forget_wrong(connection, lease.job, password)
                    }
                    Some(_) | None => Ok(()),
                }
            })
            .await
    }
}

impl Lease {
    /// Fails unless this process still works on the job.
    pub(super) fn check(&self, connection: &Connection) -> Result<(), CatalogError> {
        let found = first(
            connection,
            "SELECT 1 FROM jobs j JOIN versions v ON v.id = j.version WHERE j.id = ? AND j.lease = ?
                AND j.status = 'running' AND j.cancel = 0 AND v.state = 'staging'",
            [self.job.0.into_bytes(), self.process.into_bytes()],
            |_row| Ok(()),
        )?;
        held(usize::from(found.is_some()))
    }
}

/// The job, or why not.
pub(super) fn job_by_id(connection: &Connection, id: JobId) -> Result<Job, CatalogError> {
    let found = first(
        connection,
        &format!("{SELECT} WHERE j.id = ?"),
        [id.0.into_bytes()],
        job,
    )?;
    found.ok_or_else(|| CatalogError::not_found(Entity::Job, id))
}

/// Fails unless the row of a job that this process works on was found.
pub(super) fn held(rows: usize) -> Result<(), CatalogError> {
    if rows == 1 {
        return Ok(());
    }
    Err(CatalogError::Conflict {
        code: "stopped",
        message: "the job was stopped meanwhile".to_owned(),
    })
}

fn bounded(warnings: &[Warning]) -> Vec<Warning> {
    let mut bounded: Vec<_> = warnings.iter().take(MOST_WARNINGS).cloned().collect();
    if let Some(left_out) = warnings
        .len()
        .checked_sub(MOST_WARNINGS)
        .filter(|left_out| *left_out > 0)
    {
        let message = format!("{left_out} more warnings are not listed");
        bounded.push(Warning {
            code: "more_warnings".to_owned(),
            page: None,
            message,
        });
    }
    bounded
}

/// A job from a row of [`SELECT`].
pub(super) fn job(row: &Row<'_>) -> rusqlite::Result<Job> {
    Ok(Job {
        id: JobId(id(row, "id")?),
        knowledge_base: KnowledgeBaseId(id(row, "knowledge_base")?),
        document: DocumentId(id(row, "document")?),
        name: row.get("name")?,
        version: VersionId(id(row, "version")?),
        status: name(row, "status")?,
        stage: name(row, "stage")?,
        attempt: row.get("attempt")?,
        progress: progress(row)?,
        error: job_error(row)?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
    })
}

/// A lease by `process` from a row of [`SELECT`].
pub(super) fn lease(row: &Row<'_>, process: Uuid) -> rusqlite::Result<Lease> {
    Ok(Lease {
        job: JobId(id(row, "id")?),
        process,
        knowledge_base: KnowledgeBaseId(id(row, "knowledge_base")?),
        document: DocumentId(id(row, "document")?),
        name: row.get("name")?,
        version: VersionId(id(row, "version")?),
        hash: row.get("hash")?,
        bytes: row.get::<_, i64>("bytes")?.unsigned_abs(),
        title: row.get("title")?,
        tags: json(row, "tags")?,
        added_at: time(row, "added_at")?.as_second(),
        has_points: row.get("has_points")?,
        attempts: row.get("attempt")?,
        password: row
            .get::<_, Option<String>>("password")?
            .map(Password::from),
    })
}
