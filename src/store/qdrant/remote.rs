//! A Qdrant server or cluster as the index.

use std::time::Duration;

use async_trait::async_trait;
use qdrant_client::qdrant as grpc;
use qdrant_client::{Payload, Qdrant};
use uuid::Uuid;
use wenyuan_ingest::{ChunkSink, Point, SinkError, SparseVector};

use super::retry::{explain, retry};
use super::{BM25, DENSE, POINTS_PER_WRITE, SENTENCES};
use super::{
    next_page, payload, remote_filter, remote_layout, remote_terms, vector_name, weighted,
};
use crate::model::ChunkId;
use crate::store::check::{Shape, check_terms};
use crate::store::{
    Condition, Effort, Embedding, Field, Filter, KeptSentences, QueryVector, ScoredChunk,
    StoreError, StoreQuery, VectorStore, rank,
};

/// Where the server is, and how a collection is made if it is not there yet.
#[derive(Clone)]
pub struct QdrantSettings {
    /// The gRPC address, such as `http://localhost:6334`.
    pub url: String,
    /// Sent with every request; never printed.
    pub api_key: Option<String>,
    /// The collection's name: one per embedder.
    pub collection: String,
    /// What its vectors come from.
    pub embedding: Embedding,
    /// Shards of a new collection; `None` leaves it to the server.
    pub shards: Option<u32>,
    /// Copies of every shard of a new collection; `None` leaves it to the server.
    pub replicas: Option<u32>,
    /// How long one request may take, without its repetitions.
    pub timeout: Duration,
}

impl std::fmt::Debug for QdrantSettings {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("QdrantSettings")
            .field("url", &self.url)
            .field("collection", &self.collection)
            .field("embedding", &self.embedding)
            .finish_non_exhaustive()
    }
}

/// A collection on a server.
///
/// Calls that may succeed later are repeated with growing pauses before they fail; all are idempotent. Lexical IDF is
/// that of the whole collection, per shard.
pub struct QdrantStore {
    client: Qdrant,
    collection: String,
    shape: Shape,
}

impl std::fmt::Debug for QdrantStore {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("QdrantStore")
            .field("collection", &self.collection)
            .finish_non_exhaustive()
    }
}

impl QdrantStore {
    /// Connects, checks the server's version, and creates the collection and its indexes where they are missing.
    /// Several processes may do so at once.
    ///
    /// # Errors
    /// [`StoreError::Rejected`] if the server is older than 1.18, refuses the key, or holds a collection of that name
    /// that does not fit; [`StoreError::Unavailable`] if it does not answer.
    pub async fn connect(settings: QdrantSettings) -> Result<Self, StoreError> {
        let client = client(&settings)?;
        let health = retry(|| client.health_check()).await?;
        remote_layout::check_version(&health.version)?;
        let store = Self {
            client,
            collection: settings.collection.clone(),
            shape: Shape {
                dimension: settings.embedding.dimension,
            },
        };
        store.create(&settings).await?;
        Ok(store)
    }

    async fn create(&self, settings: &QdrantSettings) -> Result<(), StoreError> {
        let exists = || self.client.collection_exists(&self.collection);
        if !retry(exists).await? {
            let request = remote_layout::create_collection(settings);
            let created = retry(|| self.client.create_collection(request.clone())).await;
            // Another process may have been faster, or an earlier try may have worked after all.
            if let Err(error) = created
                && !retry(exists).await?
            {
                return Err(error);
            }
        }
        let response = retry(|| self.client.collection_info(&self.collection)).await?;
        let info = response
            .result
            .ok_or_else(|| StoreError::Unavailable("Qdrant described no collection".to_owned()))?;
        remote_layout::check_collection(&info, settings)?;
        for field in Field::ALL {
            if !info.payload_schema.contains_key(field.key()) {
                let request = remote_layout::create_index(&self.collection, field);
                retry(|| self.client.create_field_index(request.clone())).await?;
            }
        }
        Ok(())
    }

    /// Deletes a whole collection, as when another embedder's has taken its place; one that is not there is no error.
    pub async fn remove(settings: &QdrantSettings) -> Result<(), StoreError> {
        let client = client(settings)?;
        if retry(|| client.collection_exists(&settings.collection)).await? {
            retry(|| client.delete_collection(&settings.collection)).await?;
        }
        Ok(())
    }

    async fn delete(&self, filter: &Filter) -> Result<(), StoreError> {
        let Some(filter) = filter.settle()? else {
            return Ok(());
        };
        let request = grpc::DeletePointsBuilder::new(&self.collection)
            .points(remote_filter::translate(&filter))
            .wait(true)
            .build();
        retry(|| self.client.delete_points(request.clone()))
            .await
            .map(|_response| ())
    }

    fn request(&self, query: StoreQuery, filter: &Filter) -> grpc::QueryPoints {
        let name = vector_name(&query.vector);
        let exact = matches!(query.vector, QueryVector::BestSentence(_));
        let vector = match query.vector {
            QueryVector::Passage(vector) => grpc::VectorInput::new_dense(vector),
            QueryVector::BestSentence(vector) => grpc::VectorInput::new_multi(vec![vector]),
            QueryVector::Lexical(terms) => {
                let (indices, values) = weighted(terms);
                grpc::VectorInput::new_sparse(indices, values)
            }
        };
        grpc::QueryPointsBuilder::new(&self.collection)
            .query(grpc::Query::new_nearest(vector))
            .using(name)
            .filter(remote_filter::translate(filter))
            .params(remote_layout::search_params(exact, query.limit))
            .limit(query.limit as u64)
            .with_payload(false)
            .build()
    }
}

fn client(settings: &QdrantSettings) -> Result<Qdrant, StoreError> {
    Qdrant::from_url(&settings.url)
        .api_key(settings.api_key.clone())
        .timeout(settings.timeout)
        .connect_timeout(settings.timeout.min(Duration::from_secs(5)))
        .skip_compatibility_check()
        .build()
        .map_err(|error| explain(&error))
}

fn point(point: Point) -> grpc::PointStruct {
    let mut vectors = grpc::NamedVectors::default()
        .add_vector(DENSE, grpc::Vector::new_dense(point.dense))
        .add_vector(SENTENCES, grpc::Vector::new_multi(point.sentences));
    let (indices, values) = weighted(point.bm25);
    if !indices.is_empty() {
        vectors = vectors.add_vector(BM25, grpc::Vector::new_sparse(indices, values));
    }
    let payload = Payload::from(payload::to_json(&point.payload));
    grpc::PointStruct::new(point.id.to_string(), vectors, payload)
}

fn chunk_id(id: Option<&grpc::PointId>) -> Option<ChunkId> {
    use grpc::point_id::PointIdOptions;
    match id?.point_id_options.as_ref()? {
        PointIdOptions::Uuid(id) => Uuid::parse_str(id).ok().map(ChunkId),
        PointIdOptions::Num(_) => None,
    }
}

fn hits(points: &[grpc::ScoredPoint], lexical: bool, limit: usize) -> Vec<ScoredChunk> {
    let mut hits: Vec<_> = points
        .iter()
        .filter(|point| !lexical || point.score > 0.0)
        .filter_map(|point| {
            Some(ScoredChunk {
                id: chunk_id(point.id.as_ref())?,
                score: point.score,
            })
        })
        .collect();
    rank(&mut hits, limit);
    hits
}

fn kept(point: grpc::RetrievedPoint, with_vectors: bool) -> Option<KeptSentences> {
    use grpc::vector_output::Vector;
    use grpc::vectors_output::VectorsOptions;
    let id = chunk_id(point.id.as_ref())?;
    let Some(grpc::value::Kind::StringValue(marks)) =
        &point.payload.get(payload::SENTENCE_MARKS)?.kind
    else {
        return None;
    };
    let vectors = if with_vectors {
        let Some(VectorsOptions::Vectors(mut named)) = point.vectors?.vectors_options else {
            return None;
        };
        let Vector::MultiDense(rows) = named.vectors.remove(SENTENCES)?.into_vector() else {
            return None;
        };
        Some(rows.vectors.into_iter().map(|row| row.data).collect())
    } else {
        None
    };
    KeptSentences::checked(id, marks, vectors)
}

#[async_trait]
impl ChunkSink for QdrantStore {
    async fn upsert(&self, points: Vec<Point>) -> Result<(), SinkError> {
        self.shape.check_points(&points)?;
        let mut points = points.into_iter().map(point);
        loop {
            let batch: Vec<_> = points.by_ref().take(POINTS_PER_WRITE).collect();
            if batch.is_empty() {
                return Ok(());
            }
            let request = grpc::UpsertPointsBuilder::new(&self.collection, batch)
                .wait(true)
                .build();
            retry(|| self.client.upsert_points(request.clone())).await?;
        }
    }

    /// Every write was acknowledged after the server had it in its log; a server offers no stronger promise, and
    /// against power loss it counts on its replicas.
    async fn flush(&self) -> Result<(), SinkError> {
        Ok(())
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
impl VectorStore for QdrantStore {
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
                requests.push(self.request(query, &filter));
            }
        }
        if requests.is_empty() {
            return Ok(results);
        }
        let request = grpc::QueryBatchPointsBuilder::new(&self.collection, requests).build();
        let response = retry(|| self.client.query_batch(request.clone())).await?;
        for ((position, lexical, limit), answer) in asked.into_iter().zip(response.result) {
            results[position] = hits(&answer.result, lexical, limit);
        }
        Ok(results)
    }

    async fn count(&self, filter: &Filter) -> Result<usize, StoreError> {
        let Some(filter) = filter.settle()? else {
            return Ok(0);
        };
        let request = grpc::CountPointsBuilder::new(&self.collection)
            .filter(remote_filter::translate(&filter))
            .exact(true)
            .build();
        let response = retry(|| self.client.count(request.clone())).await?;
        Ok(response.result.map_or(0, |result| result.count as usize))
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
        let request = grpc::ScrollPointsBuilder::new(&self.collection)
            .filter(remote_filter::translate(&filter))
            .limit(u32::try_from(limit).unwrap_or(u32::MAX))
            .offset(start.to_string())
            .with_payload(false)
            .build();
        let response = retry(|| self.client.scroll(request.clone())).await?;
        Ok(response
            .result
            .iter()
            .filter_map(|point| chunk_id(point.id.as_ref()))
            .collect())
    }

    async fn sentences(
        &self,
        ids: &[ChunkId],
        with_vectors: bool,
    ) -> Result<Vec<KeptSentences>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<grpc::PointId> = ids.iter().map(|id| id.to_string().into()).collect();
        let marks = grpc::PayloadIncludeSelector {
            fields: vec![payload::SENTENCE_MARKS.to_owned()],
        };
        let mut request = grpc::GetPointsBuilder::new(&self.collection, ids).with_payload(marks);
        request = if with_vectors {
            let names = vec![SENTENCES.to_owned()];
            request.with_vectors(grpc::VectorsSelector { names })
        } else {
            request.with_vectors(false)
        };
        let request = request.build();
        let response = retry(|| self.client.get_points(request.clone())).await?;
        let points = response.result.into_iter();
        Ok(points
            .filter_map(|point| kept(point, with_vectors))
            .collect())
    }

    async fn replace_terms(&self, terms: Vec<(ChunkId, SparseVector)>) -> Result<(), StoreError> {
        let terms = check_terms(terms)?;
        let named = Filter::default().among(terms.iter().map(|(id, _)| *id).collect());
        let there = self.ids(&named, None, terms.len());
        let there = there.await?.into_iter().collect();
        for request in remote_terms::requests(&self.collection, terms, &there) {
            retry(|| self.client.update_vectors(request.clone())).await?;
        }
        Ok(())
    }

    async fn remove(&self, filter: &Filter) -> Result<(), StoreError> {
        self.delete(filter).await
    }

    /// The server does so by itself. It is told once that the collection is large enough for quantized vectors, which
    /// it makes in the background.
    async fn optimize(&self, _effort: Effort) -> Result<(), StoreError> {
        let info = retry(|| self.client.collection_info(&self.collection)).await?;
        let lacks = remote_layout::lacks_quantization;
        if info.result.is_some_and(|info| lacks(&info)) {
            let request = remote_layout::quantize(&self.collection);
            retry(|| self.client.update_collection(request.clone())).await?;
        }
        Ok(())
    }

    async fn check(&self) -> Result<(), StoreError> {
        let exists = self.client.collection_exists(&self.collection).await;
        if exists.map_err(|error| explain(&error))? {
            Ok(())
        } else {
            Err(StoreError::Rejected(format!(
                "collection `{}` does not exist",
                self.collection
            )))
        }
    }
}
