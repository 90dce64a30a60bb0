//! Messages (RFC 5322 and MIME, RFC 2045 to 2049), mailboxes of them, and those that Outlook saves.

mod body;
mod head;
mod headers;
mod mailbox;
mod message;
mod mime;
mod outlook;
mod sniff;
#[cfg(test)]
mod tests;
mod words;

use std::borrow::Cow;

pub(crate) use self::sniff::looks_like;

use super::Context;
use crate::ParseError;
use crate::clean::RawDocument;
use crate::decode::decode;
use crate::parse::COMPOUND;

/// Reads a message with what is attached to it, or a mailbox message by message.
///
/// # Errors
/// A limit of the whole file, or [`ParseError::DamagedFile`] when there is no message in it.
pub(super) fn read(bytes: &[u8], context: &mut Context<'_>) -> Result<RawDocument, ParseError> {
    if bytes.starts_with(COMPOUND) {
        return outlook::read(bytes, context);
    }
    let bytes = match encoding_rs::Encoding::for_bom(bytes) {
        Some(_) => Cow::Owned(decode(bytes, false)?.text.into_bytes()),
        None => Cow::Borrowed(bytes),
    };
    if bytes.starts_with(b"From ") {
        mailbox::read(&bytes, context)
    } else {
        message::read(&bytes, context)
    }
}
