//! Tables: found by their lines, or by what stands below what; running text is never one.

mod aligned;
mod cell;
mod infer;
mod render;
mod ruled;
#[cfg(test)]
mod tests;

pub(super) use self::render::TablePart;
pub(super) use self::ruled::take_ruled;

use self::cell::Cell;
use super::rows::Row;

/// A table: a header, and rows with as many cells.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Table {
    header: Vec<Cell>,
    rows: Vec<Vec<Cell>>,
}

/// Part of a flow of rows.
pub(super) enum Part {
    /// A line of text.
    Row(Row),
    /// A table.
    Table(Table),
}

/// The rows of a flow with the tables among them; `ruled` are those already found, which segments refer to.
pub(super) fn parts(rows: Vec<Row>, ruled: &mut [Option<Table>]) -> Vec<Part> {
    let mut found = Vec::new();
    let mut open: Vec<Row> = Vec::new();
    for mut row in rows {
        let grids: Vec<usize> = row.segments.iter().filter_map(|one| one.grid).collect();
        if grids.is_empty() {
            open.push(row);
            continue;
        }
        found.extend(aligned::parts(std::mem::take(&mut open)));
        row.segments.retain(|segment| segment.grid.is_none());
        for index in grids {
            found.extend(ruled.get_mut(index).and_then(Option::take).map(Part::Table));
        }
        if !row.segments.is_empty() {
            open.push(row);
        }
    }
    found.extend(aligned::parts(open));
    found
}
