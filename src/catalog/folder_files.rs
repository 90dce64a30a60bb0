//! Which files of which folders became which documents, so that the next look at a folder reads only what has
//! changed, follows files that were moved, and knows what may be removed.

use std::collections::BTreeSet;

use rusqlite::{Connection, Row, params};
use serde::{Deserialize, Serialize};

use super::documents::{checked_name, delete};
use super::knowledge_bases::require;
use super::place::document_named;
use super::row::{all, execute, first, id, integer};
use super::{Catalog, CatalogError};
use crate::model::{DocumentId, JobId, KnowledgeBaseId};

/// Most files of one page, and most entries of each list of one change.
pub const MOST_FOLDER_FILES: usize = 1_000;
const MOST_PATH_BYTES: usize = 8_192;
const MOST_MACHINE_BYTES: usize = 255;
const HASH_DIGITS: usize = 64;

/// A file that became a document, as it was when it was last looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderFile {
    /// Its absolute path on its machine.
    pub path: String,
    /// The document's name that was made from it; the document may have another one since.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// When it was last changed, in nanoseconds since 1970 by its machine's clock.
    pub modified: i64,
    /// When size and time were read, by the same clock.
    pub looked_at: i64,
    /// BLAKE3 of its bytes, in hex.
    pub hash: String,
    /// The document with these bytes.
    #[serde(rename = "document_id")]
    pub document: DocumentId,
}

/// Which files to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderQuery {
    /// Whose files.
    pub machine: String,
    /// Only paths that begin with this: a folder with its separator at the end, or one file.
    pub prefix: String,
    /// Only paths after this one.
    pub after: Option<String>,
    /// Most files to return, 1 to [`MOST_FOLDER_FILES`].
    pub limit: usize,
}

/// A document that follows its file to another name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentRename {
    /// The document.
    #[serde(rename = "document_id")]
    pub document: DocumentId,
    /// Its new name.
    pub name: String,
    /// The document that has that name now and whose file was overwritten: it goes.
    pub replaces: Option<DocumentId>,
}

/// What a look at a folder found; each list has at most [`MOST_FOLDER_FILES`] entries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FolderChange {
    /// Whose folder.
    pub machine: String,
    /// Documents to rename, all at one stroke, so that two may swap names.
    pub renames: Vec<DocumentRename>,
    /// Files as they are now. Those of documents that are gone are passed over.
    pub seen: Vec<FolderFile>,
    /// Paths that need not be remembered any more; their documents stay.
    pub forgotten: Vec<String>,
    /// Paths whose files are gone for good: a document goes too if it came from such a path, still has that file's
    /// bytes, and no other file is known that it came from.
    pub pruned: Vec<String>,
}

/// What became of a [`FolderChange`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderChanged {
    /// Documents renamed.
    pub renamed: u64,
    /// Documents removed, with their names: pruned ones only.
    pub removed: Vec<RemovedDocument>,
}

/// A document that went with its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovedDocument {
    /// It was this one.
    #[serde(rename = "document_id")]
    pub id: DocumentId,
    /// Its name.
    pub name: String,
}

impl Catalog {
    /// Files that are remembered, by path in the order of bytes. Those of deleted documents are left out.
    pub async fn folder_files(
        &self,
        knowledge_base: KnowledgeBaseId,
        query: FolderQuery,
    ) -> Result<Vec<FolderFile>, CatalogError> {
        if !(1..=MOST_FOLDER_FILES).contains(&query.limit) {
            let message = format!("must be 1 to {MOST_FOLDER_FILES}");
            return Err(CatalogError::invalid("limit", message));
        }
        check_machine(&query.machine)?;
        check_path(&query.prefix)?;
        self.database()
            .read(move |connection| {
                require(connection, knowledge_base)?;
                // The largest character ends the range of everything that begins with the prefix.
                let end = format!("{}{}", query.prefix, char::MAX);
                let after = query.after.unwrap_or_default();
                all(
                    connection,
                    "SELECT f.path, f.name, f.bytes, f.modified, f.looked_at, f.hash, f.document FROM folder_files f
                        JOIN documents d ON d.id = f.document AND d.deleted_at IS NULL
                     WHERE f.knowledge_base = ? AND f.machine = ? AND f.path >= ? AND f.path < ? AND f.path > ?
                     ORDER BY f.path LIMIT ?",
                    params![
                        knowledge_base.0.into_bytes(),
                        query.machine,
                        query.prefix,
                        end,
                        after,
                        integer(query.limit)
                    ],
                    folder_file,
                )
            })
            .await
    }

    /// Writes what a look at a folder found, all of it or nothing.
    ///
    /// # Errors
    /// `name_taken` if a document that is not renamed itself, nor to be replaced, has one of the new names.
    pub async fn change_folder(
        &self,
        knowledge_base: KnowledgeBaseId,
        change: FolderChange,
    ) -> Result<FolderChanged, CatalogError> {
        check(&change)?;
        let (changed, cancelled) = self
            .database()
            .write(move |connection| {
                require(connection, knowledge_base)?;
                let mut cancelled = Vec::new();
                let renamed =
                    rename_all(connection, knowledge_base, &change.renames, &mut cancelled)?;
                for file in &change.seen {
                    remember(connection, knowledge_base, &change.machine, file)?;
                }
                for path in &change.forgotten {
                    forget(connection, knowledge_base, &change.machine, path)?;
                }
                let removed = prune(connection, knowledge_base, &change, &mut cancelled)?;
                Ok((FolderChanged { renamed, removed }, cancelled))
            })
            .await?;
        self.announce_cancelled(&cancelled);
        Ok(changed)
    }
}

fn check(change: &FolderChange) -> Result<(), CatalogError> {
    let lengths = [
        ("renames", change.renames.len()),
        ("seen", change.seen.len()),
        ("forgotten", change.forgotten.len()),
        ("pruned", change.pruned.len()),
    ];
    for (field, length) in lengths {
        if length > MOST_FOLDER_FILES {
            let message = format!("must be at most {MOST_FOLDER_FILES}");
            return Err(CatalogError::invalid(field, message));
        }
    }
    check_machine(&change.machine)?;
    for file in &change.seen {
        check_path(&file.path)?;
        check_path(&file.name)?;
        let digits = file.hash.bytes().filter(u8::is_ascii_hexdigit).count();
        if digits != HASH_DIGITS || file.hash.len() != HASH_DIGITS {
            return Err(CatalogError::invalid("hash", "must be BLAKE3 in hex"));
        }
    }
    Ok(())
}

fn check_machine(machine: &str) -> Result<(), CatalogError> {
    if machine.is_empty() || machine.len() > MOST_MACHINE_BYTES {
        let message = format!("must have 1 to {MOST_MACHINE_BYTES} bytes");
        return Err(CatalogError::invalid("machine", message));
    }
    Ok(())
}

fn check_path(path: &str) -> Result<(), CatalogError> {
    if path.is_empty() || path.len() > MOST_PATH_BYTES {
        let message = format!("must have 1 to {MOST_PATH_BYTES} bytes");
        return Err(CatalogError::invalid("path", message));
    }
    Ok(())
}

/// Takes every old name away before it gives the new ones: names may go in circles.
fn rename_all(
    connection: &Connection,
    knowledge_base: KnowledgeBaseId,
    renames: &[DocumentRename],
    cancelled: &mut Vec<JobId>,
) -> Result<u64, CatalogError> {
    let mut there = Vec::new();
    for rename in renames {
        let name = checked_name(&rename.name)?;
        if let Some(other) = rename.replaces
            && other != rename.document
            && document_named(connection, knowledge_base, &name)?.is_some_and(|(id, _)| id == other)
        {
            cancelled.extend(delete(connection, other)?);
        }
        // No name that people give holds a control character.
        let sql =
            "UPDATE documents SET name = char(1) || hex(id) WHERE id = ? AND knowledge_base = ?
            AND deleted_at IS NULL";
        let keys = [
            rename.document.0.into_bytes(),
            knowledge_base.0.into_bytes(),
        ];
        if execute(connection, sql, keys)? == 1 {
            there.push((rename.document, name));
        }
    }
    for (document, name) in &there {
        if document_named(connection, knowledge_base, name)?.is_some() {
            return Err(CatalogError::Conflict {
                code: "name_taken",
                message: format!("there is a document named `{name}` already"),
            });
        }
        let sql = "UPDATE documents SET name = ? WHERE id = ?";
        execute(connection, sql, params![name, document.0.into_bytes()])?;
    }
    Ok(there.len() as u64)
}

fn remember(
    connection: &Connection,
    knowledge_base: KnowledgeBaseId,
    machine: &str,
    file: &FolderFile,
) -> Result<(), CatalogError> {
    execute(
        connection,
        "INSERT INTO folder_files (knowledge_base, machine, path, name, bytes, modified, looked_at, hash, document)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, id FROM documents
            WHERE id = ?9 AND knowledge_base = ?1 AND deleted_at IS NULL
         ON CONFLICT DO UPDATE SET name = excluded.name, bytes = excluded.bytes, modified = excluded.modified,
            looked_at = excluded.looked_at, hash = excluded.hash, document = excluded.document",
        params![
            knowledge_base.0.into_bytes(),
            machine,
            file.path,
            file.name,
            file.bytes.cast_signed(),
            file.modified,
            file.looked_at,
            file.hash,
            file.document.0.into_bytes()
        ],
    )
    .map(drop)
}

fn forget(
    connection: &Connection,
    knowledge_base: KnowledgeBaseId,
    machine: &str,
    path: &str,
) -> Result<(), CatalogError> {
    let sql = "DELETE FROM folder_files WHERE knowledge_base = ? AND machine = ? AND path = ?";
    let values = params![knowledge_base.0.into_bytes(), machine, path];
    execute(connection, sql, values).map(drop)
}

/// Forgets the paths, then removes the documents that came from them and from nowhere else.
fn prune(
    connection: &Connection,
    knowledge_base: KnowledgeBaseId,
    change: &FolderChange,
    cancelled: &mut Vec<JobId>,
) -> Result<Vec<RemovedDocument>, CatalogError> {
    let mut left = BTreeSet::new();
    for path in &change.pruned {
        let found = first(
            connection,
            "SELECT d.id, d.name FROM folder_files f
                JOIN documents d ON d.id = f.document AND d.deleted_at IS NULL
                JOIN versions v ON v.id = d.latest AND v.hash = f.hash
             WHERE f.knowledge_base = ? AND f.machine = ? AND f.path = ?",
            params![knowledge_base.0.into_bytes(), change.machine, path],
            |row| Ok((DocumentId(id(row, "id")?), row.get::<_, String>("name")?)),
        )?;
        left.extend(found);
        forget(connection, knowledge_base, &change.machine, path)?;
    }
    let mut removed = Vec::new();
    for (id, name) in left {
        let sql = "SELECT 1 FROM folder_files WHERE document = ?";
        let elsewhere = first(connection, sql, [id.0.into_bytes()], |_row| Ok(()))?;
        if elsewhere.is_none() {
            cancelled.extend(delete(connection, id)?);
            removed.push(RemovedDocument { id, name });
        }
    }
    Ok(removed)
}

fn folder_file(row: &Row<'_>) -> rusqlite::Result<FolderFile> {
    Ok(FolderFile {
        path: row.get("path")?,
        name: row.get("name")?,
        bytes: row.get::<_, i64>("bytes")?.unsigned_abs(),
        modified: row.get("modified")?,
        looked_at: row.get("looked_at")?,
        hash: row.get("hash")?,
        document: DocumentId(id(row, "document")?),
    })
}
