//! A walk through everything that is visible, to index it again.

use rusqlite::params;
use uuid::Uuid;

use super::queue::{Lease, SELECT, lease};
use super::row::{all, integer};
use super::{Catalog, CatalogError};

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
            .read(move |connection| {
                all(connection, &sql, params![after, integer(limit)], |row| {
                    Ok(Visible {
                        position: row.get("position")?,
                        lease: lease(row, Uuid::nil())?,
                        chunks: row.get::<_, i64>("chunks")?.unsigned_abs(),
                    })
                })
            })
            .await
    }
}
