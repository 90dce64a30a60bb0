//! A catalog to test with.

use wenyuan_ingest::{Chunk, CleanDocument, Kind, Language, PageSpan, Preset, PresetChoice, Span};

use crate::catalog::{
    Accepted, Catalog, CatalogError, DataFolder, KnowledgeBase, Lease, NewDocument,
    NewKnowledgeBase,
};
use crate::model::KnowledgeBaseId;

pub(super) struct Fixture {
    pub(super) folder: tempfile::TempDir,
    pub(super) catalog: Catalog,
    pub(super) knowledge_base: KnowledgeBaseId,
}

pub(super) async fn open(folder: &std::path::Path) -> Catalog {
    // The writing thread of a catalog just dropped may still hold the lock for a moment.
    let lock = DataFolder::lock(folder).expect("lock");
    Catalog::open(lock).await.expect("open")
}

pub(super) async fn fixture() -> Fixture {
    let folder = tempfile::tempdir().expect("temporary folder");
    let catalog = open(folder.path()).await;
    let knowledge_base = knowledge_base(&catalog, "测试")
        .await
        .expect("knowledge base")
        .id;
    Fixture {
        folder,
        catalog,
        knowledge_base,
    }
}

pub(super) async fn knowledge_base(
    catalog: &Catalog,
    name: &str,
) -> Result<KnowledgeBase, CatalogError> {
    let new = NewKnowledgeBase {
        name: name.to_owned(),
        description: String::new(),
    };
    catalog.create_knowledge_base(new).await
}

impl Fixture {
    pub(super) async fn upload(&self, name: &str, bytes: &str) -> Accepted {
        self.upload_as(name, bytes, None).await
    }

    pub(super) async fn upload_as(
        &self,
        name: &str,
        bytes: &str,
        preset: Option<PresetChoice>,
    ) -> Accepted {
        let blobs = self.catalog.blobs();
        let blob = blobs.store(bytes.as_bytes(), 1 << 20).await.expect("store");
        let new = NewDocument {
            preset,
            ..NewDocument::new(name, blob)
        };
        self.catalog
            .add_document(self.knowledge_base, new)
            .await
            .expect("add")
    }

    pub(super) async fn lease_one(&self) -> Lease {
        let leased = self
            .catalog
            .lease(uuid::Uuid::from_u128(1), 1)
            .await
            .expect("lease");
        leased.into_iter().next().expect("a waiting job")
    }

    /// Publishes the oldest waiting job with these passages as its text.
    pub(super) async fn publish_next(&self, passages: &[&str]) -> Lease {
        let lease = self.lease_one().await;
        let (document, chunks) = document(passages);
        self.catalog
            .texts()
            .save(lease.version, &document)
            .expect("text");
        self.catalog
            .record_read(&lease, &document, true)
            .await
            .expect("read");
        self.catalog
            .points_begin(&lease, Preset::Prose, 0)
            .await
            .expect("points");
        self.catalog
            .publish(&lease, "twin", document.pages.clone(), chunks.clone())
            .await
            .expect("publish");
        lease
    }
}

/// A document with one passage per page.
pub(super) fn document(passages: &[&str]) -> (CleanDocument, Vec<Chunk>) {
    let text = passages.join("\n\n");
    let mut pages = Vec::new();
    let mut chunks = Vec::new();
    let (mut byte, mut character) = (0, 0);
    for (ordinal, passage) in passages.iter().enumerate() {
        let span = Span {
            start: byte,
            end: byte + passage.len(),
        };
        let number = ordinal as u32 + 1;
        pages.push(PageSpan { number, span });
        chunks.push(Chunk {
            ordinal: ordinal as u32,
            span,
            chars: Span {
                start: character,
                end: character + passage.chars().count(),
            },
            pages: Some((number, number)),
            heading: vec!["章".to_owned()],
            parent: Span {
                start: 0,
                end: text.len(),
            },
            sentences: vec![span],
            tokens: 3,
            language: Language::Chinese,
        });
        byte = span.end + 2;
        character += passage.chars().count() + 2;
    }
    let document = CleanDocument {
        kind: Kind::Text,
        title: Some("题目".to_owned()),
        details: wenyuan_ingest::Details::default(),
        language: Language::Chinese,
        text,
        blocks: Vec::new(),
        pages,
        places: Vec::new(),
        warnings: Vec::new(),
    };
    (document, chunks)
}
