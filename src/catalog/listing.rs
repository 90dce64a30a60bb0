//! What is there: documents with their status, versions, originals, texts and counts.

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};
use serde::Serialize;
use wenyuan_ingest::Span;

use super::knowledge_bases::require;
use super::matching::Conditions;
use super::row::{all, first, id, integer, json, name, optional_id, time};
use super::{
    Catalog, CatalogError, Document, Entity, JobError, Original, Progress, Status, Totals, Version,
};
use crate::model::{DocumentId, JobId, KnowledgeBaseId, VersionId};

const MOST_LISTED: usize = 1_000;
const USUALLY_LISTED: usize = 100;

const SELECT: &str = "
    SELECT d.seq, d.id, d.knowledge_base, d.name, d.tags, d.created_at, d.current, v.hash, v.bytes,
        coalesce(d.title, v.title, c.title) AS title, coalesce(v.language, c.language) AS language,
        coalesce(v.author, c.author) AS author, coalesce(v.created, c.created) AS created,
        coalesce(v.modified, c.modified) AS modified,
        coalesce(v.kind, c.kind) AS kind, coalesce(v.pages, j.pages_total) AS pages,
        coalesce(c.chunks, 0) AS chunks, coalesce(v.preset, c.preset) AS preset, v.created_at AS updated_at,
        j.id AS job, j.status, j.stage, j.pages_done, j.pages_total, j.chunks_done, j.chunks_total,
        j.error_code, j.error_message, j.error_args,
        (SELECT json_group_array(json_object('code', code, 'page', page, 'message', message))
            FROM (SELECT code, page, message FROM warnings w WHERE w.version = v.id ORDER BY w.ordinal)) AS warnings
    FROM documents d JOIN versions v ON v.id = d.latest JOIN jobs j ON j.version = v.id
        LEFT JOIN versions c ON c.id = d.current
    WHERE d.knowledge_base = ? AND d.deleted_at IS NULL";

/// Which documents to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentQuery {
    /// Only those in this status.
    pub status: Option<Status>,
    /// Only this format, by its name.
    pub kind: Option<String>,
    /// Only this main language, by its name.
    pub language: Option<String>,
    /// Only those with this tag.
    pub tag: Option<String>,
    /// Only those whose author has this in it, whatever its case, width or script.
    pub author: Option<String>,
    /// Only those whose name or title has this in it, whatever its case, width or script.
    pub text: Option<String>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Most documents to return, 1 to 1,000; `None` is 100.
    pub limit: Option<usize>,
}

/// Some documents, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DocumentPage {
    /// The documents.
    pub documents: Vec<Document>,
    /// Where the next page begins; `None` at the end.
    pub next_cursor: Option<String>,
}

impl Catalog {
    /// Documents of a knowledge base, newest first; new ones do not disturb the paging.
    pub async fn documents(
        &self,
        knowledge_base: KnowledgeBaseId,
        query: DocumentQuery,
    ) -> Result<DocumentPage, CatalogError> {
        let limit = query.limit.unwrap_or(USUALLY_LISTED);
        if !(1..=MOST_LISTED).contains(&limit) {
            return Err(CatalogError::invalid(
                "limit",
                format!("must be 1 to {MOST_LISTED}"),
            ));
        }
        let before = match &query.cursor {
            None => i64::MAX,
            Some(cursor) => cursor.parse().map_err(|_error| {
                CatalogError::invalid("cursor", "is not one that a page before gave")
            })?,
        };
        self.database()
            .read(move |connection| page(connection, knowledge_base, &query, before, limit))
            .await
    }

    /// One document.
    pub async fn document(
        &self,
        knowledge_base: KnowledgeBaseId,
        id: DocumentId,
    ) -> Result<Document, CatalogError> {
        self.database()
            .read(move |connection| document_by_id(connection, knowledge_base, id))
            .await
    }

    /// Contents that a document has or had, newest first.
    pub async fn versions(
        &self,
        knowledge_base: KnowledgeBaseId,
        id: DocumentId,
    ) -> Result<Vec<Version>, CatalogError> {
        self.database()
            .read(move |connection| {
                document_by_id(connection, knowledge_base, id)?;
                all(
                    connection,
                    "SELECT id, hash, bytes, state = 'visible' AS visible, created_at FROM versions
                     WHERE document = ? AND state <> 'garbage' ORDER BY seq DESC",
                    [id.0.into_bytes()],
                    version,
                )
            })
            .await
    }

    /// Where the newest original of a document lies.
    pub async fn original(
        &self,
        knowledge_base: KnowledgeBaseId,
        id: DocumentId,
    ) -> Result<Original, CatalogError> {
        let document = self.document(knowledge_base, id).await?;
        let path = self.blobs().path(&document.hash);
        Ok(Original {
            name: document.name,
            kind: document.kind,
            hash: document.hash,
            bytes: document.bytes,
            path,
        })
    }

    /// Cleaned text of the visible version: characters `[start, end)`, or all of it.
    ///
    /// # Errors
    /// `content_not_found` while no version is visible.
    pub async fn text(
        &self,
        knowledge_base: KnowledgeBaseId,
        id: DocumentId,
        characters: Option<(usize, usize)>,
    ) -> Result<String, CatalogError> {
        let version = self.visible_version(knowledge_base, id).await?;
        let (start, end) = characters.unwrap_or((0, usize::MAX));
        let texts = self.texts().clone();
        let reading = tokio::task::spawn_blocking(move || texts.characters(version, start, end));
        reading.await.map_err(CatalogError::unavailable)?
    }

    /// Cleaned text of a version at a span of bytes, as chunks carry them; no more than that is read.
    pub async fn text_at(&self, version: VersionId, span: Span) -> Result<String, CatalogError> {
        let texts = self.texts().clone();
        let reading = tokio::task::spawn_blocking(move || texts.bytes(version, span));
        reading.await.map_err(CatalogError::unavailable)?
    }

    /// The version of a document that searches see.
    pub async fn visible_version(
        &self,
        knowledge_base: KnowledgeBaseId,
        id: DocumentId,
    ) -> Result<VersionId, CatalogError> {
        self.database()
            .read(move |connection| visible_version(connection, knowledge_base, id))
            .await
    }

    /// Counts over everything.
    pub async fn totals(&self) -> Result<Totals, CatalogError> {
        let sql = "SELECT (SELECT count(*) FROM knowledge_bases WHERE deleted_at IS NULL) AS knowledge_bases,
            (SELECT count(*) FROM documents WHERE deleted_at IS NULL) AS documents,
            (SELECT coalesce(sum(chunks), 0) FROM versions WHERE state = 'visible') AS chunks,
            (SELECT count(*) FROM jobs WHERE status = 'queued') AS queued,
            (SELECT count(*) FROM jobs WHERE status = 'running') AS running,
            (SELECT count(*) FROM jobs j JOIN versions v ON v.id = j.version
                WHERE j.status = 'failed' AND v.state = 'staging') AS failed";
        self.database()
            .read(move |connection| Ok(connection.query_row(sql, [], totals)?))
            .await
    }

    /// Returns if the catalog answers.
    pub async fn check(&self) -> Result<(), CatalogError> {
        self.database()
            .read(|connection| Ok(connection.query_row("SELECT 1", [], |_row| Ok(()))?))
            .await
    }
}

/// The document, or why not.
pub(super) fn document_by_id(
    connection: &Connection,
    knowledge_base: KnowledgeBaseId,
    id: DocumentId,
) -> Result<Document, CatalogError> {
    let keys = [knowledge_base.0.into_bytes(), id.0.into_bytes()];
    let found = first(
        connection,
        &format!("{SELECT} AND d.id = ?"),
        keys,
        document,
    )?;
    found.ok_or_else(|| CatalogError::not_found(Entity::Document, id))
}

/// The version that searches see, or why not.
pub(super) fn visible_version(
    connection: &Connection,
    knowledge_base: KnowledgeBaseId,
    document: DocumentId,
) -> Result<VersionId, CatalogError> {
    let current = first(
        connection,
        "SELECT current FROM documents WHERE knowledge_base = ? AND id = ? AND deleted_at IS NULL",
        [knowledge_base.0.into_bytes(), document.0.into_bytes()],
        |row| optional_id(row, "current"),
    )?;
    match current {
        None => Err(CatalogError::not_found(Entity::Document, document)),
        Some(None) => Err(CatalogError::not_found(Entity::Content, document)),
        Some(Some(version)) => Ok(VersionId(version)),
    }
}

fn page(
    connection: &Connection,
    knowledge_base: KnowledgeBaseId,
    query: &DocumentQuery,
    before: i64,
    limit: usize,
) -> Result<DocumentPage, CatalogError> {
    require(connection, knowledge_base)?;
    let Conditions { sql, values } = Conditions::of_list(query)?;
    let mut all_values = vec![
        Value::from(knowledge_base.0.into_bytes().to_vec()),
        Value::from(before),
    ];
    all_values.extend(values);
    all_values.push(Value::from(integer(limit) + 1));
    let sql = format!("{SELECT} AND d.seq < ?{sql} ORDER BY d.seq DESC LIMIT ?");
    let mut rows = all(connection, &sql, params_from_iter(all_values), |row| {
        Ok((row.get::<_, i64>("seq")?, document(row)?))
    })?;
    let there_is_more = rows.len() > limit;
    rows.truncate(limit);
    let next_cursor = rows
        .last()
        .filter(|_| there_is_more)
        .map(|(position, _)| position.to_string());
    Ok(DocumentPage {
        documents: rows.into_iter().map(|(_, document)| document).collect(),
        next_cursor,
    })
}

fn document(row: &Row<'_>) -> rusqlite::Result<Document> {
    Ok(Document {
        id: DocumentId(id(row, "id")?),
        knowledge_base: KnowledgeBaseId(id(row, "knowledge_base")?),
        name: row.get("name")?,
        tags: json(row, "tags")?,
        title: row.get("title")?,
        author: row.get("author")?,
        created: row.get("created")?,
        modified: row.get("modified")?,
        language: row.get("language")?,
        kind: row.get("kind")?,
        bytes: row.get::<_, i64>("bytes")?.unsigned_abs(),
        hash: row.get("hash")?,
        pages: row.get("pages")?,
        chunks: row.get::<_, i64>("chunks")?.unsigned_abs(),
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
        searchable: optional_id(row, "current")?.is_some(),
        status: name(row, "status")?,
        stage: name(row, "stage")?,
        progress: progress(row)?,
        job_id: JobId(id(row, "job")?),
        preset: row.get("preset")?,
        warnings: json(row, "warnings")?,
        error: job_error(row)?,
    })
}

fn version(row: &Row<'_>) -> rusqlite::Result<Version> {
    Ok(Version {
        id: VersionId(id(row, "id")?),
        hash: row.get("hash")?,
        bytes: row.get::<_, i64>("bytes")?.unsigned_abs(),
        visible: row.get("visible")?,
        created_at: time(row, "created_at")?,
    })
}

fn totals(row: &Row<'_>) -> rusqlite::Result<Totals> {
    let count = |column: &str| row.get::<_, i64>(column).map(i64::unsigned_abs);
    Ok(Totals {
        knowledge_bases: count("knowledge_bases")?,
        documents: count("documents")?,
        chunks: count("chunks")?,
        queued: count("queued")?,
        running: count("running")?,
        failed: count("failed")?,
    })
}

/// The progress columns of a job.
pub(super) fn progress(row: &Row<'_>) -> rusqlite::Result<Progress> {
    Ok(Progress {
        pages_done: row.get("pages_done")?,
        pages_total: row.get("pages_total")?,
        chunks_done: row.get("chunks_done")?,
        chunks_total: row.get("chunks_total")?,
    })
}

/// The error columns of a job.
pub(super) fn job_error(row: &Row<'_>) -> rusqlite::Result<Option<JobError>> {
    let Some(code) = row.get("error_code")? else {
        return Ok(None);
    };
    let args = if row.get::<_, Option<String>>("error_args")?.is_some() {
        json(row, "error_args")?
    } else {
        serde_json::Map::new()
    };
    Ok(Some(JobError {
        code,
        message: row.get("error_message")?,
        args,
    }))
}
