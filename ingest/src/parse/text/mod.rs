//! Plain text: paragraphs, bullets, and the headings that numbering gives away.
//!
//! Texts may be as large as the limits allow, so they are read from their first line to their last with no more than
//! some paragraphs in memory.

mod lines;

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

use encoding_rs::{Encoding, UTF_8};

use self::lines::Paragraphs;
use super::structure::{bullet, heading_level, is_enumerated_title};
use crate::clean::{Assembler, RawBlock, RawDocument, settle};
use crate::decode::encoding_of_text;
use crate::{BlockKind, CleanDocument, Kind, ParseError, ParseLimits};

/// Bytes of cleaned text that are given away together.
const PIECE: usize = 64 << 10;

/// A part of a cleaned text on its way to whoever puts it together.
#[derive(Debug)]
pub(crate) enum Part {
    /// About so many bytes will come.
    Length(u64),
    /// The next piece.
    Text(String),
}

pub(super) fn read(bytes: &[u8]) -> Result<RawDocument, ParseError> {
    let mut blocks = Blocks::new(Cursor::new(bytes), encoding_of_text(bytes)?);
    let found = blocks.by_ref().collect();
    Ok(RawDocument {
        warnings: blocks.paragraphs.judge()?.into_iter().collect(),
        ..RawDocument::new(Kind::Text, found)
    })
}

/// Reads the file at `path`, whose bytes were looked at before.
pub(super) fn read_stored(
    path: &Path,
    bytes: Vec<u8>,
    limits: &ParseLimits,
) -> Result<CleanDocument, ParseError> {
    let mut whole = String::new();
    let mut keep = |part: Part| match part {
        Part::Length(length) => whole.reserve_exact(length as usize),
        Part::Text(piece) => whole.push_str(&piece),
    };
    let mut document = stream(path, bytes, limits, &mut keep)?;
    document.text = whole;
    settle(&mut document);
    Ok(document)
}

/// The same, but the text is given away as it comes: the document has none.
pub(super) fn stream(
    path: &Path,
    bytes: Vec<u8>,
    limits: &ParseLimits,
    give: &mut dyn FnMut(Part),
) -> Result<CleanDocument, ParseError> {
    let encoding = encoding_of_text(&bytes)?;
    let length = bytes.len() as u64;
    drop(bytes);
    let unreadable = |error: std::io::Error| {
        ParseError::damaged(format!("the stored file cannot be read: {error}"))
    };
    let mut blocks = Blocks::new(File::open(path).map_err(unreadable)?, encoding);
    // Two bytes of an older encoding become three.
    let longest = if encoding == UTF_8 {
        length
    } else {
        length.saturating_mul(3) / 2
    };
    give(Part::Length(longest.min(limits.content_bytes)));
    let mut assembler = Assembler::default();
    for block in blocks.by_ref() {
        assembler.push(&block);
        if assembler.bytes() as u64 > limits.content_bytes {
            return Err(ParseError::too_large(limits.content_bytes));
        }
        if assembler.waiting() >= PIECE {
            give(Part::Text(assembler.take()));
        }
    }
    give(Part::Text(assembler.take()));
    let warning = blocks.paragraphs.judge()?;
    if assembler.bytes() == 0 {
        return Err(ParseError::NoText { pages: 0 });
    }
    Ok(assembler.finish(RawDocument {
        warnings: warning.into_iter().collect(),
        ..RawDocument::new(Kind::Text, Vec::new())
    }))
}

/// The blocks of a text, one after the other.
struct Blocks<R> {
    paragraphs: Paragraphs<R>,
    /// Read ahead: what a block is may depend on the next one.
    next: Option<String>,
}

impl<R: Read> Blocks<R> {
    fn new(source: R, encoding: &'static Encoding) -> Self {
        let mut paragraphs = Paragraphs::new(source, encoding);
        let next = paragraphs.next();
        Self { paragraphs, next }
    }
}

impl<R: Read> Iterator for Blocks<R> {
    type Item = RawBlock;

    fn next(&mut self) -> Option<RawBlock> {
        let paragraph = self.next.take()?;
        self.next = self.paragraphs.next();
        Some(block(paragraph, self.next.as_deref()))
    }
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
