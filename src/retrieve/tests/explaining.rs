//! What a search tells of its hits, and how settings change them.

use super::super::{RetrievalSettings, SearchMode, SearchResponse, StageRank, TopK};
use super::world::{World, document, search};

fn documents(found: &SearchResponse) -> Vec<u128> {
    let number = |hit: &super::super::Hit| hit.document_id.0.as_u128() - document(0).0.as_u128();
    found.hits.iter().map(number).collect()
}

/// One is near in words, one in meaning.
async fn two() -> World {
    let mut world = World::new();
    world
        .add(1, "石桥由工匠李原主持修建，全长六十四米。", 0.1)
        .await;
    world.add(2, "石桥由清河县主持，修建得最早。", 0.95).await;
    world
}

const QUESTION: &str = "石桥由谁主持修建？";

#[tokio::test]
async fn every_stage_and_the_words_of_each_hit_are_told() {
    let world = two().await;
    let found = world.search(search(QUESTION, 10)).await;
    assert_eq!(documents(&found), [2, 1]);
    let told = found.hits[1].explain.as_ref().expect("explained");
    let names: Vec<&str> = told.stages.iter().map(|stage| stage.stage).collect();
    assert_eq!(
        names,
        [
            "dense",
            "lexical",
            "sentences",
            "fused",
            "reranked",
            "final"
        ]
    );
    let ranks: Vec<_> = told.stages.iter().map(|stage| stage.rank).collect();
    assert_eq!(
        ranks,
        [Some(2), Some(1), Some(2), Some(2), Some(2), Some(2)]
    );
    let words: Vec<&str> = told
        .matched_terms
        .iter()
        .map(|word| word.text.as_str())
        .collect();
    assert_eq!(words, ["主持修建", "石桥由"]);
    let shares: f32 = told.matched_terms.iter().map(|word| word.share).sum();
    assert!(shares > 0.9 && shares <= 1.001, "{shares}");
    assert_eq!(
        (told.matched_ranges[0].start, told.matched_ranges[0].end),
        (100, 103)
    );
    let lexical = told.stages[1].score.expect("a score");
    let words: f32 = told.matched_terms.iter().map(|word| word.score).sum();
    assert!((lexical - words).abs() < 0.2 * lexical, "{lexical} {words}");
    let trace = found.trace.expect("a trace");
    assert_eq!(
        (trace.settings.meaning_weight, trace.settings.top_k),
        (0.9, 10)
    );
}

#[tokio::test]
async fn nothing_is_explained_unless_it_is_asked_for() {
    let mut request = search(QUESTION, 10);
    request.explain = false;
    let found = two().await.search(request).await;
    assert!(found.hits.iter().all(|hit| hit.explain.is_none()) && found.trace.is_none());
}

#[tokio::test]
async fn a_stage_that_did_not_run_has_no_word_on_a_hit() {
    let mut request = search(QUESTION, 10);
    request.mode = Some(SearchMode::Dense);
    let found = two().await.search(request).await;
    let told = found.hits[0].explain.as_ref().expect("explained");
    let lexical = StageRank {
        stage: "lexical",
        rank: None,
        score: None,
    };
    assert_eq!(told.stages[1], lexical);
}

#[tokio::test]
async fn a_knowledge_bases_settings_count_where_the_search_says_nothing() {
    let mut world = two().await;
    world.set(RetrievalSettings {
        meaning_weight: Some(0.0),
        top_k: Some(1),
        ..RetrievalSettings::default()
    });
    let mut request = search(QUESTION, 10);
    assert_eq!(
        documents(&world.search(request.clone()).await),
        [1, 2],
        "the weight counts"
    );
    request.top_k = TopK::Usually(10);
    assert_eq!(documents(&world.search(request.clone()).await), [1]);
    request.settings.meaning_weight = Some(Some(4.0));
    assert_eq!(
        documents(&world.search(request).await),
        [2],
        "the search comes first"
    );
    let mut request = search(QUESTION, 10);
    request.settings.meaning_weight = Some(None);
    assert_eq!(
        documents(&world.search(request).await),
        [2, 1],
        "and may go by the default"
    );
}

#[tokio::test]
async fn no_more_passages_of_one_document_come_than_it_may_have() {
    let mut world = two().await;
    for number in 0..40 {
        let text = format!("石桥由工匠主持修建，这是第{number}次修缮。");
        world.add(1, &text, 0.8).await;
    }
    let mut request = search(QUESTION, 10);
    request.settings.per_document = Some(Some(2));
    let found = world.search(request).await;
    let mut from = documents(&found);
    from.sort_unstable();
    assert_eq!(
        from,
        [1, 1, 2],
        "the other document is reached past forty of the first"
    );
}
