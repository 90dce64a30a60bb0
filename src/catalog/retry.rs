//! Trying again, with the passwords that may be needed for it: kept with the job until it has done its work.

use rusqlite::{Connection, params};

use super::queue::{SELECT, job, job_by_id};
use super::row::{execute, first, id, now};
use super::{Catalog, CatalogError, Entity, Job, NewDocument, Status};
use crate::model::{JobId, KnowledgeBaseId, Password, VersionId};

impl Catalog {
    /// Queues a failed or cancelled job again, with another password if one is given. With a password a document that was read
    /// but for locked parts is read anew, as a new version; that one's job comes back.
    ///
    /// # Errors
    /// `not_retryable` if it is under way, ended well, or its document has newer content.
    pub async fn retry_job(
        &self,
        job_id: JobId,
        password: Option<Password>,
    ) -> Result<Job, CatalogError> {
        let password = password.map(checked_password).transpose()?;
        if let Some(password) = &password
            && let Some(locked) = self.locked_parts(job_id).await?
        {
            return self.read_anew(locked, password.clone()).await;
        }
        let job = self
            .database()
            .write(move |connection| {
                let sql = format!("{SELECT} WHERE j.id = ?");
                let found = first(connection, &sql, [job_id.0.into_bytes()], |row| {
                    Ok((job(row)?, row.get::<_, String>("state")?))
                })?;
                let (job, state) = found.ok_or_else(|| CatalogError::not_found(Entity::Job, job_id))?;
                if !matches!(job.status, Status::Failed | Status::Cancelled) || state != "staging" {
                    return Err(CatalogError::Conflict {
                        code: "not_retryable",
                        message: "only the newest failed or cancelled job of a document can be tried again".to_owned(),
                    });
                }
                requeue(connection, job_id)?;
                if let Some(password) = &password {
                    keep_password(connection, job_id, password)?;
                }
                job_by_id(connection, job_id)
            })
            .await?;
        self.announce_queued();
        Ok(job)
    }

    /// What this job made searchable, if parts of it were left out for want of the right password.
    async fn locked_parts(&self, job: JobId) -> Result<Option<Locked>, CatalogError> {
        let find = move |connection: &Connection| {
            first(
                connection,
                "SELECT v.id AS version, v.knowledge_base, v.hash, v.bytes, v.source_url, d.name
                 FROM jobs j JOIN versions v ON v.id = j.version JOIN documents d ON d.latest = v.id
                 WHERE j.id = ? AND j.status = 'ready' AND v.state = 'visible' AND d.deleted_at IS NULL
                    AND EXISTS (SELECT 1 FROM warnings w WHERE w.version = v.id AND w.code = 'member_locked')",
                [job.0.into_bytes()],
                |row| {
                    Ok(Locked {
                        version: VersionId(id(row, "version")?),
                        knowledge_base: KnowledgeBaseId(id(row, "knowledge_base")?),
                        name: row.get("name")?,
                        hash: row.get("hash")?,
                        bytes: row.get::<_, i64>("bytes")?.cast_unsigned(),
                        source_url: row.get("source_url")?,
                    })
                },
            )
        };
        self.database().read(find).await
    }

    async fn read_anew(&self, locked: Locked, password: Password) -> Result<Job, CatalogError> {
        let blob = self.blobs().adopt(locked.hash, locked.bytes).await?;
        let new = NewDocument {
            source_url: locked.source_url,
            preset: Some(self.preset_wanted(locked.version).await?),
            password: Some(password),
            ..NewDocument::new(locked.name, blob)
        };
        let accepted = self.add_document(locked.knowledge_base, new).await?;
        self.job(accepted.job_id).await
    }
}

/// A searchable version with locked parts.
struct Locked {
    version: VersionId,
    knowledge_base: KnowledgeBaseId,
    name: String,
    hash: String,
    bytes: u64,
    source_url: Option<String>,
}

/// Puts a failed or cancelled job at the end of the queue, its attempts forgotten.
pub(super) fn requeue(connection: &Connection, job: JobId) -> Result<(), CatalogError> {
    execute(
        connection,
        "UPDATE jobs SET status = 'queued', stage = 'queued', lease = NULL, attempt = 0, cancel = 0, pages_done = 0,
            chunks_done = 0, chunks_total = NULL, error_code = NULL, error_message = NULL, error_args = NULL,
            updated_at = ? WHERE id = ?",
        params![now(), job.0.into_bytes()],
    )
    .map(drop)
}

/// A password of bearable length.
pub(super) fn checked_password(password: Password) -> Result<Password, CatalogError> {
    let bytes = password.reveal().len();
    if (1..=Password::MAX_BYTES).contains(&bytes) {
        return Ok(password);
    }
    let message = format!("must have 1 to {} bytes, not {bytes}", Password::MAX_BYTES);
    Err(CatalogError::invalid("password", message))
}

/// Keeps a password with its job, in place of an earlier one.
pub(super) fn keep_password(
    connection: &Connection,
    job: JobId,
    password: &Password,
) -> Result<(), CatalogError> {
    let sql = "UPDATE jobs SET password = ? WHERE id = ?";
    let values = params![password.reveal(), job.0.into_bytes()];
    execute(connection, sql, values).map(drop)
}

/// Forgets a password that did not open the file, unless another was given meanwhile.
pub(super) fn forget_wrong(
    connection: &Connection,
    job: JobId,
    password: &Password,
) -> Result<(), CatalogError> {
    let sql = "UPDATE jobs SET password = NULL WHERE id = ? AND password = ?";
    let values = params![job.0.into_bytes(), password.reveal()];
    execute(connection, sql, values).map(drop)
}
