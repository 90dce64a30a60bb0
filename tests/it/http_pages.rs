//! Where passages and citations stand on their pages, and the pages as pictures.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use wenyuan::http::HttpSettings;

use crate::http_support::{TestApp, pdfium};
use crate::support::fixture;

const FILE: &str = "layout-en.pdf";

/// A server that has read the file, its knowledge base, and the path of the document.
async fn with_document() -> (TestApp, String, String) {
    let app = TestApp::with_settings(HttpSettings::default()).await;
    let base = app.knowledge_base().await;
    let bytes = std::fs::read(fixture(FILE)).expect("the fixture");
    let line = app.ready_file(&base, FILE, &bytes).await;
    let id = line["document_id"].as_str().expect("an id");
    let path = format!("{base}/documents/{id}");
    (app, base, path)
}

/// Checks that boxes lie on their pages and names those pages.
fn pages_of(boxes: &Value) -> Vec<u64> {
    let boxes = boxes.as_array().cloned().expect("boxes");
    let edge = |one: &Value, name: &str| one[name].as_f64().expect("a number");
    boxes
        .iter()
        .map(|one| {
            let [x0, y0, x1, y1] = ["x0", "y0", "x1", "y1"].map(|name| edge(one, name));
            assert!(0.0 <= x0 && x0 < x1 && x1 <= 1.0, "{one}");
            assert!(0.0 <= y0 && y0 < y1 && y1 <= 1.0, "{one}");
            one["page"].as_u64().expect("a page")
        })
        .collect()
}

#[tokio::test]
async fn passages_of_a_pdf_have_boxes_on_their_pages() {
    let (app, base, path) = with_document().await;
    let chunks = app.get(&format!("{path}/chunks")).await.json();
    let chunks = chunks["chunks"].as_array().cloned().expect("chunks");
    assert!(!chunks.is_empty());
    for chunk in &chunks {
        let pages = pages_of(&chunk["boxes"]);
        assert!(!pages.is_empty(), "{chunk}");
        let (first, last) = (&chunk["pages"][0], &chunk["pages"][1]);
        let range = first.as_u64().expect("a page")..=last.as_u64().expect("a page");
        assert!(pages.iter().all(|page| range.contains(page)), "{chunk}");
    }
    let text = app.ready(&base, "plain.txt", "Nothing but words.").await;
    let id = text["document_id"].as_str().expect("an id");
    let chunks = app
        .get(&format!("{base}/documents/{id}/chunks"))
        .await
        .json();
    assert_eq!(chunks["chunks"][0]["boxes"], json!([]));
}

#[tokio::test]
async fn a_citation_is_boxed_around_its_quote() {
    let (app, base, _) = with_document().await;
    let question = json!({ "question": "When was the harbour of Merrow dug?", "stream": false });
    let answer = app.post(&format!("{base}/ask"), &question).await.json();
    let citations = answer["citations"].as_array().cloned().expect("citations");
    assert!(!citations.is_empty(), "{answer}");
    for citation in &citations {
        assert!(!pages_of(&citation["boxes"]).is_empty(), "{citation}");
        assert_eq!(
            pages_of(&citation["boxes"])[0],
            citation["page"],
            "{citation}"
        );
    }
}

#[tokio::test]
async fn a_page_is_drawn_within_bounds_and_not_sent_twice() {
    let (app, base, path) = with_document().await;
    let picture = format!("{path}/pages/1.png?width=300");
    if pdfium().is_none() {
        eprintln!("SKIPPED: set WENYUAN_PDFIUM to libpdfium.so");
        let reply = app.get(&picture).await;
        assert_eq!(reply.error(), (404, "no_page_images".to_owned()));
        return;
    }
    let reply = app.get(&picture).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.header("content-type"), "image/png");
    assert_eq!(reply.header("cache-control"), "private, no-cache");
    assert!(reply.bytes.starts_with(b"\x89PNG"));
    // Width and height stand big-endian in the first part of a PNG.
    let number = |at: usize| {
        reply.bytes[at..at + 4]
            .iter()
            .fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte))
    };
    assert_eq!((number(16), number(20)), (300, 424));
    let again = Request::get(&picture).header("if-none-match", reply.header("etag"));
    let again = app
        .send(again.body(Body::empty()).expect("a request"))
        .await;
    assert_eq!((again.status, again.bytes.len()), (304, 0));
    let turned = app.get(&format!("{path}/pages/3.png?width=424")).await;
    assert!(turned.bytes.starts_with(b"\x89PNG"));
    for (page, error) in [
        ("5.png", (404, "page_not_found".to_owned())),
        ("0.png", (404, "page_not_found".to_owned())),
        ("cover.png", (404, "page_not_found".to_owned())),
        ("1.png?width=199", (400, "out_of_range".to_owned())),
        ("1.png?width=2001", (400, "out_of_range".to_owned())),
    ] {
        assert_eq!(
            app.get(&format!("{path}/pages/{page}")).await.error(),
            error,
            "{page}"
        );
    }
    let text = app.ready(&base, "plain.txt", "Nothing but words.").await;
    let id = text["document_id"].as_str().expect("an id");
    let none = app.get(&format!("{base}/documents/{id}/pages/1.png")).await;
    assert_eq!(none.error(), (404, "no_page_images".to_owned()));
}
