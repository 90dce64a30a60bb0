//! One llama.cpp context with rank pooling, with everything checked that would abort the process inside C++.

use std::num::NonZeroU32;

use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::{LlamaContextParams, LlamaPoolingType};
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;

use super::pair::Form;
use crate::models::llama::backend;
use crate::rerank::sigmoid;
use crate::rerank::worker::Pairs;

/// Pairs in one batch at most; each is a sequence.
const MOST_SEQUENCES: usize = 32;

/// A model ready to rank, on the thread that owns it.
pub(super) struct Ranking<'model> {
    model: &'model LlamaModel,
    context: LlamaContext<'model>,
    batch: LlamaBatch<'static>,
    form: Form,
    window: usize,
    /// Most tokens in one batch: the context's, which it reads in one go.
    capacity: usize,
    vocabulary: usize,
    /// The head gives probabilities rather than a logit.
    shares: bool,
}

impl<'model> Ranking<'model> {
    /// `Err` says what could not be had.
    pub(super) fn new(
        model: &'model LlamaModel,
        architecture: &str,
        window: usize,
        budget: usize,
    ) -> Result<Self, String> {
        // Qwen3's head is `yes` and `no`, and llama.cpp makes probabilities of them.
        let shares = architecture.starts_with("qwen3");
        let outputs = model.n_cls_out();
        if outputs != if shares { 2 } else { 1 } {
            return Err(format!(
                "its ranking head has {outputs} outputs; it is a classifier of another kind"
            ));
        }
        let form = Form::of(model)?;
        if !form.fits(window) {
            return Err(format!(
                "its window of {window} tokens leaves no room for a passage"
            ));
        }
        let capacity = window.max(budget);
        let tokens = u32::try_from(capacity).map_err(|error| error.to_string())?;
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let threads = i32::try_from(threads).unwrap_or(1);
        let parameters = LlamaContextParams::default()
            .with_n_ctx(NonZeroU32::new(tokens))
            .with_n_batch(tokens)
            // A batch that is pooled must be read in one go.
            .with_n_ubatch(tokens)
            .with_n_seq_max(MOST_SEQUENCES as u32)
            .with_n_threads(threads)
            .with_n_threads_batch(threads)
            .with_kv_unified(true)
            .with_embeddings(true)
            .with_pooling_type(LlamaPoolingType::Rank)
            .with_no_perf(true);
        let context = model
            .new_context(backend()?, parameters)
            .map_err(|_| format!("llama.cpp could not set up {capacity} tokens for it"))?;
        let capacity = capacity
            .min(context.n_batch() as usize)
            .min(context.n_ctx() as usize);
        let mut ranking = Self {
            model,
            batch: LlamaBatch::new(capacity, 1),
            context,
            form,
            window: window.min(capacity),
            capacity,
            vocabulary: usize::try_from(model.vocab().n_tokens()).unwrap_or(0),
            shares,
        };
        ranking.score("文渊阁 library", &["藏书楼", "a house of books"])?;
        Ok(ranking)
    }

    fn pair(&self, question: &str, passage: &str) -> Vec<LlamaToken> {
        self.form.pair(self.model, (question, passage), self.window)
    }

    /// Fills the batch; `Err` for what would end the process.
    fn fill(&mut self, pairs: &[Vec<LlamaToken>]) -> Result<(), String> {
        let tokens: usize = pairs.iter().map(Vec::len).sum();
        let known = |token: &LlamaToken| {
            usize::try_from(token.0).is_ok_and(|token| token < self.vocabulary)
        };
        let sound = |pair: &Vec<LlamaToken>| {
            !pair.is_empty() && pair.len() <= self.window && pair.iter().all(known)
        };
        if tokens > self.capacity || pairs.len() > MOST_SEQUENCES || !pairs.iter().all(sound) {
            return Err(format!(
                "a batch of {} pairs with {tokens} tokens is not valid",
                pairs.len()
            ));
        }
        self.batch.clear();
        for (sequence, pair) in (0_i32..).zip(pairs) {
            for (position, token) in (0_i32..).zip(pair) {
                self.batch
                    .add(*token, position, &[sequence], true)
                    .map_err(|error| error.to_string())?;
            }
        }
        Ok(())
    }

    fn read(&self, sequence: usize) -> Result<f32, String> {
        let sequence = i32::try_from(sequence).map_err(|error| error.to_string())?;
        let output = self.context.embeddings_seq_ith(sequence);
        let output = output.map_err(|error| error.to_string())?;
        let first = output.first().copied().filter(|number| number.is_finite());
        let first =
            first.ok_or_else(|| "it computes no numbers; its file may be damaged".to_owned())?;
        Ok(if self.shares {
            first.clamp(0.0, 1.0)
        } else {
            sigmoid(first)
        })
    }
}

impl Pairs for Ranking<'_> {
    fn measure(&mut self, question: &str, passages: &[String]) -> Result<Vec<usize>, String> {
        Ok(passages
            .iter()
            .map(|passage| self.pair(question, passage).len())
            .collect())
    }

    fn score(&mut self, question: &str, batch: &[&str]) -> Result<Vec<f32>, String> {
        let pairs: Vec<_> = batch
            .iter()
            .map(|passage| self.pair(question, passage))
            .collect();
        self.fill(&pairs)?;
        self.context.clear_kv_cache();
        self.context
            .decode(&mut self.batch)
            .map_err(|error| format!("llama.cpp failed: {error}"))?;
        (0..pairs.len())
            .map(|sequence| self.read(sequence))
            .collect()
    }
}
