//! The real embedder: fastembed over ONNX Runtime, on threads of its own behind a bounded queue.

mod aligner;
mod count;
mod rows;
mod session;
#[cfg(test)]
mod tests;
mod tokens;
mod unigram;

use std::sync::Arc;
use std::thread;

use async_trait::async_trait;
use ort::environment::Environment;
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, oneshot};
use wenyuan_ingest::{Aligner, EmbedError, Embedder, TokenCounter};

use self::aligner::TokenAligner;
use self::rows::Rows;
use self::session::Session;
use self::tokens::Tokens;
use super::batch::{BUDGET_TOKENS, Shape, estimate_tokens};
use super::queue::{Job, Queue, stopped};
use crate::batch::plan;
use crate::models::{EmbedderFiles, ModelError, onnx_environment};

/// Settings of the section `embed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EmbedSettings {
    /// Copies of the model (the starter takes 30 MB each), on a thread of its own; 0 means one per processor, at most 4.
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
    tokens: Arc<Tokens>,
    /// Where the model's tokens have vectors that can be compared across languages.
    rows: Option<Arc<Rows>>,
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
        let tokens = Arc::new(Tokens::load(&files)?);
        let queue = Arc::new(Queue::new(settings.waiting_queries.max(1)));
        let embedder = Self {
            fingerprint: files.fingerprint(),
            places: Arc::new(Semaphore::new(settings.waiting_batches.max(1))),
            rows: token_rows(&files).map(Arc::new),
            queue,
            tokens,
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
        let mut session =
            Session::load(&self.files, Arc::clone(&self.tokens), environment, threads)?;
        let queue = Arc::clone(&self.queue);
        let work = move || {
            while let Some(jobs) = queue.next() {
                work_on(jobs, &mut session);
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

/// The token table; without one the model embeds as well, so that its absence is told and no more.
fn token_rows(files: &EmbedderFiles) -> Option<Rows> {
    Rows::open(files).unwrap_or_else(|error| {
        tracing::warn!(%error, "words are not compared across languages");
        None
    })
}

/// Embeds the texts of all jobs in one go; if that fails, each job by itself, so that none fails for another.
fn work_on(mut jobs: Vec<Job>, session: &mut Session) {
    let texts: Vec<String> = jobs
        .iter()
        .flat_map(|job| job.texts.iter().cloned())
        .collect();
    match session.embed(&texts) {
        Ok(mut vectors) => {
            for job in jobs {
                let rest = vectors.split_off(job.shape.texts.min(vectors.len()));
                answer(job, Ok(std::mem::replace(&mut vectors, rest)));
            }
        }
        Err(error) if jobs.len() < 2 => {
            tracing::warn!(%error, texts = texts.len(), "a batch could not be embedded");
            if let Some(job) = jobs.pop() {
                answer(job, Err(EmbedError::Unavailable(error)));
            }
        }
        Err(_) => jobs.into_iter().for_each(|job| work_on(vec![job], session)),
    }
}

fn answer(job: Job, vectors: Result<Vec<Vec<f32>>, EmbedError>) {
    drop(job.place);
    // The caller may have left; then nobody misses the answer.
    let _ = job.reply.send(vectors);
}

impl Drop for FastembedEmbedder {
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl TokenCounter for FastembedEmbedder {
    fn count(&self, text: &str) -> usize {
        self.tokens.count(text)
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
            let longest = batch.iter().map(|&index| tokens[index]).max();
            self.queue.push_passages(Job {
                texts,
                shape: Shape {
                    texts: batch.len(),
                    longest: longest.unwrap_or(0),
                },
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
            shape: Shape {
                texts: 1,
                longest: 0,
            },
            reply,
            place: None,
        })?;
        let vectors = receiver.await.map_err(|_| stopped())??;
        vectors.into_iter().next().ok_or_else(stopped)
    }

    fn aligner(&self, question: &str) -> Option<Box<dyn Aligner>> {
        let aligner = TokenAligner::of(self.rows.as_ref()?, &self.tokens, question)?;
        Some(Box::new(aligner))
    }
}
