//! Documents made of anything, and what the pipeline makes of them.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use proptest::prelude::*;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use wenyuan_ingest::{
    Block, BlockKind, ChunkSink, CleanDocument, Dictionary, EmbedError, Embedder, IndexRequest,
    Kind, Language, NothingKnown, PageSpan, PipelineSettings, Point, SinkError, Span,
    SplitSettings, TokenCounter, index_document, point_id,
};

use crate::check::splits;

const DIMENSION: usize = 4;

/// About a token for a Han character or four letters, and never none for something.
pub(crate) struct Rough;

impl TokenCounter for Rough {
    fn count(&self, text: &str) -> usize {
        text.chars()
            .map(|character| if character.is_ascii() { 1 } else { 4 })
            .sum::<usize>()
            .div_ceil(4)
    }
}

#[async_trait]
impl Embedder for Rough {
    fn fingerprint(&self) -> &'static str {
        "rough"
    }

    fn dimension(&self) -> usize {
        DIMENSION
    }

    fn max_tokens(&self) -> usize {
        512
    }

    async fn embed_passages(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, EmbedError> {
        let vector = |text: &String| {
            let first = (text.len() % 7) as f32 + 1.0;
            let norm = (first * first + 1.0).sqrt();
            vec![first / norm, 1.0 / norm, 0.0, 0.0]
        };
        Ok(texts.iter().map(vector).collect())
    }

    async fn embed_query(&self, text: &str) -> Result<Vec<f32>, EmbedError> {
        let mut vectors = self.embed_passages(vec![text.to_owned()]).await?;
        Ok(vectors.remove(0))
    }
}

/// Keeps what is written.
#[derive(Default)]
struct Kept(Mutex<Vec<Point>>);

#[async_trait]
impl ChunkSink for Kept {
    async fn upsert(&self, points: Vec<Point>) -> Result<(), SinkError> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(points);
        Ok(())
    }

    async fn flush(&self) -> Result<(), SinkError> {
        Ok(())
    }

    async fn remove_version(&self, _version: Uuid) -> Result<(), SinkError> {
        Ok(())
    }
}

fn kind() -> impl Strategy<Value = BlockKind> {
    prop_oneof![
        1 => (1_u8..7).prop_map(|level| BlockKind::Heading { level }),
        4 => Just(BlockKind::Paragraph),
        2 => Just(BlockKind::ListItem),
        1 => Just(BlockKind::Table),
        1 => Just(BlockKind::Code),
    ]
}

/// Texts as they occur, and as they do not.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "([a-z]{1,9}[ .,]|[\u{4e00}-\u{4e40}]{1,6}[，。！？]?|\n|𠮷|e\u{301}|“!”|3\\.14|\\| ?){1,60}",
        2 => "\\PC{1,120}",
        1 => "[\u{300}-\u{310}\u{200d}\u{fe0f}\u{1f3fb}a]{1,40}",
        1 => ("[\u{4e00}-\u{4e05}a. ]{1,3}", 1_usize..900).prop_map(|(piece, times)| piece.repeat(times)),
    ]
}

/// Documents that keep the promises of `CleanDocument`, with anything in them.
pub(crate) fn documents() -> impl Strategy<Value = CleanDocument> {
    let blocks = prop::collection::vec((kind(), text()), 0..14);
    (blocks, prop::option::of("\\PC{1,40}"), 0_u32..4).prop_map(|(parts, title, pages)| {
        let (mut text, mut blocks) = (String::new(), Vec::new());
        for (kind, part) in parts {
            let part = part.trim();
            if part.is_empty() {
                continue;
            }
            if !text.is_empty() {
                text.push_str("\n\n");
            }
            let start = text.len();
            text.push_str(part);
            let span = Span {
                start,
                end: text.len(),
            };
            blocks.push(Block { kind, span });
        }
        let pages = paged(&blocks, pages, text.len());
        let document = json!({
            "kind": Kind::Text, "title": title, "language": Language::Other, "text": text, "blocks": blocks,
            "pages": pages, "warnings": [],
        });
        serde_json::from_value(document).expect("a document")
    })
}

/// The blocks shared out among pages, the last page empty.
fn paged(blocks: &[Block], pages: u32, end: usize) -> Vec<PageSpan> {
    let share = blocks.len().div_ceil(pages.max(1) as usize).max(1);
    let mut parts = blocks.chunks(share);
    (1..=pages)
        .map(|number| {
            let span = parts.next().map_or(Span { start: end, end }, |part| Span {
                start: part[0].span.start,
                end: part[part.len() - 1].span.end,
            });
            PageSpan { number, span }
        })
        .collect()
}

/// Every chunk becomes one point with its own id, a unit vector and as many sentences as allowed.
pub(crate) fn indexes(
    document: &CleanDocument,
    group_chunks: usize,
    sentences_per_chunk: usize,
) -> Result<(), TestCaseError> {
    let chunks = splits(
        document,
        SplitSettings {
            target_tokens: 20,
            max_tokens: 25,
        },
    )?;
    let version = Uuid::from_u128(7);
    let request = IndexRequest {
        kind: document.kind,
        text: document,
        chunks: &chunks,
        title: document.title.as_deref().unwrap_or("title"),
        knowledge_base: Uuid::from_u128(1),
        document_id: Uuid::from_u128(2),
        version,
        tags: &[],
        added_at: 0,
        known: &NothingKnown,
        words: &Dictionary::default(),
        settings: PipelineSettings {
            group_chunks,
            sentences_per_chunk,
        },
    };
    let (kept, mut done) = (Kept::default(), 0);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let indexed = runtime.block_on(index_document(
        request,
        &Rough,
        &kept,
        &mut |progress| done = progress.chunks_done,
        &CancellationToken::new(),
    ));
    prop_assert!(indexed.is_ok(), "{indexed:?}");
    let points = kept.0.into_inner().unwrap_or_else(PoisonError::into_inner);
    prop_assert_eq!(points.len(), chunks.len());
    prop_assert_eq!(done as usize, chunks.len());
    let ids: HashSet<Uuid> = points.iter().map(|point| point.id).collect();
    let wanted: HashSet<Uuid> = chunks
        .iter()
        .map(|chunk| point_id(version, chunk.ordinal))
        .collect();
    prop_assert_eq!(ids, wanted);
    for point in &points {
        let norm: f32 = point.dense.iter().map(|value| value * value).sum();
        prop_assert!(point.dense.len() == DIMENSION && (norm - 1.0).abs() < 1e-3);
        prop_assert!((1..=sentences_per_chunk).contains(&point.sentences.len()));
        prop_assert!(
            point
                .sentences
                .iter()
                .all(|vector| vector.len() == DIMENSION)
        );
        prop_assert!(point.bm25.indices.is_sorted_by(|left, right| left < right));
        prop_assert_eq!(point.bm25.indices.len(), point.bm25.values.len());
    }
    Ok(())
}
