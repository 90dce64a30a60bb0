//! A server that speaks Qdrant's protocol over a real socket and keeps its points in a [`MemoryStore`].
//!
//! It shows that the remote store's requests are well formed, complete and understood as meant, and how it copes with
//! failures that no real server produces on demand. What a real server makes of them, the same suite shows when
//! `WENYUAN_TEST_QDRANT_URL` is set.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use qdrant_client::qdrant as grpc;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};
use uuid::Uuid;
use wenyuan_ingest::ChunkSink;

use super::fake_wire::{
    bad, quantize, read_filter, read_get, read_id, read_point, read_query, read_terms, write_hit,
    write_kept,
};
use crate::model::ChunkId;
use crate::store::{Filter, MemoryStore, StoreError, VectorStore};

/// What the test server remembers.
pub(super) struct Fake {
    version: &'static str,
    /// Calls to points that still fail before one succeeds.
    failures: AtomicU32,
    pub(super) creations: AtomicU32,
    /// Points that collections are said to have.
    pub(super) points: AtomicU64,
    /// Changes of collections' configurations.
    pub(super) updates: AtomicU32,
    collections: Mutex<HashMap<String, Collection>>,
}

#[derive(Clone)]
struct Collection {
    made: grpc::CreateCollection,
    indexes: BTreeSet<String>,
    store: Arc<MemoryStore>,
}

#[derive(Clone)]
struct Service(Arc<Fake>);

impl Fake {
    /// Starts a server that says it is this version, and gives its address.
    pub(super) fn start(version: &'static str) -> (Arc<Self>, String) {
        let fake = Arc::new(Self {
            version,
            failures: AtomicU32::new(0),
            creations: AtomicU32::new(0),
            points: AtomicU64::new(0),
            updates: AtomicU32::new(0),
            collections: Mutex::default(),
        });
        let service = Service(Arc::clone(&fake));
        let incoming = TcpIncoming::bind(([127, 0, 0, 1], 0).into()).expect("a port");
        let address = incoming.local_addr().expect("an address");
        let server = Server::builder()
            .add_service(grpc::qdrant_server::QdrantServer::new(service.clone()))
            .add_service(grpc::collections_server::CollectionsServer::new(
                service.clone(),
            ))
            .add_service(grpc::points_server::PointsServer::new(service));
        tokio::spawn(server.serve_with_incoming(incoming));
        (fake, format!("http://{address}"))
    }

    /// Lets the next calls to points fail.
    pub(super) fn fail_next(&self, calls: u32) {
        self.failures.store(calls, Ordering::SeqCst);
    }

    fn collections(&self) -> MutexGuard<'_, HashMap<String, Collection>> {
        self.collections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn store(&self, collection: &str) -> Result<Arc<MemoryStore>, Status> {
        let failing = |left: u32| left.checked_sub(1);
        if self
            .failures
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, failing)
            .is_ok()
        {
            return Err(Status::unavailable("the leader is being elected"));
        }
        let collections = self.collections();
        let found = collections
            .get(collection)
            .ok_or_else(|| Status::not_found("no collection"))?;
        Ok(Arc::clone(&found.store))
    }
}

fn refused(error: impl std::fmt::Display) -> Status {
    bad(&error.to_string())
}

fn done() -> Response<grpc::PointsOperationResponse> {
    Response::new(grpc::PointsOperationResponse::default())
}

/// Implements a service: the methods given, and a refusal for the rest.
macro_rules! serve {
    ($trait:path { $($method:item)* } refuses { $($name:ident: $request:ident -> $response:ident),* $(,)? }) => {
        #[tonic::async_trait]
        impl $trait for Service {
            $($method)*
            $(
                async fn $name(
                    &self,
                    _request: Request<grpc::$request>,
                ) -> Result<Response<grpc::$response>, Status> {
                    Err(Status::unimplemented(stringify!($name)))
                }
            )*
        }
    };
}

serve!(grpc::qdrant_server::Qdrant {
    async fn health_check(
        &self,
        _request: Request<grpc::HealthCheckRequest>,
    ) -> Result<Response<grpc::HealthCheckReply>, Status> {
        Ok(Response::new(grpc::HealthCheckReply {
            version: self.0.version.to_owned(),
            ..grpc::HealthCheckReply::default()
        }))
    }
} refuses {});

serve!(grpc::collections_server::Collections {
    async fn collection_exists(
        &self,
        request: Request<grpc::CollectionExistsRequest>,
    ) -> Result<Response<grpc::CollectionExistsResponse>, Status> {
        let exists = self.0.collections().contains_key(&request.into_inner().collection_name);
        Ok(Response::new(grpc::CollectionExistsResponse {
            result: Some(grpc::CollectionExists { exists }),
            time: 0.0,
        }))
    }

    async fn create(
        &self,
        request: Request<grpc::CreateCollection>,
    ) -> Result<Response<grpc::CollectionOperationResponse>, Status> {
        use grpc::vectors_config::Config;
        let made = request.into_inner();
        let config = made.vectors_config.clone().and_then(|vectors| vectors.config);
        let Some(Config::ParamsMap(vectors)) = config else {
            return Err(bad("no named vectors"));
        };
        let dense = vectors.map.get("dense").ok_or_else(|| bad("no dense vector"))?;
        let collection = Collection {
            store: Arc::new(MemoryStore::new(dense.size as usize)),
            indexes: BTreeSet::new(),
            made: made.clone(),
        };
        let mut collections = self.0.collections();
        if collections.contains_key(&made.collection_name) {
            return Err(Status::already_exists("the collection exists"));
        }
        self.0.creations.fetch_add(1, Ordering::SeqCst);
        collections.insert(made.collection_name, collection);
        Ok(Response::new(grpc::CollectionOperationResponse::default()))
    }

    async fn get(
        &self,
        request: Request<grpc::GetCollectionInfoRequest>,
    ) -> Result<Response<grpc::GetCollectionInfoResponse>, Status> {
        let collections = self.0.collections();
        let name = request.into_inner().collection_name;
        let found = collections.get(&name).ok_or_else(|| Status::not_found("no collection"))?;
        let params = grpc::CollectionParams {
            vectors_config: found.made.vectors_config.clone(),
            sparse_vectors_config: found.made.sparse_vectors_config.clone(),
            ..grpc::CollectionParams::default()
        };
        let index = |name: &String| (name.clone(), grpc::PayloadSchemaInfo::default());
        let info = grpc::CollectionInfo {
            config: Some(grpc::CollectionConfig {
                params: Some(params),
                metadata: found.made.metadata.clone(),
                ..grpc::CollectionConfig::default()
            }),
            payload_schema: found.indexes.iter().map(index).collect(),
            points_count: Some(self.0.points.load(Ordering::SeqCst)),
            ..grpc::CollectionInfo::default()
        };
        Ok(Response::new(grpc::GetCollectionInfoResponse {
            result: Some(info),
            time: 0.0,
        }))
    }

    async fn update(
        &self,
        request: Request<grpc::UpdateCollection>,
    ) -> Result<Response<grpc::CollectionOperationResponse>, Status> {
        let request = request.into_inner();
        let mut collections = self.0.collections();
        let found = collections.get_mut(&request.collection_name);
        let found = found.ok_or_else(|| Status::not_found("no collection"))?;
        quantize(&mut found.made, request.vectors_config).ok_or_else(|| bad("no such change"))?;
        self.0.updates.fetch_add(1, Ordering::SeqCst);
        Ok(Response::new(grpc::CollectionOperationResponse::default()))
    }

    async fn delete(
        &self,
        request: Request<grpc::DeleteCollection>,
    ) -> Result<Response<grpc::CollectionOperationResponse>, Status> {
        let removed = self.0.collections().remove(&request.into_inner().collection_name);
        Ok(Response::new(grpc::CollectionOperationResponse {
            result: removed.is_some(),
            time: 0.0,
        }))
    }
} refuses {
    list: ListCollectionsRequest -> ListCollectionsResponse,
    update_aliases: ChangeAliases -> CollectionOperationResponse,
    list_collection_aliases: ListCollectionAliasesRequest -> ListAliasesResponse,
    list_aliases: ListAliasesRequest -> ListAliasesResponse,
    collection_cluster_info: CollectionClusterInfoRequest -> CollectionClusterInfoResponse,
    update_collection_cluster_setup: UpdateCollectionClusterSetupRequest -> UpdateCollectionClusterSetupResponse,
    create_shard_key: CreateShardKeyRequest -> CreateShardKeyResponse,
    delete_shard_key: DeleteShardKeyRequest -> DeleteShardKeyResponse,
    list_shard_keys: ListShardKeysRequest -> ListShardKeysResponse,
});

serve!(grpc::points_server::Points {
    async fn create_field_index(
        &self,
        request: Request<grpc::CreateFieldIndexCollection>,
    ) -> Result<Response<grpc::PointsOperationResponse>, Status> {
        let request = request.into_inner();
        if request.field_type.is_none() || request.field_index_params.is_none() {
            return Err(bad("an index of no kind"));
        }
        let mut collections = self.0.collections();
        let found = collections.get_mut(&request.collection_name);
        found.ok_or_else(|| Status::not_found("no collection"))?.indexes.insert(request.field_name);
        Ok(done())
    }

    async fn upsert(
        &self,
        request: Request<grpc::UpsertPoints>,
    ) -> Result<Response<grpc::PointsOperationResponse>, Status> {
        let request = request.into_inner();
        let store = self.0.store(&request.collection_name)?;
        if request.wait != Some(true) || request.points.len() > 64 {
            return Err(bad("a write that is too large or not waited for"));
        }
        let points: Result<_, Status> = request.points.into_iter().map(read_point).collect();
        store.upsert(points?).await.map_err(refused)?;
        Ok(done())
    }

    async fn update_vectors(
        &self,
        request: Request<grpc::UpdatePointVectors>,
    ) -> Result<Response<grpc::PointsOperationResponse>, Status> {
        let request = request.into_inner();
        let store = self.0.store(&request.collection_name)?;
        if request.wait != Some(true) || request.points.len() > 64 {
            return Err(bad("a write that is too large or not waited for"));
        }
        let terms = request.points.into_iter().map(read_terms);
        let terms: Vec<_> = terms.collect::<Result<_, Status>>()?;
        let named = Filter::default().among(terms.iter().map(|(id, _)| *id).collect());
        if store.count(&named).await.map_err(refused)? < terms.len() {
            return Err(Status::not_found("no point with that id"));
        }
        store.replace_terms(terms).await.map_err(refused)?;
        Ok(done())
    }

    async fn delete(
        &self,
        request: Request<grpc::DeletePoints>,
    ) -> Result<Response<grpc::PointsOperationResponse>, Status> {
        use grpc::points_selector::PointsSelectorOneOf;
        let request = request.into_inner();
        let store = self.0.store(&request.collection_name)?;
        match request.points.and_then(|points| points.points_selector_one_of) {
            Some(PointsSelectorOneOf::Filter(filter)) if request.wait == Some(true) => {
                store.remove(&read_filter(Some(filter))?).await.map_err(refused)?;
                Ok(done())
            }
            Some(_) | None => Err(bad("nothing selected")),
        }
    }

    async fn scroll(
        &self,
        request: Request<grpc::ScrollPoints>,
    ) -> Result<Response<grpc::ScrollResponse>, Status> {
        let request = request.into_inner();
        let store = self.0.store(&request.collection_name)?;
        let filter = read_filter(request.filter)?;
        // Qdrant's offset is the first id wanted, ours the last one had.
        let first = request.offset.map(|id| read_id(Some(id))).transpose()?;
        let after = first.and_then(|id| id.as_u128().checked_sub(1)).map(|id| ChunkId(Uuid::from_u128(id)));
        let limit = request.limit.ok_or_else(|| bad("no limit"))? as usize;
        let ids = store.ids(&filter, after, limit).await.map_err(refused)?;
        let point = |id: ChunkId| grpc::RetrievedPoint {
            id: Some(id.to_string().into()),
            ..grpc::RetrievedPoint::default()
        };
        Ok(Response::new(grpc::ScrollResponse {
            result: ids.into_iter().map(point).collect(),
            ..grpc::ScrollResponse::default()
        }))
    }

    async fn get(
        &self,
        request: Request<grpc::GetPoints>,
    ) -> Result<Response<grpc::GetResponse>, Status> {
        let request = request.into_inner();
        let store = self.0.store(&request.collection_name)?;
        let (ids, with_vectors) = read_get(request)?;
        let kept = store.sentences(&ids, with_vectors).await.map_err(refused)?;
        Ok(Response::new(grpc::GetResponse {
            result: kept.into_iter().map(write_kept).collect(),
            ..grpc::GetResponse::default()
        }))
    }

    async fn count(
        &self,
        request: Request<grpc::CountPoints>,
    ) -> Result<Response<grpc::CountResponse>, Status> {
        let request = request.into_inner();
        let store = self.0.store(&request.collection_name)?;
        if request.exact != Some(true) {
            return Err(bad("an estimate was asked for"));
        }
        let count = store.count(&read_filter(request.filter)?).await.map_err(refused)? as u64;
        Ok(Response::new(grpc::CountResponse {
            result: Some(grpc::CountResult { count }),
            ..grpc::CountResponse::default()
        }))
    }

    async fn query_batch(
        &self,
        request: Request<grpc::QueryBatchPoints>,
    ) -> Result<Response<grpc::QueryBatchResponse>, Status> {
        let request = request.into_inner();
        let store = self.0.store(&request.collection_name)?;
        let queries: Result<_, Status> = request.query_points.into_iter().map(read_query).collect();
        let answers = store.query_batch(queries?).await.map_err(|error: StoreError| refused(error))?;
        let answer = |hits: Vec<_>| grpc::BatchResult {
            result: hits.into_iter().map(write_hit).collect(),
        };
        Ok(Response::new(grpc::QueryBatchResponse {
            result: answers.into_iter().map(answer).collect(),
            ..grpc::QueryBatchResponse::default()
        }))
    }
} refuses {
    delete_vectors: DeletePointVectors -> PointsOperationResponse,
    set_payload: SetPayloadPoints -> PointsOperationResponse,
    overwrite_payload: SetPayloadPoints -> PointsOperationResponse,
    delete_payload: DeletePayloadPoints -> PointsOperationResponse,
    clear_payload: ClearPayloadPoints -> PointsOperationResponse,
    delete_field_index: DeleteFieldIndexCollection -> PointsOperationResponse,
    create_vector_name: CreateVectorNameRequest -> PointsOperationResponse,
    delete_vector_name: DeleteVectorNameRequest -> PointsOperationResponse,
    search: SearchPoints -> SearchResponse,
    search_batch: SearchBatchPoints -> SearchBatchResponse,
    search_groups: SearchPointGroups -> SearchGroupsResponse,
    recommend: RecommendPoints -> RecommendResponse,
    recommend_batch: RecommendBatchPoints -> RecommendBatchResponse,
    recommend_groups: RecommendPointGroups -> RecommendGroupsResponse,
    discover: DiscoverPoints -> DiscoverResponse,
    discover_batch: DiscoverBatchPoints -> DiscoverBatchResponse,
    update_batch: UpdateBatchPoints -> UpdateBatchResponse,
    query: QueryPoints -> QueryResponse,
    query_groups: QueryPointGroups -> QueryGroupsResponse,
    facet: FacetCounts -> FacetResponse,
    search_matrix_pairs: SearchMatrixPoints -> SearchMatrixPairsResponse,
    search_matrix_offsets: SearchMatrixPoints -> SearchMatrixOffsetsResponse,
});
