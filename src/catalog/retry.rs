//! Trying again, with the passwords that may be needed for it: kept with the job until it has done its work.

use rusqlite::{Connection, params};

use super::queue::{SELECT, job, job_by_id};
use super::row::{execute, first, now};
use super::{Catalog, CatalogError, Entity, Job, Status};
use crate::model::{JobId, Password};

impl Catalog {
    /// Queues a failed or cancelled job again, with another password if one is given.
    ///
    /// # Errors
    /// `not_retryable` if it is under way, ended well, or its document has newer content.
    pub async fn retry_job(
        &self,
        id: JobId,
        password: Option<Password>,
    ) -> Result<Job, CatalogError> {
        let password = password.map(checked_password).transpose()?;
        let job = self
            .database()
            .write(move |connection| {
                let sql = format!("{SELECT} WHERE j.id = ?");
                let found = first(connection, &sql, [id.0.into_bytes()], |row| {
                    Ok((job(row)?, row.get::<_, String>("state")?))
                })?;
                let (job, state) = found.ok_or_else(|| CatalogError::not_found(Entity::Job, id))?;
                if !matches!(job.status, Status::Failed | Status::Cancelled) || state != "staging" {
                    return Err(CatalogError::Conflict {
                        code: "not_retryable",
                        message: "only the newest failed or cancelled job of a document can be tried again".to_owned(),
                    });
                }
                requeue(connection, id)?;
                if let Some(password) = &password {
                    keep_password(connection, id, password)?;
                }
                job_by_id(connection, id)
            })
            .await?;
        self.announce_queued();
        Ok(job)
    }
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
