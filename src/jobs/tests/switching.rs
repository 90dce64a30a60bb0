//! Another embedder takes the index over while searches go on, and gives it back.

use std::sync::Arc;
use std::time::Duration;

use wenyuan_ingest::Embedder;

use super::shelf::Shelf;
use super::support::{TwinEmbedder, open, settings};
use crate::catalog::{Accepted, Catalog, NewDocument, NewKnowledgeBase, Status};
use crate::embed::HashingEmbedder;
use crate::jobs::{IndexChangeError, IndexStatus, Ingestor, verify};
use crate::model::{ChunkId, DocumentId, KnowledgeBaseId, Question};
use crate::retrieve::{RetrievalChange, Retriever, SearchFilter, SearchRequest, TopK};
use crate::store::{Embedding, Filter, Live, MemoryStore, VectorStore};

/// The embedder that the index is made with at first.
const OLD: &str = "hashing-16";
/// The one that can be held back.
const NEW: &str = "twin";
const BEFORE: [(&str, &str); 3] = [
    ("a.txt", "年假最多可以累积五天。"),
    ("b.txt", "The library opens at nine."),
    ("c.txt", "文渊阁建于乾隆年间。"),
];

struct World {
    folder: tempfile::TempDir,
    catalog: Catalog,
    base: KnowledgeBaseId,
    shelf: Arc<Shelf>,
    live: Live,
    ingestor: Ingestor,
}

fn old() -> Arc<dyn Embedder> {
    Arc::new(HashingEmbedder::new(16))
}

async fn worker(
    catalog: &Catalog,
    shelf: &Arc<Shelf>,
    embedder: Arc<dyn Embedder>,
) -> (Live, Ingestor) {
    use crate::jobs::CollectionOpener as _;
    let store = shelf
        .open(&Embedding::of(&*embedder))
        .await
        .expect("opened");
    let live = Live::new(embedder, store);
    let opener = Arc::<Shelf>::clone(shelf);
    let started = Ingestor::start(catalog.clone(), live.clone(), opener, settings()).await;
    (live, started.expect("a worker"))
}

impl World {
    /// With documents in the index of `OLD`, and `new` installed beside it.
    async fn with(first: Arc<dyn Embedder>, new: Arc<dyn Embedder>) -> Self {
        let folder = tempfile::tempdir().expect("temporary folder");
        let catalog = open(folder.path()).await;
        let shelf = Shelf::with(vec![Arc::clone(&first), new]);
        let (live, ingestor) = worker(&catalog, &shelf, first).await;
        let new = NewKnowledgeBase {
            name: "库".to_owned(),
            description: String::new(),
        };
        let base = catalog.create_knowledge_base(new).await.expect("a base").id;
        let world = Self {
            folder,
            catalog,
            base,
            shelf,
            live,
            ingestor,
        };
        for (name, text) in BEFORE {
            world.ready(name, text).await;
        }
        world
    }

    /// The same data folder with the worker of another process, which has stopped by now.
    async fn restarted(self, embedder: Arc<dyn Embedder>) -> Self {
        let Self {
            folder,
            catalog,
            base,
            shelf,
            live,
            ingestor,
        } = self;
        drop((live, ingestor, catalog));
        let catalog = open(folder.path()).await;
        let (live, ingestor) = worker(&catalog, &shelf, embedder).await;
        Self {
            folder,
            catalog,
            base,
            shelf,
            live,
            ingestor,
        }
    }

    async fn new(new: Arc<TwinEmbedder>) -> Self {
        Self::with(old(), new).await
    }

    async fn upload(&self, name: &str, text: &str) -> Accepted {
        let blob = self.catalog.blobs().store(text.as_bytes(), 1 << 20).await;
        let new = NewDocument::new(name, blob.expect("stored"));
        self.catalog
            .add_document(self.base, new)
            .await
            .expect("added")
    }

    async fn ready(&self, name: &str, text: &str) -> DocumentId {
        let accepted = self.upload(name, text).await;
        let end = self.ingestor.wait(accepted.job_id).await.expect("an end");
        assert_eq!(end.status, Status::Ready, "{end:?}");
        accepted.document_id
    }

    async fn find(&self, question: &str) -> Vec<ChunkId> {
        let retriever = Retriever::new(self.live.clone(), Arc::new(self.catalog.clone()));
        let request = SearchRequest {
            question: Question::try_from(question).expect("a question"),
            knowledge_bases: vec![self.base],
            top_k: TopK::Exactly(1),
            filter: SearchFilter::default(),
            mode: None,
            settings: RetrievalChange::default(),
            explain: false,
        };
        let found = retriever.search(request).await.expect("a search").hits;
        found.iter().map(|hit| hit.chunk_id).collect()
    }

    async fn status(&self) -> IndexStatus {
        self.ingestor.index_status().await.expect("a status")
    }

    async fn until(&self, holds: impl Fn(&IndexStatus) -> bool) -> IndexStatus {
        for _ in 0..3_000 {
            let status = self.status().await;
            if holds(&status) {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{:?}", self.status().await);
    }

    async fn built(&self) {
        self.ingestor.begin_index(NEW).await.expect("begun");
        self.until(|status| status.ready).await;
    }

    /// Both collections hold what can be seen, and nothing else.
    async fn assert_both_agree(&self) {
        self.until(|status| status.ready).await;
        self.ingestor.collect().await.expect("collected");
        for name in [OLD, NEW] {
            let store = self.shelf.store(name).expect("a collection");
            let report = verify(&self.catalog, &*store).await.expect("compared");
            assert!(report.agrees(), "{name}: {report:?}");
        }
    }

    fn in_use(&self) -> String {
        self.live.now().embedder.fingerprint().to_owned()
    }
}

fn code(error: IndexChangeError) -> String {
    let IndexChangeError::Catalog(error) = error else {
        panic!("{error}");
    };
    error.code().to_owned()
}

#[tokio::test]
async fn searches_go_on_with_the_old_index_until_one_switch_and_back_again() {
    let new = TwinEmbedder::shut();
    let world = World::new(Arc::clone(&new)).await;
    let expected = world.find("年假最多累积几天").await;
    assert_eq!(expected.len(), 1);
    world.ingestor.begin_index(NEW).await.expect("begun");
    world
        .ingestor
        .begin_index(NEW)
        .await
        .expect("begun already");
    let status = world.until(|status| status.filling.is_some()).await;
    assert_eq!(status.filling.map(|one| one.filled.missing()), Some(3));
    let refused = world
        .ingestor
        .switch_index(NEW)
        .await
        .expect_err("too early");
    assert_eq!(code(refused), "index_not_ready");
    assert_eq!(world.find("年假最多累积几天").await, expected);
    assert_eq!(world.in_use(), OLD);

    new.gate.add_permits(1);
    world.until(|status| status.ready).await;
    world.ingestor.switch_index(NEW).await.expect("switched");
    world
        .ingestor
        .switch_index(NEW)
        .await
        .expect("in use already");
    assert_eq!(world.in_use(), NEW);
    assert_eq!(
        world.find("年假最多累积几天").await,
        expected,
        "citations stay"
    );
    let told = world.catalog.knowledge_base("库").await.expect("a base");
    assert_eq!(told.embedder, NEW);

    world.ingestor.switch_index(OLD).await.expect("gone back");
    assert_eq!(world.in_use(), OLD);
    assert_eq!(world.find("年假最多累积几天").await, expected);
    world.assert_both_agree().await;
}

#[tokio::test]
async fn what_comes_changes_and_goes_during_the_build_is_right_in_both() {
    let new = TwinEmbedder::shut();
    let world = World::new(Arc::clone(&new)).await;
    world.ingestor.begin_index(NEW).await.expect("begun");
    while new.calls.load(std::sync::atomic::Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    world.ready("d.txt", "水泵的扬程是三十二米。").await;
    world.ready("a.txt", "年假最多可以累积十天。").await;
    let gone = world.ready("e.txt", "此后删除。").await;
    world
        .catalog
        .delete_document(world.base, gone)
        .await
        .expect("deleted");
    new.gate.add_permits(1);
    world.assert_both_agree().await;
    world.ingestor.switch_index(NEW).await.expect("switched");
    world.assert_both_agree().await;
}

#[tokio::test]
async fn what_comes_after_the_switch_is_not_lost_on_the_way_back() {
    let world = World::new(TwinEmbedder::open()).await;
    world.built().await;
    world.ingestor.switch_index(NEW).await.expect("switched");
    world.ready("d.txt", "水泵的扬程是三十二米。").await;
    let expected = world.find("水泵的扬程是多少").await;
    world.until(|status| status.ready).await;
    world.ingestor.switch_index(OLD).await.expect("gone back");
    assert_eq!(world.find("水泵的扬程是多少").await, expected);
    world.assert_both_agree().await;
}

#[tokio::test]
async fn a_document_under_way_at_the_switch_goes_to_the_index_in_use() {
    let first = TwinEmbedder::shut();
    first.gate.add_permits(1);
    let second: Arc<dyn Embedder> = old();
    let world = World::with(Arc::<TwinEmbedder>::clone(&first), second).await;
    world.ingestor.begin_index(OLD).await.expect("begun");
    world.until(|status| status.ready).await;
    first.gate.acquire().await.expect("a permit").forget();
    let calls = first.calls.load(std::sync::atomic::Ordering::SeqCst);
    let accepted = world.upload("d.txt", "水泵的扬程是三十二米。").await;
    while first.calls.load(std::sync::atomic::Ordering::SeqCst) == calls {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    world.ingestor.switch_index(OLD).await.expect("switched");
    first.gate.add_permits(1);
    let mut end = world.ingestor.wait(accepted.job_id).await.expect("an end");
    while !end.status.is_final() {
        end = world.ingestor.wait(accepted.job_id).await.expect("an end");
    }
    assert_eq!(end.status, Status::Ready, "{end:?}");
    let store = world.shelf.store(OLD).expect("a collection");
    assert_eq!(store.count(&Filter::default()).await.expect("a count"), 4);
    world.assert_both_agree().await;
}

#[tokio::test]
async fn a_build_goes_on_after_a_restart_and_makes_only_the_vectors_that_are_missing() {
    let stuck = TwinEmbedder::stuck_on("文渊阁");
    let world = World::new(stuck).await;
    world.ingestor.begin_index(NEW).await.expect("begun");
    let store = world.shelf.store(NEW).expect("a collection");
    while store.count(&Filter::default()).await.expect("a count") < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    world.ingestor.stop().await;
    let again = TwinEmbedder::open();
    *world.shelf.embedders.lock().expect("no panic") =
        vec![old(), Arc::<TwinEmbedder>::clone(&again)];
    drop(store);
    let world = world.restarted(old()).await;
    world.until(|status| status.ready).await;
    let texts = again.take_texts();
    assert!(
        texts.iter().any(|text| text.contains("文渊阁")),
        "{texts:?}"
    );
    assert!(
        !texts.iter().any(|text| text.contains("library")),
        "{texts:?}"
    );
    world.assert_both_agree().await;
}

#[tokio::test]
async fn an_index_that_is_given_up_leaves_nothing_and_can_be_begun_again() {
    let world = World::new(TwinEmbedder::shut()).await;
    let refused = world
        .ingestor
        .drop_index()
        .await
        .expect_err("nothing to drop");
    assert_eq!(code(refused), "no_other_index");
    world.ingestor.begin_index(NEW).await.expect("begun");
    let other = world.ingestor.begin_index("none").await;
    assert!(
        matches!(other, Err(IndexChangeError::Embedder(_))),
        "{other:?}"
    );
    let same = world.ingestor.begin_index(OLD).await;
    assert!(
        matches!(same, Err(IndexChangeError::InUse { .. })),
        "{same:?}"
    );
    world.ingestor.drop_index().await.expect("dropped");
    assert!(world.shelf.store(NEW).is_none());
    let status = world.status().await;
    assert_eq!((status.other, status.filling), (None, None));
    *world.shelf.embedders.lock().expect("no panic") = vec![old(), TwinEmbedder::open()];
    world.built().await;
    world.assert_both_agree().await;
}

#[tokio::test]
async fn another_embedder_than_the_index_was_made_with_is_refused_with_both_names() {
    let world = World::new(TwinEmbedder::open()).await;
    world.ingestor.stop().await;
    let live = Live::new(TwinEmbedder::open(), Arc::new(MemoryStore::new(8)));
    let opener = Arc::clone(&world.shelf);
    let refused = Ingestor::start(world.catalog.clone(), live, opener, settings()).await;
    let told = refused.err().expect("a refusal").to_string();
    assert!(told.contains(OLD) && told.contains(NEW), "{told}");
}

#[tokio::test]
async fn an_empty_data_folder_takes_whatever_embedder_it_is_opened_with() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let catalog = open(folder.path()).await;
    let shelf = Shelf::with(Vec::new());
    for embedder in [old(), TwinEmbedder::open() as Arc<dyn Embedder>] {
        let expected = embedder.fingerprint().to_owned();
        let (_live, ingestor) = worker(&catalog, &shelf, embedder).await;
        let status = ingestor.index_status().await.expect("a status");
        assert_eq!(status.active.map(|one| one.fingerprint), Some(expected));
        ingestor.stop().await;
    }
    assert!(shelf.store(OLD).is_none(), "the empty one is removed");
}

#[tokio::test]
async fn an_index_whose_embedder_is_lost_is_made_anew_from_the_texts() {
    let world = World::new(TwinEmbedder::open()).await;
    world.ingestor.stop().await;
    world
        .catalog
        .replace_collection(NEW, 8)
        .await
        .expect("replaced");
    let world = world.restarted(TwinEmbedder::open()).await;
    let whole = |status: &IndexStatus| status.active.as_ref().is_some_and(|one| one.complete);
    let status = world.until(whole).await;
    assert_eq!((status.other, status.filling), (None, None));
    assert!(world.shelf.store(OLD).is_none(), "nobody can search it");
    let store = world.shelf.store(NEW).expect("a collection");
    let report = verify(&world.catalog, &*store).await.expect("compared");
    assert!(report.agrees() && report.catalog_chunks == 3, "{report:?}");
    assert_eq!(world.find("年假最多累积几天").await.len(), 1);
}
