//! The vector index.

use serde::{Deserialize, Serialize};

use super::Section;

/// Which index holds the vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndexBackend {
    /// Qdrant Edge, inside this process, in the data folder.
    Edge,
    /// A Qdrant server or cluster.
    Qdrant,
}

/// `[index]`
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexConfig {
    /// `edge` or `qdrant` (`WENYUAN_INDEX__BACKEND`).
    pub backend: IndexBackend,
    /// gRPC address of the Qdrant server (`WENYUAN_INDEX__URL`).
    pub url: String,
    /// Its API key (`WENYUAN_INDEX__API_KEY`); never shown or logged.
    #[serde(skip_serializing)]
    pub api_key: Option<String>,
    /// Shards of a new collection on the server (`WENYUAN_INDEX__SHARDS`).
    pub shards: u32,
    /// Copies of each shard on the server (`WENYUAN_INDEX__REPLICAS`).
    pub replicas: u32,
    /// Passages written after which the index in this process is put in order, even while more are coming
    /// (`WENYUAN_INDEX__OPTIMIZE_AFTER`).
    pub optimize_after: u64,
}

impl std::fmt::Debug for IndexConfig {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("IndexConfig")
            .field("backend", &self.backend)
            .field("url", &self.url)
            .field("api_key", &self.api_key.as_ref().map(|_| "(set)"))
            .field("shards", &self.shards)
            .field("replicas", &self.replicas)
            .field("optimize_after", &self.optimize_after)
            .finish()
    }
}

impl Default for IndexConfig {
    fn default() -> Self {
        Self {
            backend: IndexBackend::Edge,
            url: "http://127.0.0.1:6334".to_owned(),
            api_key: None,
            shards: 1,
            replicas: 1,
            optimize_after: 2_500,
        }
    }
}

impl Section for IndexConfig {
    const NAME: &'static str = "index";

    fn problems(&self, into: &mut Vec<String>) {
        if self.backend == IndexBackend::Qdrant && !self.url.starts_with("http") {
            into.push(format!(
                "index.url is {:?}; give the server's gRPC address, as http://qdrant:6334",
                self.url
            ));
        }
        if self.shards == 0 || self.replicas == 0 {
            into.push("index.shards and index.replicas must be at least 1".to_owned());
        }
        if self.optimize_after == 0 {
            into.push("index.optimize_after must be at least 1".to_owned());
        }
    }
}
