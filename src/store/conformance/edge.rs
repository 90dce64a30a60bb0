//! What only a store on disk can get wrong: locks, crashes, reopening, and work in the background.

use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;

use super::Opened;
use super::fixtures::{
    DIMENSION, ask, at, base, chunks, point, point_at, point_where, terms, write,
};
use crate::store::qdrant::Bounds;
use crate::store::{
    EdgeStore, Effort, Embedding, Filter, QueryVector, StoreError, StoreQuery, VectorStore,
};

/// An edge store in a folder of its own.
#[expect(clippy::unused_async, reason = "every backend opens the same way")]
pub(super) async fn temporary() -> Option<Opened> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    Some(Opened {
        store: Arc::new(open(folder.path())),
        _folder: Some(folder),
    })
}

/// An edge store that takes every collection for a large one.
#[expect(clippy::unused_async, reason = "every backend opens the same way")]
pub(super) async fn large() -> Option<Opened> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let bounds = Bounds {
        quantized_from: 1,
        ..Bounds::default()
    };
    let store = EdgeStore::open_bounded(folder.path(), &embedding(DIMENSION), bounds);
    Some(Opened {
        store: Arc::new(store.expect("the store opens")),
        _folder: Some(folder),
    })
}

fn embedding(dimension: usize) -> Embedding {
    Embedding::new("twin", dimension)
}

fn open(folder: &Path) -> EdgeStore {
    EdgeStore::open(folder, &embedding(DIMENSION)).expect("the store opens")
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

async fn assert_complete(store: &EdgeStore, count: u128) {
    let found = store
        .ids(&Filter::default(), None, 10_000)
        .await
        .expect("ids");
    assert_eq!(found, chunks(0..count));
    let lexical = ask(store, QueryVector::Lexical(terms(&[7]))).await;
    assert_eq!(lexical.len() as u128, count.min(100));
    let sentences = ask(store, QueryVector::BestSentence(at(0.0))).await;
    assert_eq!(sentences.len() as u128, count.min(100));
}

/// A copy of the folder as a crash would leave it: nothing was told to finish.
fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            std::fs::create_dir(&target).expect("a folder is made");
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a file is copied");
        }
    }
}

#[tokio::test]
async fn a_reopened_store_has_everything_that_was_flushed() {
    let folder = folder();
    let store = open(folder.path());
    write(&store, (0..200).map(point).collect()).await;
    wenyuan_ingest::ChunkSink::flush(&store)
        .await
        .expect("the store flushes");
    drop(store);
    assert_complete(&open(folder.path()), 200).await;
}

#[tokio::test]
async fn a_reopened_store_has_everything_that_was_written_before_it_was_dropped() {
    let folder = folder();
    let store = open(folder.path());
    write(&store, (0..200).map(point).collect()).await;
    drop(store);
    assert_complete(&open(folder.path()), 200).await;
}

#[tokio::test]
async fn a_crash_between_writing_and_flushing_loses_nothing() {
    let (folder, crashed) = (folder(), folder());
    let store = open(folder.path());
    write(&store, (0..100).map(point).collect()).await;
    wenyuan_ingest::ChunkSink::flush(&store)
        .await
        .expect("the store flushes");
    write(&store, (100..250).map(point).collect()).await;
    store
        .remove(&Filter::default().among(chunks(240..250)))
        .await
        .expect("chunks are removed");
    copy(folder.path(), crashed.path());
    let reopened = open(crashed.path());
    assert_complete(&reopened, 240).await;
    write(&reopened, (240..245).map(point).collect()).await;
    assert_complete(&reopened, 245).await;
}

#[tokio::test]
async fn a_refused_write_does_not_come_back_with_the_log() {
    let folder = folder();
    let store = open(folder.path());
    write(&store, vec![point(0)]).await;
    let mut wrong = point(1);
    wrong.dense.pop();
    wenyuan_ingest::ChunkSink::upsert(&store, vec![wrong])
        .await
        .expect_err("the point is refused");
    drop(store);
    assert_complete(&open(folder.path()), 1).await;
}

#[tokio::test]
async fn a_second_opener_is_refused_until_the_first_is_gone() {
    let folder = folder();
    let first = open(folder.path());
    let second = EdgeStore::open(folder.path(), &embedding(DIMENSION));
    let Err(StoreError::InUse { path }) = second else {
        panic!("{second:?}");
    };
    assert_eq!(path, folder.path());
    drop(first);
    open(folder.path());
}

#[tokio::test]
async fn an_index_of_vectors_of_another_length_is_refused_with_both_lengths() {
    let folder = folder();
    drop(open(folder.path()));
    let refused = EdgeStore::open(folder.path(), &embedding(DIMENSION + 1));
    let Err(StoreError::Rejected(reason)) = refused else {
        panic!("{refused:?}");
    };
    assert!(
        reason.contains("vectors of 4 elements") && reason.contains("makes 5"),
        "{reason}"
    );
    open(folder.path());
}

#[tokio::test]
async fn an_index_of_another_embedder_is_refused_with_both_fingerprints() {
    let folder = folder();
    let store = open(folder.path());
    write(&store, vec![point(0)]).await;
    drop(store);
    let stranger = Embedding::new("stranger@1", DIMENSION);
    let refused = EdgeStore::open(folder.path(), &stranger);
    let Err(error @ StoreError::OtherEmbedder { .. }) = refused else {
        panic!("{refused:?}");
    };
    let told = error.to_string();
    for part in ["`twin`", "`stranger@1`", "wenyuan reindex"] {
        assert!(told.contains(part), "{told}");
    }
    assert_complete(&open(folder.path()), 1).await;
}

#[tokio::test]
async fn a_removed_index_leaves_nothing_and_one_in_use_stays() {
    let folder = folder();
    let place = folder.path().join("index");
    EdgeStore::remove(&place).expect("nothing to remove");
    let store = open(&place);
    let refused = EdgeStore::remove(&place);
    assert!(
        matches!(refused, Err(StoreError::InUse { .. })),
        "{refused:?}"
    );
    drop(store);
    EdgeStore::remove(&place).expect("removed");
    assert!(!place.exists());
}

#[cfg(unix)]
#[tokio::test]
async fn a_new_index_takes_little_disk() {
    let folder = folder();
    let store = open(folder.path());
    write(&store, vec![point(0)]).await;
    wenyuan_ingest::ChunkSink::flush(&store)
        .await
        .expect("the store flushes");
    let bytes = size(folder.path());
    assert!(bytes < 32 * 1024 * 1024, "{bytes} bytes for one chunk");
}

/// Bytes taken on disk: edge's files are sparse, and far longer than what they hold.
#[cfg(unix)]
fn size(folder: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    let entries = std::fs::read_dir(folder).expect("a folder");
    let sizes = entries.map(|entry| {
        let entry = entry.expect("an entry");
        let metadata = entry.metadata().expect("metadata");
        if metadata.is_dir() {
            size(&entry.path())
        } else {
            metadata.blocks() * 512
        }
    });
    sizes.sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn searches_and_writes_go_on_while_the_store_is_optimized() {
    let folder = folder();
    let store = Arc::new(open(folder.path()));
    write(&*store, (0..3_000).map(point).collect()).await;
    store
        .remove(&Filter::default().among(chunks(2_000..3_000)))
        .await
        .expect("chunks are removed");
    let optimizing = Arc::clone(&store);
    let optimized = tokio::spawn(async move { optimizing.optimize(Effort::Full).await });
    for number in 2_000..2_040 {
        write(&*store, vec![point(number)]).await;
        let count = store.count(&Filter::default()).await.expect("a count");
        assert_eq!(count as u128, number + 1);
        assert_eq!(ask(&*store, QueryVector::Passage(at(0.0))).await.len(), 100);
    }
    optimized
        .await
        .expect("the task ends")
        .expect("the store is optimized");
    assert_complete(&store, 2_040).await;
    drop(store);
    assert_complete(&open(folder.path()), 2_040).await;
}

/// Bounds of a collection that is large with 600 points.
const BOUNDS: Bounds = Bounds {
    quantized_from: 600,
    large_from: 700,
    closed_from: 4,
    small: 8,
};

fn open_bounded(folder: &Path) -> EdgeStore {
    EdgeStore::open_bounded(folder, &embedding(DIMENSION), BOUNDS).expect("the store opens")
}

/// Puts the store in order and on the disk.
async fn put_in_order(store: &EdgeStore, effort: Effort) {
    store.optimize(effort).await.expect("it is put in order");
    wenyuan_ingest::ChunkSink::flush(store)
        .await
        .expect("the store flushes");
}

/// Whether passage vectors are quantized, and how many segments there are.
fn layout(folder: &Path) -> (bool, usize) {
    let shard = folder.join("shard");
    let config = std::fs::read(shard.join("edge_config.json")).expect("a configuration");
    let config: serde_json::Value = serde_json::from_slice(&config).expect("JSON");
    let quantized = &config["vectors"]["dense"]["quantization_config"]["scalar"]["type"];
    let segments = std::fs::read_dir(shard.join("segments")).expect("segments");
    (quantized == "int8", segments.count())
}

#[tokio::test]
async fn a_collection_that_grows_large_is_quantized_and_gathered_and_stays_so() {
    let folder = folder();
    let store = open_bounded(folder.path());
    for start in (0..800).step_by(100) {
        write(&store, (start..start + 100).map(point).collect()).await;
        put_in_order(&store, Effort::Little).await;
        let (quantized, segments) = layout(folder.path());
        assert!(
            !quantized,
            "while more is written memory is needed for that: {start}"
        );
        // One more is written to.
        assert!(segments <= 68, "{segments}");
        assert_complete(&store, start + 100).await;
    }
    put_in_order(&store, Effort::Full).await;
    let (quantized, segments) = layout(folder.path());
    assert!(quantized);
    assert!(segments <= 8, "{segments}");
    assert_complete(&store, 800).await;
    drop(store);
    let reopened = open_bounded(folder.path());
    assert!(layout(folder.path()).0);
    assert_complete(&reopened, 800).await;
    write(&reopened, (800..850).map(point).collect()).await;
    assert_complete(&reopened, 850).await;
}

#[tokio::test]
async fn searches_and_writes_go_on_while_vectors_are_quantized() {
    let folder = folder();
    let store = open_bounded(folder.path());
    write(&store, (0..700).map(point).collect()).await;
    let order = store.optimize(Effort::Full);
    let meanwhile = async {
        for start in (700..900).step_by(20) {
            write(&store, (start..start + 20).map(point).collect()).await;
            assert_complete(&store, start + 20).await;
        }
    };
    let (order, ()) = tokio::join!(order, meanwhile);
    order.expect("it is put in order");
    assert!(layout(folder.path()).0);
    assert_complete(&store, 900).await;
}

/// Niceness of this process's threads whose names begin so.
#[cfg(target_os = "linux")]
fn niceness(name: &str) -> Vec<i64> {
    let tasks = std::fs::read_dir("/proc/self/task").expect("threads");
    let stats =
        tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("stat")).ok());
    stats
        .filter_map(|stat| {
            let (before, after) = stat.rsplit_once(") ")?;
            let named = before.split_once('(')?.1.starts_with(name);
            named.then(|| after.split_whitespace().nth(16)?.parse().ok())?
        })
        .collect()
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn threads_that_answer_questions_keep_their_priority_when_vectors_are_quantized() {
    let folder = folder();
    let store = open_bounded(folder.path());
    let before = niceness("edge-search").into_iter().max();
    write(&store, (0..700).map(point).collect()).await;
    store
        .optimize(Effort::Full)
        .await
        .expect("it is put in order");
    assert!(layout(folder.path()).0);
    assert!(before.is_some());
    assert!(niceness("edge-search").into_iter().max() <= before);
}

#[tokio::test]
async fn a_filter_that_nearly_all_chunks_pass_holds_although_the_nearest_do_not_pass_it() {
    let opened = large().await.expect("a store");
    let elsewhere = |number| point_where(number, |payload| payload.knowledge_base = base(2).0);
    let points = (0..20).map(elsewhere);
    let points = points.chain((20..400).map(|number| point_at(number, 30.0)));
    write(&*opened.store, points.collect()).await;
    for limit in [5, 15, 60] {
        let query = StoreQuery {
            vector: QueryVector::Passage(at(0.0)),
            filter: Filter::in_knowledge_bases(&[base(1)]),
            limit,
        };
        let found = opened.store.query_batch(vec![query]).await.expect("hits");
        assert_eq!(found[0].len(), limit);
        let outside = chunks(0..20);
        assert!(found[0].iter().all(|hit| !outside.contains(&hit.id)));
    }
}
