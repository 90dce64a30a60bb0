//! PowerPoint 97-2003 ([MS-PPT]): the text of each slide and its notes, in the order of the show.

use std::collections::HashMap;

use super::compound::{Compound, u16_at, u32_at};
use super::summary;
use crate::clean::{RawBlock, RawDocument};
use crate::{BlockKind, Kind, ParseError, ParseLimits};

/// Bytes of a record's head.
const HEAD: usize = 8;
/// Records in one another, and edits of the file, that are followed.
const DEPTH: usize = 32;
const EDITS: usize = 4_096;

/// Records by type.
const NOTES_ATOM: u16 = 0x03f1;
const SLIDE_PLACE: u16 = 0x03f3;
const LIST: u16 = 0x0ff0;
const TEXT_HEAD: u16 = 0x0f9f;
const TEXT_WIDE: u16 = 0x0fa0;
const TEXT_NARROW: u16 = 0x0fa8;
const EDIT: u16 = 0x0ff5;
const DIRECTORY: u16 = 0x1772;
/// Lists of what, by the instance in their head.
const SLIDES: u16 = 0;
const NOTES: u16 = 2;
/// Kinds of text that are a slide's title.
const TITLES: [u32; 2] = [0, 6];

/// A record: what its head says, and its content.
#[derive(Clone, Copy)]
struct Record<'a> {
    instance: u16,
    kind: u16,
    content: &'a [u8],
    container: bool,
}

impl<'a> Record<'a> {
    /// The record at a place; cut where the file ends.
    fn at(bytes: &'a [u8], place: usize) -> Option<Self> {
        let head = u16_at(bytes, place)?;
        let length = u32_at(bytes, place.checked_add(4)?)? as usize;
        let start = place.checked_add(HEAD)?;
        let end = start.saturating_add(length).min(bytes.len());
        Some(Self {
            instance: head >> 4,
            kind: u16_at(bytes, place + 2)?,
            content: bytes.get(start..end)?,
            container: head & 0xf == 0xf,
        })
    }

    /// The records right inside.
    fn children(self) -> impl Iterator<Item = Record<'a>> {
        let mut place = 0;
        std::iter::from_fn(move || {
            let record = Record::at(self.content, place)?;
            place += HEAD + record.content.len();
            Some(record)
        })
    }

    /// Calls `take` with every record inside that holds others no more, in order.
    fn visit(self, depth: usize, take: &mut impl FnMut(Record<'a>)) {
        for record in self.children() {
            if record.container && depth > 0 {
                record.visit(depth - 1, take);
            } else if !record.container {
                take(record);
            }
        }
    }
}

/// Reads the presentation.
///
/// # Errors
/// [`ParseError::DamagedFile`], [`ParseError::TooManyPages`], [`ParseError::TooLarge`].
pub(super) fn read(bytes: &[u8], limits: &ParseLimits) -> Result<RawDocument, ParseError> {
    let mut container = Compound::open(bytes, limits)?;
    let damaged = || ParseError::damaged("its list of slides does not make sense");
    let stream = container
        .stream("/PowerPoint Document")?
        .ok_or_else(damaged)?;
    let user = container.stream("/Current User")?.ok_or_else(damaged)?;
    let places = Places::read(&stream, &user).ok_or_else(damaged)?;
    let document = places
        .record(&stream, places.document)
        .ok_or_else(damaged)?;
    let notes = notes(&stream, &places, document);
    let mut blocks = Vec::new();
    let mut total = 0;
    for slide in slides(document, SLIDES) {
        total += 1;
        if total > limits.pages {
            return Err(ParseError::TooManyPages {
                pages: total,
                limit: limits.pages,
            });
        }
        let mut found = slide.blocks;
        if let Some(drawn) = places.record(&stream, slide.place) {
            found.extend(texts(drawn));
        }
        found.extend(notes.get(&slide.id).cloned().unwrap_or_default());
        for block in &mut found {
            block.page_starts = vec![(0, total)];
        }
        blocks.append(&mut found);
    }
    let (title, details) = summary::read(&mut container)?;
    Ok(RawDocument {
        title,
        details,
        pages: total,
        ..RawDocument::new(Kind::Ppt, blocks)
    })
}

/// Where the records that others name by number lie; the newest edit of each counts.
struct Places {
    places: HashMap<u32, usize>,
    document: u32,
}

impl Places {
    fn read(stream: &[u8], user: &[u8]) -> Option<Self> {
        let mut edit = u32_at(user, HEAD + 8)? as usize;
        let mut all = Self {
            places: HashMap::new(),
            document: 0,
        };
        for round in 0..EDITS {
            let record = Record::at(stream, edit).filter(|record| record.kind == EDIT)?;
            let before = u32_at(record.content, 8)? as usize;
            all.add(stream, u32_at(record.content, 12)? as usize);
            if round == 0 {
                all.document = u32_at(record.content, 16)?;
            }
            // Each edit lies behind the one before it: no circle.
            if before == 0 || before >= edit {
                break;
            }
            edit = before;
        }
        Some(all)
    }

    /// Adds a directory: runs of numbers, each with their places.
    fn add(&mut self, stream: &[u8], place: usize) -> Option<()> {
        let record = Record::at(stream, place).filter(|record| record.kind == DIRECTORY)?;
        let mut at = 0;
        while let Some(head) = u32_at(record.content, at) {
            let (first, count) = (head & 0x000f_ffff, head >> 20);
            for number in 0..count {
                at += 4;
                let place = u32_at(record.content, at)? as usize;
                self.places.entry(first + number).or_insert(place);
            }
            at += 4;
        }
        Some(())
    }

    fn record<'a>(&self, stream: &'a [u8], number: u32) -> Option<Record<'a>> {
        Record::at(stream, *self.places.get(&number)?)
    }
}

/// A slide as the document lists it.
struct Slide {
    id: u32,
    /// The number of its drawing.
    place: u32,
    /// Title and body as the outline has them.
    blocks: Vec<RawBlock>,
}

fn slides(document: Record<'_>, wanted: u16) -> Vec<Slide> {
    let lists = document
        .children()
        .filter(|record| record.kind == LIST && record.instance == wanted);
    let mut slides: Vec<Slide> = Vec::new();
    let mut title = None;
    for record in lists.flat_map(Record::children) {
        if record.kind == SLIDE_PLACE {
            if let (Some(place), Some(id)) = (u32_at(record.content, 0), u32_at(record.content, 12))
            {
                slides.push(Slide {
                    id,
                    place,
                    blocks: Vec::new(),
                });
            }
        } else if let Some(slide) = slides.last_mut() {
            slide.blocks.extend(text_of(record, &mut title));
        }
    }
    slides
}

/// The notes of each slide, by the slide's number.
fn notes(stream: &[u8], places: &Places, document: Record<'_>) -> HashMap<u32, Vec<RawBlock>> {
    let mut notes = HashMap::new();
    for page in slides(document, NOTES) {
        let Some(record) = places.record(stream, page.place) else {
            continue;
        };
        let slide = record
            .children()
            .find(|record| record.kind == NOTES_ATOM)
            .and_then(|record| u32_at(record.content, 0));
        if let Some(slide) = slide {
            let mut blocks = page.blocks;
            blocks.extend(texts(record));
            notes.insert(slide, blocks);
        }
    }
    notes
}

/// The texts of a drawing, in order.
fn texts(record: Record<'_>) -> Vec<RawBlock> {
    let mut blocks = Vec::new();
    let mut title = None;
    record.visit(DEPTH, &mut |record| {
        blocks.extend(text_of(record, &mut title));
    });
    blocks
}

/// The paragraphs of a text record; `title` remembers what the record before said of it.
fn text_of(record: Record<'_>, title: &mut Option<bool>) -> Vec<RawBlock> {
    let text = match record.kind {
        TEXT_HEAD => {
            *title = u32_at(record.content, 0).map(|kind| TITLES.contains(&kind));
            return Vec::new();
        }
        TEXT_WIDE => encoding_rs::UTF_16LE
            .decode_without_bom_handling(record.content)
            .0
            .into_owned(),
        // The low bytes of UTF-16, so Latin-1.
        TEXT_NARROW => record.content.iter().copied().map(char::from).collect(),
        _ => return Vec::new(),
    };
    let title = title.take().unwrap_or(false);
    let lines = text
        .split('\r')
        .map(|line| line.replace('\u{b}', "\n").trim().to_owned())
        // An asterisk alone stands for the slide's number or the date.
        .filter(|line| !line.is_empty() && line != "*");
    if title {
        let line = lines.collect::<Vec<_>>().join(" ");
        let kind = BlockKind::Heading { level: 2 };
        return (!line.is_empty())
            .then(|| RawBlock::new(kind, line.replace('\n', " ")))
            .into_iter()
            .collect();
    }
    lines
        .map(|line| RawBlock::new(BlockKind::Paragraph, line))
        .collect()
}
