//! Documents handed in from the command line: files, texts and web addresses.

use std::path::Path;

use wenyuan_ingest::PresetChoice;

use super::{App, build};
use crate::catalog::{Accepted, CatalogError, NewDocument, StoredBlob};
use crate::fetch::{FetchError, Fetcher};
use crate::model::{KnowledgeBaseId, Password};

/// What is said about a document that is handed in.
#[derive(Debug, Clone, Default)]
pub struct TakeOptions {
    /// Tags for it.
    pub tags: Vec<String>,
    /// How to cut it; `None` keeps what was asked for before, else finds out.
    pub preset: Option<PresetChoice>,
    /// Opens it, where it is protected.
    pub password: Option<Password>,
}

/// Why a web address was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// Nothing came from there.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// What came could not be kept.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
}

impl App {
    /// Copies a file into the data folder and queues it.
    pub async fn take_file(
        &self,
        knowledge_base: KnowledgeBaseId,
        path: &Path,
        name: &str,
        options: TakeOptions,
    ) -> Result<Accepted, CatalogError> {
        let new = |blob| NewDocument {
            tags: options.tags,
            preset: options.preset,
            password: options.password,
            ..NewDocument::new(name, blob)
        };
        self.take_as(knowledge_base, path, new).await
    }

    /// Copies a file into the data folder and queues it as whatever `new` says of its bytes.
    pub async fn take_as(
        &self,
        knowledge_base: KnowledgeBaseId,
        path: &Path,
        new: impl FnOnce(StoredBlob) -> NewDocument,
    ) -> Result<Accepted, CatalogError> {
        let unreadable = |error: std::io::Error| CatalogError::Invalid {
            field: "file",
            message: format!("{}: {error}", path.display()),
        };
        let turn = self.catalog.blobs().turn().await?;
        let mut file = tokio::fs::File::open(path).await.map_err(unreadable)?;
        let mut writer = self.catalog.blobs().begin(self.file_limit()).await?;
        let mut piece = vec![0; 256 * 1024];
        loop {
            let read = tokio::io::AsyncReadExt::read(&mut file, &mut piece)
                .await
                .map_err(unreadable)?;
            if read == 0 {
                break;
            }
            writer.write_piece(&piece[..read]).await?;
        }
        let new = new(writer.finish().await?);
        drop(turn);
        self.catalog.add_document(knowledge_base, new).await
    }

    /// Fetches a document from a web address into the data folder and queues it.
    pub async fn take_url(
        &self,
        knowledge_base: KnowledgeBaseId,
        url: &str,
        options: TakeOptions,
    ) -> Result<Accepted, TakeError> {
        let fetcher = Fetcher::new(build::fetch_settings(&self.config));
        let mut download = fetcher.open(url, self.file_limit()).await?;
        let mut writer = self.catalog.blobs().begin(self.file_limit()).await?;
        while let Some(piece) = download.next().await? {
            writer.write_piece(&piece).await?;
        }
        let new = NewDocument {
            source_url: Some(download.url().to_owned()),
            tags: options.tags,
            preset: options.preset,
            password: options.password,
            ..NewDocument::new(download.name(), writer.finish().await?)
        };
        Ok(self.catalog.add_document(knowledge_base, new).await?)
    }

    /// Stores a text as a document under a title of its own and queues it.
    pub async fn take_text(
        &self,
        knowledge_base: KnowledgeBaseId,
        name: &str,
        title: Option<String>,
        text: &str,
    ) -> Result<Accepted, CatalogError> {
        let limit = self.file_limit();
        let blob = self.catalog.blobs().store(text.as_bytes(), limit).await?;
        let new = NewDocument {
            title,
            ..NewDocument::new(name, blob)
        };
        self.catalog.add_document(knowledge_base, new).await
    }

    pub(super) fn file_limit(&self) -> u64 {
        self.config.server.max_file_mb.saturating_mul(1024 * 1024)
    }
}
