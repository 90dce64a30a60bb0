//! Files under a password over HTTP, and many uploads at once over real connections.

use axum::body::Body;
use axum::http::Request;
use futures::future::join_all;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::http_support::{TestApp, field, file};
use crate::support::fixture;

const SECRET: &str = "芝麻开门 2024";

fn locked() -> Vec<u8> {
    std::fs::read(fixture("vault-agile.docx")).expect("a fixture")
}

/// The document once its job has ended.
async fn ended(app: &TestApp, base: &str, line: &Value) -> Value {
    let job = line["job_id"].as_str().expect("a job");
    app.get(&format!("/api/v1/jobs/{job}/events")).await;
    let id = line["document_id"].as_str().expect("a document");
    app.get(&format!("{base}/documents/{id}")).await.json()
}

#[tokio::test]
async fn a_password_given_with_the_upload_opens_the_file() {
    let app = TestApp::start().await;
    let base = app.knowledge_base().await;
    let metadata = json!({ "password": SECRET }).to_string();
    let parts = [file(b"vault.docx", &locked()), field("metadata", &metadata)];
    let reply = app.upload(&base, &parts).await;
    assert!(!reply.text().contains(SECRET));
    let document = ended(&app, &base, &reply.json()["documents"][0]).await;
    assert_eq!(document["status"], "ready", "{document}");
    assert!(!document.to_string().contains(SECRET));
}

#[tokio::test]
async fn a_locked_file_asks_says_that_a_password_is_wrong_and_takes_another() {
    let app = TestApp::start().await;
    let base = app.knowledge_base().await;
    let reply = app.upload(&base, &[file(b"vault.docx", &locked())]).await;
    let line = reply.json()["documents"][0].clone();
    let asked = ended(&app, &base, &line).await;
    assert_eq!(asked["error"]["code"], "password_required", "{asked}");
    let retry = format!(
        "/api/v1/jobs/{}/retry",
        line["job_id"].as_str().expect("a job")
    );
    let wrong = app
        .post(&retry, &json!({ "password": "not-this-one" }))
        .await;
    assert_eq!(wrong.status, 200, "{}", wrong.text());
    assert!(!wrong.text().contains("not-this-one"));
    let refused = ended(&app, &base, &line).await;
    assert_eq!(refused["error"]["code"], "password_required");
    assert_ne!(refused["error"]["message"], asked["error"]["message"]);
    // Without a body, as before there were passwords: the wrong one has been forgotten.
    let nothing = Request::post(&retry)
        .body(Body::empty())
        .expect("a request");
    assert_eq!(app.send(nothing).await.status, 200);
    assert_eq!(ended(&app, &base, &line).await["error"], asked["error"]);
    let right = app.post(&retry, &json!({ "password": SECRET })).await;
    assert_eq!(right.status, 200, "{}", right.text());
    let document = ended(&app, &base, &line).await;
    assert_eq!(document["status"], "ready", "{document}");
}

#[tokio::test]
async fn a_password_of_another_shape_is_refused_and_not_repeated() {
    let app = TestApp::start().await;
    let base = app.knowledge_base().await;
    let parts = |metadata: &str| [field("metadata", metadata), file(b"a.txt", b"Text.")];
    let number = app.upload(&base, &parts("{\"password\":31415926}")).await;
    assert_eq!(number.error(), (400, "invalid_body".to_owned()));
    assert!(!number.text().contains("31415926"), "{}", number.text());
    let long = json!({ "password": "s".repeat(1_001) }).to_string();
    let long = app.upload(&base, &parts(&long)).await;
    assert_eq!(
        long.json()["documents"][0]["error"]["code"],
        "invalid_request"
    );
    assert!(!long.text().contains("ssss"), "{}", long.text());
    let retry = "/api/v1/jobs/00000000-0000-0000-0000-000000000000/retry";
    let plain = Request::post(retry)
        .body(Body::from("x"))
        .expect("a request");
    let (status, code) = app.send(plain).await.error();
    assert_eq!((status, code.as_str()), (415, "unsupported_media_type"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_uploads_of_the_same_file_at_once_over_real_connections_make_one_document() {
    let app = TestApp::start().await;
    let base = app.knowledge_base().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    let serving = tokio::spawn(wenyuan::http::serve(
        listener,
        app.router(),
        std::future::pending(),
    ));
    let url = format!("http://{address}{base}/documents");
    let bytes = "# 值班\n\n夜班从二十二点开始，到次日六点结束。\n"
        .repeat(2_000)
        .into_bytes();
    let uploads = (0..100).map(|number| {
        // A client of its own each: a hundred connections, and names that differ.
        let (url, bytes) = (url.clone(), bytes.clone());
        tokio::spawn(async move {
            let part = Part::bytes(bytes).file_name(format!("值班 {number}.md"));
            let client = reqwest::Client::builder()
                .no_proxy()
                .build()
                .expect("a client");
            let sent = client
                .post(url)
                .multipart(Form::new().part("file", part))
                .send();
            let reply = sent.await.expect("an answer");
            assert_eq!(reply.status().as_u16(), 202);
            reply.json::<Value>().await.expect("JSON")["documents"][0].clone()
        })
    });
    let lines: Vec<Value> = join_all(uploads)
        .await
        .into_iter()
        .map(|line| line.expect("an upload"))
        .collect();
    for line in &lines {
        assert_eq!(line["document_id"], lines[0]["document_id"], "{line}");
        assert_eq!(line["job_id"], lines[0]["job_id"], "{line}");
    }
    let fresh = lines.iter().filter(|line| line["known"] == false).count();
    assert_eq!(fresh, 1);
    assert_eq!(ended(&app, &base, &lines[0]).await["status"], "ready");
    let listed = app.get(&format!("{base}/documents")).await.json();
    assert_eq!(listed["documents"].as_array().map(Vec::len), Some(1));
    serving.abort();
}
