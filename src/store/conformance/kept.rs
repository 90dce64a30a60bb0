//! What every backend must give back of the sentences that it was given.

use wenyuan_ingest::{Point, TextMark};

use super::fixtures::{assert_score, at, chunk, chunks, point, write};
use crate::store::{KeptSentences, VectorStore};

fn marked(number: u128, sentences: &[(u64, f32)]) -> Point {
    let marks: Vec<TextMark> = sentences.iter().map(|(mark, _)| TextMark(*mark)).collect();
    let mut point = point(number);
    point.sentences = sentences.iter().map(|(_, degrees)| at(*degrees)).collect();
    point.payload.sentence_marks = TextMark::write(&marks);
    point
}

async fn kept(store: &dyn VectorStore, numbers: &[u128], with_vectors: bool) -> Vec<KeptSentences> {
    let ids = chunks(numbers.iter().copied());
    let mut kept = store
        .sentences(&ids, with_vectors)
        .await
        .expect("sentences");
    kept.sort_by_key(|one| one.id);
    kept
}

fn assert_vectors(found: &KeptSentences, degrees: &[f32]) {
    assert_eq!(found.vectors.len(), degrees.len());
    for (vector, degrees) in found.vectors.iter().zip(degrees) {
        for (found, wanted) in vector.iter().zip(at(*degrees)) {
            assert_score(*found, wanted);
        }
    }
}

pub(super) async fn sentences_come_back_with_their_marks_and_vectors(store: &dyn VectorStore) {
    let points = vec![
        marked(1, &[(7, 0.0), (8, 30.0)]),
        marked(2, &[(u64::MAX, 90.0)]),
    ];
    write(store, points).await;
    let found = kept(store, &[1, 2], true).await;
    assert_eq!(found.len(), 2);
    assert_eq!(
        (found[0].id, &found[0].marks),
        (chunk(1), &vec![TextMark(7), TextMark(8)])
    );
    assert_eq!(
        (found[1].id, &found[1].marks),
        (chunk(2), &vec![TextMark(u64::MAX)])
    );
    assert_vectors(&found[0], &[0.0, 30.0]);
    assert_vectors(&found[1], &[90.0]);
}

pub(super) async fn marks_alone_come_without_vectors(store: &dyn VectorStore) {
    write(store, vec![marked(1, &[(7, 0.0), (8, 30.0)])]).await;
    let found = kept(store, &[1], false).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].marks, [TextMark(7), TextMark(8)]);
    assert!(found[0].vectors.is_empty());
}

pub(super) async fn chunks_without_marks_or_not_there_are_left_out(store: &dyn VectorStore) {
    let mut too_few = marked(3, &[(7, 0.0), (8, 30.0)]);
    too_few.sentences.pop();
    write(store, vec![point(1), marked(2, &[(5, 10.0)]), too_few]).await;
    let found = kept(store, &[1, 2, 3, 4], true).await;
    assert_eq!(
        found.iter().map(|one| one.id).collect::<Vec<_>>(),
        chunks([2])
    );
    assert!(kept(store, &[], true).await.is_empty());
    assert!(kept(store, &[9], false).await.is_empty());
}

pub(super) async fn an_overwritten_chunk_gives_its_new_sentences(store: &dyn VectorStore) {
    write(store, vec![marked(1, &[(7, 0.0), (8, 30.0)])]).await;
    write(store, vec![marked(1, &[(9, 60.0)])]).await;
    let found = kept(store, &[1], true).await;
    assert_eq!(found[0].marks, [TextMark(9)]);
    assert_vectors(&found[0], &[60.0]);
}

pub(super) async fn many_chunks_are_read_at_once(store: &dyn VectorStore) {
    let points = (0..300).map(|number| marked(number, &[(number as u64, 45.0)]));
    write(store, points.collect()).await;
    let numbers: Vec<u128> = (0..300).collect();
    let found = kept(store, &numbers, true).await;
    assert_eq!(found.len(), 300);
    let in_order = found.iter().zip(0..);
    assert!(
        in_order
            .into_iter()
            .all(|(one, number)| one.marks == [TextMark(number)])
    );
}
