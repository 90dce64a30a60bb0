//! One message: its head, its text once, and what is attached.

use dom_query::Document;

use super::mime::{self, Part};
use super::{body, mime::text_of};
use crate::ParseError;
use crate::clean::{RawBlock, RawDocument};
use crate::parse::members::{
    append, below, ends_all, has_text, read_member, read_member_with, safe_name, shorten_warnings,
    warn,
};
use crate::parse::{Context, html};

/// Level of the subject's heading; everything else lies below it.
const SUBJECT: u8 = 1;

/// Parts that only serve to check or to show others.
const SERVANTS: [&str; 4] = [
    "application/pgp-signature",
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "text/x-amp-html",
];

/// Reads a message with what is attached to it.
///
/// # Errors
/// A limit of the whole file, or [`ParseError::DamagedFile`] when there is neither head nor body.
pub(super) fn read(bytes: &[u8], context: &mut Context<'_>) -> Result<RawDocument, ParseError> {
    let (head, part) = mime::parse(bytes, context.limits.entries)?;
    let mut message = Message {
        document: head.into_document(),
        attached: Vec::new(),
    };
    let head = message.document.blocks.len();
    message.take(&part);
    let body = message.document.blocks.split_off(head);
    let body = body.into_iter().map(|block| below(SUBJECT, block));
    message.document.blocks.extend(body);
    let Message {
        mut document,
        attached,
    } = message;
    for (index, part) in attached.into_iter().enumerate() {
        attach(&mut document, part, index + 1, context)?;
    }
    if !has_text(&document) {
        return Err(ParseError::damaged("there is no message in it"));
    }
    shorten_warnings(&mut document);
    Ok(document)
}

/// A message while its parts are sorted.
struct Message<'p, 'a> {
    document: RawDocument,
    attached: Vec<&'p Part<'a>>,
}

impl<'p, 'a> Message<'p, 'a> {
    /// Takes the text of a part, and keeps what is attached for later.
    fn take(&mut self, part: &'p Part<'a>) {
        if part.is("multipart/alternative") && !part.parts.is_empty() {
            self.take_best(&part.parts);
        } else if part.is("multipart/encrypted") {
            let message =
                "The message is encrypted. Decrypt it in your mail program, save it and add that.";
            warn(&mut self.document, "message_encrypted", message.to_owned());
        } else if !part.parts.is_empty() {
            for part in &part.parts {
                self.take(part);
            }
        } else if is_body(part) {
            self.document.blocks.extend(blocks(part));
        } else if !SERVANTS.contains(&part.content.kind.as_str()) {
            self.attached.push(part);
        }
    }

    /// Of several forms of one text, takes the plain one where it says as much as the other, else the other.
    fn take_best(&mut self, parts: &'p [Part<'a>]) {
        let plain = parts
            .iter()
            .find(|part| part.is("text/plain") && is_body(part));
        let rich = parts
            .iter()
            .rfind(|part| part.is("text/html") || part.is("multipart/"));
        // What is attached to the form that is not taken is attached to the message.
        let mut other = Message {
            document: RawDocument::new(crate::Kind::Email, Vec::new()),
            attached: Vec::new(),
        };
        if let Some(rich) = rich {
            other.take(rich);
        }
        let plain = plain.map(blocks).unwrap_or_default();
        let rich_text = other.document.blocks;
        self.document
            .blocks
            .extend(if size(&plain) * 2 >= size(&rich_text) {
                plain
            } else {
                rich_text
            });
        self.document.warnings.extend(other.document.warnings);
        self.attached.extend(other.attached);
        let named = |part: &&Part<'_>| part.content.attached || part.content.name.is_some();
        let rest = parts.iter().filter(|part| part.parts.is_empty());
        self.attached
            .extend(rest.filter(named).filter(|part| !is_body(part)));
    }
}

/// Whether a part is text of the message itself.
fn is_body(part: &Part<'_>) -> bool {
    let text = part.is("text/plain") || part.is("text/html");
    text && !part.content.attached && part.content.name.is_none()
}

fn blocks(part: &Part<'_>) -> Vec<RawBlock> {
    if part.is("text/html") {
        html::part(&Document::from(part.text().as_str()))
    } else {
        body::blocks(&part.text(), part.content.flowed)
    }
}

/// Letters and digits, so that rules and bars do not count.
fn size(blocks: &[RawBlock]) -> usize {
    let letters = |block: &RawBlock| block.text.chars().filter(|c| c.is_alphanumeric()).count();
    blocks.iter().map(letters).sum()
}

/// Reads what is attached as a section of its name.
fn attach(
    document: &mut RawDocument,
    part: &Part<'_>,
    number: usize,
    context: &mut Context<'_>,
) -> Result<(), ParseError> {
    let name = part.content.name.as_deref().map_or_else(
        || format!("attachment {number} ({})", part.content.kind),
        safe_name,
    );
    let bytes = part.bytes();
    let member = if part.is("message/rfc822") || part.is("message/global") {
        read_member_with(&bytes, context, |context| read(&bytes, context))
    } else if part.is("text/") {
        let text = text_of(
            &bytes,
            part.content.charset.as_deref(),
            part.is("text/html"),
        );
        read_member(text.as_bytes(), &name, context)
    } else {
        read_member(&bytes, &name, context)
    };
    // Logos and buttons are no news; pictures with text are.
    let decoration = part.content.inline && part.is("image/");
    match member {
        Ok(member) if decoration && !has_text(&member) => Ok(()),
        Err(error) if decoration && !ends_all(&error) => Ok(()),
        member => append(document, SUBJECT + 1, &name, member).map(drop),
    }
}
