//! A new version of a document embeds only what is new in it.

use std::collections::BTreeMap;

use wenyuan_ingest::TextMark;

use super::support::{Fixture, TwinEmbedder, fixture};
use crate::catalog::{DocumentChange, Status};
use crate::store::{Filter, VectorStore as _};

/// Sentences that are long enough to be embedded each by itself.
fn sentences(count: usize) -> Vec<String> {
    let sentence = |number| {
        format!(
            "第 {number} 条规定说明了第 {number} 种设备在日常使用中必须遵守的操作步骤与注意事项。"
        )
    };
    (0..count).map(sentence).collect()
}

/// Everything that the index keeps of the sentences of all documents, by mark.
async fn kept(fixture: &Fixture) -> BTreeMap<TextMark, Vec<f32>> {
    fixture.ingestor.collect().await.expect("collect");
    let ids = fixture
        .store
        .ids(&Filter::default(), None, 10_000)
        .await
        .expect("ids");
    let kept = fixture
        .store
        .sentences(&ids, true)
        .await
        .expect("sentences");
    kept.into_iter()
        .flat_map(|one| one.marks.into_iter().zip(one.vectors))
        .collect()
}

#[tokio::test]
async fn one_changed_sentence_of_a_long_document_is_all_that_is_embedded() {
    let mut text = sentences(400);
    let fixture = fixture(TwinEmbedder::open()).await;
    let (id, _) = fixture.ingest("规定.txt", text.concat().as_bytes()).await;
    let first = fixture.embedder.take_texts();
    assert!(first.len() >= 150, "{} texts", first.len());
    text[200] = "这一条在新的一版里完全改写了，别的条文都没有变动，读者可以逐条对照。".to_owned();
    let (same, end) = fixture.ingest("规定.txt", text.concat().as_bytes()).await;
    assert_eq!((same, end.status), (id, Status::Ready));
    let again = fixture.embedder.take_texts();
    assert_eq!(again.len(), 2, "{again:?}");
    assert!(again[0].contains("完全改写"), "{again:?}");
    assert_eq!(
        again[1], "规定",
        "and the title, which every sentence leans towards"
    );

    // Everything in the index is what embedding the new version by itself would have put there.
    let anew = super::support::fixture(TwinEmbedder::open()).await;
    anew.ingest("规定.txt", text.concat().as_bytes()).await;
    assert_eq!(kept(&fixture).await, kept(&anew).await);
    assert_eq!(fixture.points().await, anew.points().await);
}

#[tokio::test]
async fn what_moves_within_a_document_keeps_its_vectors() {
    let text = sentences(120);
    let fixture = fixture(TwinEmbedder::open()).await;
    fixture.ingest("规定.txt", text.concat().as_bytes()).await;
    fixture.embedder.take_texts();
    let moved: String = text[60..].iter().chain(&text[..60]).cloned().collect();
    let (_, end) = fixture.ingest("规定.txt", moved.as_bytes()).await;
    assert_eq!(end.status, Status::Ready);
    assert_eq!(fixture.embedder.take_texts(), Vec::<String>::new());
}

#[tokio::test]
async fn a_new_title_makes_every_text_new() {
    let mut text = sentences(50);
    let fixture = fixture(TwinEmbedder::open()).await;
    let (id, _) = fixture.ingest("规定.txt", text.concat().as_bytes()).await;
    let first = fixture.embedder.take_texts();
    let change = DocumentChange {
        name: Some("办法.txt".to_owned()),
        ..DocumentChange::default()
    };
    let renamed = fixture
        .catalog
        .change_document(fixture.knowledge_base, id, change);
    renamed.await.expect("renamed");
    // The title of a text without one is its file's name, which every sentence leans towards.
    text.push("最后加的一条规定说明了所有设备在停用以后必须遵守的封存步骤与注意事项。".to_owned());
    let (same, end) = fixture.ingest("办法.txt", text.concat().as_bytes()).await;
    assert_eq!((same, end.status), (id, Status::Ready));
    let again = fixture.embedder.take_texts();
    assert!(again.len() >= first.len(), "{again:?}");
    assert!(again.contains(&"办法".to_owned()), "{again:?}");
}

#[tokio::test]
async fn another_document_with_the_same_sentences_is_embedded_by_itself() {
    let text = sentences(30).concat();
    let fixture = fixture(TwinEmbedder::open()).await;
    fixture.ingest("规定.txt", text.as_bytes()).await;
    let first = fixture.embedder.take_texts();
    fixture
        .ingest("别的.txt", format!("{text}\n").as_bytes())
        .await;
    assert_eq!(fixture.embedder.take_texts().len(), first.len());
}
