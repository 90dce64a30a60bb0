//! What every backend must find, in which order and with which score.

use wenyuan_ingest::{Point, SparseVector};

use super::fixtures::{
    ask, ask_where, assert_score, at, base, chunk, chunks, ids, point, point_at, point_where,
    point_with, terms, version, write,
};
use crate::store::{Field, Filter, QueryVector, StoreError, StoreQuery, VectorStore};

fn passage(degrees: f32) -> QueryVector {
    QueryVector::Passage(at(degrees))
}

fn query(vector: QueryVector, limit: usize) -> StoreQuery {
    StoreQuery {
        vector,
        filter: Filter::default(),
        limit,
    }
}

pub(super) async fn results_are_best_first(store: &dyn VectorStore) {
    write(
        store,
        vec![
            point_at(1, 60.0),
            point_at(2, 10.0),
            point_at(3, 30.0),
            point_at(4, 180.0),
        ],
    )
    .await;
    let hits = ask(store, passage(0.0)).await;
    assert_eq!(ids(&hits), chunks([2, 3, 1, 4]));
    assert!(hits.is_sorted_by(|better, worse| better.score >= worse.score));
}

pub(super) async fn equal_scores_are_ordered_by_id(store: &dyn VectorStore) {
    write(store, [5, 2, 9, 1, 7].map(point).to_vec()).await;
    assert_eq!(
        ids(&ask(store, passage(0.0)).await),
        chunks([1, 2, 5, 7, 9])
    );
    let lexical = ask(store, QueryVector::Lexical(terms(&[7]))).await;
    assert_eq!(ids(&lexical), chunks([1, 2, 5, 7, 9]));
}

pub(super) async fn no_more_than_the_limit_comes_back(store: &dyn VectorStore) {
    write(
        store,
        (0..10)
            .map(|number| point_at(number, number as f32))
            .collect(),
    )
    .await;
    let answers = store
        .query_batch(vec![query(passage(0.0), 3)])
        .await
        .expect("an answer");
    assert_eq!(ids(&answers[0]), chunks([0, 1, 2]));
}

pub(super) async fn a_limit_of_nothing_finds_nothing(store: &dyn VectorStore) {
    write(store, vec![point(1)]).await;
    let answers = store
        .query_batch(vec![query(passage(0.0), 0)])
        .await
        .expect("an answer");
    assert_eq!(answers, vec![Vec::new()]);
}

pub(super) async fn a_batch_is_answered_in_the_order_of_its_queries(store: &dyn VectorStore) {
    let near = Point {
        bm25: terms(&[1]),
        ..point_at(1, 0.0)
    };
    let far = Point {
        bm25: terms(&[2]),
        ..point_at(2, 90.0)
    };
    write(store, vec![near, far]).await;
    let batch = vec![
        query(QueryVector::Lexical(terms(&[2])), 5),
        query(QueryVector::Lexical(terms(&[99])), 5),
        query(passage(0.0), 1),
        query(passage(0.0), 0),
        query(QueryVector::BestSentence(at(90.0)), 1),
        query(passage(90.0), 1),
    ];
    let answers = store.query_batch(batch).await.expect("answers");
    let found: Vec<_> = answers.iter().map(|hits| ids(hits)).collect();
    let wanted = [vec![2], vec![], vec![1], vec![], vec![2], vec![2]];
    assert_eq!(found, wanted.map(chunks));
}

pub(super) async fn an_empty_batch_has_no_answers(store: &dyn VectorStore) {
    let answers = store.query_batch(Vec::new()).await.expect("no answers");
    assert!(answers.is_empty());
}

pub(super) async fn a_hit_names_its_chunk_and_scores_by_cosine(store: &dyn VectorStore) {
    write(store, vec![point_at(1, 60.0), point_at(2, 120.0)]).await;
    let hits = ask(store, passage(0.0)).await;
    assert_eq!(
        hits.iter().map(|hit| hit.id).collect::<Vec<_>>(),
        chunks([1, 2])
    );
    assert_score(hits[0].score, 0.5);
    assert_score(hits[1].score, -0.5);
}

pub(super) async fn a_lexical_query_returns_only_chunks_that_share_a_term(store: &dyn VectorStore) {
    write(
        store,
        vec![
            point_with(1, &[1, 2]),
            point_with(2, &[3]),
            point_with(3, &[2, 4]),
        ],
    )
    .await;
    let hits = ask(store, QueryVector::Lexical(terms(&[2, 9]))).await;
    assert_eq!(ids(&hits), chunks([1, 3]));
    // A filter that leaves few points may take another path through an index.
    let two = Filter::default().among(chunks([1, 2]));
    let hits = ask_where(store, QueryVector::Lexical(terms(&[2])), two).await;
    assert_eq!(ids(&hits), chunks([1]));
}

pub(super) async fn a_rare_term_weighs_more_than_a_common_one(store: &dyn VectorStore) {
    let mut points: Vec<_> = (0..20).map(|number| point_with(number, &[1])).collect();
    points.push(point_with(20, &[2]));
    write(store, points).await;
    let hits = ask(store, QueryVector::Lexical(terms(&[1, 2]))).await;
    assert_eq!(hits.len(), 21);
    assert_eq!(hits[0].id, chunk(20));
    assert!(hits[0].score > 4.0 * hits[1].score);
}

pub(super) async fn lexical_scores_use_the_idf_of_the_whole_collection(store: &dyn VectorStore) {
    let elsewhere = point_where(3, |payload| payload.knowledge_base = base(2).0);
    write(
        store,
        vec![point_with(1, &[1, 2]), point_with(2, &[2]), elsewhere],
    )
    .await;
    let question = SparseVector {
        indices: vec![1, 2],
        values: vec![1.0, 2.0],
    };
    let filter = Filter::in_knowledge_bases(&[base(1)]);
    let hits = ask_where(store, QueryVector::Lexical(question), filter).await;
    let idf = |count: f32| ((3.0 - count + 0.5) / (count + 0.5) + 1.0).ln();
    assert_eq!(ids(&hits), chunks([1, 2]));
    assert_score(hits[0].score, idf(1.0) + 2.0 * idf(2.0));
    assert_score(hits[1].score, 2.0 * idf(2.0));
}

pub(super) async fn a_query_without_terms_finds_nothing(store: &dyn VectorStore) {
    write(store, vec![point(1)]).await;
    assert!(
        ask(store, QueryVector::Lexical(terms(&[])))
            .await
            .is_empty()
    );
    let weightless = SparseVector {
        indices: vec![7],
        values: vec![0.0],
    };
    assert!(
        ask(store, QueryVector::Lexical(weightless))
            .await
            .is_empty()
    );
}

pub(super) async fn the_best_sentence_decides_and_not_their_sum(store: &dyn VectorStore) {
    let one_hit = Point {
        sentences: vec![at(180.0), at(5.0), at(170.0)],
        ..point(1)
    };
    let all_close = Point {
        sentences: vec![at(20.0); 5],
        ..point(2)
    };
    write(store, vec![one_hit, all_close]).await;
    let hits = ask(store, QueryVector::BestSentence(at(0.0))).await;
    assert_eq!(ids(&hits), chunks([1, 2]));
    assert_score(hits[0].score, 5.0_f32.to_radians().cos());
    assert_score(hits[1].score, 20.0_f32.to_radians().cos());
}

pub(super) async fn best_sentences_are_sought_among_the_given_ids_only(store: &dyn VectorStore) {
    write(
        store,
        (0..30)
            .map(|number| point_at(number, number as f32))
            .collect(),
    )
    .await;
    let among = Filter::in_knowledge_bases(&[base(1)]).among(chunks([9, 4, 25, 400]));
    let hits = ask_where(store, QueryVector::BestSentence(at(0.0)), among).await;
    assert_eq!(ids(&hits), chunks([4, 9, 25]));
}

pub(super) async fn a_query_of_the_wrong_length_is_refused(store: &dyn VectorStore) {
    write(store, vec![point(1)]).await;
    for vector in [
        QueryVector::Passage(vec![1.0; 3]),
        QueryVector::BestSentence(vec![1.0; 5]),
    ] {
        let refused = store.query_batch(vec![query(vector, 5)]).await;
        assert!(
            matches!(refused, Err(StoreError::Rejected(_))),
            "{refused:?}"
        );
    }
    assert_eq!(ask(store, passage(0.0)).await.len(), 1);
}

pub(super) async fn an_empty_store_answers_with_nothing(store: &dyn VectorStore) {
    assert!(ask(store, passage(0.0)).await.is_empty());
    assert!(
        ask(store, QueryVector::Lexical(terms(&[1])))
            .await
            .is_empty()
    );
    assert!(
        ask(store, QueryVector::BestSentence(at(0.0)))
            .await
            .is_empty()
    );
    assert_eq!(store.count(&Filter::default()).await.expect("a count"), 0);
    let ids = store.ids(&Filter::default(), None, 10).await.expect("ids");
    assert!(ids.is_empty());
}

pub(super) async fn ids_walk_through_everything_in_ascending_order(store: &dyn VectorStore) {
    let order = [11, 3, 8, 1, 9, 4, 0, 10, 2, 7, 5, 6];
    write(store, order.map(point).to_vec()).await;
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = store
            .ids(&Filter::default(), after, 5)
            .await
            .expect("a page of ids");
        assert!(page.len() <= 5);
        after = page.last().copied();
        if after.is_none() {
            break;
        }
        all.extend(page);
    }
    assert_eq!(all, chunks(0..12));
    let past_the_end = store
        .ids(&Filter::default(), Some(chunk(11)), 5)
        .await
        .expect("a page");
    assert!(past_the_end.is_empty());
}

pub(super) async fn ids_respect_the_filter(store: &dyn VectorStore) {
    let points = (0..12)
        .map(|number| point_where(number, |payload| payload.version = version(number % 3).0));
    write(store, points.collect()).await;
    let filter = Filter::default().and_any(Field::Version, [version(1).0]);
    let page = store
        .ids(&filter, Some(chunk(1)), 2)
        .await
        .expect("a page of ids");
    assert_eq!(page, chunks([4, 7]));
}
