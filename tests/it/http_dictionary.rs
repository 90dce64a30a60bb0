//! Words of a knowledge base's own over HTTP: what they change in searches, and what is refused.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::http_support::{TestApp, keys};

/// Jieba cuts the maker's name 格力博 into 格力, another maker, and 博.
const WORD: &str = "格力博";
const QUESTION: &str = "格力博保修";
const TOOLS: &str = "园林工具说明。割草机、吹风机和链锯在出厂前都经过检验，使用前应当检查刀片、电池和开关，\
    使用后应当擦净并放在干燥处。随箱附有充电器、收集袋和一把扳手。本机由格力博制造，保修两年。零件可在各地门店购买。";
const COOLERS: &str = "格力空调保修六年，格力风扇保修一年。保修凭证请在博览中心的格力柜台领取。";
const LIBRARY: &str = "图书馆周一闭馆，其余日子早上九点开门。";

async fn stocked(app: &TestApp) -> String {
    let base = app.knowledge_base().await;
    app.ready(&base, "空调.txt", COOLERS).await;
    app.ready(&base, "工具.txt", TOOLS).await;
    app.ready(&base, "图书馆.txt", LIBRARY).await;
    base
}

async fn set(app: &TestApp, base: &str, words: &[&str]) -> Value {
    let path = format!("{base}/dictionary");
    let reply = app.json("PUT", &path, &json!({ "words": words })).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

/// Sets words and waits until every document knows them.
async fn teach(app: &TestApp, base: &str, words: &[&str]) {
    let mut told = set(app, base, words).await;
    for _ in 0..500 {
        if told["documents_waiting"] == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
        told = app.get(&format!("{base}/dictionary")).await.json();
    }
    panic!("documents do not learn: {told}");
}

async fn found(app: &TestApp, base: &str, mode: &str) -> Value {
    let body = json!({ "query": QUESTION, "mode": mode, "explain": true });
    let reply = app.post(&format!("{base}/search"), &body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["hits"].clone()
}

/// Hits of a search in both knowledge bases, with their lexical scores.
async fn together(app: &TestApp) -> Vec<(Value, Value)> {
    let body = json!({ "query": QUESTION, "knowledge_bases": ["kb", "other"], "mode": "lexical" });
    let found = app.post("/api/v1/search", &body).await.json();
    let hits = found["hits"].as_array().cloned().expect("hits");
    let told = |hit: Value| {
        (
            hit["document_name"].clone(),
            hit["scores"]["lexical"].clone(),
        )
    };
    hits.into_iter().map(told).collect()
}

async fn names(app: &TestApp, base: &str, mode: &str) -> Vec<String> {
    let hits = found(app, base, mode).await;
    let hits = hits.as_array().cloned().expect("hits");
    let name = |hit: Value| hit["document_name"].as_str().unwrap_or_default().to_owned();
    hits.into_iter().map(name).collect()
}

#[tokio::test]
async fn a_word_that_is_taken_apart_ranks_its_documents_first_once_it_is_added() {
    let app = TestApp::start().await;
    let base = stocked(&app).await;
    let before = names(&app, &base, "lexical").await;
    assert_eq!(before[0], "空调.txt", "the other maker is in front");
    teach(&app, &base, &[WORD]).await;
    let hits = found(&app, &base, "lexical").await;
    assert_eq!(hits[0]["document_name"], "工具.txt", "its document leads");
    let matched = hits[0]["explain"]["matched_terms"].clone();
    assert_eq!(matched[0]["text"], WORD, "{matched}");
    teach(&app, &base, &[]).await;
    assert_eq!(names(&app, &base, "lexical").await, before, "as it was");
}

#[tokio::test]
async fn documents_of_before_and_after_the_word_are_found_alike() {
    let app = TestApp::start().await;
    let base = stocked(&app).await;
    teach(&app, &base, &[WORD]).await;
    let again = format!("{TOOLS}\n");
    app.ready(&base, "后来.txt", &again).await;
    let hits = found(&app, &base, "lexical").await;
    let score = |name: &str| {
        let hits = hits.as_array().expect("hits");
        let hit = hits.iter().find(|hit| hit["document_name"] == name);
        hit.map(|hit| hit["scores"]["lexical"].as_f64().expect("a score"))
    };
    // One of the two says the same as the other and is left out; whichever stays is in front.
    let kept = score("后来.txt")
        .or(score("工具.txt"))
        .expect("one of them");
    assert!(kept > score("空调.txt").expect("the other maker"));
    let path = format!("{base}/why-not");
    for name in ["后来.txt", "工具.txt"] {
        let listed = app.get(&format!("{base}/documents")).await.json();
        let documents = listed["documents"].as_array().cloned().expect("documents");
        let id = documents
            .iter()
            .find(|one| one["name"] == name)
            .expect("it")["id"]
            .clone();
        let body = json!({ "query": QUESTION, "document_id": id, "mode": "lexical" });
        let report = app.post(&path, &body).await.json();
        let lexical = report["stages"].as_array().expect("stages").iter();
        let lexical = lexical.clone().find(|stage| stage["stage"] == "lexical");
        let told = lexical.expect("the stage")["score"]
            .as_f64()
            .expect("a score");
        assert!((told - kept).abs() < 1e-4, "{name}: {told} and {kept}");
    }
}

#[tokio::test]
async fn another_knowledge_base_is_searched_as_before() {
    let app = TestApp::start().await;
    let base = stocked(&app).await;
    let other = "/api/v1/knowledge-bases/other";
    app.post("/api/v1/knowledge-bases", &json!({ "name": "other" }))
        .await;
    app.ready(other, "空调.txt", COOLERS).await;
    app.ready(other, "工具.txt", TOOLS).await;
    let (before, both) = (found(&app, other, "lexical").await, together(&app).await);
    teach(&app, &base, &[WORD]).await;
    assert_eq!(found(&app, other, "lexical").await, before);
    let told = app.get(&format!("{other}/dictionary")).await.json();
    assert_eq!(told, json!({ "words": [], "documents_waiting": 0 }));
    // Where only one of several has a word, it is nothing that they all know.
    assert_eq!(together(&app).await, both);
    teach(&app, other, &[WORD, "割草机"]).await;
    assert_ne!(together(&app).await, both, "now all of them know it");
}

#[tokio::test]
async fn a_word_that_is_taken_away_is_not_looked_for_and_the_rest_stays() {
    let app = TestApp::start().await;
    let base = stocked(&app).await;
    teach(&app, &base, &["割草机", WORD, "割草机"]).await;
    let told = set(&app, &base, &[WORD]).await;
    assert_eq!(told, json!({ "words": [WORD], "documents_waiting": 0 }));
    assert_eq!(names(&app, &base, "lexical").await[0], "工具.txt");
    assert_eq!(names(&app, &base, "hybrid").await.len(), 3);
}

#[tokio::test]
async fn words_that_are_none_are_refused_by_name_in_the_readers_language() {
    let app = TestApp::start().await;
    let base = stocked(&app).await;
    teach(&app, &base, &[WORD]).await;
    let path = format!("{base}/dictionary");
    let long = "长".repeat(33);
    let many: Vec<String> = (0..5_001).map(|number| format!("词{number}")).collect();
    for (body, code) in [
        (json!({ "words": ["机"] }), "word_too_short"),
        (json!({ "words": [long] }), "word_too_long"),
        (json!({ "words": ["两 字"] }), "word_not_allowed"),
        (json!({ "words": ["2024"] }), "word_not_allowed"),
        (json!({ "words": many }), "too_many_words"),
        (json!({ "words": "格力博" }), "invalid_body"),
        (json!({}), "invalid_body"),
    ] {
        let reply = app.json("PUT", &path, &body).await;
        assert_eq!(reply.error(), (400, code.to_owned()));
        assert_eq!(keys(&reply.json()["error"]).len(), 4);
    }
    let request = Request::put(&path)
        .header("content-type", "application/json")
        .header("accept-language", "zh")
        .body(Body::from(json!({ "words": ["机"] }).to_string()));
    let reply = app.send(request.expect("a request")).await.json();
    let message = reply["error"]["message"].as_str().unwrap_or_default();
    assert!(message.contains("“机”太短"), "{message}");
    let told = app.get(&path).await.json();
    assert_eq!(told["words"], json!([WORD]), "nothing wrong is kept");
    let nowhere = app.get("/api/v1/knowledge-bases/nowhere/dictionary").await;
    assert_eq!(
        nowhere.error(),
        (404, "knowledge_base_not_found".to_owned())
    );
}
