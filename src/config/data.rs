//! Where documents live.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Section;

/// `[data]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataConfig {
    /// Folder for the catalog, the originals and the index (`WENYUAN_DATA__DIR`, `--data`).
    pub dir: PathBuf,
}

impl Default for DataConfig {
    fn default() -> Self {
        Self {
            dir: home().join("data"),
        }
    }
}

impl Section for DataConfig {
    const NAME: &'static str = "data";

    fn problems(&self, into: &mut Vec<String>) {
        if self.dir.as_os_str().is_empty() {
            into.push("data.dir is empty; name a folder".to_owned());
        }
    }
}

/// Our folder under the user's data folder (`XDG_DATA_HOME`, else `~/.local/share`), or `.wenyuan` here without a home.
pub(super) fn home() -> PathBuf {
    let named = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    named("XDG_DATA_HOME")
        .or_else(|| named("HOME").map(|home| home.join(".local/share")))
        .map_or_else(|| PathBuf::from(".wenyuan"), |share| share.join("wenyuan"))
}
