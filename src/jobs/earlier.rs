//! What a new version of a document has in common with the one that it replaces need not be embedded again.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use wenyuan_ingest::{KnownVectors, TextMark};

use super::IngestError;
use crate::catalog::{Catalog, Lease};
use crate::model::ChunkId;
use crate::store::VectorStore;

/// Chunks whose marks are read at once: some hundred bytes each.
const MARKS_AT_ONCE: u32 = 1_000;
/// Chunks whose vectors are read at once: up to 64 KB each.
const VECTORS_AT_ONCE: usize = 64;
/// Sentences that are looked up at most; a place takes 26 bytes.
const MOST_SENTENCES: usize = 1_000_000;

/// The sentences of the visible version, by their marks. Their vectors stay in the index until they are wanted.
///
/// An index holds vectors of one embedder only, and a mark stands for the whole text that was embedded, so that a
/// vector found is the one that embedding would give again.
pub(super) struct Earlier {
    store: Arc<dyn VectorStore>,
    places: HashMap<TextMark, (ChunkId, u16)>,
}

impl std::fmt::Debug for Earlier {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Earlier")
            .field("sentences", &self.places.len())
            .finish_non_exhaustive()
    }
}

impl Earlier {
    /// What the index knows of the version that the lease's would replace; nothing where that cannot be read.
    pub(super) async fn of(catalog: &Catalog, store: &Arc<dyn VectorStore>, lease: &Lease) -> Self {
        let mut earlier = Self {
            store: Arc::clone(store),
            places: HashMap::new(),
        };
        if let Err(error) = earlier.look_up(catalog, lease).await {
            tracing::warn!(document.id = %lease.document, %error, "everything is embedded anew");
        }
        earlier
    }

    async fn look_up(&mut self, catalog: &Catalog, lease: &Lease) -> Result<(), IngestError> {
        let Some((version, chunks)) = catalog.replaced_by(lease).await? else {
            return Ok(());
        };
        let mut from = 0;
        while from < chunks && self.places.len() < MOST_SENTENCES {
            let to = chunks.min(from + MARKS_AT_ONCE);
            let ids: Vec<_> = (from..to)
                .map(|ordinal| ChunkId::derive(version, ordinal))
                .collect();
            for kept in self.store.sentences(&ids, false).await? {
                let places = kept.marks.into_iter().zip(0_u16..);
                self.places
                    .extend(places.map(|(mark, position)| (mark, (kept.id, position))));
            }
            from = to;
        }
        Ok(())
    }
}

#[async_trait]
impl KnownVectors for Earlier {
    async fn find(&self, texts: &[TextMark]) -> HashMap<TextMark, Vec<f32>> {
        let mut wanted: HashMap<ChunkId, Vec<(TextMark, u16)>> = HashMap::new();
        for mark in texts {
            if let Some((chunk, position)) = self.places.get(mark) {
                wanted.entry(*chunk).or_default().push((*mark, *position));
            }
        }
        let ids: Vec<ChunkId> = wanted.keys().copied().collect();
        let mut found = HashMap::new();
        for ids in ids.chunks(VECTORS_AT_ONCE) {
            let kept = match self.store.sentences(ids, true).await {
                Ok(kept) => kept,
                Err(error) => {
                    tracing::warn!(%error, "vectors could not be read and are computed again");
                    return found;
                }
            };
            for mut kept in kept {
                for (mark, position) in wanted.remove(&kept.id).unwrap_or_default() {
                    let position = usize::from(position);
                    if kept.marks.get(position) == Some(&mark)
                        && let Some(vector) = kept.vectors.get_mut(position)
                    {
                        found.insert(mark, std::mem::take(vector));
                    }
                }
            }
        }
        found
    }
}
