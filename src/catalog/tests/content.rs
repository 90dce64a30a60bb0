use std::time::Duration;

use wenyuan_ingest::Span;

use super::support::{document, fixture, open};
use crate::catalog::attempts::MOST_ATTEMPTS;
use crate::catalog::{CatalogError, Status};
use crate::model::ChunkId;
use crate::retrieve::PassageSource as _;

#[tokio::test]
async fn a_new_version_replaces_the_old_one_only_when_it_is_ready() {
    let fixture = fixture().await;
    let (catalog, knowledge_base) = (&fixture.catalog, fixture.knowledge_base);
    let id = fixture.upload("手册.txt", "旧").await.document_id;
    let old = fixture.publish_next(&["旧的内容"]).await;
    assert_eq!(fixture.upload("手册.txt", "新").await.document_id, id);
    let before = catalog
        .document(knowledge_base, id)
        .await
        .expect("document");
    assert_eq!(
        (before.status, before.searchable, before.chunks),
        (Status::Queued, true, 1)
    );
    assert_eq!(
        catalog.text(knowledge_base, id, None).await.expect("text"),
        "旧的内容"
    );
    assert_eq!(
        catalog
            .hidden_versions(&[knowledge_base])
            .await
            .expect("hidden"),
        []
    );
    let new = fixture.publish_next(&["新的内容", "second page"]).await;
    let after = catalog
        .document(knowledge_base, id)
        .await
        .expect("document");
    assert_eq!(
        (after.status, after.chunks, after.pages),
        (Status::Ready, 2, Some(2))
    );
    assert_eq!(
        catalog
            .text(knowledge_base, id, Some((2, 3)))
            .await
            .expect("text"),
        "内"
    );
    assert_eq!(
        catalog
            .hidden_versions(&[knowledge_base])
            .await
            .expect("hidden"),
        [old.version]
    );
    let ids = [
        ChunkId::derive(old.version, 0),
        ChunkId::derive(new.version, 1),
        ChunkId::derive(new.version, 0),
    ];
    let passages = catalog.passages(&ids).await.expect("passages");
    let texts: Vec<_> = passages
        .iter()
        .map(|passage| passage.text.as_str())
        .collect();
    assert_eq!(texts, ["second page", "新的内容"]);
}

#[tokio::test]
async fn a_passage_tells_exactly_where_it_lies() {
    let fixture = fixture().await;
    let id = fixture.upload("a.txt", "x").await.document_id;
    let lease = fixture.publish_next(&["第一页。", "第二页。"]).await;
    let found = fixture
        .catalog
        .passages(&[ChunkId::derive(lease.version, 1)])
        .await
        .expect("passages");
    let passage = found.first().expect("one");
    assert_eq!(passage.chars, Span { start: 6, end: 10 });
    assert_eq!(passage.parent, Span { start: 0, end: 10 });
    assert_eq!(passage.sentences, [Span { start: 0, end: 12 }]);
    assert_eq!(
        passage
            .pages
            .iter()
            .map(|page| (page.number, page.span))
            .collect::<Vec<_>>(),
        [(2, Span { start: 0, end: 12 })]
    );
    let quoted = fixture
        .catalog
        .text(fixture.knowledge_base, id, Some((6, 10)))
        .await
        .expect("text");
    assert_eq!(quoted, passage.text);
    let chunks = fixture
        .catalog
        .chunks(fixture.knowledge_base, id, 0, 10)
        .await
        .expect("chunks");
    assert_eq!(
        chunks
            .iter()
            .map(|record| &record.chunk)
            .collect::<Vec<_>>(),
        document(&["第一页。", "第二页。"])
            .1
            .iter()
            .collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn what_is_deleted_while_it_is_worked_on_is_never_published() {
    let fixture = fixture().await;
    let id = fixture.upload("a.txt", "x").await.document_id;
    let lease = fixture.lease_one().await;
    fixture
        .catalog
        .points_begin(&lease, wenyuan_ingest::Preset::Prose, 0)
        .await
        .expect("points");
    fixture
        .catalog
        .delete_document(fixture.knowledge_base, id)
        .await
        .expect("delete");
    let (document, chunks) = document(&["内容"]);
    let error = fixture
        .catalog
        .publish(&lease, "twin", document.pages.clone(), chunks.clone())
        .await
        .expect_err("stopped");
    assert!(matches!(
        error,
        CatalogError::Conflict {
            code: "stopped",
            ..
        }
    ));
    assert_eq!(fixture.catalog.totals().await.expect("totals").chunks, 0);
    assert_eq!(
        fixture
            .catalog
            .chunks_by_id(&[ChunkId::derive(lease.version, 0)])
            .await
            .expect("chunks"),
        []
    );
    let hidden = fixture
        .catalog
        .hidden_versions(&[fixture.knowledge_base])
        .await
        .expect("hidden");
    assert_eq!(hidden, [lease.version]);
}

#[tokio::test]
async fn deleting_takes_rows_and_files_but_never_those_of_others() {
    let fixture = fixture().await;
    let catalog = &fixture.catalog;
    let first = fixture.upload("a.txt", "一").await.document_id;
    let lease = fixture.publish_next(&["一"]).await;
    let path = catalog
        .original(fixture.knowledge_base, first)
        .await
        .expect("original")
        .path;
    fixture.upload("b.txt", "二").await;
    let kept = fixture.publish_next(&["二"]).await;
    catalog
        .delete_document(fixture.knowledge_base, first)
        .await
        .expect("delete");
    let error = catalog
        .document(fixture.knowledge_base, first)
        .await
        .expect_err("gone");
    assert_eq!(error.code(), "document_not_found");
    let discarded = catalog
        .discarded(10, Duration::ZERO)
        .await
        .expect("discarded");
    assert_eq!(
        discarded
            .iter()
            .map(|version| version.id)
            .collect::<Vec<_>>(),
        [lease.version]
    );
    catalog.points_removed(lease.version).await.expect("points");
    catalog.remove_version(lease.version).await.expect("remove");
    assert!(!path.exists());
    assert!(
        catalog
            .discarded(10, Duration::ZERO)
            .await
            .expect("discarded")
            .is_empty()
    );
    assert_eq!(
        catalog
            .hidden_versions(&[fixture.knowledge_base])
            .await
            .expect("hidden"),
        []
    );
    assert_eq!(
        catalog
            .passages(&[ChunkId::derive(kept.version, 0)])
            .await
            .expect("passages")
            .len(),
        1
    );
    assert_eq!(catalog.remove_orphan_files().await.expect("orphans"), 0);
}

#[tokio::test]
async fn a_deleted_knowledge_base_is_gone_at_once_and_its_name_free() {
    let fixture = fixture().await;
    fixture.upload("a.txt", "一").await;
    let lease = fixture.publish_next(&["一"]).await;
    fixture
        .catalog
        .delete_knowledge_base(fixture.knowledge_base)
        .await
        .expect("delete");
    assert!(
        fixture
            .catalog
            .passages(&[ChunkId::derive(lease.version, 0)])
            .await
            .expect("passages")
            .is_empty()
    );
    super::support::knowledge_base(&fixture.catalog, "测试")
        .await
        .expect("the name again");
}

#[tokio::test]
async fn jobs_of_a_dead_process_are_taken_over_and_a_poisonous_one_is_given_up() {
    let mut fixture = fixture().await;
    let accepted = fixture.upload("a.txt", "一").await;
    for attempt in 1..=MOST_ATTEMPTS {
        let lease = fixture.lease_one().await;
        fixture
            .catalog
            .attempt_begins(&lease)
            .await
            .expect("reading begins");
        assert_eq!(
            fixture.catalog.job(lease.job).await.expect("job").attempt,
            attempt
        );
        drop(fixture.catalog);
        fixture.catalog = open(fixture.folder.path()).await;
        assert_eq!(fixture.catalog.take_over().await.expect("take over"), 1);
    }
    let job = fixture.catalog.job(accepted.job_id).await.expect("job");
    assert_eq!(
        (job.status, job.error.map(|error| error.code)),
        (Status::Failed, Some("crashed".to_owned()))
    );
    let retried = fixture
        .catalog
        .retry_job(accepted.job_id, None)
        .await
        .expect("retry");
    assert_eq!((retried.status, retried.attempt), (Status::Queued, 0));
    assert_eq!(
        fixture
            .catalog
            .retry_job(accepted.job_id, None)
            .await
            .expect_err("waiting")
            .code(),
        "not_retryable"
    );
}

#[tokio::test]
async fn orphan_files_of_a_crash_are_removed_at_the_start() {
    let fixture = fixture().await;
    let blob = fixture
        .catalog
        .blobs()
        .store(b"never acknowledged", 100)
        .await
        .expect("store");
    let path = fixture.catalog.blobs().path(blob.hash());
    drop(blob);
    let (document, _) = document(&["文"]);
    fixture
        .catalog
        .texts()
        .save(crate::model::VersionId(uuid::Uuid::now_v7()), &document)
        .expect("text");
    assert_eq!(
        fixture
            .catalog
            .remove_orphan_files()
            .await
            .expect("orphans"),
        2
    );
    assert!(!path.exists());
}
