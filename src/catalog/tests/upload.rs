use std::collections::HashSet;

use wenyuan_ingest::{Preset, PresetChoice};

use super::support::{fixture, knowledge_base, open};
use crate::catalog::{
    CatalogError, DocumentChange, DocumentQuery, KnowledgeBaseChange, NewDocument, Status,
};

#[tokio::test]
async fn a_hundred_uploads_of_the_same_bytes_at_once_are_one_document() {
    let fixture = fixture().await;
    let uploads = (0..100).map(|index| {
        let (catalog, knowledge_base) = (fixture.catalog.clone(), fixture.knowledge_base);
        async move {
            let blob = catalog
                .blobs()
                .store("同样的内容".as_bytes(), 100)
                .await
                .expect("store");
            let new = NewDocument::new(format!("{index}.txt"), blob);
            catalog
                .add_document(knowledge_base, new)
                .await
                .expect("add")
        }
    });
    let accepted = futures::future::join_all(uploads).await;
    let documents: HashSet<_> = accepted
        .iter()
        .map(|accepted| accepted.document_id)
        .collect();
    assert_eq!(documents.len(), 1);
    assert_eq!(
        accepted.iter().filter(|accepted| !accepted.known).count(),
        1
    );
    assert_eq!(fixture.catalog.totals().await.expect("totals").documents, 1);
}

#[tokio::test]
async fn the_same_bytes_in_another_knowledge_base_are_another_document() {
    let fixture = fixture().await;
    let first = fixture.upload("a.txt", "内容").await;
    let other = knowledge_base(&fixture.catalog, "另一个")
        .await
        .expect("second")
        .id;
    let blob = fixture
        .catalog
        .blobs()
        .store("内容".as_bytes(), 100)
        .await
        .expect("store");
    let new = NewDocument::new("a.txt", blob);
    let second = fixture.catalog.add_document(other, new).await.expect("add");
    assert_ne!(first.document_id, second.document_id);
}

#[tokio::test]
async fn a_failed_document_uploaded_again_is_tried_again() {
    let fixture = fixture().await;
    let first = fixture.upload("a.txt", "内容").await;
    let lease = fixture.lease_one().await;
    let error = crate::catalog::JobError::new("crashed", "broke down");
    fixture
        .catalog
        .end_job(&lease, Some(error.clone()))
        .await
        .expect("end");
    let failed = fixture
        .catalog
        .document(fixture.knowledge_base, first.document_id)
        .await
        .expect("document");
    assert_eq!((failed.status, failed.error), (Status::Failed, Some(error)));
    let again = fixture.upload("b.txt", "内容").await;
    assert_eq!(
        (again.document_id, again.status, again.known),
        (first.document_id, Status::Queued, true)
    );
    let queued = fixture
        .catalog
        .document(fixture.knowledge_base, first.document_id)
        .await
        .expect("document");
    assert_eq!((queued.status, queued.error), (Status::Queued, None));
}

#[tokio::test]
async fn what_was_accepted_is_there_after_the_process_died() {
    let fixture = fixture().await;
    let accepted = fixture.upload("年报.txt", "内容").await;
    let super::support::Fixture {
        folder,
        catalog,
        knowledge_base,
    } = fixture;
    drop(catalog);
    let catalog = open(folder.path()).await;
    let document = catalog
        .document(knowledge_base, accepted.document_id)
        .await
        .expect("document");
    assert_eq!(
        (document.name.as_str(), document.status),
        ("年报.txt", Status::Queued)
    );
    let original = catalog
        .original(knowledge_base, accepted.document_id)
        .await
        .expect("original");
    assert_eq!(
        std::fs::read(original.path).expect("bytes"),
        "内容".as_bytes()
    );
}

#[tokio::test]
async fn listing_page_by_page_gives_every_document_once_newest_first() {
    let fixture = fixture().await;
    for index in 0..25 {
        fixture
            .upload(&format!("{index}.txt"), &format!("文本 {index}"))
            .await;
    }
    let mut names = Vec::new();
    let mut query = DocumentQuery {
        status: Some(Status::Queued),
        limit: Some(10),
        ..DocumentQuery::default()
    };
    loop {
        let page = fixture
            .catalog
            .documents(fixture.knowledge_base, query.clone())
            .await
            .expect("page");
        names.extend(page.documents.into_iter().map(|document| document.name));
        // A document that comes meanwhile does not shift the pages.
        fixture
            .upload("late.txt", &format!("late {}", names.len()))
            .await;
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    let expected: Vec<_> = (0..25).rev().map(|index| format!("{index}.txt")).collect();
    assert_eq!(names, expected);
    let ready = DocumentQuery {
        status: Some(Status::Ready),
        ..DocumentQuery::default()
    };
    assert!(
        fixture
            .catalog
            .documents(fixture.knowledge_base, ready)
            .await
            .expect("page")
            .documents
            .is_empty()
    );
    let too_many = DocumentQuery {
        limit: Some(1_001),
        ..DocumentQuery::default()
    };
    let error = fixture
        .catalog
        .documents(fixture.knowledge_base, too_many)
        .await
        .expect_err("limit");
    assert!(matches!(
        error,
        CatalogError::Invalid { field: "limit", .. }
    ));
}

#[tokio::test]
async fn knowledge_base_names_are_unique_without_regard_to_case_and_width() {
    let fixture = fixture().await;
    knowledge_base(&fixture.catalog, "Reports 报告")
        .await
        .expect("first");
    for name in ["reports 报告", " REPORTS 报告 ", "Ｒｅｐｏｒｔｓ 报告"] {
        let error = knowledge_base(&fixture.catalog, name)
            .await
            .expect_err(name);
        assert_eq!(error.code(), "name_taken", "{name}");
    }
    let found = fixture
        .catalog
        .knowledge_base("REPORTS 报告")
        .await
        .expect("by name");
    assert_eq!(
        fixture
            .catalog
            .knowledge_base(&found.id.to_string())
            .await
            .expect("by id"),
        found
    );
    let change = KnowledgeBaseChange {
        name: Some("reports 报告".to_owned()),
        ..KnowledgeBaseChange::default()
    };
    let renamed = fixture
        .catalog
        .change_knowledge_base(found.id, change)
        .await
        .expect("its own name");
    assert_eq!(renamed.name, "reports 报告");
    for name in ["", "   ", &"长".repeat(101)] {
        assert_eq!(
            knowledge_base(&fixture.catalog, name)
                .await
                .expect_err("length")
                .code(),
            "invalid_request"
        );
    }
    knowledge_base(&fixture.catalog, &"长".repeat(100))
        .await
        .expect("a hundred characters");
}

#[tokio::test]
async fn a_document_cannot_take_the_name_of_another() {
    let fixture = fixture().await;
    let first = fixture.upload("a.txt", "一").await.document_id;
    fixture.upload("b.txt", "二").await;
    let rename = |name: &str| DocumentChange {
        name: Some(name.to_owned()),
        tags: Some(vec!["标签".to_owned()]),
        title: Some(" 题  目 ".to_owned()),
    };
    let taken = fixture
        .catalog
        .change_document(fixture.knowledge_base, first, rename("b.txt"))
        .await;
    assert_eq!(taken.expect_err("taken").code(), "name_taken");
    let changed = fixture
        .catalog
        .change_document(fixture.knowledge_base, first, rename("c.txt"))
        .await
        .expect("free");
    assert_eq!(
        (changed.name.as_str(), changed.tags.as_slice()),
        ("c.txt", ["标签".to_owned()].as_slice())
    );
    assert_eq!(changed.title.as_deref(), Some("题 目"));
    let untitled = DocumentChange {
        title: Some(String::new()),
        ..DocumentChange::default()
    };
    let changed = fixture
        .catalog
        .change_document(fixture.knowledge_base, first, untitled)
        .await
        .expect("an empty title gives the own one back");
    assert_eq!((changed.title, changed.name.as_str()), (None, "c.txt"));
}

#[tokio::test]
async fn bytes_to_be_cut_in_another_way_are_a_new_version_while_the_old_one_answers() {
    let fixture = fixture().await;
    let first = fixture.upload("a.txt", "内容").await;
    fixture.publish_next(&["内容"]).await;
    let manual = Some(PresetChoice::Always(Preset::Manual));
    let again = fixture.upload_as("b.txt", "内容", manual).await;
    assert_eq!(
        (again.document_id, again.name.as_str(), again.status),
        (first.document_id, "a.txt", Status::Queued)
    );
    assert!(again.known);
    let shown = async || {
        let (catalog, owner) = (&fixture.catalog, fixture.knowledge_base);
        let found = catalog.document(owner, first.document_id).await;
        let found = found.expect("document");
        (found.searchable, found.status, found.preset)
    };
    let prose = || Some("prose".to_owned());
    assert_eq!(shown().await, (true, Status::Queued, prose()));
    // Another change of mind before the worker came to it, and then back to what is there.
    let pairs = Some(PresetChoice::Always(Preset::Qa));
    let third = fixture.upload_as("a.txt", "内容", pairs).await;
    assert_ne!(third.job_id, again.job_id);
    let stopped = fixture.catalog.job(again.job_id).await.expect("job");
    assert_eq!(stopped.status, Status::Cancelled);
    let back = fixture
        .upload_as("a.txt", "内容", Some(PresetChoice::Auto))
        .await;
    assert_eq!((back.job_id, back.status), (first.job_id, Status::Ready));
    assert_eq!(shown().await, (true, Status::Ready, prose()));
}

#[tokio::test]
async fn the_same_bytes_with_tags_give_those_tags_to_the_document_that_is_there() {
    let fixture = fixture().await;
    let id = fixture.upload("a.txt", "一").await.document_id;
    for (tags, expected) in [
        (vec!["合同"], vec!["合同"]),
        (vec!["年报", "合同"], vec!["合同", "年报"]),
        (vec![], vec!["合同", "年报"]),
    ] {
        let blob = fixture.catalog.blobs().store("一".as_bytes(), 100).await;
        let new = NewDocument {
            tags: tags.into_iter().map(ToOwned::to_owned).collect(),
            ..NewDocument::new("a.txt", blob.expect("stored"))
        };
        let again = fixture
            .catalog
            .add_document(fixture.knowledge_base, new)
            .await;
        assert_eq!(again.expect("accepted").document_id, id);
        let document = fixture.catalog.document(fixture.knowledge_base, id).await;
        assert_eq!(document.expect("there").tags, expected);
    }
}
