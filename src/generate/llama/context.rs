//! The real runtime: one llama.cpp context, with everything checked that would abort the process inside C++.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use llama_cpp_2::DecodeError;
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::LlamaContextParams;
use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;

use super::runtime::{Runtime, StepError, StepToken};
use super::settings::LlamaSettings;

/// llama.cpp's own limit on sequences.
pub(super) const MOST_SEQUENCES: u32 = 256;

/// A context and its batch, on the thread that owns them.
pub(super) struct LlamaRuntime<'model> {
    model: &'model LlamaModel,
    context: LlamaContext<'model>,
    batch: LlamaBatch<'static>,
    step_limit: usize,
    sequences: usize,
    vocabulary: usize,
    suppressed: BTreeSet<usize>,
    /// Recurrent state cannot be cut back to a prefix.
    cuttable: bool,
    /// Batch indices of the last step that have logits.
    with_logits: BTreeSet<usize>,
}

impl<'model> LlamaRuntime<'model> {
    /// `Err` says what could not be had, usually memory.
    pub(super) fn new(
        backend: &LlamaBackend,
        model: &'model LlamaModel,
        settings: &LlamaSettings,
        sequences: u32,
    ) -> Result<Self, String> {
        let step_limit = settings.batch_tokens.clamp(32, 8_192);
        let parameters = LlamaContextParams::default()
            .with_n_ctx(NonZeroU32::new(settings.kv_tokens()))
            .with_n_batch(step_limit)
            .with_n_ubatch(step_limit.min(512))
            .with_n_seq_max(sequences)
            .with_n_threads(settings.threads())
            .with_n_threads_batch(settings.threads())
            .with_flash_attention_policy(flash_attention(settings.flash_attention))
            // One pool for all, so that beginnings are shared without copying.
            .with_kv_unified(true)
            // Sliding-window layers keep all they read: a cut-back sequence would miss its window otherwise.
            .with_swa_full(true)
            .with_no_perf(true);
        let context = model.new_context(backend, parameters).map_err(|_| {
            format!("llama.cpp could not set up {} tokens of KV memory; lower the context length or the number of slots", settings.kv_tokens())
        })?;
        let vocab = model.vocab();
        Ok(Self {
            model,
            step_limit: (step_limit.min(context.n_batch())) as usize,
            batch: LlamaBatch::new(step_limit as usize, 1),
            context,
            sequences: sequences as usize,
            vocabulary: usize::try_from(vocab.n_tokens()).unwrap_or(0),
            suppressed: vocab
                .suppress_tokens()
                .iter()
                .filter_map(|token| usize::try_from(token.0).ok())
                .collect(),
            cuttable: !model.is_recurrent() && !model.is_hybrid(),
            with_logits: BTreeSet::new(),
        })
    }

    /// Tokens of KV memory that llama.cpp really set up.
    pub(super) fn capacity(&self) -> usize {
        self.context.n_ctx() as usize
    }

    /// Reads one token and forgets it: the weights are then in memory, and the first person need not wait for that.
    pub(super) fn warm_up(&mut self, token: i32) -> Result<(), String> {
        let step = [StepToken {
            token: token.max(0),
            position: 0,
            sequence: 0,
            logits: true,
        }];
        self.step(&step)
            .map_err(|error| format!("llama.cpp cannot run this model ({error:?})"))?;
        self.truncate(0, 0);
        Ok(())
    }

    fn is_valid(&self, token: &StepToken) -> bool {
        let known = usize::try_from(token.token).is_ok_and(|id| id < self.vocabulary);
        known && token.sequence < self.sequences && token.position < self.capacity()
    }

    /// Whether a sequence holds exactly the positions from 0 up to `length`.
    fn holds(&self, sequence: usize, length: usize) -> bool {
        let id = sequence_id(sequence);
        let end = i64::from(self.context.kv_cache_seq_pos_max(id)) + 1;
        self.context.kv_cache_seq_pos_min(id) == 0 && usize::try_from(end) == Ok(length)
    }
}

impl Runtime for LlamaRuntime<'_> {
    fn step_limit(&self) -> usize {
        self.step_limit
    }

    fn step(&mut self, tokens: &[StepToken]) -> Result<(), StepError> {
        if tokens.is_empty()
            || tokens.len() > self.step_limit
            || !tokens.iter().all(|token| self.is_valid(token))
        {
            return Err(StepError::Failed(format!(
                "a step of {} tokens is not valid",
                tokens.len()
            )));
        }
        self.batch.clear();
        self.with_logits.clear();
        for (index, token) in tokens.iter().enumerate() {
            let position = i32::try_from(token.position)
                .map_err(|error| StepError::Failed(error.to_string()))?;
            let added = self.batch.add(
                LlamaToken(token.token),
                position,
                &[sequence_id(token.sequence)],
                token.logits,
            );
            added.map_err(|error| StepError::Failed(error.to_string()))?;
            if token.logits {
                self.with_logits.insert(index);
            }
        }
        self.context.decode(&mut self.batch).map_err(|error| {
            self.with_logits.clear();
            match error {
                DecodeError::NoKvCacheSlot => StepError::NoRoom,
                DecodeError::NTokensZero => {
                    StepError::Failed("llama.cpp refused the step as invalid".to_owned())
                }
                DecodeError::Unknown(code) => StepError::Failed(format!(
                    "llama.cpp failed with code {code}; its log says why"
                )),
            }
        })
    }

    fn logits(&self, index: usize) -> Option<&[f32]> {
        let index = self.with_logits.get(&index)?;
        Some(self.context.get_logits_ith(i32::try_from(*index).ok()?))
    }

    fn is_shareable(&self, sequence: usize) -> bool {
        self.cuttable
            && sequence < self.sequences
            && self.context.kv_cache_seq_pos_min(sequence_id(sequence)) == 0
    }

    fn share(&mut self, source: usize, target: usize, length: usize) -> bool {
        if !self.cuttable || source == target || source.max(target) >= self.sequences {
            return false;
        }
        let end = u32::try_from(length).ok();
        let copied = self
            .context
            .copy_kv_cache_seq(sequence_id(source), sequence_id(target), Some(0), end)
            .is_ok();
        if end.is_some() && copied && self.holds(target, length) {
            return true;
        }
        self.truncate(target, 0);
        false
    }

    fn truncate(&mut self, sequence: usize, length: usize) -> bool {
        let (Ok(id), Ok(from)) = (u32::try_from(sequence), u32::try_from(length)) else {
            return false;
        };
        if sequence >= self.sequences {
            return false;
        }
        let cut = length > 0
            && self.cuttable
            && matches!(
                self.context.clear_kv_cache_seq(Some(id), Some(from), None),
                Ok(true)
            )
            && self.holds(sequence, length);
        if !cut
            && !matches!(
                self.context.clear_kv_cache_seq(Some(id), None, None),
                Ok(true)
            )
        {
            tracing::warn!(sequence, "llama.cpp would not clear a sequence");
        }
        cut || length == 0
    }

    fn piece(&self, token: i32) -> Vec<u8> {
        if usize::try_from(token).is_ok_and(|id| id < self.vocabulary) {
            self.model
                .vocab()
                .token_to_piece(LlamaToken(token), false, None)
        } else {
            Vec::new()
        }
    }

    fn is_end(&self, token: i32) -> bool {
        self.model.vocab().is_eog(LlamaToken(token))
    }

    fn suppressed(&self) -> &BTreeSet<usize> {
        &self.suppressed
    }
}

/// Sequences are few and were checked when the context was made.
fn sequence_id(sequence: usize) -> i32 {
    i32::try_from(sequence).unwrap_or(0)
}

fn flash_attention(wanted: Option<bool>) -> llama_cpp_sys_2::llama_flash_attn_type {
    match wanted {
        None => llama_cpp_sys_2::LLAMA_FLASH_ATTN_TYPE_AUTO,
        Some(true) => llama_cpp_sys_2::LLAMA_FLASH_ATTN_TYPE_ENABLED,
        Some(false) => llama_cpp_sys_2::LLAMA_FLASH_ATTN_TYPE_DISABLED,
    }
}
