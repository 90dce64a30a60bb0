//! The steps of a job as the ingest crate does them, with our bounds and progress around.

use std::sync::Arc;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use wenyuan_ingest::{
    Chunk, ChunkSink, CleanDocument, Dictionary, Embedder, IndexError, IndexRequest, Kind,
    KnownVectors, ParseError, ParseRequest, PipelineSettings, Point, Preset, PresetChoice,
    SinkError, TextSource, TokenCounter, detect, index_document, parse_here, parse_in_child,
    split_as,
};

use super::care::Care;
use super::collections::Writing;
use super::outcome::Halt;
use super::outline::Outline;
use super::worker::{Task, Worker};
use crate::catalog::{CatalogError, Lease};

/// Text up to this size needs no child process: nothing in it can be unpacked, nested or crash a library.
const PLAIN_BYTES: u64 = 1 << 20;

/// Reads the original: plain text here, everything else in a child process.
pub(super) async fn read(
    worker: &Worker,
    task: &Task,
    token: &CancellationToken,
) -> Result<CleanDocument, Halt> {
    let path = worker.catalog.blobs().path(&task.lease.hash);
    if let Err(error) = tokio::fs::metadata(&path).await {
        return Err(CatalogError::from_io(&path, &error).into());
    }
    let mut request = ParseRequest::new(path, &task.lease.name);
    let password = task.lease.password.as_ref();
    request.password = password.map(|password| password.reveal().to_owned());
    if task.lease.bytes <= PLAIN_BYTES
        && let Some(document) = read_plain(worker, request.clone()).await?
    {
        return Ok(document);
    }
    let settings = &worker.settings;
    let on_progress = |progress: wenyuan_ingest::ParseProgress| {
        task.tracker
            .pages(progress.pages_done, progress.pages_total);
    };
    Ok(parse_in_child(
        &settings.program,
        request,
        &settings.limits,
        on_progress,
        token,
    )
    .await?)
}

/// The document if it is plain text or Markdown, `None` if it is anything else.
async fn read_plain(worker: &Worker, request: ParseRequest) -> Result<Option<CleanDocument>, Halt> {
    let (limits, meters) = (worker.settings.limits.clone(), Arc::clone(&worker.meters));
    let work = move || {
        let Ok(bytes) = std::fs::read(&request.path) else {
            return Ok(None);
        };
        match detect(&bytes, &request.name) {
            Ok(Kind::Text | Kind::Markdown) => {
                parse_here(&request, &limits, &mut |_progress| {}).map(Some)
            }
            Err(error @ (ParseError::EmptyFile | ParseError::UnsupportedKind { .. })) => Err(error),
            _ => Ok(None),
        }
    };
    match tokio::task::spawn_blocking(move || meters.reading.time(work)).await {
        Ok(outcome) => Ok(outcome?),
        // The program ends: that is no fault of the document's.
        Err(error) if error.is_cancelled() => std::future::pending().await,
        Err(_panicked) => Err(ParseError::Crashed {
            detail: "a panic".to_owned(),
        }
        .into()),
    }
}

/// Counts tokens until the job is stopped; from then on nothing counts. Counting is nearly all that cutting costs, so
/// the thread is free again within moments, and what it made is thrown away.
struct Stoppable {
    embedder: Arc<dyn Embedder>,
    token: CancellationToken,
}

impl TokenCounter for Stoppable {
    fn count(&self, text: &str) -> usize {
        if self.token.is_cancelled() {
            0
        } else {
            self.embedder.count(text)
        }
    }
}

/// Cuts the document as was asked, by this embedder's tokens: what is kept of it, its chunks, and the preset that was used.
pub(super) async fn split(
    worker: &Worker,
    document: CleanDocument,
    wanted: PresetChoice,
    embedder: Arc<dyn Embedder>,
    token: &CancellationToken,
) -> Result<(Outline, Vec<Chunk>, Preset), Halt> {
    let settings = worker.settings.split;
    let counter = Stoppable {
        embedder,
        token: token.clone(),
    };
    let meters = Arc::clone(&worker.meters);
    let cutting = tokio::task::spawn_blocking(move || {
        let preset = wanted.resolve(&document);
        let chunks = meters
            .splitting
            .time(|| split_as(&document, &counter, settings, preset));
        (Outline::from(document), chunks, preset)
    });
    match cutting.await {
        Ok(cut) => Ok(cut),
        // The program ends: that is no fault of the document's.
        Err(error) if error.is_cancelled() => std::future::pending().await,
        Err(_panicked) => Err(Halt::failed("internal", "cutting the text broke down")),
    }
}

/// A document that is read and cut, its text, who may have some of its vectors, and its knowledge base's own words.
#[derive(Clone, Copy)]
pub(super) struct Cut<'a> {
    pub(super) outline: &'a Outline,
    pub(super) text: &'a dyn TextSource,
    pub(super) chunks: &'a [Chunk],
    pub(super) known: &'a dyn KnownVectors,
    pub(super) words: &'a Dictionary,
}

/// What is told while a document is embedded and written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Told {
    /// So many of so many chunks are in the index.
    Chunks { done: u32, total: u32 },
    /// From now on more waits until the index is in order, or does so no longer.
    Waits(bool),
}

/// Embeds all chunks and writes them to a collection; whoever calls syncs them.
pub(super) async fn index(
    to: &Writing,
    lease: &Lease,
    cut: Cut<'_>,
    tell: impl Fn(Told) + Send + Sync,
    token: &CancellationToken,
) -> Result<(), Halt> {
    let title = title_of(cut.outline.title.as_deref(), &lease.name);
    let request = IndexRequest {
        kind: cut.outline.kind,
        text: cut.text,
        chunks: cut.chunks,
        title,
        knowledge_base: lease.knowledge_base.0,
        document_id: lease.document.0,
        version: lease.version.0,
        tags: &lease.tags,
        added_at: lease.added_at,
        known: cut.known,
        words: cut.words,
        settings: PipelineSettings::default(),
    };
    let sink = Unflushed {
        store: &*to.open.store,
        care: &to.open.care,
        tell: &tell,
        token,
    };
    let mut on_progress = |progress: wenyuan_ingest::IndexProgress| {
        tell(Told::Chunks {
            done: progress.chunks_done,
            total: progress.chunks_total,
        });
    };
    let indexed = index_document(request, &*to.embedder, &sink, &mut on_progress, token).await;
    indexed.map_err(|error| match error {
        IndexError::Cancelled => Halt::Stopped,
        IndexError::Embed(error) => error.into(),
        IndexError::Sink(error) => error.into(),
        IndexError::Text(error) => CatalogError::unavailable(error).into(),
    })
}

/// What stands for a document in front of its passages.
pub(super) fn title_of<'a>(title: Option<&'a str>, name: &'a str) -> &'a str {
    title.unwrap_or_else(|| stem(name))
}

/// A file's name without folders and ending: its title, if it has none.
fn stem(name: &str) -> &str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.rsplit_once('.')
        .map_or(file, |(stem, _)| if stem.is_empty() { file } else { stem })
}

/// The index without syncs: the publisher makes one for many documents.
struct Unflushed<'a, S: ?Sized> {
    store: &'a S,
    care: &'a Care,
    tell: &'a (dyn Fn(Told) + Send + Sync),
    token: &'a CancellationToken,
}

#[async_trait]
impl<S: ChunkSink + ?Sized> ChunkSink for Unflushed<'_, S> {
    async fn upsert(&self, points: Vec<Point>) -> Result<(), SinkError> {
        let written = points.len();
        if !self.care.has_room() {
            (self.tell)(Told::Waits(true));
            // Who cancels does not wait.
            self.token.run_until_cancelled(self.care.room()).await;
            (self.tell)(Told::Waits(false));
        }
        self.store.upsert(points).await?;
        self.care.wrote(written);
        Ok(())
    }

    async fn flush(&self) -> Result<(), SinkError> {
        Ok(())
    }

    async fn remove_version(&self, version: Uuid) -> Result<(), SinkError> {
        self.store.remove_version(version).await
    }
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn a_title_from_a_name_has_no_folder_and_no_ending() {
        assert_eq!(stem("资料/2024/年度报告.v2.pdf"), "年度报告.v2");
        assert_eq!(stem(".profile"), ".profile");
        assert_eq!(stem("README"), "README");
    }
}
