//! New lexical terms for points that a server has already.

use std::collections::HashSet;

use qdrant_client::qdrant as grpc;
use wenyuan_ingest::SparseVector;

use super::{BM25, POINTS_PER_WRITE, weighted};
use crate::model::ChunkId;

/// The requests that write them, one after the other, for those points that are `there`: a server refuses a write that
/// names another one.
pub(super) fn requests(
    collection: &str,
    terms: Vec<(ChunkId, SparseVector)>,
    there: &HashSet<ChunkId>,
) -> Vec<grpc::UpdatePointVectors> {
    let known = terms.into_iter().filter(|(id, _)| there.contains(id));
    let points: Vec<grpc::PointVectors> = known.map(|(id, terms)| vectors(id, terms)).collect();
    let request = |points: &[grpc::PointVectors]| {
        grpc::UpdatePointVectorsBuilder::new(collection, points)
            .wait(true)
            .build()
    };
    points.chunks(POINTS_PER_WRITE).map(request).collect()
}

fn vectors(id: ChunkId, terms: SparseVector) -> grpc::PointVectors {
    let (indices, values) = weighted(terms);
    let terms = grpc::Vector::new_sparse(indices, values);
    let named = grpc::NamedVectors::default().add_vector(BM25, terms);
    grpc::PointVectors {
        id: Some(id.to_string().into()),
        vectors: Some(named.into()),
    }
}
