//! How questions are answered.

use serde::{Deserialize, Serialize};

use super::Section;

/// `[answer]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerConfig {
    /// Passages that the answer may draw on (`WENYUAN_ANSWER__TOP_K`).
    pub top_k: usize,
    /// Most tokens that the model writes (`WENYUAN_ANSWER__MAX_TOKENS`).
    pub max_tokens: usize,
}

impl Default for AnswerConfig {
    fn default() -> Self {
        Self {
            top_k: 5,
            max_tokens: 256,
        }
    }
}

impl Section for AnswerConfig {
    const NAME: &'static str = "answer";

    fn problems(&self, into: &mut Vec<String>) {
        if !(1..=50).contains(&self.top_k) {
            into.push(format!(
                "answer.top_k is {}; it must be 1 to 50",
                self.top_k
            ));
        }
        if !(8..=4_096).contains(&self.max_tokens) {
            into.push(format!(
                "answer.max_tokens is {}; it must be 8 to 4096",
                self.max_tokens
            ));
        }
    }
}
