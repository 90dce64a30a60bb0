//! The HTTP server.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::Section;

/// `[server]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    /// Address and port (`WENYUAN_SERVER__LISTEN`, `--listen`). There are no accounts yet: keep it on this machine,
    /// or behind a proxy that asks who is there.
    pub listen: String,
    /// Largest file accepted, in MiB (`WENYUAN_SERVER__MAX_FILE_MB`).
    pub max_file_mb: u64,
    /// Most files in one upload (`WENYUAN_SERVER__MAX_FILES`).
    pub max_files: usize,
    /// Host names, besides the address and `localhost`, that browsers may reach us by
    /// (`WENYUAN_SERVER__HOSTS`, as `["kb.example.org"]`).
    pub hosts: Vec<String>,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            max_file_mb: 1024,
            max_files: 1000,
            hosts: Vec::new(),
        }
    }
}

impl Section for ServerConfig {
    const NAME: &'static str = "server";

    fn problems(&self, into: &mut Vec<String>) {
        if self.listen.parse::<SocketAddr>().is_err() {
            into.push(format!(
                "server.listen is {:?}; give an address and a port, as 127.0.0.1:8080 or [::1]:8080",
                self.listen
            ));
        }
        if self.max_file_mb == 0 || self.max_files == 0 {
            into.push("server.max_file_mb and server.max_files must be at least 1".to_owned());
        }
    }
}
