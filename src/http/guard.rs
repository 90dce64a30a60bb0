//! Keeps other web sites out: a server on this machine is reachable by every page that its user visits.

use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, Method, Uri};
use axum::middleware::Next;
use axum::response::Response;

use super::code::ErrorCode;
use super::error::ApiError;
use super::state::App;

/// Refuses foreign host names (DNS rebinding) and changes asked for by foreign pages (CSRF).
///
/// Programs send no `Origin` and pass.
pub(crate) async fn keep_strangers_out(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let host = host_of(request.uri(), request.headers());
    let allowed = &app.settings.hosts;
    if let Some(host) = &host
        && !is_ours(host, allowed)
    {
        return Err(ApiError::new(ErrorCode::HostRefused).with("host", host));
    }
    if changes_something(request.method())
        && let Some(stranger) = stranger(request.headers(), host.as_deref(), allowed)
    {
        return Err(ApiError::new(ErrorCode::OriginRefused).with("origin", stranger));
    }
    Ok(next.run(request).await)
}

fn changes_something(method: &Method) -> bool {
    ![Method::GET, Method::HEAD, Method::OPTIONS].contains(method)
}

/// The authority asked for: HTTP/2 puts it into the address, HTTP/1.1 into `Host`.
fn host_of(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let from_header = || {
        headers
            .get(HOST)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    uri.authority()
        .map(ToString::to_string)
        .or_else(from_header)
        .map(|host| host.to_ascii_lowercase())
}

/// The name without its port.
fn name_of(authority: &str) -> &str {
    if let Some(bracketed) = authority.strip_prefix('[') {
        return bracketed.split(']').next().unwrap_or(bracketed);
    }
    authority
        .rsplit_once(':')
        .map_or(authority, |(name, _)| name)
}

/// An address, a name that no public DNS can hold, or one from the settings.
#[expect(
    clippy::case_sensitive_file_extension_comparisons,
    reason = "a host name, not a file"
)]
fn is_ours(authority: &str, allowed: &[String]) -> bool {
    let name = name_of(authority).trim_end_matches('.');
    name.parse::<std::net::IpAddr>().is_ok()
        || (!name.is_empty() && !name.contains('.'))
        || name.ends_with(".localhost")
        || name.ends_with(".local")
        || is_listed(authority, allowed)
}

fn is_listed(authority: &str, allowed: &[String]) -> bool {
    allowed.iter().any(|known| {
        known.eq_ignore_ascii_case(authority) || known.eq_ignore_ascii_case(name_of(authority))
    })
}

/// The page that asks, when it is not one of ours.
fn stranger(headers: &HeaderMap, host: Option<&str>, allowed: &[String]) -> Option<String> {
    let Some(origin) = headers.get(ORIGIN) else {
        let site = headers
            .get("sec-fetch-site")
            .and_then(|value| value.to_str().ok());
        return (site == Some("cross-site")).then(|| "cross-site".to_owned());
    };
    let origin = String::from_utf8_lossy(origin.as_bytes()).to_ascii_lowercase();
    let (scheme, authority) = origin.split_once("://").unwrap_or(("", ""));
    let same =
        host.is_some_and(|host| without_port(authority, scheme) == without_port(host, scheme));
    let ours = !authority.is_empty() && (same || is_listed(authority, allowed));
    (!ours).then_some(origin)
}

/// The authority without the port that its scheme implies.
fn without_port<'a>(authority: &'a str, scheme: &str) -> &'a str {
    let implied = if scheme == "https" { ":443" } else { ":80" };
    authority.strip_suffix(implied).unwrap_or(authority)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stranger_of(origin: &str, host: &str, allowed: &[String]) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(ORIGIN, origin.parse().expect("a header value"));
        stranger(&headers, Some(host), allowed)
    }

    #[test]
    fn names_that_an_attacker_can_own_are_refused() {
        for host in [
            "localhost:8080",
            "127.0.0.1:8080",
            "[::1]:8080",
            "nas",
            "kb.local",
            "a.localhost:1",
        ] {
            assert!(is_ours(host, &[]), "{host}");
        }
        for host in [
            "evil.example:8080",
            "127.0.0.1.nip.io",
            "localhost.evil.example",
            "",
        ] {
            assert!(!is_ours(host, &[]), "{host}");
        }
        assert!(is_ours(
            "kb.example.org:443",
            &["KB.example.org".to_owned()]
        ));
    }

    #[test]
    fn only_our_own_pages_may_change_things() {
        let listed = ["kb.example.org".to_owned()];
        assert_eq!(
            stranger_of("http://localhost:8080", "localhost:8080", &[]),
            None
        );
        assert_eq!(stranger_of("http://localhost", "localhost:80", &[]), None);
        assert_eq!(
            stranger_of("https://kb.example.org", "127.0.0.1:8080", &listed),
            None
        );
        assert!(stranger_of("http://localhost:3000", "localhost:8080", &[]).is_some());
        assert!(stranger_of("https://evil.example", "localhost:8080", &[]).is_some());
        assert!(stranger_of("null", "localhost:8080", &[]).is_some());
    }
}
