use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::support::{TwinEmbedder, fixture, open, start};
use crate::catalog::{Stage, Status};
use crate::jobs::ingestor::ROOM;

#[tokio::test]
async fn a_file_that_cannot_be_read_fails_with_a_reason_and_leaves_the_others_alone() {
    let fixture = fixture(TwinEmbedder::open()).await;
    let (id, end) = fixture.ingest("空.txt", b"   \n").await;
    assert_eq!(end.status, Status::Failed);
    assert_eq!(
        fixture.document(id).await.error.map(|error| error.code),
        Some("empty_file".to_owned())
    );
    // The reading process of these tests ends at once without a word.
    let (_, end) = fixture.ingest("a.pdf", b"%PDF-1.4 nothing").await;
    assert_eq!(
        end.error.map(|error| error.code),
        Some("crashed".to_owned())
    );
    let (_, end) = fixture.ingest("b.txt", "好的。".as_bytes()).await;
    assert_eq!(end.status, Status::Ready);
    assert_eq!(fixture.catalog.totals().await.expect("totals").failed, 2);
}

#[tokio::test]
async fn a_busy_embedder_is_asked_again_but_not_for_ever() {
    let fixture = fixture(TwinEmbedder::open()).await;
    fixture.embedder.failures.store(3, Ordering::SeqCst);
    let (_, end) = fixture.ingest("a.txt", "内容一。".as_bytes()).await;
    assert_eq!(end.status, Status::Ready);
    fixture.embedder.failures.store(1_000, Ordering::SeqCst);
    let (id, end) = fixture.ingest("b.txt", "内容二。".as_bytes()).await;
    assert_eq!(
        end.error.map(|error| error.code),
        Some("embedder_busy".to_owned())
    );
    fixture.embedder.failures.store(0, Ordering::SeqCst);
    let job = fixture.document(id).await.job_id;
    fixture.ingestor.retry(job, None).await.expect("retry");
    assert_eq!(
        fixture.ingestor.wait(job).await.expect("end").status,
        Status::Ready
    );
    assert!(fixture.document(id).await.searchable);
}

#[tokio::test]
async fn a_cancelled_job_ends_within_a_second_and_can_be_tried_again() {
    let fixture = fixture(TwinEmbedder::shut()).await;
    let job = fixture.upload("a.txt", "内容。".as_bytes()).await.job_id;
    wait_for_embedding(&fixture, job).await;
    let asked = Instant::now();
    fixture.ingestor.cancel(job).await.expect("cancel");
    assert_eq!(
        fixture.ingestor.wait(job).await.expect("end").status,
        Status::Cancelled
    );
    assert!(asked.elapsed() < Duration::from_secs(1));
    assert_eq!(
        fixture
            .ingestor
            .cancel(job)
            .await
            .expect_err("ended")
            .code(),
        "not_cancellable"
    );
    fixture.embedder.gate.add_permits(1_000);
    fixture.ingestor.retry(job, None).await.expect("retry");
    assert_eq!(
        fixture.ingestor.wait(job).await.expect("end").status,
        Status::Ready
    );
}

#[tokio::test]
async fn a_waiting_job_is_cancelled_too_and_its_followers_hear_it() {
    let fixture = fixture(TwinEmbedder::shut()).await;
    let mut jobs = Vec::new();
    // More than there is room for: the last one stays in the queue.
    for index in 0..ROOM + 16 {
        jobs.push(
            fixture
                .upload(
                    &format!("{index}.txt"),
                    format!("第 {index} 篇。").as_bytes(),
                )
                .await
                .job_id,
        );
    }
    let last = jobs[ROOM + 15];
    assert_eq!(
        fixture.catalog.job(last).await.expect("job").status,
        Status::Queued
    );
    let (ingestor, cancelling) = (fixture.ingestor.clone(), fixture.ingestor.clone());
    let waiting = async move { ingestor.wait(last).await };
    let cancel = async move { cancelling.cancel(last).await };
    let (end, cancelled) = tokio::join!(waiting, cancel);
    assert_eq!(end.expect("end").status, Status::Cancelled);
    assert_eq!(cancelled.expect("cancel").status, Status::Cancelled);
}

#[tokio::test]
async fn deleting_a_document_ends_its_job() {
    let fixture = fixture(TwinEmbedder::shut()).await;
    let accepted = fixture.upload("a.txt", "内容。".as_bytes()).await;
    wait_for_embedding(&fixture, accepted.job_id).await;
    let following = fixture
        .ingestor
        .subscribe(accepted.job_id)
        .await
        .expect("subscribe");
    fixture
        .catalog
        .delete_document(fixture.knowledge_base, accepted.document_id)
        .await
        .expect("delete");
    let events: Vec<_> = futures::StreamExt::collect(following).await;
    assert_eq!(
        events.last().map(|event| event.status),
        Some(Status::Cancelled)
    );
    fixture.ingestor.collect().await.expect("collect");
    assert_eq!(fixture.points().await, 0);
}

#[test]
fn after_a_sudden_death_nothing_half_done_is_visible_and_everything_acknowledged_is_finished() {
    let runtime = || {
        tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .expect("runtime")
    };
    let dying = runtime();
    let (folder, knowledge_base, store, accepted) = dying.block_on(async {
        let fixture = fixture(TwinEmbedder::shut()).await;
        let accepted = fixture.upload("a.txt", "内容。".as_bytes()).await;
        wait_for_embedding(&fixture, accepted.job_id).await;
        (
            fixture.folder,
            fixture.knowledge_base,
            fixture.store,
            accepted,
        )
    });
    // Every task is dropped where it stands; nobody writes that the job was given back.
    dying.shutdown_timeout(Duration::from_secs(5));
    runtime().block_on(async {
        let catalog = open(folder.path()).await;
        let job = catalog.job(accepted.job_id).await.expect("job");
        assert_eq!(catalog.totals().await.expect("totals").chunks, 0);
        assert!(!job.status.is_final());
        let ingestor = start(&catalog, &TwinEmbedder::open(), &store).await;
        assert_eq!(
            ingestor.wait(accepted.job_id).await.expect("end").status,
            Status::Ready
        );
        let document = catalog
            .document(knowledge_base, accepted.document_id)
            .await
            .expect("document");
        assert_eq!((document.searchable, document.chunks), (true, 1));
    });
}

pub(super) async fn wait_for_embedding(
    fixture: &super::support::Fixture,
    job: crate::model::JobId,
) {
    let mut events = fixture.ingestor.subscribe(job).await.expect("subscribe");
    while let Some(event) = futures::StreamExt::next(&mut events).await {
        if event.stage == Stage::Embedding {
            while fixture.embedder.calls.load(Ordering::SeqCst) == 0 {
                tokio::task::yield_now().await;
            }
            return;
        }
        assert!(!event.status.is_final(), "ended early: {event:?}");
    }
}
