//! The language model.

use serde::{Deserialize, Serialize};

use super::Section;

/// `[generate]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenerateConfig {
    /// Whether to load a language model; without one, answers are quotes (`WENYUAN_GENERATE__ENABLED`).
    pub enabled: bool,
    /// Tokens of prompt and answer that the model keeps, over all requests (`WENYUAN_GENERATE__CONTEXT_TOKENS`).
    pub context_tokens: usize,
    /// Answers written at once (`WENYUAN_GENERATE__SLOTS`).
    pub slots: usize,
    /// Requests that may wait; more are told to come back (`WENYUAN_GENERATE__QUEUE`).
    pub queue: usize,
    /// CPU threads; 0 is one per physical core (`WENYUAN_GENERATE__THREADS`).
    pub threads: usize,
    /// Layers on the GPU; unset is as many as fit (`WENYUAN_GENERATE__GPU_LAYERS`).
    pub gpu_layers: Option<u32>,
    /// Most seconds for one answer, waiting included (`WENYUAN_GENERATE__DEADLINE_SECONDS`).
    pub deadline_seconds: u64,
}

impl Default for GenerateConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            context_tokens: 8192,
            slots: 4,
            queue: 32,
            threads: 0,
            gpu_layers: None,
            deadline_seconds: 120,
        }
    }
}

impl Section for GenerateConfig {
    const NAME: &'static str = "generate";

    fn problems(&self, into: &mut Vec<String>) {
        if !(1..=64).contains(&self.slots) {
            into.push(format!(
                "generate.slots is {}; it must be 1 to 64",
                self.slots
            ));
        }
        if self.context_tokens < 1024 {
            into.push(format!(
                "generate.context_tokens is {}; it must be at least 1024",
                self.context_tokens
            ));
        }
        if self.queue == 0 || self.deadline_seconds == 0 {
            into.push("generate.queue and generate.deadline_seconds must be at least 1".to_owned());
        }
    }
}
