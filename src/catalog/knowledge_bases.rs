//! Knowledge bases: made, found by id or name, changed and deleted.

use std::collections::HashMap;

use rusqlite::{Connection, Row, params};
use unicode_normalization::UnicodeNormalization as _;
use uuid::Uuid;

use super::row::{all, execute, first, id, json, name, now, time, to_json};
use super::{
    Catalog, CatalogError, Entity, KnowledgeBase, KnowledgeBaseChange, NewKnowledgeBase, Status,
    Workload,
};
use crate::model::KnowledgeBaseId;

const MOST_NAME_CHARS: usize = 100;
const MOST_DESCRIPTION_CHARS: usize = 2_000;

/// Most knowledge bases searched at once.
const MOST_TOGETHER: usize = 50;

const SELECT: &str = "
    SELECT k.id, k.name, k.description, k.retrieval, k.created_at,
        coalesce((SELECT fingerprint FROM collections WHERE state = 'active'), '') AS embedder,
        (SELECT count(*) FROM documents d WHERE d.knowledge_base = k.id AND d.deleted_at IS NULL) AS documents,
        (SELECT coalesce(sum(v.chunks), 0) FROM versions v
            WHERE v.knowledge_base = k.id AND v.state = 'visible') AS chunks
    FROM knowledge_bases k WHERE k.deleted_at IS NULL";

impl Catalog {
    /// Makes a knowledge base.
    ///
    /// # Errors
    /// `name_taken` if the name is in use, whatever its case.
    pub async fn create_knowledge_base(
        &self,
        new: NewKnowledgeBase,
    ) -> Result<KnowledgeBase, CatalogError> {
        let name = checked_name(&new.name)?;
        let description = checked_description(&new.description)?;
        let id = KnowledgeBaseId(Uuid::now_v7());
        self.database()
            .write(move |connection| {
                refuse_taken(connection, &name, None)?;
                execute(
                    connection,
                    "INSERT INTO knowledge_bases (id, name, name_key, description, created_at)
                     VALUES (?, ?, ?, ?, ?)",
                    params![id.0.into_bytes(), name, key(&name), description, now()],
                )?;
                by_id(connection, id)
            })
            .await
    }

    /// Every knowledge base, by name.
    pub async fn knowledge_bases(&self) -> Result<Vec<KnowledgeBase>, CatalogError> {
        let sql = format!("{SELECT} ORDER BY k.name_key");
        self.database()
            .read(move |connection| all(connection, &sql, [], knowledge_base))
            .await
    }

    /// A knowledge base by its id or its name.
    pub async fn knowledge_base(&self, id_or_name: &str) -> Result<KnowledgeBase, CatalogError> {
        let wanted = id_or_name.to_owned();
        self.database()
            .read(move |connection| {
                if let Ok(id) = wanted.parse() {
                    return by_id(connection, id);
                }
                let found = first(
                    connection,
                    &format!("{SELECT} AND k.name_key = ?"),
                    [key(&wanted)],
                    knowledge_base,
                )?;
                found.ok_or_else(|| CatalogError::not_found(Entity::KnowledgeBase, wanted))
            })
            .await
    }

    /// What waits, is worked on or has failed, by knowledge base; those without any are left out.
    pub async fn workloads(&self) -> Result<HashMap<KnowledgeBaseId, Workload>, CatalogError> {
        let sql = "SELECT v.knowledge_base, j.status, count(*) AS documents
            FROM jobs j JOIN versions v ON v.id = j.version AND v.state = 'staging'
            WHERE j.status IN ('queued', 'running', 'failed') GROUP BY v.knowledge_base, j.status";
        let counts = |row: &Row<'_>| {
            let owner = KnowledgeBaseId(id(row, "knowledge_base")?);
            let documents = row.get::<_, i64>("documents")?.unsigned_abs();
            Ok((owner, name::<Status>(row, "status")?, documents))
        };
        let counted = self
            .database()
            .read(move |connection| all(connection, sql, [], counts))
            .await?;
        let mut loads: HashMap<KnowledgeBaseId, Workload> = HashMap::new();
        for (owner, status, documents) in counted {
            let load = loads.entry(owner).or_default();
            match status {
                Status::Queued => load.queued = documents,
                Status::Running => load.running = documents,
                Status::Failed => load.failed = documents,
                Status::Ready | Status::Cancelled => {}
            }
        }
        Ok(loads)
    }

    /// Several knowledge bases by id or name, each once, to be searched together.
    ///
    /// # Errors
    /// Invalid if there are none or more than 50.
    pub async fn knowledge_bases_together(
        &self,
        ids_or_names: &[String],
    ) -> Result<Vec<KnowledgeBase>, CatalogError> {
        if !(1..=MOST_TOGETHER).contains(&ids_or_names.len()) {
            let message = format!("must name 1 to {MOST_TOGETHER}");
            return Err(CatalogError::invalid("knowledge_bases", message));
        }
        let mut bases: Vec<KnowledgeBase> = Vec::with_capacity(ids_or_names.len());
        for wanted in ids_or_names {
            let base = self.knowledge_base(wanted).await?;
            if !bases.iter().any(|known| known.id == base.id) {
                bases.push(base);
            }
        }
        Ok(bases)
    }

    /// Changes name, description or retrieval settings.
    ///
    /// # Errors
    /// `name_taken`; invalid if a text or a setting is outside its limits.
    pub async fn change_knowledge_base(
        &self,
        id: KnowledgeBaseId,
        change: KnowledgeBaseChange,
    ) -> Result<KnowledgeBase, CatalogError> {
        let name = change.name.map(|name| checked_name(&name)).transpose()?;
        let description = change
            .description
            .map(|text| checked_description(&text))
            .transpose()?;
        self.database()
            .write(move |connection| {
                let known = by_id(connection, id)?;
                if let Some(name) = name {
                    refuse_taken(connection, &name, Some(id))?;
                    execute(
                        connection,
                        "UPDATE knowledge_bases SET name = ?, name_key = ? WHERE id = ?",
                        params![name, key(&name), id.0.into_bytes()],
                    )?;
                }
                if let Some(description) = description {
                    execute(
                        connection,
                        "UPDATE knowledge_bases SET description = ? WHERE id = ?",
                        params![description, id.0.into_bytes()],
                    )?;
                }
                if let Some(retrieval) = change.retrieval {
                    let settings = retrieval.applied_to(known.retrieval).checked();
                    let settings = settings
                        .map_err(|error| CatalogError::invalid("retrieval", error.to_string()))?;
                    execute(
                        connection,
                        "UPDATE knowledge_bases SET retrieval = ? WHERE id = ?",
                        params![to_json(&settings)?, id.0.into_bytes()],
                    )?;
                }
                by_id(connection, id)
            })
            .await
    }

    /// Deletes a knowledge base with everything in it: at once for every reader, on disk and in the index soon after.
    pub async fn delete_knowledge_base(&self, id: KnowledgeBaseId) -> Result<(), CatalogError> {
        let cancelled = self
            .database()
            .write(move |connection| {
                by_id(connection, id)?;
                let (key, now) = (id.0.into_bytes(), now());
                execute(connection, "UPDATE knowledge_bases SET deleted_at = ? WHERE id = ?", params![now, key])?;
                execute(
                    connection,
                    "UPDATE documents SET deleted_at = ? WHERE knowledge_base = ? AND deleted_at IS NULL",
                    params![now, key],
                )?;
                // Questions are people's words: they go at once, not when the rest has been collected.
                for table in ["gold_questions", "calibrations", "dictionaries"] {
                    execute(connection, &format!("DELETE FROM {table} WHERE knowledge_base = ?"), [key])?;
                }
                super::garbage::discard_versions(connection, "knowledge_base", id.0)
            })
            .await?;
        self.announce_cancelled(&cancelled);
        Ok(())
    }
}

/// The knowledge base, or why not.
pub(super) fn by_id(
    connection: &Connection,
    id: KnowledgeBaseId,
) -> Result<KnowledgeBase, CatalogError> {
    let found = first(
        connection,
        &format!("{SELECT} AND k.id = ?"),
        [id.0.into_bytes()],
        knowledge_base,
    )?;
    found.ok_or_else(|| CatalogError::not_found(Entity::KnowledgeBase, id))
}

/// Fails if there is no such knowledge base; cheaper than [`by_id`].
pub(super) fn require(connection: &Connection, id: KnowledgeBaseId) -> Result<(), CatalogError> {
    let sql = "SELECT 1 FROM knowledge_bases WHERE id = ? AND deleted_at IS NULL";
    let found = first(connection, sql, [id.0.into_bytes()], |_row| Ok(()))?;
    found.ok_or_else(|| CatalogError::not_found(Entity::KnowledgeBase, id))
}

fn knowledge_base(row: &Row<'_>) -> rusqlite::Result<KnowledgeBase> {
    Ok(KnowledgeBase {
        id: KnowledgeBaseId(id(row, "id")?),
        name: row.get("name")?,
        description: row.get("description")?,
        documents: row.get::<_, i64>("documents")?.unsigned_abs(),
        chunks: row.get::<_, i64>("chunks")?.unsigned_abs(),
        embedder: row.get("embedder")?,
        retrieval: json(row, "retrieval")?,
        created_at: time(row, "created_at")?,
    })
}

/// Names that differ only in case or width are the same.
fn key(name: &str) -> String {
    name.trim().nfkc().collect::<String>().to_lowercase()
}

fn checked_name(name: &str) -> Result<String, CatalogError> {
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
    if Uuid::parse_str(&name).is_ok() {
        return Err(CatalogError::invalid("name", "must not look like an id"));
    }
    Ok(name)
}

fn checked_description(text: &str) -> Result<String, CatalogError> {
    let chars = text.chars().count();
    if chars > MOST_DESCRIPTION_CHARS {
        let message = format!("must have at most {MOST_DESCRIPTION_CHARS} characters, not {chars}");
        return Err(CatalogError::invalid("description", message));
    }
    Ok(text.trim().to_owned())
}

fn refuse_taken(
    connection: &Connection,
    name: &str,
    except: Option<KnowledgeBaseId>,
) -> Result<(), CatalogError> {
    let sql = "SELECT id FROM knowledge_bases WHERE name_key = ? AND deleted_at IS NULL";
    match first(connection, sql, [key(name)], |row| id(row, "id"))? {
        Some(other) if Some(KnowledgeBaseId(other)) != except => Err(CatalogError::Conflict {
            code: "name_taken",
            message: format!("there is a knowledge base named `{name}` already"),
        }),
        _ => Ok(()),
    }
}
