//! What can be sampled of a knowledge base: its visible versions with their counts of passages.

use rusqlite::params;

use super::knowledge_bases::require;
use super::row::{all, id, integer};
use super::{Catalog, CatalogError};
use crate::model::{DocumentId, KnowledgeBaseId, VersionId};

/// A visible version of a document, as far as sampling goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sampled {
    /// The document.
    pub document: DocumentId,
    /// Its visible version; [`ChunkId::derive`](crate::model::ChunkId::derive) names its passages.
    pub version: VersionId,
    /// How many passages it has, at least one.
    pub chunks: u32,
}

impl Catalog {
    /// Visible versions with passages, in the order in which they came, at most `limit`.
    pub async fn sampled(
        &self,
        knowledge_base: KnowledgeBaseId,
        limit: usize,
    ) -> Result<Vec<Sampled>, CatalogError> {
        self.database()
            .read(move |connection| {
                require(connection, knowledge_base)?;
                all(
                    connection,
                    "SELECT v.id, v.document, v.chunks FROM versions v
                     WHERE v.knowledge_base = ? AND v.state = 'visible' AND v.chunks > 0 ORDER BY v.seq LIMIT ?",
                    params![knowledge_base.0.into_bytes(), integer(limit)],
                    |row| {
                        Ok(Sampled {
                            document: DocumentId(id(row, "document")?),
                            version: VersionId(id(row, "id")?),
                            chunks: row.get("chunks")?,
                        })
                    },
                )
            })
            .await
    }
}
