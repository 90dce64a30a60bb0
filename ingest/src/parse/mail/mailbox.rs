//! Mailboxes (RFC 4155, mbox): messages one after another, each begun by a line `From sender date`.

use std::borrow::Cow;

use super::message;
use super::sniff::header;
use crate::clean::RawDocument;
use crate::parse::Context;
use crate::parse::members::{append, has_text, shorten_warnings};
use crate::{BlockKind, Kind, ParseError};

/// Reads every message as a section by its subject and date.
///
/// # Errors
/// [`ParseError::TooManyEntries`] and the other limits of the whole file, or [`ParseError::DamagedFile`].
pub(super) fn read(bytes: &[u8], context: &mut Context<'_>) -> Result<RawDocument, ParseError> {
    let messages = messages(bytes);
    match messages.as_slice() {
        [] => return message::read(bytes, context),
        [message] => return message::read(&unescaped(message), context),
        _ => {}
    }
    // The first heading would be a message's subject, and not the mailbox's.
    let title = context.request.name.rsplit('/').next();
    let mut mailbox = RawDocument {
        title: title.map(str::to_owned),
        ..RawDocument::new(Kind::Email, Vec::new())
    };
    for message in messages {
        context.count_member()?;
        let message = message::read(&unescaped(message), context);
        let name = message
            .as_ref()
            .map_or_else(|_| "A message".to_owned(), section);
        let message = message.map(without_subject);
        append(&mut mailbox, 1, &name, message)?;
    }
    if !has_text(&mailbox) {
        return Err(ParseError::damaged("no message in it can be read"));
    }
    shorten_warnings(&mut mailbox);
    Ok(mailbox)
}

/// The name of a message's section: its subject and its date.
fn section(message: &RawDocument) -> String {
    let subject = message.title.as_deref().unwrap_or("(no subject)");
    match &message.details.created {
        Some(day) => format!("{subject} ({day})"),
        None => subject.to_owned(),
    }
}

/// The message without the heading that its section has now, and with the others one level higher.
fn without_subject(mut message: RawDocument) -> RawDocument {
    if message.title.is_some() {
        message.blocks.remove(0);
    }
    for block in &mut message.blocks {
        if let BlockKind::Heading { level } = &mut block.kind {
            *level = level.saturating_sub(1).max(1);
        }
    }
    message
}

/// The messages without the lines that begin them.
fn messages(bytes: &[u8]) -> Vec<&[u8]> {
    let mut messages = Vec::new();
    let mut start = None;
    let mut after_empty = true;
    let mut at = 0;
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        let next = at + line.len();
        if after_empty
            && line.starts_with(b"From ")
            && begins_header(&bytes[next..])
            && let Some(start) = start.replace(next)
        {
            messages.push(&bytes[start..at]);
        }
        after_empty = line.trim_ascii().is_empty();
        at = next;
    }
    if let Some(start) = start {
        messages.push(&bytes[start..]);
    }
    messages
}

/// Whether a line is a header, and not prose after a line that happens to begin with `From `.
fn begins_header(bytes: &[u8]) -> bool {
    let line = bytes
        .split(|&byte| byte == b'\n')
        .next()
        .unwrap_or_default();
    let line = &line[..line.len().min(200)];
    header(&String::from_utf8_lossy(line)).is_some()
}

/// The message with lines `>From ` as they were before they were put into a mailbox.
fn unescaped(message: &[u8]) -> Cow<'_, [u8]> {
    let escaped = |line: &[u8]| {
        let marks = line.iter().take_while(|&&byte| byte == b'>').count();
        marks > 0 && line[marks..].starts_with(b"From ")
    };
    let lines = || message.split_inclusive(|&byte| byte == b'\n');
    if !lines().any(escaped) {
        return Cow::Borrowed(message);
    }
    let mut bytes = Vec::with_capacity(message.len());
    for line in lines() {
        bytes.extend(if escaped(line) { &line[1..] } else { line });
    }
    Cow::Owned(bytes)
}
