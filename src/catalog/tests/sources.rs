use super::support::{Fixture, fixture};
use crate::catalog::{Accepted, NewDocument};

async fn fetched(fixture: &Fixture, url: &str, name: &str, bytes: &str) -> Accepted {
    let blob = fixture.catalog.blobs().store(bytes.as_bytes(), 100).await;
    let new = NewDocument {
        source_url: Some(url.to_owned()),
        ..NewDocument::new(name, blob.expect("store"))
    };
    let added = fixture.catalog.add_document(fixture.knowledge_base, new);
    added.await.expect("add")
}

async fn source(fixture: &Fixture, accepted: &Accepted) -> Option<String> {
    let document = fixture
        .catalog
        .document(fixture.knowledge_base, accepted.document_id)
        .await;
    document.expect("a document").source_url
}

#[tokio::test]
async fn a_page_fetched_again_is_a_new_version_of_itself_under_its_name() {
    let fixture = fixture().await;
    let first = fetched(&fixture, "https://a.example/", "a.example.html", "一").await;
    let again = fetched(&fixture, "https://a.example/", "other.html", "二").await;
    assert_eq!(first.document_id, again.document_id);
    assert_ne!(first.job_id, again.job_id);
    assert_eq!(again.name, "a.example.html");
    assert_eq!(
        source(&fixture, &again).await.as_deref(),
        Some("https://a.example/")
    );
}

#[tokio::test]
async fn pages_of_the_same_name_do_not_replace_each_other_or_files() {
    let fixture = fixture().await;
    let file = fixture.upload("index.html", "文件").await;
    let mut names = Vec::new();
    for (url, bytes) in [
        ("https://a.example/index.html", "一"),
        ("https://a.example/x/index.html", "二"),
        ("https://a.example/y/index.html", "三"),
        ("https://b.example/index.html", "四"),
    ] {
        let page = fetched(&fixture, url, "index.html", bytes).await;
        assert_ne!(page.document_id, file.document_id);
        names.push(page.name);
    }
    assert_eq!(
        names,
        [
            "a.example/index.html",
            "a.example/index (2).html",
            "a.example/index (3).html",
            "b.example/index.html"
        ]
    );
}

#[tokio::test]
async fn a_file_that_is_there_already_learns_where_it_can_be_fetched() {
    let fixture = fixture().await;
    let file = fixture.upload("a.txt", "内容").await;
    assert_eq!(source(&fixture, &file).await, None);
    let page = fetched(&fixture, "https://a.example/b.txt", "b.txt", "内容").await;
    assert_eq!((page.document_id, page.known), (file.document_id, true));
    assert_eq!(page.name, "a.txt");
    let known = source(&fixture, &file).await;
    assert_eq!(known.as_deref(), Some("https://a.example/b.txt"));
}

#[tokio::test]
async fn an_earlier_content_of_a_page_is_restored_to_its_own_document() {
    let fixture = fixture().await;
    let page = fetched(&fixture, "https://a.example/", "page.html", "一").await;
    fixture.publish_next(&["一"]).await;
    // The same bytes as the page, under a name of their own.
    let file = fixture.upload("file.html", "二").await;
    fetched(&fixture, "https://a.example/", "page.html", "二").await;
    fixture.publish_next(&["二"]).await;
    fixture.upload("page.html", "三").await;
    fixture.publish_next(&["三"]).await;
    let versions = fixture
        .catalog
        .versions(fixture.knowledge_base, page.document_id)
        .await;
    let first = versions.expect("versions").pop().expect("the first");
    let restored = fixture
        .catalog
        .restore_version(fixture.knowledge_base, page.document_id, first.id)
        .await;
    let restored = restored.expect("is restored");
    assert_eq!(restored.document_id, page.document_id);
    assert_ne!(restored.document_id, file.document_id);
    assert_eq!(
        source(&fixture, &restored).await.as_deref(),
        Some("https://a.example/")
    );
}
