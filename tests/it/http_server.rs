//! The server as a whole: health, documentation, errors, limits, and strangers kept out.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use wenyuan::http::HttpSettings;

use crate::http_support::{TestApp, keys};

/// Every documented operation; a change here is a change of the contract.
const OPERATIONS: [&str; 43] = [
    "delete /api/v1/index/other drop_other_index",
    "delete /api/v1/knowledge-bases/{kb} delete_knowledge_base",
    "delete /api/v1/knowledge-bases/{kb}/calibration forget_calibration",
    "delete /api/v1/knowledge-bases/{kb}/documents/{id} delete_document",
    "delete /api/v1/knowledge-bases/{kb}/gold-questions/{id} remove_gold_question",
    "get /api/v1/index get_index",
    "get /api/v1/jobs/{id} get_job",
    "get /api/v1/jobs/{id}/events follow_job",
    "get /api/v1/knowledge-bases list_knowledge_bases",
    "get /api/v1/knowledge-bases/{kb} get_knowledge_base",
    "get /api/v1/knowledge-bases/{kb}/dictionary get_dictionary",
    "get /api/v1/knowledge-bases/{kb}/documents list_documents",
    "get /api/v1/knowledge-bases/{kb}/documents/{id} get_document",
    "get /api/v1/knowledge-bases/{kb}/documents/{id}/chunks list_document_chunks",
    "get /api/v1/knowledge-bases/{kb}/documents/{id}/content get_document_content",
    "get /api/v1/knowledge-bases/{kb}/documents/{id}/pages/{picture} get_page_picture",
    "get /api/v1/knowledge-bases/{kb}/documents/{id}/text get_document_text",
    "get /api/v1/knowledge-bases/{kb}/facets get_facets",
    "get /api/v1/knowledge-bases/{kb}/folder-files list_folder_files",
    "get /api/v1/knowledge-bases/{kb}/gold-questions list_gold_questions",
    "get /healthz healthz",
    "get /metrics metrics",
    "get /readyz readyz",
    "patch /api/v1/knowledge-bases/{kb} change_knowledge_base",
    "patch /api/v1/knowledge-bases/{kb}/documents/{id} change_document",
    "post /api/v1/index/build build_index",
    "post /api/v1/index/switch switch_index",
    "post /api/v1/jobs/{id}/cancel cancel_job",
    "post /api/v1/jobs/{id}/retry retry_job",
    "post /api/v1/knowledge-bases create_knowledge_base",
    "post /api/v1/knowledge-bases/{kb}/ask ask",
    "post /api/v1/knowledge-bases/{kb}/calibrate calibrate_knowledge_base",
    "post /api/v1/knowledge-bases/{kb}/documents upload_documents",
    "post /api/v1/knowledge-bases/{kb}/evaluate evaluate_knowledge_base",
    "post /api/v1/knowledge-bases/{kb}/folder-files change_folder",
    "post /api/v1/knowledge-bases/{kb}/gold-questions add_gold_question",
    "post /api/v1/knowledge-bases/{kb}/gold-questions/import import_gold_questions",
    "post /api/v1/knowledge-bases/{kb}/gold-questions/promote promote_answer",
    "post /api/v1/knowledge-bases/{kb}/search search",
    "post /api/v1/knowledge-bases/{kb}/why-not why_not",
    "post /api/v1/search search_together",
    "post /api/v1/split split_files",
    "put /api/v1/knowledge-bases/{kb}/dictionary put_dictionary",
];

fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request
        .body(Body::from(body.to_owned()))
        .expect("a request")
}

#[tokio::test]
async fn readiness_names_models_index_and_catalog() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/healthz").await.json()["status"], "ok");
    let ready = app.get("/readyz").await;
    assert_eq!(ready.status, 200);
    let checks = ready.json()["checks"].as_array().cloned().expect("checks");
    let names: Vec<_> = checks
        .iter()
        .map(|check| check["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(names, ["models", "index", "catalog"]);
}

#[tokio::test]
async fn the_openapi_document_lists_these_operations() {
    let app = TestApp::start().await;
    let document = app.get("/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let said = operation["summary"].as_str().unwrap_or_default();
            assert!(
                !said.is_empty(),
                "{method} {path} says nothing about itself"
            );
            operations.push(format!(
                "{method} {path} {}",
                operation["operationId"].as_str().unwrap_or_default()
            ));
        }
    }
    operations.sort();
    assert_eq!(operations, OPERATIONS);
}

#[tokio::test]
async fn the_documentation_page_needs_nothing_from_elsewhere() {
    let app = TestApp::start().await;
    let page = app.get("/docs").await;
    assert!(page.header("content-type").starts_with("text/html"));
    let html = page.text();
    assert!(html.contains("/api/v1/knowledge-bases/{kb}/ask"));
    assert!(
        !html.contains("<script") && !html.contains("src=\"http") && !html.contains("href=\"http")
    );
    assert_eq!(app.get("/docs/style.css").await.status, 200);
}

#[tokio::test]
async fn figures_are_shown_to_prometheus() {
    let app = TestApp::start().await;
    app.get("/healthz").await;
    let figures = app.get("/metrics").await;
    assert!(figures.header("content-type").starts_with("text/plain"));
    let text = figures.text();
    for name in [
        "wenyuan_http_requests_total",
        "wenyuan_http_request_seconds_bucket",
        "wenyuan_ingest_jobs",
    ] {
        assert!(text.contains(name), "{name} is missing from:\n{text}");
    }
}

#[tokio::test]
async fn unknown_api_paths_and_methods_are_errors_in_json() {
    let app = TestApp::start().await;
    assert_eq!(
        app.get("/api/v1/nothing").await.error(),
        (404, "route_not_found".to_owned())
    );
    assert_eq!(
        app.get("/api").await.error(),
        (404, "route_not_found".to_owned())
    );
    let wrong = app.post("/readyz", &json!({})).await;
    assert_eq!(wrong.error(), (405, "method_not_allowed".to_owned()));
    assert!(wrong.header("allow").contains("GET"));
    let page = app.get("/anything/else").await;
    assert!(
        page.status == 200 || page.status == 404,
        "the interface's page, or none when it was not built"
    );
    assert_eq!(app.get("/missing.js").await.status, 404);
}

#[tokio::test]
async fn errors_have_one_shape_in_the_readers_language() {
    let app = TestApp::start().await;
    let ask = |language: &'static str| {
        request(
            "GET",
            "/api/v1/knowledge-bases/none",
            &[("accept-language", language), ("x-request-id", "trace-1")],
            "",
        )
    };
    let chinese = app.send(ask("zh-CN,zh;q=0.9,en;q=0.8")).await;
    assert_eq!(chinese.header("content-language"), "zh");
    assert_eq!(chinese.header("x-request-id"), "trace-1");
    let expected = json!({ "error": {
        "code": "knowledge_base_not_found",
        "message": "没有知识库“none”。",
        "hint": "它可能已被删除或改名；GET /api/v1/knowledge-bases 可列出全部知识库。",
        "request_id": "trace-1",
    } });
    assert_eq!(chinese.json(), expected);
    let english = app.send(ask("en-GB, zh;q=0.3")).await.json();
    assert_eq!(
        english["error"]["message"],
        "There is no knowledge base “none”."
    );
}

#[tokio::test]
async fn bodies_that_cannot_be_used_say_why() {
    let app = TestApp::start().await;
    let base = app.knowledge_base().await;
    let path = format!("{base}/search");
    let send = |kind: &'static str, body: &'static str| {
        request("POST", &path, &[("content-type", kind)], body)
    };
    let broken = app.send(send("application/json", "{\"query\": ")).await;
    assert_eq!(broken.error(), (400, "invalid_json".to_owned()));
    let shaped = app.send(send("application/json", "{\"query\": 3}")).await;
    assert_eq!(shaped.error(), (400, "invalid_body".to_owned()));
    assert!(
        shaped.text().contains("expected a string"),
        "{}",
        shaped.text()
    );
    assert_eq!(app.send(send("text/plain", "{}")).await.error().0, 415);
    let unknown = app
        .send(send(
            "application/json",
            "{\"query\":\"a\",\"colour\":\"red\"}",
        ))
        .await;
    assert_eq!(
        unknown.status,
        200,
        "fields that we do not know are ignored: {}",
        unknown.text()
    );
    let long = app
        .post(&path, &json!({ "query": "问".repeat(4_001) }))
        .await;
    assert_eq!(long.error(), (400, "question_too_long".to_owned()));
    assert_eq!(
        app.post(&path, &json!({ "query": " \u{3000}" }))
            .await
            .error(),
        (400, "empty_question".to_owned())
    );
    let huge = app
        .post(&path, &json!({ "query": "a".repeat(2 << 20) }))
        .await;
    assert_eq!(huge.error(), (413, "payload_too_large".to_owned()));
    let range = app.post(&path, &json!({ "query": "a", "top_k": 0 })).await;
    assert_eq!(range.error(), (400, "out_of_range".to_owned()));
}

#[tokio::test]
async fn foreign_names_and_foreign_pages_are_refused() {
    let app = TestApp::start().await;
    let make = |headers: &[(&str, &str)]| {
        request(
            "POST",
            "/api/v1/knowledge-bases",
            headers,
            "{\"name\":\"a\"}",
        )
    };
    let kind = ("content-type", "application/json");
    let rebound = app.send(make(&[kind, ("host", "evil.example:8080")])).await;
    assert_eq!(rebound.error(), (403, "host_refused".to_owned()));
    let foreign = make(&[
        kind,
        ("host", "localhost:8080"),
        ("origin", "https://evil.example"),
    ]);
    assert_eq!(
        app.send(foreign).await.error(),
        (403, "origin_refused".to_owned())
    );
    let ours = make(&[
        kind,
        ("host", "localhost:8080"),
        ("origin", "http://localhost:8080"),
    ]);
    assert_eq!(app.send(ours).await.status, 201);
}

#[tokio::test]
async fn every_response_carries_safe_headers() {
    let app = TestApp::start().await;
    for path in ["/healthz", "/", "/api/v1/nothing"] {
        let reply = app.get(path).await;
        assert!(
            reply
                .header("content-security-policy")
                .starts_with("default-src 'self'; img-src 'self' data: blob:")
        );
        assert!(
            reply
                .header("content-security-policy")
                .contains("frame-ancestors 'none'")
        );
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert_eq!(reply.header("referrer-policy"), "no-referrer");
        assert!(!reply.header("x-request-id").is_empty());
    }
}

#[tokio::test]
async fn more_requests_than_allowed_are_told_when_to_come_back() {
    let settings = HttpSettings {
        max_requests: 0,
        ..HttpSettings::default()
    };
    let app = TestApp::with_settings(settings).await;
    let reply = app.get("/api/v1/knowledge-bases").await;
    assert_eq!(reply.error(), (429, "too_many_requests".to_owned()));
    assert_eq!(reply.header("retry-after"), "1");
}

#[tokio::test]
async fn knowledge_bases_are_made_found_by_name_changed_and_deleted() {
    let app = TestApp::start().await;
    let all = "/api/v1/knowledge-bases";
    let made = app
        .post(
            all,
            &json!({ "name": "合同 / 制度", "description": "人事" }),
        )
        .await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(
        keys(&made.json()),
        [
            "chunks",
            "created_at",
            "description",
            "documents",
            "embedder",
            "failed",
            "id",
            "name",
            "queued",
            "retrieval",
            "running"
        ]
    );
    let by_name = format!("{all}/%E5%90%88%E5%90%8C%20%2F%20%E5%88%B6%E5%BA%A6");
    let found = app.get(&by_name).await.json();
    assert_eq!(found["id"], made.json()["id"]);
    assert_eq!(
        app.post(all, &json!({ "name": "合同 / 制度" }))
            .await
            .error(),
        (409, "name_taken".to_owned())
    );
    assert_eq!(
        app.post(all, &json!({ "name": "  " })).await.error(),
        (400, "invalid_request".to_owned())
    );
    let renamed = app
        .json("PATCH", &by_name, &json!({ "name": "制度" }))
        .await
        .json();
    assert_eq!(
        (renamed["name"].as_str(), renamed["description"].as_str()),
        (Some("制度"), Some("人事"))
    );
    let by_id = format!("{all}/{}", made.json()["id"].as_str().expect("an id"));
    assert_eq!(app.json("DELETE", &by_id, &Value::Null).await.status, 204);
    assert_eq!(
        app.get(&by_id).await.error(),
        (404, "knowledge_base_not_found".to_owned())
    );
    assert_eq!(app.get(all).await.json(), json!({ "knowledge_bases": [] }));
}
