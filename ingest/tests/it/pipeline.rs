//! From chunks to points, with an embedder and an index that remember what they were given.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use wenyuan_ingest::{
    ChunkSink, Dictionary, EmbedError, Embedder, IndexError, IndexRequest, NothingKnown,
    PipelineSettings, Point, SinkError, SplitSettings, TokenCounter, index_document, point_id,
    split,
};

use crate::{Rough, fixture, read};

/// Embeds nothing but remembers the texts.
#[derive(Default)]
struct Recorder {
    texts: Mutex<Vec<String>>,
    calls: AtomicUsize,
    stuck: bool,
}

impl TokenCounter for Recorder {
    fn count(&self, text: &str) -> usize {
        Rough.count(text)
    }
}

#[async_trait]
impl Embedder for Recorder {
    fn fingerprint(&self) -> &'static str {
        "recorder"
    }

    fn dimension(&self) -> usize {
        2
    }

    fn max_tokens(&self) -> usize {
        512
    }

    async fn embed_passages(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, EmbedError> {
        if self.stuck {
            std::future::pending::<()>().await;
        }
        self.calls.fetch_add(1, Ordering::Relaxed);
        let vector = |text: &String| match text.as_str() {
            "Manual" => vec![0.0, 1.0],
            _ => vec![1.0, 0.0],
        };
        let vectors = texts.iter().map(vector).collect();
        self.texts.lock().expect("no panic").extend(texts);
        Ok(vectors)
    }

    async fn embed_query(&self, _: &str) -> Result<Vec<f32>, EmbedError> {
        Ok(vec![1.0, 0.0])
    }
}

#[derive(Default)]
struct Shelf(Mutex<Vec<Point>>);

#[async_trait]
impl ChunkSink for Shelf {
    async fn upsert(&self, points: Vec<Point>) -> Result<(), SinkError> {
        self.0.lock().expect("no panic").extend(points);
        Ok(())
    }

    async fn flush(&self) -> Result<(), SinkError> {
        Ok(())
    }

    async fn remove_version(&self, _: Uuid) -> Result<(), SinkError> {
        Ok(())
    }
}

async fn index(
    embedder: &Recorder,
    shelf: &Shelf,
    cancel: &CancellationToken,
) -> (Result<(), IndexError>, Vec<u32>) {
    let document = read(&fixture("compressor-manual-en.docx"), None).expect("is read");
    let chunks = split(
        &document,
        &Rough,
        SplitSettings {
            target_tokens: 40,
            max_tokens: 60,
        },
    );
    let request = IndexRequest {
        kind: document.kind,
        text: &document,
        chunks: &chunks,
        title: "Manual",
        knowledge_base: Uuid::from_u128(1),
        document_id: Uuid::from_u128(2),
        version: Uuid::from_u128(3),
        tags: &[],
        added_at: 0,
        known: &NothingKnown,
        words: &Dictionary::default(),
        settings: PipelineSettings {
            group_chunks: 2,
            ..PipelineSettings::default()
        },
    };
    let mut progress = Vec::new();
    let result = index_document(
        request,
        embedder,
        shelf,
        &mut |at| progress.push(at.chunks_done),
        cancel,
    )
    .await;
    (result, progress)
}

#[tokio::test]
async fn every_chunk_becomes_a_point_and_no_text_is_embedded_twice() {
    let (embedder, shelf) = (Recorder::default(), Shelf::default());
    let (result, progress) = index(&embedder, &shelf, &CancellationToken::new()).await;
    result.expect("is indexed");
    let points = shelf.0.lock().expect("no panic");
    assert!(points.len() > 4);
    for (ordinal, point) in points.iter().enumerate() {
        assert_eq!(point.id, point_id(Uuid::from_u128(3), ordinal as u32));
        assert_eq!(point.dense.len(), 2);
        assert!(!point.sentences.is_empty());
        for vector in &point.sentences {
            let [sentence, title] = vector[..] else {
                panic!("{vector:?}")
            };
            assert!(
                0.0 < title && title < sentence,
                "{vector:?} leans towards the title"
            );
            assert!((sentence.hypot(title) - 1.0).abs() < 1e-6, "at length one");
        }
        assert!(!point.bm25.indices.is_empty());
    }
    assert_eq!(progress.last().copied(), Some(points.len() as u32));
    assert!(progress.is_sorted());
    let mut texts = embedder.texts.lock().expect("no panic").clone();
    assert_eq!(
        texts.iter().filter(|text| *text == "Manual").count(),
        1,
        "the title is embedded once, for all its sentences"
    );
    let count = texts.len();
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), count);
    assert!(embedder.calls.load(Ordering::Relaxed) > 1);
}

#[tokio::test]
async fn cancelling_ends_the_wait_for_a_stuck_embedder() {
    let embedder = Recorder {
        stuck: true,
        ..Recorder::default()
    };
    let shelf = Shelf::default();
    let cancel = CancellationToken::new();
    let stopper = cancel.clone();
    let (outcome, ()) = tokio::join!(index(&embedder, &shelf, &cancel), async move {
        stopper.cancel();
    });
    assert!(matches!(outcome.0, Err(IndexError::Cancelled)));
}
