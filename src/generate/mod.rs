//! Text generation: one trait over the llama.cpp engine in this process and its deterministic twin.

mod gate;
#[cfg(feature = "llama")]
pub mod llama;
mod reply;
pub mod scripted;
mod text;

use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::mpsc;

/// Why nothing (more) is generated, by what the caller can do.
#[derive(Debug, Clone, thiserror::Error)]
pub enum GenerateError {
    /// The queue is full; try again after about this long.
    #[error("the language model is busy")]
    Overloaded {
        /// A guess at when a place is free.
        retry_after: Duration,
    },
    /// Prompt and answer do not fit the model's window.
    #[error(
        "the prompt has {prompt_tokens} tokens; with {max_tokens} to generate the most is {limit}"
    )]
    TooLong {
        /// Tokens in the prompt.
        prompt_tokens: usize,
        /// Tokens asked for.
        max_tokens: usize,
        /// The window.
        limit: usize,
    },
    /// The deadline passed.
    #[error("the language model did not finish in time")]
    Deadline,
    /// The model is missing or broken: nothing will succeed until that is mended.
    #[error("the language model is unavailable: {0}")]
    Unavailable(String),
}

/// A piece of a prompt. Only [`Segment::Trusted`] may contain special tokens such as turn markers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// Our own words, or the model's template.
    Trusted(String),
    /// Text from a document or a person: tokenized with special tokens off.
    Data(String),
}

/// Who says a chat message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Instructions.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// What to continue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Prompt {
    /// Plain text for a base model.
    Completion(Vec<Segment>),
    /// A conversation, rendered with the model's own template by the engine.
    Chat(Vec<(Role, Vec<Segment>)>),
}

/// How tokens are picked.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampling {
    /// 0 is greedy.
    pub temperature: f32,
    /// Nucleus, in (0, 1].
    pub top_p: f32,
    /// Seed for temperature > 0.
    pub seed: u32,
    /// Penalty on repeated tokens; 1 is none.
    pub repeat_penalty: f32,
}

impl Default for Sampling {
    fn default() -> Self {
        Self {
            temperature: 0.0,
            top_p: 1.0,
            seed: 0,
            repeat_penalty: 1.0,
        }
    }
}

/// One request to the model.
#[derive(Debug, Clone, PartialEq)]
pub struct GenerateRequest {
    /// What to continue.
    pub prompt: Prompt,
    /// Most tokens to generate.
    pub max_tokens: usize,
    /// Generation ends before any of these texts.
    pub stop: Vec<String>,
    /// How tokens are picked.
    pub sampling: Sampling,
    /// Time allowed from now, waiting included.
    pub deadline: Duration,
}

/// Why generation ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// The model ended, or a stop text came.
    Stop,
    /// `max_tokens` reached.
    Length,
}

/// What comes out, in order: one `Started`, any `Text`, one `Done`; or an error at any point, which ends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GenerateEvent {
    /// The prompt is being read.
    Started {
        /// Tokens in the prompt.
        prompt_tokens: usize,
        /// Of these, taken from an earlier request's work.
        cached_tokens: usize,
    },
    /// More text: whole characters, never the stop text.
    Text(String),
    /// The end.
    Done {
        /// Why.
        reason: StopReason,
        /// Tokens generated.
        completion_tokens: usize,
    },
}

/// A stream of generated text. Dropping it frees the model at the next token.
pub type Generation = mpsc::Receiver<Result<GenerateEvent, GenerateError>>;

/// What a model is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelDescription {
    /// Name from the model catalog.
    pub name: String,
    /// Tokens of prompt and answer together, per request.
    pub context_tokens: usize,
    /// Tuned to follow instructions; `false` means a base model, prompted as a completion.
    pub instruct: bool,
    /// Strong enough that its words, once grounded, beat quotes of the evidence.
    pub trusted_writer: bool,
}

/// A language model.
#[async_trait]
pub trait Generator: Send + Sync {
    /// What it is.
    fn describe(&self) -> &ModelDescription;

    /// Tokens in `text` by this model's tokenizer, special tokens off.
    fn count_tokens(&self, text: &str) -> usize;

    /// Queues a request. Returns as soon as it has a place; a full queue is [`GenerateError::Overloaded`] at once.
    async fn generate(&self, request: GenerateRequest) -> Result<Generation, GenerateError>;
}
