//! The rows of a page from top to bottom, as somebody holds it who reads most of its text.

use super::super::frame::Turn;
use super::super::sketch::{Segment, Sketch};

/// Pieces of text on one baseline.
pub(super) struct Row {
    pub(super) baseline: f32,
    /// Type size of its first piece.
    pub(super) size: f32,
    /// Whether a piece of it lies in a table drawn with lines.
    pub(super) in_table: bool,
    /// From the left, by their numbers on the page.
    pub(super) segments: Vec<usize>,
}

impl Row {
    pub(super) fn texts<'a>(&'a self, page: &'a Sketch) -> impl Iterator<Item = &'a str> {
        self.segments
            .iter()
            .map(|at| page.segments[*at].text.as_str())
    }
}

/// How far edges of columns may lie from each other, in points.
const SAME_EDGE: f32 = 3.0;

impl Row {
    /// Whether two or more pieces begin or end where pieces of the other row do, as in a table without lines.
    pub(super) fn has_columns_of(&self, other: &Self, page: &Sketch) -> bool {
        let near = |one: f32, other: f32| (one - other).abs() < SAME_EDGE;
        let shared = self.segments.iter().filter(|at| {
            let own = &page.segments[**at];
            other.segments.iter().any(|at| {
                let other = &page.segments[*at];
                near(own.left, other.left) || near(own.right, other.right)
            })
        });
        other.segments.len() >= 2 && shared.count() >= 2
    }
}

/// All rows of a page.
pub(super) fn of(page: &Sketch) -> Vec<Row> {
    let turn = page.main_turn();
    let upright = page.segments.iter().enumerate();
    let mut upright: Vec<(usize, &Segment)> = upright
        .filter(|(_, segment)| segment.turn == turn)
        .collect();
    upright.sort_by(|one, two| one.1.baseline.total_cmp(&two.1.baseline));
    let mut rows: Vec<Row> = Vec::new();
    for (index, segment) in upright {
        let in_table = segment.grid.is_some()
            || turn == Turn::Right && page.grids.iter().any(|grid| grid.holds(&segment.rect()));
        match rows.last_mut() {
            Some(row)
                if (segment.baseline - row.baseline).abs() <= segment.size.min(row.size) * 0.4 =>
            {
                row.segments.push(index);
                row.in_table |= in_table;
            }
            _ => rows.push(Row {
                baseline: segment.baseline,
                size: segment.size,
                in_table,
                segments: vec![index],
            }),
        }
    }
    for row in &mut rows {
        row.segments.sort_by(|one, two| {
            page.segments[*one]
                .left
                .total_cmp(&page.segments[*two].left)
        });
    }
    rows
}

/// The height of a page for who reads most of its text.
pub(super) fn height(page: &Sketch) -> f32 {
    match page.main_turn() {
        Turn::Up | Turn::Down => page.frame.width,
        Turn::Right | Turn::Left | Turn::Skew => page.frame.height,
    }
}
