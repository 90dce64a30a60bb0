//! Where models come from, as far as a person may want to change it.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Settings of the section `models`, without the folder itself. The default needs nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModelSettings {
    /// Addresses of hubs that answer like Hugging Face, in the order to try; empty means the catalog's.
    pub hub: Vec<String>,
    /// The same for ModelScope.
    pub modelscope: Vec<String>,
    /// Sent to the Hugging Face hubs, for gated models.
    pub hub_token: Option<HubToken>,
    /// A folder to copy from before anything is fetched: `MODEL/FILE` or `FILE` inside it.
    pub local: Option<PathBuf>,
    /// A catalog file over the built-in one; `catalog.toml` in the models folder if absent.
    pub catalog: Option<PathBuf>,
    /// The Python whose pip fetches packages; `python3` if absent.
    pub python: Option<PathBuf>,
}

/// A secret that is never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HubToken(pub String);

impl fmt::Debug for HubToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("HubToken(…)")
    }
}
