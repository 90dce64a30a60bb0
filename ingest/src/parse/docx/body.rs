//! Walks through a document part and makes blocks of its paragraphs and tables.

use std::collections::HashMap;

use quick_xml::events::{BytesStart, Event};

use super::numbering::Numbering;
use super::styles::Styles;
use crate::clean::RawBlock;
use crate::parse::raised::raised;
use crate::parse::relations::relation_id;
use crate::parse::structure::heading_level;
use crate::parse::table::Table;
use crate::parse::xml::{attribute, character_of};
use crate::{BlockKind, ParseError};

/// Notes of one kind by their identifier.
pub(super) type Notes = HashMap<String, String>;

/// What stands in other parts and is shown within the document.
#[derive(Clone, Copy)]
pub(super) struct Beside<'a> {
    /// Notes by their kind.
    pub(super) notes: &'a HashMap<&'static str, Notes>,
    /// What was read in pictures, by the identifiers of their relations.
    pub(super) pictures: &'a HashMap<String, Vec<RawBlock>>,
}

/// The blocks of the document part.
pub(super) fn blocks(
    xml: &str,
    styles: &Styles,
    numbering: &mut Numbering,
    beside: Beside<'_>,
) -> Result<Vec<RawBlock>, ParseError> {
    let mut walker = Walker::new(styles, numbering, Some(beside));
    walker.run(xml)?;
    Ok(walker.blocks)
}

/// The notes in a footnote or endnote part.
pub(super) fn notes(
    xml: &str,
    kind: &'static str,
    styles: &Styles,
    numbering: &mut Numbering,
) -> Result<Notes, ParseError> {
    let mut walker = Walker::new(styles, numbering, None);
    walker.note_element = kind;
    walker.run(xml)?;
    Ok(walker.notes_read)
}

/// A paragraph being read. Text boxes nest paragraphs in paragraphs.
#[derive(Default)]
struct Paragraph {
    text: String,
    style: Option<String>,
    level: Option<u8>,
    list: Option<(Option<String>, usize)>,
    /// Notes and text boxes, which follow the paragraph.
    after: Vec<RawBlock>,
}

/// A table being read.
#[derive(Default)]
struct OpenTable {
    table: Table,
    /// Text of the open cell.
    cell: String,
    /// Columns that the open cell takes beside its own.
    more_columns: usize,
}

struct Walker<'a> {
    styles: &'a Styles,
    numbering: &'a mut Numbering,
    beside: Option<Beside<'a>>,
    blocks: Vec<RawBlock>,
    paragraphs: Vec<Paragraph>,
    tables: Vec<OpenTable>,
    /// Depth of elements whose content is left out.
    skipping: usize,
    in_text: bool,
    /// Whether the text of the open run stands higher.
    raised: bool,
    note_element: &'static str,
    note: Option<String>,
    notes_read: Notes,
}

impl<'a> Walker<'a> {
    fn new(styles: &'a Styles, numbering: &'a mut Numbering, beside: Option<Beside<'a>>) -> Self {
        Self {
            styles,
            numbering,
            beside,
            blocks: Vec::new(),
            paragraphs: Vec::new(),
            tables: Vec::new(),
            skipping: 0,
            in_text: false,
            raised: false,
            note_element: "",
            note: None,
            notes_read: Notes::new(),
        }
    }

    fn run(&mut self, xml: &str) -> Result<(), ParseError> {
        let mut reader = quick_xml::Reader::from_str(xml);
        reader.config_mut().check_end_names = false;
        loop {
            let event = reader
                .read_event()
                .map_err(|error| ParseError::damaged(format!("the Word file's XML: {error}")))?;
            if matches!(event, Event::Eof) {
                return Ok(());
            }
            self.take(&event);
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "comments and declarations carry no text"
    )]
    fn take(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(element) => {
                if self.skipping > 0 || is_left_out(element.local_name().as_ref()) {
                    self.skipping += 1;
                } else {
                    self.start(element);
                }
            }
            Event::Empty(element) if self.skipping == 0 => {
                // An empty paragraph or cell is still one.
                self.start(element);
                self.end(element.local_name().as_ref());
            }
            Event::End(_) if self.skipping > 0 => self.skipping -= 1,
            Event::End(element) => self.end(element.local_name().as_ref()),
            Event::Text(text) if self.in_text && self.skipping == 0 => {
                self.push(&text.xml10_content());
            }
            Event::CData(text) if self.in_text && self.skipping == 0 => {
                self.push(&text.xml10_content());
            }
            Event::GeneralRef(reference) if self.in_text && self.skipping == 0 => {
                self.reference(reference);
            }
            _ => {}
        }
    }

    fn reference(&mut self, reference: &quick_xml::events::BytesRef<'_>) {
        if let Some(character) = character_of(reference) {
            self.push(character.encode_utf8(&mut [0; 4]));
        }
    }

    fn push(&mut self, text: &str) {
        let raised = self.raised.then(|| raised(text)).flatten();
        if let Some(paragraph) = self.paragraphs.last_mut() {
            paragraph.text.push_str(raised.as_deref().unwrap_or(text));
        }
    }

    fn start(&mut self, element: &BytesStart<'_>) {
        let value = || attribute(element, "val");
        let number = || value().and_then(|value| value.parse::<usize>().ok());
        match element.local_name().as_ref() {
            "p" => self.paragraphs.push(Paragraph::default()),
            "r" => self.raised = false,
            "vertAlign" => self.raised = value().is_some_and(|value| value == "superscript"),
            "t" => self.in_text = true,
            "tab" => self.push("\t"),
            "br" | "cr" => self.push("\n"),
            "noBreakHyphen" => self.push("-"),
            "pStyle" => self.set(|paragraph| paragraph.style = value()),
            "outlineLvl" => self.set(|paragraph| {
                paragraph.level = number()
                    .filter(|&level| level < 9)
                    .map(|level| level as u8 + 1);
            }),
            "ilvl" => self
                .set(|paragraph| paragraph.list.get_or_insert((None, 0)).1 = number().unwrap_or(0)),
            "numId" => self.set(|paragraph| paragraph.list.get_or_insert((None, 0)).0 = value()),
            "tbl" => self.tables.push(OpenTable::default()),
            "gridSpan" => {
                if let Some(open) = self.tables.last_mut() {
                    open.more_columns = number().unwrap_or(1).clamp(1, 64) - 1;
                }
            }
            "blip" => self.picture(attribute(element, "embed")),
            "imagedata" => self.picture(relation_id(element)),
            "footnoteReference" => self.note_reference("footnote", element),
            "endnoteReference" => self.note_reference("endnote", element),
            name if name == self.note_element => {
                let separator = attribute(element, "type").is_some_and(|kind| kind != "normal");
                self.note = attribute(element, "id").filter(|_| !separator);
            }
            _ => {}
        }
    }

    fn set(&mut self, change: impl FnOnce(&mut Paragraph)) {
        if let Some(paragraph) = self.paragraphs.last_mut() {
            change(paragraph);
        }
    }

    fn note_reference(&mut self, kind: &str, element: &BytesStart<'_>) {
        let note = self
            .beside
            .and_then(|beside| beside.notes.get(kind)?.get(&attribute(element, "id")?));
        if let (Some(note), Some(paragraph)) = (note, self.paragraphs.last_mut()) {
            paragraph
                .after
                .push(RawBlock::new(BlockKind::Paragraph, note.clone()));
        }
    }

    /// What was read in a picture follows the paragraph that shows it.
    fn picture(&mut self, id: Option<String>) {
        let blocks = id.and_then(|id| self.beside?.pictures.get(&id));
        if let (Some(blocks), Some(paragraph)) = (blocks, self.paragraphs.last_mut()) {
            paragraph.after.extend(blocks.iter().cloned());
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "p" => self.end_paragraph(),
            "t" => self.in_text = false,
            "tc" => {
                if let Some(open) = self.tables.last_mut() {
                    open.table.cell(&std::mem::take(&mut open.cell));
                    let more = std::mem::take(&mut open.more_columns);
                    (0..more).for_each(|_| open.table.cell(""));
                }
            }
            "tr" => {
                if let Some(open) = self.tables.last_mut() {
                    open.table.end_row();
                }
            }
            "tbl" => self.end_table(),
            name if name == self.note_element => {
                if let Some(id) = self.note.take() {
                    let text: Vec<String> = self.blocks.drain(..).map(|block| block.text).collect();
                    self.notes_read.insert(id, text.join("\n"));
                }
            }
            _ => {}
        }
    }

    fn end_table(&mut self) {
        let Some(OpenTable { table, .. }) = self.tables.pop() else {
            return;
        };
        if let Some(outer) = self.tables.last_mut() {
            // A table in a cell is read as the cell's text.
            for inner in table.into_cells() {
                outer.cell.push(' ');
                outer.cell.push_str(&inner);
            }
        } else if table.is_layout() {
            let cells: Vec<RawBlock> = table
                .into_cells()
                .map(|cell| RawBlock::new(BlockKind::Paragraph, cell))
                .collect();
            for cell in cells {
                self.emit(cell);
            }
        } else if let Some(text) = table.render() {
            self.emit(RawBlock::new(BlockKind::Table, text));
        }
    }

    fn end_paragraph(&mut self) {
        let Some(mut paragraph) = self.paragraphs.pop() else {
            return;
        };
        let after = std::mem::take(&mut paragraph.after);
        if !paragraph.text.trim().is_empty()
            && let Some(block) = self.block(paragraph)
        {
            self.emit(block);
        }
        for block in after {
            self.emit(block);
        }
    }

    /// What a paragraph is, by its own properties and its style's.
    fn block(&mut self, paragraph: Paragraph) -> Option<RawBlock> {
        let style = paragraph
            .style
            .as_ref()
            .and_then(|style| self.styles.get(style));
        if style.is_some_and(|style| style.contents) {
            return None;
        }
        let level = paragraph
            .level
            .or_else(|| style.and_then(|style| style.level));
        let list = match (&paragraph.list, style.and_then(|style| style.list.clone())) {
            (Some((Some(list), depth)), _) => (list != "0").then(|| (list.clone(), *depth)),
            (Some((None, depth)), Some((list, _))) => Some((list, *depth)),
            (_, inherited) => inherited,
        };
        let title = style.is_some_and(|style| style.title);
        let mut text = paragraph.text;
        if let Some((list, depth)) = &list {
            let label = self.numbering.next(list, *depth);
            if !label.is_empty() {
                text = format!("{label} {}", text.trim_start());
            }
        }
        let short = text.chars().count() <= 200;
        let kind = match level.or_else(|| heading_level(&text)) {
            Some(level) if short => BlockKind::Heading {
                level: level.min(6),
            },
            _ if title && short => BlockKind::Heading { level: 1 },
            _ if list.is_some() => BlockKind::ListItem,
            _ => BlockKind::Paragraph,
        };
        Some(RawBlock::new(kind, text))
    }

    /// Puts a block where the text around it goes: a cell, the paragraph of a text box, or the document.
    fn emit(&mut self, block: RawBlock) {
        if let Some(outer) = self.paragraphs.last_mut() {
            outer.after.push(block);
        } else if let Some(OpenTable { cell, .. }) = self.tables.last_mut() {
            if !cell.is_empty() {
                cell.push(' ');
            }
            cell.push_str(&block.text);
        } else {
            self.blocks.push(block);
        }
    }
}

/// Second versions of drawings, and what is not part of the running text.
fn is_left_out(name: &str) -> bool {
    matches!(
        name,
        "Fallback"
            | "del"
            | "moveFrom"
            | "instrText"
            | "sectPr"
            | "pPrChange"
            | "rPrChange"
            | "tblPrChange"
    )
}
