//! Documents from web addresses, fetched so that nobody can make this program reach what only it can reach.
//!
//! Every hop is vetted by itself: scheme, port, and every network address behind the name. The connection goes to an
//! address that was vetted and to no other, without proxies; redirects are followed here, one vetted hop at a time.

mod address;
mod body;
mod error;
mod name;
mod resolve;
#[cfg(test)]
mod tests;
mod vet;

use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, LOCATION};
use reqwest::{Client, Response, Url, redirect};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

pub use error::FetchError;
pub use vet::shown;

use body::{Body, Bounds};
use resolve::{Pinned, Resolver, SystemResolver};

/// Fetches under way at once; more wait their turn within their own time.
const AT_ONCE: usize = 16;
/// Longest wait for one connection.
const CONNECTING: Duration = Duration::from_secs(10);
/// Most lines in the head of an answer.
const MOST_HEADERS: usize = 100;

/// What may be fetched, and how long it may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchSettings {
    /// Whether anything is fetched at all.
    pub enabled: bool,
    /// Networks that are fetched from though they are not public, such as a company's own.
    pub allow: Vec<IpNet>,
    /// Ports that are connected to.
    pub ports: Vec<u16>,
    /// Longest time for one document, from the first hop to the last byte.
    pub whole: Duration,
    /// Most redirects.
    pub max_redirects: u32,
}

impl Default for FetchSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            allow: Vec::new(),
            ports: vec![80, 443],
            whole: Duration::from_secs(60),
            max_redirects: 5,
        }
    }
}

/// Fetches documents; clones share it.
#[derive(Clone)]
pub struct Fetcher(Arc<Inner>);

struct Inner {
    settings: FetchSettings,
    resolver: Arc<dyn Resolver>,
    places: Arc<Semaphore>,
}

/// A document that has begun to come.
pub struct Download {
    name: String,
    url: String,
    host: String,
    body: Body,
    _place: OwnedSemaphorePermit,
}

impl Fetcher {
    /// A fetcher with these settings and the system's resolver. Nothing is connected to yet.
    #[must_use]
    pub fn new(settings: FetchSettings) -> Self {
        Self::with(settings, Arc::new(SystemResolver))
    }

    fn with(settings: FetchSettings, resolver: Arc<dyn Resolver>) -> Self {
        Self(Arc::new(Inner {
            settings,
            resolver,
            places: Arc::new(Semaphore::new(AT_ONCE)),
        }))
    }

    /// Follows an address to its document, of at most `limit` bytes. Dropping the future or the result hangs up.
    ///
    /// # Errors
    /// Any [`FetchError`].
    pub async fn open(&self, url: &str, limit: u64) -> Result<Download, FetchError> {
        let Inner {
            settings, places, ..
        } = &*self.0;
        if !settings.enabled {
            return Err(FetchError::Disabled);
        }
        let asked = vet::parse(url)?;
        let whole = settings.whole;
        let bounds = Bounds {
            limit,
            deadline: Instant::now() + whole,
            whole,
        };
        let seconds = whole.as_secs();
        let opening = async {
            let place = Arc::clone(places).acquire_owned().await;
            let place = place.map_err(|_closed| FetchError::TimedOut { seconds })?;
            let (answered, response) = self.follow(asked.clone()).await?;
            let name = name::document_name(&asked, &answered, response.headers());
            let host = vet::host_of(&asked);
            Ok(Download {
                name,
                host: host.clone(),
                body: Body::begin(response, host, bounds)?,
                url: asked.into(),
                _place: place,
            })
        };
        let opened = tokio::time::timeout_at(bounds.deadline, opening).await;
        opened.unwrap_or(Err(FetchError::TimedOut { seconds }))
    }

    /// The answer that is no redirect, and the address that it came from.
    async fn follow(&self, mut url: Url) -> Result<(Url, Response), FetchError> {
        let limit = self.0.settings.max_redirects;
        let mut followed = 0;
        loop {
            let response = self.hop(&url).await?;
            let status = response.status();
            if status.is_success() {
                return Ok((url, response));
            }
            let location = response.headers().get(LOCATION);
            let Some(location) = location.filter(|_| leads_on(status.as_u16())) else {
                return Err(FetchError::Status {
                    host: vet::host_of(&url),
                    status: status.as_u16(),
                });
            };
            url = vet::next(&url, location.as_bytes())?;
            followed += 1;
            if followed > limit {
                return Err(FetchError::TooManyRedirects { limit });
            }
        }
    }

    /// One request to one vetted place. A client of its own, so that no connection or name is left from another.
    async fn hop(&self, url: &Url) -> Result<Response, FetchError> {
        let Inner {
            settings, resolver, ..
        } = &*self.0;
        let target = vet::target(url, settings, &**resolver).await?;
        let failed = |error| FetchError::of_client(&target.host, error);
        let client = Client::builder()
            .user_agent(concat!("wenyuan/", env!("CARGO_PKG_VERSION")))
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            // Unpacked by ourselves, with bounds, whatever other crates switch on in the client.
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .pool_max_idle_per_host(0)
            .http1_max_headers(MOST_HEADERS)
            .connect_timeout(CONNECTING.min(settings.whole))
            .dns_resolver(Pinned(target.addresses.clone()))
            .build()
            .map_err(failed)?;
        let request = client
            .get(url.clone())
            .header(
                ACCEPT,
                "text/html,application/xhtml+xml,application/pdf;q=0.9,*/*;q=0.8",
            )
            .header(ACCEPT_ENCODING, "gzip, identity");
        let response = request.send().await.map_err(failed)?;
        // Belt and braces: what answered is what was vetted.
        let vetted = |peer| target.addresses.contains(&peer);
        if !response.remote_addr().is_some_and(vetted) {
            return Err(FetchError::Refused { host: target.host });
        }
        Ok(response)
    }
}

const fn leads_on(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

impl Download {
    /// What to call it: safe to show and keep, not empty, without folders.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The address that was asked for, in its usual spelling and without what follows `#`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The host of that address.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The next piece; `None` at the end. Pieces are some megabytes at most.
    ///
    /// # Errors
    /// [`FetchError::TooLarge`], [`FetchError::TimedOut`], or [`FetchError::Unreachable`] when it breaks off.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, FetchError> {
        self.body.next().await
    }
}
