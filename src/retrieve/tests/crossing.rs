//! What a cross-encoder changes in a search, and what it must not change.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;

use super::super::{
    CrossEncoding, CrossLimits, Expected, Finding, LanguagePair, RerankOutcome, Retriever,
    SearchMode, SearchResponse, WhyNotRequest, Writing,
};
use super::world::{World, document, search};
use crate::rerank::{CrossEncoder, RerankError};

/// Thinks much of passages with the character 答, and does what a test says.
#[derive(Default)]
struct Judge {
    calls: AtomicUsize,
    read: Mutex<Vec<String>>,
    error: Option<RerankError>,
    is_slow: bool,
}

#[async_trait]
impl CrossEncoder for Judge {
    fn name(&self) -> &'static str {
        "judge"
    }

    fn fingerprint(&self) -> &'static str {
        "judge"
    }

    fn max_tokens(&self) -> usize {
        512
    }

    async fn rerank(&self, _: &str, passages: &[String]) -> Result<Vec<f32>, RerankError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        self.read
            .lock()
            .expect("not poisoned")
            .extend(passages.iter().cloned());
        if self.is_slow {
            futures::future::pending::<()>().await;
        }
        match &self.error {
            Some(error) => Err(error.clone()),
            None => Ok(passages
                .iter()
                .map(|text| if text.contains('答') { 0.9 } else { 0.1 })
                .collect()),
        }
    }
}

const LIMITS: CrossLimits = CrossLimits {
    candidates: 20,
    budget_tokens: 10_000,
    timeout: Duration::from_millis(40),
};

const QUESTION: &str = "石桥由谁主持修建？";

/// Four passages, the one with the answer third by words and meaning.
async fn world() -> World {
    let mut world = World::new();
    world
        .add(1, "石桥由工匠主持修建，全长六十四米。", 0.9)
        .await;
    world.add(2, "石桥由县里主持，数它最老。", 0.8).await;
    world.add(3, "答：李原主持。", 0.7).await;
    world.add(4, "灯塔在港口。", 0.2).await;
    world
}

fn with(world: &World, judge: &Arc<Judge>, limits: CrossLimits) -> Retriever {
    let model: Arc<dyn CrossEncoder> = Arc::clone(judge) as _;
    let cross = CrossEncoding::new(model, LanguagePair::all(), limits);
    world.retriever().with_cross_encoder(cross)
}

async fn asked(retriever: &Retriever, top_k: usize) -> SearchResponse {
    retriever
        .search(search(QUESTION, top_k))
        .await
        .expect("a search")
}

fn documents(found: &SearchResponse) -> Vec<u128> {
    let number = |hit: &super::super::Hit| hit.document_id.0.as_u128() - document(0).0.as_u128();
    found.hits.iter().map(number).collect()
}

fn outcome(found: &SearchResponse) -> RerankOutcome {
    found.reranking.as_ref().expect("there is a model").outcome
}

#[tokio::test]
async fn what_the_model_is_sure_of_comes_first_and_the_rest_keeps_its_order() {
    let world = world().await;
    let before = world.search(search(QUESTION, 10)).await;
    assert_eq!(documents(&before), [1, 2, 3, 4]);
    let found = asked(&with(&world, &Arc::default(), LIMITS), 10).await;
    assert_eq!(documents(&found), [3, 1, 2, 4]);
    let scores: Vec<_> = found
        .hits
        .iter()
        .map(|hit| hit.scores.cross_encoder)
        .collect();
    assert_eq!(scores, [Some(0.9), Some(0.1), Some(0.1), Some(0.1)]);
    for (hit, next) in found.hits.iter().zip(&found.hits[1..]) {
        assert!(hit.score >= next.score);
        assert_eq!(hit.scores.rerank, Some(hit.score));
    }
    assert!(found.timings.rerank.is_some());
    let turn = found.reranking.expect("there is a model");
    assert_eq!(
        (turn.outcome, turn.passages, turn.model.as_str()),
        (RerankOutcome::Done, 4, "judge")
    );
}

#[tokio::test]
async fn the_verdict_is_the_same_with_and_without() {
    let world = world().await;
    let before = world.search(search(QUESTION, 10)).await;
    let found = asked(&with(&world, &Arc::default(), LIMITS), 10).await;
    assert_eq!(found.evidence, before.evidence);
    let features = |found: &SearchResponse| found.trace.as_ref().expect("a trace").evidence.clone();
    assert_eq!(features(&found), features(&before));
}

#[tokio::test]
async fn without_a_model_nothing_on_the_wire_tells_of_one() {
    let found = world().await.search(search(QUESTION, 10)).await;
    let json = serde_json::to_string(&found).expect("JSON");
    for key in ["cross_encoder", "reranking"] {
        assert!(!json.contains(key), "{key}");
    }
    assert!(found.timings.rerank.is_none());
}

#[tokio::test]
async fn every_hit_tells_its_rank_before_and_after() {
    let found = asked(&with(&world().await, &Arc::default(), LIMITS), 10).await;
    let told = found.hits[0].explain.as_ref().expect("explained");
    let names: Vec<&str> = told.stages.iter().map(|stage| stage.stage).collect();
    let all = [
        "dense",
        "lexical",
        "sentences",
        "fused",
        "reranked",
        "cross_encoder",
        "final",
    ];
    assert_eq!(names, all);
    let ranks: Vec<_> = told.stages[4..].iter().map(|stage| stage.rank).collect();
    assert_eq!(ranks, [Some(3), Some(1), Some(1)]);
    assert_eq!(told.stages[5].score, Some(0.9));
    let trace = found.trace.expect("a trace");
    let names: Vec<&str> = trace.stages.iter().map(|stage| stage.stage).collect();
    assert!(names.contains(&"cross_encoder"), "{names:?}");
}

#[tokio::test]
async fn a_failure_or_a_slow_model_leaves_the_order_and_is_told() {
    let world = world().await;
    let failing = Judge {
        error: Some(RerankError::Unavailable("gone".to_owned())),
        ..Judge::default()
    };
    let slow = Judge {
        is_slow: true,
        ..Judge::default()
    };
    for (judge, expected) in [
        (failing, RerankOutcome::Failed),
        (slow, RerankOutcome::TimedOut),
    ] {
        let found = asked(&with(&world, &Arc::new(judge), LIMITS), 10).await;
        assert_eq!(documents(&found), [1, 2, 3, 4]);
        assert_eq!(outcome(&found), expected);
        assert!(
            found
                .hits
                .iter()
                .all(|hit| hit.scores.cross_encoder.is_none())
        );
    }
}

#[tokio::test]
async fn a_model_that_keeps_failing_is_left_alone_and_a_busy_one_is_asked_again() {
    let world = world().await;
    let failing = |error| {
        Arc::new(Judge {
            error: Some(error),
            ..Judge::default()
        })
    };
    let broken = failing(RerankError::Unavailable("gone".to_owned()));
    let retriever = with(&world, &broken, LIMITS);
    for _ in 0..5 {
        asked(&retriever, 10).await;
    }
    assert_eq!(broken.calls.load(Ordering::SeqCst), 3);
    assert_eq!(
        outcome(&asked(&retriever, 10).await),
        RerankOutcome::Resting
    );

    let busy = failing(RerankError::Overloaded);
    let retriever = with(&world, &busy, LIMITS);
    for _ in 0..5 {
        asked(&retriever, 10).await;
    }
    assert_eq!(busy.calls.load(Ordering::SeqCst), 5);
}

#[tokio::test]
async fn only_the_best_are_read_and_they_stay_before_the_others() {
    let world = world().await;
    let judge: Arc<Judge> = Arc::default();
    let limits = CrossLimits {
        candidates: 2,
        ..LIMITS
    };
    let found = asked(&with(&world, &judge, limits), 10).await;
    assert_eq!(documents(&found), [1, 2, 3, 4]);
    assert_eq!(judge.read.lock().expect("not poisoned").len(), 2);
    assert_eq!(found.hits[2].scores.cross_encoder, None);

    let limits = CrossLimits {
        budget_tokens: 80,
        ..LIMITS
    };
    let judge: Arc<Judge> = Arc::default();
    asked(&with(&world, &judge, limits), 10).await;
    assert!((2..4).contains(&judge.read.lock().expect("not poisoned").len()));
}

#[tokio::test]
async fn it_is_asked_for_its_pairs_of_languages_and_in_the_hybrid_mode_only() {
    let world = world().await;
    let judge: Arc<Judge> = Arc::default();
    let model: Arc<dyn CrossEncoder> = Arc::clone(&judge) as _;
    let english = LanguagePair::among(&[Writing::Alphabetic]);
    let cross = CrossEncoding::new(model, english, LIMITS);
    let found = asked(&world.retriever().with_cross_encoder(cross), 10).await;
    assert_eq!(outcome(&found), RerankOutcome::OtherLanguages);
    assert_eq!(
        found.reranking.expect("a turn").languages.to_string(),
        "zh/zh"
    );

    let retriever = with(&world, &judge, LIMITS);
    for mode in [SearchMode::Dense, SearchMode::Lexical] {
        let mut request = search(QUESTION, 10);
        request.mode = Some(mode);
        let found = retriever.search(request).await.expect("a search");
        assert!(found.reranking.is_none());
    }
    assert_eq!(judge.calls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn why_not_names_the_model_that_took_a_passage_away_and_asks_it_once_for_each() {
    let world = world().await;
    let judge: Arc<Judge> = Arc::default();
    let retriever = with(&world, &judge, LIMITS);
    let request = WhyNotRequest {
        search: search(QUESTION, 1),
        expected: Expected::Document(document(1)),
    };
    let report = retriever.why_not(request).await.expect("a report");
    assert_eq!(report.finding, Finding::LostInReranking);
    assert_eq!(report.finding.stage(), "cross_encoder");
    let ranks: Vec<_> = report
        .stages
        .iter()
        .filter(|stage| matches!(stage.stage, "reranked" | "cross_encoder"))
        .map(|stage| stage.rank)
        .collect();
    assert_eq!(ranks, [Some(1), Some(2)]);
    assert!(!report.remedies.is_empty(), "more hits bring it");
    let mut read = judge.read.lock().expect("not poisoned").clone();
    let all = read.len();
    read.sort();
    read.dedup();
    assert_eq!(read.len(), all, "nothing was read twice");
}
