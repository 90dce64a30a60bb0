//! Tables as Markdown, in parts of about a passage that each begin with the header, and where every cell stands.

use super::Table;
use super::cell::{Cell, Piece};
use crate::parse::table::{PART, rule, weigh};

/// A part of a table, ready to be a block.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::parse::pdf) struct TablePart {
    pub(in crate::parse::pdf) text: String,
    pub(in crate::parse::pdf) pieces: Vec<Piece>,
}

impl TablePart {
    fn push_row(&mut self, row: &[Cell]) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push('|');
        for cell in row {
            self.text.push(' ');
            let offset = self.text.len();
            self.text.push_str(&cell.text);
            self.pieces.extend(cell.pieces.iter().map(|piece| Piece {
                start: piece.start + offset,
                end: piece.end + offset,
                rect: piece.rect,
            }));
            self.text.push_str(if cell.is_empty() { "|" } else { " |" });
        }
    }
}

impl Table {
    /// The parts of the table, in order.
    pub(in crate::parse::pdf) fn parts(&self) -> Vec<TablePart> {
        let size = |row: &[Cell]| weigh(row.iter().map(|cell| cell.text.as_str()));
        let mut head = TablePart::default();
        head.push_row(&self.header);
        head.text.push('\n');
        head.text.push_str(&rule(self.header.len()));
        let heading = size(&self.header);
        let mut parts = Vec::new();
        let (mut part, mut weight) = (head.clone(), heading);
        for row in &self.rows {
            if weight + size(row) > PART && part.text.len() > head.text.len() {
                parts.push(std::mem::replace(&mut part, head.clone()));
                weight = heading;
            }
            weight += size(row);
            part.push_row(row);
        }
        parts.push(part);
        parts
    }
}
