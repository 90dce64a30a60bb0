//! How versions are cut: the preset that was asked for, and the one that was used.

use std::str::FromStr as _;

use rusqlite::{Connection, OptionalExtension as _, params};
use wenyuan_ingest::{Preset, PresetChoice};

use super::queue::Lease;
use super::row::execute;
use super::{Catalog, CatalogError};
use crate::model::{DocumentId, VersionId};

impl Catalog {
    /// The preset that a version is to be cut with.
    pub(crate) async fn preset_wanted(
        &self,
        version: VersionId,
    ) -> Result<PresetChoice, CatalogError> {
        self.database()
            .read(move |connection| {
                let sql = "SELECT preset_wanted FROM versions WHERE id = ?";
                wanted(connection, sql, version.0.into_bytes())
            })
            .await
    }

    /// Notes how the version was cut, with which revision of its dictionary, and that the index may hold points of it
    /// from now on: to be on disk before the first is written.
    pub(crate) async fn points_begin(
        &self,
        lease: &Lease,
        preset: Preset,
        words: i64,
    ) -> Result<(), CatalogError> {
        let version = lease.version.0.into_bytes();
        self.database()
            .write(move |connection| {
                execute(
                    connection,
                    "UPDATE versions SET has_points = 1, preset = ?, words = ? WHERE id = ?",
                    params![preset.as_str(), words, version],
                )
                .map(drop)
            })
            .await
    }
}

/// The preset that the newest version of a document was to be cut with.
pub(super) fn wanted_before(
    connection: &Connection,
    document: DocumentId,
) -> Result<PresetChoice, CatalogError> {
    let sql =
        "SELECT v.preset_wanted FROM documents d JOIN versions v ON v.id = d.latest WHERE d.id = ?";
    wanted(connection, sql, document.0.into_bytes())
}

fn wanted(connection: &Connection, sql: &str, id: [u8; 16]) -> Result<PresetChoice, CatalogError> {
    let found: Option<String> = connection
        .query_row(sql, [id], |row| row.get(0))
        .optional()?;
    // A preset of a newer program is none that we could use.
    Ok(found
        .and_then(|name| PresetChoice::from_str(&name).ok())
        .unwrap_or_default())
}
