//! What every backend must do when chunks get other lexical terms.

use wenyuan_ingest::{SparseVector, TextMark};

use super::fixtures::{
    ask, ask_where, assert_score, at, chunk, chunks, ids, point, point_at, terms, version, write,
};
use crate::model::ChunkId;
use crate::store::{Effort, Field, Filter, QueryVector, StoreError, VectorStore};

async fn found(store: &dyn VectorStore, term: u32) -> Vec<ChunkId> {
    let mut found = ids(&ask(store, QueryVector::Lexical(terms(&[term]))).await);
    found.sort_unstable();
    found
}

async fn replace(store: &dyn VectorStore, new: Vec<(u128, SparseVector)>) {
    let new = new
        .into_iter()
        .map(|(number, terms)| (chunk(number), terms));
    store.replace_terms(new.collect()).await.expect("new terms");
}

pub(super) async fn new_terms_take_the_place_of_the_old_and_all_else_stays(
    store: &dyn VectorStore,
) {
    let mut marked = point_at(1, 30.0);
    marked.payload.sentence_marks = TextMark::write(&[TextMark(9)]);
    write(store, vec![marked, point(2)]).await;
    replace(store, vec![(1, terms(&[7, 8]))]).await;
    replace(store, vec![(1, terms(&[8, 9]))]).await;
    store.flush().await.expect("the store flushes");
    assert_eq!(found(store, 7).await, chunks([2]));
    assert_eq!(found(store, 8).await, chunks([1]));
    assert_eq!(found(store, 9).await, chunks([1]));
    let nearest = ask(store, QueryVector::Passage(at(30.0))).await;
    assert_eq!(nearest[0].id, chunk(1));
    assert_score(nearest[0].score, 1.0);
    let sentence = ask(store, QueryVector::BestSentence(at(30.0))).await;
    assert_score(sentence[0].score, 1.0);
    let filter = Filter::default().and_any(Field::Version, [version(1).0]);
    let filtered = ask_where(store, QueryVector::Lexical(terms(&[9])), filter).await;
    assert_eq!(ids(&filtered), chunks([1]));
    let kept = store
        .sentences(&chunks([1]), true)
        .await
        .expect("sentences");
    assert_eq!(kept[0].marks, [TextMark(9)]);
    assert_eq!(store.count(&Filter::default()).await.expect("a count"), 2);
}

pub(super) async fn terms_of_chunks_that_are_not_there_and_no_terms_are_left_out(
    store: &dyn VectorStore,
) {
    write(store, vec![point(1), point(2)]).await;
    let none = SparseVector::default();
    replace(store, vec![(1, terms(&[8])), (2, none), (5, terms(&[8]))]).await;
    replace(store, vec![(6, terms(&[8]))]).await;
    replace(store, Vec::new()).await;
    assert_eq!(found(store, 8).await, chunks([1]));
    assert_eq!(found(store, 7).await, chunks([2]));
    assert_eq!(store.count(&Filter::default()).await.expect("a count"), 2);
}

pub(super) async fn terms_that_cannot_be_are_refused_and_nothing_is_written(
    store: &dyn VectorStore,
) {
    write(store, vec![point(1), point(2)]).await;
    let unordered = SparseVector {
        indices: vec![9, 8],
        values: vec![1.0, 1.0],
    };
    let refused = store.replace_terms(vec![(chunk(1), terms(&[8])), (chunk(2), unordered)]);
    assert!(matches!(refused.await, Err(StoreError::Rejected(_))));
    assert_eq!(found(store, 7).await, chunks([1, 2]));
}

pub(super) async fn many_chunks_get_new_terms_at_once(store: &dyn VectorStore) {
    write(store, (0..200).map(point).collect()).await;
    replace(
        store,
        (0..150).map(|number| (number, terms(&[7, 8]))).collect(),
    )
    .await;
    assert_eq!(store.count(&Filter::default()).await.expect("a count"), 200);
    let last = Filter::default().among(chunks([149, 150]));
    let of = async |term| {
        let query = QueryVector::Lexical(terms(&[term]));
        ids(&ask_where(store, query, last.clone()).await)
    };
    assert_eq!(of(8).await, chunks([149]));
    assert_eq!(of(7).await.len(), 2);
}

pub(super) async fn an_index_in_order_takes_new_terms(store: &dyn VectorStore) {
    write(store, (0..50).map(point).collect()).await;
    store
        .optimize(Effort::Full)
        .await
        .expect("the store is optimized");
    replace(store, vec![(3, terms(&[8]))]).await;
    assert_eq!(found(store, 8).await, chunks([3]));
    assert_eq!(found(store, 7).await.len(), 49);
    store
        .optimize(Effort::Full)
        .await
        .expect("the store is optimized again");
    assert_eq!(found(store, 8).await, chunks([3]));
    assert_eq!(store.count(&Filter::default()).await.expect("a count"), 50);
}
