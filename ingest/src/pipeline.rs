//! Brings the chunks of a document into an index: vectors for passages and sentences, lexical terms, points.

use std::collections::{HashMap, HashSet};

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::source::Window;
use crate::vectors::{lean_towards, mean};
use crate::{
    Chunk, ChunkSink, Dictionary, EmbedError, Embedder, Kind, KnownVectors, Lexicon, Point,
    PointPayload, SinkError, Span, SparseVector, TextError, TextMark, TextSource,
};

/// Sentences narrower than this are embedded together with the next one: 40 Han characters or 80 Latin ones. It costs
/// nothing in recall (`make quality` on xquad, cmrc2018 and clapnq); from 120 on, questions in another language than the
/// text find it less often at the first place.
const SHORT_SENTENCE: usize = 80;

/// Terms of headings that can be filtered on.
const MOST_HEADING_TERMS: usize = 256;

/// Vectors of repeated sentences that are kept over the whole document.
const REMEMBERED: usize = 4096;

/// How much is done at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PipelineSettings {
    /// Chunks that are embedded and written together.
    pub group_chunks: usize,
    /// Sentence vectors per chunk; in longer chunks neighbours share one.
    pub sentences_per_chunk: usize,
}

impl Default for PipelineSettings {
    fn default() -> Self {
        Self {
            group_chunks: 32,
            sentences_per_chunk: 32,
        }
    }
}

/// A parsed and split document on its way into the index.
#[derive(Debug, Clone, Copy)]
pub struct IndexRequest<'a> {
    /// Its format.
    pub kind: Kind,
    /// Its text; read a few chunks at a time.
    pub text: &'a dyn TextSource,
    /// Its chunks, in order.
    pub chunks: &'a [Chunk],
    /// Title that stands for the document: its own, or its file's name.
    pub title: &'a str,
    /// Owning knowledge base.
    pub knowledge_base: Uuid,
    /// The document, across its versions.
    pub document_id: Uuid,
    /// This version; point ids derive from it.
    pub version: Uuid,
    /// User's tags.
    pub tags: &'a [String],
    /// When it was added, in seconds since 1970.
    pub added_at: i64,
    /// Who may have some of the vectors already.
    pub known: &'a dyn KnownVectors,
    /// Words of the knowledge base's own.
    pub words: &'a Dictionary,
    /// How much is done at once.
    pub settings: PipelineSettings,
}

/// How far indexing has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexProgress {
    /// Chunks written.
    pub chunks_done: u32,
    /// Chunks in the document.
    pub chunks_total: u32,
}

/// Why a document is not in the index.
#[derive(Debug, Clone, thiserror::Error)]
pub enum IndexError {
    /// Somebody stopped it. What was written stays invisible garbage.
    #[error("indexing was cancelled")]
    Cancelled,
    /// The embedding model failed.
    #[error(transparent)]
    Embed(#[from] EmbedError),
    /// The index failed.
    #[error(transparent)]
    Sink(#[from] SinkError),
    /// The text is gone.
    #[error(transparent)]
    Text(#[from] TextError),
}

/// The point id of a chunk: the same version and ordinal give the same id, so that a replay overwrites.
#[must_use]
pub fn point_id(version: Uuid, ordinal: u32) -> Uuid {
    Uuid::new_v5(&version, &ordinal.to_be_bytes())
}

/// Embeds all chunks and writes them. Flushes at the end: when it returns, the points are durable.
///
/// The next group is embedded while the last one is written; no more than two groups are in memory.
///
/// # Errors
/// [`IndexError::Cancelled`] within moments of `cancel`; the others as embedder and sink give them, without retries.
pub async fn index_document(
    request: IndexRequest<'_>,
    embedder: &dyn Embedder,
    sink: &dyn ChunkSink,
    on_progress: &mut (dyn FnMut(IndexProgress) + Send),
    cancel: &CancellationToken,
) -> Result<(), IndexError> {
    let work = async {
        let total = u32::try_from(request.chunks.len()).unwrap_or(u32::MAX);
        let mut remembered = Remembered::default();
        let mut ready: Vec<Point> = Vec::new();
        let mut done = 0;
        for group in request.chunks.chunks(request.settings.group_chunks.max(1)) {
            let writing = write(sink, std::mem::take(&mut ready));
            let (written, points) = tokio::try_join!(
                writing,
                embed_group(&request, group, embedder, &mut remembered)
            )?;
            done += written;
            if written > 0 {
                on_progress(IndexProgress {
                    chunks_done: done,
                    chunks_total: total,
                });
            }
            ready = points;
        }
        done += write(sink, ready).await?;
        sink.flush().await?;
        on_progress(IndexProgress {
            chunks_done: done,
            chunks_total: total,
        });
        Ok(())
    };
    cancel
        .run_until_cancelled(work)
        .await
        .unwrap_or(Err(IndexError::Cancelled))
}

async fn write(sink: &dyn ChunkSink, points: Vec<Point>) -> Result<u32, IndexError> {
    let count = u32::try_from(points.len()).unwrap_or(u32::MAX);
    if count > 0 {
        sink.upsert(points).await?;
    }
    Ok(count)
}

/// What was embedded before in the same document.
#[derive(Debug, Default)]
struct Remembered {
    /// The title by itself.
    title: Option<Vec<f32>>,
    /// Sentences, with the title's share.
    sentences: HashMap<String, Vec<f32>>,
}

async fn embed_group(
    request: &IndexRequest<'_>,
    group: &[Chunk],
    embedder: &dyn Embedder,
    remembered: &mut Remembered,
) -> Result<Vec<Point>, IndexError> {
    let window = Window::open(request.text, reach(group)).await?;
    let most = request.settings.sentences_per_chunk;
    let texts: Vec<Vec<String>> = group
        .iter()
        .map(|chunk| sentence_texts(&window, chunk, most))
        .collect();
    let mut seen = HashSet::new();
    let missing: Vec<String> = texts
        .iter()
        .flatten()
        .filter(|text| !remembered.sentences.contains_key(*text) && seen.insert(text.as_str()))
        .cloned()
        .collect();
    let mut vectors = embed_unknown(request, missing, embedder, &mut remembered.title).await?;
    let points = group
        .iter()
        .zip(&texts)
        .map(|(chunk, texts)| {
            // A group with its lexical terms takes milliseconds; longer would hold the runtime up.
            let vector = |text: &String| {
                vectors
                    .get(text)
                    .or_else(|| remembered.sentences.get(text))
                    .cloned()
                    .unwrap_or_default()
            };
            let sentences: Vec<Vec<f32>> = texts.iter().map(vector).collect();
            Point {
                id: point_id(request.version, chunk.ordinal),
                dense: mean(&sentences),
                sentences,
                bm25: lexical_terms(
                    request.words,
                    request.title,
                    &chunk.heading,
                    window.of(chunk.span),
                ),
                payload: payload(request, chunk, texts),
            }
        })
        .collect();
    let repeated: HashSet<&String> = texts.iter().flatten().collect();
    for text in repeated {
        if remembered.sentences.len() < REMEMBERED
            && let Some(vector) = vectors.remove(text)
        {
            remembered.sentences.insert(text.clone(), vector);
        }
    }
    Ok(points)
}

/// A chunk's lexical terms, with the words of a dictionary.
#[must_use]
pub fn lexical_terms(
    words: &Dictionary,
    title: &str,
    headings: &[String],
    text: &str,
) -> SparseVector {
    words.document_vector(title, &headings.join(" "), text)
}

/// From the first byte of these chunks to their last.
fn reach(chunks: &[Chunk]) -> Span {
    let starts = chunks.iter().map(|chunk| chunk.span.start);
    let ends = chunks.iter().map(|chunk| chunk.span.end);
    Span {
        start: starts.min().unwrap_or_default(),
        end: ends.max().unwrap_or_default(),
    }
}

fn payload(request: &IndexRequest<'_>, chunk: &Chunk, texts: &[String]) -> PointPayload {
    let marks: Vec<TextMark> = texts.iter().map(|text| mark(request, text)).collect();
    PointPayload {
        knowledge_base: request.knowledge_base,
        document: request.document_id,
        version: request.version,
        ordinal: chunk.ordinal,
        page: chunk.pages.map(|(first, _)| first),
        language: chunk.language,
        kind: request.kind.as_str().to_owned(),
        tags: request.tags.to_vec(),
        headings: heading_terms(&chunk.heading),
        added_at: request.added_at,
        sentence_marks: TextMark::write(&marks),
    }
}

/// Stands for everything that a sentence's vector depends on.
fn mark(request: &IndexRequest<'_>, sentence: &str) -> TextMark {
    TextMark::of(&format!("{}\0{sentence}", request.title))
}

/// Vectors of the sentences: from whoever has them already, the rest from the embedder, with the title's share.
async fn embed_unknown(
    request: &IndexRequest<'_>,
    sentences: Vec<String>,
    embedder: &dyn Embedder,
    title: &mut Option<Vec<f32>>,
) -> Result<HashMap<String, Vec<f32>>, EmbedError> {
    let marks: Vec<TextMark> = sentences.iter().map(|text| mark(request, text)).collect();
    let mut known = request.known.find(&marks).await;
    known.retain(|_, vector| vector.len() == embedder.dimension());
    let mut vectors = HashMap::with_capacity(sentences.len());
    let mut unknown = Vec::new();
    for (text, mark) in sentences.into_iter().zip(marks) {
        match known.remove(&mark) {
            Some(vector) => drop(vectors.insert(text, vector)),
            None => unknown.push(text),
        }
    }
    if unknown.is_empty() {
        return Ok(vectors);
    }
    // The title comes with the first sentences that need it: a call of its own would be slower.
    if title.is_none() && !request.title.is_empty() {
        unknown.push(request.title.to_owned());
    }
    let mut fresh = embed(&unknown, embedder).await?;
    if title.is_none() && !request.title.is_empty() {
        unknown.pop();
        *title = fresh.pop();
    }
    let titled = fresh.into_iter().map(|sentence| match title {
        Some(title) => lean_towards(sentence, title),
        None => sentence,
    });
    vectors.extend(unknown.into_iter().zip(titled));
    Ok(vectors)
}

/// Bounded: a heading is a line, but a hostile file may make a page of it.
fn heading_terms(headings: &[String]) -> Vec<String> {
    if headings.is_empty() {
        return Vec::new();
    }
    let mut terms = Lexicon::shared().distinct_terms(&headings.join("\n"));
    terms.truncate(MOST_HEADING_TERMS);
    terms
}

async fn embed(texts: &[String], embedder: &dyn Embedder) -> Result<Vec<Vec<f32>>, EmbedError> {
    let vectors = embedder.embed_passages(texts.to_vec()).await?;
    let fits = |vector: &Vec<f32>| vector.len() == embedder.dimension();
    if vectors.len() == texts.len() && vectors.iter().all(fits) {
        Ok(vectors)
    } else {
        Err(EmbedError::Unavailable(
            "the embedder returned vectors of the wrong number or length".to_owned(),
        ))
    }
}

/// The texts to embed for a chunk: its sentences.
fn sentence_texts(window: &Window, chunk: &Chunk, most: usize) -> Vec<String> {
    let spans = merge(window, &chunk.sentences, most.max(1)).into_iter();
    spans.map(|span| window.of(span).to_owned()).collect()
}

/// Puts very short sentences together with the next one, and neighbours when there are more than `most`.
fn merge(window: &Window, sentences: &[Span], most: usize) -> Vec<Span> {
    let mut merged: Vec<Span> = Vec::with_capacity(sentences.len());
    let mut short = false;
    for &sentence in sentences {
        match merged.last_mut() {
            Some(last) if short => last.end = sentence.end,
            _ => merged.push(sentence),
        }
        short = merged.last().is_some_and(|last| is_short(window, *last));
    }
    if short
        && merged.len() > 1
        && let Some(last) = merged.pop()
        && let Some(before) = merged.last_mut()
    {
        before.end = last.end;
    }
    let step = merged.len().div_ceil(most).max(1);
    merged
        .chunks(step)
        .map(|group| Span {
            start: group[0].start,
            end: group[group.len() - 1].end,
        })
        .collect()
}

fn is_short(window: &Window, span: Span) -> bool {
    let mut width = 0;
    window.of(span).chars().all(|character| {
        width += if character.is_ascii() { 1 } else { 2 };
        width < SHORT_SENTENCE
    })
}
