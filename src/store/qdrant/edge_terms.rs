//! New lexical terms for points that are there already; everything else of them stays.

use std::collections::HashSet;

use qdrant_edge as edge;
use wenyuan_ingest::SparseVector;

use super::{BM25, POINTS_PER_WRITE, weighted};
use crate::model::ChunkId;

/// Writes the terms of those of these points that are `there`: edge refuses a write that names another one.
pub(super) fn replace(
    shard: &edge::EdgeShard,
    terms: Vec<(ChunkId, SparseVector)>,
    there: &HashSet<ChunkId>,
) -> edge::OperationResult<()> {
    let known = terms.into_iter().filter(|(id, _)| there.contains(id));
    let mut points = known.map(|(id, terms)| vectors(id, terms));
    loop {
        let batch = points.by_ref().take(POINTS_PER_WRITE);
        let points: Vec<_> = batch.collect::<Result<_, _>>()?;
        if points.is_empty() {
            return Ok(());
        }
        let operation = edge::UpdateVectorsOp {
            points,
            update_filter: None,
        };
        let operation = edge::VectorOperations::UpdateVectors(operation);
        shard.update(edge::UpdateOperation::VectorOperation(operation))?;
    }
}

fn vectors(id: ChunkId, terms: SparseVector) -> edge::OperationResult<edge::PointVectorsPersisted> {
    let (indices, values) = weighted(terms);
    let named = edge::Vectors::new_named([(BM25, edge::Vector::new_sparse(indices, values)?)]);
    Ok(edge::PointVectorsPersisted {
        id: edge::PointId::Uuid(id.0),
        vector: named.0.into(),
    })
}
