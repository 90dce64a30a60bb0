//! Chunks with their texts: written when a version is published, read by searches.

use std::collections::HashMap;

use rusqlite::{Connection, Row, params};
use uuid::Uuid;
use wenyuan_ingest::{Chunk, PageSpan, Span};

use super::collections::check_active;
use super::listing::visible_version;
use super::queue::Lease;
use super::row::{all, execute, id, integer, json, name, now, to_json};
use super::stored::TextReader;
use super::{Catalog, CatalogError, ChunkRecord};
use crate::model::{ChunkId, DocumentId, KnowledgeBaseId, VersionId};
use crate::retrieve::Passage;

/// Earlier contents of a document that are kept to be restored.
const OLD_VERSIONS: u32 = 5;
const MOST_LISTED: usize = 1_000;

pub(super) const SELECT: &str = "
    SELECT c.id, c.version, v.document, d.name AS document_name, d.knowledge_base,
        coalesce(d.title, v.title) AS title, c.ordinal, c.byte_start, c.byte_end,
        c.char_start, c.char_end, c.page_first, c.page_last, c.heading, c.page_spans, c.parent, c.sentences, c.text,
        c.tokens, c.language
    FROM chunks c JOIN versions v ON v.id = c.version AND v.state = 'visible' JOIN documents d ON d.id = v.document";

impl Catalog {
    /// Makes a version visible with its chunks, and what it replaces invisible, at one stroke. Its text is stored
    /// already; chunks are in its order; its points are in the collection of the embedder with this fingerprint.
    ///
    /// # Errors
    /// `collection_switched`, with nothing changed, if another collection is searched by now.
    /// A conflict, with nothing changed, if the job was stopped or its document deleted meanwhile.
    pub(crate) async fn publish(
        &self,
        lease: &Lease,
        embedder: &str,
        pages: Vec<PageSpan>,
        chunks: Vec<Chunk>,
    ) -> Result<(), CatalogError> {
        let (lease, texts) = (lease.clone(), self.texts().clone());
        let embedder = embedder.to_owned();
        self.database()
            .write(move |connection| {
                lease.check(connection)?;
                check_active(connection, &embedder)?;
                let text = texts.reader(lease.version)?;
                insert_chunks(connection, lease.version, text, &pages, &chunks)?;
                let (version, document) = (lease.version.0.into_bytes(), lease.document.0.into_bytes());
                execute(
                    connection,
                    "UPDATE versions SET state = 'superseded', chunks = 0 WHERE document = ? AND state = 'visible'",
                    [document],
                )?;
                execute(
                    connection,
                    "UPDATE versions SET state = 'garbage' WHERE document = ?1 AND state = 'superseded'
                        AND seq NOT IN (SELECT seq FROM versions WHERE document = ?1
                            AND state = 'superseded' ORDER BY seq DESC LIMIT ?2)",
                    params![document, OLD_VERSIONS],
                )?;
                execute(
                    connection,
                    "UPDATE versions SET state = 'visible', chunks = ? WHERE id = ?",
                    params![integer(chunks.len()), version],
                )?;
                execute(connection, "UPDATE documents SET current = ? WHERE id = ?", [version, document])?;
                execute(
                    connection,
                    "UPDATE jobs SET status = 'ready', stage = 'publishing', lease = NULL, chunks_done = ?1,
                        chunks_total = ?1, password = NULL, updated_at = ?2 WHERE id = ?3",
                    params![integer(chunks.len()), now(), lease.job.0.into_bytes()],
                )
                .map(drop)
            })
            .await
    }

    /// Chunks of a document's visible version from an ordinal on, at most 1,000.
    pub async fn chunks(
        &self,
        knowledge_base: KnowledgeBaseId,
        id: DocumentId,
        from: u32,
        limit: usize,
    ) -> Result<Vec<ChunkRecord>, CatalogError> {
        let limit = integer(limit.min(MOST_LISTED));
        self.database()
            .read(move |connection| {
                let version = visible_version(connection, knowledge_base, id)?;
                let sql = format!(
                    "{SELECT} WHERE c.version = ? AND c.ordinal >= ? ORDER BY c.ordinal LIMIT ?"
                );
                all(
                    connection,
                    &sql,
                    params![version.0.into_bytes(), from, limit],
                    record,
                )
            })
            .await
    }

    /// Visible chunks by id, in the order asked. Unknown ids, and chunks of versions not visible, are left out.
    pub async fn chunks_by_id(&self, ids: &[ChunkId]) -> Result<Vec<ChunkRecord>, CatalogError> {
        self.by_id(ids, |row| record(row).map(|record| (record.id, record)))
            .await
    }

    /// Visible passages by id, in the order asked.
    pub(super) async fn passages_by_id(
        &self,
        ids: &[ChunkId],
    ) -> Result<Vec<Passage>, CatalogError> {
        self.by_id(ids, |row| {
            passage(row).map(|passage| (passage.chunk, passage))
        })
        .await
    }

    async fn by_id<T: Send + 'static>(
        &self,
        ids: &[ChunkId],
        map: fn(&Row<'_>) -> rusqlite::Result<(ChunkId, T)>,
    ) -> Result<Vec<T>, CatalogError> {
        let ids = ids.to_vec();
        self.database()
            .read(move |connection| {
                let mut statement =
                    connection.prepare_cached(&format!("{SELECT} WHERE c.id = ?"))?;
                let mut found = HashMap::with_capacity(ids.len());
                for id in &ids {
                    let mut rows = statement.query([id.0.into_bytes()])?;
                    if let Some(row) = rows.next()? {
                        let (id, value) = map(row)?;
                        found.insert(id, value);
                    }
                }
                Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
            })
            .await
    }

    /// Ids of all visible chunks, ascending, after `after`: to compare with the index.
    pub(crate) async fn chunk_ids(
        &self,
        after: Option<ChunkId>,
        limit: usize,
    ) -> Result<Vec<ChunkId>, CatalogError> {
        let after = after.map_or(Uuid::nil(), |id| id.0).into_bytes();
        self.database()
            .read(move |connection| {
                all(
                    connection,
                    "SELECT c.id FROM chunks c JOIN versions v ON v.id = c.version AND v.state = 'visible'
                     WHERE c.id > ? ORDER BY c.id LIMIT ?",
                    params![after, integer(limit)],
                    |row| id(row, "id").map(ChunkId),
                )
            })
            .await
    }
}

/// Writes the rows of chunks one by one: together they would be as large as the document once more.
fn insert_chunks(
    connection: &Connection,
    version: VersionId,
    mut text: TextReader,
    pages: &[PageSpan],
    chunks: &[Chunk],
) -> Result<(), CatalogError> {
    execute(
        connection,
        "DELETE FROM chunks WHERE version = ?",
        [version.0.into_bytes()],
    )?;
    let mut statement = connection.prepare_cached(
        "INSERT INTO chunks (id, version, ordinal, byte_start, byte_end, char_start, char_end, page_first, page_last,
            heading, page_spans, parent, sentences, text, tokens, language)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    for chunk in chunks {
        let (first, last) = chunk.pages.unzip();
        let start = chunk.span.start;
        let sentences: Vec<usize> = chunk
            .sentences
            .iter()
            .flat_map(|span| [span.start - start, span.end - start])
            .collect();
        statement.execute(params![
            ChunkId::derive(version, chunk.ordinal).0.into_bytes(),
            version.0.into_bytes(),
            chunk.ordinal,
            integer(start),
            integer(chunk.span.end),
            integer(chunk.chars.start),
            integer(chunk.chars.end),
            first,
            last,
            to_json(&chunk.heading)?,
            to_json(&page_spans(pages, chunk.span))?,
            to_json(&parent(chunks, chunk.parent))?,
            to_json(&sentences)?,
            text.piece(chunk.span)?,
            chunk.tokens,
            chunk.language.as_str()
        ])?;
    }
    Ok(())
}

/// Start and end of a parent in bytes, then in characters: it begins where one chunk does, and ends where one does.
fn parent(chunks: &[Chunk], span: Span) -> [usize; 4] {
    let first = chunks.partition_point(|chunk| chunk.span.start < span.start);
    let beyond = chunks.partition_point(|chunk| chunk.span.end <= span.end);
    let start = chunks.get(first).map(|chunk| chunk.chars.start);
    let last = beyond.checked_sub(1).and_then(|last| chunks.get(last));
    let end = last.map(|chunk| chunk.chars.end);
    [
        span.start,
        span.end,
        start.unwrap_or_default(),
        end.unwrap_or_default(),
    ]
}

/// The pages that touch a chunk, each with its part of the chunk's text. Pages are in order.
fn page_spans(pages: &[PageSpan], span: Span) -> Vec<usize> {
    let first = pages.partition_point(|page| page.span.end <= span.start);
    let touching = pages[first..]
        .iter()
        .take_while(|page| page.span.start < span.end);
    let clip = |byte: usize| byte.clamp(span.start, span.end) - span.start;
    touching
        .filter(|page| !page.span.is_empty())
        .flat_map(|page| {
            [
                page.number as usize,
                clip(page.span.start),
                clip(page.span.end),
            ]
        })
        .collect()
}

fn spans(flat: &[usize], shift: usize) -> Vec<Span> {
    let pairs = flat.chunks_exact(2);
    pairs
        .map(|pair| Span {
            start: pair[0] + shift,
            end: pair[1] + shift,
        })
        .collect()
}

fn offset(row: &Row<'_>, column: &str) -> rusqlite::Result<usize> {
    row.get::<_, i64>(column)
        .map(|value| value.unsigned_abs() as usize)
}

fn record(row: &Row<'_>) -> rusqlite::Result<ChunkRecord> {
    let span = Span {
        start: offset(row, "byte_start")?,
        end: offset(row, "byte_end")?,
    };
    let [parent_start, parent_end, _, _]: [usize; 4] = json(row, "parent")?;
    let chunk = Chunk {
        ordinal: row.get("ordinal")?,
        span,
        chars: Span {
            start: offset(row, "char_start")?,
            end: offset(row, "char_end")?,
        },
        pages: row
            .get::<_, Option<u32>>("page_first")?
            .zip(row.get("page_last")?),
        heading: json(row, "heading")?,
        parent: Span {
            start: parent_start,
            end: parent_end,
        },
        sentences: spans(&json::<Vec<usize>>(row, "sentences")?, span.start),
        tokens: row.get("tokens")?,
        language: name(row, "language")?,
    };
    Ok(ChunkRecord {
        id: ChunkId(id(row, "id")?),
        document: DocumentId(id(row, "document")?),
        version: VersionId(id(row, "version")?),
        chunk,
        text: row.get("text")?,
    })
}

pub(super) fn passage(row: &Row<'_>) -> rusqlite::Result<Passage> {
    let [_, _, parent_start, parent_end]: [usize; 4] = json(row, "parent")?;
    let pages: Vec<usize> = json(row, "page_spans")?;
    let page = |part: &[usize]| PageSpan {
        number: part[0] as u32,
        span: Span {
            start: part[1],
            end: part[2],
        },
    };
    Ok(Passage {
        chunk: ChunkId(id(row, "id")?),
        version: VersionId(id(row, "version")?),
        ordinal: row.get("ordinal")?,
        document: DocumentId(id(row, "document")?),
        knowledge_base: KnowledgeBaseId(id(row, "knowledge_base")?),
        document_name: row.get("document_name")?,
        title: row.get("title")?,
        heading: json(row, "heading")?,
        language: name(row, "language")?,
        text: row.get("text")?,
        chars: Span {
            start: offset(row, "char_start")?,
            end: offset(row, "char_end")?,
        },
        sentences: spans(&json::<Vec<usize>>(row, "sentences")?, 0),
        pages: pages.chunks_exact(3).map(page).collect(),
        parent: Span {
            start: parent_start,
            end: parent_end,
        },
    })
}
