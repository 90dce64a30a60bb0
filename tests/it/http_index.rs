//! A change of embedder through the HTTP interface, with hashing embedders of several lengths.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::http_support::TestApp;

const INDEX: &str = "/api/v1/index";

async fn until(app: &TestApp, holds: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..3_000 {
        let status = app.get(INDEX).await.json();
        if holds(&status) {
            return status;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("{}", app.get(INDEX).await.text());
}

async fn first_hit(app: &TestApp, base: &str) -> Value {
    let asked = json!({ "query": "年假最多累积几天" });
    let found = app.post(&format!("{base}/search"), &asked).await.json();
    found["hits"][0]["chunk_id"].clone()
}

async fn change(app: &TestApp, what: &str, embedder: &str) -> crate::http_support::Reply {
    let path = format!("{INDEX}/{what}");
    app.post(&path, &json!({ "embedder": embedder })).await
}

#[tokio::test]
async fn an_embedder_is_changed_and_changed_back_while_the_same_passages_are_found() {
    let app = TestApp::start().await;
    let base = app.knowledge_base().await;
    app.ready(&base, "a.txt", "年假最多可以累积五天。").await;
    app.ready(&base, "b.txt", "The library opens at nine.")
        .await;
    let expected = first_hit(&app, &base).await;
    let status = app.get(INDEX).await.json();
    assert_eq!(status["active"]["model"], "hashing-64");
    assert_eq!(status["unheeded_choice"], "hashing-128");
    assert!(status["other"].is_null() && status["filling"].is_null());

    let begun = change(&app, "build", "hashing-32").await;
    assert_eq!(begun.status, 202, "{}", begun.text());
    assert_eq!(begun.json()["other"]["dimension"], 32);
    let status = until(&app, |status| status["ready"] == true).await;
    assert_eq!(status["filling"]["documents_done"], 2);
    assert_eq!(
        status["active"]["model"], "hashing-64",
        "nothing switches by itself"
    );
    let switched = change(&app, "switch", "hashing-32").await;
    assert_eq!(switched.json()["active"]["model"], "hashing-32");
    assert_eq!(first_hit(&app, &base).await, expected);
    assert_eq!(app.get(&base).await.json()["embedder"], "hashing-32");

    app.ready(&base, "c.txt", "水泵的扬程是三十二米。").await;
    until(&app, |status| status["filling"]["documents_done"] == 3).await;
    let back = change(&app, "switch", "hashing-64").await;
    assert_eq!(back.status, 200, "{}", back.text());
    assert_eq!(first_hit(&app, &base).await, expected);
    let asked = json!({ "query": "水泵的扬程是多少" });
    let found = app.post(&format!("{base}/search"), &asked).await.json();
    assert_eq!(found["hits"][0]["document_name"], "c.txt");
    let dropped = app
        .json("DELETE", &format!("{INDEX}/other"), &Value::Null)
        .await;
    assert_eq!(dropped.status, 204);
    assert!(app.get(INDEX).await.json()["other"].is_null());
}

#[tokio::test]
async fn what_cannot_be_changed_is_refused_with_a_code_and_words_in_both_languages() {
    let app = TestApp::start().await;
    let base = app.knowledge_base().await;
    app.ready(&base, "a.txt", "年假最多可以累积五天。").await;
    for (what, embedder, expected) in [
        ("build", "none", (422, "embedder_not_installed")),
        ("build", "hashing-64", (409, "embedder_in_use")),
        ("switch", "hashing-32", (409, "no_other_index")),
    ] {
        let (status, code) = change(&app, what, embedder).await.error();
        assert_eq!((status, code.as_str()), expected);
    }
    let nothing = app
        .json("DELETE", &format!("{INDEX}/other"), &Value::Null)
        .await;
    assert_eq!(nothing.error(), (409, "no_other_index".to_owned()));
    change(&app, "build", "hashing-32").await;
    let another = change(&app, "build", "hashing-128").await;
    assert_eq!(another.error(), (409, "index_change_under_way".to_owned()));
    let request = Request::post(format!("{INDEX}/build"))
        .header("content-type", "application/json")
        .header("accept-language", "zh");
    let body = Body::from(json!({ "embedder": "none" }).to_string());
    let chinese = app
        .send(request.body(body).expect("a request"))
        .await
        .json();
    assert_eq!(
        chinese["error"]["message"],
        "向量模型“none”没有安装，或文件已损坏。"
    );
}
