//! A reranker over the network, against servers in the test.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::header::{AUTHORIZATION, LOCATION, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};

use super::super::{CrossEncoder, OverlapReranker, RerankError};
use super::{RemoteBody, RemoteReranker, RemoteSettings};

async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://127.0.0.1:{port}/v1/rerank")
}

fn reranker(url: &str, body: RemoteBody) -> RemoteReranker {
    RemoteReranker::new(RemoteSettings {
        url: url.to_owned(),
        model: "judge".to_owned(),
        api_key: Some("secret key".to_owned()),
        body,
        max_tokens: 512,
        timeout: Duration::from_secs(2),
    })
    .expect("an address")
}

/// A server that scores as the twin does, in the form that the request has.
async fn twin(body: axum::body::Bytes) -> Response {
    let request: Value = serde_json::from_slice(&body).expect("JSON");
    let query = request["query"].as_str().expect("a query").to_owned();
    let list = |name: &str| -> Option<Vec<String>> {
        let list = request[name].as_array()?;
        Some(
            list.iter()
                .map(|text| text.as_str().expect("a text").to_owned())
                .collect(),
        )
    };
    let texts = list("texts");
    let passages = texts
        .clone()
        .or_else(|| list("documents"))
        .expect("passages");
    let scores = OverlapReranker
        .rerank(&query, &passages)
        .await
        .expect("scores");
    let mut ranked: Vec<(usize, f32)> = scores.into_iter().enumerate().collect();
    ranked.sort_by(|left, right| right.1.total_cmp(&left.1));
    let answer: Value = if texts.is_some() {
        ranked
            .iter()
            .map(|(index, score)| json!({ "index": index, "score": score }))
            .collect()
    } else {
        assert_eq!(request["model"], "judge");
        let results: Vec<Value> = ranked
            .iter()
            .map(|(index, score)| json!({ "index": index, "relevance_score": score }))
            .collect();
        json!({ "id": "1", "results": results })
    };
    axum::Json(answer).into_response()
}

#[tokio::test]
async fn both_kinds_of_server_keep_the_traits_promises() {
    let router = Router::new().route("/v1/rerank", post(twin));
    let router = router.layer(axum::extract::DefaultBodyLimit::max(32 << 20));
    let url = serve(router).await;
    for body in [RemoteBody::Documents, RemoteBody::Texts] {
        super::super::conformance::keeps_its_promises(&reranker(&url, body)).await;
    }
}

/// Answers with these one after the other, the last one for ever; and how often it was asked.
async fn answering(answers: Vec<(StatusCode, &'static str)>) -> (String, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let answer = move || {
        let at = count.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1);
        let (status, body) = answers[at];
        async move { (status, body) }
    };
    let url = serve(Router::new().route("/v1/rerank", post(answer))).await;
    (url, asked)
}

async fn asked(url: &str) -> Result<Vec<f32>, RerankError> {
    let model = reranker(url, RemoteBody::Documents);
    model.rerank("谁", &["石桥".to_owned()]).await
}

const GOOD: &str = r#"{"results":[{"index":0,"relevance_score":0.5}]}"#;

#[tokio::test]
async fn what_may_pass_is_tried_again_and_a_refusal_is_not() {
    let busy = (StatusCode::SERVICE_UNAVAILABLE, "loading");
    let (url, count) = answering(vec![
        busy,
        (StatusCode::TOO_MANY_REQUESTS, ""),
        (StatusCode::OK, GOOD),
    ])
    .await;
    assert_eq!(asked(&url).await.expect("the third try"), [0.5]);
    assert_eq!(count.load(Ordering::SeqCst), 3);

    let (url, count) = answering(vec![busy]).await;
    assert!(matches!(
        asked(&url).await,
        Err(RerankError::Unavailable(_))
    ));
    assert_eq!(count.load(Ordering::SeqCst), 3);

    let (url, count) = answering(vec![(
        StatusCode::UNPROCESSABLE_ENTITY,
        "missing field\n`texts`",
    )])
    .await;
    let Err(RerankError::Refused(reason)) = asked(&url).await else {
        panic!("a refusal");
    };
    assert!(
        reason.contains("422") && reason.contains("`texts`") && !reason.contains('\n'),
        "{reason}"
    );
    assert_eq!(count.load(Ordering::SeqCst), 1);

    let (url, count) = answering(vec![(StatusCode::UNAUTHORIZED, "no")]).await;
    assert!(matches!(
        asked(&url).await,
        Err(RerankError::Unavailable(_))
    ));
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn the_key_is_sent_to_the_address_and_follows_no_redirect() {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let elsewhere = {
        let seen = Arc::clone(&seen);
        let told = move |headers: HeaderMap| {
            let key = headers
                .get(AUTHORIZATION)
                .map(|key| format!("elsewhere {key:?}"));
            seen.lock().expect("not poisoned").extend(key);
            async { GOOD }
        };
        serve(Router::new().route("/v1/rerank", post(told))).await
    };
    let first = {
        let seen = Arc::clone(&seen);
        let told = move |headers: HeaderMap| {
            let key = headers[AUTHORIZATION].to_str().expect("text").to_owned();
            seen.lock().expect("not poisoned").push(key);
            let to = elsewhere.clone();
            async move { (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, to)]) }
        };
        serve(Router::new().route("/v1/rerank", post(told))).await
    };
    let error = asked(&first).await.expect_err("a redirect is no answer");
    assert!(!error.to_string().contains("secret"), "{error}");
    assert_eq!(*seen.lock().expect("not poisoned"), ["Bearer secret key"]);
}

#[tokio::test]
async fn a_long_answer_a_long_pause_and_a_silent_server_do_not_hold_anything_up() {
    let long = || async { "x".repeat(8 << 20) };
    let url = serve(Router::new().route("/v1/rerank", post(long))).await;
    let error = asked(&url).await.expect_err("too long").to_string();
    assert!(error.contains("too long"), "{error}");

    let pause = || async {
        (
            StatusCode::TOO_MANY_REQUESTS,
            [(RETRY_AFTER, "60")],
            "later",
        )
    };
    let url = serve(Router::new().route("/v1/rerank", post(pause))).await;
    assert_eq!(asked(&url).await, Err(RerankError::Overloaded));

    let silent = || async { futures::future::pending::<&'static str>().await };
    let url = serve(Router::new().route("/v1/rerank", post(silent))).await;
    let begun = std::time::Instant::now();
    assert!(matches!(
        asked(&url).await,
        Err(RerankError::Unavailable(_))
    ));
    assert!(begun.elapsed() < Duration::from_secs(4));
}

#[tokio::test]
async fn nobody_listening_is_unavailable_and_no_address_is_refused_at_once() {
    let error = asked("http://127.0.0.1:1/rerank").await;
    assert!(matches!(error, Err(RerankError::Unavailable(_))));
    for odd in [
        "",
        "rerank.example",
        "ftp://rerank.example/",
        "file:///etc/passwd",
        "http://",
    ] {
        let settings = RemoteSettings {
            url: odd.to_owned(),
            model: String::new(),
            api_key: None,
            body: RemoteBody::Documents,
            max_tokens: 512,
            timeout: Duration::from_secs(1),
        };
        assert!(RemoteReranker::new(settings).is_err(), "{odd}");
    }
}
