//! The index as others see it: which embedder's collection is searched, which one is filled beside it, and the few things
//! that a person can do about that.

use jiff::Timestamp;
use serde::Serialize;

use super::fill_meter::FillStatus;
use super::opener::{IndexChangeError, Installed};
use super::{IngestError, Ingestor};
use crate::catalog::{CatalogError, CollectionState, StoredCollection};
use crate::store::model_of;

/// A collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CollectionStatus {
    /// Name of the embedder.
    pub model: String,
    /// Fingerprint of the embedder.
    pub fingerprint: String,
    /// Length of its vectors.
    pub dimension: usize,
    /// Whether it has held every visible document at some time.
    pub complete: bool,
    /// When it was begun.
    pub created_at: Timestamp,
}

impl From<StoredCollection> for CollectionStatus {
    fn from(stored: StoredCollection) -> Self {
        Self {
            model: model_of(&stored.fingerprint).to_owned(),
            fingerprint: stored.fingerprint,
            dimension: stored.dimension,
            complete: stored.complete,
            created_at: stored.created_at,
        }
    }
}

/// How the index stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IndexStatus {
    /// The collection that is searched.
    pub active: Option<CollectionStatus>,
    /// The one beside it: filled for a switch, or kept up to date for the way back.
    pub other: Option<CollectionStatus>,
    /// How far the one is that is filled: the other one, or the active one where its predecessor was lost.
    pub filling: Option<FillStatus>,
    /// Whether searches could go to the other one now.
    pub ready: bool,
    /// Embedders that are installed.
    pub embedders: Vec<Installed>,
}

impl IndexStatus {
    /// The embedder that a person chose, where that is neither in use nor on its way.
    #[must_use]
    pub fn unheeded_choice(&self) -> Option<&Installed> {
        let known = [&self.active, &self.other];
        let is_known = |one: &Installed| {
            let mut all = known.iter().filter_map(|known| known.as_ref());
            all.any(|known| known.fingerprint == one.fingerprint)
        };
        let mut chosen = self.embedders.iter().filter(|one| one.chosen);
        chosen.find(|one| !is_known(one))
    }
}

impl Ingestor {
    /// How the index stands.
    pub async fn index_status(&self) -> Result<IndexStatus, CatalogError> {
        let (catalog, collections) = (&self.worker().catalog, &self.worker().collections);
        let mut stored = catalog.collections().await?;
        let mut take = |state| {
            let place = stored.iter().position(|one| one.state == state)?;
            Some(CollectionStatus::from(stored.swap_remove(place)))
        };
        let active = take(CollectionState::Active);
        let other = take(CollectionState::Other);
        let incomplete = active.as_ref().is_some_and(|active| !active.complete);
        let filling = if other.is_some() || incomplete {
            Some(collections.meter.status(catalog.filled().await?))
        } else {
            None
        };
        let whole = filling
            .as_ref()
            .is_some_and(|one| one.filled.missing() == 0);
        Ok(IndexStatus {
            ready: other.is_some() && whole,
            active,
            other,
            filling,
            embedders: collections.installed().await,
        })
    }

    /// Begins to build an index for another embedder in the background, from the texts that are there; searches go on
    /// with the one in use. Beginning the same one again changes nothing.
    pub async fn begin_index(&self, embedder: &str) -> Result<(), IndexChangeError> {
        self.worker().collections.begin(embedder).await
    }

    /// Searches go to the index of this embedder from now on, and new documents too. The one before is kept up to date,
    /// so that the same call with its name goes back, and loses no document.
    ///
    /// # Errors
    /// `index_not_ready` while documents are missing there; `no_other_index`.
    pub async fn switch_index(&self, embedder: &str) -> Result<(), IndexChangeError> {
        self.worker().collections.switch(embedder).await
    }

    /// Gives up the index beside the one in use, whether it is complete or not, with its data.
    ///
    /// # Errors
    /// `no_other_index`.
    pub async fn drop_index(&self) -> Result<(), IndexChangeError> {
        self.worker().collections.drop_other().await
    }

    /// The index beside the one in use with its embedder, to be searched for a comparison.
    ///
    /// # Errors
    /// `no_other_index`; `index_not_ready` while documents are missing there.
    pub async fn other_index(&self) -> Result<crate::store::Live, IndexChangeError> {
        let collections = &self.worker().collections;
        let other = collections.other().ok_or_else(|| CatalogError::Conflict {
            code: "no_other_index",
            message: "there is no index beside the one in use".to_owned(),
        })?;
        let missing = self.worker().catalog.filled().await?.missing();
        if missing > 0 {
            return Err(IndexChangeError::Incomplete { missing });
        }
        let embedder = collections.embedder_of(&other).await?;
        Ok(crate::store::Live::new(embedder, other.store))
    }

    /// Syncs every open index.
    pub async fn flush(&self) -> Result<(), IngestError> {
        for collection in self.worker().collections.all() {
            collection.store.flush().await?;
        }
        Ok(())
    }
}
