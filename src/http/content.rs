//! Originals going out: streamed, in parts where asked, and never able to act as a page of ours.

use std::io::SeekFrom;

use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RANGE, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

use super::code::ErrorCode;
use super::error::{ApiError, Outcome};
use super::text::disposition;
use crate::catalog::{CatalogError, Original};

/// No scripts, no forms, an origin of its own.
const SANDBOX: &str =
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'";
/// Browsers refuse to show a PDF under `sandbox`. Their viewers run in a process and origin of their own.
const PDF_POLICY: &str =
    "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'";
/// How much of a text is looked at to tell its encoding.
const SAMPLE_BYTES: usize = 64 << 10;

/// Sends an original, or the part of it that `Range` asks for.
pub(crate) async fn send(original: Original, asked: &HeaderMap) -> Result<Response, ApiError> {
    let tag = format!("\"{}\"", original.hash);
    if matches_tag(asked, &tag) {
        return Ok(Outcome::Unchanged.with(headers([(ETAG, tag)])?, ()));
    }
    let path = &original.path;
    let mut file = File::open(path).await.map_err(|error| unreadable(&error))?;
    let length = file
        .metadata()
        .await
        .map_err(|error| unreadable(&error))?
        .len();
    let media_type = media_type(&original, &mut file)
        .await
        .map_err(|error| unreadable(&error))?;
    let mut all = headers(describe(&original, media_type))?;
    all.insert(ETAG, value(tag)?);
    let part = part(asked, length);
    let (start, end) = match part {
        Part::Whole => (0, length),
        Part::Between(start, end) => (start, end),
        Part::Outside => {
            let nothing = headers([(CONTENT_RANGE, format!("bytes */{length}"))])?;
            return Ok(Outcome::OutsideRange.with(nothing, ()));
        }
    };
    file.seek(SeekFrom::Start(start))
        .await
        .map_err(|error| unreadable(&error))?;
    all.insert(CONTENT_LENGTH, HeaderValue::from(end - start));
    let body = Body::from_stream(ReaderStream::with_capacity(
        file.take(end - start),
        64 << 10,
    ));
    if part == Part::Whole {
        return Ok((all, body).into_response());
    }
    all.insert(
        CONTENT_RANGE,
        value(format!("bytes {start}-{}/{length}", end - 1))?,
    );
    Ok(Outcome::Partial.with(all, body))
}

fn describe(original: &Original, media_type: &'static str) -> [(HeaderName, String); 6] {
    let kind = original.kind.as_deref();
    let inline = matches!(
        kind,
        Some("pdf" | "text" | "markdown" | "csv" | "json" | "code")
    );
    let (policy, frames) = if kind == Some("pdf") {
        (PDF_POLICY, "SAMEORIGIN")
    } else {
        (SANDBOX, "DENY")
    };
    [
        (CONTENT_TYPE, media_type.to_owned()),
        (CONTENT_DISPOSITION, disposition(inline, &original.name)),
        (CONTENT_SECURITY_POLICY, policy.to_owned()),
        (X_FRAME_OPTIONS, frames.to_owned()),
        (CACHE_CONTROL, "private, no-cache".to_owned()),
        (ACCEPT_RANGES, "bytes".to_owned()),
    ]
}

/// The media type by the format that was found in the bytes, never by the name.
async fn media_type(original: &Original, file: &mut File) -> std::io::Result<&'static str> {
    Ok(match original.kind.as_deref() {
        Some("pdf") => "application/pdf",
        Some("doc") => "application/msword",
        Some("ppt") => "application/vnd.ms-powerpoint",
        Some("docx") => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        Some("pptx") => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        Some("odt") => "application/vnd.oasis.opendocument.text",
        Some("ods") => "application/vnd.oasis.opendocument.spreadsheet",
        Some("odp") => "application/vnd.oasis.opendocument.presentation",
        Some("rtf") => "application/rtf",
        Some("epub") => "application/epub+zip",
        Some("zip") => "application/zip",
        Some("html") => "text/html",
        Some("text" | "markdown" | "csv" | "json" | "code" | "email") => {
            plain_text_type(file).await?
        }
        Some(_) | None => "application/octet-stream",
    })
}

/// Only what is UTF-8 is called so; for other encodings the browser decides.
async fn plain_text_type(file: &mut File) -> std::io::Result<&'static str> {
    let mut sample = Vec::new();
    (&mut *file)
        .take(SAMPLE_BYTES as u64)
        .read_to_end(&mut sample)
        .await?;
    let valid = match std::str::from_utf8(&sample) {
        Ok(_) => true,
        // The sample may end within a character.
        Err(error) => error.error_len().is_none() && sample.len() == SAMPLE_BYTES,
    };
    Ok(if valid {
        "text/plain; charset=utf-8"
    } else {
        "text/plain"
    })
}

/// What of a file is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// All of it; also for requests that may be ignored.
    Whole,
    /// Bytes `[start, end)`, not empty.
    Between(u64, u64),
    /// Nothing that is there.
    Outside,
}

fn part(asked: &HeaderMap, length: u64) -> Part {
    let range = asked.get(RANGE).and_then(|range| range.to_str().ok());
    match range.and_then(|range| bounds(range, length)) {
        None => Part::Whole,
        Some((start, end)) if start < end => Part::Between(start, end),
        Some(_) => Part::Outside,
    }
}

/// `None` for what is no single range of bytes.
fn bounds(range: &str, length: u64) -> Option<(u64, u64)> {
    let (first, last) = range.strip_prefix("bytes=")?.trim().split_once('-')?;
    let number = |text: &str| text.trim().parse::<u64>().ok();
    Some(match (first.trim(), last.trim()) {
        ("", last) => (length.saturating_sub(number(last)?), length),
        (first, "") => (number(first)?, length),
        (first, last) => (number(first)?, number(last)?.saturating_add(1).min(length)),
    })
}

/// Whether the client already has what this tag names.
pub(crate) fn matches_tag(asked: &HeaderMap, tag: &str) -> bool {
    let Some(known) = asked
        .get(IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
    else {
        return false;
    };
    known
        .split(',')
        .map(|one| one.trim().trim_start_matches("W/"))
        .any(|one| one == tag || one == "*")
}

/// Headers of their texts.
pub(crate) fn headers<const N: usize>(
    pairs: [(HeaderName, String); N],
) -> Result<HeaderMap, ApiError> {
    pairs
        .into_iter()
        .map(|(name, text)| Ok((name, value(text)?)))
        .collect()
}

fn value(text: String) -> Result<HeaderValue, ApiError> {
    HeaderValue::try_from(text).map_err(|error| ApiError::caused_by(ErrorCode::Internal, &error))
}

fn unreadable(error: &std::io::Error) -> ApiError {
    CatalogError::Unavailable {
        message: format!("an original: {error}"),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(range: &str) -> Part {
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, range.parse().expect("a header value"));
        part(&headers, 100)
    }

    #[test]
    fn ranges_stay_within_the_file() {
        assert_eq!(asking("bytes=0-9"), Part::Between(0, 10));
        assert_eq!(asking("bytes=90-"), Part::Between(90, 100));
        assert_eq!(asking("bytes=-10"), Part::Between(90, 100));
        assert_eq!(asking("bytes=50-500"), Part::Between(50, 100));
        assert_eq!(asking("bytes=100-"), Part::Outside);
        assert_eq!(asking("bytes=9-3"), Part::Outside);
        assert_eq!(
            asking("bytes=0-18446744073709551615"),
            Part::Between(0, 100)
        );
        assert_eq!(asking("lines=1-2"), Part::Whole);
        assert_eq!(asking("bytes=0-1,5-6"), Part::Whole);
    }
}
