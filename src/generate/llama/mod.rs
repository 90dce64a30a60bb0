//! Language models in this process: llama.cpp on a thread of its own, any GGUF file, CPU or GPU.

mod context;
mod engine;
#[cfg(test)]
mod engine_tests;
#[cfg(test)]
mod model_tests;
mod runtime;
mod sampling;
mod sequences;
mod settings;
mod slot;
mod start;
mod template;
mod tokenizer;

use std::sync::mpsc::Sender;
use std::thread::JoinHandle;
use std::time::Instant;

use async_trait::async_trait;

pub use settings::{LlamaSettings, physical_cores};

use super::gate::Gate;
use super::reply::Reply;
use super::text::StopMatcher;
use super::{
    GenerateError, GenerateRequest, Generation, Generator, ModelDescription, Prompt, StopReason,
};
use sampling::Sampler;
use slot::Job;
use template::{ChatTemplate, Rendered};
use tokenizer::Tokenizer;

/// A model at work. Dropping it ends its thread and frees the model's memory; unfinished requests end with
/// [`GenerateError::Unavailable`].
pub struct LlamaGenerator {
    description: ModelDescription,
    tokenizer: Tokenizer,
    template: std::sync::Arc<ChatTemplate>,
    gate: Gate,
    /// `None` only while dropping.
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl LlamaGenerator {
    /// Checks the file, loads the model and reads a first token, so that what can fail fails here. Blocks for seconds.
    ///
    /// # Errors
    /// [`GenerateError::Unavailable`], with the file's name and what to do.
    pub fn load(settings: LlamaSettings) -> Result<Self, GenerateError> {
        start::load(settings).map_err(GenerateError::Unavailable)
    }

    /// Tokens and stop texts for a prompt, on a thread that may be held up.
    async fn prepare(&self, prompt: Prompt) -> Result<(Vec<i32>, Vec<String>), GenerateError> {
        let tokenizer = self.tokenizer.clone();
        let template = std::sync::Arc::clone(&self.template);
        let limit = self.description.context_tokens;
        let prepared = tokio::task::spawn_blocking(move || {
            let Rendered { segments, stop } = match prompt {
                Prompt::Completion(segments) => Rendered {
                    segments,
                    stop: Vec::new(),
                },
                Prompt::Chat(messages) => template.render(&messages),
            };
            tokenizer
                .encode(&segments, limit)
                .map(|tokens| (tokens, stop))
        });
        let prepared = prepared.await.map_err(|error| {
            GenerateError::Unavailable(format!("the prompt could not be read: {error}"))
        })?;
        prepared.map_err(|prompt_tokens| GenerateError::TooLong {
            prompt_tokens,
            max_tokens: 0,
            limit,
        })
    }
}

#[async_trait]
impl Generator for LlamaGenerator {
    fn describe(&self) -> &ModelDescription {
        &self.description
    }

    fn count_tokens(&self, text: &str) -> usize {
        self.tokenizer.count(text)
    }

    async fn generate(&self, request: GenerateRequest) -> Result<Generation, GenerateError> {
        let place = self.gate.enter()?;
        let deadline =
            Instant::now() + request.deadline.min(std::time::Duration::from_secs(86_400));
        let (prompt, template_stop) = self.prepare(request.prompt).await?;
        let (prompt_tokens, max_tokens, limit) = (
            prompt.len(),
            request.max_tokens,
            self.description.context_tokens,
        );
        if prompt_tokens.saturating_add(max_tokens) > limit {
            return Err(GenerateError::TooLong {
                prompt_tokens,
                max_tokens,
                limit,
            });
        }
        let (mut reply, generation) = Reply::channel(max_tokens);
        if max_tokens == 0 {
            reply.started(prompt_tokens, 0);
            reply.done(StopReason::Length, 0);
            return Ok(generation);
        }
        let job = Job {
            prompt,
            max_tokens,
            stop: StopMatcher::new(request.stop.into_iter().chain(template_stop)),
            sampler: Sampler::new(&request.sampling),
            deadline,
            reply,
            place,
        };
        let sent = self
            .jobs
            .as_ref()
            .is_some_and(|jobs| jobs.send(job).is_ok());
        if sent {
            Ok(generation)
        } else {
            Err(GenerateError::Unavailable(
                "the engine has stopped; restart the program".to_owned(),
            ))
        }
    }
}

impl Drop for LlamaGenerator {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the language model's thread panicked");
        }
    }
}
