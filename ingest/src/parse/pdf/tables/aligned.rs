//! Tables without lines: neighbouring rows whose cells stand below one another.

use super::cell::{Cell, cells};
use super::infer::{columns, is_aligned, overlap, under};
use super::{Part, Table};
use crate::parse::pdf::rows::Row;

/// Rows of one table that are looked at together.
const MOST_ROWS: usize = 400;
/// Rows that head the columns, at most.
const MOST_HEADS: usize = 6;
/// How often the beginning of a table is looked for anew.
const ATTEMPTS: usize = 4;

/// The rows of a flow with the tables among them.
pub(super) fn parts(rows: Vec<Row>) -> Vec<Part> {
    let lines: Vec<Vec<Cell>> = rows.iter().map(cells).collect();
    let mut tables: Vec<(usize, usize, Table)> = Vec::new();
    let left = rows.iter().map(Row::left).fold(f32::MAX, f32::min);
    let right = rows.iter().map(Row::right).fold(f32::MIN, f32::max);
    let (mut at, mut free) = (0, 0);
    while at < rows.len() {
        if lines[at].len() < 2 {
            at += 1;
            continue;
        }
        let end = end_of_run(&rows, &lines, (at, right - left));
        let mut attempt = (at..end)
            .filter(|&row| lines[row].len() >= 2)
            .take(ATTEMPTS);
        let table = attempt.find_map(|start| {
            let found = Candidate::new(&rows, &lines, (free, start, end))?;
            Some((found.start, end, found.table()))
        });
        if let Some(table) = table {
            free = end;
            tables.push(table);
        }
        at = end.max(at + 1);
    }
    let mut tables = tables.into_iter().peekable();
    let mut found = Vec::new();
    for (index, row) in rows.into_iter().enumerate() {
        while tables.peek().is_some_and(|table| table.1 <= index) {
            tables.next();
        }
        match tables.peek_mut() {
            Some((start, _, table)) if *start == index => {
                found.push(Part::Table(std::mem::take(table)));
            }
            Some((start, _, _)) if *start < index => {}
            _ => found.push(Part::Row(row)),
        }
    }
    found
}

/// One past the last row that may belong to the table that begins at `start`, in a flow of this width.
fn end_of_run(rows: &[Row], lines: &[Vec<Cell>], (start, width): (usize, f32)) -> usize {
    let (mut end, mut single) = (start + 1, 0);
    for at in start + 1..rows.len().min(start + MOST_ROWS) {
        let gap = rows[at].baseline - rows[at - 1].baseline;
        if gap > rows[at].size.max(rows[at - 1].size) * 3.6 {
            break;
        }
        if lines[at].len() >= 2 {
            (end, single) = (at + 1, 0);
            continue;
        }
        single += 1;
        if single > 2 || rows[at].filled() > width * 0.72 {
            break;
        }
    }
    // The last label may have wrapped.
    let wrapped = lines.get(end).is_some_and(|line| {
        let text = line.first().map_or("", |cell| cell.text.as_str());
        line.len() == 1
            && text.starts_with(char::is_lowercase)
            && rows[end].baseline - rows[end - 1].baseline < rows[end].size * 1.5
            && rows[end].right() < lines[end - 1].get(1).map_or(0.0, Cell::left)
    });
    end + usize::from(wrapped)
}

/// Rows that may be a table.
struct Candidate {
    start: usize,
    rows: Vec<Vec<Cell>>,
    /// Distance of each row from the one above, in type sizes.
    gaps: Vec<f32>,
    /// Rows that head the columns.
    heads: usize,
}

impl Candidate {
    /// The table of rows `start..end`, with what heads it from row `free` on; `None` for what is no table.
    fn new(
        rows: &[Row],
        lines: &[Vec<Cell>],
        (free, start, end): (usize, usize, usize),
    ) -> Option<Self> {
        let size = rows[start..end].iter().map(|row| row.size).sum::<f32>() / (end - start) as f32;
        let columns = columns(&lines[start..end], size);
        if columns.len() < 2 {
            return None;
        }
        let mut first = start;
        // What is set over some of the columns heads them.
        while first > free && start - first < 3 {
            let above = &lines[first - 1];
            let near = rows[first].baseline - rows[first - 1].baseline < size * 2.4;
            if !near
                || above
                    .iter()
                    .any(|cell| cell.left() <= columns[0].1 || cell.text.len() > 60)
            {
                break;
            }
            first -= 1;
        }
        let gaps = (first..end)
            .map(|at| match at.checked_sub(1) {
                Some(before) if at > first => (rows[at].baseline - rows[before].baseline) / size,
                _ => 0.0,
            })
            .collect();
        let mut candidate = Self {
            start: first,
            rows: Vec::with_capacity(end - first),
            gaps,
            heads: 0,
        };
        for line in &lines[first..end] {
            let mut row = vec![Cell::default(); columns.len()];
            for cell in line {
                row[under(&columns, cell).0].extend(cell, true);
            }
            candidate.rows.push(row);
        }
        candidate.heads = candidate.count_heads();
        if !candidate.is_table(size) {
            return None;
        }
        candidate.spread_heads(&columns, &lines[first..end]);
        Some(candidate)
    }

    /// Rows before the first one with figures that are no years, or the first row if none is like that.
    fn count_heads(&self) -> usize {
        let holds_figures = |row: &Vec<Cell>| {
            let figures = row[1..].iter().filter(|cell| cell.is_figure()).count();
            let years = row[1..].iter().filter(|cell| cell.is_year()).count();
            figures > 0 && !row[0].is_empty() && years < figures
                || figures > 0 && row[0].is_empty() && years == 0
        };
        let only_label =
            |row: &Vec<Cell>| !row[0].is_empty() && row[1..].iter().all(Cell::is_empty);
        let Some(data) = self.rows.iter().position(holds_figures) else {
            return 1;
        };
        // A row with nothing but a label opens a part of the table, once the columns have their heads.
        let mut headed = false;
        for (at, row) in self.rows[..data].iter().enumerate() {
            if headed && only_label(row) {
                return at;
            }
            headed |= row[1..].iter().any(|cell| !cell.is_empty());
        }
        if !headed {
            return 0;
        }
        data.min(MOST_HEADS)
    }

    /// Whether cells stand in columns as those of tables do, and are short or figures.
    fn is_table(&self, size: f32) -> bool {
        let filled = |row: &Vec<Cell>| row.iter().filter(|cell| !cell.is_empty()).count();
        let multiple = self.rows.iter().filter(|row| filled(row) >= 2).count();
        let columns = self.rows[0].len();
        let body = self.rows.get(self.heads..).unwrap_or_default();
        let values: Vec<&Cell> = body
            .iter()
            .flat_map(|row| &row[1..])
            .filter(|cell| !cell.is_empty())
            .collect();
        let figures = values.iter().filter(|cell| cell.is_figure()).count();
        if multiple * 2 < self.rows.len() || multiple < 2 || values.is_empty() {
            return false;
        }
        if self.is_contents(figures, values.len()) {
            return false;
        }
        if figures * 10 >= values.len() * 4 {
            return multiple >= 3 || columns >= 3 && figures >= 2;
        }
        let characters: usize = values.iter().map(|cell| cell.text.chars().count()).sum();
        multiple >= 3
            && multiple * 10 >= self.rows.len() * 6
            && characters <= values.len() * 45
            && (1..columns).all(|column| {
                let cells: Vec<&Cell> = self
                    .rows
                    .iter()
                    .map(|row| &row[column])
                    .filter(|cell| !cell.is_empty())
                    .collect();
                cells.len() < 3 || is_aligned(&cells, size)
            })
    }

    /// Whether it is a table of contents: titles, dots and page numbers.
    fn is_contents(&self, figures: usize, values: usize) -> bool {
        let dotted = |row: &&Vec<Cell>| {
            row.iter().any(|cell| {
                cell.text.contains("....")
                    || cell.text.contains(". . .")
                    || cell.text.contains("……")
            })
        };
        figures * 10 >= values * 6 && self.rows.iter().filter(dotted).count() * 2 > self.rows.len()
    }

    /// Gives what is set over several columns to each of them.
    fn spread_heads(&mut self, columns: &[(f32, f32)], lines: &[Vec<Cell>]) {
        let middle = |range: (f32, f32)| f32::midpoint(range.0, range.1);
        let pitch = (middle(columns[columns.len() - 1]) - middle(columns[0]))
            / (columns.len() - 1).max(1) as f32;
        for (row, line) in self.rows.iter_mut().zip(lines).take(self.heads) {
            let heads: Vec<&Cell> = line
                .iter()
                .filter(|cell| cell.left() > columns[0].1 || under(columns, cell).0 > 0)
                .collect();
            // Each of them heads two columns or more.
            let wide = heads.len() * 2 < columns.len();
            for (index, column) in columns.iter().enumerate().skip(1) {
                if !row[index].is_empty() {
                    continue;
                }
                let nearest = heads.iter().min_by(|one, two| {
                    let apart =
                        |cell: &Cell| (middle((cell.left(), cell.right())) - middle(*column)).abs();
                    apart(one).total_cmp(&apart(two))
                });
                let Some(nearest) = nearest else { continue };
                let range = (nearest.left(), nearest.right());
                let covers = overlap(*column, range) > (column.1 - column.0) * 0.3;
                let reach = ((range.1 - range.0) / 2.0).max(pitch * 0.7);
                if covers || wide && (middle(range) - middle(*column)).abs() <= reach {
                    row[index] = (*nearest).clone();
                }
            }
        }
    }

    /// The table: heads made one, wrapped labels joined.
    fn table(mut self) -> Table {
        let body = self.rows.split_off(self.heads.min(self.rows.len()));
        let gaps = self.gaps.split_off(self.heads.min(self.gaps.len()));
        let width = body.first().or(self.rows.first()).map_or(0, Vec::len);
        let mut header = vec![Cell::default(); width];
        for row in &self.rows {
            for (head, cell) in header.iter_mut().zip(row) {
                head.wrap(cell);
            }
        }
        let mut rows: Vec<Vec<Cell>> = Vec::with_capacity(body.len());
        for (row, gap) in body.into_iter().zip(gaps) {
            match rows.last_mut() {
                Some(before) if continues(before, &row, gap) => {
                    for (cell, rest) in before.iter_mut().zip(row) {
                        if cell.is_empty() {
                            *cell = rest;
                        } else {
                            cell.wrap(&rest);
                        }
                    }
                }
                _ => rows.push(row),
            }
        }
        if self.heads == 0 && !rows.is_empty() && rows[0][1..].iter().all(|cell| !cell.is_figure())
        {
            header = rows.remove(0);
        }
        Table { header, rows }
    }
}

/// Whether a row goes on with what the one above began.
fn continues(before: &[Cell], row: &[Cell], gap: f32) -> bool {
    if gap > 1.6 {
        return false;
    }
    let values = |row: &[Cell]| row[1..].iter().filter(|cell| !cell.is_empty()).count();
    let small = row[0]
        .text
        .starts_with(|character: char| character.is_lowercase());
    let label_alone = !before[0].is_empty() && values(before) == 0;
    // A label in two lines, its figures beside the second or beside the first.
    let label = small && (label_alone && !before[0].text.ends_with(':') || values(row) == 0);
    // A text in two lines in another column.
    let text = row[0].is_empty() && row[1..].iter().all(|cell| !cell.is_figure());
    label || text && values(before) > 0
}
