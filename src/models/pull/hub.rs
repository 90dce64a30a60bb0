//! Asks hubs where a file is and what its checksum must be.

use std::path::Path;

use reqwest::header::{ETAG, HeaderMap, HeaderName};
use reqwest::{Url, redirect};
use serde::Deserialize;

use super::super::catalog::HubSource;
use super::super::{FileEntry, ModelEntry};
use super::download::{Remote, client_builder, explain};
use super::{Arrival, Pull, SourceError};

const LINKED_ETAG: HeaderName = HeaderName::from_static("x-linked-etag");
const LINKED_SIZE: HeaderName = HeaderName::from_static("x-linked-size");

impl HubSource {
    /// What to put where, for a person with a browser.
    pub(super) fn by_hand(&self, model: &ModelEntry, folder: &Path) -> String {
        let files: Vec<_> = model
            .files
            .iter()
            .map(|file| match self.theirs(file) {
                theirs if Path::new(&theirs) == file.path => theirs,
                theirs => format!("{theirs} as {}", file.path.display()),
            })
            .collect();
        format!(
            "from the repository {} put {} into {}",
            self.repository,
            files.join(", "),
            folder.display()
        )
    }

    /// The repository's name for a file of ours.
    fn theirs(&self, file: &FileEntry) -> String {
        let ours = file.path.to_string_lossy();
        self.rename
            .get(ours.as_ref())
            .cloned()
            .unwrap_or_else(|| ours.into_owned())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hub {
    Huggingface,
    Modelscope,
}

impl Pull<'_> {
    pub(super) async fn huggingface(
        &self,
        model: &ModelEntry,
        source: &HubSource,
        lacking: &[&FileEntry],
    ) -> Result<(), SourceError> {
        let own = &self.store.settings.hub;
        let endpoints = if own.is_empty() {
            &self.store.catalog.hubs.huggingface
        } else {
            own
        };
        self.hub(Hub::Huggingface, endpoints, (model, source), lacking)
            .await
    }

    pub(super) async fn modelscope(
        &self,
        model: &ModelEntry,
        source: &HubSource,
        lacking: &[&FileEntry],
    ) -> Result<(), SourceError> {
        let own = &self.store.settings.modelscope;
        let endpoints = if own.is_empty() {
            &self.store.catalog.hubs.modelscope
        } else {
            own
        };
        self.hub(Hub::Modelscope, endpoints, (model, source), lacking)
            .await
    }

    async fn hub(
        &self,
        hub: Hub,
        endpoints: &[String],
        of: (&ModelEntry, &HubSource),
        lacking: &[&FileEntry],
    ) -> Result<(), SourceError> {
        let mut reasons = Vec::new();
        for file in lacking {
            let mut fetched = false;
            for endpoint in endpoints {
                match self.try_endpoint(hub, endpoint, of, file).await {
                    Ok(()) => {
                        fetched = true;
                        break;
                    }
                    Err(SourceError::Failed(reason)) => reasons.push(reason),
                    Err(fatal @ SourceError::Fatal(_)) => return Err(fatal),
                }
            }
            if !fetched {
                break;
            }
        }
        if reasons.is_empty() {
            Ok(())
        } else {
            Err(SourceError::Failed(reasons.join("\n- ")))
        }
    }

    async fn try_endpoint(
        &self,
        hub: Hub,
        endpoint: &str,
        (model, source): (&ModelEntry, &HubSource),
        file: &FileEntry,
    ) -> Result<(), SourceError> {
        let asked = Asked {
            endpoint,
            repository: &source.repository,
            file: &source.theirs(file),
        };
        let token = self
            .store
            .settings
            .hub_token
            .as_ref()
            .filter(|_| hub == Hub::Huggingface);
        let token = token.map(|token| token.0.as_str());
        let looked_up = match hub {
            Hub::Huggingface => {
                let revision = source.revision.as_deref().unwrap_or("main");
                self.unless_cancelled(asked.huggingface(revision, token))
                    .await?
            }
            Hub::Modelscope => {
                let revision = source.revision.as_deref().unwrap_or("master");
                self.unless_cancelled(asked.modelscope(revision)).await?
            }
        };
        let remote =
            looked_up.map_err(|reason| SourceError::Failed(format!("{endpoint}: {reason}")))?;
        let announced = remote.sha256.clone();
        let source = remote.url.to_string();
        let part = self.download(model, file, &remote, token).await?;
        self.install(
            model,
            file,
            Arrival {
                part,
                announced: announced.as_deref(),
                source: &source,
            },
        )
        .await
    }
}

/// A file on one hub.
struct Asked<'a> {
    endpoint: &'a str,
    repository: &'a str,
    file: &'a str,
}

impl Asked<'_> {
    /// Asks for the headers only: large files answer with a redirect that names checksum and length.
    async fn huggingface(&self, revision: &str, token: Option<&str>) -> Result<Remote, String> {
        let url = self.address(&[self.repository, "resolve", revision, self.file])?;
        let client = client_builder()
            .redirect(redirect::Policy::none())
            .build()
            .map_err(|error| explain(&error))?;
        let mut request = client.head(url.clone());
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.map_err(|error| explain(&error))?;
        let status = response.status();
        if !status.is_success() && !status.is_redirection() {
            return Err(self.refused(status));
        }
        let headers = response.headers();
        let linked = header(headers, &LINKED_ETAG);
        let size = header(headers, &LINKED_SIZE).and_then(|size| size.parse().ok());
        let sha256 = linked.clone().filter(|tag| is_sha256(tag));
        Ok(Remote {
            url,
            sha256,
            size,
            tag: linked.or_else(|| header(headers, &ETAG)),
        })
    }

    /// Asks for the repository's list of files, which names checksums and lengths.
    async fn modelscope(&self, revision: &str) -> Result<Remote, String> {
        let mut list = self.address(&["api/v1/models", self.repository, "repo/files"])?;
        list.query_pairs_mut()
            .append_pair("Revision", revision)
            .append_pair("Recursive", "true");
        let client = client_builder().build().map_err(|error| explain(&error))?;
        let response = client
            .get(list)
            .send()
            .await
            .map_err(|error| explain(&error))?;
        if !response.status().is_success() {
            return Err(self.refused(response.status()));
        }
        let listing: Listing = response.json().await.map_err(|error| explain(&error))?;
        let found = listing
            .data
            .files
            .into_iter()
            .find(|file| file.path == self.file);
        let found = found.ok_or_else(|| format!("{} has no {}", self.repository, self.file))?;
        let url = self.address(&["models", self.repository, "resolve", revision, self.file])?;
        let sha256 = found.sha256.filter(|text| is_sha256(text));
        Ok(Remote {
            url,
            tag: sha256.clone(),
            sha256,
            size: found.size,
        })
    }

    fn address(&self, parts: &[&str]) -> Result<Url, String> {
        let mut url =
            Url::parse(self.endpoint).map_err(|error| format!("is not an address: {error}"))?;
        let mut path = url
            .path_segments_mut()
            .map_err(|()| "is not an address".to_owned())?;
        path.pop_if_empty()
            .extend(parts.iter().flat_map(|part| part.split('/')));
        drop(path);
        Ok(url)
    }

    fn refused(&self, status: reqwest::StatusCode) -> String {
        match status.as_u16() {
            401 | 403 => format!(
                "{} is not open to us ({status}); set `models.hub_token`",
                self.repository
            ),
            404 => format!("{} has no {} ({status})", self.repository, self.file),
            _ => format!("answered {status}"),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listing {
    data: ListingData,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListingData {
    files: Vec<ListedFile>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListedFile {
    path: String,
    size: Option<u64>,
    sha256: Option<String>,
}

/// A header's text without the quotes and weak mark of an entity tag.
fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?;
    Some(text.trim_start_matches("W/").trim_matches('"').to_owned())
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
