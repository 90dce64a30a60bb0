//! The seam between the scheduler and llama.cpp: the scheduler sees numbered sequences, never a pointer.

use std::collections::BTreeSet;

/// One token of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StepToken {
    pub(super) token: i32,
    pub(super) position: usize,
    pub(super) sequence: usize,
    /// Whether the logits after it are wanted.
    pub(super) logits: bool,
}

/// Why a step was not made.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum StepError {
    /// KV memory is full; nothing was changed.
    NoRoom,
    /// The memory of all sequences is in doubt.
    Failed(String),
}

/// A model with its KV memory.
pub(super) trait Runtime {
    /// Most tokens in a step.
    fn step_limit(&self) -> usize;

    /// Reads tokens into their sequences.
    fn step(&mut self, tokens: &[StepToken]) -> Result<(), StepError>;

    /// Logits after the token at `index` of the last step, for which they were asked.
    fn logits(&self, index: usize) -> Option<&[f32]>;

    /// Whether the beginning of a sequence is still there to be shared.
    fn is_shareable(&self, sequence: usize) -> bool;

    /// Gives `target`, which is empty, the first `length` tokens of `source`. `false` leaves it empty.
    fn share(&mut self, source: usize, target: usize, length: usize) -> bool;

    /// Drops a sequence's tokens from position `length` on. `false` means that all of them had to go.
    fn truncate(&mut self, sequence: usize, length: usize) -> bool;

    /// The bytes a token stands for; none for special ones.
    fn piece(&self, token: i32) -> Vec<u8>;

    /// Whether a token ends the answer.
    fn is_end(&self, token: i32) -> bool;

    /// Tokens the model's makers want never to be picked.
    fn suppressed(&self) -> &BTreeSet<usize>;
}
