//! Plain text: paragraphs, bullets, and the headings that numbering gives away.

use super::structure::{bullet, heading_level, is_enumerated_title};
use crate::clean::{RawBlock, RawDocument, paragraphs};
use crate::decode::{Decoded, decode_owned};
use crate::{BlockKind, Kind, ParseError};

/// Characters that end a line beside `\n`.
const LINE_ENDS: [char; 5] = ['\r', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'];

pub(super) fn read(bytes: &[u8]) -> Result<RawDocument, ParseError> {
    read_owned(bytes.to_vec())
}

/// Takes the bytes, since texts may be as large as the limits allow: each copy less is room for another file.
pub(super) fn read_owned(bytes: Vec<u8>) -> Result<RawDocument, ParseError> {
    let Decoded { text, warning, .. } = decode_owned(bytes)?;
    let text = if text.contains(LINE_ENDS) {
        text.replace("\r\n", "\n").replace(LINE_ENDS, "\n")
    } else {
        text
    };
    let paragraphs = paragraphs(&text);
    drop(text);
    let mut blocks = Vec::with_capacity(paragraphs.len());
    let mut paragraphs = paragraphs.into_iter().peekable();
    while let Some(paragraph) = paragraphs.next() {
        blocks.push(block(paragraph, paragraphs.peek().map(String::as_str)));
    }
    Ok(RawDocument {
        warnings: warning.into_iter().collect(),
        ..RawDocument::new(Kind::Text, blocks)
    })
}

fn block(paragraph: String, next: Option<&str>) -> RawBlock {
    let line = paragraph.trim();
    if let Some(level) = heading_level(line) {
        return RawBlock::new(BlockKind::Heading { level }, line);
    }
    if is_enumerated_title(line) && next.is_some_and(|next| !is_enumerated_title(next)) {
        return RawBlock::new(BlockKind::Heading { level: 3 }, line);
    }
    if let Some(item) = bullet(line) {
        return RawBlock::new(BlockKind::ListItem, item);
    }
    RawBlock::new(BlockKind::Paragraph, paragraph)
}
