//! Rows of values as passages, for every format that holds records: a table where rows are short, else a paragraph each.
//!
//! A passage must make sense by itself. Short rows do so under their header, so a table is written in parts that each
//! fit a chunk and begin with the header. Where few rows would fit beside their header, it would be repeated as often
//! as the values, and a reader must count bars to find a value's column: there each record names its columns itself.

use crate::clean::{RawBlock, display_width};
use crate::{BlockKind, ParseError};

/// Columns of a table that can still be read across.
const MOST_COLUMNS: usize = 12;
/// Width of a row on average, in columns of a typewriter: five rows and their header fit a chunk.
const ROW_WIDTH: usize = 120;
/// Width of a cell; longer ones are text.
const CELL_WIDTH: usize = 160;
/// Width of a part of a table with its header. Half of it in tokens, at worst, stays below a chunk's target of 400.
const PART_WIDTH: usize = 640;

/// Blocks with a bound on their text.
#[derive(Debug)]
pub(in crate::parse) struct Output {
    pub(in crate::parse) blocks: Vec<RawBlock>,
    bytes: u64,
    limit: u64,
}

impl Output {
    /// No blocks yet, and at most `limit` bytes of text to come.
    pub(in crate::parse) fn new(limit: u64) -> Self {
        Self {
            blocks: Vec::new(),
            bytes: 0,
            limit,
        }
    }

    /// Adds a block.
    ///
    /// # Errors
    /// [`ParseError::TooLarge`] when the text grows beyond the limit.
    pub(in crate::parse) fn push(
        &mut self,
        kind: BlockKind,
        text: String,
    ) -> Result<(), ParseError> {
        self.bytes += text.len() as u64;
        if self.bytes > self.limit {
            return Err(ParseError::too_large(self.limit));
        }
        self.blocks.push(RawBlock::new(kind, text));
        Ok(())
    }
}

/// Measures rows to choose their form.
#[derive(Debug, Default)]
pub(in crate::parse) struct Measure {
    rows: usize,
    columns: usize,
    width: usize,
    widest_cell: usize,
    filled: usize,
}

impl Measure {
    /// Takes a row into account, the header as well.
    pub(in crate::parse) fn row<'a>(&mut self, cells: impl Iterator<Item = &'a str>) {
        let mut columns = 0;
        for cell in cells {
            let width = display_width(cell);
            columns += 1;
            self.width += width + 3;
            self.widest_cell = self.widest_cell.max(width);
            self.filled += usize::from(!cell.trim().is_empty());
        }
        self.rows += 1;
        self.columns = self.columns.max(columns);
    }

    /// Whether a table serves these rows better than a paragraph for each.
    pub(in crate::parse) fn is_narrow(&self) -> bool {
        (2..=MOST_COLUMNS).contains(&self.columns)
            && self.rows > 1
            && self.widest_cell <= CELL_WIDTH
            && self.width <= ROW_WIDTH * self.rows
            && self.filled * 2 >= self.columns * self.rows
    }

    /// Cells in the longest row.
    pub(in crate::parse) const fn columns(&self) -> usize {
        self.columns
    }
}

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::parse) enum Form {
    /// As a Markdown table.
    Bars,
    /// As comma-separated values, the form that people know such a file in: what they look for is found as it stands.
    Commas,
}

/// Writes rows in the form that was chosen.
pub(in crate::parse) struct Writer {
    form: Form,
    header: Vec<String>,
    /// Columns whose names have been written.
    used: Vec<bool>,
    narrow: bool,
    part: String,
    width: usize,
}

impl Writer {
    /// For rows under this header, as a table if `narrow`.
    pub(in crate::parse) fn new(header: Vec<String>, narrow: bool, form: Form) -> Self {
        Self {
            form,
            used: vec![false; header.len()],
            header,
            narrow,
            part: String::new(),
            width: 0,
        }
    }

    /// Writes a row; cells beyond the header stand without a name.
    pub(in crate::parse) fn row(
        &mut self,
        cells: &[String],
        output: &mut Output,
    ) -> Result<(), ParseError> {
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(());
        }
        if !self.narrow {
            for (used, cell) in self.used.iter_mut().zip(cells) {
                *used |= !cell.trim().is_empty();
            }
            return output.push(BlockKind::Paragraph, self.record(cells));
        }
        let row = self.line_of(cells, self.header.len());
        let width = display_width(&row);
        if self.width + width > PART_WIDTH {
            self.end_part(output)?;
        }
        if self.part.is_empty() {
            self.used.fill(true);
            self.part = self.line_of(&self.header, 0);
            if self.form == Form::Bars {
                self.part.push_str("\n|");
                self.part.push_str(&" --- |".repeat(self.header.len()));
            }
            self.width = display_width(&self.part);
        }
        self.part.push('\n');
        self.part.push_str(&row);
        self.width += width;
        Ok(())
    }

    /// Ends the table. The names of columns without any value are written too, so that nothing is left out.
    pub(in crate::parse) fn finish(mut self, output: &mut Output) -> Result<(), ParseError> {
        self.end_part(output)?;
        let unused: Vec<&str> = self
            .header
            .iter()
            .zip(&self.used)
            .filter(|(name, used)| !**used && !name.is_empty())
            .map(|(name, _)| name.as_str())
            .collect();
        if unused.is_empty() {
            return Ok(());
        }
        output.push(BlockKind::Paragraph, unused.join(", "))
    }

    fn end_part(&mut self, output: &mut Output) -> Result<(), ParseError> {
        self.width = 0;
        let part = std::mem::take(&mut self.part);
        if part.is_empty() {
            return Ok(());
        }
        output.push(BlockKind::Table, part)
    }

    fn line_of(&self, cells: &[String], columns: usize) -> String {
        match self.form {
            Form::Bars => table_row(cells, columns),
            Form::Commas => cells
                .iter()
                .map(|cell| quoted(cell))
                .collect::<Vec<_>>()
                .join(","),
        }
    }

    fn record(&self, cells: &[String]) -> String {
        let names = self
            .header
            .iter()
            .map(String::as_str)
            .chain(std::iter::repeat(""));
        let lines: Vec<String> = names
            .zip(cells)
            .filter(|(_, cell)| !cell.trim().is_empty())
            .map(|(name, cell)| match self.form {
                Form::Bars => line(name, cell),
                Form::Commas => line(name, &quoted(cell)),
            })
            .collect();
        lines.join("\n")
    }
}

/// A cell as it stands between commas (RFC 4180).
fn quoted(cell: &str) -> String {
    let cell = one_line(cell);
    if cell.contains(['"', ',']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

/// `name: value`, or the value alone when it has no name.
pub(in crate::parse) fn line(name: &str, value: &str) -> String {
    if name.is_empty() {
        value.to_owned()
    } else {
        format!("{name}: {value}")
    }
}

/// A row between bars, with at least `columns` cells.
fn table_row(cells: &[String], columns: usize) -> String {
    let mut row = String::from("|");
    for index in 0..cells.len().max(columns) {
        row.push(' ');
        let cell = cells.get(index).map_or("", String::as_str);
        row.push_str(&one_line(cell).replace('|', "\\|"));
        row.push_str(" |");
    }
    row
}

/// A cell on one line: line breaks and runs of white space become a blank.
pub(in crate::parse) fn one_line(cell: &str) -> String {
    let words: Vec<&str> = cell.split_whitespace().collect();
    words.join(" ")
}
