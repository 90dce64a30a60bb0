//! Composition root: opens everything in the right order. The only place that names concrete backends.

use std::path::Path;
use std::sync::Arc;

use wenyuan_ingest::{Embedder, Lexicon, PresetChoice};

use crate::answer::Answerer;
use crate::catalog::{
    Accepted, Catalog, CatalogError, DataFolder, KnowledgeBase, NewDocument, NewKnowledgeBase,
};
use crate::config::{Config, ConfigError};
use crate::generate::Generator;
use crate::jobs::{Ingestor, IngestorSettings};
use crate::model::KnowledgeBaseId;
use crate::models::ModelError;
use crate::retrieve::Retriever;
use crate::store::{StoreError, VectorStore};

mod build;
mod serving;

pub use build::model_store;

/// Opening replays logs into memory-mapped files, which a full disk would end with the whole process.
const LEAST_FREE_BYTES: u64 = 32 << 20;

/// Which parts a command needs. What it does not need is not loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// The language model. A missing one is no hindrance: answers are then quotes.
    pub model: bool,
}

impl Parts {
    /// Everything.
    pub const ALL: Self = Self { model: true };
    /// Ingestion and search.
    pub const WITHOUT_MODEL: Self = Self { model: false };
}

/// Why the program cannot work; every message names what to do.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The settings are wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The data folder cannot be used.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// A model is missing or damaged.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The index cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something of the system's.
    #[error("{action}: {source}")]
    System {
        /// What was being done.
        action: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
}

/// What cutting a file takes, without data folder, index or language model.
pub struct Preview {
    /// Counts tokens.
    pub embedder: Arc<dyn Embedder>,
    /// How files are read and cut.
    pub settings: IngestorSettings,
}

impl Preview {
    /// Loads the embedder.
    pub async fn open(config: &Config) -> Result<Self, AppError> {
        let models = build::model_store(config)?;
        Ok(Self {
            embedder: build::embedder(config, &models).await?,
            settings: build::ingestor_settings(config, &models)?,
        })
    }
}

/// The opened product.
pub struct App {
    /// The settings.
    pub config: Config,
    /// Knowledge bases, documents, texts.
    pub catalog: Catalog,
    /// The vector index.
    pub store: Arc<dyn VectorStore>,
    /// The embedder.
    pub embedder: Arc<dyn Embedder>,
    /// The language model, where one is loaded.
    pub generator: Option<Arc<dyn Generator>>,
    /// The ingestion worker.
    pub ingestor: Ingestor,
    /// Finds passages.
    pub retriever: Retriever,
    /// Answers questions.
    pub answerer: Answerer,
}

impl App {
    /// Locks the data folder, checks and loads the models, opens the index and starts the worker, which first takes
    /// over what an earlier process left.
    pub async fn open(config: Config, parts: Parts) -> Result<Self, AppError> {
        let folder = DataFolder::lock(&config.data.dir)?;
        folder.require_space(LEAST_FREE_BYTES)?;
        let models = build::model_store(&config)?;
        // Its tables take a moment to load; whoever needs them first waits for the rest.
        tokio::task::spawn_blocking(|| drop(Lexicon::shared().terms("")));
        let (embedder, generator, catalog) = tokio::try_join!(
            build::embedder(&config, &models),
            build::generator(&config, &models, parts),
            async { Ok(Catalog::open(folder).await?) },
        )?;
        let store = build::store(&config, &catalog, embedder.as_ref()).await?;
        let settings = build::ingestor_settings(&config, &models)?;
        let ingestor = Ingestor::start(
            catalog.clone(),
            Arc::clone(&embedder),
            Arc::clone(&store),
            settings,
        )
        .await?;
        let retriever = Retriever::new(
            Arc::clone(&store),
            Arc::clone(&embedder),
            Arc::new(catalog.clone()),
        );
        let answerer = Answerer::new(retriever.clone(), Arc::clone(&embedder), generator.clone());
        Ok(Self {
            config,
            catalog,
            store,
            embedder,
            generator,
            ingestor,
            retriever,
            answerer,
        })
    }

    /// The knowledge base of that name, made if it is not there.
    pub async fn ensure_knowledge_base(&self, name: &str) -> Result<KnowledgeBase, CatalogError> {
        match self.catalog.knowledge_base(name).await {
            Err(CatalogError::NotFound { .. }) => {
                let new = NewKnowledgeBase {
                    name: name.to_owned(),
                    description: String::new(),
                    embedder: self.embedder.fingerprint().to_owned(),
                };
                self.catalog.create_knowledge_base(new).await
            }
            found => found,
        }
    }

    /// Copies a file into the data folder and queues it, to be cut as `preset` says.
    pub async fn take_file(
        &self,
        knowledge_base: KnowledgeBaseId,
        path: &Path,
        name: &str,
        preset: Option<PresetChoice>,
    ) -> Result<Accepted, CatalogError> {
        let unreadable = |error: std::io::Error| CatalogError::Invalid {
            field: "file",
            message: format!("{}: {error}", path.display()),
        };
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
        let blob = writer.finish().await?;
        self.add(
            knowledge_base,
            NewDocument {
                name: name.to_owned(),
                title: None,
                blob,
                tags: Vec::new(),
                preset,
            },
        )
        .await
    }

    /// Stores a text as a document under a title of its own and queues it.
    pub async fn take_text(
        &self,
        knowledge_base: KnowledgeBaseId,
        name: &str,
        title: Option<String>,
        text: &str,
    ) -> Result<Accepted, CatalogError> {
        let blob = self
            .catalog
            .blobs()
            .store(text.as_bytes(), self.file_limit())
            .await?;
        self.add(
            knowledge_base,
            NewDocument {
                name: name.to_owned(),
                title,
                blob,
                tags: Vec::new(),
                preset: None,
            },
        )
        .await
    }

    async fn add(
        &self,
        knowledge_base: KnowledgeBaseId,
        new: NewDocument,
    ) -> Result<Accepted, CatalogError> {
        let accepted = self.catalog.add_document(knowledge_base, new).await?;
        Ok(accepted)
    }

    fn file_limit(&self) -> u64 {
        self.config.server.max_file_mb.saturating_mul(1024 * 1024)
    }

    /// Stops the worker; what it was doing goes on at the next start.
    pub async fn close(self) {
        self.ingestor.stop().await;
        if let Err(error) = self.store.flush().await {
            tracing::warn!(%error, "the index was not flushed; it replays its log at the next start");
        }
    }
}
