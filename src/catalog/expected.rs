//! The documents that gold questions expect: found by what a person calls them, and found again later.

use std::collections::HashMap;

use rusqlite::{Connection, Row, params};

use super::row::{all, first, id, integer};
use super::{CatalogError, Entity, Expected, ExpectedBy};
use crate::model::{DocumentId, KnowledgeBaseId};

/// Longest passage expected, in characters.
const MOST_PASSAGE_CHARS: usize = 8_000;
/// Documents whose file names are gone through.
const MOST_NAMES: usize = 200_000;

type Named = (DocumentId, String);

/// What documents of a knowledge base are called. File names are only gone through when one is needed.
pub(super) struct Names {
    base: [u8; 16],
    /// By file name without folder and ending; `None` for what several are called.
    stems: Option<HashMap<String, Option<Named>>>,
}

impl Names {
    pub(super) fn of(base: KnowledgeBaseId) -> Self {
        Self {
            base: base.0.into_bytes(),
            stems: None,
        }
    }

    /// Finds the document that a person named.
    pub(super) fn resolve(
        &mut self,
        connection: &Connection,
        by: ExpectedBy,
    ) -> Result<Expected, CatalogError> {
        let passage = by.passage.map(|text| text.trim().to_owned());
        let passage = passage.filter(|text| !text.is_empty());
        let chars = passage.as_ref().map_or(0, |text| text.chars().count());
        if chars > MOST_PASSAGE_CHARS {
            let message = format!("must have at most {MOST_PASSAGE_CHARS} characters, not {chars}");
            return Err(CatalogError::invalid("passage", message));
        }
        let mut found = self.exact(connection, &by.document)?;
        if found.is_none() {
            // Data sets name documents without the folder and the ending that their files have.
            let stems = self.stems(connection)?;
            found = stems.get(&by.document).cloned().flatten();
        }
        let (document_id, document_name) =
            found.ok_or_else(|| CatalogError::not_found(Entity::Document, by.document))?;
        Ok(Expected {
            document_id,
            document_name,
            passage,
        })
    }

    fn exact(&self, connection: &Connection, wanted: &str) -> Result<Option<Named>, CatalogError> {
        let sql = "SELECT id, name FROM documents
            WHERE knowledge_base = ?1 AND deleted_at IS NULL AND (name = ?2 OR id = ?3)
            ORDER BY id = ?3 DESC LIMIT 1";
        let as_id: Option<DocumentId> = wanted.parse().ok();
        let keys = params![self.base, wanted, as_id.map(|id| id.0.into_bytes())];
        first(connection, sql, keys, named)
    }

    fn stems(
        &mut self,
        connection: &Connection,
    ) -> Result<&HashMap<String, Option<Named>>, CatalogError> {
        if self.stems.is_none() {
            let sql = "SELECT id, name FROM documents WHERE knowledge_base = ? AND deleted_at IS NULL LIMIT ?";
            let keys = params![self.base, integer(MOST_NAMES)];
            let mut stems: HashMap<String, Option<Named>> = HashMap::new();
            for one in all(connection, sql, keys, named)? {
                let file = one.1.rsplit('/').next().unwrap_or_default();
                let stem = file
                    .rsplit_once('.')
                    .map_or(file, |(stem, _)| stem)
                    .to_owned();
                stems
                    .entry(stem)
                    .and_modify(|other| *other = None)
                    .or_insert(Some(one));
            }
            self.stems = Some(stems);
        }
        Ok(self.stems.get_or_insert_default())
    }
}

fn named(row: &Row<'_>) -> rusqlite::Result<Named> {
    Ok((DocumentId(id(row, "id")?), row.get("name")?))
}

/// What is expected with the document as it is there now: the same one, or else the one that has its name.
pub(super) fn there_now(
    connection: &Connection,
    base: [u8; 16],
    expected: Expected,
) -> Result<Option<Expected>, CatalogError> {
    let sql = "SELECT id FROM documents WHERE knowledge_base = ?1 AND deleted_at IS NULL AND (id = ?2 OR name = ?3)
        ORDER BY id = ?2 DESC LIMIT 1";
    let keys = params![
        base,
        expected.document_id.0.into_bytes(),
        expected.document_name
    ];
    let found = first(connection, sql, keys, |row| id(row, "id").map(DocumentId))?;
    Ok(found.map(|document_id| Expected {
        document_id,
        ..expected
    }))
}
