//! The exact index in memory: what the others are tested against, and the twin for tests without a disk.

use std::collections::{BTreeMap, HashMap};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use async_trait::async_trait;
use uuid::Uuid;
use wenyuan_ingest::{ChunkSink, Point, SinkError, SparseVector};

use super::check::{Shape, check_terms};
use super::{
    Effort, Filter, KeptSentences, QueryVector, ScoredChunk, StoreError, StoreQuery, VectorStore,
    rank,
};
use crate::model::ChunkId;

/// Points in a sorted map, every search a full scan. Nothing survives the process.
#[derive(Debug)]
pub struct MemoryStore {
    shape: Shape,
    points: RwLock<BTreeMap<Uuid, Point>>,
}

impl MemoryStore {
    /// An empty index of vectors of this length.
    #[must_use]
    pub fn new(dimension: usize) -> Self {
        Self {
            shape: Shape { dimension },
            points: RwLock::default(),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<Uuid, Point>> {
        self.points.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<Uuid, Point>> {
        self.points.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, query: &StoreQuery) -> Result<Vec<ScoredChunk>, StoreError> {
        let Some(filter) = self.shape.settle(query)? else {
            return Ok(Vec::new());
        };
        let points = self.read();
        let weights = match &query.vector {
            QueryVector::Lexical(terms) => weigh(terms, &points),
            QueryVector::Passage(_) | QueryVector::BestSentence(_) => HashMap::new(),
        };
        let passing = points
            .values()
            .filter(|point| filter.passes(ChunkId(point.id), &point.payload));
        let mut hits: Vec<_> = passing
            .filter_map(|point| {
                let score = score(&query.vector, &weights, point)?;
                Some(ScoredChunk {
                    id: ChunkId(point.id),
                    score,
                })
            })
            .collect();
        rank(&mut hits, query.limit);
        Ok(hits)
    }
}

/// Question weight × IDF of every term, with the IDF that Qdrant computes.
fn weigh(terms: &SparseVector, points: &BTreeMap<Uuid, Point>) -> HashMap<u32, f32> {
    let total = points
        .values()
        .filter(|point| !point.bm25.indices.is_empty())
        .count() as f32;
    let with_term = |term: &u32| {
        let holds = |point: &&Point| point.bm25.indices.binary_search(term).is_ok();
        points.values().filter(holds).count() as f32
    };
    let weigh = |(term, weight): (&u32, &f32)| {
        let count = with_term(term);
        let idf = ((total - count + 0.5) / (count + 0.5)).ln_1p();
        (*term, weight * idf)
    };
    terms.indices.iter().zip(&terms.values).map(weigh).collect()
}

fn score(wanted: &QueryVector, weights: &HashMap<u32, f32>, point: &Point) -> Option<f32> {
    match wanted {
        QueryVector::Passage(vector) => Some(cosine(vector, &point.dense)),
        QueryVector::BestSentence(vector) => point
            .sentences
            .iter()
            .map(|sentence| cosine(vector, sentence))
            .max_by(f32::total_cmp),
        QueryVector::Lexical(_) => {
            let terms = point.bm25.indices.iter().zip(&point.bm25.values);
            let score: f32 = terms
                .filter_map(|(term, value)| weights.get(term).map(|weight| weight * value))
                .sum();
            (score > 0.0).then_some(score)
        }
    }
}

fn cosine(left: &[f32], right: &[f32]) -> f32 {
    let dot = |left: &[f32], right: &[f32]| -> f32 {
        left.iter()
            .zip(right)
            .map(|(left, right)| left * right)
            .sum()
    };
    let norm = (dot(left, left) * dot(right, right)).sqrt();
    if norm == 0.0 {
        0.0
    } else {
        dot(left, right) / norm
    }
}

#[async_trait]
impl ChunkSink for MemoryStore {
    async fn upsert(&self, points: Vec<Point>) -> Result<(), SinkError> {
        self.shape.check_points(&points)?;
        self.write()
            .extend(points.into_iter().map(|point| (point.id, point)));
        Ok(())
    }

    async fn flush(&self) -> Result<(), SinkError> {
        Ok(())
    }

    async fn remove_version(&self, version: Uuid) -> Result<(), SinkError> {
        self.write()
            .retain(|_, point| point.payload.version != version);
        Ok(())
    }
}

#[async_trait]
impl VectorStore for MemoryStore {
    async fn query_batch(
        &self,
        queries: Vec<StoreQuery>,
    ) -> Result<Vec<Vec<ScoredChunk>>, StoreError> {
        queries.iter().map(|query| self.answer(query)).collect()
    }

    async fn count(&self, filter: &Filter) -> Result<usize, StoreError> {
        let Some(filter) = filter.settle()? else {
            return Ok(0);
        };
        let points = self.read();
        Ok(points
            .values()
            .filter(|point| filter.passes(ChunkId(point.id), &point.payload))
            .count())
    }

    async fn ids(
        &self,
        filter: &Filter,
        after: Option<ChunkId>,
        limit: usize,
    ) -> Result<Vec<ChunkId>, StoreError> {
        let Some(filter) = filter.settle()? else {
            return Ok(Vec::new());
        };
        let points = self.read();
        let passing = points
            .values()
            .map(|point| (ChunkId(point.id), &point.payload))
            .filter(|(id, payload)| {
                after.is_none_or(|after| *id > after) && filter.passes(*id, payload)
            });
        Ok(passing.map(|(id, _)| id).take(limit).collect())
    }

    async fn sentences(
        &self,
        ids: &[ChunkId],
        with_vectors: bool,
    ) -> Result<Vec<KeptSentences>, StoreError> {
        let points = self.read();
        let kept = ids.iter().filter_map(|id| {
            let point = points.get(&id.0)?;
            let vectors = with_vectors.then(|| point.sentences.clone());
            KeptSentences::checked(*id, &point.payload.sentence_marks, vectors)
        });
        Ok(kept.collect())
    }

    async fn replace_terms(&self, terms: Vec<(ChunkId, SparseVector)>) -> Result<(), StoreError> {
        let terms = check_terms(terms)?;
        let mut points = self.write();
        for (id, terms) in terms {
            if let Some(point) = points.get_mut(&id.0) {
                point.bm25 = terms;
            }
        }
        Ok(())
    }

    async fn remove(&self, filter: &Filter) -> Result<(), StoreError> {
        if let Some(filter) = filter.settle()? {
            self.write()
                .retain(|id, point| !filter.passes(ChunkId(*id), &point.payload));
        }
        Ok(())
    }

    async fn optimize(&self, _effort: Effort) -> Result<(), StoreError> {
        Ok(())
    }

    async fn check(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
