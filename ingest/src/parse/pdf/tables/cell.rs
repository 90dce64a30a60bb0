//! Cells: what stands in one column of a row, put together from pieces of text.

use crate::clean::{is_cjk, join_line};
use crate::parse::pdf::frame::Rect;
use crate::parse::pdf::rows::Row;
use crate::parse::pdf::sketch::Segment;
use crate::parse::structure::{begins_item, bullet};

/// A stretch of text and the rectangle that it fills, in the coordinates of its turn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::parse::pdf) struct Piece {
    pub(in crate::parse::pdf) start: usize,
    pub(in crate::parse::pdf) end: usize,
    pub(in crate::parse::pdf) rect: Rect,
}

/// The text of a cell.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::parse::pdf) struct Cell {
    pub(in crate::parse::pdf) text: String,
    pub(in crate::parse::pdf) pieces: Vec<Piece>,
}

impl Cell {
    pub(super) fn of(segment: &Segment) -> Self {
        let text = segment.text.replace('|', "\\|");
        Self {
            pieces: vec![Piece {
                start: 0,
                end: text.len(),
                rect: segment.rect(),
            }],
            text,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(super) fn left(&self) -> f32 {
        let edges = self.pieces.iter().map(|piece| piece.rect.left);
        edges.fold(f32::MAX, f32::min)
    }

    pub(super) fn right(&self) -> f32 {
        let edges = self.pieces.iter().map(|piece| piece.rect.right);
        edges.fold(f32::MIN, f32::max)
    }

    /// Appends what stands beside it on the same line.
    pub(super) fn extend(&mut self, other: &Self, blank: bool) {
        let blank = blank && !self.is_empty() && !other.is_empty();
        if blank {
            self.text.push(' ');
        }
        let offset = self.text.len();
        self.text.push_str(&other.text);
        self.adopt(other, offset);
    }

    /// Appends what stands below it as the next line of the same text.
    pub(super) fn wrap(&mut self, other: &Self) {
        if other.is_empty() {
            return;
        }
        let offset = join_line(&mut self.text, &other.text);
        for piece in &mut self.pieces {
            piece.end = piece.end.min(offset);
        }
        self.adopt(other, offset);
    }

    fn adopt(&mut self, other: &Self, offset: usize) {
        self.pieces.extend(other.pieces.iter().map(|piece| Piece {
            start: piece.start + offset,
            end: piece.end + offset,
            rect: piece.rect,
        }));
    }

    /// Whether it is a figure: a number, a sum of money, a share, or the dash that stands for none.
    pub(super) fn is_figure(&self) -> bool {
        let dash = matches!(
            self.text.as_str(),
            "-" | "–" | "—" | "−" | "n/a" | "N/A" | "*"
        );
        let digits = self.text.chars().filter(char::is_ascii_digit).count();
        let letters = self
            .text
            .chars()
            .filter(|character| character.is_alphabetic())
            .count();
        dash || digits > 0 && (letters == 0 || letters <= 3 && digits > letters)
            || self.is_measured()
    }

    /// Whether it is a number with a Chinese measure behind it: `5天`, `3个月`.
    fn is_measured(&self) -> bool {
        let text = self.text.trim();
        let measure = text.trim_start_matches(|character: char| {
            character.is_ascii_digit() || matches!(character, '.' | ',' | ' ')
        });
        let han = |character: char| matches!(character, '\u{4e00}'..='\u{9fff}');
        measure.len() < text.len() && measure.chars().all(han) && measure.chars().count() <= 2
    }

    /// Whether it is the number of a year, which stands over columns as often as in them.
    pub(super) fn is_year(&self) -> bool {
        let digits = self
            .text
            .trim_matches(|character: char| !character.is_ascii_digit());
        digits.len() == 4
            && (digits.starts_with("19") || digits.starts_with("20"))
            && self.text.chars().count() <= 7
    }
}

/// The cells of a row: signs of money and the like belong to their figures, marks of lists to their texts.
pub(super) fn cells(row: &Row) -> Vec<Cell> {
    let mut cells: Vec<Cell> = Vec::new();
    for segment in &row.segments {
        let cell = Cell::of(segment);
        let first = cells.len() == 1;
        if let Some(before) = cells.last_mut() {
            let gap = cell.left() - before.right();
            let near = gap < row.size * 0.9;
            let mark = first && is_mark(&before.text) && gap < row.size * 5.0;
            let money = is_money(&before.text) && cell.is_figure();
            if near || mark || money || is_rest(&cell.text) {
                let blank = mark
                    || gap > row.size * 0.12
                        && !is_rest(&cell.text)
                        && !closed(&before.text, &cell.text);
                before.extend(&cell, blank);
                continue;
            }
        }
        cells.push(cell);
    }
    cells
}

/// Whether no blank stands between two texts, both Chinese.
fn closed(before: &str, after: &str) -> bool {
    before.chars().next_back().is_some_and(is_cjk) && after.chars().next().is_some_and(is_cjk)
}

fn is_mark(text: &str) -> bool {
    let characters = text.chars().count();
    characters == 1 && (bullet(&format!("{text} x")).is_some())
        || characters <= 5 && begins_item(&format!("{text} x"))
        || characters <= 4 && text.starts_with('(') && text.ends_with(')') && characters >= 3
}

fn is_money(text: &str) -> bool {
    matches!(
        text.trim_end_matches('(').trim_end(),
        "$" | "€" | "£" | "¥" | "￥" | "US$" | "HK$" | "C$" | "A$" | "RMB" | "Rs." | "₹" | ""
    )
}

/// What closes a figure and is set apart from it.
fn is_rest(text: &str) -> bool {
    matches!(text, ")" | "%" | ")%" | "%)" | "）" | "％")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::pdf::rows::rows;
    use crate::parse::pdf::testing::segment;

    fn texts(segments: Vec<Segment>) -> Vec<String> {
        let row = rows(segments).remove(0);
        cells(&row).into_iter().map(|cell| cell.text).collect()
    }

    #[test]
    fn a_number_with_a_chinese_measure_is_a_figure_and_a_label_with_numbers_is_none() {
        let cell = |text: &str| Cell::of(&segment(text, 0.0, 0.0));
        assert!(cell("5天").is_figure() && cell("3个月").is_figure());
        assert!(!cell("已满1年不满10年").is_figure() && !cell("天数").is_figure());
    }

    #[test]
    fn signs_of_money_and_closing_marks_belong_to_their_figures() {
        assert_eq!(
            texts(vec![
                segment("Net income", 50.0, 100.0),
                segment("$", 200.0, 100.0),
                segment("(9,243", 230.0, 100.0),
                segment(")", 275.0, 100.0),
                segment("17", 340.0, 100.0),
                segment("%", 370.0, 100.0),
            ]),
            ["Net income", "$ (9,243)", "17%"]
        );
    }

    #[test]
    fn marks_of_lists_belong_to_their_texts() {
        assert_eq!(
            texts(vec![
                segment("(a)", 50.0, 100.0),
                segment("the first of them", 90.0, 100.0),
            ]),
            ["(a) the first of them"]
        );
    }
}
