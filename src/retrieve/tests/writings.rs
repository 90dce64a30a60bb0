//! Passages in both writings: which of them a search puts first, and which one its verdict is about.

use super::super::{SearchResponse, Verdict};
use super::world::{World, document, search};

const QUESTION: &str = "石桥由谁主持修建？";

/// Chinese passages that share a word with the question, and English ones.
async fn world(chinese: f32, english: f32) -> World {
    let mut world = World::new();
    world.add(1, "石桥边有一家茶馆。", chinese).await;
    let built = "The mason Li Yuan led the building.";
    world.add(2, built, english).await;
    for (number, shop) in [(50, "卖凉茶的店"), (51, "米糕铺"), (52, "修鞋匠的小摊子")]
    {
        let text = format!("石桥边有{shop}。");
        world.add(number, &text, chinese - 0.02).await;
    }
    for number in 3..30 {
        let text = format!("Number {number} is about something else.");
        world.add(number, &text, 0.05).await;
    }
    world
}

fn first(found: &SearchResponse) -> u128 {
    found.hits[0].document_id.0.as_u128() - document(0).0.as_u128()
}

#[tokio::test]
async fn one_in_the_other_writing_that_surely_answers_comes_first_where_the_own_ones_do_not() {
    let found = world(0.6, 0.5).await.search(search(QUESTION, 5)).await;
    let evidence = &found.evidence;
    assert_eq!((first(&found), evidence.verdict), (2, Verdict::Sufficient));
    assert!(!evidence.same_writing, "{evidence:?}");
    assert!(found.hits[0].score >= found.hits[1].score);
    let told = found.hits[0].explain.as_ref().expect("explained");
    let before = told.stages.iter().rfind(|stage| stage.stage == "reranked");
    assert!(before.and_then(|stage| stage.rank) > Some(1), "{told:?}");
}

#[tokio::test]
async fn one_that_only_may_answer_stays_where_it_is() {
    let found = world(0.6, 0.2).await.search(search(QUESTION, 5)).await;
    let evidence = &found.evidence;
    assert_eq!(evidence.verdict, Verdict::Insufficient);
    assert!(first(&found) != 2, "{:?}", found.hits);
    assert!(evidence.same_writing, "{evidence:?}");
}
