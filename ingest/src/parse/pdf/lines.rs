//! Makes paragraphs, headings and list items of a page's lines.

use std::collections::BTreeMap;

use super::frame::{Frame, Rect};
use super::order::{Item, Page};
use crate::BlockKind;
use crate::Span;
use crate::clean::{RawBlock, display_width, join_line};
use crate::parse::structure::{begins_field, begins_item, bullet, ends_sentence, heading_level};
use crate::places::{Area, Place};

/// One line of a page.
pub(super) struct Line {
    pub(super) text: String,
    /// Whether it has wide gaps, like the row of a table.
    pub(super) row: bool,
    /// Whether it stands beside the text: a footnote, a comment.
    pub(super) note: bool,
    /// Where it stands, where the reader tells.
    pub(super) geometry: Option<Geometry>,
    /// What it fills of the page as shown, in points.
    pub(super) rect: Option<Rect>,
}

impl Line {
    /// Whether it ends far from where a page of this width would end it, if its margins are alike.
    fn stops_early(&self, width: f32) -> bool {
        const MOST: f64 = 0.8;
        let ends = |here: Geometry| here.right < (f64::from(width) - here.left) * MOST;
        self.geometry.is_some_and(ends)
    }
}

/// Place and type size, in points; baselines grow upwards.
#[derive(Clone, Copy)]
pub(super) struct Geometry {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) baseline: f64,
    pub(super) size: f64,
}

/// What is usual in the document, to tell what is special.
struct Body {
    size: f64,
    leading: f64,
    right: f64,
    /// Whether most lines run over most of the page's width.
    single_column: bool,
    width: usize,
    /// Heading type sizes in tenths of a point, largest first.
    headings: Vec<u32>,
}

/// The blocks of all pages. A paragraph may run over a page's end.
pub(super) fn blocks(pages: &[Page]) -> Vec<RawBlock> {
    let body = Body::measure(pages);
    let mut blocks: Vec<RawBlock> = Vec::new();
    let mut previous: Option<&Line> = None;
    for page in pages {
        let mut fresh_page = true;
        for item in &page.items {
            match item {
                Item::Line(line) => {
                    body.add_line(&mut blocks, previous, line, (page, fresh_page));
                    previous = Some(line);
                }
                Item::Table(part, turn) => {
                    let places = part.pieces.iter().filter_map(|piece| {
                        let rect = page.frame.unturned(*turn, piece.rect)?;
                        place(page, (piece.start, piece.end), rect)
                    });
                    blocks.push(RawBlock {
                        kind: BlockKind::Table,
                        text: part.text.clone(),
                        page_starts: vec![(0, page.number)],
                        places: places.collect(),
                    });
                    previous = None;
                }
            }
            fresh_page = false;
        }
    }
    blocks
}

/// Where the bytes of a range stand; `None` for what lies outside of the page.
fn place(page: &Page, (start, end): (usize, usize), rect: Rect) -> Option<Place> {
    let Frame { width, height, .. } = page.frame;
    let area = Area::new(
        [rect.left / width, rect.right / width],
        [rect.top / height, rect.bottom / height],
    )?;
    Some(Place {
        span: Span { start, end },
        page: page.number,
        area,
    })
}

fn append_row(text: &mut String, row: &str) -> usize {
    text.push('\n');
    let offset = text.len();
    text.push_str(row);
    offset
}

impl Body {
    /// Adds a line to the block that it belongs to, or begins one.
    fn add_line(
        &self,
        blocks: &mut Vec<RawBlock>,
        previous: Option<&Line>,
        line: &Line,
        (page, fresh_page): (&Page, bool),
    ) {
        let kind = self.kind(line);
        let open = blocks.last_mut().zip(previous).filter(|(block, before)| {
            !self.begins_block((before, line), (block.kind, kind), (page, fresh_page))
        });
        let Some((block, before)) = open else {
            let text = if kind == BlockKind::ListItem {
                bullet(&line.text).unwrap_or(&line.text)
            } else {
                &line.text
            };
            blocks.push(RawBlock {
                kind,
                text: text.to_owned(),
                page_starts: vec![(0, page.number)],
                places: line
                    .rect
                    .and_then(|rect| place(page, (0, text.len()), rect))
                    .into_iter()
                    .collect(),
            });
            return;
        };
        let offset = if line.row || before.row {
            append_row(&mut block.text, &line.text)
        } else {
            join_line(&mut block.text, &line.text)
        };
        // A hyphen that was undone is gone from the line before.
        if let Some(last) = block.places.last_mut() {
            last.span.end = last.span.end.min(offset);
        }
        if fresh_page {
            block.page_starts.push((offset, page.number));
        }
        block.places.extend(
            line.rect
                .and_then(|rect| place(page, (offset, block.text.len()), rect)),
        );
    }

    fn measure(pages: &[Page]) -> Self {
        let mut sizes: BTreeMap<u32, usize> = BTreeMap::new();
        let mut leadings: BTreeMap<u32, usize> = BTreeMap::new();
        let mut rights: Vec<f64> = Vec::new();
        let mut lefts: Vec<f64> = Vec::new();
        let mut widths: Vec<usize> = Vec::new();
        for page in pages {
            let mut above: Option<Geometry> = None;
            for item in &page.items {
                let Item::Line(line) = item else {
                    above = None;
                    continue;
                };
                widths.push(display_width(&line.text));
                let Some(here) = line.geometry else { continue };
                *sizes.entry(tenths(here.size)).or_default() += line.text.chars().count();
                rights.push(here.right);
                lefts.push(here.left);
                if let Some(above) = above
                    && above.baseline > here.baseline
                {
                    *leadings
                        .entry(tenths(above.baseline - here.baseline))
                        .or_default() += 1;
                }
                above = Some(here);
            }
        }
        let most = |counts: &BTreeMap<u32, usize>| {
            counts
                .iter()
                .max_by_key(|(_, count)| **count)
                .map_or(0.0, |(value, _)| f64::from(*value) / 10.0)
        };
        let size = most(&sizes);
        let mut spans: Vec<f64> = rights
            .iter()
            .zip(&lefts)
            .map(|(right, left)| right - left)
            .collect();
        for values in [&mut rights, &mut lefts, &mut spans] {
            values.sort_by(f64::total_cmp);
        }
        let at = |values: &[f64], tenth: usize| {
            values
                .get(values.len() * tenth / 10)
                .copied()
                .unwrap_or(0.0)
        };
        let right = at(&rights, 9);
        widths.sort_unstable();
        let mut headings: Vec<u32> = sizes
            .keys()
            .copied()
            .filter(|&tenth| f64::from(tenth) / 10.0 >= size * 1.12)
            .collect();
        headings.reverse();
        Self {
            size,
            leading: most(&leadings),
            right,
            single_column: at(&spans, 6) > (right - at(&lefts, 1)) * 0.6,
            width: widths.get(widths.len() * 9 / 10).copied().unwrap_or(0),
            headings,
        }
    }

    fn kind(&self, line: &Line) -> BlockKind {
        if let Some(level) = heading_level(&line.text) {
            return BlockKind::Heading { level };
        }
        if bullet(&line.text).is_some() {
            return BlockKind::ListItem;
        }
        let large = line
            .geometry
            .is_some_and(|here| self.size > 0.0 && here.size >= self.size * 1.12);
        let worded = line
            .text
            .chars()
            .filter(|character| character.is_alphabetic())
            .count()
            >= 2;
        if large && worded && !line.row && line.text.chars().count() <= 90 {
            let tenth = line.geometry.map_or(0, |here| tenths(here.size));
            let rank = self
                .headings
                .iter()
                .position(|&size| size == tenth)
                .unwrap_or(0);
            return BlockKind::Heading {
                level: u8::try_from(rank + 1).unwrap_or(6).min(4),
            };
        }
        BlockKind::Paragraph
    }

    /// Whether `line` begins a block of its own after `before`.
    fn begins_block(
        &self,
        (before, line): (&Line, &Line),
        (open, kind): (BlockKind, BlockKind),
        (page, fresh_page): (&Page, bool),
    ) -> bool {
        if line.note != before.note || line.note && line.geometry.is_none() {
            return true;
        }
        if line.note {
            return super::notes::begins(&line.text);
        }
        if let BlockKind::Heading { .. } = kind {
            // A heading of two lines stays one.
            return kind != open
                || fresh_page
                || heading_level(&line.text).is_some()
                || self.gap_is_wide(before, line);
        }
        if kind == BlockKind::ListItem
            || open != BlockKind::Paragraph && open != BlockKind::ListItem
            || begins_item(&line.text)
        {
            return true;
        }
        if line.row || before.row {
            return line.row != before.row || fresh_page || self.gap_is_wide(before, line);
        }
        let short = self.is_short(before, line) || before.stops_early(page.frame.width);
        if begins_field(&line.text) && (begins_field(&before.text) || short) {
            return true;
        }
        let ended = before.text.trim_end().ends_with(closes_paragraph);
        if fresh_page {
            // Pages end anywhere.
            return ended || short;
        }
        let resized = match (before.geometry, line.geometry) {
            (Some(above), Some(here)) => (above.size - here.size).abs() > self.size * 0.1,
            _ => false,
        };
        resized && ended
            || self.gap_is_wide(before, line)
            || self.is_stub(before, line)
            || ended && self.is_short(before, line)
            || self.is_indented(before, line) && ended
    }

    fn gap_is_wide(&self, before: &Line, line: &Line) -> bool {
        let (Some(above), Some(here)) = (before.geometry, line.geometry) else {
            return false;
        };
        let gap = above.baseline - here.baseline;
        let usual = if self.leading > 0.0 {
            self.leading
        } else {
            self.size * 1.4
        };
        // Upwards is the next column, not a gap.
        gap > usual * 1.35 && gap > above.size * 1.3
    }

    /// Whether a line stops before the margin, as the last one of a paragraph does. The next line of the same column
    /// shows the margin best, since pages with columns have several.
    fn is_short(&self, before: &Line, line: &Line) -> bool {
        match (before.geometry, line.geometry) {
            (Some(above), Some(here)) => {
                let aligned = (above.left - here.left).abs() < self.size * 3.0;
                let margin = if aligned && !self.single_column {
                    here.right
                } else {
                    self.right.max(here.right)
                };
                above.right < margin - self.size * 3.0
            }
            _ => display_width(&before.text) * 5 < self.width * 4,
        }
    }

    /// Whether a line is so short that nothing would have broken it but its author.
    fn is_stub(&self, before: &Line, line: &Line) -> bool {
        match (before.geometry, line.geometry) {
            (Some(above), Some(here)) => {
                let width = here.right - here.left;
                (above.right - above.left) < width * 0.5 && above.right < here.right - width * 0.4
            }
            _ => display_width(&before.text) * 2 < self.width,
        }
    }

    fn is_indented(&self, before: &Line, line: &Line) -> bool {
        let (Some(above), Some(here)) = (before.geometry, line.geometry) else {
            return false;
        };
        let indent = here.left - above.left;
        indent > self.size && indent < self.size * 6.0 && above.baseline > here.baseline
    }
}

/// Marks that may end a paragraph; a comma may not.
fn closes_paragraph(character: char) -> bool {
    matches!(character, '”' | '"' | '）' | ')' | '』' | '」' | '》')
        || ends_sentence(character) && !matches!(character, '，' | ',' | '、')
}

fn tenths(points: f64) -> u32 {
    (points * 10.0).round().clamp(0.0, 1e6) as u32
}
