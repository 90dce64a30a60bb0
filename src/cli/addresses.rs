//! Web addresses among the paths that `wenyuan ingest` is given.

use std::path::{Path, PathBuf};

use anyhow::Result;
use futures::StreamExt;

use super::ended::Ended;
use super::folder::Change;
use super::ingest::Work;
use super::progress::Screen;
use super::report::Outcome;

/// Addresses fetched at once: their servers are not ours.
const IN_FLIGHT: usize = 4;

/// Addresses, and what is left: files and folders.
pub(super) fn apart(named: &[PathBuf]) -> (Vec<String>, Vec<PathBuf>) {
    let (mut addresses, mut paths) = (Vec::new(), Vec::new());
    for path in named {
        match web_address(path) {
            Some(address) => addresses.push(address.to_owned()),
            None => paths.push(path.clone()),
        }
    }
    (addresses, paths)
}

fn web_address(path: &Path) -> Option<&str> {
    let text = path.to_str()?;
    let (scheme, _) = text.split_once("://")?;
    matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https").then_some(text)
}

impl Work<'_> {
    /// Fetches every address that was named, each to its end.
    pub(super) async fn fetch_all(&self) -> Vec<Outcome> {
        let screen = Screen::new(self.addresses.len(), &vec![0; self.addresses.len()]);
        let fetching = futures::stream::iter(self.addresses.iter().enumerate())
            .map(async |(at, address)| {
                let path = PathBuf::from(address);
                match self.fetch(at, address, &screen).await {
                    Ok(ended) => ended.outcome(path, Change::New),
                    Err(error) => Outcome::failed(path, Change::New, &error),
                }
            })
            .buffered(IN_FLIGHT);
        let outcomes = fetching.collect().await;
        screen.clear();
        outcomes
    }

    async fn fetch(&self, at: usize, address: &str, screen: &Screen) -> Result<Ended> {
        let mut line = screen.line(at, 0);
        let place = &self.args.place.kb;
        let taken = self.target.take_url(place, address, self.options()).await?;
        self.end(taken, address, &mut line).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_files_by_their_scheme() {
        let named = ["HTTPS://example.org/a.pdf", "http.txt", "ftp://a/b", "资料"];
        let (addresses, paths) = apart(&named.map(PathBuf::from));
        assert_eq!(addresses, ["HTTPS://example.org/a.pdf"]);
        assert_eq!(paths, ["http.txt", "ftp://a/b", "资料"].map(PathBuf::from));
    }
}
