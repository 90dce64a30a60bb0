//! Composition root: opens everything in the right order. The only place that names concrete backends.

use std::sync::Arc;

use wenyuan_ingest::{Embedder, Lexicon};

use crate::answer::Answerer;
use crate::catalog::{Catalog, CatalogError, DataFolder, KnowledgeBase, NewKnowledgeBase};
use crate::config::{Config, ConfigError};
use crate::generate::Generator;
use crate::jobs::{CollectionOpener as _, EmbedderError, IngestError, Ingestor, IngestorSettings};
use crate::models::{ModelError, ModelStore};
use crate::retrieve::Retriever;
use crate::store::{Embedding, Live, StoreError};

mod build;
mod collections;
mod reranking;
mod serving;
mod taking;

use collections::Opener;

pub use build::{model_store, parse_limits};
pub use reranking::{
    MeasuredRerankers, RerankerMeasurement, RerankingStatus, reranker_to_try, reranking_status,
};
pub use taking::{TakeError, TakeOptions};

/// Opening replays logs into memory-mapped files, which a full disk would end with the whole process.
const LEAST_FREE_BYTES: u64 = 32 << 20;

/// Which parts a command needs. What it does not need is not loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// The language model. A missing one is no hindrance: answers are then quotes.
    pub model: bool,
    /// That only if it is trusted to write: nothing else than its own words is wanted.
    pub trusted_only: bool,
    /// The reranking model, where one is active.
    pub reranker: bool,
}

impl Parts {
    /// Everything.
    pub const ALL: Self = Self {
        model: true,
        trusted_only: false,
        reranker: true,
    };
    /// Ingestion and search.
    pub const WITHOUT_MODEL: Self = Self {
        model: false,
        trusted_only: false,
        reranker: true,
    };
    /// Ingestion, and searches in the order that they have without a reranking model.
    pub const INDEX_ONLY: Self = Self {
        model: false,
        trusted_only: false,
        reranker: false,
    };
    /// The same with a language model, if it is one that is trusted to write.
    pub const TRUSTED_MODEL: Self = Self {
        model: true,
        trusted_only: true,
        reranker: false,
    };
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
    /// The index was made with an embedder that is not there.
    #[error(
        "{reason}; or build another index from the texts that are there: `wenyuan reindex --embedder {instead}`"
    )]
    EmbedderLost {
        /// Why it cannot be had.
        reason: EmbedderError,
        /// An embedder that could take its place.
        instead: String,
    },
    /// The worker cannot begin.
    #[error(transparent)]
    Ingest(#[from] IngestError),
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
            embedder: build::load_embedder(config, models.embedder()?).await?,
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
    /// The collection that is searched, with its embedder.
    pub live: Live,
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
    ///
    /// # Errors
    /// [`AppError::EmbedderLost`] if the index was made with an embedder that is not installed.
    pub async fn open(config: Config, parts: Parts) -> Result<Self, AppError> {
        Self::open_for(config, parts, None).await
    }

    /// The same; but where the index's embedder is lost, an empty index for this one takes its place, and is filled from
    /// the texts in the background.
    pub async fn open_replacing(
        config: Config,
        parts: Parts,
        embedder: &str,
    ) -> Result<Self, AppError> {
        Self::open_for(config, parts, Some(embedder)).await
    }

    async fn open_for(
        config: Config,
        parts: Parts,
        replacement: Option<&str>,
    ) -> Result<Self, AppError> {
        let folder = DataFolder::lock(&config.data.dir)?;
        folder.require_space(LEAST_FREE_BYTES)?;
        let models = build::model_store(&config)?;
        // Its tables take a moment to load; whoever needs them first waits for the rest.
        tokio::task::spawn_blocking(|| drop(Lexicon::shared().terms("")));
        let ((catalog, opener, live), generator, cross) = tokio::try_join!(
            index(&config, &models, folder, replacement),
            build::generator(&config, &models, parts),
            reranking::cross_encoding(&config, &models, parts),
        )?;
        let settings = build::ingestor_settings(&config, &models)?;
        let ingestor =
            Ingestor::start(catalog.clone(), live.clone(), Arc::new(opener), settings).await?;
        let mut retriever = Retriever::new(live.clone(), Arc::new(catalog.clone()));
        if let Some(cross) = cross {
            retriever = retriever.with_cross_encoder(cross);
        }
        let answerer = Answerer::new(retriever.clone(), generator.clone());
        Ok(Self {
            config,
            catalog,
            live,
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
                };
                self.catalog.create_knowledge_base(new).await
            }
            found => found,
        }
    }

    /// Stops the worker; what it was doing goes on at the next start.
    pub async fn close(self) {
        self.ingestor.stop().await;
        if let Err(error) = self.ingestor.flush().await {
            tracing::warn!(%error, "the index was not flushed; it replays its log at the next start");
        }
    }
}

/// Opens the catalog, and the collection that it says is searched with its embedder.
async fn index(
    config: &Config,
    models: &ModelStore,
    folder: DataFolder,
    replacement: Option<&str>,
) -> Result<(Catalog, Opener, Live), AppError> {
    let catalog = Catalog::open(folder).await?;
    let opener = Opener::new(config, models, &catalog)?;
    if let Some(name) = replacement {
        opener.replace_lost(&catalog, name).await?;
    }
    let embedder = opener.first(&catalog).await?;
    let store = opener.open(&Embedding::of(&*embedder)).await?;
    Ok((catalog, opener, Live::new(embedder, store)))
}
