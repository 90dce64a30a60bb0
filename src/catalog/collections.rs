//! Which collections the index has, which of them is searched, and which versions the other one holds already.
//!
//! Invariant: the active collection holds every visible version once it is complete; the other one, where there is one,
//! holds those marked `mirrored`. So a switch is one transaction that looks at rows alone, in either direction.

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};
use serde::{Deserialize, Serialize};

use super::queue::SELECT;
use super::row::{all, execute, first, integer, name, now, time};
use super::visible::{Visible, visible};
use super::{Catalog, CatalogError};
use crate::model::VersionId;

/// The fingerprint of the embedder whose collection is searched, as SQL.
pub(super) const ACTIVE: &str =
    "coalesce((SELECT fingerprint FROM collections WHERE state = 'active'), '')";

/// What a collection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CollectionState {
    /// It is searched.
    Active,
    /// It is filled, or kept up to date, beside the one that is searched.
    Other,
    /// Its data are to be removed.
    Dropping,
}

/// A collection as the catalog knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCollection {
    /// Fingerprint of its embedder.
    pub fingerprint: String,
    /// Length of its vectors; 0 where an earlier program did not say.
    pub dimension: usize,
    /// What it is for.
    pub state: CollectionState,
    /// Whether it has held every visible version.
    pub complete: bool,
    /// When it was begun.
    pub created_at: Timestamp,
}

/// How much of what is visible the collection that is filled holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Filled {
    /// Visible documents.
    pub documents: u64,
    /// Those that it holds.
    pub documents_done: u64,
    /// Their passages.
    pub passages: u64,
    /// Those that it holds.
    pub passages_done: u64,
}

impl Filled {
    /// Documents that it does not hold yet.
    #[must_use]
    pub const fn missing(&self) -> u64 {
        self.documents - self.documents_done
    }
}

impl Catalog {
    /// Every collection, the active one first.
    pub async fn collections(&self) -> Result<Vec<StoredCollection>, CatalogError> {
        let sql = "SELECT fingerprint, dimension, state, complete, created_at FROM collections ORDER BY state";
        self.database()
            .read(move |connection| all(connection, sql, [], collection))
            .await
    }

    /// Whether the index may hold anything.
    pub async fn is_indexed(&self) -> Result<bool, CatalogError> {
        self.database().read(is_indexed).await
    }

    /// Takes this embedder's collection for the active one, where there is none or nothing in it yet.
    ///
    /// # Errors
    /// `embedder_mismatch` if the active one is another embedder's.
    pub(crate) async fn adopt_collection(
        &self,
        fingerprint: &str,
        dimension: usize,
    ) -> Result<(), CatalogError> {
        let wanted = fingerprint.to_owned();
        self.database()
            .write(move |connection| match active(connection)? {
                Some(found) if found == wanted => execute(
                    connection,
                    "UPDATE collections SET dimension = ? WHERE fingerprint = ?",
                    params![integer(dimension), wanted],
                )
                .map(drop),
                Some(found) if is_indexed(connection)? => Err(CatalogError::Conflict {
                    code: "embedder_mismatch",
                    message: format!(
                        "the index was made with the embedder `{found}`, not with `{wanted}`"
                    ),
                }),
                Some(_) | None => {
                    execute(connection, "UPDATE collections SET state = 'dropping'", [])?;
                    insert(
                        connection,
                        &wanted,
                        dimension,
                        CollectionState::Active,
                        true,
                    )
                }
            })
            .await
    }

    /// Begins another collection beside the active one.
    pub(crate) async fn begin_collection(
        &self,
        fingerprint: &str,
        dimension: usize,
    ) -> Result<(), CatalogError> {
        let fingerprint = fingerprint.to_owned();
        self.database()
            .write(move |connection| {
                forget_mirrored(connection)?;
                insert(
                    connection,
                    &fingerprint,
                    dimension,
                    CollectionState::Other,
                    false,
                )
            })
            .await
    }

    /// Makes the other collection the active one and keeps the one before as the other: for every search that begins
    /// from then on, and for every document that is published.
    ///
    /// # Errors
    /// `index_not_ready`, with their number, while visible documents are missing there; `no_other_index`.
    pub(crate) async fn switch_collection(&self, to: &str) -> Result<(), CatalogError> {
        let to = to.to_owned();
        self.database()
            .write(move |connection| {
                let sql = "SELECT 1 FROM collections WHERE state = 'other' AND fingerprint = ?";
                if first(connection, sql, [&to], |_row| Ok(()))?.is_none() {
                    return Err(CatalogError::Conflict {
                        code: "no_other_index",
                        message: format!("there is no index of `{to}` beside the one in use"),
                    });
                }
                let missing = filled(connection)?.missing();
                if missing > 0 {
                    return Err(CatalogError::Conflict {
                        code: "index_not_ready",
                        message: missing.to_string(),
                    });
                }
                swap(connection, &to)?;
                // What was active holds everything that can be seen at this moment.
                execute(
                    connection,
                    "UPDATE versions SET mirrored = 1 WHERE state = 'visible' AND mirrored = 0",
                    [],
                )
                .map(drop)
            })
            .await
    }

    /// Makes this embedder's collection the active one although documents are missing there, since the active one's
    /// embedder is lost: nobody can search that one any more.
    pub async fn replace_collection(
        &self,
        fingerprint: &str,
        dimension: usize,
    ) -> Result<(), CatalogError> {
        let fingerprint = fingerprint.to_owned();
        self.database()
            .write(move |connection| {
                let sql =
                    "SELECT complete FROM collections WHERE state = 'other' AND fingerprint = ?";
                let kept = first(connection, sql, [&fingerprint], |row| row.get::<_, bool>(0))?;
                if kept.is_some() {
                    swap(connection, &fingerprint)?;
                    let whole = filled(connection)?.missing() == 0;
                    let sql = "UPDATE collections SET complete = ? WHERE fingerprint = ?";
                    execute(connection, sql, params![whole, fingerprint])?;
                    let sql = "UPDATE collections SET state = 'dropping' WHERE state = 'other'";
                    return execute(connection, sql, []).map(drop);
                }
                forget_mirrored(connection)?;
                execute(connection, "UPDATE collections SET state = 'dropping'", [])?;
                let sql = "DELETE FROM collections WHERE fingerprint = ?";
                execute(connection, sql, [&fingerprint])?;
                insert(
                    connection,
                    &fingerprint,
                    dimension,
                    CollectionState::Active,
                    false,
                )
            })
            .await
    }

    /// Gives the other collection up; its data are still to be removed. Which one it was.
    ///
    /// # Errors
    /// `no_other_index`.
    pub(crate) async fn drop_collection(&self) -> Result<String, CatalogError> {
        self.database()
            .write(|connection| {
                let sql = "SELECT fingerprint FROM collections WHERE state = 'other'";
                let found = first(connection, sql, [], |row| row.get::<_, String>(0))?;
                let dropped = found.ok_or_else(|| CatalogError::Conflict {
                    code: "no_other_index",
                    message: "there is no index beside the one in use".to_owned(),
                })?;
                let sql = "UPDATE collections SET state = 'dropping' WHERE state = 'other'";
                execute(connection, sql, [])?;
                forget_mirrored(connection)?;
                Ok(dropped)
            })
            .await
    }

    /// The data of a collection that was given up are gone.
    pub(crate) async fn forget_collection(&self, fingerprint: &str) -> Result<(), CatalogError> {
        let fingerprint = fingerprint.to_owned();
        let sql = "DELETE FROM collections WHERE fingerprint = ? AND state = 'dropping'";
        self.database()
            .write(move |connection| execute(connection, sql, [fingerprint]).map(drop))
            .await
    }

    /// Visible versions after a position that are not marked as held by the collection that is filled, oldest first.
    pub(crate) async fn unmirrored(
        &self,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Visible>, CatalogError> {
        let sql = format!(
            "{SELECT} WHERE v.state = 'visible' AND v.mirrored = 0 AND v.seq > ? ORDER BY v.seq LIMIT ?"
        );
        self.database()
            .read(move |connection| all(connection, &sql, params![after, integer(limit)], visible))
            .await
    }

    /// Marks versions whose points are durable in the collection that is filled.
    pub(crate) async fn mirrored(&self, versions: Vec<VersionId>) -> Result<(), CatalogError> {
        self.database()
            .write(move |connection| {
                let sql = "UPDATE versions SET mirrored = 1 WHERE id = ? AND state = 'visible'";
                for version in versions {
                    execute(connection, sql, [version.0.into_bytes()])?;
                }
                Ok(())
            })
            .await
    }

    /// Takes all marks away: what the collection that is filled holds is to be looked at again.
    pub(crate) async fn forget_mirrored(&self) -> Result<(), CatalogError> {
        self.database().write(forget_mirrored).await
    }

    /// Notes that a collection holds every visible version, if it does; whether that is news.
    pub(crate) async fn complete_collection(
        &self,
        fingerprint: &str,
    ) -> Result<bool, CatalogError> {
        let mut known = self.collections().await?.into_iter();
        if !known.any(|one| one.fingerprint == fingerprint && !one.complete) {
            return Ok(false);
        }
        let fingerprint = fingerprint.to_owned();
        self.database()
            .write(move |connection| {
                if filled(connection)?.missing() > 0 {
                    return Ok(false);
                }
                let sql =
                    "UPDATE collections SET complete = 1 WHERE fingerprint = ? AND complete = 0";
                Ok(execute(connection, sql, [fingerprint])? > 0)
            })
            .await
    }

    /// How much of what is visible the collection that is filled holds.
    pub async fn filled(&self) -> Result<Filled, CatalogError> {
        self.database().read(filled).await
    }
}

/// Fails if another embedder's collection is searched by now.
pub(super) fn check_active(connection: &Connection, fingerprint: &str) -> Result<(), CatalogError> {
    match active(connection)? {
        Some(found) if found != fingerprint => Err(CatalogError::Conflict {
            code: "collection_switched",
            message: format!("the index of `{found}` took the place of `{fingerprint}`"),
        }),
        Some(_) | None => Ok(()),
    }
}

fn active(connection: &Connection) -> Result<Option<String>, CatalogError> {
    let sql = "SELECT fingerprint FROM collections WHERE state = 'active'";
    first(connection, sql, [], |row| row.get(0))
}

fn is_indexed(connection: &Connection) -> Result<bool, CatalogError> {
    let sql = "SELECT 1 FROM versions WHERE has_points = 1 OR state = 'visible' LIMIT 1";
    Ok(first(connection, sql, [], |_row| Ok(()))?.is_some())
}

fn insert(
    connection: &Connection,
    fingerprint: &str,
    dimension: usize,
    state: CollectionState,
    complete: bool,
) -> Result<(), CatalogError> {
    let state = match state {
        CollectionState::Active => "active",
        CollectionState::Other => "other",
        CollectionState::Dropping => "dropping",
    };
    execute(
        connection,
        "INSERT OR REPLACE INTO collections (fingerprint, dimension, state, complete, created_at)
         VALUES (?, ?, ?, ?, ?)",
        params![fingerprint, integer(dimension), state, complete, now()],
    )
    .map(drop)
}

/// The other collection becomes the active one, and that the other. The same state twice is refused by an index, so the
/// one before stands aside for a moment.
fn swap(connection: &Connection, to: &str) -> Result<(), CatalogError> {
    let before = active(connection)?;
    let set = "UPDATE collections SET state = ?, complete = 1 WHERE fingerprint = ?";
    execute(connection, set, params!["dropping", before])?;
    execute(connection, set, params!["active", to])?;
    execute(connection, set, params!["other", before]).map(drop)
}

fn forget_mirrored(connection: &Connection) -> Result<(), CatalogError> {
    let sql = "UPDATE versions SET mirrored = 0 WHERE mirrored = 1";
    execute(connection, sql, []).map(drop)
}

fn filled(connection: &Connection) -> Result<Filled, CatalogError> {
    let sql = "SELECT count(*) AS documents, coalesce(sum(mirrored), 0) AS documents_done,
        coalesce(sum(chunks), 0) AS passages, coalesce(sum(chunks * mirrored), 0) AS passages_done
        FROM versions WHERE state = 'visible'";
    let count = |row: &Row<'_>, column| row.get::<_, i64>(column).map(i64::unsigned_abs);
    let counted = first(connection, sql, [], |row| {
        Ok(Filled {
            documents: count(row, "documents")?,
            documents_done: count(row, "documents_done")?,
            passages: count(row, "passages")?,
            passages_done: count(row, "passages_done")?,
        })
    })?;
    Ok(counted.unwrap_or_default())
}

fn collection(row: &Row<'_>) -> rusqlite::Result<StoredCollection> {
    Ok(StoredCollection {
        fingerprint: row.get("fingerprint")?,
        dimension: row.get::<_, i64>("dimension")?.unsigned_abs() as usize,
        state: name(row, "state")?,
        complete: row.get("complete")?,
        created_at: time(row, "created_at")?,
    })
}
