//! OpenDocument text and slides (OASIS ODF 1.3): headings, lists, tables and notes from `content.xml`, and what is read in pictures.

mod shown;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use quick_xml::events::{BytesStart, Event};

use super::Context;
use super::package::Package;
use super::pictures::Pictures;
use super::table::Table;
use super::xml::{attribute, character_of, text_of, visit};
use crate::clean::{RawBlock, RawDocument};
use crate::parse::structure::heading_level;
use crate::{BlockKind, Details, Kind, ParseError};

/// A repeated cell or space is repeated so often at most: sheets fill whole rows with empty cells.
const REPEATED: usize = 64;

pub(super) fn read(
    bytes: &[u8],
    kind: Kind,
    context: &mut Context<'_>,
) -> Result<RawDocument, ParseError> {
    let limits = context.limits;
    let mut package = Package::open(bytes, limits)?;
    let manifest = package.part("META-INF/manifest.xml")?.unwrap_or_default();
    if manifest.contains("encryption-data") {
        return Err(ParseError::PasswordRequired { given: false });
    }
    let body = package
        .part("content.xml")?
        .ok_or_else(|| ParseError::damaged("the OpenDocument file has no content part"))?;
    let meta = package.part("meta.xml")?.unwrap_or_default();
    let slides = kind == Kind::Odp;
    let mut pictures = Pictures::new(context);
    let found = shown::read(&body, slides, &mut package, &mut pictures);
    let mut walker = Walker::new(slides, found);
    visit(&body, |event| walker.take(event));
    if walker.pages > limits.pages {
        return Err(ParseError::TooManyPages {
            pages: walker.pages,
            limit: limits.pages,
        });
    }
    Ok(RawDocument {
        title: text_of(&meta, "title"),
        details: Details {
            author: text_of(&meta, "creator").or_else(|| text_of(&meta, "initial-creator")),
            created: text_of(&meta, "creation-date"),
            modified: text_of(&meta, "date"),
        },
        pages: walker.pages,
        warnings: pictures.warnings(),
        ..RawDocument::new(kind, walker.blocks)
    })
}

/// A paragraph or heading being read. Notes and text boxes nest them.
struct Paragraph {
    text: String,
    level: Option<u8>,
    in_list: bool,
}

struct Walker {
    slides: bool,
    /// What was read in pictures, by the parts that they are.
    pictures: HashMap<String, Vec<RawBlock>>,
    pages: u32,
    blocks: Vec<RawBlock>,
    open: Vec<Paragraph>,
    /// What stands in a note or text box, to follow the paragraph around it.
    after: Vec<RawBlock>,
    lists: usize,
    /// Open tables with the text of the open cell and how often it is repeated.
    tables: Vec<(Table, String, usize)>,
    /// Elements below the one that is left out.
    skipping: usize,
    /// The open frame holds a slide's title.
    title: bool,
}

impl Walker {
    const fn new(slides: bool, pictures: HashMap<String, Vec<RawBlock>>) -> Self {
        Self {
            slides,
            pictures,
            pages: 0,
            blocks: Vec::new(),
            open: Vec::new(),
            after: Vec::new(),
            lists: 0,
            tables: Vec::new(),
            skipping: 0,
            title: false,
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "comments and declarations carry nothing"
    )]
    fn take(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(_) if self.skipping > 0 => self.skipping += 1,
            Event::Start(element) => {
                if is_left_out(element.local_name().as_ref()) {
                    self.skipping = 1;
                } else {
                    self.start(element);
                }
            }
            Event::End(_) if self.skipping > 0 => self.skipping -= 1,
            _ if self.skipping > 0 => {}
            Event::Empty(element) => {
                self.start(element);
                self.end(element.local_name().as_ref());
            }
            Event::End(element) => self.end(element.local_name().as_ref()),
            Event::Text(text) => self.push(&text.xml10_content()),
            Event::CData(text) => self.push(&text.xml10_content()),
            Event::GeneralRef(reference) => {
                if let Some(character) = character_of(reference) {
                    self.push(character.encode_utf8(&mut [0; 4]));
                }
            }
            _ => {}
        }
    }

    fn push(&mut self, text: &str) {
        if let Some(paragraph) = self.open.last_mut() {
            paragraph.text.push_str(text);
        }
    }

    fn start(&mut self, element: &BytesStart<'_>) {
        let repeated = |name: &str| {
            attribute(element, name)
                .and_then(|count| count.parse::<usize>().ok())
                .unwrap_or(1)
                .clamp(1, REPEATED)
        };
        match element.local_name().as_ref() {
            "p" => self.open.push(Paragraph {
                text: String::new(),
                level: None,
                in_list: self.lists > 0,
            }),
            "h" => {
                let level = attribute(element, "outline-level").and_then(|text| text.parse().ok());
                self.open.push(Paragraph {
                    text: String::new(),
                    level: Some(level.unwrap_or(1).clamp(1, 6)),
                    in_list: false,
                });
            }
            "s" => self.push(&" ".repeat(repeated("c"))),
            "tab" => self.push(" "),
            "line-break" => self.push("\n"),
            "list" => self.lists += 1,
            "table" => self.tables.push((Table::default(), String::new(), 1)),
            "table-cell" => {
                if let Some((_, cell, times)) = self.tables.last_mut() {
                    cell.clear();
                    *times = repeated("number-columns-repeated");
                }
            }
            "image" => self.show(shown::part_of(element)),
            // The label of a note stands in the text already.
            "page" if self.slides => self.pages += 1,
            "frame" => {
                self.title = attribute(element, "class").is_some_and(|class| class == "title");
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "p" | "h" => self.end_paragraph(),
            "list" => self.lists = self.lists.saturating_sub(1),
            "frame" => self.title = false,
            "table-cell" => {
                if let Some((table, cell, times)) = self.tables.last_mut() {
                    // Only the empty cells of a form are repeated for real.
                    let times = if cell.trim().is_empty() { 1 } else { *times };
                    (0..times).for_each(|_| table.cell(cell));
                    cell.clear();
                }
            }
            "covered-table-cell" => {
                if let Some((table, ..)) = self.tables.last_mut() {
                    table.cell("");
                }
            }
            "table-row" => {
                if let Some((table, ..)) = self.tables.last_mut() {
                    table.end_row();
                }
            }
            "table" => self.end_table(),
            _ => {}
        }
    }

    fn end_table(&mut self) {
        let Some((table, ..)) = self.tables.pop() else {
            return;
        };
        if let Some((_, cell, _)) = self.tables.last_mut() {
            for inner in table.into_cells() {
                cell.push(' ');
                cell.push_str(&inner);
            }
        } else {
            for block in table.into_blocks() {
                self.emit(block);
            }
        }
    }

    fn end_paragraph(&mut self) {
        let Some(paragraph) = self.open.pop() else {
            return;
        };
        let text = paragraph.text.trim();
        if !text.is_empty() {
            let title = self.title.then_some(2);
            let kind = match paragraph.level.or(title).or_else(|| heading_level(text)) {
                Some(level) => BlockKind::Heading { level },
                None if paragraph.in_list || self.slides => BlockKind::ListItem,
                None => BlockKind::Paragraph,
            };
            let block = RawBlock::new(kind, text);
            if self.open.is_empty() {
                self.place(block);
            } else {
                self.after.push(block);
            }
        }
        if self.open.is_empty() {
            for block in std::mem::take(&mut self.after) {
                self.place(block);
            }
        }
    }

    /// What was read in a picture follows the paragraph that it stands in first.
    fn show(&mut self, part: Option<String>) {
        let blocks = part.and_then(|part| self.pictures.remove(&part));
        for block in blocks.into_iter().flatten() {
            if self.open.is_empty() {
                self.place(block);
            } else {
                self.after.push(block);
            }
        }
    }

    /// Puts a block into the open cell, or into the document.
    fn place(&mut self, block: RawBlock) {
        if let Some((_, cell, _)) = self.tables.last_mut() {
            cell.push(' ');
            cell.push_str(&block.text);
        } else {
            self.emit(block);
        }
    }

    fn emit(&mut self, mut block: RawBlock) {
        if self.pages > 0 {
            block.page_starts = vec![(0, self.pages)];
        }
        self.blocks.push(block);
    }
}

/// What is not part of the running text: deleted text, comments, tables of contents, labels and scripts.
fn is_left_out(name: &str) -> bool {
    matches!(
        name,
        "tracked-changes"
            | "annotation"
            | "table-of-content"
            | "note-citation"
            | "scripts"
            | "automatic-styles"
            | "forms"
            | "sequence-decls"
            | "ruby-text"
    )
}
