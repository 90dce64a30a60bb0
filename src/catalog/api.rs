//! Signatures while the bodies are being written.
#![expect(
    clippy::todo,
    clippy::unused_async,
    unused_variables,
    missing_docs,
    reason = "being written"
)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::*;
use crate::model::{ChunkId, DocumentId, JobId, KnowledgeBaseId, VersionId};

/// The data folder, locked for this process as long as a clone lives.
#[derive(Debug, Clone)]
pub struct DataFolder(Arc<PathBuf>);

impl DataFolder {
    /// Creates the folder if needed and locks it. Take it before anything else opens files there.
    pub fn lock(path: &Path) -> Result<Self, CatalogError> {
        todo!()
    }
    /// The folder.
    pub fn path(&self) -> &Path {
        todo!()
    }
    /// A sub-folder, created if needed.
    pub fn sub_folder(&self, name: &str) -> Result<PathBuf, CatalogError> {
        todo!()
    }
}

/// An original on disk, synced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBlob {
    /// BLAKE3 in hex.
    pub hash: String,
    /// Size.
    pub bytes: u64,
}

/// Originals, by hash.
#[derive(Debug, Clone)]
pub struct Blobs;

impl Blobs {
    /// Begins an upload of at most `limit` bytes.
    pub async fn begin(&self, limit: u64) -> Result<BlobWriter, CatalogError> {
        todo!()
    }
    /// Stores bytes at hand.
    pub async fn store(&self, bytes: &[u8], limit: u64) -> Result<StoredBlob, CatalogError> {
        todo!()
    }
    /// Where a blob lies.
    pub fn path(&self, hash: &str) -> PathBuf {
        todo!()
    }
}

/// An upload under way; dropped unfinished it leaves nothing. Also `tokio::io::AsyncWrite`.
#[derive(Debug)]
pub struct BlobWriter;

impl BlobWriter {
    /// Writes a piece.
    pub async fn write(&mut self, piece: &[u8]) -> Result<(), CatalogError> {
        todo!()
    }
    /// Makes it durable.
    pub async fn finish(self) -> Result<StoredBlob, CatalogError> {
        todo!()
    }
}

/// The catalog; clones share it.
#[derive(Debug, Clone)]
pub struct Catalog;

impl Catalog {
    /// Opens or creates the catalog of a data folder.
    pub async fn open(folder: DataFolder) -> Result<Self, CatalogError> {
        todo!()
    }
    pub fn folder(&self) -> &DataFolder {
        todo!()
    }
    pub fn blobs(&self) -> &Blobs {
        todo!()
    }
    /// Returns if the catalog answers.
    pub async fn check(&self) -> Result<(), CatalogError> {
        todo!()
    }
    pub async fn totals(&self) -> Result<Totals, CatalogError> {
        todo!()
    }

    pub async fn create_knowledge_base(
        &self,
        new: NewKnowledgeBase,
    ) -> Result<KnowledgeBase, CatalogError> {
        todo!()
    }
    pub async fn knowledge_bases(&self) -> Result<Vec<KnowledgeBase>, CatalogError> {
        todo!()
    }
    /// By id or by name.
    pub async fn knowledge_base(&self, id_or_name: &str) -> Result<KnowledgeBase, CatalogError> {
        todo!()
    }
    pub async fn change_knowledge_base(
        &self,
        id: KnowledgeBaseId,
        change: KnowledgeBaseChange,
    ) -> Result<KnowledgeBase, CatalogError> {
        todo!()
    }
    pub async fn delete_knowledge_base(&self, id: KnowledgeBaseId) -> Result<(), CatalogError> {
        todo!()
    }

    pub async fn add_document(
        &self,
        knowledge_base: KnowledgeBaseId,
        new: NewDocument,
    ) -> Result<Accepted, CatalogError> {
        todo!()
    }
    pub async fn documents(
        &self,
        knowledge_base: KnowledgeBaseId,
        query: DocumentQuery,
    ) -> Result<DocumentPage, CatalogError> {
        todo!()
    }
    pub async fn document(
        &self,
        knowledge_base: KnowledgeBaseId,
        id: DocumentId,
    ) -> Result<Document, CatalogError> {
        todo!()
    }
    pub async fn change_document(
        &self,
        knowledge_base: KnowledgeBaseId,
        id: DocumentId,
        change: DocumentChange,
    ) -> Result<Document, CatalogError> {
        todo!()
    }
    pub async fn delete_document(
        &self,
        knowledge_base: KnowledgeBaseId,
        id: DocumentId,
    ) -> Result<(), CatalogError> {
        todo!()
    }
    /// Versions of a document, newest first.
    pub async fn versions(
        &self,
        knowledge_base: KnowledgeBaseId,
        id: DocumentId,
    ) -> Result<Vec<Version>, CatalogError> {
        todo!()
    }
    pub async fn original(
        &self,
        knowledge_base: KnowledgeBaseId,
        id: DocumentId,
    ) -> Result<Original, CatalogError> {
        todo!()
    }
    /// Cleaned text of the visible version: characters `[start, end)`; `None` is all.
    pub async fn text(
        &self,
        knowledge_base: KnowledgeBaseId,
        id: DocumentId,
        characters: Option<(usize, usize)>,
    ) -> Result<String, CatalogError> {
        todo!()
    }
    /// Chunks of the visible version from an ordinal on.
    pub async fn chunks(
        &self,
        knowledge_base: KnowledgeBaseId,
        id: DocumentId,
        from: u32,
        limit: usize,
    ) -> Result<Vec<ChunkRecord>, CatalogError> {
        todo!()
    }
    /// Visible chunks by id, in the order asked; the others are left out.
    pub async fn chunks_by_id(&self, ids: Vec<ChunkId>) -> Result<Vec<ChunkRecord>, CatalogError> {
        todo!()
    }
    /// Documents that carry any of these tags.
    pub async fn documents_tagged(
        &self,
        knowledge_base: KnowledgeBaseId,
        tags: Vec<String>,
    ) -> Result<Vec<DocumentId>, CatalogError> {
        todo!()
    }
    /// Versions that the index may hold but nobody may see.
    pub async fn hidden_versions(
        &self,
        knowledge_base: KnowledgeBaseId,
    ) -> Result<Vec<VersionId>, CatalogError> {
        todo!()
    }
    pub async fn job(&self, id: JobId) -> Result<Job, CatalogError> {
        todo!()
    }
}
