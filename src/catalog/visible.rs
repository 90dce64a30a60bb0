//! What is visible: a walk through all of it, to index it again, and what a new version replaces.

use rusqlite::{Row, params};
use uuid::Uuid;

use super::queue::{Lease, SELECT, lease};
use super::row::{all, first, id, integer};
use super::{Catalog, CatalogError};
use crate::model::VersionId;

/// A visible version.
#[derive(Debug, Clone)]
pub(crate) struct Visible {
    /// Where it stands in the walk.
    pub(crate) position: i64,
    /// What it is; nobody holds this lease.
    pub(crate) lease: Lease,
    /// How many chunks it has.
    pub(crate) chunks: u64,
}

impl Catalog {
    /// The visible version of the lease's document and how many chunks it has, if that is another one.
    pub(crate) async fn replaced_by(
        &self,
        lease: &Lease,
    ) -> Result<Option<(VersionId, u32)>, CatalogError> {
        let keys = [lease.document.0.into_bytes(), lease.version.0.into_bytes()];
        self.database()
            .read(move |connection| {
                let sql = "SELECT id, chunks FROM versions WHERE document = ? AND state = 'visible' AND id <> ?";
                first(connection, sql, keys, |row| {
                    Ok((VersionId(id(row, "id")?), row.get("chunks")?))
                })
            })
            .await
    }

    /// Visible versions of all knowledge bases after a position, oldest first.
    pub(crate) async fn visible(
        &self,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Visible>, CatalogError> {
        let sql = format!(
            "{SELECT} WHERE v.state = 'visible' AND d.deleted_at IS NULL AND v.seq > ? ORDER BY v.seq LIMIT ?"
        );
        self.database()
            .read(move |connection| all(connection, &sql, params![after, integer(limit)], visible))
            .await
    }
}

/// A row of a query that begins with [`SELECT`].
pub(super) fn visible(row: &Row<'_>) -> rusqlite::Result<Visible> {
    Ok(Visible {
        position: row.get("position")?,
        lease: lease(row, Uuid::nil())?,
        chunks: row.get::<_, i64>("chunks")?.unsigned_abs(),
    })
}
