use futures::StreamExt as _;

use super::support::{TwinEmbedder, fixture, open, start};
use crate::catalog::Status;
use crate::jobs::verify;
use crate::model::ChunkId;
use crate::retrieve::PassageSource as _;
use crate::store::Filter;

const TEXT: &str =
    "# 年假\n\n员工每年有十天年假。\n\n# Leave\n\nEvery employee has ten days of leave.\n";

#[tokio::test]
async fn an_uploaded_document_becomes_searchable_and_index_and_catalog_agree() {
    let fixture = fixture(TwinEmbedder::open()).await;
    let (id, end) = fixture.ingest("制度.md", TEXT.as_bytes()).await;
    assert_eq!((end.status, &end.error), (Status::Ready, &None));
    let document = fixture.document(id).await;
    assert_eq!(
        (
            document.status,
            document.searchable,
            document.kind.as_deref()
        ),
        (Status::Ready, true, Some("markdown"))
    );
    assert_eq!(
        document.chunks,
        u64::from(end.progress.chunks_total.expect("chunks"))
    );
    let ids = fixture.store.ids_of_all().await;
    assert_eq!(ids.len() as u64, document.chunks);
    let passages = fixture.catalog.passages(&ids).await.expect("passages");
    let whole = fixture
        .catalog
        .text(fixture.knowledge_base, id, None)
        .await
        .expect("text");
    for passage in &passages {
        let quoted: String = whole
            .chars()
            .skip(passage.chars.start)
            .take(passage.chars.len())
            .collect();
        assert_eq!(quoted, passage.text);
    }
    assert!(
        passages
            .iter()
            .any(|passage| passage.text.contains("十天年假"))
    );
    let report = verify(&fixture.catalog, &*fixture.store)
        .await
        .expect("verify");
    assert!(report.agrees(), "{report:?}");
}

#[tokio::test]
async fn a_hundred_documents_are_all_ready_in_the_end() {
    let fixture = fixture(TwinEmbedder::open()).await;
    let mut jobs = Vec::new();
    for index in 0..100 {
        let text = format!("第 {index} 篇文档。Document number {index}.");
        jobs.push(
            fixture
                .upload(&format!("{index}.txt"), text.as_bytes())
                .await
                .job_id,
        );
    }
    for job in jobs {
        assert_eq!(
            fixture.ingestor.wait(job).await.expect("end").status,
            Status::Ready
        );
    }
    let totals = fixture.catalog.totals().await.expect("totals");
    assert_eq!(
        (
            totals.documents,
            totals.chunks,
            totals.queued,
            totals.running
        ),
        (100, 100, 0, 0)
    );
    assert_eq!(fixture.points().await, 100);
}

#[tokio::test]
async fn a_follower_gets_the_present_state_first_and_the_end_last() {
    let fixture = fixture(TwinEmbedder::shut()).await;
    let accepted = fixture.upload("a.md", TEXT.as_bytes()).await;
    let mut events = fixture
        .ingestor
        .subscribe(accepted.job_id)
        .await
        .expect("subscribe");
    let first = events.next().await.expect("first");
    assert!(!first.status.is_final());
    fixture.embedder.gate.add_permits(1_000);
    let rest: Vec<_> = events.collect().await;
    assert_eq!(rest.last().map(|event| event.status), Some(Status::Ready));
    assert_eq!(
        rest.iter().filter(|event| event.status.is_final()).count(),
        1
    );
    let late: Vec<_> = fixture
        .ingestor
        .subscribe(accepted.job_id)
        .await
        .expect("late")
        .collect()
        .await;
    assert_eq!(
        late.iter().map(|event| event.status).collect::<Vec<_>>(),
        [Status::Ready]
    );
    let unknown = fixture
        .ingestor
        .wait(crate::model::JobId(uuid::Uuid::nil()))
        .await;
    assert_eq!(unknown.expect_err("unknown").code(), "job_not_found");
}

#[tokio::test]
async fn the_old_version_answers_until_the_new_one_is_ready_and_then_leaves_the_index() {
    let fixture = fixture(TwinEmbedder::open()).await;
    let (id, _) = fixture.ingest("a.txt", "旧的内容。".as_bytes()).await;
    let old = fixture.store.ids_of_all().await;
    let (same, end) = fixture.ingest("a.txt", "新的内容。".as_bytes()).await;
    assert_eq!((same, end.status), (id, Status::Ready));
    assert!(
        fixture
            .catalog
            .passages(&old)
            .await
            .expect("passages")
            .is_empty()
    );
    fixture.ingestor.collect().await.expect("collect");
    assert_eq!(fixture.points().await, 1);
    assert!(
        fixture
            .catalog
            .hidden_versions(&[fixture.knowledge_base])
            .await
            .expect("hidden")
            .is_empty()
    );
    let versions = fixture
        .catalog
        .versions(fixture.knowledge_base, id)
        .await
        .expect("versions");
    assert_eq!(
        versions
            .iter()
            .map(|version| version.visible)
            .collect::<Vec<_>>(),
        [true, false]
    );
    // The first content again is a version of its own, since the old points are gone.
    let old = versions.last().expect("the old version").id;
    let restored = fixture
        .catalog
        .restore_version(fixture.knowledge_base, id, old)
        .await
        .expect("restore");
    assert_eq!(
        fixture
            .ingestor
            .wait(restored.job_id)
            .await
            .expect("end")
            .status,
        Status::Ready
    );
    assert_eq!(
        fixture
            .catalog
            .text(fixture.knowledge_base, id, None)
            .await
            .expect("text")
            .trim(),
        "旧的内容。"
    );
}

#[tokio::test]
async fn a_deleted_document_leaves_index_rows_and_disk() {
    let fixture = fixture(TwinEmbedder::open()).await;
    let (id, _) = fixture.ingest("a.txt", "内容。".as_bytes()).await;
    let path = fixture
        .catalog
        .original(fixture.knowledge_base, id)
        .await
        .expect("original")
        .path;
    fixture
        .catalog
        .delete_document(fixture.knowledge_base, id)
        .await
        .expect("delete");
    assert_eq!(fixture.ingestor.collect().await.expect("collect"), 1);
    assert_eq!(fixture.points().await, 0);
    assert!(!path.exists());
}

#[tokio::test]
async fn work_cut_off_in_the_middle_is_finished_by_the_next_start() {
    let fixture = fixture(TwinEmbedder::shut()).await;
    let accepted = fixture.upload("a.md", TEXT.as_bytes()).await;
    let mut events = fixture
        .ingestor
        .subscribe(accepted.job_id)
        .await
        .expect("subscribe");
    while let Some(event) = events.next().await {
        if event.stage == crate::catalog::Stage::Embedding {
            break;
        }
    }
    fixture.ingestor.stop().await;
    let stopped = fixture.catalog.job(accepted.job_id).await.expect("job");
    assert_eq!((stopped.status, stopped.attempt), (Status::Queued, 0));
    let knowledge_base = fixture.knowledge_base;
    let super::support::Fixture {
        folder,
        catalog,
        store,
        ingestor,
        ..
    } = fixture;
    drop((events, ingestor, catalog));
    let catalog = open(folder.path()).await;
    let ingestor = start(&catalog, &TwinEmbedder::open(), &store).await;
    assert_eq!(
        ingestor.wait(accepted.job_id).await.expect("end").status,
        Status::Ready
    );
    let document = catalog
        .document(knowledge_base, accepted.document_id)
        .await
        .expect("document");
    assert!(document.searchable);
    assert!(verify(&catalog, &*store).await.expect("verify").agrees());
}

#[tokio::test]
async fn verify_names_what_is_missing_and_what_nobody_knows_and_repair_mends_both() {
    let fixture = fixture(TwinEmbedder::open()).await;
    fixture.ingest("a.txt", "一。".as_bytes()).await;
    fixture.ingest("b.txt", "二。".as_bytes()).await;
    let ids = fixture.store.ids_of_all().await;
    fixture.store.move_point(ids[0]).await;
    let report = verify(&fixture.catalog, &*fixture.store)
        .await
        .expect("verify");
    assert_eq!(
        (
            report.catalog_chunks,
            report.index_chunks,
            report.missing,
            report.unknown
        ),
        (2, 2, 1, 1)
    );
    assert_eq!(report.missing_examples, [ids[0]]);
    let repaired = fixture.ingestor.repair().await.expect("repair");
    assert_eq!(
        (
            repaired.documents_indexed,
            repaired.documents_failed,
            repaired.chunks_removed
        ),
        (1, 0, 1)
    );
    assert!(
        verify(&fixture.catalog, &*fixture.store)
            .await
            .expect("verify")
            .agrees()
    );
}

/// What the tests ask of an index beyond its trait.
trait Inspect {
    async fn ids_of_all(&self) -> Vec<ChunkId>;
    /// Takes a point away and puts another one there that no document has.
    async fn move_point(&self, id: ChunkId);
}

impl Inspect for crate::store::MemoryStore {
    async fn ids_of_all(&self) -> Vec<ChunkId> {
        crate::store::VectorStore::ids(self, &Filter::default(), None, 10_000)
            .await
            .expect("ids")
    }

    async fn move_point(&self, id: ChunkId) {
        use crate::store::VectorStore as _;
        use wenyuan_ingest::{ChunkSink as _, Language, Point, PointPayload, SparseVector};

        self.remove(&Filter::default().among(vec![id]))
            .await
            .expect("remove");
        let payload = PointPayload {
            knowledge_base: uuid::Uuid::nil(),
            document: uuid::Uuid::nil(),
            version: uuid::Uuid::nil(),
            ordinal: 0,
            page: None,
            language: Language::English,
            kind: "text".to_owned(),
            tags: Vec::new(),
            headings: Vec::new(),
            added_at: 0,
        };
        let vector = vec![1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        let sentences = vec![vector.clone()];
        let id = uuid::Uuid::nil();
        let stranger = Point {
            id,
            dense: vector,
            sentences,
            bm25: SparseVector::default(),
            payload,
        };
        self.upsert(vec![stranger]).await.expect("upsert");
    }
}
