//! The checks that every hop passes before a connection is made: the address as written, then what its name stands for.

use std::net::{IpAddr, SocketAddr};

use reqwest::Url;

use super::resolve::Resolver;
use super::{FetchError, FetchSettings};

/// Longest address, in bytes.
const MOST_URL_BYTES: usize = 4_000;
/// Longest part of an address that is repeated, in characters.
const MOST_SHOWN_CHARS: usize = 500;

/// A host that may be connected to, and where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) host: String,
    pub(super) addresses: Vec<SocketAddr>,
}

/// Reads an address as it was given.
pub(super) fn parse(text: &str) -> Result<Url, FetchError> {
    let text = text.trim();
    if text.len() > MOST_URL_BYTES {
        let detail = format!("it is longer than {MOST_URL_BYTES} bytes");
        return Err(FetchError::invalid(detail));
    }
    let url = Url::parse(text)
        .map_err(|error| FetchError::invalid(format!("it is no web address ({error})")))?;
    checked(url)
}

/// The address that a redirect leads to.
pub(super) fn next(from: &Url, location: &[u8]) -> Result<Url, FetchError> {
    // Servers write Chinese paths without escaping them; those are UTF-8 today.
    let location = String::from_utf8_lossy(location);
    if location.len() > MOST_URL_BYTES {
        return Err(FetchError::invalid("it leads to an address without end"));
    }
    let url = from.join(location.trim()).map_err(|error| {
        FetchError::invalid(format!("it leads to what is no web address ({error})"))
    })?;
    let url = checked(url)?;
    if from.scheme() == "https" && url.scheme() != "https" {
        return Err(FetchError::Downgraded {
            host: host_of(from),
        });
    }
    Ok(url)
}

/// An address that was refused, as it may be repeated: without name and password, and of bearable length.
#[must_use]
pub fn shown(text: &str) -> String {
    let text = text.trim();
    let plain = match Url::parse(text) {
        Ok(mut url) if url.has_authority() => {
            // Addresses without a host cannot have a user either.
            let _ = url.set_username("");
            let _ = url.set_password(None);
            url.set_fragment(None);
            url.to_string()
        }
        Ok(_) | Err(_) => text.rsplit('@').next().unwrap_or_default().to_owned(),
    };
    let visible = plain.chars().filter(|letter| !letter.is_control());
    visible.take(MOST_SHOWN_CHARS).collect()
}

fn checked(mut url: Url) -> Result<Url, FetchError> {
    if !matches!(url.scheme(), "http" | "https") {
        let detail = format!("{}: only http and https are fetched", url.scheme());
        return Err(FetchError::invalid(detail));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(FetchError::invalid("it holds a user name or password"));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(FetchError::invalid("it names no host"));
    }
    url.set_fragment(None);
    Ok(url)
}

/// The host as it is written, for messages and names.
pub(super) fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

/// Finds where the address leads, and refuses it unless every place may be reached.
pub(super) async fn target(
    url: &Url,
    settings: &FetchSettings,
    resolver: &dyn Resolver,
) -> Result<Target, FetchError> {
    let host = host_of(url);
    let port = url.port_or_known_default().unwrap_or(0);
    if !settings.ports.contains(&port) {
        return Err(FetchError::PortRefused { port });
    }
    // The parser has turned every spelling of an IPv4 address (decimal, octal, hex, full-width) into the usual one.
    let found = match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(address) => vec![address],
        Err(_name) => resolver
            .addresses(&host)
            .await
            .map_err(|_error| FetchError::unreachable(&host, "its name is not known"))?,
    };
    if found.is_empty() {
        return Err(FetchError::unreachable(&host, "its name has no address"));
    }
    // One bad address among good ones is an attempt at something.
    let open = |address: &IpAddr| super::address::may_be_reached(*address, &settings.allow);
    if !found.iter().all(open) {
        return Err(FetchError::Refused { host });
    }
    let addresses = found
        .into_iter()
        .map(|address| SocketAddr::new(address, port))
        .collect();
    Ok(Target { host, addresses })
}
