//! The headers of a message or of one of its parts.

use std::borrow::Cow;
use std::fmt::Write;

use mail_parser::{Address, DateTime, MessageParser, MimeHeaders};

use super::head::Head;
use super::words::joined;
use crate::decode::decode;

/// How the bytes of a part are written (RFC 2045, 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transfer {
    Plain,
    Base64,
    QuotedPrintable,
}

/// Characters of a media type; what has no name is called by it, and a registered one is much shorter (RFC 6838, 4.2).
const LONGEST_KIND: usize = 127;

/// What the headers of a part say of its content.
#[derive(Debug, Clone)]
pub(super) struct Content {
    /// The media type in small letters, `text/plain` where nothing is said.
    pub(super) kind: String,
    pub(super) charset: Option<String>,
    pub(super) boundary: Option<String>,
    pub(super) name: Option<String>,
    pub(super) transfer: Transfer,
    /// Whether it is to be kept apart from the text.
    pub(super) attached: bool,
    /// Whether the text may show it in its place.
    pub(super) inline: bool,
    /// Whether lines that end with a blank go on (RFC 3676), and whether that blank goes.
    pub(super) flowed: Option<bool>,
}

/// The headers of a message or of a part, and what follows them.
pub(super) fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let mut at = 0;
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        if line.trim_ascii().is_empty() {
            return (&bytes[..at], &bytes[at + line.len()..]);
        }
        at += line.len();
    }
    (bytes, &[])
}

/// Reads headers; what is missing or damaged is as if it were not there.
pub(super) fn parse(bytes: &[u8]) -> (Head, Content) {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        // Some writers put GBK there as it is.
        Err(_) => decode(bytes, false).map_or_else(
            |_| String::from_utf8_lossy(bytes),
            |decoded| Cow::Owned(decoded.text),
        ),
    };
    let joined = joined(&text);
    let message = MessageParser::default()
        .parse_headers(joined.as_bytes())
        .unwrap_or_default();
    let head = if message.parts.is_empty() {
        Head::default()
    } else {
        head_of(&message)
    };
    let content = content_of(&message);
    (head, content)
}

fn head_of(message: &mail_parser::Message<'_>) -> Head {
    let people = |address: Option<&Address<'_>>| address.map(people).filter(|all| !all.is_empty());
    let sender = message.from().or_else(|| message.sender());
    let date = message.date().filter(|date| date.is_valid());
    Head {
        subject: message
            .subject()
            .map(|subject| subject.split_whitespace().collect::<Vec<_>>().join(" "))
            .filter(|subject| !subject.is_empty()),
        from: people(sender),
        author: sender.and_then(Address::first).and_then(|person| {
            let name = person.name().or(person.address())?.trim();
            (!name.is_empty()).then(|| name.to_owned())
        }),
        to: people(message.to()),
        copies: people(message.cc()),
        day: date.map(day),
        moment: date.map(moment),
    }
}

/// Names with addresses: `张三 <zhang@example.cn>, li@example.cn`.
fn people(address: &Address<'_>) -> String {
    let mut text = String::new();
    for person in address.iter() {
        let name = person.name().unwrap_or_default().trim();
        let address = person.address().unwrap_or_default().trim();
        if name.is_empty() && address.is_empty() {
            continue;
        }
        if !text.is_empty() {
            text.push_str(", ");
        }
        match (name, address) {
            (name, "") => text.push_str(name),
            (name, address) if name.is_empty() || name == address => text.push_str(address),
            (name, address) => {
                let _ = write!(text, "{name} <{address}>");
            }
        }
    }
    text
}

fn day(date: &DateTime) -> String {
    format!("{:04}-{:02}-{:02}", date.year, date.month, date.day)
}

fn moment(date: &DateTime) -> String {
    let sign = if date.tz_before_gmt { '-' } else { '+' };
    format!(
        "{} {:02}:{:02} {sign}{:02}{:02}",
        day(date),
        date.hour,
        date.minute,
        date.tz_hour,
        date.tz_minute
    )
}

fn content_of(message: &mail_parser::Message<'_>) -> Content {
    let part = message.parts.first();
    let kind = part.and_then(MimeHeaders::content_type);
    let attribute = |name: &str| {
        kind.and_then(|kind| kind.attribute(name))
            .map(str::to_owned)
    };
    let disposition = part.and_then(MimeHeaders::content_disposition);
    let transfer = part
        .and_then(MimeHeaders::content_transfer_encoding)
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let attached = disposition.is_some_and(mail_parser::ContentType::is_attachment);
    let has_id = part.is_some_and(|part| part.content_id().is_some());
    let is = |name: &str, value: &str| {
        attribute(name).is_some_and(|found| found.eq_ignore_ascii_case(value))
    };
    Content {
        kind: kind.map_or_else(
            || "text/plain".to_owned(),
            |kind| {
                let whole = format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or("plain"));
                let kept = whole.chars().take(LONGEST_KIND);
                kept.map(|character| character.to_ascii_lowercase())
                    .collect()
            },
        ),
        charset: attribute("charset"),
        boundary: attribute("boundary").filter(|boundary| !boundary.is_empty()),
        name: part
            .and_then(MimeHeaders::attachment_name)
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty()),
        transfer: match transfer.as_str() {
            "base64" => Transfer::Base64,
            "quoted-printable" => Transfer::QuotedPrintable,
            _ => Transfer::Plain,
        },
        attached,
        inline: disposition.is_some_and(mail_parser::ContentType::is_inline) || has_id && !attached,
        flowed: is("format", "flowed").then(|| is("delsp", "yes")),
    }
}
