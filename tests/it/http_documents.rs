//! Documents over HTTP: hostile names, refused files, originals, texts, passages and jobs.

use axum::body::Body;
use axum::http::Request;
use futures::future::join_all;
use serde_json::{Value, json};
use wenyuan::http::HttpSettings;

use crate::http_support::{TestApp, field, file, keys};

const TEXT: &str = "# 休假制度\n\n年假最多可以累积五天。超过的部分在次年三月底作废。\n\nSick leave needs a note from a doctor.\n";

#[tokio::test]
async fn a_file_refused_at_the_door_is_listed_and_the_others_go_on() {
    let settings = HttpSettings {
        max_file_bytes: 64,
        ..HttpSettings::default()
    };
    let app = TestApp::with_settings(settings).await;
    let base = app.knowledge_base().await;
    let parts = [
        file(b"good.txt", b"Good text."),
        file(b"empty.txt", b""),
        file(b"large.txt", &[b'a'; 65]),
        file(b"../..", b"No name is left."),
        file("合同🎉.md".as_bytes(), "# 合同".as_bytes()),
    ];
    let reply = app.upload(&base, &parts).await;
    assert_eq!(reply.status, 202);
    let lines = reply.json()["documents"]
        .as_array()
        .cloned()
        .expect("lines");
    let told: Vec<_> = lines
        .iter()
        .map(|line| (line["name"].clone(), line["error"]["code"].clone()))
        .collect();
    let expected = [
        ("good.txt", Value::Null),
        ("empty.txt", json!("empty_file")),
        ("large.txt", json!("file_too_large")),
        ("../..", json!("invalid_name")),
        ("合同🎉.md", Value::Null),
    ];
    assert_eq!(told, expected.map(|(name, code)| (json!(name), code)));
    assert!(lines[1]["document_id"].is_null() && !lines[0]["document_id"].is_null());
}

#[tokio::test]
async fn hostile_names_are_made_harmless_or_refused() {
    let app = TestApp::start().await;
    let base = app.knowledge_base().await;
    let long = "长".repeat(501);
    let hundred = "文".repeat(100);
    let names: [&[u8]; 6] = [
        b"../../etc/passwd",
        b"C:\\Users\\x\\report.txt",
        b"\xc4\xea\xb1\xa8.txt",
        "\u{202e}txt.exe".as_bytes(),
        hundred.as_bytes(),
        long.as_bytes(),
    ];
    let parts: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(n, name)| file(name, format!("Text {n}.").as_bytes()))
        .collect();
    let reply = app.upload(&base, &parts).await;
    assert_eq!(reply.status, 202, "{}", reply.text());
    let lines = reply.json()["documents"]
        .as_array()
        .cloned()
        .expect("lines");
    let kept: Vec<_> = lines
        .iter()
        .map(|line| line["name"].as_str().expect("a name").to_owned())
        .collect();
    assert_eq!(
        &kept[..4],
        ["etc/passwd", "Users/x/report.txt", "年报.txt", "txt.exe"]
    );
    assert_eq!(kept[4].chars().count(), 100);
    assert_eq!(
        lines[5]["error"]["code"], "invalid_request",
        "a name of 501 characters is refused clearly"
    );
}

#[tokio::test]
async fn uploads_that_are_no_uploads_say_what_is_wanted() {
    let app = TestApp::start().await;
    let base = app.knowledge_base().await;
    let documents = format!("{base}/documents");
    assert_eq!(
        app.upload(&base, &[]).await.error(),
        (400, "no_files".to_owned())
    );
    let url = app
        .post(&documents, &json!({ "url": "https://example.org" }))
        .await;
    assert_eq!(url.error(), (422, "unsupported".to_owned()));
    let plain = Request::post(&documents)
        .header("content-type", "text/plain")
        .body(Body::from("x"))
        .expect("a request");
    assert_eq!(
        app.send(plain).await.error(),
        (415, "unsupported_media_type".to_owned())
    );
    let cut = Request::post(&documents)
        .header("content-type", "multipart/form-data; boundary=x")
        .body(Body::from(
            "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nhalf",
        ))
        .expect("a request");
    assert_eq!(
        app.send(cut).await.error(),
        (400, "invalid_multipart".to_owned())
    );
    let listed = app.get(&documents).await.json();
    assert_eq!(
        listed,
        json!({ "documents": [], "next_cursor": null }),
        "nothing half-sent is kept"
    );
}

#[tokio::test]
async fn more_files_than_allowed_are_refused_together() {
    let settings = HttpSettings {
        max_files: 2,
        ..HttpSettings::default()
    };
    let app = TestApp::with_settings(settings).await;
    let base = app.knowledge_base().await;
    let parts: Vec<_> = (0..3)
        .map(|n| file(format!("{n}.txt").as_bytes(), b"text"))
        .collect();
    assert_eq!(
        app.upload(&base, &parts).await.error(),
        (413, "too_many_files".to_owned())
    );
}

#[tokio::test]
async fn a_hundred_uploads_of_the_same_bytes_at_once_make_one_document() {
    let app = TestApp::start().await;
    let base = app.knowledge_base().await;
    let part = [file(b"same.txt", TEXT.as_bytes())];
    let replies = join_all((0..100).map(|_| app.upload(&base, &part))).await;
    assert!(replies.iter().all(|reply| reply.status == 202));
    let first = replies[0].json()["documents"][0]["document_id"].clone();
    assert!(
        replies
            .iter()
            .all(|reply| reply.json()["documents"][0]["document_id"] == first)
    );
    let listed = app.get(&format!("{base}/documents")).await.json();
    assert_eq!(listed["documents"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_document_is_followed_shown_changed_and_deleted() {
    let app = TestApp::start().await;
    let base = app.knowledge_base().await;
    let line = app.ready(&base, "制度/休假.md", TEXT).await;
    let path = format!(
        "{base}/documents/{}",
        line["document_id"].as_str().expect("an id")
    );
    let shown = app.get(&path).await.json();
    assert_eq!(
        (&shown["status"], &shown["kind"], &shown["name"]),
        (&json!("ready"), &json!("markdown"), &json!("制度/休假.md"))
    );
    let all = "author bytes chunks chunks_done chunks_total created created_at error id job_id kind language modified \
        name pages pages_done pages_total preset searchable stage status tags title updated_at warnings";
    assert_eq!(keys(&shown).join(" "), all);

    let text = app.get(&format!("{path}/text")).await;
    assert_eq!(text.header("content-type"), "text/plain; charset=utf-8");
    let chunks = app.get(&format!("{path}/chunks?limit=1")).await.json();
    let chunk = &chunks["chunks"][0];
    let (start, end) = (
        chunk["start"].as_u64().expect("a start"),
        chunk["end"].as_u64().expect("an end"),
    );
    let part = app
        .get(&format!("{path}/text?start={start}&end={end}"))
        .await
        .text();
    assert_eq!(
        chunk["text"],
        Value::from(part),
        "offsets count characters of the text"
    );

    let changed = app
        .json(
            "PATCH",
            &path,
            &json!({ "tags": ["人事"], "name": "休假.md" }),
        )
        .await
        .json();
    assert_eq!(
        (&changed["tags"], &changed["name"]),
        (&json!(["人事"]), &json!("休假.md"))
    );
    assert_eq!(app.json("DELETE", &path, &Value::Null).await.status, 204);
    assert_eq!(
        app.get(&path).await.error(),
        (404, "document_not_found".to_owned())
    );
}

#[tokio::test]
async fn an_original_comes_back_byte_for_byte_and_cannot_act_as_a_page() {
    let app = TestApp::start().await;
    let base = app.knowledge_base().await;
    let html =
        "<!doctype html><title>页</title><script>alert(1)</script><p>正文在这里，足够长。</p>";
    let line = app.ready(&base, "页\".html", html).await;
    let path = format!(
        "{base}/documents/{}/content",
        line["document_id"].as_str().expect("an id")
    );
    let original = app.get(&path).await;
    assert_eq!(original.text(), html);
    assert!(
        original
            .header("content-disposition")
            .starts_with("attachment; filename=\"")
    );
    assert!(
        original
            .header("content-security-policy")
            .starts_with("sandbox;")
    );
    assert_eq!(original.header("x-content-type-options"), "nosniff");
    let part = Request::get(&path)
        .header("range", "bytes=2-8")
        .body(Body::empty())
        .expect("a request");
    let part = app.send(part).await;
    assert_eq!((part.status, part.text().as_str()), (206, "doctype"));
    assert_eq!(
        part.header("content-range"),
        format!("bytes 2-8/{}", html.len())
    );
    let known = original.header("etag").to_owned();
    let again = Request::get(&path)
        .header("if-none-match", known)
        .body(Body::empty())
        .expect("a request");
    assert_eq!(app.send(again).await.status, 304);
}

#[tokio::test]
async fn metadata_tags_every_file_wherever_it_comes_in_the_form() {
    let app = TestApp::start().await;
    let base = app.knowledge_base().await;
    let parts = [
        file(b"a.txt", b"Alpha."),
        field("metadata", "{\"tags\":[\"x\"],\"more\":1}"),
        file(b"b.txt", b"Beta."),
    ];
    assert_eq!(app.upload(&base, &parts).await.status, 202);
    let listed = app.get(&format!("{base}/documents?limit=10")).await.json();
    let documents = listed["documents"].as_array().cloned().expect("documents");
    assert_eq!(documents.len(), 2);
    assert!(
        documents
            .iter()
            .all(|document| document["tags"] == json!(["x"]))
    );
    let broken = app
        .upload(&base, &[field("metadata", "{"), file(b"c.txt", b"Gamma.")])
        .await;
    assert_eq!(broken.error(), (400, "invalid_json".to_owned()));
}

#[tokio::test]
async fn lists_go_page_by_page_and_refuse_what_makes_no_sense() {
    let app = TestApp::start().await;
    let base = app.knowledge_base().await;
    let parts: Vec<_> = (0..5)
        .map(|n| {
            file(
                format!("{n}.txt").as_bytes(),
                format!("Text {n}.").as_bytes(),
            )
        })
        .collect();
    assert_eq!(app.upload(&base, &parts).await.status, 202);
    let mut names = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = app
            .get(&format!("{base}/documents?limit=2&cursor={cursor}"))
            .await
            .json();
        let documents = page["documents"].as_array().cloned().expect("documents");
        names.extend(
            documents
                .iter()
                .map(|document| document["name"].as_str().expect("a name").to_owned()),
        );
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        next.clone_into(&mut cursor);
    }
    names.sort();
    assert_eq!(names, ["0.txt", "1.txt", "2.txt", "3.txt", "4.txt"]);
    for (query, code) in [
        ("limit=0", "out_of_range"),
        ("limit=x", "invalid_parameter"),
        ("status=odd", "invalid_parameter"),
    ] {
        assert_eq!(
            app.get(&format!("{base}/documents?{query}")).await.error(),
            (400, code.to_owned())
        );
    }
}
