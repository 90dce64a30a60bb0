//! Embedders from the models folder and their collections, and which of them a data folder begins with.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use wenyuan_ingest::Embedder;

use super::AppError;
use super::build::{blocking, load_embedder};
use crate::catalog::{Catalog, CollectionState};
use crate::config::{Config, IndexBackend};
use crate::jobs::{CollectionOpener, EmbedderError, Installed};
use crate::models::{EmbedderFiles, ModelStore};
use crate::store::{
    EdgeStore, Embedding, QdrantSettings, QdrantStore, StoreError, VectorStore, model_of,
};

/// Opens collections where the settings say, one for each embedder: vectors of different models never meet.
pub(super) struct Opener {
    config: Config,
    models: ModelStore,
    /// Collections of this process.
    folder: PathBuf,
}

impl Opener {
    pub(super) fn new(
        config: &Config,
        models: &ModelStore,
        catalog: &Catalog,
    ) -> Result<Self, AppError> {
        Ok(Self {
            config: config.clone(),
            models: models.clone(),
            folder: catalog.folder().sub_folder("index")?,
        })
    }

    fn server(&self, embedding: &Embedding) -> QdrantSettings {
        QdrantSettings {
            url: self.config.index.url.clone(),
            api_key: self.config.index.api_key.clone(),
            collection: collection_name(&embedding.fingerprint),
            embedding: embedding.clone(),
            shards: Some(self.config.index.shards),
            replicas: Some(self.config.index.replicas),
            timeout: Duration::from_secs(60),
        }
    }

    /// The embedder of this name, if it is the one with this fingerprint.
    fn files(&self, fingerprint: &str) -> Result<EmbedderFiles, EmbedderError> {
        let model = model_of(fingerprint).to_owned();
        let missing = EmbedderError::NotInstalled {
            model: model.clone(),
        };
        let files = self
            .models
            .embedder_named(&model)
            .map_err(|_error| missing)?;
        let found = files.fingerprint();
        if found == fingerprint {
            return Ok(files);
        }
        Err(EmbedderError::Mismatch {
            collection: fingerprint.to_owned(),
            embedder: found,
        })
    }

    /// The embedder that the data folder's index was made with; for a folder without anything in its index, the one in
    /// use for new ones.
    ///
    /// # Errors
    /// [`AppError::EmbedderLost`] if the index was made with one that is not there.
    pub(super) async fn first(&self, catalog: &Catalog) -> Result<Arc<dyn Embedder>, AppError> {
        load_embedder(&self.config, self.wanted(catalog).await?).await
    }

    async fn wanted(&self, catalog: &Catalog) -> Result<EmbedderFiles, AppError> {
        let active = catalog.collections().await?;
        let active = active
            .into_iter()
            .find(|one| one.state == CollectionState::Active);
        let usual = self.models.embedder();
        let Some(active) = active else {
            return Ok(usual?);
        };
        if let Ok(files) = &usual
            && files.fingerprint() == active.fingerprint
        {
            return Ok(usual?);
        }
        if !catalog.is_indexed().await? {
            return Ok(usual?);
        }
        match self.files(&active.fingerprint) {
            Ok(files) => Ok(files),
            Err(reason) => Err(AppError::EmbedderLost {
                reason,
                instead: usual.map_or_else(|_none| "NAME".to_owned(), |files| files.name),
            }),
        }
    }

    /// If the embedder that the index was made with is lost, an index for this one takes its place at once, to be filled
    /// from the texts.
    pub(super) async fn replace_lost(&self, catalog: &Catalog, name: &str) -> Result<(), AppError> {
        if !matches!(
            self.wanted(catalog).await,
            Err(AppError::EmbedderLost { .. })
        ) {
            return Ok(());
        }
        let files = self.models.embedder_named(name)?;
        let embedding = Embedding::new(files.fingerprint(), files.traits.dimension);
        let collections = catalog.collections().await?;
        let is_kept = collections.iter().any(|one| {
            one.state == CollectionState::Other && one.fingerprint == embedding.fingerprint
        });
        if !is_kept {
            self.remove(&embedding).await?;
        }
        catalog
            .replace_collection(&embedding.fingerprint, embedding.dimension)
            .await?;
        Ok(())
    }
}

#[async_trait]
impl CollectionOpener for Opener {
    async fn installed(&self) -> Vec<Installed> {
        let models = self.models.clone();
        let looking = tokio::task::spawn_blocking(move || {
            let chosen = models.chosen_embedder();
            let installed = models.embedders().into_iter().map(|files| Installed {
                fingerprint: files.fingerprint(),
                dimension: files.traits.dimension,
                chosen: chosen.as_ref() == Some(&files.name),
                model: files.name,
            });
            installed.collect()
        });
        looking.await.unwrap_or_default()
    }

    async fn embedder(&self, fingerprint: &str) -> Result<Arc<dyn Embedder>, EmbedderError> {
        let loading = load_embedder(&self.config, self.files(fingerprint)?);
        loading.await.map_err(|error| EmbedderError::Broken {
            model: model_of(fingerprint).to_owned(),
            reason: error.to_string(),
        })
    }

    async fn open(&self, embedding: &Embedding) -> Result<Arc<dyn VectorStore>, StoreError> {
        match self.config.index.backend {
            IndexBackend::Edge => {
                let folder = self.folder.join(collection_name(&embedding.fingerprint));
                let embedding = embedding.clone();
                let opening = move || EdgeStore::open(&folder, &embedding);
                let store = blocking("open the index", opening).await;
                Ok(Arc::new(store.map_err(broken_down)??))
            }
            IndexBackend::Qdrant => Ok(Arc::new(
                QdrantStore::connect(self.server(embedding)).await?,
            )),
        }
    }

    async fn remove(&self, embedding: &Embedding) -> Result<(), StoreError> {
        match self.config.index.backend {
            IndexBackend::Edge => {
                let folder = self.folder.join(collection_name(&embedding.fingerprint));
                let removing = move || EdgeStore::remove(&folder);
                blocking("remove an index", removing)
                    .await
                    .map_err(broken_down)?
            }
            IndexBackend::Qdrant => QdrantStore::remove(&self.server(embedding)).await,
        }
    }
}

fn broken_down(error: impl std::fmt::Display) -> StoreError {
    StoreError::Unavailable(error.to_string())
}

fn collection_name(fingerprint: &str) -> String {
    let hash = blake3::hash(fingerprint.as_bytes()).to_hex();
    format!("wenyuan-{}", &hash[..16])
}
