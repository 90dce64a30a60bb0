//! Qdrant as the index, in this process or as a server: one layout and one meaning of every call for both.

#[cfg(feature = "edge")]
mod edge;
#[cfg(feature = "edge")]
mod edge_care;
#[cfg(feature = "edge")]
mod edge_filter;
#[cfg(feature = "edge")]
mod edge_folder;
#[cfg(feature = "edge")]
mod edge_layout;
#[cfg(feature = "edge")]
mod edge_shard;
#[cfg(feature = "edge")]
mod edge_terms;
#[cfg(feature = "edge")]
mod edge_wide;
mod payload;
mod remote;
mod remote_filter;
mod remote_layout;
mod remote_terms;
mod retry;

#[cfg(feature = "edge")]
pub use edge::EdgeStore;
#[cfg(all(test, feature = "edge"))]
pub(in crate::store) use edge_care::Bounds;
pub use remote::{QdrantSettings, QdrantStore};

use uuid::Uuid;
use wenyuan_ingest::SparseVector;

use super::QueryVector;
use crate::model::ChunkId;

/// Passage vectors.
const DENSE: &str = "dense";
/// One vector per sentence; a chunk's score is its best sentence's.
const SENTENCES: &str = "sentences";
/// Lexical terms.
const BM25: &str = "bm25";

/// Points per write: with six sentences of 512 dimensions about a megabyte, so that no write starves searches.
const POINTS_PER_WRITE: usize = 64;

/// From so many chunks on, passage vectors are kept once more as bytes, a quarter of the size of full precision: the
/// graph is built and walked with those, and what it finds is scored by the vectors as they were written.
const QUANTIZED_FROM: usize = 100_000;

/// How much of the range of elements the bytes span; what lies outside is cut.
const QUANTIZED_QUANTILE: f32 = 0.99;

/// Candidates that a walk through the graph keeps for each hit wanted: time grows with them, and so does the share of the
/// nearest that is found.
const CANDIDATES_FOR_EACH: usize = 4;
/// As many at least: with fewer, a wrong way is not left again.
const CANDIDATES_AT_LEAST: usize = 192;
/// As many at most; Qdrant itself keeps one for each hit wanted in any case.
const CANDIDATES_AT_MOST: usize = 1_024;

/// Candidates that a walk through the graph keeps where so many hits are wanted.
fn candidates(limit: usize) -> usize {
    limit
        .saturating_mul(CANDIDATES_FOR_EACH)
        .clamp(CANDIDATES_AT_LEAST, CANDIDATES_AT_MOST)
}

/// Candidates by bytes that are scored anew beyond the hits wanted, and the least and most for each of these. Of a hundred
/// hits 20 more lose nothing, and each costs a page of the file with the vectors.
const RESCORED_BEYOND: f64 = 20.0;
const RESCORED_FOR_EACH: std::ops::RangeInclusive<f64> = 1.2..=2.5;

/// Candidates by bytes that are scored anew for each of so many hits wanted.
fn oversampling(limit: usize) -> f64 {
    let wanted = 1.0 + RESCORED_BEYOND / limit.max(1) as f64;
    wanted.clamp(*RESCORED_FOR_EACH.start(), *RESCORED_FOR_EACH.end())
}

/// The named vector that a query is compared with.
const fn vector_name(vector: &QueryVector) -> &'static str {
    match vector {
        QueryVector::Passage(_) => DENSE,
        QueryVector::BestSentence(_) => SENTENCES,
        QueryVector::Lexical(_) => BM25,
    }
}

/// The first id that a page after `after` may hold; `None` when there is none left.
fn next_page(after: Option<ChunkId>) -> Option<Uuid> {
    match after {
        None => Some(Uuid::nil()),
        Some(ChunkId(id)) => id.as_u128().checked_add(1).map(Uuid::from_u128),
    }
}

/// Terms that can add to a score. Qdrant treats a stored zero like any other weight.
fn weighted(terms: SparseVector) -> (Vec<u32>, Vec<f32>) {
    let pairs = terms.indices.into_iter().zip(terms.values);
    pairs.filter(|(_, weight)| *weight > 0.0).unzip()
}
