//! One request from its place in the queue to its last token.

use std::collections::BTreeSet;
use std::time::Instant;

use super::sampling::Sampler;

use crate::generate::gate::Place;
use crate::generate::reply::Reply;
use crate::generate::text::{CharacterDecoder, StopMatcher};
use crate::generate::{GenerateError, StopReason};

/// A request, tokenized, that waits for a slot.
pub(super) struct Job {
    pub(super) prompt: Vec<i32>,
    pub(super) max_tokens: usize,
    pub(super) stop: StopMatcher,
    pub(super) sampler: Sampler,
    pub(super) deadline: Instant,
    pub(super) reply: Reply,
    pub(super) place: Place,
}

impl Job {
    /// Tokens of KV memory it may come to need.
    pub(super) fn reserve(&self) -> usize {
        self.prompt.len() + self.max_tokens
    }
}

/// A request that is being worked on.
pub(super) struct Slot {
    /// Prompt and answer so far.
    history: Vec<i32>,
    prompt_tokens: usize,
    /// Tokens of `history` that are in KV memory.
    read: usize,
    pub(super) sequence: usize,
    max_tokens: usize,
    sampler: Sampler,
    decoder: CharacterDecoder,
    stop: StopMatcher,
    pub(super) deadline: Instant,
    pub(super) reply: Reply,
    place: Place,
    started: Instant,
    first_token: Option<Instant>,
    cached: usize,
}

impl Slot {
    /// Starts with the first `cached` tokens of the prompt already in memory.
    pub(super) fn start(mut job: Job, sequence: usize, cached: usize) -> Self {
        job.place.serve();
        job.reply.started(job.prompt.len(), cached);
        Self {
            prompt_tokens: job.prompt.len(),
            history: job.prompt,
            read: cached,
            sequence,
            max_tokens: job.max_tokens,
            sampler: job.sampler,
            decoder: CharacterDecoder::default(),
            stop: job.stop,
            deadline: job.deadline,
            reply: job.reply,
            place: job.place,
            started: Instant::now(),
            first_token: None,
            cached,
        }
    }

    /// Still reading its prompt, as opposed to writing its answer.
    pub(super) fn is_reading(&self) -> bool {
        self.history.len() == self.prompt_tokens
    }

    /// Tokens not yet in memory, and the position of the first.
    pub(super) fn pending(&self) -> (&[i32], usize) {
        (&self.history[self.read..], self.read)
    }

    /// `count` more tokens are in memory.
    pub(super) fn advance(&mut self, count: usize) -> &[i32] {
        let from = self.read;
        self.read = (self.read + count).min(self.history.len());
        &self.history[from..self.read]
    }

    /// Picks the next token; `None` when the logits hold no number.
    pub(super) fn pick(&mut self, logits: &[f32], never: &BTreeSet<usize>) -> Option<i32> {
        let picked = self.sampler.pick(logits, &self.history, never)?;
        i32::try_from(picked).ok()
    }

    /// Takes a picked token that does not end the answer by itself, and sends what text it completes.
    pub(super) fn write(&mut self, token: i32, bytes: &[u8]) -> Option<StopReason> {
        self.first_token.get_or_insert_with(Instant::now);
        self.history.push(token);
        let text = self.decoder.push(bytes);
        let released = self.stop.push(&text);
        self.reply.text(released.text);
        if released.stopped {
            return Some(StopReason::Stop);
        }
        (self.written() >= self.max_tokens).then_some(StopReason::Length)
    }

    /// Ends with an error; the place is free before the caller hears of it.
    pub(super) fn fail(self, error: GenerateError) {
        drop(self.place);
        self.reply.fail(error);
    }

    fn written(&self) -> usize {
        self.history.len() - self.prompt_tokens
    }

    /// Sends what was held back and the end.
    pub(super) fn finish(mut self, reason: StopReason) {
        let held = self.stop.finish();
        self.reply.text(held);
        let written = self.written();
        let reading = self
            .first_token
            .map_or_else(|| self.started.elapsed(), |first| first - self.started);
        let writing = self
            .first_token
            .map(|first| first.elapsed())
            .unwrap_or_default();
        tracing::debug!(
            prompt_tokens = self.prompt_tokens,
            cached_tokens = self.cached,
            completion_tokens = written,
            reading_ms = reading.as_millis(),
            writing_ms = writing.as_millis(),
            "generated"
        );
        drop(self.place);
        self.reply.done(reason, written);
    }
}
