//! Compares the index with the catalog, chunk by chunk, for `doctor`.

use serde::Serialize;

use crate::catalog::Catalog;
use crate::model::ChunkId;
use crate::store::{Filter, VectorStore};

use super::IngestError;

const STEP: usize = 5_000;
const SHOWN: usize = 20;

/// Where index and catalog differ.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// Chunks that the catalog says are searchable.
    pub catalog_chunks: u64,
    /// Chunks in the index, without those of versions known to be hidden.
    pub index_chunks: u64,
    /// Chunks that searches cannot find.
    pub missing: u64,
    /// Some of them.
    pub missing_examples: Vec<ChunkId>,
    /// Chunks in the index that the catalog does not know.
    pub unknown: u64,
    /// Some of them.
    pub unknown_examples: Vec<ChunkId>,
}

impl VerifyReport {
    /// Whether index and catalog agree.
    #[must_use]
    pub const fn agrees(&self) -> bool {
        self.missing == 0 && self.unknown == 0
    }

    fn count(&mut self, difference: &Difference) {
        let in_catalog = !matches!(difference, Difference::Unknown(_));
        let in_index = !matches!(difference, Difference::Missing(_));
        self.catalog_chunks += u64::from(in_catalog);
        self.index_chunks += u64::from(in_index);
        let (total, examples, id) = match difference {
            Difference::None => return,
            Difference::Missing(id) => (&mut self.missing, &mut self.missing_examples, *id),
            Difference::Unknown(id) => (&mut self.unknown, &mut self.unknown_examples, *id),
        };
        *total += 1;
        if examples.len() < SHOWN {
            examples.push(id);
        }
    }
}

/// One chunk in the comparison.
pub(super) enum Difference {
    /// In both.
    None,
    /// Only in the catalog.
    Missing(ChunkId),
    /// Only in the index.
    Unknown(ChunkId),
}

/// Compares the whole index with the whole catalog. While documents come and go a few differences are normal.
pub async fn verify(
    catalog: &Catalog,
    store: &dyn VectorStore,
) -> Result<VerifyReport, IngestError> {
    let mut report = VerifyReport::default();
    compare(catalog, store, |difference| report.count(&difference)).await?;
    Ok(report)
}

/// Walks through both in the order of ids.
pub(super) async fn compare(
    catalog: &Catalog,
    store: &dyn VectorStore,
    mut tell: impl FnMut(Difference),
) -> Result<(), IngestError> {
    let filter = Filter::default().without_versions(&catalog.every_hidden_version().await?);
    let mut expected = Ids::default();
    let mut found = Ids::default();
    loop {
        if expected.wants_more() {
            expected.add(catalog.chunk_ids(expected.last, STEP).await?);
        }
        if found.wants_more() {
            found.add(store.ids(&filter, found.last, STEP).await?);
        }
        match (expected.peek(), found.peek()) {
            (None, None) => return Ok(()),
            (Some(id), other) if other.is_none_or(|other| id < other) => {
                tell(Difference::Missing(id));
                expected.next();
            }
            (other, Some(id)) if other.is_none_or(|other| id < other) => {
                tell(Difference::Unknown(id));
                found.next();
            }
            _ => {
                tell(Difference::None);
                expected.next();
                found.next();
            }
        }
    }
}

/// A page of ids, and where the next begins.
#[derive(Default)]
struct Ids {
    page: std::collections::VecDeque<ChunkId>,
    last: Option<ChunkId>,
    at_end: bool,
}

impl Ids {
    fn wants_more(&self) -> bool {
        self.page.is_empty() && !self.at_end
    }

    fn add(&mut self, page: Vec<ChunkId>) {
        self.at_end = page.len() < STEP;
        self.last = page.last().copied().or(self.last);
        self.page = page.into();
    }

    fn peek(&self) -> Option<ChunkId> {
        self.page.front().copied()
    }

    fn next(&mut self) {
        self.page.pop_front();
    }
}
