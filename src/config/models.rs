//! Where models live and come from.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Section;

/// `[models]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelsConfig {
    /// Folder shared by all data folders (`WENYUAN_MODELS__DIR`).
    pub dir: PathBuf,
    /// Hubs to download from, in order; only `models pull` uses them (`WENYUAN_MODELS__HUBS`).
    pub hubs: Vec<String>,
    /// A folder with files already downloaded, tried before anything else (`WENYUAN_MODELS__LOCAL`).
    pub local: Option<PathBuf>,
    /// A file that adds models to the built-in list (`WENYUAN_MODELS__CATALOG`).
    pub catalog: Option<PathBuf>,
    /// Embedding sessions that run at once; 0 is one per physical core (`WENYUAN_MODELS__EMBED_SESSIONS`).
    pub embed_sessions: usize,
}

impl Default for ModelsConfig {
    fn default() -> Self {
        Self {
            dir: super::data::home().join("models"),
            hubs: Vec::new(),
            local: None,
            catalog: None,
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
        for hub in self.hubs.iter().filter(|hub| !hub.starts_with("http://") && !hub.starts_with("https://")) {
            into.push(format!("models.hubs has {hub:?}; each must begin with https:// or http://"));
        }
    }
}
