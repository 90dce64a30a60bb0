//! Retrieval settings, explanations and the why-not debugger over HTTP.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use wenyuan::rerank::OverlapReranker;
use wenyuan::retrieve::{CrossEncoding, CrossLimits, LanguagePair};

use crate::http_support::{TestApp, keys};

const LEAVE: &str = "# 年假\n\n年假最多可以累积五天，第二年三月以前用完。\n";
const LIBRARY: &str = "# 图书馆\n\n图书馆周一闭馆，其余日子早上九点开门。\n";

async fn library() -> (TestApp, String) {
    let app = TestApp::start().await;
    let base = app.knowledge_base().await;
    app.ready(&base, "年假.md", LEAVE).await;
    app.ready(&base, "图书馆.md", LIBRARY).await;
    (app, base)
}

async fn posted(app: &TestApp, path: &str, body: Value) -> Value {
    let reply = app.post(path, &body).await;
    assert_eq!(reply.status, 200, "{body}: {}", reply.text());
    reply.json()
}

async fn document_id(app: &TestApp, base: &str, name: &str) -> Value {
    let listed = app.get(&format!("{base}/documents")).await.json();
    let documents = listed["documents"].as_array().cloned().expect("documents");
    let found = documents.into_iter().find(|one| one["name"] == name);
    found.expect("the document")["id"].clone()
}

#[tokio::test]
async fn settings_are_kept_with_the_knowledge_base_and_null_goes_back_to_the_default() {
    let (app, base) = library().await;
    let none = json!({ "meaning_weight": null, "per_document": null, "mode": null, "top_k": null });
    assert_eq!(app.get(&base).await.json()["retrieval"], none);
    let change = json!({ "retrieval": { "meaning_weight": 2.5, "top_k": 1, "mode": "lexical" } });
    assert_eq!(app.json("PATCH", &base, &change).await.status, 200);
    let change =
        json!({ "retrieval": { "top_k": null, "per_document": 3 }, "description": "规章" });
    let changed = app.json("PATCH", &base, &change).await.json();
    let kept =
        json!({ "meaning_weight": 2.5, "per_document": 3, "mode": "lexical", "top_k": null });
    assert_eq!(changed["retrieval"], kept);
    assert_eq!(app.get(&base).await.json()["retrieval"], kept);
    let listed = app.get("/api/v1/knowledge-bases").await.json();
    assert_eq!(listed["knowledge_bases"][0]["retrieval"], kept);
    for (retrieval, code) in [
        (json!({ "meaning_weight": 4.5 }), "out_of_range"),
        (json!({ "per_document": 0 }), "out_of_range"),
        (json!({ "top_k": 51 }), "out_of_range"),
        (json!({ "mode": "magic" }), "invalid_body"),
        (json!({ "rerank": true }), "invalid_body"),
    ] {
        let reply = app
            .json("PATCH", &base, &json!({ "retrieval": retrieval }))
            .await;
        assert_eq!(reply.error(), (400, code.to_owned()), "{retrieval}");
    }
    assert_eq!(
        app.get(&base).await.json()["retrieval"],
        kept,
        "nothing wrong is kept"
    );
}

#[tokio::test]
async fn searches_and_answers_go_by_the_settings_and_a_search_may_go_by_its_own() {
    let (app, base) = library().await;
    let change = json!({ "retrieval": { "mode": "lexical", "top_k": 1 } });
    app.json("PATCH", &base, &change).await;
    let path = format!("{base}/search");
    let asked = json!({ "query": "年假 图书馆", "explain": true });
    let found = posted(&app, &path, asked).await;
    let by = |found: &Value, key: &str| found["trace"]["settings"][key].clone();
    assert_eq!(found["hits"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        (by(&found, "mode"), by(&found, "top_k")),
        (json!("lexical"), json!(1))
    );
    let settings = json!({ "top_k": 2, "meaning_weight": 3, "mode": "hybrid" });
    let asked = json!({ "query": "年假 图书馆", "explain": true, "settings": settings });
    let found = posted(&app, &path, asked).await;
    assert_eq!(found["hits"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        (by(&found, "mode"), by(&found, "meaning_weight")),
        (json!("hybrid"), json!(3.0))
    );
    let asked = json!({ "query": "年假 图书馆", "top_k": 5, "mode": "dense", "explain": true });
    let found = posted(&app, &path, asked).await;
    assert_eq!(
        (by(&found, "mode"), by(&found, "top_k")),
        (json!("dense"), json!(5))
    );

    let question = json!({ "question": "年假最多可以累积几天？", "stream": true, "mode": "quote" });
    let events = app.post(&format!("{base}/ask"), &question).await.events();
    assert_eq!(events[0].0, "retrieval");
    let hits = events[0].1["hits"].as_array().or(events[0].1.as_array());
    assert_eq!(hits.map(Vec::len), Some(1), "{}", events[0].1);

    for settings in [json!({ "rerank": 1 }), json!({ "top_k": "many" })] {
        let reply = app
            .post(&path, &json!({ "query": "年假", "settings": settings }))
            .await;
        assert_eq!(
            reply.error(),
            (400, "invalid_body".to_owned()),
            "{settings}"
        );
    }
    let reply = app
        .post(
            &path,
            &json!({ "query": "年假", "settings": { "per_document": 99 } }),
        )
        .await;
    assert_eq!(reply.error(), (400, "out_of_range".to_owned()));
}

#[tokio::test]
async fn several_knowledge_bases_go_by_what_they_agree_on() {
    let (app, base) = library().await;
    app.post("/api/v1/knowledge-bases", &json!({ "name": "second" }))
        .await;
    let second = "/api/v1/knowledge-bases/second";
    app.ready(second, "又一份.md", LEAVE).await;
    let both = json!({ "query": "年假", "knowledge_bases": ["kb", "second"], "explain": true });
    for (path, settings) in [
        (base.as_str(), json!({ "mode": "lexical", "top_k": 3 })),
        (second, json!({ "mode": "dense", "top_k": 3 })),
    ] {
        app.json("PATCH", path, &json!({ "retrieval": settings }))
            .await;
    }
    let found = posted(&app, "/api/v1/search", both).await;
    let told = &found["trace"]["settings"];
    assert_eq!(
        (&told["mode"], &told["top_k"]),
        (&json!("hybrid"), &json!(3))
    );
}

#[tokio::test]
async fn explain_gives_each_hit_its_rank_and_score_at_every_stage_and_its_words() {
    let (app, base) = library().await;
    let asked = json!({ "query": "年假可以累积几天？", "explain": true });
    let found = posted(&app, &format!("{base}/search"), asked).await;
    let told = &found["hits"][0]["explain"];
    let all = "joined_with matched_ranges matched_terms stages";
    assert_eq!(keys(told).join(" "), all);
    let stages = told["stages"].as_array().cloned().expect("stages");
    let names: Vec<_> = stages.iter().map(|stage| stage["stage"].clone()).collect();
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
    assert!(
        stages
            .iter()
            .all(|stage| stage["rank"] == 1 && stage["score"].is_number())
    );
    let word = &told["matched_terms"][0];
    assert_eq!(keys(word).join(" "), "score share text");
    let hit = &found["hits"][0];
    let text: Vec<char> = hit["text"].as_str().expect("a text").chars().collect();
    let offset = hit["start"].as_u64().expect("an offset") as usize;
    let first = &told["matched_ranges"][0];
    let at = |key: &str| first[key].as_u64().expect("an offset") as usize - offset;
    let marked: String = text[at("start")..at("end")].iter().collect();
    assert!(marked.starts_with("年假"), "{marked}");
}

#[tokio::test]
async fn why_not_tells_the_stage_the_reasons_and_what_was_tried() {
    let (app, base) = library().await;
    let path = format!("{base}/why-not");
    let body = json!({
        "query": "图书馆周一开门吗？", "top_k": 1, "text": "年假最多可以累积五天",
    });
    let mut told = posted(&app, &path, body).await;
    for place in ["/expected/chunk_id", "/expected/document_id"] {
        *told.pointer_mut(place).expect("an id") = json!("[id]");
    }
    for stage in told["stages"].as_array_mut().expect("stages") {
        for score in ["score", "cutoff_score"] {
            if stage[score].is_number() {
                stage[score] = json!("[score]");
            }
        }
    }
    told["evidence"]["answerability"] = json!("[share]");
    insta::assert_snapshot!(serde_json::to_string_pretty(&told).expect("JSON"));

    let request = |language: &str, body: &Value| {
        Request::post(&path)
            .header("content-type", "application/json")
            .header("accept-language", language)
            .body(Body::from(body.to_string()))
            .expect("a request")
    };
    let id = document_id(&app, &base, "年假.md").await;
    let body = json!({ "query": "类型:pdf 年假", "document_id": id });
    let chinese = app.send(request("zh", &body)).await.json();
    assert_eq!(
        (&chinese["verdict"], &chinese["stage"]),
        (&json!("filtered"), &json!("filter"))
    );
    assert_eq!(
        chinese["reasons"],
        json!(["问题里写的筛选“类型:pdf”把它排除了。"])
    );
    assert_eq!(chinese["remedies"][0]["code"], "without_filter");
    let english = app.send(request("en", &body)).await.json();
    assert_eq!(
        english["reasons"],
        json!(["“类型:pdf” in the question leaves it out."])
    );
}

#[tokio::test]
async fn why_not_wants_exactly_one_thing_that_was_expected() {
    let (app, base) = library().await;
    let path = format!("{base}/why-not");
    let id = document_id(&app, &base, "年假.md").await;
    for (body, code) in [
        (json!({ "query": "年假" }), "invalid_parameter"),
        (
            json!({ "query": "年假", "text": "  " }),
            "invalid_parameter",
        ),
        (
            json!({ "query": "年假", "text": "五天", "document_id": id }),
            "invalid_parameter",
        ),
        (
            json!({ "query": "年假", "text": "长".repeat(2_001) }),
            "invalid_parameter",
        ),
        (
            json!({ "query": "年假", "document_id": "nobody" }),
            "invalid_body",
        ),
        (json!({ "query": "", "text": "五天" }), "empty_question"),
        (
            json!({ "query": "类型:pdf", "text": "五天" }),
            "only_filters",
        ),
        (
            json!({ "query": "年假", "text": "五天", "settings": { "top_k": 0 } }),
            "out_of_range",
        ),
    ] {
        let reply = app.post(&path, &body).await;
        assert_eq!(reply.error(), (400, code.to_owned()), "{body}");
    }
    let other = json!({ "query": "年假", "document_id": "00000000-0000-0000-0000-000000000000" });
    assert_eq!(posted(&app, &path, other).await["verdict"], "unknown");
}

#[tokio::test]
async fn a_document_that_could_not_be_read_says_why_in_the_readers_language() {
    let (app, base) = library().await;
    let broken = crate::http_support::file(b"broken.pdf", b"%PDF-1.7\nnothing");
    let line = app.upload(&base, &[broken]).await.json()["documents"][0].clone();
    assert_eq!(app.ended(&line["job_id"]).await["status"], "failed");
    let body = json!({ "query": "年假", "document_id": line["document_id"] });
    let told = posted(&app, &format!("{base}/why-not"), body).await;
    assert_eq!(
        (&told["verdict"], &told["stage"]),
        (&json!("not_ready"), &json!("ingestion"))
    );
    let reason = told["reasons"][0].as_str().expect("a reason");
    assert!(
        reason.starts_with("“broken.pdf” could not be read: "),
        "{reason}"
    );
    assert_eq!(told["expected"]["document_name"], "broken.pdf");
    assert_eq!(told["expected"]["chunk_id"], Value::Null);
}

#[tokio::test]
async fn a_reranking_model_adds_its_score_its_stages_and_what_became_of_its_turn() {
    let limits = CrossLimits {
        candidates: 20,
        budget_tokens: 8_192,
        timeout: Duration::from_secs(5),
    };
    let cross = CrossEncoding::new(Arc::new(OverlapReranker), LanguagePair::all(), limits);
    let app = TestApp::reranking(cross).await;
    let base = app.knowledge_base().await;
    app.ready(&base, "年假.md", LEAVE).await;
    app.ready(&base, "图书馆.md", LIBRARY).await;
    let asked = json!({ "query": "年假可以累积几天？", "explain": true });
    let found = posted(&app, &format!("{base}/search"), asked).await;
    let turn = json!({
        "model": "overlap", "languages": { "question": "zh", "passages": "zh" }, "outcome": "done", "passages": 2,
    });
    assert_eq!(found["reranking"], turn);
    assert!(found["timings_ms"]["rerank"].is_number());
    let hit = &found["hits"][0];
    let all = "cross_encoder dense fused lexical rerank";
    assert_eq!(keys(&hit["scores"]).join(" "), all);
    assert_eq!(hit["scores"]["rerank"], hit["score"]);
    let stages = hit["explain"]["stages"]
        .as_array()
        .cloned()
        .expect("stages");
    let names: Vec<_> = stages.iter().map(|stage| stage["stage"].clone()).collect();
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
}
