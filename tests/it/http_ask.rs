//! Questions over HTTP: events in their order, refusals, a full queue, and what is not possible yet.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt as _;
use serde_json::json;
use wenyuan::generate::scripted::ScriptedGenerator;
use wenyuan::http::HttpSettings;

use crate::http_support::{TestApp, keys};

const TEXT: &str = "# 休假制度\n\n年假最多可以累积五天。超过的部分在次年三月底作废。\n";
const QUESTION: &str = "年假最多可以累积几天？";

#[tokio::test]
async fn a_search_returns_passages_with_scores_and_times() {
    let app = TestApp::start().await;
    let base = app.knowledge_base().await;
    app.ready(&base, "休假.md", TEXT).await;
    let found = app
        .post(
            &format!("{base}/search"),
            &json!({ "query": QUESTION, "explain": true }),
        )
        .await
        .json();
    let hit = &found["hits"][0];
    assert_eq!(hit["document_name"], "休假.md");
    let all = "chunk_id document_id document_name end explain heading knowledge_base_id language ordinal page parent score scores sentences start text title";
    assert_eq!(keys(hit).join(" "), all);
    assert!(found["timings_ms"]["total"].is_number() && found["trace"]["stages"].is_array());
    let wrong = app
        .post(
            &format!("{base}/search"),
            &json!({ "query": "a", "filter": { "colour": "red" } }),
        )
        .await;
    assert_eq!(
        wrong.error(),
        (400, "invalid_body".to_owned()),
        "a filter that is ignored would mislead"
    );
}

#[tokio::test]
async fn a_streamed_answer_keeps_the_promised_order() {
    let app = TestApp::start().await;
    let base = app.knowledge_base().await;
    app.ready(&base, "休假.md", TEXT).await;
    let reply = app
        .post(
            &format!("{base}/ask"),
            &json!({ "question": QUESTION, "stream": true }),
        )
        .await;
    assert!(
        reply
            .header("content-type")
            .starts_with("text/event-stream")
    );
    let events = reply.events();
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    let order = ["retrieval", "token", "sentence", "citation", "done"];
    let places: Vec<_> = names
        .iter()
        .map(|name| order.iter().position(|known| known == name))
        .collect();
    assert!(
        places.iter().all(Option::is_some) && places.is_sorted(),
        "{names:?}"
    );
    assert_eq!(
        (names.first(), names.last()),
        (Some(&"retrieval"), Some(&"done"))
    );
    assert_eq!(names.iter().filter(|name| **name == "done").count(), 1);
    let (_, done) = events.last().expect("events");
    let promised = [
        "answer",
        "answer_id",
        "citations",
        "model",
        "refused",
        "sentences",
        "timings_ms",
        "usage",
    ];
    let present = keys(done);
    assert!(
        promised
            .iter()
            .all(|key| present.iter().any(|known| known == key)),
        "{present:?}"
    );
}

#[tokio::test]
async fn a_question_about_nothing_here_is_refused() {
    let app = TestApp::start().await;
    let base = app.knowledge_base().await;
    let asked = json!({ "question": "Who was the first person on the moon?", "stream": false });
    let answer = app.post(&format!("{base}/ask"), &asked).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["refused"], true);
    assert_eq!(answer.json()["sentences"], json!([]));
}

#[tokio::test]
async fn a_client_that_takes_only_json_gets_json() {
    let app = TestApp::start().await;
    let base = app.knowledge_base().await;
    let request = Request::post(format!("{base}/ask"))
        .header("content-type", "application/json")
        .header("accept", "application/json")
        .body(Body::from(
            json!({ "question": QUESTION, "strict": true }).to_string(),
        ))
        .expect("a request");
    let reply = app.send(request).await;
    assert!(reply.header("content-type").starts_with("application/json"));
    assert!(reply.json()["answer_id"].is_string());
}

#[tokio::test]
async fn what_is_not_possible_yet_is_refused_and_not_ignored() {
    let app = TestApp::start().await;
    let base = app.knowledge_base().await;
    let ask = format!("{base}/ask");
    for extra in [
        json!({ "lora": "law" }),
        json!({ "model": "another" }),
        json!({ "conversation_id": "1" }),
    ] {
        let mut body = json!({ "question": QUESTION });
        body.as_object_mut()
            .expect("an object")
            .extend(extra.as_object().cloned().expect("an object"));
        assert_eq!(
            app.post(&ask, &body).await.error(),
            (422, "unsupported".to_owned())
        );
    }
    assert_eq!(
        app.post(&ask, &json!({ "question": "\n " })).await.error(),
        (400, "empty_question".to_owned())
    );
}

#[tokio::test]
async fn a_full_queue_is_told_before_the_stream_begins_and_leaving_frees_the_model() {
    let slow = ScriptedGenerator::saying("年假最多可以累积五天。".repeat(500))
        .serving(1, 0)
        .slowed(Duration::from_millis(20));
    let app = TestApp::with(HttpSettings::default(), Some(Arc::new(slow))).await;
    let base = app.knowledge_base().await;
    app.ready(&base, "休假.md", TEXT).await;
    let ask = || {
        Request::post(format!("{base}/ask"))
            .header("content-type", "application/json")
            .body(Body::from(
                json!({ "question": QUESTION, "stream": true, "max_tokens": 4_000 }).to_string(),
            ))
            .expect("a request")
    };
    let mut first = app.open(ask()).await;
    assert_eq!(first.status().as_u16(), 200);
    first
        .body_mut()
        .frame()
        .await
        .expect("an event")
        .expect("a frame");
    let refused = app.send(ask()).await;
    assert_eq!(refused.error(), (429, "overloaded".to_owned()));
    assert!(
        refused
            .header("retry-after")
            .parse::<u64>()
            .expect("seconds")
            >= 1
    );
    drop(first);
    let patience = Duration::from_secs(10);
    let freed = tokio::time::timeout(patience, async {
        while app.open(ask()).await.status().as_u16() == 429 {
            tokio::task::yield_now().await;
        }
    });
    freed.await.expect("closing the connection frees the model");
}
