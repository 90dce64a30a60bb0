//! Word 97-2003 ([MS-DOC]): the text with its paragraphs' headings, lists and tables; footnotes and text boxes after it.

mod pieces;
mod properties;
#[cfg(test)]
mod tests;

use self::pieces::Pieces;
use self::properties::{Looks, Properties};
use super::compound::{Compound, u16_at, u32_at};
use super::summary;
use super::table::Table;
use crate::clean::{RawBlock, RawDocument};
use crate::{BlockKind, Kind, ParseError, ParseLimits};

/// First word of the main stream.
const MAGIC: u16 = 0xa5ec;
/// Flags of the file's head: encrypted, and which of the two table streams is in force.
const ENCRYPTED: u16 = 0x0100;
const SECOND_TABLE: u16 = 0x0200;
/// Where the head keeps the lengths of the parts, in characters: text, footnotes, headers, macros, comments, endnotes,
/// text boxes, text boxes of headers.
const LENGTHS: [usize; 8] = [0x4c, 0x50, 0x54, 0x58, 0x5c, 0x60, 0x64, 0x68];
/// Parts that repeat on every page or hold no text of the document.
const SKIPPED: [bool; 8] = [false, false, true, true, false, false, false, true];

/// Reads the document.
///
/// # Errors
/// [`ParseError::DamagedFile`], [`ParseError::PasswordRequired`], [`ParseError::TooLarge`].
pub(super) fn read(bytes: &[u8], limits: &ParseLimits) -> Result<RawDocument, ParseError> {
    let mut container = Compound::open(bytes, limits)?;
    let damaged = || ParseError::damaged("its head does not make sense");
    let main = container.stream("/WordDocument")?.ok_or_else(damaged)?;
    let flags = u16_at(&main, 0x0a).ok_or_else(damaged)?;
    if u16_at(&main, 0) != Some(MAGIC) {
        return Err(ParseError::unsupported("an old Word document (before 97)"));
    }
    if flags & ENCRYPTED != 0 {
        return Err(ParseError::PasswordRequired { given: false });
    }
    let name = if flags & SECOND_TABLE == 0 {
        "/0Table"
    } else {
        "/1Table"
    };
    let table = container.stream(name)?.ok_or_else(damaged)?;
    let pieces = Pieces::read(&main, &table).ok_or_else(damaged)?;
    let properties = Properties::read(&main, &table);
    let mut reader = Reader::default();
    let mut start = 0_u32;
    for (at, skipped) in LENGTHS.into_iter().zip(SKIPPED) {
        let length = u32_at(&main, at).unwrap_or(0);
        let end = start.saturating_add(length);
        if !skipped {
            for (character, place) in pieces.characters(start..end) {
                reader.take(character, || properties.at(place));
            }
            reader.end_part();
        }
        start = end;
    }
    let text: usize = reader.blocks.iter().map(|block| block.text.len()).sum();
    if text as u64 > limits.content_bytes {
        return Err(ParseError::too_large(limits.content_bytes));
    }
    let (title, details) = summary::read(&mut container)?;
    Ok(RawDocument {
        title,
        details,
        ..RawDocument::new(Kind::Doc, reader.blocks)
    })
}

/// Makes blocks of characters.
#[derive(Default)]
struct Reader {
    blocks: Vec<RawBlock>,
    text: String,
    /// Fields around the place that is read, innermost last: whether their result has begun.
    fields: Vec<bool>,
    table: Option<Table>,
    /// Text of the table cell so far, paragraphs before the current one.
    cell: String,
}

impl Reader {
    /// Takes one character; `looks` tells how its paragraph looks, and is only asked at the end of one.
    fn take(&mut self, character: char, looks: impl FnOnce() -> Looks) {
        match character {
            '\u{13}' => self.fields.push(false),
            '\u{14}' => {
                if let Some(field) = self.fields.last_mut() {
                    *field = true;
                }
            }
            '\u{15}' => drop(self.fields.pop()),
            '\r' | '\u{7}' => self.end_paragraph(character == '\u{7}', looks()),
            // What a field was made of is not shown.
            _ if self.fields.contains(&false) => {}
            '\u{b}' | '\u{c}' | '\u{e}' => self.text.push('\n'),
            '\u{1e}' => self.text.push('-'),
            '\t' => self.text.push('\t'),
            // Marks of pictures, notes and comments, and soft hyphens.
            '\0'..='\u{1f}' => {}
            character => self.text.push(character),
        }
    }

    fn end_paragraph(&mut self, cell: bool, looks: Looks) {
        let text = std::mem::take(&mut self.text);
        if cell || looks.in_table {
            let table = self.table.get_or_insert_default();
            if looks.row_end {
                // The rows of a table within a cell end with another mark.
                if cell {
                    table.end_row();
                }
                return;
            }
            let text = text.trim();
            if !self.cell.is_empty() && !text.is_empty() {
                self.cell.push(' ');
            }
            self.cell.push_str(text);
            if cell {
                table.cell(&std::mem::take(&mut self.cell));
            }
            return;
        }
        self.end_table();
        if text.trim().is_empty() {
            return;
        }
        let kind = match looks.heading {
            Some(level) => BlockKind::Heading { level },
            None if looks.listed => BlockKind::ListItem,
            None => BlockKind::Paragraph,
        };
        self.blocks.push(RawBlock::new(kind, text));
    }

    fn end_table(&mut self) {
        let Some(mut table) = self.table.take() else {
            return;
        };
        let cell = std::mem::take(&mut self.cell);
        if !cell.is_empty() {
            table.cell(&cell);
        }
        table.end_row();
        if table.is_layout() {
            let cells = table.into_cells();
            self.blocks
                .extend(cells.map(|cell| RawBlock::new(BlockKind::Paragraph, cell)));
        } else {
            self.blocks.extend(table.into_blocks());
        }
    }

    /// Ends a part of the document: nothing goes on from it into the next.
    fn end_part(&mut self) {
        self.fields.clear();
        if !self.text.trim().is_empty() {
            self.end_paragraph(false, Looks::default());
        }
        self.end_table();
    }
}
