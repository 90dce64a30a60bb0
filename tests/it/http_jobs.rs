//! Jobs over HTTP, and ids that nobody has.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use crate::http_support::{TestApp, file};

#[tokio::test]
async fn jobs_that_ended_cannot_be_stopped_and_failed_ones_say_why_in_both_languages() {
    let app = TestApp::start().await;
    let base = app.knowledge_base().await;
    let line = app.ready(&base, "a.txt", "A short text.").await;
    let job = format!("/api/v1/jobs/{}", line["job_id"].as_str().expect("a job"));
    assert_eq!(app.get(&job).await.json()["status"], "ready");
    assert_eq!(
        app.post(&format!("{job}/cancel"), &json!({})).await.error(),
        (409, "not_cancellable".to_owned())
    );
    assert_eq!(
        app.post(&format!("{job}/retry"), &json!({})).await.error(),
        (409, "not_retryable".to_owned())
    );

    let bad = app
        .upload(
            &base,
            &[file(
                b"picture.txt",
                b"\x89PNG\r\n\x1a\nnot really a picture",
            )],
        )
        .await;
    let job = format!(
        "/api/v1/jobs/{}",
        bad.json()["documents"][0]["job_id"]
            .as_str()
            .expect("a job")
    );
    let events = app.get(&format!("{job}/events")).await.events();
    let (name, last) = events.last().expect("events");
    assert_eq!((name.as_str(), &last["status"]), ("done", &json!("failed")));
    let in_chinese = Request::get(&job)
        .header("accept-language", "zh")
        .body(Body::empty())
        .expect("a request");
    let message = app.send(in_chinese).await.json()["error"]["message"]
        .as_str()
        .expect("a message")
        .to_owned();
    assert!(message.contains("图片"), "{message}");
    assert_eq!(
        app.post(&format!("{job}/retry"), &json!({})).await.status,
        200
    );
}

#[tokio::test]
async fn unknown_ids_are_not_found() {
    let app = TestApp::start().await;
    let base = app.knowledge_base().await;
    let nobody = "00000000-0000-0000-0000-000000000000";
    for id in [nobody, "not-an-id", "%F0%9F%8E%89"] {
        for rest in ["", "/content", "/text", "/chunks"] {
            let reply = app.get(&format!("{base}/documents/{id}{rest}")).await;
            assert_eq!(
                reply.error(),
                (404, "document_not_found".to_owned()),
                "{id}{rest}"
            );
        }
        for rest in ["", "/events"] {
            assert_eq!(
                app.get(&format!("/api/v1/jobs/{id}{rest}")).await.error(),
                (404, "job_not_found".to_owned())
            );
        }
    }
}
