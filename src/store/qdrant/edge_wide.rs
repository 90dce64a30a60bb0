//! Wide filters: what nearly every chunk passes is checked on what was found, not on the way.
//!
//! Edge asks the payload of every vector that it compares. In a large collection that takes as long as comparing them, and
//! for nothing where all of it is in one knowledge base and in one language.

use std::collections::HashSet;

use qdrant_edge as edge;

/// Share of the collection that a wide filter passes.
const WIDE: f64 = 0.9;

/// Hits that are asked for beyond those that should be enough.
const SPARE: usize = 8;

/// Answers of a batch, with wide filters checked afterwards in collections from so many chunks on. Where too few of what was
/// found pass, the search is made once more with its filter.
pub(super) fn query_batch(
    shard: &edge::EdgeShard,
    requests: Vec<edge::QueryRequest>,
    from: usize,
) -> edge::OperationResult<Vec<Vec<edge::ScoredPoint>>> {
    let all = shard.info()?.points_count;
    if all < from {
        return shard.query_batch(edge::QueryBatchRequest::new(requests));
    }
    let mut asked = Vec::with_capacity(requests.len());
    for request in &requests {
        asked.push(widened(shard, request, all)?.unwrap_or_else(|| request.clone()));
    }
    let limits: Vec<usize> = asked.iter().map(|request| request.limit).collect();
    let mut answers = shard.query_batch(edge::QueryBatchRequest::new(asked))?;
    let checked = requests.into_iter().zip(limits).zip(&mut answers);
    for ((request, limit), points) in checked.filter(|((one, limit), _)| one.limit != *limit) {
        let exhausted = points.len() < limit;
        let passing = passing(shard, &request, points)?;
        points.retain(|point| passing.contains(&point.id));
        points.truncate(request.limit);
        if points.len() < request.limit && !exhausted {
            *points = shard.query(request)?;
        }
    }
    Ok(answers)
}

/// The same request without its filter, for as many hits more as that may cost; `None` where its filter is not wide.
fn widened(
    shard: &edge::EdgeShard,
    request: &edge::QueryRequest,
    all: usize,
) -> edge::OperationResult<Option<edge::QueryRequest>> {
    let exact = request.params.as_ref().is_some_and(|params| params.exact);
    let Some(filter) = request.filter.clone().filter(|_| !exact) else {
        return Ok(None);
    };
    let passing = shard.count(edge::CountRequest {
        filter: Some(filter),
        exact: false,
    })?;
    let part = passing as f64 / all.max(1) as f64;
    Ok((part >= WIDE).then(|| edge::QueryRequest {
        filter: None,
        limit: (request.limit as f64 / part.min(1.0)).ceil() as usize + SPARE,
        ..request.clone()
    }))
}

/// Which of these points pass the request's filter.
fn passing(
    shard: &edge::EdgeShard,
    request: &edge::QueryRequest,
    points: &[edge::ScoredPoint],
) -> edge::OperationResult<HashSet<edge::PointId>> {
    let among = edge::Condition::HasId(points.iter().map(|point| point.id).collect());
    let own = edge::Condition::Filter(request.filter.clone().unwrap_or_default());
    let (records, _next) = shard.scroll(edge::ScrollRequest {
        limit: Some(points.len().max(1)),
        filter: Some(edge::Filter {
            must: Some(vec![among, own]),
            ..edge::Filter::default()
        }),
        with_payload: Some(edge::WithPayloadInterface::Bool(false)),
        ..edge::ScrollRequest::new()
    })?;
    Ok(records.into_iter().map(|record| record.id).collect())
}
