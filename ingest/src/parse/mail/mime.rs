//! The parts of a message (RFC 2046), found line by line: damage and hostile nesting cost no more than honest mail.

use std::borrow::Cow;

use encoding_rs::{Encoding, REPLACEMENT, UTF_8, WINDOWS_1252};
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::charsets::map::charset_decoder;

use super::head::Head;
use super::headers::{self, Content, Transfer};
use crate::ParseError;
use crate::decode::decode;

/// Most levels of parts in parts; honest mail has four or five.
const DEPTH: u32 = 24;

/// A part with its content, or with parts of its own.
pub(super) struct Part<'a> {
    pub(super) content: Content,
    pub(super) body: &'a [u8],
    pub(super) parts: Vec<Part<'a>>,
}

/// A message: its head, and the part that holds everything else. `limit` bounds the number of its parts.
///
/// # Errors
/// [`ParseError::TooManyEntries`], or [`ParseError::DamagedFile`] for parts in parts without end.
pub(super) fn parse(bytes: &[u8], limit: u32) -> Result<(Head, Part<'_>), ParseError> {
    let (head, body) = headers::split(bytes);
    let (head, content) = headers::parse(head);
    let mut left = limit;
    let part = Part::new(content, body, 0, &mut left)
        .map_err(|error| error.unwrap_or(ParseError::TooManyEntries { limit }))?;
    Ok((head, part))
}

impl<'a> Part<'a> {
    /// The part with all parts below it; an error without content says that there are too many of them.
    fn new(
        content: Content,
        body: &'a [u8],
        depth: u32,
        left: &mut u32,
    ) -> Result<Self, Option<ParseError>> {
        *left = left.checked_sub(1).ok_or(None)?;
        let mut part = Self {
            content,
            body,
            parts: Vec::new(),
        };
        let Some(boundary) = part.content.boundary.clone() else {
            return Ok(part);
        };
        if !part.is("multipart/") {
            return Ok(part);
        }
        if depth >= DEPTH {
            let detail = "its parts lie in one another without end";
            return Err(Some(ParseError::damaged(detail)));
        }
        for piece in pieces(body, boundary.as_bytes()) {
            let (head, body) = headers::split(piece);
            let (_, mut content) = headers::parse(head);
            if part.content.kind == "multipart/digest" && head.trim_ascii().is_empty() {
                "message/rfc822".clone_into(&mut content.kind);
            }
            part.parts.push(Self::new(content, body, depth + 1, left)?);
        }
        if part.parts.is_empty() {
            // Without its boundaries, all that can be done is to show it.
            "text/plain".clone_into(&mut part.content.kind);
        }
        Ok(part)
    }

    /// Whether the media type begins so.
    pub(super) fn is(&self, kind: &str) -> bool {
        self.content.kind.starts_with(kind)
    }

    /// The bytes as they were before they were written into the message.
    pub(super) fn bytes(&self) -> Cow<'a, [u8]> {
        match self.content.transfer {
            Transfer::Plain => Cow::Borrowed(self.body),
            Transfer::QuotedPrintable => Cow::Owned(quoted_printable(self.body)),
            Transfer::Base64 => Cow::Owned(base64(self.body)),
        }
    }

    /// The text of a text part.
    pub(super) fn text(&self) -> String {
        let bytes = self.bytes();
        let html = self.is("text/html");
        text_of(&bytes, self.content.charset.as_deref(), html)
    }
}

/// What stands between the lines of a boundary. Without the last one, the rest is the last piece.
fn pieces<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    let mut start = None;
    let mut at = 0;
    for line in body.split_inclusive(|&byte| byte == b'\n') {
        let after = line
            .strip_prefix(b"--")
            .and_then(|line| line.strip_prefix(boundary))
            .map(<[u8]>::trim_ascii);
        if let Some(rest) = after.filter(|rest| rest.is_empty() || *rest == b"--") {
            if let Some(start) = start.take() {
                pieces.push(without_line_end(&body[start..at]));
            }
            if rest == b"--" {
                return pieces;
            }
            start = Some(at + line.len());
        }
        at += line.len();
    }
    if let Some(start) = start {
        pieces.push(&body[start..]);
    }
    pieces
}

/// The line end before a boundary belongs to the boundary.
fn without_line_end(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}

/// Bytes of base64; what does not belong there is left out.
fn base64(body: &[u8]) -> Vec<u8> {
    base64_decode(body).unwrap_or_else(|| {
        let clean: Vec<u8> = body
            .iter()
            .copied()
            .filter(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
            .collect();
        base64_decode(&clean).unwrap_or_default()
    })
}

/// Bytes of quoted-printable (RFC 2045, 6.7); what is no escape stays as it is.
fn quoted_printable(body: &[u8]) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    let mut bytes = Vec::with_capacity(body.len());
    for line in body.split_inclusive(|&byte| byte == b'\n') {
        let text = line.trim_ascii_end();
        let (text, soft) = text.strip_suffix(b"=").map_or((text, false), |t| (t, true));
        let mut rest = text;
        while let Some((&byte, after)) = rest.split_first() {
            let escape = match (byte, after) {
                (b'=', [high, low, ..]) => digit(*high).zip(digit(*low)),
                _ => None,
            };
            if let Some((high, low)) = escape {
                bytes.push(high << 4 | low);
                rest = &after[2..];
            } else {
                bytes.push(byte);
                rest = after;
            }
        }
        if !soft && line.ends_with(b"\n") {
            bytes.push(b'\n');
        }
    }
    bytes
}

/// Text in the charset that is named, where it fits; else in the one that the bytes show.
pub(super) fn text_of(bytes: &[u8], charset: Option<&str>, html: bool) -> String {
    let guessed = || {
        decode(bytes, html).map_or_else(
            |_| String::from_utf8_lossy(bytes).into_owned(),
            |decoded| decoded.text,
        )
    };
    let Some(charset) = charset.map(str::trim) else {
        return guessed();
    };
    let known = Encoding::for_label(charset.as_bytes()).filter(|known| *known != REPLACEMENT);
    let Some(encoding) = known else {
        // UTF-7 and a few old names.
        return charset_decoder(charset.as_bytes()).map_or_else(guessed, |decoder| decoder(bytes));
    };
    let utf8 = std::str::from_utf8(bytes).is_ok();
    if encoding == WINDOWS_1252 && (utf8 || charset.eq_ignore_ascii_case("us-ascii")) {
        return guessed();
    }
    let (text, damaged) = encoding.decode_with_bom_removal(bytes);
    if damaged && (encoding == UTF_8 || utf8) {
        return guessed();
    }
    text.into_owned()
}
