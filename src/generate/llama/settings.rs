//! What an engine needs to know before it starts, and what the machine suggests where nothing was said.

use std::path::PathBuf;

/// How one llama.cpp engine is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LlamaSettings {
    /// The GGUF file; of a split model, its first part.
    pub path: PathBuf,
    /// Name from the model catalog.
    pub name: String,
    /// Tokens of prompt and answer together, per request; never more than the model was trained for.
    pub context_tokens: u32,
    /// Requests worked on at once.
    pub slots: u32,
    /// CPU threads; `None` is one per physical core.
    pub threads: Option<u32>,
    /// Layers on the GPU; `None` is as many as the model has when there is a GPU.
    pub gpu_layers: Option<u32>,
    /// Requests that may wait besides those worked on.
    pub queue: usize,
    /// Tuned to follow instructions.
    pub instruct: bool,
    /// Strong enough that its words, once grounded, beat quotes.
    pub trusted_writer: bool,
    /// What the file must hash to, in hex; `None` skips the check.
    pub sha256: Option<String>,
    /// Most tokens in one step: more reads prompts faster, fewer lets others (and cancellation) in sooner.
    pub batch_tokens: u32,
    /// Tokens of KV memory shared by all requests and remembered prefixes; `None` is twice `context_tokens`, or once
    /// with a single slot and no remembered prefix.
    pub kv_tokens: Option<u32>,
    /// Finished prompts kept in KV memory so that the next one with the same beginning need not be read again.
    pub kept_prefixes: u32,
    /// Flash attention; `None` leaves it to llama.cpp.
    pub flash_attention: Option<bool>,
}

impl LlamaSettings {
    /// Sensible settings for a small machine: one request at a time is fastest for each on a CPU, two keep a short
    /// question from waiting behind a long one.
    pub fn new(path: impl Into<PathBuf>, name: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            name: name.into(),
            context_tokens: 4_096,
            slots: 2,
            threads: None,
            gpu_layers: None,
            queue: 16,
            instruct: false,
            trusted_writer: false,
            sha256: None,
            batch_tokens: 512,
            kv_tokens: None,
            kept_prefixes: 4,
            flash_attention: None,
        }
    }

    pub(super) fn kv_tokens(&self) -> u32 {
        let alone = self.slots <= 1 && self.kept_prefixes == 0;
        let default = if alone {
            self.context_tokens
        } else {
            self.context_tokens.saturating_mul(2)
        };
        self.kv_tokens.unwrap_or(default).max(self.context_tokens)
    }

    pub(super) fn threads(&self) -> i32 {
        let threads = self
            .threads
            .map_or_else(physical_cores, |threads| threads as usize);
        i32::try_from(threads.clamp(1, 256)).unwrap_or(1)
    }
}

/// Physical cores this process may use: matrix products gain nothing from a second thread on the same core.
pub fn physical_cores() -> usize {
    let usable = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let physical = fs_err::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|text| count_cores(&text));
    physical.map_or(usable, |cores| cores.min(usable))
}

/// Distinct (socket, core) pairs in the text of /proc/cpuinfo.
fn count_cores(cpuinfo: &str) -> Option<usize> {
    let mut cores = std::collections::BTreeSet::new();
    let mut socket = "";
    for line in cpuinfo.lines() {
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        match key.trim() {
            "physical id" => socket = value.trim(),
            "core id" => {
                cores.insert((socket, value.trim()));
            }
            _ => {}
        }
    }
    Some(cores.len()).filter(|&cores| cores > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_threads_of_one_core_count_once() {
        let text = "processor: 0\nphysical id : 0\ncore id : 0\n\nprocessor: 1\nphysical id : 0\ncore id : 0\n\nprocessor: 2\nphysical id : 1\ncore id : 0\n";
        assert_eq!(count_cores(text), Some(2));
        assert_eq!(count_cores("Features: fp asimd\n"), None);
    }

    #[test]
    fn kv_memory_always_holds_at_least_one_whole_request() {
        let mut settings = LlamaSettings::new("model.gguf", "model");
        settings.kv_tokens = Some(16);
        assert_eq!(settings.kv_tokens(), settings.context_tokens);
    }
}
