//! Cancelling ends the work at every stage, and what ends the program is not tried for ever.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use wenyuan_ingest::ReaderProgram;

use super::failing::wait_for_embedding;
use super::gated::GatedStore;
use super::support::{
    DIMENSION, Fixture, TwinEmbedder, fixture, fixture_with, open, settings, start,
};
use crate::catalog::{Stage, Status};
use crate::jobs::{Ingestor, JobEvent};
use crate::model::JobId;
use crate::store::MemoryStore;

/// Stops a job and sees to it that it has ended within a second.
async fn assert_stops(fixture: &Fixture, job: JobId) {
    let asked = Instant::now();
    fixture.ingestor.cancel(job).await.expect("cancel");
    let end = fixture.ingestor.wait(job).await.expect("end");
    assert_eq!((end.status, end.seconds_left), (Status::Cancelled, None));
    assert!(asked.elapsed() < Duration::from_secs(1));
}

async fn wait_for(fixture: &Fixture, job: JobId, stage: Stage) {
    wait_until(fixture, job, |event| event.stage == stage).await;
}

/// The first event of a job that is as wanted.
async fn wait_until(fixture: &Fixture, job: JobId, wanted: impl Fn(&JobEvent) -> bool) -> JobEvent {
    let mut events = fixture.ingestor.subscribe(job).await.expect("subscribe");
    while let Some(event) = events.next().await {
        if wanted(&event) {
            return event;
        }
        assert!(!event.status.is_final(), "ended early: {event:?}");
    }
    panic!("the events ended");
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_is_being_read_is_let_go_and_its_reader_ended() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (program, number) = (folder.path().join("reader"), folder.path().join("number"));
    // The number comes whole: it is moved to where it is looked for.
    let script = format!(
        "#!/bin/sh\necho $$ > {0}.new\nmv {0}.new {0}\nexec sleep 600\n",
        number.display()
    );
    std::fs::write(&program, script).expect("a program");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).expect("runnable");
    let mut settings = settings();
    settings.program = ReaderProgram::new(program);
    let store = Arc::new(MemoryStore::new(DIMENSION));
    let fixture = fixture_with(TwinEmbedder::open(), Arc::clone(&store), store, settings).await;
    let job = fixture.upload("a.pdf", b"%PDF-1.4 long").await.job_id;
    let number = loop {
        if let Ok(number) = std::fs::read_to_string(&number) {
            break number.trim().to_owned();
        }
        tokio::task::yield_now().await;
    };
    assert_stops(&fixture, job).await;
    let status = std::path::PathBuf::from(format!("/proc/{number}/stat"));
    let gone = async {
        // Dead and not yet buried is gone too.
        while std::fs::read_to_string(&status).is_ok_and(|status| !status.contains(") Z ")) {
            tokio::task::yield_now().await;
        }
    };
    let gone = tokio::time::timeout(Duration::from_secs(10), gone).await;
    gone.expect("the reader ends");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_that_is_being_cut_is_let_go_and_no_more_of_it_is_counted() {
    let fixture = fixture(TwinEmbedder::open()).await;
    let embedder = Arc::clone(&fixture.embedder);
    embedder.hold_counting(true);
    let text = "一句话。".repeat(5_000);
    let job = fixture.upload("a.txt", text.as_bytes()).await.job_id;
    while embedder.counts.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    assert_stops(&fixture, job).await;
    embedder.hold_counting(false);
    // Whatever else is cut now is counted, but not the rest of the text that nobody wants.
    let (_, end) = fixture.ingest("b.txt", "短。".as_bytes()).await;
    assert_eq!(end.status, Status::Ready);
    let counted = embedder.counts.load(Ordering::SeqCst);
    assert!(counted < 100, "{counted} counts");
}

#[tokio::test]
async fn a_document_that_waits_for_the_index_to_be_in_order_says_so_and_is_let_go() {
    let store = Arc::new(MemoryStore::new(DIMENSION));
    let gated = GatedStore::shut(Arc::clone(&store));
    let mut settings = settings();
    settings.optimize_after = 1;
    let seen = Arc::clone(&gated);
    let fixture = fixture_with(TwinEmbedder::open(), store, seen, settings).await;
    // What an earlier process may have left is put in order first: meanwhile there is room for two passages.
    while gated.flushes.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    for (name, text) in [("a.txt", "一。"), ("b.txt", "二。")] {
        let job = fixture.upload(name, text.as_bytes()).await.job_id;
        wait_until(&fixture, job, |event| event.progress.chunks_done > 0).await;
    }
    let third = fixture.upload("c.txt", "三。".as_bytes()).await.job_id;
    let event = wait_until(&fixture, third, |event| event.waiting_for_index).await;
    assert_eq!(
        (event.stage, event.progress.chunks_done),
        (Stage::Embedding, 0)
    );
    assert_stops(&fixture, third).await;
    gated.gate.add_permits(1_000);
}

#[tokio::test]
async fn a_document_behind_others_says_that_it_waits_for_its_turn() {
    let mut settings = settings();
    settings.embedders = 1;
    let store = Arc::new(MemoryStore::new(DIMENSION));
    let seen = Arc::clone(&store);
    let fixture = fixture_with(TwinEmbedder::shut(), store, seen, settings).await;
    let first = fixture.upload("a.txt", "一。".as_bytes()).await.job_id;
    wait_for(&fixture, first, Stage::Embedding).await;
    let second = fixture.upload("b.txt", "二。".as_bytes()).await.job_id;
    let event = wait_until(&fixture, second, |event| event.waiting_for_turn).await;
    assert_eq!(
        (event.stage, event.progress.chunks_total),
        (Stage::Splitting, Some(1))
    );
    fixture.embedder.gate.add_permits(1_000);
    let ended = fixture.ingestor.wait(first).await.expect("end");
    assert!(ended.status == Status::Ready && !ended.waiting_for_turn);
    let ended = fixture.ingestor.wait(second).await.expect("end");
    assert!(ended.status == Status::Ready && !ended.waiting_for_turn);
}

#[tokio::test]
async fn a_document_that_waits_for_the_disk_is_let_go_and_so_is_one_behind_it() {
    let store = Arc::new(MemoryStore::new(DIMENSION));
    let gated = GatedStore::shut(Arc::clone(&store));
    let seen = Arc::clone(&gated);
    let fixture = fixture_with(TwinEmbedder::open(), store, seen, settings()).await;
    let first = fixture.upload("a.txt", "一。".as_bytes()).await;
    wait_for(&fixture, first.job_id, Stage::Publishing).await;
    let second = fixture.upload("b.txt", "二。".as_bytes()).await;
    wait_until(&fixture, second.job_id, |event| {
        event.progress.chunks_done > 0
    })
    .await;
    assert_stops(&fixture, second.job_id).await;
    assert_stops(&fixture, first.job_id).await;
    gated.gate.add_permits(1_000);
    assert!(!fixture.document(first.document_id).await.searchable);
    fixture
        .ingestor
        .retry(first.job_id, None)
        .await
        .expect("retry");
    let end = fixture.ingestor.wait(first.job_id).await.expect("end");
    assert_eq!(end.status, Status::Ready);
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("runtime")
}

/// Ends everything where it stands, as a crash would: a worker that is dropped before would give its jobs back.
fn crash(runtime: tokio::runtime::Runtime, ingestor: Ingestor) {
    runtime.shutdown_timeout(Duration::from_secs(5));
    drop(ingestor);
}

#[test]
fn a_document_that_ends_the_program_is_given_up_after_five_attempts_and_others_are_not_blamed() {
    let dying = runtime();
    let (folder, store, ingestor, bad, good) = dying.block_on(async {
        let fixture = fixture(TwinEmbedder::shut()).await;
        let bad = fixture
            .upload("bad.txt", "有毒的内容。".as_bytes())
            .await
            .job_id;
        let mut good = Vec::new();
        for number in 0..3 {
            let text = format!("第 {number} 篇好内容。");
            let name = format!("{number}.txt");
            good.push(fixture.upload(&name, text.as_bytes()).await.job_id);
        }
        // All of them are under way when the program ends for the first time.
        for job in good.iter().chain([&bad]) {
            wait_for_embedding(&fixture, *job).await;
        }
        (fixture.folder, fixture.store, fixture.ingestor, bad, good)
    });
    crash(dying, ingestor);
    for attempt in 2..=5 {
        let dying = runtime();
        let ingestor = dying.block_on(async {
            let catalog = open(folder.path()).await;
            let embedder = TwinEmbedder::stuck_on("毒");
            let ingestor = start(&catalog, &embedder, &store).await;
            loop {
                let job = catalog.job(bad).await.expect("job");
                if job.stage == Stage::Embedding {
                    assert_eq!(job.attempt, attempt);
                    break;
                }
            }
            ingestor
        });
        crash(dying, ingestor);
    }
    runtime().block_on(async {
        let catalog = open(folder.path()).await;
        let ingestor = start(&catalog, &TwinEmbedder::open(), &store).await;
        let end = ingestor.wait(bad).await.expect("end");
        let error = end.error.expect("a reason");
        assert_eq!(
            (end.status, error.code.as_str()),
            (Status::Failed, "crashed")
        );
        assert_eq!(error.args["attempts"], 5);
        for job in good {
            let end = ingestor.wait(job).await.expect("end");
            assert_eq!(end.status, Status::Ready, "{:?}", end.error);
        }
        // A person may still ask for another try.
        ingestor.retry(bad, None).await.expect("retry");
        assert_eq!(ingestor.wait(bad).await.expect("end").status, Status::Ready);
    });
}
