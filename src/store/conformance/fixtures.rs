//! Small points whose scores can be worked out by hand.

use uuid::Uuid;
use wenyuan_ingest::{Language, Point, PointPayload, SparseVector};

use crate::model::{ChunkId, DocumentId, KnowledgeBaseId, VersionId};
use crate::store::{Filter, QueryVector, ScoredChunk, StoreQuery, VectorStore};

/// Length of the test vectors.
pub(super) const DIMENSION: usize = 4;

/// The id of the `number`th test chunk; ids ascend with the number.
pub(super) fn chunk(number: u128) -> ChunkId {
    ChunkId(Uuid::from_u128(0x1000 + number))
}

/// A knowledge base's id.
pub(super) fn base(number: u128) -> KnowledgeBaseId {
    KnowledgeBaseId(Uuid::from_u128(0x2000 + number))
}

/// A document's id.
pub(super) fn document(number: u128) -> DocumentId {
    DocumentId(Uuid::from_u128(0x3000 + number))
}

/// A version's id.
pub(super) fn version(number: u128) -> VersionId {
    VersionId(Uuid::from_u128(0x4000 + number))
}

/// The unit vector at this angle in the first two dimensions.
pub(super) fn at(degrees: f32) -> Vec<f32> {
    let (sine, cosine) = degrees.to_radians().sin_cos();
    vec![cosine, sine, 0.0, 0.0]
}

/// Terms of equal weight; they must ascend.
pub(super) fn terms(indices: &[u32]) -> SparseVector {
    SparseVector {
        indices: indices.to_vec(),
        values: vec![1.0; indices.len()],
    }
}

/// A point of document and version 1 in base 1, at 0 degrees, with the term 7.
pub(super) fn point(number: u128) -> Point {
    Point {
        id: chunk(number).0,
        dense: at(0.0),
        sentences: vec![at(0.0)],
        bm25: terms(&[7]),
        payload: PointPayload {
            knowledge_base: base(1).0,
            document: document(1).0,
            version: version(1).0,
            ordinal: u32::try_from(number).unwrap_or(0),
            page: Some(1),
            language: Language::English,
            kind: "pdf".to_owned(),
            tags: Vec::new(),
            headings: Vec::new(),
            added_at: 1_700_000_000,
        },
    }
}

/// [`point`] at another angle.
pub(super) fn point_at(number: u128, degrees: f32) -> Point {
    Point {
        dense: at(degrees),
        sentences: vec![at(degrees)],
        ..point(number)
    }
}

/// [`point`] with other terms.
pub(super) fn point_with(number: u128, indices: &[u32]) -> Point {
    Point {
        bm25: terms(indices),
        ..point(number)
    }
}

/// [`point`] with its payload changed.
pub(super) fn point_where(number: u128, change: impl FnOnce(&mut PointPayload)) -> Point {
    let mut point = point(number);
    change(&mut point.payload);
    point
}

/// Writes the points.
pub(super) async fn write(store: &dyn VectorStore, points: Vec<Point>) {
    store.upsert(points).await.expect("the points are written");
}

/// Asks one question of everything.
pub(super) async fn ask(store: &dyn VectorStore, vector: QueryVector) -> Vec<ScoredChunk> {
    ask_where(store, vector, Filter::default()).await
}

/// Asks one question under a filter.
pub(super) async fn ask_where(
    store: &dyn VectorStore,
    vector: QueryVector,
    filter: Filter,
) -> Vec<ScoredChunk> {
    let query = StoreQuery {
        vector,
        filter,
        limit: 100,
    };
    let mut answers = store
        .query_batch(vec![query])
        .await
        .expect("the query is answered");
    assert_eq!(answers.len(), 1, "one answer per query");
    answers.remove(0)
}

/// The ids of hits, in order.
pub(super) fn ids(hits: &[ScoredChunk]) -> Vec<ChunkId> {
    hits.iter().map(|hit| hit.id).collect()
}

/// The ids of these chunks.
pub(super) fn chunks(numbers: impl IntoIterator<Item = u128>) -> Vec<ChunkId> {
    numbers.into_iter().map(chunk).collect()
}

/// Asserts that a score is this one, as far as backends compute alike.
pub(super) fn assert_score(found: f32, wanted: f32) {
    assert!(
        (found - wanted).abs() < 1e-3,
        "score {found} instead of {wanted}"
    );
}
