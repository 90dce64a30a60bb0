//! The web interface, built by Vite into `web/dist` and carried inside the program.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::content::matches_tag;
use super::error::Outcome;

/// Names below this folder carry a hash of their content.
const HASHED: &str = "assets/";
const PAGE: &str = "index.html";

#[derive(RustEmbed)]
#[folder = "web/dist"]
#[allow_missing = true]
struct WebInterface;

/// Shown where the program was built without its web interface.
const NOT_BUILT: &str = "<!doctype html><html lang=\"zh\"><meta charset=\"utf-8\"><title>文渊 Wenyuan</title>\
<link rel=\"stylesheet\" href=\"/docs/style.css\"><main><h1>文渊 Wenyuan</h1>\
<p>服务已在运行，但这个程序编译时没有带上网页界面。请在 web 目录运行 <code>npm ci &amp;&amp; npm run build</code>，然后重新编译。\
接口照常可用：<a href=\"/docs\">/docs</a>。</p>\
<p lang=\"en\">The server is running, but this program was built without its web interface. Run \
<code>npm ci &amp;&amp; npm run build</code> in <code>web</code> and build again. \
The API works: <a href=\"/docs\">/docs</a>.</p></main></html>";

/// The file at a path, or the one page of the interface for paths of its own. `None` is a miss.
pub(crate) fn find(path: &str, asked: &HeaderMap) -> Option<Response> {
    let name = path.trim_start_matches('/');
    if let Some(file) = WebInterface::get(if name.is_empty() { PAGE } else { name }) {
        return Some(send(name, &file, asked));
    }
    // A missing script must not be answered with a page.
    let last = name.rsplit('/').next().unwrap_or_default();
    if last.contains('.') || name.starts_with(HASHED) {
        return None;
    }
    match WebInterface::get(PAGE) {
        Some(page) => Some(send(PAGE, &page, asked)),
        None => name.is_empty().then(|| page_response(NOT_BUILT)),
    }
}

fn page_response(html: &'static str) -> Response {
    (
        [
            (CONTENT_TYPE, "text/html; charset=utf-8"),
            (CACHE_CONTROL, "no-store"),
        ],
        html,
    )
        .into_response()
}

fn send(name: &str, file: &EmbeddedFile, asked: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", hex(&file.metadata.sha256_hash()));
    let lasting = if name.starts_with(HASHED) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let mut headers = HeaderMap::new();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(lasting));
    if let Ok(value) = HeaderValue::try_from(&tag) {
        headers.insert(ETAG, value);
    }
    if matches_tag(asked, &tag) {
        return Outcome::Unchanged.with(headers, ());
    }
    let kind = file.metadata.mimetype();
    let text = kind.starts_with("text/") || kind.ends_with("javascript");
    let kind = if text {
        format!("{kind}; charset=utf-8")
    } else {
        kind.to_owned()
    };
    if let Ok(value) = HeaderValue::try_from(kind) {
        headers.insert(CONTENT_TYPE, value);
    }
    (headers, file.data.to_vec()).into_response()
}

/// Sixteen bytes of a hash are enough to tell versions apart.
fn hex(hash: &[u8; 32]) -> String {
    hash[..16]
        .iter()
        .fold(String::with_capacity(32), |mut text, byte| {
            use std::fmt::Write as _;
            let _ = write!(text, "{byte:02x}");
            text
        })
}
