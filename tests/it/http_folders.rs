//! What the command line asks a server about folders, and how a knowledge base tells what waits and what failed.

use serde_json::{Value, json};

use crate::http_support::{TestApp, file, keys};

fn seen(path: &str, line: &Value, hash: &str) -> Value {
    json!({
        "path": format!("/docs/{path}"), "name": path, "bytes": 5, "modified": 7, "looked_at": 9,
        "hash": hash, "document_id": line["document_id"],
    })
}

#[tokio::test]
async fn files_of_folders_are_remembered_followed_and_pruned() {
    let app = TestApp::start().await;
    let base = app.knowledge_base().await;
    let (one, two) = (
        app.ready(&base, "one.txt", "The first text.").await,
        app.ready(&base, "two.txt", "The second text.").await,
    );
    let listed = app.get(&format!("{base}/documents")).await.json();
    let hash = |name: &str| {
        let documents = listed["documents"].as_array().expect("documents");
        let found = documents.iter().find(|document| document["name"] == name);
        found.expect("a document")["hash"]
            .as_str()
            .expect("a hash")
            .to_owned()
    };
    let files = format!("{base}/folder-files");
    let change = json!({
        "machine": "here",
        "renames": [
            { "document_id": one["document_id"], "name": "two.txt" },
            { "document_id": two["document_id"], "name": "sub/一.txt" },
        ],
        "seen": [seen("two.txt", &one, &hash("one.txt")), seen("sub/一.txt", &two, &hash("two.txt"))],
    });
    let changed = app.post(&files, &change).await;
    assert_eq!(
        (changed.status, changed.json()),
        (200, json!({ "renamed": 2, "removed": [] }))
    );
    let query = format!("{files}?machine=here&prefix=%2Fdocs%2F&limit=1");
    let page = app.get(&query).await.json();
    assert_eq!(page["files"][0]["path"], "/docs/sub/一.txt");
    let after = "%2Fdocs%2Fsub%2F%E4%B8%80.txt";
    assert_eq!(page["next_after"], "/docs/sub/一.txt");
    let page = app.get(&format!("{query}&after={after}")).await.json();
    assert_eq!(page["files"][0]["document_id"], one["document_id"]);
    let pruning = json!({ "machine": "here", "pruned": ["/docs/two.txt", "/docs/never.txt"] });
    let pruned = app.post(&files, &pruning).await.json();
    assert_eq!(
        pruned["removed"],
        json!([{ "document_id": one["document_id"], "name": "two.txt" }])
    );
    let left = app.get(&format!("{base}/documents")).await.json();
    assert_eq!(left["documents"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn strange_questions_about_folders_are_refused() {
    let app = TestApp::start().await;
    let base = app.knowledge_base().await;
    let line = app.ready(&base, "one.txt", "The first text.").await;
    let files = format!("{base}/folder-files");
    for query in [
        "",
        "?machine=here",
        "?machine=here&prefix=%2F&limit=0",
        "?machine=&prefix=%2F",
    ] {
        assert_eq!(
            app.get(&format!("{files}{query}")).await.status,
            400,
            "{query}"
        );
    }
    let bad_hash = json!({ "machine": "here", "seen": [seen("a", &line, "../../etc/passwd")] });
    assert_eq!(app.post(&files, &bad_hash).await.status, 400);
    let taken = json!({ "machine": "here", "renames": [
        { "document_id": line["document_id"], "name": "x\u{0}" },
    ] });
    assert_eq!(app.post(&files, &taken).await.status, 400);
}

#[tokio::test]
async fn a_knowledge_base_counts_what_failed_and_documents_tell_their_time_left() {
    let app = TestApp::start().await;
    let base = app.knowledge_base().await;
    let line = app.ready(&base, "one.txt", "The first text.").await;
    let picture = file(b"picture.txt", b"\x89PNG\r\n\x1a\nnot really a picture");
    let bad = app.upload(&base, &[picture]).await.json();
    let job = bad["documents"][0]["job_id"]
        .as_str()
        .expect("a job")
        .to_owned();
    let events = app
        .get(&format!("/api/v1/jobs/{job}/events"))
        .await
        .events();
    let (_, last) = events.last().expect("events");
    assert!(last["status"] == "failed" && last["seconds_left"].is_null());
    let told = app.get(&base).await.json();
    assert_eq!(
        (
            &told["documents"],
            &told["failed"],
            &told["queued"],
            &told["running"]
        ),
        (&json!(2), &json!(1), &json!(0), &json!(0))
    );
    let all = app.get("/api/v1/knowledge-bases").await.json();
    assert_eq!(all["knowledge_bases"][0]["failed"], 1);
    let job = line["job_id"].as_str().expect("a job");
    let job = app.get(&format!("/api/v1/jobs/{job}")).await.json();
    assert!(job["seconds_left"].is_null() && keys(&job).contains(&"seconds_left".to_owned()));
}
