//! Passages that are there learn words that are added, without being read or embedded again.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use wenyuan_ingest::{Dictionary, WordList};

use super::gated::GatedStore;
use super::support::{Fixture, TwinEmbedder, fixture, fixture_with, open, settings, start};
use crate::catalog::{Catalog, OwnWords};
use crate::model::KnowledgeBaseId;
use crate::retrieve::PassageSource as _;
use crate::store::{Filter, MemoryStore, QueryVector, StoreQuery, VectorStore as _};

async fn set(catalog: &Catalog, base: KnowledgeBaseId, words: &[&str]) -> OwnWords {
    let list = WordList::new(words).expect("words");
    catalog.set_own_words(base, list).await.expect("set")
}

async fn learned(catalog: &Catalog, base: KnowledgeBaseId) {
    for _ in 0..1_000 {
        let own = catalog.own_words(base).await.expect("words");
        if own.documents_waiting == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("documents do not learn");
}

/// The words that questions go by.
async fn searched(catalog: &Catalog, base: KnowledgeBaseId) -> Dictionary {
    catalog.dictionary(&[base]).await.expect("words")
}

/// Passages that know a word.
async fn knowing(store: &MemoryStore, word: &str) -> usize {
    let (with, without) = (Dictionary::of(&[word]), Dictionary::default());
    let plain = without.query_vector(word).indices;
    let mut vector = with.query_vector(word);
    let own = vector.indices.iter().position(|term| !plain.contains(term));
    let own = own.expect("a term of its own");
    vector.indices = vec![vector.indices[own]];
    vector.values = vec![1.0];
    let query = StoreQuery {
        vector: QueryVector::Lexical(vector),
        filter: Filter::default(),
        limit: 1_000,
    };
    store.query_batch(vec![query]).await.expect("hits")[0].len()
}

fn many_passages() -> String {
    (0..300).fold(String::new(), |text, number| {
        text + &format!(
            "第{number}段说的是小度在家的用法。{}\n\n",
            "闲话。".repeat(120)
        )
    })
}

#[tokio::test]
async fn documents_of_before_and_after_know_a_word_and_nothing_is_embedded_for_it() {
    let fixture = fixture(TwinEmbedder::open()).await;
    let Fixture {
        catalog,
        knowledge_base: base,
        store,
        ..
    } = &fixture;
    fixture.ingest("早.txt", many_passages().as_bytes()).await;
    fixture.ingest("别的.txt", "别的内容。".as_bytes()).await;
    let passages = fixture.points().await;
    assert!(passages > 200, "{passages}");
    fixture.embedder.take_texts();
    set(catalog, *base, &["小度在家"]).await;
    learned(catalog, *base).await;
    assert_eq!(
        searched(catalog, *base).await,
        Dictionary::of(&["小度在家"])
    );
    assert!(knowing(store, "小度在家").await >= 290);
    assert_eq!(fixture.points().await, passages, "no point more or less");
    assert!(fixture.embedder.take_texts().is_empty());
    let before = knowing(store, "小度在家").await;
    fixture
        .ingest("晚.txt", "小度在家放在哪里都行。".as_bytes())
        .await;
    assert_eq!(knowing(store, "小度在家").await, before + 1);
    let own = catalog.own_words(*base).await.expect("words");
    assert_eq!(own.documents_waiting, 0);
}

#[tokio::test]
async fn a_word_is_looked_for_only_once_every_passage_knows_it_and_an_end_in_the_middle_does_no_harm()
 {
    let store = GatedStore::open();
    let memory = Arc::new(MemoryStore::new(super::support::DIMENSION));
    let gated = Arc::new(GatedStore {
        store: Arc::clone(&memory),
        ..Arc::into_inner(store).expect("nobody else has it")
    });
    let seen: Arc<dyn crate::store::VectorStore> = Arc::<GatedStore>::clone(&gated);
    let fixture = fixture_with(TwinEmbedder::open(), Arc::clone(&memory), seen, settings()).await;
    let base = fixture.knowledge_base;
    fixture.ingest("早.txt", many_passages().as_bytes()).await;
    set(&fixture.catalog, base, &["旧词"]).await;
    learned(&fixture.catalog, base).await;
    let flushes = gated.flushes.load(Ordering::SeqCst);
    gated
        .gate
        .forget_permits(tokio::sync::Semaphore::MAX_PERMITS);
    let own = set(&fixture.catalog, base, &["旧词", "小度在家"]).await;
    assert_eq!(own.documents_waiting, 1);
    while gated.flushes.load(Ordering::SeqCst) == flushes {
        tokio::task::yield_now().await;
    }
    // All is written, and not yet on disk.
    assert!(knowing(&memory, "小度在家").await > 0);
    assert_eq!(
        searched(&fixture.catalog, base).await,
        Dictionary::of(&["旧词"])
    );
    fixture.ingestor.stop().await;
    let own = fixture.catalog.own_words(base).await.expect("words");
    assert_eq!(own.documents_waiting, 1, "it is not taken for taught");
    let Fixture {
        folder,
        catalog,
        ingestor,
        embedder,
        ..
    } = fixture;
    drop((ingestor, catalog));
    let catalog = open(folder.path()).await;
    let _ingestor = start(&catalog, &embedder, &memory).await;
    learned(&catalog, base).await;
    assert_eq!(
        searched(&catalog, base).await,
        Dictionary::of(&["旧词", "小度在家"])
    );
}

#[tokio::test]
async fn words_of_an_empty_knowledge_base_count_at_once_and_those_taken_away_no_longer() {
    let fixture = fixture(TwinEmbedder::open()).await;
    let (catalog, base) = (&fixture.catalog, fixture.knowledge_base);
    assert!(searched(catalog, base).await.is_empty());
    let own = set(catalog, base, &["小度在家", "云盘"]).await;
    assert_eq!(own.documents_waiting, 0);
    assert_eq!(
        searched(catalog, base).await,
        Dictionary::of(&["小度在家", "云盘"])
    );
    fixture.ingest("早.txt", "小度在家。".as_bytes()).await;
    set(catalog, base, &["云盘"]).await;
    assert_eq!(searched(catalog, base).await, Dictionary::of(&["云盘"]));
    // What was forgotten meanwhile has to be learned anew.
    fixture
        .ingest("中.txt", "小度在家，第二次。".as_bytes())
        .await;
    let own = set(catalog, base, &["云盘", "小度在家"]).await;
    assert_eq!(own.documents_waiting, 2);
    learned(catalog, base).await;
    assert_eq!(knowing(&fixture.store, "小度在家").await, 2);
}
