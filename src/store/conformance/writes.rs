//! What every backend must keep, replace, remove and refuse.

use wenyuan_ingest::{Point, SinkError, SparseVector};

use super::fixtures::{
    ask, ask_where, assert_score, at, base, chunk, chunks, document, ids, point, point_at,
    point_where, point_with, terms, version, write,
};
use crate::store::{Effort, Field, Filter, QueryVector, VectorStore};

async fn count(store: &dyn VectorStore) -> usize {
    store.count(&Filter::default()).await.expect("a count")
}

async fn assert_refused(store: &dyn VectorStore, points: Vec<Point>) {
    let refused = store.upsert(points).await;
    assert!(
        matches!(refused, Err(SinkError::Rejected(_))),
        "{refused:?}"
    );
}

pub(super) async fn writing_the_same_point_twice_leaves_one(store: &dyn VectorStore) {
    write(store, vec![point(1), point(2)]).await;
    write(store, vec![point(1), point(2)]).await;
    assert_eq!(count(store).await, 2);
    assert_eq!(ask(store, QueryVector::Passage(at(0.0))).await.len(), 2);
    assert_eq!(ask(store, QueryVector::Lexical(terms(&[7]))).await.len(), 2);
}

pub(super) async fn an_overwritten_point_is_found_by_its_new_content_only(store: &dyn VectorStore) {
    write(store, vec![point(1)]).await;
    let mut changed = Point {
        bm25: terms(&[8]),
        ..point_at(1, 90.0)
    };
    changed.payload.version = version(2).0;
    write(store, vec![changed]).await;
    assert!(
        ask(store, QueryVector::Lexical(terms(&[7])))
            .await
            .is_empty()
    );
    assert_eq!(ask(store, QueryVector::Lexical(terms(&[8]))).await.len(), 1);
    let hits = ask(store, QueryVector::Passage(at(90.0))).await;
    assert_score(hits[0].score, 1.0);
    let (old, new) = (version(1).0, version(2).0);
    let of = async |version| {
        let filter = Filter::default().and_any(Field::Version, [version]);
        store.count(&filter).await.expect("a count")
    };
    assert_eq!((of(old).await, of(new).await), (0, 1));
    let hits = ask(store, QueryVector::BestSentence(at(90.0))).await;
    assert_score(hits[0].score, 1.0);
}

pub(super) async fn a_point_is_found_as_soon_as_it_is_written(store: &dyn VectorStore) {
    for number in 0..20 {
        write(store, vec![point(number)]).await;
        let hits = ask(store, QueryVector::Passage(at(0.0))).await;
        assert_eq!(ids(&hits), chunks(0..=number));
        assert_eq!(count(store).await as u128, number + 1);
    }
}

pub(super) async fn removing_a_version_leaves_the_others(store: &dyn VectorStore) {
    let points =
        (0..9).map(|number| point_where(number, |payload| payload.version = version(number % 3).0));
    write(store, points.collect()).await;
    store
        .remove_version(version(1).0)
        .await
        .expect("the version is removed");
    let left = store.ids(&Filter::default(), None, 100).await.expect("ids");
    assert_eq!(left, chunks([0, 2, 3, 5, 6, 8]));
    assert_eq!(
        ids(&ask(store, QueryVector::Lexical(terms(&[7]))).await),
        left
    );
}

pub(super) async fn removing_what_is_not_there_is_no_error(store: &dyn VectorStore) {
    store
        .remove_version(version(5).0)
        .await
        .expect("nothing to remove");
    write(store, vec![point(1)]).await;
    store
        .remove_version(version(5).0)
        .await
        .expect("nothing to remove");
    store
        .remove(&Filter::default().among(chunks([9])))
        .await
        .expect("nothing to remove");
    store
        .remove(&Filter::default().among(Vec::new()))
        .await
        .expect("nothing to remove");
    assert_eq!(count(store).await, 1);
}

pub(super) async fn removing_by_filter_removes_exactly_what_passes(store: &dyn VectorStore) {
    let points = (0..6)
        .map(|number| point_where(number, |payload| payload.document = document(number % 2).0));
    write(store, points.collect()).await;
    let filter = Filter::in_knowledge_bases(&[base(1)])
        .in_documents(&[document(1)])
        .among(chunks([1, 2, 3]));
    store.remove(&filter).await.expect("the chunks are removed");
    let left = store.ids(&Filter::default(), None, 100).await.expect("ids");
    assert_eq!(left, chunks([0, 2, 4, 5]));
}

pub(super) async fn removing_by_the_empty_filter_removes_everything(store: &dyn VectorStore) {
    write(store, (0..5).map(point).collect()).await;
    store
        .remove(&Filter::default())
        .await
        .expect("everything is removed");
    assert_eq!(count(store).await, 0);
    write(store, vec![point(1)]).await;
    assert_eq!(count(store).await, 1);
}

pub(super) async fn a_point_of_the_wrong_length_is_refused_and_the_store_stays_usable(
    store: &dyn VectorStore,
) {
    let short = Point {
        dense: vec![1.0; 3],
        ..point(1)
    };
    let long_sentence = Point {
        sentences: vec![at(0.0), vec![1.0; 5]],
        ..point(1)
    };
    assert_refused(store, vec![short]).await;
    assert_refused(store, vec![long_sentence]).await;
    write(store, vec![point(1)]).await;
    store.flush().await.expect("the store still flushes");
    assert_eq!(ask(store, QueryVector::Passage(at(0.0))).await.len(), 1);
}

pub(super) async fn a_refused_batch_writes_nothing(store: &dyn VectorStore) {
    let mut points: Vec<_> = (0..100).map(point).collect();
    points[99].dense.pop();
    assert_refused(store, points).await;
    assert_eq!(count(store).await, 0);
}

pub(super) async fn a_point_without_sentences_is_refused(store: &dyn VectorStore) {
    let bare = Point {
        sentences: Vec::new(),
        ..point(1)
    };
    assert_refused(store, vec![bare]).await;
    assert_eq!(count(store).await, 0);
}

pub(super) async fn a_point_that_holds_no_number_is_refused(store: &dyn VectorStore) {
    let broken = Point {
        dense: vec![f32::NAN, 0.0, 0.0, 1.0],
        ..point(1)
    };
    assert_refused(store, vec![broken]).await;
    let infinite = SparseVector {
        indices: vec![1],
        values: vec![f32::INFINITY],
    };
    assert_refused(
        store,
        vec![Point {
            bm25: infinite,
            ..point(1)
        }],
    )
    .await;
    assert_eq!(count(store).await, 0);
}

pub(super) async fn terms_out_of_order_are_refused(store: &dyn VectorStore) {
    assert_refused(store, vec![point_with(1, &[2, 1])]).await;
    assert_refused(store, vec![point_with(1, &[1, 1])]).await;
    let uneven = SparseVector {
        indices: vec![1, 2],
        values: vec![1.0],
    };
    assert_refused(
        store,
        vec![Point {
            bm25: uneven,
            ..point(1)
        }],
    )
    .await;
    assert_eq!(count(store).await, 0);
}

pub(super) async fn a_point_without_terms_is_still_found_by_its_passage(store: &dyn VectorStore) {
    write(store, vec![point_with(1, &[]), point(2)]).await;
    assert_eq!(ask(store, QueryVector::Passage(at(0.0))).await.len(), 2);
    assert_eq!(
        ids(&ask(store, QueryVector::Lexical(terms(&[7]))).await),
        chunks([2])
    );
}

pub(super) async fn many_points_at_once_are_all_written(store: &dyn VectorStore) {
    write(store, (0..1_000).map(point).collect()).await;
    assert_eq!(count(store).await, 1_000);
    let last = Filter::default()
        .and_any(Field::Version, [version(1).0])
        .among(chunks([999]));
    assert_eq!(
        ask_where(store, QueryVector::Lexical(terms(&[7])), last)
            .await
            .len(),
        1
    );
}

pub(super) async fn an_optimized_store_still_answers(store: &dyn VectorStore) {
    write(
        store,
        (0..50)
            .map(|number| point_at(number, number as f32))
            .collect(),
    )
    .await;
    store
        .remove(&Filter::default().among(chunks(0..20)))
        .await
        .expect("chunks are removed");
    store
        .optimize(Effort::Full)
        .await
        .expect("the store is optimized");
    assert_eq!(count(store).await, 30);
    assert_eq!(
        ask(store, QueryVector::Passage(at(0.0))).await[0].id,
        chunk(20)
    );
}

pub(super) async fn a_flushed_store_is_ready(store: &dyn VectorStore) {
    write(store, vec![point(1)]).await;
    store.flush().await.expect("the store flushes");
    store.flush().await.expect("the store flushes again");
    store.check().await.expect("the store is ready");
}
