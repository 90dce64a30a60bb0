//! Documents from web addresses over HTTP, from a server on this machine that the settings open.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION};
use axum::http::{Request, StatusCode};
use axum::routing::get;
use futures::future::join_all;
use serde_json::{Value, json};
use wenyuan::fetch::FetchSettings;
use wenyuan::http::HttpSettings;

use crate::http_support::TestApp;

const PAGE: &str = "<!doctype html><title>潮汐表</title><main><h1>潮汐表</h1>\
    <p>青岚岛码头的平均潮差为三点四米，大潮时可达五米以上。</p></main>";

/// A web server, and the settings that let it be fetched from.
async fn site() -> (String, FetchSettings) {
    let html = [(CONTENT_TYPE, "text/html; charset=utf-8")];
    let attachment = [(
        CONTENT_DISPOSITION,
        "attachment; filename*=UTF-8''%E5%90%88%E5%90%8C.txt",
    )];
    let turn = Arc::new(AtomicUsize::new(0));
    let router = Router::new()
        .route("/tides", get(move || async move { (html, PAGE) }))
        .route(
            "/get",
            get(move || async move { (attachment, "合同期限为三年。") }),
        )
        .route(
            "/moved",
            get(|| async { (StatusCode::FOUND, [(LOCATION, "/tides")]) }),
        )
        .route(
            "/inward",
            get(|| async { (StatusCode::FOUND, [(LOCATION, "http://169.254.169.254/")]) }),
        )
        .route("/large", get(|| async { "a".repeat(70_000) }))
        .route("/empty", get(|| async { "" }))
        .route(
            "/changing",
            get(move || {
                let turn = turn.fetch_add(1, Ordering::SeqCst);
                async move { format!("Edition {turn} of the harbour news.") }
            }),
        );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    let settings = FetchSettings {
        allow: vec!["127.0.0.1/32".parse().expect("a network")],
        ports: vec![address.port(), 80],
        ..FetchSettings::default()
    };
    (format!("http://{address}"), settings)
}

async fn app(fetch: FetchSettings) -> TestApp {
    let settings = HttpSettings {
        fetch,
        max_file_bytes: 60_000,
        ..HttpSettings::default()
    };
    TestApp::with_settings(settings).await
}

/// The line of the response.
async fn take(app: &TestApp, base: &str, body: &Value) -> Value {
    let reply = app.post(&format!("{base}/documents"), body).await;
    assert_eq!(reply.status, 202, "{}", reply.text());
    reply.json()["documents"][0].clone()
}

async fn ended(app: &TestApp, base: &str, line: &Value) -> Value {
    let job = line["job_id"].as_str().expect("a job");
    app.get(&format!("/api/v1/jobs/{job}/events")).await;
    let id = line["document_id"].as_str().expect("a document");
    app.get(&format!("{base}/documents/{id}")).await.json()
}

#[tokio::test]
async fn a_page_is_fetched_read_and_keeps_its_address() {
    let (site, fetch) = site().await;
    let app = app(fetch).await;
    let base = app.knowledge_base().await;
    let metadata = json!({ "tags": ["港口"], "title": "潮汐" });
    let body = json!({ "url": format!("{site}/moved#tides"), "metadata": metadata });
    let line = take(&app, &base, &body).await;
    assert_eq!(line["name"], "tides.html");
    let document = ended(&app, &base, &line).await;
    assert_eq!(document["status"], "ready", "{document}");
    assert_eq!(document["kind"], "html");
    assert_eq!(document["source_url"], format!("{site}/moved"));
    assert_eq!(document["tags"], json!(["港口"]));
    assert_eq!(document["title"], "潮汐");
    let found = app
        .post(
            &format!("{base}/search"),
            &json!({ "query": "青岚岛码头的平均潮差" }),
        )
        .await
        .json();
    assert_eq!(found["hits"][0]["document_name"], "tides.html");
    let named = take(&app, &base, &json!({ "url": format!("{site}/get?id=7") })).await;
    assert_eq!(named["name"], "合同.txt");
}

#[tokio::test]
async fn without_the_explicit_permission_nothing_on_this_machine_is_fetched() {
    let (site, fetch) = site().await;
    let closed = FetchSettings {
        allow: Vec::new(),
        ..fetch
    };
    let app = app(closed).await;
    let base = app.knowledge_base().await;
    let port = site.rsplit(':').next().expect("a port").to_owned();
    let hosts = [
        "127.0.0.1",
        "localhost",
        "LOCALHOST",
        "[::1]",
        "0.0.0.0",
        "[::]",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "[::ffff:127.0.0.1]",
        "169.254.169.254",
    ];
    for host in hosts {
        let line = take(
            &app,
            &base,
            &json!({ "url": format!("http://{host}:{port}/tides") }),
        )
        .await;
        assert_eq!(line["error"]["code"], "url_refused", "{host}: {line}");
        assert_eq!(
            (&line["document_id"], &line["status"]),
            (&Value::Null, &json!("failed"))
        );
    }
    let listed = app.get(&format!("{base}/documents")).await.json();
    assert_eq!(listed["documents"], json!([]), "nothing of them is kept");
}

#[tokio::test]
async fn every_refusal_is_a_line_with_a_code_and_words_in_both_languages() {
    let (site, fetch) = site().await;
    let app = app(fetch).await;
    let base = app.knowledge_base().await;
    let at = |path: &str| format!("{site}{path}");
    let cases = [
        (at("/inward"), "url_refused"),
        (at("/nothing-here"), "url_status"),
        (at("/large"), "url_too_large"),
        (at("/empty"), "empty_file"),
        ("not an address".to_owned(), "url_invalid"),
        ("file:///etc/passwd".to_owned(), "url_invalid"),
        ("https://me:secret@a.example/".to_owned(), "url_invalid"),
        ("http://127.0.0.1:22/".to_owned(), "url_port_refused"),
    ];
    for (url, code) in cases {
        let line = take(&app, &base, &json!({ "url": url })).await;
        assert_eq!(line["error"]["code"], code, "{url}: {line}");
        assert!(!line.to_string().contains("secret"), "{line}");
        let chinese = Request::post(format!("{base}/documents"))
            .header("content-type", "application/json")
            .header("accept-language", "zh")
            .body(Body::from(json!({ "url": url }).to_string()))
            .expect("a request");
        let told = app.send(chinese).await.json();
        let message = told["documents"][0]["error"]["message"]
            .as_str()
            .unwrap_or_default();
        assert!(
            message.ends_with('。') && !message.contains('{'),
            "{url}: {message}"
        );
    }
    let endless = json!({ "url": "x".repeat(2 << 20) });
    let endless = app.post(&format!("{base}/documents"), &endless).await;
    assert_eq!(endless.error(), (413, "payload_too_large".to_owned()));
    let shapeless = app
        .post(&format!("{base}/documents"), &json!({ "uri": "x" }))
        .await;
    assert_eq!(shapeless.error(), (400, "invalid_body".to_owned()));
}

#[tokio::test]
async fn a_hundred_fetches_of_the_same_address_at_once_make_one_document() {
    let (site, fetch) = site().await;
    let app = app(fetch).await;
    let base = app.knowledge_base().await;
    let body = json!({ "url": format!("{site}/tides") });
    let lines = join_all((0..100).map(|_| take(&app, &base, &body))).await;
    let first = &lines[0]["document_id"];
    assert!(first.is_string(), "{}", lines[0]);
    for line in &lines {
        assert_eq!(&line["document_id"], first, "{line}");
    }
    let fresh = lines.iter().filter(|line| line["known"] == false).count();
    assert_eq!(fresh, 1);
    let listed = app.get(&format!("{base}/documents")).await.json();
    assert_eq!(listed["documents"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn an_address_whose_content_changes_stays_one_document() {
    let (site, fetch) = site().await;
    let app = app(fetch).await;
    let base = app.knowledge_base().await;
    let body = json!({ "url": format!("{site}/changing") });
    let lines = join_all((0..20).map(|_| take(&app, &base, &body))).await;
    for line in &lines {
        assert_eq!(line["document_id"], lines[0]["document_id"], "{line}");
    }
    let listed = app.get(&format!("{base}/documents")).await.json();
    assert_eq!(listed["documents"].as_array().map(Vec::len), Some(1));
}
