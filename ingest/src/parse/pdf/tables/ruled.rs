//! Tables drawn with lines: the lines say what belongs together.

use super::Table;
use super::cell::Cell;
use crate::parse::pdf::frame::Turn;
use crate::parse::pdf::rows::rows;
use crate::parse::pdf::rules::Grid;
use crate::parse::pdf::sketch::Segment;

/// A cell with more characters than this is part of a page's layout.
const LONGEST: usize = 900;

/// Takes the text of ruled tables out of the segments and leaves one empty segment in the place of each.
pub(in crate::parse::pdf) fn take_ruled(
    segments: &mut Vec<Segment>,
    grids: &[Grid],
) -> Vec<Option<Table>> {
    let mut tables = Vec::new();
    for grid in grids {
        let (inside, outside): (Vec<Segment>, Vec<Segment>) =
            std::mem::take(segments).into_iter().partition(|one| {
                one.turn == Turn::Right && one.grid.is_none() && grid.holds(&one.rect())
            });
        *segments = outside;
        let Some(table) = table(grid, &inside) else {
            segments.extend(inside);
            continue;
        };
        let order = inside.iter().map(|one| one.order).min().unwrap_or(0);
        segments.push(Segment {
            text: String::new(),
            left: grid.columns[0],
            right: grid.columns[grid.columns.len() - 1],
            baseline: grid.rows[0] + 1.0,
            size: 1.0,
            turn: Turn::Right,
            order,
            grid: Some(tables.len()),
        });
        tables.push(Some(table));
    }
    // What lay between tables is where it was drawn.
    segments.sort_by_key(|segment| segment.order);
    tables
}

fn table(grid: &Grid, inside: &[Segment]) -> Option<Table> {
    let (width, height) = (grid.columns.len() - 1, grid.rows.len() - 1);
    let mut held: Vec<Vec<Segment>> = vec![Vec::new(); width * height];
    for segment in inside {
        let rect = segment.rect();
        let (column, row) = grid.cell(rect.left, f32::midpoint(rect.top, rect.bottom));
        held[row * width + column].push(segment.clone());
    }
    let mut cells: Vec<Cell> = held.into_iter().map(cell).collect();
    let filled = cells.iter().filter(|cell| !cell.is_empty()).count();
    let longest = cells.iter().map(|cell| cell.text.len()).max().unwrap_or(0);
    if filled < 3 || longest > LONGEST {
        return None;
    }
    let mut found: Vec<Vec<Cell>> = Vec::with_capacity(height);
    while !cells.is_empty() {
        let rest = cells.split_off(width.min(cells.len()));
        let row = std::mem::replace(&mut cells, rest);
        if row.iter().any(|cell| !cell.is_empty()) {
            found.push(row);
        }
    }
    let used: Vec<bool> = (0..width)
        .map(|column| found.iter().any(|row| !row[column].is_empty()))
        .collect();
    for row in &mut found {
        let mut column = 0;
        row.retain(|_| {
            column += 1;
            used[column - 1]
        });
    }
    let columns = used.iter().filter(|used| **used).count();
    if columns < 2 || found.len() < 2 {
        return None;
    }
    let header = found.remove(0);
    Some(Table {
        header,
        rows: found,
    })
}

/// All lines of a cell as one text.
fn cell(segments: Vec<Segment>) -> Cell {
    let mut whole = Cell::default();
    for row in rows(segments) {
        let mut line = Cell::default();
        for segment in &row.segments {
            line.extend(&Cell::of(segment), true);
        }
        if whole.is_empty() {
            whole = line;
        } else {
            whole.wrap(&line);
        }
    }
    whole
}
