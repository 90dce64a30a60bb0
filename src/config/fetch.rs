//! Documents from web addresses.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::Section;

/// `[fetch]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FetchConfig {
    /// Whether documents are fetched from web addresses that people give (`WENYUAN_FETCH__ENABLED`).
    pub enabled: bool,
    /// Private networks that are fetched from all the same, as for a company's own pages; addresses or networks
    /// (`WENYUAN_FETCH__ALLOW`, as `["10.20.0.0/16", "fd12:3456::/32"]`).
    pub allow: Vec<String>,
    /// Ports that are connected to (`WENYUAN_FETCH__PORTS`, as `[80, 443, 8090]`).
    pub ports: Vec<u16>,
    /// Most seconds to fetch one document (`WENYUAN_FETCH__SECONDS`).
    pub seconds: u64,
    /// Most redirects from one address to another (`WENYUAN_FETCH__MAX_REDIRECTS`).
    pub max_redirects: u32,
}

impl Default for FetchConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            allow: Vec::new(),
            ports: vec![80, 443],
            seconds: 60,
            max_redirects: 5,
        }
    }
}

impl FetchConfig {
    /// The networks of `allow`.
    #[must_use]
    pub fn networks(&self) -> Vec<IpNet> {
        self.allow.iter().filter_map(|text| network(text)).collect()
    }
}

/// `10.0.0.0/8`, or one address.
fn network(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse()
        .ok()
        .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

impl Section for FetchConfig {
    const NAME: &'static str = "fetch";

    fn problems(&self, into: &mut Vec<String>) {
        for text in self.allow.iter().filter(|text| network(text).is_none()) {
            into.push(format!(
                "fetch.allow has {text:?}; give networks as 10.20.0.0/16 or fd12:3456::/32"
            ));
        }
        if self.ports.is_empty() || self.ports.contains(&0) {
            into.push("fetch.ports must name at least one port, each 1 to 65535".to_owned());
        }
        if !(1..=3_600).contains(&self.seconds) {
            into.push(format!(
                "fetch.seconds is {}; it must be 1 to 3600",
                self.seconds
            ));
        }
        if self.max_redirects > 20 {
            into.push(format!(
                "fetch.max_redirects is {}; it must be 0 to 20",
                self.max_redirects
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_read_as_written_and_mistakes_are_named() {
        let allow = [
            "10.20.0.0/16",
            "192.168.1.7",
            "fd12:3456::/32",
            "everything",
        ];
        let config = FetchConfig {
            allow: allow.map(str::to_owned).to_vec(),
            ports: vec![0],
            seconds: 0,
            ..FetchConfig::default()
        };
        assert_eq!(config.networks().len(), 3);
        assert!(config.networks()[1].contains(&IpAddr::from([192, 168, 1, 7])));
        let mut problems = Vec::new();
        config.problems(&mut problems);
        let told = problems.join("\n");
        for place in ["everything", "fetch.ports", "fetch.seconds"] {
            assert!(told.contains(place), "{told}");
        }
    }
}
