//! qdrant-edge as the index: no service to run, one process at a time, everything in one folder.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use qdrant_edge as edge;
use serde_json::Value;
use uuid::Uuid;
use wenyuan_ingest::{ChunkSink, Point, SinkError, SparseVector};

use super::edge_care::{self, Bounds};
use super::edge_folder::lock;
use super::edge_shard::{OpenShard, explain, unavailable};
use super::{BM25, DENSE, POINTS_PER_WRITE, SENTENCES, oversampling};

use super::{
    candidates, edge_filter, edge_terms, edge_wide, next_page, payload, vector_name, weighted,
};
use crate::model::ChunkId;
use crate::store::check::{Shape, check_terms};
use crate::store::{
    Condition, Effort, Embedding, Field, Filter, KeptSentences, QueryVector, ScoredChunk,
    StoreError, StoreQuery, VectorStore, rank,
};

/// An index in a folder of this machine.
///
/// Clones of the handle are not needed: every method takes `&self`, runs on tokio's blocking threads, and leaves the
/// runtime free. Lexical IDF is that of the whole collection.
#[derive(Debug)]
pub struct EdgeStore {
    open: Arc<OpenShard>,
    shape: Shape,
    bounds: Bounds,
    optimizing: Arc<tokio::sync::Mutex<()>>,
}

impl EdgeStore {
    /// Opens the index in `folder`, or makes one for vectors of this kind. Writes that a crash interrupted are
    /// replayed. Blocks; call it off the async threads.
    ///
    /// # Errors
    /// [`StoreError::InUse`] while another process, or another handle of this one, has it open;
    /// [`StoreError::OtherEmbedder`] if it was made with another embedder; [`StoreError::Rejected`] if it holds vectors
    /// of another length.
    pub fn open(folder: &Path, embedding: &Embedding) -> Result<Self, StoreError> {
        Self::open_bounded(folder, embedding, Bounds::default())
    }

    /// The same, with other sizes from which on the layout changes.
    pub(in crate::store) fn open_bounded(
        folder: &Path,
        embedding: &Embedding,
        bounds: Bounds,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            open: Arc::new(OpenShard::open(folder, embedding)?),
            shape: Shape {
                dimension: embedding.dimension,
            },
            bounds,
            optimizing: Arc::default(),
        })
    }

    /// Removes the index in `folder` for good; one that is not there is no error. Blocks.
    ///
    /// # Errors
    /// [`StoreError::InUse`] while anybody has it open, if only to put it in order.
    pub fn remove(folder: &Path) -> Result<(), StoreError> {
        if !folder.exists() {
            return Ok(());
        }
        let _lock = lock(folder)?;
        fs_err::remove_dir_all(folder).map_err(unavailable)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&edge::EdgeShard) -> edge::OperationResult<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let open = Arc::clone(&self.open);
        let done = tokio::task::spawn_blocking(move || open.with(work)).await;
        done.map_err(unavailable)?
    }

    async fn delete(&self, filter: &Filter) -> Result<(), StoreError> {
        let Some(filter) = filter.settle()? else {
            return Ok(());
        };
        let filter = edge_filter::translate(&filter).unwrap_or_default();
        let operation = edge::PointOperations::DeletePointsByFilter(filter);
        self.run(|shard| shard.update(edge::UpdateOperation::PointOperation(operation)))
            .await
    }
}

fn point(point: Point) -> edge::OperationResult<edge::PointStructPersisted> {
    let mut vectors = vec![
        (DENSE, edge::Vector::new_dense(point.dense)),
        (SENTENCES, edge::Vector::new_multi(point.sentences)?),
    ];
    let (indices, values) = weighted(point.bm25);
    if !indices.is_empty() {
        vectors.push((BM25, edge::Vector::new_sparse(indices, values)?));
    }
    let payload = Value::Object(payload::to_json(&point.payload));
    let id = edge::PointId::Uuid(point.id);
    Ok(edge::PointStruct::new(id, edge::Vectors::new_named(vectors), payload).into())
}

fn request(query: StoreQuery, filter: &Filter) -> edge::OperationResult<edge::QueryRequest> {
    let name = vector_name(&query.vector);
    // With ids given, the scan is over those alone; the graph could only lose some of them.
    let exact = matches!(query.vector, QueryVector::BestSentence(_));
    let vector = match query.vector {
        QueryVector::Passage(vector) => edge::Vector::new_dense(vector),
        QueryVector::BestSentence(vector) => edge::Vector::new_multi(vec![vector])?,
        QueryVector::Lexical(terms) => {
            let (indices, values) = weighted(terms);
            edge::Vector::new_sparse(indices, values)?
        }
    };
    let nearest = edge::QueryEnum::Nearest(edge::NamedQuery::new(vector.0, name));
    Ok(edge::QueryRequest {
        query: Some(edge::ScoringQuery::Vector(nearest)),
        filter: edge_filter::translate(filter),
        params: Some(edge::SearchParams {
            exact,
            hnsw_ef: Some(candidates(query.limit)),
            // Heeded where there are quantized vectors.
            quantization: Some(edge::QuantizationSearchParams {
                ignore: false,
                rescore: Some(true),
                oversampling: Some(oversampling(query.limit)),
            }),
            ..edge::SearchParams::default()
        }),
        with_payload: edge::WithPayloadInterface::Bool(false),
        ..edge::QueryRequest::new(query.limit)
    })
}

fn hits(points: Vec<edge::ScoredPoint>, lexical: bool, limit: usize) -> Vec<ScoredChunk> {
    let mut hits: Vec<_> = points
        .into_iter()
        .filter(|point| !lexical || point.score > 0.0)
        .filter_map(|point| {
            let edge::PointId::Uuid(id) = point.id else {
                return None;
            };
            Some(ScoredChunk {
                id: ChunkId(id),
                score: point.score,
            })
        })
        .collect();
    rank(&mut hits, limit);
    hits
}

fn kept(record: &edge::Record, with_vectors: bool) -> Option<KeptSentences> {
    let edge::PointId::Uuid(id) = record.id else {
        return None;
    };
    let payload = record.payload.as_ref()?;
    let marks = payload.0.get(payload::SENTENCE_MARKS)?.as_str()?;
    let vectors = if with_vectors {
        let edge::VectorRef::MultiDense(rows) = record.get_vector_by_name(SENTENCES)? else {
            return None;
        };
        Some(rows.multi_vectors().map(<[f32]>::to_vec).collect())
    } else {
        None
    };
    KeptSentences::checked(ChunkId(id), marks, vectors)
}

#[async_trait]
impl ChunkSink for EdgeStore {
    async fn upsert(&self, points: Vec<Point>) -> Result<(), SinkError> {
        self.shape.check_points(&points)?;
        let write = move |shard: &edge::EdgeShard| {
            let mut points = points.into_iter().map(point);
            loop {
                let batch: Vec<_> = points
                    .by_ref()
                    .take(POINTS_PER_WRITE)
                    .collect::<Result<_, _>>()?;
                if batch.is_empty() {
                    return Ok(());
                }
                let batch = edge::PointInsertOperations::PointsList(batch);
                let operation = edge::PointOperations::UpsertPoints(batch);
                shard.update(edge::UpdateOperation::PointOperation(operation))?;
            }
        };
        Ok(self.run(write).await?)
    }

    async fn flush(&self) -> Result<(), SinkError> {
        Ok(self.run(edge::EdgeShard::flush).await?)
    }

    async fn remove_version(&self, version: Uuid) -> Result<(), SinkError> {
        let version = Condition::Any(Field::Version, vec![version.to_string()]);
        let filter = Filter {
            must: vec![version],
            must_not: Vec::new(),
        };
        Ok(self.delete(&filter).await?)
    }
}

#[async_trait]
impl VectorStore for EdgeStore {
    async fn query_batch(
        &self,
        queries: Vec<StoreQuery>,
    ) -> Result<Vec<Vec<ScoredChunk>>, StoreError> {
        let mut results = vec![Vec::new(); queries.len()];
        let mut asked = Vec::new();
        let mut requests = Vec::new();
        for (position, query) in queries.into_iter().enumerate() {
            if let Some(filter) = self.shape.settle(&query)? {
                asked.push((
                    position,
                    matches!(query.vector, QueryVector::Lexical(_)),
                    query.limit,
                ));
                requests.push(request(query, &filter).map_err(|error| explain(&error))?);
            }
        }
        if requests.is_empty() {
            return Ok(results);
        }
        let from = self.bounds.quantized_from;
        let search = move |shard: &edge::EdgeShard| edge_wide::query_batch(shard, requests, from);
        let answers = self.run(search).await?;
        for ((position, lexical, limit), points) in asked.into_iter().zip(answers) {
            results[position] = hits(points, lexical, limit);
        }
        Ok(results)
    }

    async fn count(&self, filter: &Filter) -> Result<usize, StoreError> {
        let Some(filter) = filter.settle()? else {
            return Ok(0);
        };
        let request = edge::CountRequest {
            filter: edge_filter::translate(&filter),
            exact: true,
        };
        self.run(|shard| shard.count(request)).await
    }

    async fn ids(
        &self,
        filter: &Filter,
        after: Option<ChunkId>,
        limit: usize,
    ) -> Result<Vec<ChunkId>, StoreError> {
        let (Some(filter), Some(start)) = (filter.settle()?, next_page(after)) else {
            return Ok(Vec::new());
        };
        if limit == 0 {
            return Ok(Vec::new());
        }
        let request = edge::ScrollRequest {
            offset: Some(edge::PointId::Uuid(start)),
            limit: Some(limit),
            filter: edge_filter::translate(&filter),
            with_payload: Some(edge::WithPayloadInterface::Bool(false)),
            ..edge::ScrollRequest::new()
        };
        let (records, _next) = self.run(|shard| shard.scroll(request)).await?;
        let ids = records.into_iter().filter_map(|record| match record.id {
            edge::PointId::Uuid(id) => Some(ChunkId(id)),
            edge::PointId::NumId(_) => None,
        });
        Ok(ids.collect())
    }

    async fn sentences(
        &self,
        ids: &[ChunkId],
        with_vectors: bool,
    ) -> Result<Vec<KeptSentences>, StoreError> {
        let ids = ids.iter().map(|id| edge::PointId::Uuid(id.0)).collect();
        let fields = vec![edge_filter::key_path(payload::SENTENCE_MARKS)];
        let mut request = edge::RetrieveRequestBuilder::new(ids)
            .with_payload(edge::WithPayloadInterface::Fields(fields));
        if with_vectors {
            request = request.with_vector(edge::WithVector::Selector(vec![SENTENCES.to_owned()]));
        }
        let request = request.build();
        let records = self.run(|shard| shard.retrieve(request)).await?;
        let kept = records
            .iter()
            .filter_map(|record| kept(record, with_vectors));
        Ok(kept.collect())
    }

    async fn replace_terms(&self, terms: Vec<(ChunkId, SparseVector)>) -> Result<(), StoreError> {
        let terms = check_terms(terms)?;
        let named = Filter::default().among(terms.iter().map(|(id, _)| *id).collect());
        let there = self.ids(&named, None, terms.len());
        let there = there.await?.into_iter().collect();
        self.run(move |shard| edge_terms::replace(shard, terms, &there))
            .await
    }

    async fn remove(&self, filter: &Filter) -> Result<(), StoreError> {
        self.delete(filter).await
    }

    async fn optimize(&self, effort: Effort) -> Result<(), StoreError> {
        // The guard moves into the work: if the caller stops waiting, a second run still waits for this one.
        let turn = Arc::clone(&self.optimizing).lock_owned().await;
        let (open, (reply, done)) = (Arc::clone(&self.open), tokio::sync::oneshot::channel());
        let (dimension, bounds) = (self.shape.dimension, self.bounds);
        // A thread of its own: the runtime would wait for its blocking threads before the program may end.
        let work = move || {
            let outcome = edge_care::put_in_order(&open, dimension, bounds, effort);
            drop((open, turn));
            // Whoever asked may have gone away.
            drop(reply.send(outcome));
        };
        let thread = std::thread::Builder::new().name("index-care".to_owned());
        thread.spawn(work).map_err(unavailable)?;
        done.await.map_err(unavailable)?
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.run(|shard| shard.info().map(|_info| ())).await
    }
}
