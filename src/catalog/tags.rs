//! The user's tags of a document.

use rusqlite::{Connection, params};
use unicode_normalization::UnicodeNormalization as _;

use super::CatalogError;
use super::row::{execute, first, json, to_json};
use crate::model::DocumentId;

const MOST_TAGS: usize = 50;
const MOST_TAG_CHARS: usize = 100;

/// Adds the tags that a document does not have yet.
pub(super) fn add_tags(
    connection: &Connection,
    document: DocumentId,
    tags: &[String],
) -> Result<(), CatalogError> {
    if tags.is_empty() {
        return Ok(());
    }
    let sql = "SELECT tags FROM documents WHERE id = ?";
    let had: Option<Vec<String>> = first(connection, sql, [document.0.into_bytes()], |row| {
        json(row, "tags")
    })?;
    let all: Vec<String> = had
        .into_iter()
        .flatten()
        .chain(tags.iter().cloned())
        .collect();
    let all = checked_tags(&all)?;
    let sql = "UPDATE documents SET tags = ? WHERE id = ?";
    execute(
        connection,
        sql,
        params![to_json(&all)?, document.0.into_bytes()],
    )
    .map(drop)
}

/// Tags as they are kept: without blanks around them, in one form of Unicode, in order, each once.
pub(super) fn checked_tags(tags: &[String]) -> Result<Vec<String>, CatalogError> {
    let mut checked: Vec<String> = tags.iter().map(|tag| tag.trim().nfc().collect()).collect();
    checked.sort_unstable();
    checked.dedup();
    if checked.len() > MOST_TAGS {
        return Err(CatalogError::invalid(
            "tags",
            format!("must be at most {MOST_TAGS}"),
        ));
    }
    if checked
        .iter()
        .any(|tag| tag.is_empty() || tag.chars().count() > MOST_TAG_CHARS)
    {
        let message = format!("must each have 1 to {MOST_TAG_CHARS} characters");
        return Err(CatalogError::invalid("tags", message));
    }
    Ok(checked)
}
