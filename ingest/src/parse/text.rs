//! Plain text: paragraphs, bullets, and the headings that numbering gives away.

use super::structure::{bullet, heading_level, is_enumerated_title};
use crate::clean::{RawBlock, RawDocument, paragraphs};
use crate::decode::decode;
use crate::{BlockKind, Kind, ParseError};

pub(super) fn read(bytes: &[u8]) -> Result<RawDocument, ParseError> {
    let decoded = decode(bytes, false)?;
    let text = decoded
        .text
        .replace("\r\n", "\n")
        .replace(['\r', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'], "\n");
    let paragraphs = paragraphs(&text);
    let blocks = paragraphs
        .iter()
        .enumerate()
        .map(|(index, paragraph)| block(paragraph, paragraphs.get(index + 1).map(String::as_str)))
        .collect();
    Ok(RawDocument {
        warnings: decoded.warning.into_iter().collect(),
        ..RawDocument::new(Kind::Text, blocks)
    })
}

fn block(paragraph: &str, next: Option<&str>) -> RawBlock {
    let line = paragraph.trim();
    if let Some(level) = heading_level(line) {
        return RawBlock::new(BlockKind::Heading { level }, line);
    }
    if is_enumerated_title(line) && next.is_some_and(|next| !is_enumerated_title(next)) {
        return RawBlock::new(BlockKind::Heading { level: 3 }, line);
    }
    bullet(line).map_or_else(
        || RawBlock::new(BlockKind::Paragraph, line),
        |item| RawBlock::new(BlockKind::ListItem, item),
    )
}
