//! Bytes that a knowledge base has already: which document they are, and how that is cut.

use rusqlite::{Connection, params};
use wenyuan_ingest::PresetChoice;

use super::row::{first, id, name, optional_id};
use super::{CatalogError, Status};
use crate::model::{DocumentId, JobId, KnowledgeBaseId, VersionId};

/// A live version with the same bytes.
pub(super) struct Known {
    pub(super) version: VersionId,
    pub(super) document: DocumentId,
    pub(super) name: String,
    pub(super) latest: Option<VersionId>,
    pub(super) job: JobId,
    pub(super) status: Status,
    pub(super) source_url: Option<String>,
    preset_wanted: String,
    preset: Option<String>,
    /// Whether something in it was left out for want of the right password.
    has_locked_parts: bool,
}

impl Known {
    /// Whether reading it anew could bring more, now that a password came with it.
    pub(super) fn may_open(&self, has_password: bool) -> bool {
        has_password && self.has_locked_parts && self.status == Status::Ready
    }

    /// Whether it is, or will be, cut as somebody wants it now.
    pub(super) fn is_cut(&self, preset: Option<PresetChoice>) -> bool {
        preset.is_none_or(|wanted| {
            wanted.as_str() == self.preset_wanted
                || self.status == Status::Ready && Some(wanted.as_str()) == self.preset.as_deref()
        })
    }
}

/// The version of a knowledge base with these bytes: the one that is cut as is wanted, else the newest.
pub(super) fn known(
    connection: &Connection,
    knowledge_base: KnowledgeBaseId,
    hash: &str,
    preset: Option<PresetChoice>,
) -> Result<Option<Known>, CatalogError> {
    first(
        connection,
        "SELECT v.id AS version, v.document, v.source_url, d.name, d.latest, j.id AS job, j.status, v.preset_wanted, v.preset,
            EXISTS (SELECT 1 FROM warnings w WHERE w.version = v.id AND w.code = 'member_locked') AS locked
         FROM versions v JOIN documents d ON d.id = v.document JOIN jobs j ON j.version = v.id
         WHERE v.knowledge_base = ? AND v.hash = ? AND v.state IN ('staging', 'visible')
         ORDER BY v.preset_wanted = ? DESC, v.seq DESC LIMIT 1",
        params![
            knowledge_base.0.into_bytes(),
            hash,
            preset.map(PresetChoice::as_str)
        ],
        |row| {
            Ok(Known {
                version: VersionId(id(row, "version")?),
                document: DocumentId(id(row, "document")?),
                name: row.get("name")?,
                latest: optional_id(row, "latest")?.map(VersionId),
                job: JobId(id(row, "job")?),
                status: name(row, "status")?,
                source_url: row.get("source_url")?,
                preset_wanted: row.get("preset_wanted")?,
                preset: row.get("preset")?,
                has_locked_parts: row.get("locked")?,
            })
        },
    )
}
