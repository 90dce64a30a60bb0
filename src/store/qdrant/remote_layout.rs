//! How a collection on a Qdrant server is laid out, in words that servers know since 1.18, and whether one fits.

use qdrant_client::qdrant as grpc;
use qdrant_client::qdrant::value::Kind;

use super::remote::QdrantSettings;
use super::{BM25, DENSE, SENTENCES};
use super::{QUANTIZED_FROM, QUANTIZED_QUANTILE};
use crate::store::{Field, StoreError};

/// The oldest server we speak to.
const OLDEST_SERVER: (u32, u32) = (1, 18);

/// Under this name a collection keeps the fingerprint of its embedder; one of an earlier program has none.
const EMBEDDER: &str = "embedder";

/// Refuses a server that is too old for what we ask of it.
pub(super) fn check_version(version: &str) -> Result<(), StoreError> {
    let mut numbers = version.trim_start_matches('v').split(['.', '-', '+']);
    let mut next = || numbers.next().and_then(|number| number.parse::<u32>().ok());
    let (oldest_major, oldest_minor) = OLDEST_SERVER;
    match (next(), next()) {
        (Some(major), Some(minor)) if (major, minor) >= OLDEST_SERVER => Ok(()),
        (Some(_), Some(_)) => Err(StoreError::Rejected(format!(
            "the Qdrant server is version {version}; {oldest_major}.{oldest_minor} or later is needed"
        ))),
        (None | Some(_), None) | (None, Some(_)) => {
            tracing::warn!(
                version,
                "the Qdrant server's version cannot be read; going on"
            );
            Ok(())
        }
    }
}

/// The request that creates the collection.
pub(super) fn create_collection(settings: &QdrantSettings) -> grpc::CreateCollection {
    let mut vectors = grpc::VectorsConfigBuilder::default();
    vectors.add_named_vector_params(DENSE, dense(settings.embedding.dimension));
    vectors.add_named_vector_params(SENTENCES, sentences(settings.embedding.dimension));
    let mut sparse = grpc::SparseVectorsConfigBuilder::default();
    let bm25 = grpc::SparseVectorParamsBuilder::default().modifier(grpc::Modifier::Idf);
    sparse.add_named_vector_params(BM25, bm25);
    let mut request = grpc::CreateCollectionBuilder::new(&settings.collection)
        .vectors_config(vectors)
        .sparse_vectors_config(sparse)
        .on_disk_payload(true);
    if let Some(shards) = settings.shards {
        request = request.shard_number(shards);
    }
    if let Some(replicas) = settings.replicas {
        // A write counts once most replicas have it, so that losing one loses nothing.
        request = request
            .replication_factor(replicas)
            .write_consistency_factor(replicas / 2 + 1);
    }
    let fingerprint = Kind::StringValue(settings.embedding.fingerprint.clone());
    let mut request = request.build();
    let fingerprint = grpc::Value {
        kind: Some(fingerprint),
    };
    request.metadata.insert(EMBEDDER.to_owned(), fingerprint);
    request
}

fn dense(dimension: usize) -> grpc::VectorParams {
    grpc::VectorParamsBuilder::new(dimension as u64, grpc::Distance::Cosine).build()
}

#[expect(
    deprecated,
    reason = "`memory` replaces `on_disk` in 1.19; 1.18 knows `on_disk` alone, and 1.20 both"
)]
fn sentences(dimension: usize) -> grpc::VectorParams {
    let comparator = grpc::MultiVectorComparator::MaxSim;
    grpc::VectorParams {
        on_disk: Some(true),
        hnsw_config: Some(grpc::HnswConfigDiff {
            m: Some(0),
            payload_m: Some(0),
            ..grpc::HnswConfigDiff::default()
        }),
        multivector_config: Some(grpc::MultiVectorConfigBuilder::new(comparator).build()),
        ..dense(dimension)
    }
}

/// The request that creates a field's payload index; creating it again changes nothing.
pub(super) fn create_index(collection: &str, field: Field) -> grpc::CreateFieldIndexCollection {
    let index = |kind| {
        grpc::CreateFieldIndexCollectionBuilder::new(collection, field.key(), kind).wait(true)
    };
    if field.is_number() {
        let integer = grpc::IntegerIndexParamsBuilder::new(true, true).enable_hnsw(false);
        return index(grpc::FieldType::Integer)
            .field_index_params(integer.build())
            .build();
    }
    let tenant = field == Field::KnowledgeBase;
    let keyword = grpc::KeywordIndexParamsBuilder::default()
        .is_tenant(tenant)
        .enable_hnsw(tenant);
    index(grpc::FieldType::Keyword)
        .field_index_params(keyword.build())
        .build()
}

/// How to search; what is said of quantized vectors is heeded where there are some.
pub(super) fn search_params(exact: bool, limit: usize) -> grpc::SearchParamsBuilder {
    let quantized = grpc::QuantizationSearchParamsBuilder::default()
        .rescore(true)
        .oversampling(super::oversampling(limit));
    grpc::SearchParamsBuilder::default()
        .exact(exact)
        .hnsw_ef(super::candidates(limit) as u64)
        .quantization(quantized)
}

/// Whether the collection has grown so large that its passage vectors are to be quantized, and they are not.
pub(super) fn lacks_quantization(info: &grpc::CollectionInfo) -> bool {
    let large = info.points_count.unwrap_or(0) >= QUANTIZED_FROM as u64;
    let dense = passage_params(info);
    large && dense.is_some_and(|dense| dense.quantization_config.is_none())
}

fn passage_params(info: &grpc::CollectionInfo) -> Option<&grpc::VectorParams> {
    use grpc::vectors_config::Config;
    let params = info.config.as_ref()?.params.as_ref()?;
    match params.vectors_config.as_ref()?.config.as_ref()? {
        Config::ParamsMap(vectors) => vectors.map.get(DENSE),
        Config::Params(_) => None,
    }
}

/// The request that has passage vectors quantized, in words that servers know since 1.18. Where the bytes lie is left to
/// the server.
pub(super) fn quantize(collection: &str) -> grpc::UpdateCollection {
    use grpc::quantization_config_diff::Quantization;
    let scalar = grpc::ScalarQuantizationBuilder::default()
        .r#type(grpc::QuantizationType::Int8.into())
        .quantile(QUANTIZED_QUANTILE);
    let dense = grpc::VectorParamsDiff {
        quantization_config: Some(grpc::QuantizationConfigDiff {
            quantization: Some(Quantization::Scalar(scalar.build())),
        }),
        ..grpc::VectorParamsDiff::default()
    };
    let named = grpc::VectorParamsDiffMap {
        map: [(DENSE.to_owned(), dense)].into(),
    };
    grpc::UpdateCollectionBuilder::new(collection)
        .vectors_config(grpc::VectorsConfigDiff {
            config: Some(grpc::vectors_config_diff::Config::ParamsMap(named)),
        })
        .build()
}

/// Refuses a collection of another make under the same name.
pub(super) fn check_collection(
    info: &grpc::CollectionInfo,
    settings: &QdrantSettings,
) -> Result<(), StoreError> {
    use grpc::vectors_config::Config;
    let name = &settings.collection;
    let foreign = |reason: &str| {
        StoreError::Rejected(format!(
            "collection `{name}` was not made by this program: {reason}; use another collection name"
        ))
    };
    let config = info.config.as_ref();
    let made_with = config.and_then(|config| config.metadata.get(EMBEDDER));
    if let Some(Kind::StringValue(made_with)) = made_with.and_then(|value| value.kind.as_ref())
        && *made_with != settings.embedding.fingerprint
    {
        return Err(StoreError::OtherEmbedder {
            place: format!("the collection `{name}`"),
            made_with: made_with.clone(),
            wanted: settings.embedding.fingerprint.clone(),
        });
    }
    let params = config.and_then(|config| config.params.as_ref());
    let vectors = params.and_then(|params| params.vectors_config.as_ref());
    let Some(Config::ParamsMap(vectors)) = vectors.and_then(|vectors| vectors.config.as_ref())
    else {
        return Err(foreign("it has no named vectors"));
    };
    for vector in [DENSE, SENTENCES] {
        let Some(found) = vectors.map.get(vector) else {
            return Err(foreign(&format!("it has no vector `{vector}`")));
        };
        let wanted = settings.embedding.dimension as u64;
        if found.size != wanted {
            return Err(StoreError::Rejected(format!(
                "collection `{name}` holds vectors of {} elements, the embedder makes {wanted}; \
                 another embedder needs a collection of its own",
                found.size
            )));
        }
        if found.distance() != grpc::Distance::Cosine {
            return Err(foreign(&format!(
                "its vector `{vector}` is not compared by cosine"
            )));
        }
    }
    if vectors
        .map
        .get(SENTENCES)
        .is_none_or(|params| params.multivector_config.is_none())
    {
        return Err(foreign("its vector `sentences` holds one vector per point"));
    }
    let sparse = params.and_then(|params| params.sparse_vectors_config.as_ref());
    let bm25 = sparse.and_then(|sparse| sparse.map.get(BM25));
    if bm25.is_none_or(|bm25| bm25.modifier() != grpc::Modifier::Idf) {
        return Err(foreign("it has no sparse vector `bm25` with IDF"));
    }
    Ok(())
}
