//! Documents come in, change their name, tags or title, and go.

use rusqlite::{Connection, params};
use unicode_normalization::UnicodeNormalization as _;
use uuid::Uuid;
use wenyuan_ingest::PresetChoice;

use super::garbage::{discard_versions, end_jobs, forget_passwords};
use super::knowledge_bases::require;
use super::known::{Known, known};
use super::listing::document_by_id;
use super::place::{document_named, place};
use super::retry::{checked_password, keep_password, requeue};
use super::row::{execute, id, now, to_json};
use super::splitting::wanted_before;
use super::tags::{add_tags, checked_tags};
use super::{
    Accepted, Catalog, CatalogError, Document, DocumentChange, Entity, NewDocument, Status,
};
use crate::model::{DocumentId, JobId, KnowledgeBaseId, Password, VersionId};

const MOST_NAME_CHARS: usize = 500;

/// An upload after its checks.
struct Checked {
    knowledge_base: KnowledgeBaseId,
    name: String,
    title: Option<String>,
    tags: Vec<String>,
    blob: super::StoredBlob,
    source_url: Option<String>,
    password: Option<Password>,
    preset: Option<PresetChoice>,
}

impl Catalog {
    /// Takes a document in and queues its job. Returns once that is on disk.
    ///
    /// Bytes that the knowledge base has already give the document that has them, under its own name; if it had
    /// failed or was cancelled it is tried again, and if it is to be cut in another way now, or a password came that may
    /// open parts of it, it gets a new version. A
    /// name, or a web address, that is there with other bytes gets a new version too, and the old one stays visible
    /// until the new one is ready.
    pub async fn add_document(
        &self,
        knowledge_base: KnowledgeBaseId,
        new: NewDocument,
    ) -> Result<Accepted, CatalogError> {
        let mut checked = Checked {
            knowledge_base,
            name: checked_name(&new.name)?,
            title: new.title.as_deref().map(checked_title).transpose()?,
            tags: checked_tags(&new.tags)?,
            blob: new.blob,
            source_url: new.source_url,
            password: new.password.map(checked_password).transpose()?,
            preset: new.preset,
        };
        let (accepted, replaced) = self
            .database()
            .write(move |connection| {
                require(connection, knowledge_base)?;
                match known(
                    connection,
                    knowledge_base,
                    checked.blob.hash(),
                    checked.preset,
                )? {
                    Some(known)
                        if known.is_cut(checked.preset)
                            && !known.may_open(checked.password.is_some()) =>
                    {
                        accept_known(connection, known, &checked)
                    }
                    Some(known) => {
                        checked.name = known.name;
                        let (accepted, replaced) = accept_new(connection, &checked)?;
                        Ok((
                            Accepted {
                                known: true,
                                ..accepted
                            },
                            replaced,
                        ))
                    }
                    None => accept_new(connection, &checked),
                }
            })
            .await?;
        self.announce_cancelled(&replaced);
        self.announce_queued();
        Ok(accepted)
    }

    /// Changes name, tags or title. Lists, filters and hits show it at once; what the index ranks by title follows with
    /// the next version.
    ///
    /// # Errors
    /// `name_taken` if another document of the knowledge base has the name.
    pub async fn change_document(
        &self,
        knowledge_base: KnowledgeBaseId,
        id: DocumentId,
        change: DocumentChange,
    ) -> Result<Document, CatalogError> {
        let name = change.name.map(|name| checked_name(&name)).transpose()?;
        let tags = change.tags.as_deref().map(checked_tags).transpose()?;
        let title = change.title.map(|title| match title.trim() {
            "" => Ok(None),
            title => checked_title(title).map(Some),
        });
        let title = title.transpose()?;
        self.database()
            .write(move |connection| {
                document_by_id(connection, knowledge_base, id)?;
                if let Some(name) = name {
                    if document_named(connection, knowledge_base, &name)?
                        .is_some_and(|other| other.0 != id)
                    {
                        return Err(CatalogError::Conflict {
                            code: "name_taken",
                            message: format!("there is a document named `{name}` already"),
                        });
                    }
                    let sql = "UPDATE documents SET name = ? WHERE id = ?";
                    execute(connection, sql, params![name, id.0.into_bytes()])?;
                }
                if let Some(tags) = tags {
                    let sql = "UPDATE documents SET tags = ? WHERE id = ?";
                    execute(connection, sql, params![to_json(&tags)?, id.0.into_bytes()])?;
                }
                if let Some(title) = title {
                    let sql = "UPDATE documents SET title = ? WHERE id = ?";
                    execute(connection, sql, params![title, id.0.into_bytes()])?;
                }
                document_by_id(connection, knowledge_base, id)
            })
            .await
    }

    /// Makes an earlier content of a document its newest again; the present one stays visible until it is ready.
    pub async fn restore_version(
        &self,
        knowledge_base: KnowledgeBaseId,
        id: DocumentId,
        version: VersionId,
    ) -> Result<Accepted, CatalogError> {
        let name = self.document(knowledge_base, id).await?.name;
        let versions = self.versions(knowledge_base, id).await?;
        let wanted = versions.into_iter().find(|known| known.id == version);
        let wanted = wanted.ok_or_else(|| CatalogError::not_found(Entity::Version, version))?;
        let blob = self.blobs().adopt(wanted.hash, wanted.bytes).await?;
        let new = NewDocument {
            source_url: wanted.source_url,
            preset: Some(self.preset_wanted(version).await?),
            ..NewDocument::new(name, blob)
        };
        self.add_document(knowledge_base, new).await
    }

    /// Deletes a document with all its versions: at once for every reader, on disk and in the index soon after.
    pub async fn delete_document(
        &self,
        knowledge_base: KnowledgeBaseId,
        id: DocumentId,
    ) -> Result<(), CatalogError> {
        let cancelled = self
            .database()
            .write(move |connection| {
                document_by_id(connection, knowledge_base, id)?;
                delete(connection, id)
            })
            .await?;
        self.announce_cancelled(&cancelled);
        Ok(())
    }
}

/// Deletes a document with all its versions; which jobs were under way.
pub(super) fn delete(connection: &Connection, id: DocumentId) -> Result<Vec<JobId>, CatalogError> {
    let sql = "UPDATE documents SET deleted_at = ? WHERE id = ?";
    execute(connection, sql, params![now(), id.0.into_bytes()])?;
    discard_versions(connection, "document", id.0)
}

fn accept_known(
    connection: &Connection,
    known: Known,
    new: &Checked,
) -> Result<(Accepted, Vec<JobId>), CatalogError> {
    let mut status = known.status;
    let mut replaced = Vec::new();
    let from_there = new.source_url.is_some() && known.source_url == new.source_url;
    if matches!(status, Status::Failed | Status::Cancelled) {
        requeue(connection, known.job)?;
        status = Status::Queued;
    } else if known.latest != Some(known.version) && (from_there || known.name == new.name) {
        // Back to what is visible: the newer bytes are not wanted any more.
        replaced = discard_staging(connection, known.document)?;
        let sql = "UPDATE documents SET latest = ? WHERE id = ?";
        execute(
            connection,
            sql,
            params![known.version.0.into_bytes(), known.document.0.into_bytes()],
        )?;
    }
    if let Some(password) = new.password.as_ref().filter(|_| status != Status::Ready) {
        keep_password(connection, known.job, password)?;
    }
    if let Some(url) = &new.source_url {
        let sql = "UPDATE versions SET source_url = coalesce(source_url, ?) WHERE id = ?";
        execute(connection, sql, params![url, known.version.0.into_bytes()])?;
    }
    add_tags(connection, known.document, &new.tags)?;
    let accepted = Accepted {
        document_id: known.document,
        job_id: known.job,
        name: known.name,
        status,
        known: true,
    };
    Ok((accepted, replaced))
}

fn accept_new(
    connection: &Connection,
    new: &Checked,
) -> Result<(Accepted, Vec<JobId>), CatalogError> {
    let now = now();
    let version = Uuid::now_v7();
    let job = JobId(Uuid::now_v7());
    let owner = new.knowledge_base.0.into_bytes();
    let mut replaced = Vec::new();
    let (earlier, name) = place(
        connection,
        new.knowledge_base,
        &new.name,
        new.source_url.as_deref(),
    )?;
    let mut preset = new.preset.unwrap_or_default();
    let document = if let Some(document) = earlier {
        if new.preset.is_none() {
            preset = wanted_before(connection, document)?;
        }
        replaced = discard_staging(connection, document)?;
        document
    } else {
        let document = DocumentId(Uuid::now_v7());
        execute(
            connection,
            "INSERT INTO documents (id, knowledge_base, name, created_at) VALUES (?, ?, ?, ?)",
            params![document.0.into_bytes(), owner, name, now],
        )?;
        document
    };
    execute(
        connection,
        "INSERT INTO versions (id, document, knowledge_base, state, hash, bytes, source_url, created_at,
            preset_wanted)
         VALUES (?, ?, ?, 'staging', ?, ?, ?, ?, ?)",
        params![
            version.into_bytes(),
            document.0.into_bytes(),
            owner,
            new.blob.hash(),
            new.blob.bytes().cast_signed(),
            new.source_url,
            now,
            preset.as_str()
        ],
    )?;
    execute(
        connection,
        "INSERT INTO jobs (id, version, status, password, created_at, updated_at)
         VALUES (?, ?, 'queued', ?, ?, ?)",
        params![
            job.0.into_bytes(),
            version.into_bytes(),
            new.password.as_ref().map(Password::reveal),
            now,
            now
        ],
    )?;
    let sql = "UPDATE documents SET latest = ? WHERE id = ?";
    execute(
        connection,
        sql,
        params![version.into_bytes(), document.0.into_bytes()],
    )?;
    if let Some(title) = &new.title {
        let sql = "UPDATE documents SET title = ? WHERE id = ?";
        execute(connection, sql, params![title, document.0.into_bytes()])?;
    }
    if !new.tags.is_empty() {
        let sql = "UPDATE documents SET tags = ? WHERE id = ?";
        execute(
            connection,
            sql,
            params![to_json(&new.tags)?, document.0.into_bytes()],
        )?;
    }
    let accepted = Accepted {
        document_id: document,
        job_id: job,
        name,
        status: Status::Queued,
        known: false,
    };
    Ok((accepted, replaced))
}

/// Makes versions that were not published yet garbage; the jobs that end with that.
fn discard_staging(
    connection: &Connection,
    document: DocumentId,
) -> Result<Vec<JobId>, CatalogError> {
    let staging = "SELECT id FROM versions WHERE document = ?1 AND state = 'staging'";
    let ended = super::row::all(
        connection,
        &format!(
            "SELECT id FROM jobs WHERE status IN ('queued', 'running') AND version IN ({staging})"
        ),
        [document.0.into_bytes()],
        |row| id(row, "id").map(JobId),
    )?;
    end_jobs(connection, staging, document.0)?;
    forget_passwords(connection, staging, document.0)?;
    let sql = "UPDATE versions SET state = 'garbage' WHERE document = ? AND state = 'staging'";
    execute(connection, sql, [document.0.into_bytes()])?;
    Ok(ended)
}

pub(super) fn checked_name(name: &str) -> Result<String, CatalogError> {
    let name: String = name.trim().nfc().collect();
    let chars = name.chars().count();
    if chars == 0 || chars > MOST_NAME_CHARS {
        let message = format!("must have 1 to {MOST_NAME_CHARS} characters, not {chars}");
        return Err(CatalogError::invalid("name", message));
    }
    if name.chars().any(char::is_control) {
        return Err(CatalogError::invalid(
            "name",
            "must not contain control characters",
        ));
    }
    Ok(name)
}

fn checked_title(title: &str) -> Result<String, CatalogError> {
    let title: String = title
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .nfc()
        .collect();
    let chars = title.chars().count();
    if chars == 0 || chars > MOST_NAME_CHARS {
        let message = format!("must have 1 to {MOST_NAME_CHARS} characters, not {chars}");
        return Err(CatalogError::invalid("title", message));
    }
    Ok(title)
}
