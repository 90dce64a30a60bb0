//! What a file would be read as and cut into, with nothing kept.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;
use wenyuan_ingest::{
    Chunk, CleanDocument, Embedder, ParseRequest, Preset, PresetChoice, SplitSettings,
    parse_in_child, split_as,
};

use super::outcome::Halt;
use super::{Ingestor, IngestorSettings};
use crate::catalog::JobError;

/// A file to look at. Not to be printed: it may hold a password.
pub struct PreviewRequest {
    /// The file's bytes.
    pub path: PathBuf,
    /// The name the user knows it by.
    pub name: String,
    /// For encrypted files.
    pub password: Option<String>,
    /// How to cut it.
    pub preset: PresetChoice,
    /// Wanted length of a passage in tokens; `None` is the configured one.
    pub chunk_tokens: Option<usize>,
    /// A place among those who may look at files at once: given back when the work has ended, also where nobody waits
    /// for it any more.
    pub place: Option<Arc<OwnedSemaphorePermit>>,
}

/// A file as it would be taken in.
#[derive(Debug)]
pub struct Preview {
    /// What was read.
    pub document: CleanDocument,
    /// How it was cut.
    pub preset: Preset,
    /// Its passages.
    pub chunks: Vec<Chunk>,
}

/// Reads a file in a child process, within the limits of ingestion, and cuts it. Dropping the future ends the child.
///
/// # Errors
/// What a job on the file would end with.
pub async fn preview(
    embedder: Arc<dyn Embedder>,
    settings: &IngestorSettings,
    request: PreviewRequest,
) -> Result<Preview, JobError> {
    let mut reading = ParseRequest::new(request.path, request.name);
    reading.password = request.password;
    let never = CancellationToken::new();
    let read = parse_in_child(
        &settings.program,
        reading,
        &settings.limits,
        |_progress| {},
        &never,
    );
    let document = read.await.map_err(|error| failure(error.into()))?;
    let split = request
        .chunk_tokens
        .map_or(settings.split, SplitSettings::about);
    let (wanted, place) = (request.preset, request.place);
    let cutting = tokio::task::spawn_blocking(move || {
        let preset = wanted.resolve(&document);
        let chunks = split_as(&document, &*embedder, split, preset);
        drop(place);
        Preview {
            document,
            preset,
            chunks,
        }
    });
    let cut = cutting
        .await
        .map_err(|_panicked| JobError::new("internal", "cutting the text broke down"))?;
    if cut.chunks.is_empty() {
        return Err(JobError::new("no_text", "no text was found in the file"));
    }
    Ok(cut)
}

fn failure(halt: Halt) -> JobError {
    match halt {
        Halt::Failed(error) => error,
        Halt::Stopped | Halt::Again => JobError::new("cancelled", "Reading was cancelled."),
    }
}

impl Ingestor {
    /// What a file would become here; nothing is kept, and jobs are not held up.
    ///
    /// # Errors
    /// What a job on the file would end with.
    pub async fn preview(&self, request: PreviewRequest) -> Result<Preview, JobError> {
        let (embedder, settings) = self.for_previews();
        preview(embedder, settings, request).await
    }
}
