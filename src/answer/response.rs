//! What an answer is: sentences with their support, and citations that resolve to exact source offsets.

use serde::Serialize;
use wenyuan_ingest::PageBox;

use super::pack::Reading;
use crate::model::{AnswerId, ChunkId, DocumentId};
use crate::retrieve::UnderstoodQuery;

/// How well the evidence carries a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Support {
    /// The cited text says it, with every number and name.
    Supported,
    /// The cited text is about it but may not say all of it.
    Weak,
    /// Nothing retrieved says it.
    Unsupported,
}

/// A sentence of the answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CitedSentence {
    /// The sentence.
    pub text: String,
    /// What the evidence says to it.
    pub support: Support,
    /// Numbers of [`Citation`]s; empty for an unsupported sentence.
    pub citations: Vec<u32>,
}

/// Where a sentence comes from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Citation {
    /// The number in the text, from 1.
    pub n: u32,
    /// The chunk.
    pub chunk_id: ChunkId,
    /// The document.
    pub document_id: DocumentId,
    /// The document's name.
    pub document_name: String,
    /// Page of the quote, from 1.
    pub page: Option<u32>,
    /// Headings above the quote, highest first.
    pub heading: Vec<String>,
    /// Exactly the cleaned text at `[start, end)`.
    pub quote: String,
    /// First character in the cleaned text.
    pub start: usize,
    /// One past the last character.
    pub end: usize,
    /// Where to highlight; empty where the original has no known places.
    pub boxes: Vec<PageBox>,
}

/// Something that a reader of the answer should know about how it came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// No language model is installed: these are the documents' own sentences.
    ModelMissing,
    /// The model's words did not survive the check: these are the documents' own sentences.
    ModelTooWeak,
    /// The model did not finish in time: these are the documents' own sentences.
    ModelTooSlow,
    /// Sentences that nothing retrieved supports were withheld.
    SentencesWithheld,
    /// Some passages did not fit the model's window and were not read by it.
    PassagesLeftOut,
}

/// What the model did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// Tokens in the prompt.
    pub prompt_tokens: usize,
    /// Of these, taken from earlier work.
    pub cached_tokens: usize,
    /// Tokens generated.
    pub completion_tokens: usize,
}

/// Where the time went, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct AnswerTimings {
    /// Finding passages.
    pub retrieve: f64,
    /// From the question to the first text.
    pub first_token: f64,
    /// From the question to the end.
    pub total: f64,
}

/// A finished answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// Its id.
    pub answer_id: AnswerId,
    /// The text, without citation marks: the sentences joined.
    pub answer: String,
    /// The sentences in order; empty for a refusal, which claims nothing.
    pub sentences: Vec<CitedSentence>,
    /// What the sentences cite; for a refusal, the nearest passages.
    pub citations: Vec<Citation>,
    /// Whether the documents were found not to hold an answer.
    pub refused: bool,
    /// The model's name; empty when none was asked.
    pub model: String,
    /// What the model did.
    pub usage: Usage,
    /// Where the time went.
    pub timings_ms: AnswerTimings,
    /// Something to tell the reader.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<Notice>,
    /// Probability that the passages hold an answer.
    pub answerability: f32,
    /// What a capable model was given to read, in its order; empty where none was asked.
    pub context: Vec<Reading>,
    /// How the question was understood.
    pub query: UnderstoodQuery,
}
