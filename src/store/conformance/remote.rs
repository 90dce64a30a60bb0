//! What only a store behind a network can get wrong: connecting, versions, strangers' collections, lost answers.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use uuid::Uuid;

use super::Opened;
use super::fake_server::Fake;
use super::fixtures::{DIMENSION, ask, at, point, write};
use crate::store::{
    Effort, Embedding, Filter, QdrantSettings, QdrantStore, QueryVector, StoreError, VectorStore,
};

fn settings(url: String) -> QdrantSettings {
    QdrantSettings {
        url,
        api_key: None,
        collection: format!("wenyuan-test-{}", Uuid::new_v4()),
        embedding: Embedding::new("twin", DIMENSION),
        shards: None,
        replicas: None,
        timeout: Duration::from_secs(30),
    }
}

/// The remote store against a server of our own that speaks the protocol.
pub(super) async fn spoken_to() -> Option<Opened> {
    let (_fake, url) = Fake::start("1.18.0");
    Some(opened(settings(url)).await)
}

/// A fresh collection on the server named by `WENYUAN_TEST_QDRANT_URL` (its key in `WENYUAN_TEST_QDRANT_API_KEY`).
/// Collections are left behind under names that begin with `wenyuan-test-`.
pub(super) async fn real() -> Option<Opened> {
    let Ok(url) = std::env::var("WENYUAN_TEST_QDRANT_URL") else {
        eprintln!(
            "SKIPPED: WENYUAN_TEST_QDRANT_URL is not set, so no real Qdrant server was tested"
        );
        return None;
    };
    let api_key = std::env::var("WENYUAN_TEST_QDRANT_API_KEY").ok();
    Some(
        opened(QdrantSettings {
            api_key,
            ..settings(url)
        })
        .await,
    )
}

async fn opened(settings: QdrantSettings) -> Opened {
    let store = QdrantStore::connect(settings)
        .await
        .expect("the server answers");
    Opened {
        store: Arc::new(store),
        _folder: None,
    }
}

#[tokio::test]
async fn connecting_again_finds_the_collection_and_its_points() {
    let (fake, url) = Fake::start("1.20.1");
    let settings = settings(url);
    let (first, second) = tokio::join!(
        QdrantStore::connect(settings.clone()),
        QdrantStore::connect(settings.clone())
    );
    let (first, second) = (first.expect("a store"), second.expect("a store"));
    assert_eq!(fake.creations.load(Ordering::SeqCst), 1);
    write(&first, vec![point(1)]).await;
    assert_eq!(second.count(&Filter::default()).await.expect("a count"), 1);
}

#[tokio::test]
async fn a_server_older_than_we_need_is_refused_with_both_versions() {
    for version in ["1.17.3", "0.11.0"] {
        let (_fake, url) = Fake::start(version);
        let refused = QdrantStore::connect(settings(url)).await;
        let Err(StoreError::Rejected(reason)) = refused else {
            panic!("{refused:?}");
        };
        assert!(
            reason.contains(version) && reason.contains("1.18"),
            "{reason}"
        );
    }
    for version in ["1.18.0", "1.19.2-dev", "v1.20.0", "2.0.0", "unknown"] {
        let (_fake, url) = Fake::start(version);
        QdrantStore::connect(settings(url)).await.expect(version);
    }
}

#[tokio::test]
async fn a_collection_of_vectors_of_another_length_is_refused_with_both_lengths() {
    let (_fake, url) = Fake::start("1.18.0");
    let made = settings(url);
    QdrantStore::connect(made.clone()).await.expect("a store");
    let other = QdrantSettings {
        embedding: Embedding::new("twin", 768),
        ..made
    };
    let refused = QdrantStore::connect(other).await;
    let Err(StoreError::Rejected(reason)) = refused else {
        panic!("{refused:?}");
    };
    assert!(
        reason.contains("vectors of 4 elements") && reason.contains("makes 768"),
        "{reason}"
    );
}

#[tokio::test]
async fn a_collection_of_another_embedder_is_refused_with_both_fingerprints() {
    let (_fake, url) = Fake::start("1.18.0");
    let made = settings(url);
    QdrantStore::connect(made.clone()).await.expect("a store");
    let other = QdrantSettings {
        embedding: Embedding::new("stranger@1", DIMENSION),
        ..made
    };
    let refused = QdrantStore::connect(other).await;
    let Err(error @ StoreError::OtherEmbedder { .. }) = refused else {
        panic!("{refused:?}");
    };
    let told = error.to_string();
    for part in ["`twin`", "`stranger@1`", "wenyuan reindex"] {
        assert!(told.contains(part), "{told}");
    }
}

#[tokio::test]
async fn a_removed_collection_is_gone_and_removing_it_again_is_no_error() {
    let (_fake, url) = Fake::start("1.18.0");
    let settings = settings(url);
    let store = QdrantStore::connect(settings.clone())
        .await
        .expect("a store");
    for _ in 0..2 {
        QdrantStore::remove(&settings).await.expect("removed");
    }
    assert!(matches!(store.check().await, Err(StoreError::Rejected(_))));
}

#[tokio::test]
async fn answers_lost_on_the_way_are_asked_for_again() {
    let (fake, url) = Fake::start("1.18.0");
    let store = QdrantStore::connect(settings(url)).await.expect("a store");
    // The client itself repeats each call once.
    fake.fail_next(3);
    write(&store, vec![point(1)]).await;
    fake.fail_next(2);
    assert_eq!(ask(&store, QueryVector::Passage(at(0.0))).await.len(), 1);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let (fake, url) = Fake::start("1.18.0");
    let store = QdrantStore::connect(settings(url)).await.expect("a store");
    fake.fail_next(u32::MAX);
    let failed = store.query_batch(vec![crate::store::StoreQuery {
        vector: QueryVector::Passage(at(0.0)),
        filter: Filter::default(),
        limit: 1,
    }]);
    let failed = failed.await;
    assert!(
        matches!(failed, Err(StoreError::Unavailable(_))),
        "{failed:?}"
    );
}

#[test]
fn settings_do_not_print_the_key() {
    let settings = QdrantSettings {
        api_key: Some("s3cret".to_owned()),
        ..settings("http://localhost:6334".to_owned())
    };
    assert!(!format!("{settings:?}").contains("s3cret"));
}

#[tokio::test]
async fn a_large_collection_is_quantized_once_and_a_small_one_is_not() {
    let (fake, url) = Fake::start("1.18.0");
    let store = QdrantStore::connect(settings(url)).await.expect("a store");
    for (points, updates) in [(99_999, 0), (100_000, 1), (200_000, 1)] {
        fake.points.store(points, Ordering::SeqCst);
        store
            .optimize(Effort::Little)
            .await
            .expect("the server is told");
        assert_eq!(fake.updates.load(Ordering::SeqCst), updates, "{points}");
    }
}
