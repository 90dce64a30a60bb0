//! What nobody may see any more, and its removal: points first, then rows, then files.

use std::time::Duration;

use rusqlite::{Connection, params};
use uuid::Uuid;

use super::row::{all, execute, first, id, integer, now};
use super::{Catalog, CatalogError};
use crate::model::{JobId, KnowledgeBaseId, VersionId};

/// A version whose points, rows or files are to be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Discarded {
    /// The version.
    pub(crate) id: VersionId,
    /// Whether the index may hold points of it.
    pub(crate) has_points: bool,
}

/// What is left on disk of a version whose rows are gone.
enum Leftover {
    /// Nothing that is to go.
    Nothing,
    /// Its text.
    Text,
    /// Its text, and its original with this hash if no other version has it.
    TextAndOriginal(String),
}

/// Makes every version of a document or knowledge base garbage and ends its jobs; which jobs were under way.
pub(super) fn discard_versions(
    connection: &Connection,
    owner_column: &'static str,
    owner: Uuid,
) -> Result<Vec<JobId>, CatalogError> {
    let affected =
        format!("SELECT id FROM versions WHERE {owner_column} = ?1 AND state <> 'garbage'");
    let running = all(
        connection,
        &format!(
            "SELECT id FROM jobs WHERE status IN ('running', 'queued') AND version IN ({affected})"
        ),
        [owner.into_bytes()],
        |row| id(row, "id").map(JobId),
    )?;
    end_jobs(connection, &affected, owner)?;
    forget_passwords(connection, &affected, owner)?;
    execute(
        connection,
        &format!(
            "UPDATE versions SET state = 'garbage' WHERE {owner_column} = ? AND state <> 'garbage'"
        ),
        [owner.into_bytes()],
    )?;
    Ok(running)
}

/// Queued jobs of the versions are cancelled at once; running ones are asked to stop.
pub(super) fn end_jobs(
    connection: &Connection,
    versions: &str,
    parameter: Uuid,
) -> Result<(), CatalogError> {
    let parameter = parameter.into_bytes();
    execute(
        connection,
        &format!(
            "UPDATE jobs SET status = 'cancelled', stage = 'queued', updated_at = ?2
             WHERE status = 'queued' AND version IN ({versions})"
        ),
        params![parameter, now()],
    )?;
    execute(
        connection,
        &format!("UPDATE jobs SET cancel = 1 WHERE status = 'running' AND version IN ({versions})"),
        [parameter],
    )?;
    Ok(())
}

/// Takes the passwords away from jobs of versions that will never be read again.
pub(super) fn forget_passwords(
    connection: &Connection,
    versions: &str,
    parameter: Uuid,
) -> Result<(), CatalogError> {
    let sql = format!(
        "UPDATE jobs SET password = NULL WHERE password IS NOT NULL AND version IN ({versions})"
    );
    execute(connection, &sql, [parameter.into_bytes()]).map(drop)
}

impl Catalog {
    /// Versions in these knowledge bases that the index may hold but nobody may see.
    pub async fn hidden_versions(
        &self,
        knowledge_bases: &[KnowledgeBaseId],
    ) -> Result<Vec<VersionId>, CatalogError> {
        let knowledge_bases = knowledge_bases.to_vec();
        self.database()
            .read(move |connection| {
                let mut hidden = Vec::new();
                for knowledge_base in knowledge_bases {
                    hidden.extend(all(
                        connection,
                        "SELECT id FROM versions
                         WHERE knowledge_base = ? AND has_points = 1 AND state <> 'visible'",
                        [knowledge_base.0.into_bytes()],
                        |row| id(row, "id").map(VersionId),
                    )?);
                }
                Ok(hidden)
            })
            .await
    }

    /// Versions in all knowledge bases, deleted ones too, that the index may hold but nobody may see.
    pub(crate) async fn every_hidden_version(&self) -> Result<Vec<VersionId>, CatalogError> {
        self.database()
            .read(|connection| {
                let sql = "SELECT id FROM versions WHERE has_points = 1 AND state <> 'visible'";
                all(connection, sql, [], |row| id(row, "id").map(VersionId))
            })
            .await
    }

    /// Some versions that no worker touches any more and that still have something to remove, oldest first.
    ///
    /// Jobs stopped within `grace` are left out: a write that was under way may still reach the index.
    pub(crate) async fn discarded(
        &self,
        limit: usize,
        grace: Duration,
    ) -> Result<Vec<Discarded>, CatalogError> {
        let stopped_before = now() - i64::try_from(grace.as_millis()).unwrap_or(i64::MAX);
        self.database()
            .read(move |connection| {
                all(
                    connection,
                    "SELECT v.id, v.has_points FROM versions v JOIN jobs j ON j.version = v.id
                     WHERE v.seq IN (SELECT seq FROM versions WHERE state = 'garbage'
                            UNION SELECT seq FROM versions WHERE has_points = 1 AND state <> 'visible')
                        AND j.status NOT IN ('running', 'queued')
                        AND (j.status <> 'cancelled' OR j.updated_at <= ?)
                     ORDER BY v.seq LIMIT ?",
                    [stopped_before, integer(limit)],
                    |row| Ok(Discarded { id: VersionId(id(row, "id")?), has_points: row.get("has_points")? }),
                )
            })
            .await
    }

    /// Whether a version is still to be removed: it may have been queued again since it was listed.
    pub(crate) async fn is_discarded(&self, version: VersionId) -> Result<bool, CatalogError> {
        self.database()
            .read(move |connection| {
                let found = first(
                    connection,
                    "SELECT 1 FROM versions v JOIN jobs j ON j.version = v.id
                     WHERE v.id = ? AND v.state <> 'visible' AND j.status NOT IN ('running', 'queued')",
                    [version.0.into_bytes()],
                    |_row| Ok(()),
                )?;
                Ok(found.is_some())
            })
            .await
    }

    /// The index holds no points of this version any more, and so its chunks go too.
    pub(crate) async fn points_removed(&self, version: VersionId) -> Result<(), CatalogError> {
        self.database()
            .write(move |connection| {
                let key = version.0.into_bytes();
                let sql = "UPDATE versions SET has_points = 0 WHERE id = ? AND state <> 'visible'";
                execute(connection, sql, [key])?;
                let sql = "DELETE FROM chunks WHERE version =
                    (SELECT id FROM versions WHERE id = ? AND state IN ('superseded', 'garbage'))";
                execute(connection, sql, [key]).map(drop)
            })
            .await
    }

    /// Removes rows and files of a version whose points are gone. A superseded one keeps its row and original, so
    /// that it can be restored; one that can still be tried again keeps everything.
    pub(crate) async fn remove_version(&self, version: VersionId) -> Result<(), CatalogError> {
        let removed = self
            .database()
            .write(move |connection| remove_rows(connection, version))
            .await?;
        let original = match removed {
            Leftover::Nothing => return Ok(()),
            Leftover::Text => Vec::new(),
            Leftover::TextAndOriginal(hash) => vec![hash],
        };
        let texts = self.texts().clone();
        tokio::task::spawn_blocking(move || texts.remove(version))
            .await
            .map_err(CatalogError::unavailable)?;
        self.remove_blobs(original).await.map(drop)
    }

    /// Removes those of the blobs that no row names and no upload holds.
    ///
    /// It happens in the writing thread, so that no row can come to name one in between.
    async fn remove_blobs(&self, hashes: Vec<String>) -> Result<usize, CatalogError> {
        let blobs = self.blobs().clone();
        self.database()
            .write(move |connection| {
                let mut named =
                    connection.prepare_cached("SELECT 1 FROM versions WHERE hash = ?")?;
                let mut free = Vec::new();
                for hash in hashes {
                    if !named.exists([&hash])? {
                        free.push(hash);
                    }
                }
                Ok(blobs.remove(&free))
            })
            .await
    }

    /// Removes originals and texts that no row names: what a crash between file and row left. How many went.
    pub(crate) async fn remove_orphan_files(&self) -> Result<usize, CatalogError> {
        let (blobs, texts) = (self.blobs().clone(), self.texts().clone());
        let listing = tokio::task::spawn_blocking(move || {
            Ok::<_, CatalogError>((blobs.all()?, texts.all()?))
        });
        let (hashes, versions) = listing.await.map_err(CatalogError::unavailable)??;
        let texts = self.texts().clone();
        let (strangers, orphans) = self
            .database()
            .read(move |connection| {
                let mut named =
                    connection.prepare_cached("SELECT 1 FROM versions WHERE hash = ?")?;
                let mut strangers = Vec::new();
                for hash in hashes {
                    if !named.exists([&hash])? {
                        strangers.push(hash);
                    }
                }
                let mut known = connection.prepare_cached("SELECT 1 FROM versions WHERE id = ?")?;
                let mut orphans = Vec::new();
                for version in versions {
                    if !known.exists([version.0.into_bytes()])? {
                        orphans.push(version);
                    }
                }
                Ok((strangers, orphans))
            })
            .await?;
        let removed = orphans.len();
        // Version ids are never used twice: an unknown one stays unknown.
        tokio::task::spawn_blocking(move || {
            for version in orphans {
                texts.remove(version);
            }
        })
        .await
        .map_err(CatalogError::unavailable)?;
        Ok(removed + self.remove_blobs(strangers).await?)
    }
}

/// Removes a garbage version's rows, and its document's and knowledge base's if they were the last.
fn remove_rows(connection: &Connection, version: VersionId) -> Result<Leftover, CatalogError> {
    let key = version.0.into_bytes();
    let sql =
        "SELECT hash, state FROM versions WHERE id = ? AND state IN ('superseded', 'garbage')";
    let found = first(connection, sql, [key], |row| {
        Ok((
            row.get::<_, String>("hash")?,
            row.get::<_, String>("state")?,
        ))
    })?;
    let Some((hash, state)) = found else {
        return Ok(Leftover::Nothing);
    };
    if state == "superseded" {
        return Ok(Leftover::Text);
    }
    for table in ["chunks", "warnings", "jobs"] {
        execute(
            connection,
            &format!("DELETE FROM {table} WHERE version = ?"),
            [key],
        )?;
    }
    execute(connection, "DELETE FROM versions WHERE id = ?", [key])?;
    execute(
        connection,
        "DELETE FROM documents WHERE deleted_at IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM versions v WHERE v.document = documents.id)",
        [],
    )?;
    execute(
        connection,
        "DELETE FROM knowledge_bases WHERE deleted_at IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM documents d WHERE d.knowledge_base = knowledge_bases.id)",
        [],
    )?;
    Ok(Leftover::TextAndOriginal(hash))
}
