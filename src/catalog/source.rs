//! The catalog as retrieval sees it.

use std::collections::HashMap;

use async_trait::async_trait;
use wenyuan_ingest::{Dictionary, Place};

use super::row::{first, id, json};
use super::{Catalog, CatalogError};
use crate::model::{ChunkId, DocumentId, KnowledgeBaseId, VersionId};
use crate::retrieve::{
    Passage, PassageError, PassageSource, ReadingFailure, RetrievalSettings, SearchFilter,
    SectionOf, Selection, Standing, Threshold,
};

impl From<CatalogError> for PassageError {
    fn from(error: CatalogError) -> Self {
        Self(error.to_string())
    }
}

#[async_trait]
impl PassageSource for Catalog {
    async fn hidden_versions(
        &self,
        knowledge_bases: &[KnowledgeBaseId],
    ) -> Result<Vec<VersionId>, PassageError> {
        let hidden = Self::hidden_versions(self, knowledge_bases).await;
        Ok(hidden?)
    }

    async fn documents_matching(
        &self,
        knowledge_bases: &[KnowledgeBaseId],
        filter: &SearchFilter,
    ) -> Result<Selection, PassageError> {
        let matching = Self::documents_matching(self, knowledge_bases, filter).await;
        Ok(matching?)
    }

    async fn thresholds(
        &self,
        knowledge_bases: &[KnowledgeBaseId],
    ) -> Result<Vec<Option<Threshold>>, PassageError> {
        Ok(self.thresholds_of(knowledge_bases).await?)
    }

    async fn retrieval_settings(
        &self,
        knowledge_bases: &[KnowledgeBaseId],
    ) -> Result<Vec<RetrievalSettings>, PassageError> {
        let wanted = knowledge_bases.to_vec();
        let settings = self.database().read(move |connection| {
            let sql = "SELECT retrieval FROM knowledge_bases WHERE id = ? AND deleted_at IS NULL";
            let mut found = Vec::with_capacity(wanted.len());
            for base in wanted {
                let settings: Option<RetrievalSettings> =
                    first(connection, sql, [base.0.into_bytes()], |row| {
                        json(row, "retrieval")
                    })?;
                found.extend(settings);
            }
            Ok(found)
        });
        Ok(settings.await?)
    }

    async fn dictionary(
        &self,
        knowledge_bases: &[KnowledgeBaseId],
    ) -> Result<Dictionary, PassageError> {
        Ok(self.words_for_questions(knowledge_bases).await?)
    }

    async fn standing(
        &self,
        knowledge_bases: &[KnowledgeBaseId],
        document: DocumentId,
    ) -> Result<Option<Standing>, PassageError> {
        for base in knowledge_bases {
            let found = match self.document(*base, document).await {
                Ok(found) => found,
                Err(CatalogError::NotFound { .. }) => continue,
                Err(error) => return Err(error.into()),
            };
            return Ok(Some(Standing {
                document: found.id,
                name: found.name,
                searchable: found.searchable,
                status: found.status.as_str(),
                failure: found.error.map(|error| ReadingFailure {
                    code: error.code,
                    message: error.message,
                    args: error.args,
                }),
            }));
        }
        Ok(None)
    }

    async fn document_of(&self, chunk: ChunkId) -> Result<Option<DocumentId>, PassageError> {
        let document = self.database().read(move |connection| {
            let sql = "SELECT v.document FROM chunks c JOIN versions v ON v.id = c.version WHERE c.id = ?";
            first(connection, sql, [chunk.0.into_bytes()], |row| id(row, "document").map(DocumentId))
        });
        Ok(document.await?)
    }

    async fn passages(&self, ids: &[ChunkId]) -> Result<Vec<Passage>, PassageError> {
        Ok(self.passages_by_id(ids).await?)
    }

    async fn sections(&self, of: &[SectionOf]) -> Result<Vec<Passage>, PassageError> {
        Ok(self.passages_of_sections(of).await?)
    }

    async fn places(&self, ids: &[ChunkId]) -> Result<HashMap<ChunkId, Vec<Place>>, PassageError> {
        let chunks = self.chunks_by_id(ids).await?;
        let mut found = Self::places(self, &chunks).await?;
        for record in &chunks {
            let start = record.chunk.span.start;
            for place in found.get_mut(&record.id).into_iter().flatten() {
                // A line that begins before the passage keeps its share of what stands in it.
                *place = place.cut_to(record.chunk.span).moved_back(start);
            }
        }
        Ok(found)
    }
}
