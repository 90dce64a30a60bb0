//! Answering from end to end over an index in memory, with a scripted model.

mod context;
mod world;

use std::time::Duration;

use futures::StreamExt;

pub(super) use self::world::hit;
use self::world::{BRIDGE, POND, World, ask, base_model};
use super::{AnswerError, AnswerEvent, AnswerMode, Notice, Support};
use crate::generate::GenerateError;
use crate::generate::scripted::ScriptedGenerator;

#[tokio::test]
async fn every_quote_is_the_source_at_its_offsets() {
    let world = World::new().await;
    for (question, text) in [
        ("石桥是谁主持修建的？", BRIDGE),
        ("What lives in the pond?", POND),
    ] {
        let answer = world.answer(None, ask(question)).await;
        assert!(
            !answer.refused && !answer.citations.is_empty(),
            "{answer:?}"
        );
        for citation in &answer.citations {
            let source: String = text
                .chars()
                .skip(citation.start)
                .take(citation.end - citation.start)
                .collect();
            assert_eq!(citation.quote, source);
        }
        assert!(
            answer
                .sentences
                .iter()
                .all(|sentence| sentence.support == Support::Supported)
        );
        assert_eq!(answer.notice, Some(Notice::ModelMissing));
    }
}

#[tokio::test]
async fn an_unrelated_question_is_refused_without_asking_the_model() {
    let world = World::new().await;
    let model = ScriptedGenerator::new(|_| panic!("the model must not be asked"));
    let answer = world
        .answer(Some(model), ask("量子计算机的纠错码有哪几种类型？"))
        .await;
    assert!(answer.refused);
    assert!(
        answer.answer.starts_with("文档中没有相关内容。"),
        "{}",
        answer.answer
    );
    assert!(answer.sentences.is_empty());
}

#[tokio::test]
async fn a_supported_sentence_cites_and_an_invented_number_is_unsupported() {
    let world = World::new().await;
    let model = ScriptedGenerator::saying("这座石桥由工匠李原主持修建。石桥全长99米。");
    let answer = world.answer(Some(model), ask("石桥是谁主持修建的？")).await;
    let support: Vec<Support> = answer
        .sentences
        .iter()
        .map(|sentence| sentence.support)
        .collect();
    assert_eq!(
        support,
        [Support::Supported, Support::Unsupported],
        "{answer:?}"
    );
    assert_eq!(answer.sentences[0].citations, [1]);
    assert!(answer.sentences[1].citations.is_empty());
}

#[tokio::test]
async fn strict_mode_withholds_what_nothing_supports() {
    let world = World::new().await;
    let model = ScriptedGenerator::saying("这座石桥由工匠李原主持修建。石桥全长99米。");
    let mut request = ask("石桥是谁主持修建的？");
    request.strict = true;
    let answer = world.answer(Some(model), request).await;
    assert_eq!(answer.answer, "这座石桥由工匠李原主持修建。");
    assert_eq!(answer.notice, Some(Notice::SentencesWithheld));
}

#[tokio::test]
async fn a_weak_model_leads_only_with_a_copy_of_the_evidence() {
    let world = World::new().await;
    let copied = world
        .answer(Some(base_model("李原")), ask("石桥是谁主持修建的？"))
        .await;
    assert_eq!(copied.sentences[0].text, "李原。");
    assert!(copied.citations[0].quote.contains("李原"));
    let invented = world
        .answer(Some(base_model("王五")), ask("石桥是谁主持修建的？"))
        .await;
    assert!(!invented.answer.contains("王五"), "{}", invented.answer);
    assert!(invented.answer.contains("李原"));
}

#[tokio::test]
async fn tokens_joined_are_the_answer_and_events_keep_their_order() {
    let world = World::new().await;
    for strict in [false, true] {
        let model = ScriptedGenerator::saying(
            "这座石桥由工匠李原主持修建。它全长64米。它全长64米，它全长64米。",
        );
        let mut request = ask("石桥是谁主持修建的？");
        request.strict = strict;
        let stream = world
            .answerer(Some(model))
            .answer(request)
            .await
            .expect("a stream");
        let events: Vec<AnswerEvent> = stream.collect().await;
        let mut joined = String::new();
        let mut order = Vec::new();
        for event in &events {
            order.push(match event {
                AnswerEvent::Retrieval(_) => 0,
                AnswerEvent::Token(text) => {
                    joined.push_str(text);
                    1
                }
                AnswerEvent::Sentence(_) => 2,
                AnswerEvent::Citation(_) => 3,
                AnswerEvent::Done(answer) => {
                    assert_eq!(answer.answer, joined);
                    4
                }
                AnswerEvent::Error(error) => panic!("{error}"),
            });
        }
        assert!(order.is_sorted() && order.last() == Some(&4), "{order:?}");
    }
}

#[tokio::test]
async fn a_model_that_goes_in_circles_is_stopped() {
    let world = World::new().await;
    let model = ScriptedGenerator::saying("这座石桥由工匠李原主持修建。".repeat(40));
    let answer = world.answer(Some(model), ask("石桥是谁主持修建的？")).await;
    assert_eq!(answer.answer, "这座石桥由工匠李原主持修建。");
}

#[tokio::test]
async fn an_answer_cites_only_what_was_retrieved() {
    let world = World::new().await;
    let model = ScriptedGenerator::saying("The pond holds carp and turtles.");
    let stream = world
        .answerer(Some(model))
        .answer(ask("What lives in the pond?"))
        .await
        .expect("a stream");
    let mut retrieved = Vec::new();
    for event in stream.collect::<Vec<_>>().await {
        match event {
            AnswerEvent::Retrieval(hits) => {
                retrieved.extend(hits.into_iter().map(|hit| hit.chunk_id));
            }
            AnswerEvent::Citation(citation) => assert!(retrieved.contains(&citation.chunk_id)),
            AnswerEvent::Token(_) | AnswerEvent::Sentence(_) | AnswerEvent::Done(_) => {}
            AnswerEvent::Error(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn quote_mode_asks_no_model() {
    let world = World::new().await;
    let model = ScriptedGenerator::new(|_| panic!("the model must not be asked"));
    let mut request = ask("石桥是谁主持修建的？");
    request.mode = AnswerMode::Quote;
    let answer = world.answer(Some(model), request).await;
    assert!(answer.answer.contains("李原") && answer.notice.is_none());
}

#[tokio::test]
async fn the_models_own_refusal_becomes_ours() {
    let world = World::new().await;
    let model = ScriptedGenerator::saying("文档中没有相关内容。");
    let answer = world.answer(Some(model), ask("石桥是谁主持修建的？")).await;
    assert!(
        answer.refused && answer.answer.starts_with("文档中没有相关内容。最接近的是"),
        "{}",
        answer.answer
    );
}

#[tokio::test]
async fn a_full_queue_is_an_error_before_the_stream() {
    let world = World::new().await;
    let slow = ScriptedGenerator::saying("x".repeat(100))
        .serving(1, 0)
        .slowed(Duration::from_secs(1));
    let answerer = world.answerer(Some(slow));
    let first = answerer.answer(ask("石桥是谁主持修建的？")).await;
    let second = answerer.answer(ask("石桥是谁主持修建的？")).await;
    assert!(first.is_ok());
    assert!(matches!(
        second,
        Err(AnswerError::Generate(GenerateError::Overloaded { .. }))
    ));
}

#[tokio::test]
async fn dropping_the_stream_frees_the_model() {
    let world = World::new().await;
    let slow = ScriptedGenerator::saying("石桥".repeat(500))
        .serving(1, 0)
        .slowed(Duration::from_millis(5));
    let answerer = world.answerer(Some(slow));
    drop(
        answerer
            .answer(ask("石桥是谁主持修建的？"))
            .await
            .expect("a stream"),
    );
    let freed = async {
        while answerer.answer(ask("石桥是谁主持修建的？")).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(2), freed)
        .await
        .expect("a place soon after");
}
