//! The real embedder: fastembed over ONNX Runtime, on threads of its own behind a bounded queue.

mod runtime;
mod session;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::thread;

use async_trait::async_trait;
use ort::environment::Environment;
use serde::{Deserialize, Serialize};
use tokenizers::Tokenizer;
use tokio::sync::{Semaphore, oneshot};
use wenyuan_ingest::{EmbedError, Embedder, TokenCounter};

pub use runtime::onnx_environment;

use self::session::{Session, load_counter};
use super::batch::{BUDGET_TOKENS, estimate_tokens, plan};
use super::queue::{Job, Queue, stopped};
use crate::models::{EmbedderFiles, ModelError, Pooling};

/// Settings of the section `embed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EmbedSettings {
    /// Copies of the model (the starter takes 200 MB each), on a thread of its own; 0 means one per processor, at most 4.
    pub sessions: usize,
    /// Threads inside each copy; 0 means as many as keep all processors busy. Copies beat threads: their work is small.
    pub threads_per_session: usize,
    /// Passage batches that may wait; further callers wait for a place.
    pub waiting_batches: usize,
    /// Questions that may wait; a further one is refused.
    pub waiting_queries: usize,
}

impl Default for EmbedSettings {
    fn default() -> Self {
        Self {
            sessions: 0,
            threads_per_session: 0,
            waiting_batches: 16,
            waiting_queries: 64,
        }
    }
}

impl EmbedSettings {
    fn resolved(self) -> (usize, usize) {
        let processors = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let sessions = if self.sessions == 0 {
            processors.min(4)
        } else {
            self.sessions
        };
        let threads = if self.threads_per_session == 0 {
            processors / sessions
        } else {
            self.threads_per_session
        };
        (sessions, threads.max(1))
    }
}

/// An ONNX embedder. Dropping it ends its threads after the batch they are on.
pub struct FastembedEmbedder {
    queue: Arc<Queue>,
    places: Arc<Semaphore>,
    counter: Tokenizer,
    files: EmbedderFiles,
    fingerprint: String,
}

impl std::fmt::Debug for FastembedEmbedder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("FastembedEmbedder")
            .field("fingerprint", &self.fingerprint)
            .finish_non_exhaustive()
    }
}

impl FastembedEmbedder {
    /// Loads the model and embeds one text to prove it. Blocks for about a second; call it off the async threads.
    pub fn load(files: EmbedderFiles, settings: EmbedSettings) -> Result<Self, ModelError> {
        let environment = onnx_environment(&files.runtime)?;
        let (sessions, threads) = settings.resolved();
        let counter = load_counter(&files)?;
        let queue = Arc::new(Queue::new(settings.waiting_queries.max(1)));
        let embedder = Self {
            fingerprint: fingerprint(&files),
            places: Arc::new(Semaphore::new(settings.waiting_batches.max(1))),
            queue,
            counter,
            files,
        };
        for number in 0..sessions {
            embedder.spawn(number, &environment, threads)?;
        }
        Ok(embedder)
    }

    /// Loads one session here, where the error can be returned, and gives it to its thread.
    fn spawn(
        &self,
        number: usize,
        environment: &Environment,
        threads: usize,
    ) -> Result<(), ModelError> {
        let mut session = Session::load(&self.files, environment, threads)?;
        let queue = Arc::clone(&self.queue);
        let work = move || {
            while let Some(job) = queue.next() {
                let vectors = session.embed(&job.texts).map_err(EmbedError::Unavailable);
                if let Err(error) = &vectors {
                    tracing::warn!(%error, texts = job.texts.len(), "a batch could not be embedded");
                }
                drop(job.place);
                // The caller may have left; then nobody misses the answer.
                let _ = job.reply.send(vectors);
            }
        };
        let spawned = thread::Builder::new()
            .name(format!("embed-{number}"))
            .spawn(work);
        spawned.map(drop).map_err(|error| ModelError::Load {
            model: self.files.name.clone(),
            reason: error.to_string(),
        })
    }
}

impl Drop for FastembedEmbedder {
    fn drop(&mut self) {
        self.queue.close();
    }
}

/// Everything that changes a vector, and nothing else.
fn fingerprint(files: &EmbedderFiles) -> String {
    let pooling = match files.traits.pooling {
        Pooling::Cls => "cls",
        Pooling::Mean => "mean",
    };
    let hash = files.model.sha256.get(..16).unwrap_or(&files.model.sha256);
    let mut text = format!(
        "{}@{hash}/{}/{pooling}",
        files.name, files.traits.max_tokens
    );
    for prefix in [&files.traits.query_prefix, &files.traits.passage_prefix] {
        if !prefix.is_empty() {
            text = format!("{text}/{}", prefix.trim());
        }
    }
    text
}

impl TokenCounter for FastembedEmbedder {
    fn count(&self, text: &str) -> usize {
        match self.counter.encode_fast(text, false) {
            Ok(encoding) => encoding.len(),
            Err(_) => estimate_tokens(text),
        }
    }
}

#[async_trait]
impl Embedder for FastembedEmbedder {
    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn dimension(&self) -> usize {
        self.files.traits.dimension
    }

    fn max_tokens(&self) -> usize {
        self.files.traits.max_tokens
    }

    async fn embed_passages(&self, mut texts: Vec<String>) -> Result<Vec<Vec<f32>>, EmbedError> {
        let prefix = &self.files.traits.passage_prefix;
        if !prefix.is_empty() {
            for text in &mut texts {
                text.insert_str(0, prefix);
            }
        }
        let limit = self.files.traits.max_tokens;
        let tokens: Vec<_> = texts
            .iter()
            .map(|text| estimate_tokens(text).min(limit))
            .collect();
        let mut waiting = Vec::new();
        for batch in plan(&tokens, BUDGET_TOKENS) {
            let place = Arc::clone(&self.places)
                .acquire_owned()
                .await
                .map_err(|_| stopped())?;
            let (reply, receiver) = oneshot::channel();
            let texts = batch
                .iter()
                .map(|&index| std::mem::take(&mut texts[index]))
                .collect();
            self.queue.push_passages(Job {
                texts,
                reply,
                place: Some(place),
            })?;
            waiting.push((batch, receiver));
        }
        let mut vectors = vec![Vec::new(); tokens.len()];
        for (batch, receiver) in waiting {
            let embedded = receiver.await.map_err(|_| stopped())??;
            for (index, vector) in batch.into_iter().zip(embedded) {
                vectors[index] = vector;
            }
        }
        Ok(vectors)
    }

    async fn embed_query(&self, text: &str) -> Result<Vec<f32>, EmbedError> {
        let (reply, receiver) = oneshot::channel();
        let text = format!("{}{text}", self.files.traits.query_prefix);
        self.queue.push_query(Job {
            texts: vec![text],
            reply,
            place: None,
        })?;
        let vectors = receiver.await.map_err(|_| stopped())??;
        vectors.into_iter().next().ok_or_else(stopped)
    }
}
