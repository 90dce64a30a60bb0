//! Qdrant's wire format read back into our own terms: the inverse of what the remote store writes.

use qdrant_client::qdrant as grpc;
use tonic::Status;
use uuid::Uuid;
use wenyuan_ingest::{Point, PointPayload, SparseVector, TextMark};

use crate::model::ChunkId;
use crate::store::{Condition, Field, Filter, KeptSentences, QueryVector, ScoredChunk, StoreQuery};

/// What a test server says to a message that no real one would have been sent.
pub(super) fn bad(reason: &str) -> Status {
    Status::invalid_argument(reason.to_owned())
}

/// Has the passage vectors quantized as a change says, or tells that it says something else.
pub(super) fn quantize(
    made: &mut grpc::CreateCollection,
    change: Option<grpc::VectorsConfigDiff>,
) -> Option<()> {
    use grpc::quantization_config_diff::Quantization;
    use grpc::{vectors_config, vectors_config_diff};
    let vectors_config_diff::Config::ParamsMap(mut change) = change?.config? else {
        return None;
    };
    let wanted = change.map.remove("dense")?.quantization_config?;
    let Quantization::Scalar(scalar) = wanted.quantization? else {
        return None;
    };
    let Some(vectors_config::Config::ParamsMap(vectors)) =
        &mut made.vectors_config.as_mut()?.config
    else {
        return None;
    };
    let quantization = grpc::quantization_config::Quantization::Scalar(scalar);
    vectors.map.get_mut("dense")?.quantization_config = Some(grpc::QuantizationConfig {
        quantization: Some(quantization),
    });
    Some(())
}

pub(super) fn read_id(id: Option<grpc::PointId>) -> Result<Uuid, Status> {
    use grpc::point_id::PointIdOptions;
    match id.and_then(|id| id.point_id_options) {
        Some(PointIdOptions::Uuid(id)) => Uuid::parse_str(&id).map_err(|_| bad("no UUID")),
        Some(PointIdOptions::Num(_)) | None => Err(bad("no id")),
    }
}

fn dense(vector: Option<grpc::vector::Vector>) -> Result<Vec<f32>, Status> {
    match vector {
        Some(grpc::vector::Vector::Dense(dense)) => Ok(dense.data),
        Some(_) | None => Err(bad("no dense vector")),
    }
}

fn rows(multi: grpc::MultiDenseVector) -> Vec<Vec<f32>> {
    multi.vectors.into_iter().map(|row| row.data).collect()
}

fn sparse(sparse: grpc::SparseVector) -> SparseVector {
    SparseVector {
        indices: sparse.indices,
        values: sparse.values,
    }
}

pub(super) fn read_point(point: grpc::PointStruct) -> Result<Point, Status> {
    use grpc::vector::Vector;
    use grpc::vectors::VectorsOptions;
    let options = point.vectors.and_then(|vectors| vectors.vectors_options);
    let Some(VectorsOptions::Vectors(named)) = options else {
        return Err(bad("no named vectors"));
    };
    let mut vectors = named.vectors;
    let mut take = |name: &str| vectors.remove(name).and_then(|vector| vector.vector);
    let sentences = match take("sentences") {
        Some(Vector::MultiDense(multi)) => rows(multi),
        Some(_) | None => return Err(bad("no sentences")),
    };
    let bm25 = match take("bm25") {
        Some(Vector::Sparse(terms)) => sparse(terms),
        None => SparseVector::default(),
        Some(_) => return Err(bad("no sparse vector")),
    };
    let fields = point
        .payload
        .into_iter()
        .map(|(key, value)| (key, value.into()));
    let payload = serde_json::Value::Object(fields.collect());
    Ok(Point {
        id: read_id(point.id)?,
        dense: dense(take("dense"))?,
        sentences,
        bm25,
        payload: serde_json::from_value::<PointPayload>(payload)
            .map_err(|error| bad(&error.to_string()))?,
    })
}

/// New terms of a point, and nothing else of it.
pub(super) fn read_terms(point: grpc::PointVectors) -> Result<(ChunkId, SparseVector), Status> {
    use grpc::vectors::VectorsOptions;
    let options = point.vectors.and_then(|vectors| vectors.vectors_options);
    let Some(VectorsOptions::Vectors(mut named)) = options else {
        return Err(bad("no named vectors"));
    };
    let vector = named.vectors.remove("bm25").and_then(|one| one.vector);
    match vector {
        Some(grpc::vector::Vector::Sparse(terms)) if named.vectors.is_empty() => {
            Ok((ChunkId(read_id(point.id)?), sparse(terms)))
        }
        Some(_) | None => Err(bad("no terms, or more than terms")),
    }
}

pub(super) fn read_filter(filter: Option<grpc::Filter>) -> Result<Filter, Status> {
    let filter = filter.unwrap_or_default();
    if !filter.should.is_empty() || filter.min_should.is_some() {
        return Err(bad("an unexpected clause"));
    }
    let all = |conditions: Vec<grpc::Condition>| -> Result<Vec<_>, Status> {
        conditions.into_iter().map(read_condition).collect()
    };
    Ok(Filter {
        must: all(filter.must)?,
        must_not: all(filter.must_not)?,
    })
}

fn read_condition(condition: grpc::Condition) -> Result<Condition, Status> {
    use grpc::condition::ConditionOneOf;
    match condition.condition_one_of {
        Some(ConditionOneOf::HasId(ids)) => {
            let ids = ids
                .has_id
                .into_iter()
                .map(|id| read_id(Some(id)).map(ChunkId));
            Ok(Condition::Ids(ids.collect::<Result<_, _>>()?))
        }
        Some(ConditionOneOf::Field(field)) => read_field(field),
        Some(ConditionOneOf::Filter(filter)) => read_choice(filter).map(Condition::AnyOf),
        Some(_) | None => Err(bad("an unexpected condition")),
    }
}

/// The filters of a choice: one level of `should`, and nothing else in it.
fn read_choice(choice: grpc::Filter) -> Result<Vec<Filter>, Status> {
    use grpc::condition::ConditionOneOf;
    if !choice.must.is_empty() || !choice.must_not.is_empty() || choice.min_should.is_some() {
        return Err(bad("a choice with other clauses"));
    }
    let read = |condition: grpc::Condition| match condition.condition_one_of {
        Some(ConditionOneOf::Filter(filter)) => read_filter(Some(filter)),
        Some(_) | None => Err(bad("a choice of something else than filters")),
    };
    choice.should.into_iter().map(read).collect()
}

fn read_field(condition: grpc::FieldCondition) -> Result<Condition, Status> {
    use grpc::r#match::MatchValue;
    let field = Field::ALL
        .into_iter()
        .find(|field| field.key() == condition.key);
    let field = field.ok_or_else(|| bad("an unknown field"))?;
    if let Some(range) = condition.range {
        let bound = |end: Option<f64>| end.map(|end| end as i64);
        return Ok(Condition::Range(field, bound(range.gte), bound(range.lte)));
    }
    match condition.r#match.and_then(|value| value.match_value) {
        Some(MatchValue::Keywords(words)) if !field.is_number() => {
            Ok(Condition::Any(field, words.strings))
        }
        Some(MatchValue::Integers(numbers)) if field.is_number() => {
            let numbers = numbers.integers.iter().map(ToString::to_string);
            Ok(Condition::Any(field, numbers.collect()))
        }
        Some(_) | None => Err(bad("an unexpected match")),
    }
}

pub(super) fn read_query(query: grpc::QueryPoints) -> Result<StoreQuery, Status> {
    use grpc::query::Variant;
    use grpc::vector_input::Variant as Input;
    let Some(Variant::Nearest(input)) = query.query.and_then(|query| query.variant) else {
        return Err(bad("no nearest query"));
    };
    let vector = match (query.using.as_deref(), input.variant) {
        (Some("dense"), Some(Input::Dense(vector))) => QueryVector::Passage(vector.data),
        (Some("bm25"), Some(Input::Sparse(terms))) => QueryVector::Lexical(sparse(terms)),
        (Some("sentences"), Some(Input::MultiDense(multi))) => {
            let [row] = <[Vec<f32>; 1]>::try_from(rows(multi)).map_err(|_| bad("not one row"))?;
            QueryVector::BestSentence(row)
        }
        _ => return Err(bad("a vector that does not fit its name")),
    };
    Ok(StoreQuery {
        vector,
        filter: read_filter(query.filter)?,
        limit: query.limit.ok_or_else(|| bad("no limit"))? as usize,
    })
}

pub(super) fn write_hit(hit: ScoredChunk) -> grpc::ScoredPoint {
    grpc::ScoredPoint {
        id: Some(hit.id.to_string().into()),
        score: hit.score,
        ..grpc::ScoredPoint::default()
    }
}

/// Which points are asked for, and whether with their sentences' vectors.
pub(super) fn read_get(request: grpc::GetPoints) -> Result<(Vec<ChunkId>, bool), Status> {
    use grpc::with_payload_selector::SelectorOptions as Fields;
    use grpc::with_vectors_selector::SelectorOptions as Names;
    match request.with_payload.and_then(|with| with.selector_options) {
        Some(Fields::Include(include)) if include.fields == ["sentence_marks"] => {}
        Some(_) | None => return Err(bad("more payload than is needed")),
    }
    let with_vectors = match request.with_vectors.and_then(|with| with.selector_options) {
        Some(Names::Include(include)) if include.names == ["sentences"] => true,
        Some(Names::Enable(false)) => false,
        Some(_) | None => return Err(bad("more vectors than are needed")),
    };
    let ids = request
        .ids
        .into_iter()
        .map(|id| read_id(Some(id)).map(ChunkId));
    Ok((ids.collect::<Result<_, _>>()?, with_vectors))
}

pub(super) fn write_kept(kept: KeptSentences) -> grpc::RetrievedPoint {
    use grpc::vectors_output::VectorsOptions;
    let marks = grpc::Value::from(TextMark::write(&kept.marks));
    let rows = kept
        .vectors
        .into_iter()
        .map(|data| grpc::DenseVector { data });
    let rows = grpc::MultiDenseVector {
        vectors: rows.collect(),
    };
    let output = grpc::VectorOutput {
        vector: Some(grpc::vector_output::Vector::MultiDense(rows)),
        ..grpc::VectorOutput::default()
    };
    let named = grpc::NamedVectorsOutput {
        vectors: [("sentences".to_owned(), output)].into(),
    };
    grpc::RetrievedPoint {
        id: Some(kept.id.to_string().into()),
        payload: [("sentence_marks".to_owned(), marks)].into(),
        vectors: Some(grpc::VectorsOutput {
            vectors_options: Some(VectorsOptions::Vectors(named)),
        }),
        ..grpc::RetrievedPoint::default()
    }
}
