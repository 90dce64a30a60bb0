//! Which document new content belongs to: one of the same name or from the same web address, or a new one.

use rusqlite::{Connection, params};

use super::CatalogError;
use super::row::{first, id};
use crate::model::{DocumentId, KnowledgeBaseId};

/// Pages of one host that may have the same name.
const MOST_NAMESAKES: u32 = 10_000;

/// The document that the content belongs to, if it is there already, and the name: as given, or one that is free where
/// another web page has that.
pub(super) fn place(
    connection: &Connection,
    knowledge_base: KnowledgeBaseId,
    name: &str,
    source_url: Option<&str>,
) -> Result<(Option<DocumentId>, String), CatalogError> {
    let named = |name: &str| document_named(connection, knowledge_base, name);
    let Some(url) = source_url else {
        let earlier = named(name)?.map(|(document, _)| document);
        return Ok((earlier, name.to_owned()));
    };
    let fetched = first(
        connection,
        "SELECT d.id, d.name FROM versions v JOIN documents d ON d.id = v.document
         WHERE v.knowledge_base = ? AND v.source_url = ? AND v.state <> 'garbage' AND d.deleted_at IS NULL
         ORDER BY d.name = ? DESC, v.seq DESC",
        params![knowledge_base.0.into_bytes(), url, name],
        |row| Ok((DocumentId(id(row, "id")?), row.get("name")?)),
    )?;
    if let Some((document, name)) = fetched {
        return Ok((Some(document), name));
    }
    for free in names_of_page(name, url) {
        if named(&free)?.is_none() {
            return Ok((None, free));
        }
    }
    Err(CatalogError::Conflict {
        code: "name_taken",
        message: format!("too many documents are named `{name}`"),
    })
}

/// Names for a page: its own, then with the host in front, then numbered.
fn names_of_page(name: &str, url: &str) -> impl Iterator<Item = String> {
    let host = url.split("://").nth(1).unwrap_or(url);
    let host = host.split('/').next().unwrap_or(host);
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => (stem.to_owned(), format!(".{ending}")),
        Some(_) | None => (name.to_owned(), String::new()),
    };
    let longer = format!("{host}/{name}");
    let numbered = format!("{host}/{stem}");
    [name.to_owned(), longer]
        .into_iter()
        .chain((2..MOST_NAMESAKES).map(move |number| format!("{numbered} ({number}){ending}")))
}

/// The live document of that name.
pub(super) fn document_named(
    connection: &Connection,
    knowledge_base: KnowledgeBaseId,
    name: &str,
) -> Result<Option<(DocumentId, String)>, CatalogError> {
    first(
        connection,
        "SELECT id, name FROM documents WHERE knowledge_base = ? AND name = ? AND deleted_at IS NULL",
        params![knowledge_base.0.into_bytes(), name],
        |row| Ok((DocumentId(id(row, "id")?), row.get("name")?)),
    )
}
