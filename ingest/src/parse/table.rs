//! Tables as Markdown rows: one line a row, so that they can be cut between rows.

use crate::BlockKind;
use crate::clean::RawBlock;

/// Rows that weigh more than this on average, in tokens, are read one by one.
const WIDE_ROW: usize = 120;
/// What a part of a table weighs at most, in tokens: it stays one passage.
pub(super) const PART: usize = 280;

/// Collects the cells of a table.
#[derive(Default)]
pub(super) struct Table {
    rows: Vec<Vec<String>>,
    row: Vec<String>,
}

impl Table {
    /// Adds a cell to the current row.
    pub(super) fn cell(&mut self, text: &str) {
        let words: Vec<&str> = text.split_whitespace().collect();
        self.row.push(words.join(" ").replace('|', "\\|"));
    }

    /// Ends the current row.
    pub(super) fn end_row(&mut self) {
        let row = std::mem::take(&mut self.row);
        if row.iter().any(|cell| !cell.is_empty()) {
            self.rows.push(row);
        }
    }

    /// Whether it lays a page out instead of holding data: one column, one row, or cells as long as paragraphs.
    pub(super) fn is_layout(&self) -> bool {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let longest = self
            .rows
            .iter()
            .flatten()
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0);
        columns < 2 || self.rows.len() < 2 || longest > 1500
    }

    /// The texts of all cells, in order.
    pub(super) fn into_cells(self) -> impl Iterator<Item = String> {
        self.rows
            .into_iter()
            .flatten()
            .filter(|cell| !cell.is_empty())
    }

    /// The table, its first row as the header; `None` when it is empty.
    pub(super) fn render(mut self) -> Option<String> {
        self.end_row();
        let columns = self.rows.iter().map(Vec::len).max()?;
        let mut lines = Vec::with_capacity(self.rows.len() + 1);
        for (index, row) in self.rows.iter().enumerate() {
            lines.push(line_of(row, columns));
            if index == 0 && self.rows.len() > 1 {
                lines.push(rule(columns));
            }
        }
        Some(lines.join("\n"))
    }

    /// A table of data as blocks: parts of about a passage, each with the header row, so that no passage shows values
    /// without their names. A table that is too wide to be read as rows becomes one paragraph per row, with the name
    /// before each value; one column is a list.
    pub(super) fn into_blocks(mut self) -> Vec<RawBlock> {
        self.end_row();
        self.drop_empty_columns();
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        if columns == 0 {
            return Vec::new();
        }
        if columns == 1 {
            return self
                .into_cells()
                .map(|cell| RawBlock::new(BlockKind::ListItem, cell.replace("\\|", "|")))
                .collect();
        }
        let weight: usize = self.rows.iter().map(|row| weigh_row(row)).sum();
        if self.rows.len() > 1 && weight / self.rows.len() > WIDE_ROW {
            return records(&self.rows);
        }
        let Some((header, rows)) = self.rows.split_first() else {
            return Vec::new();
        };
        let head = if rows.is_empty() {
            line_of(header, columns)
        } else {
            format!("{}\n{}", line_of(header, columns), rule(columns))
        };
        let mut blocks = Vec::new();
        let (mut part, mut size) = (head.clone(), weigh_row(header));
        for row in rows {
            if size + weigh_row(row) > PART && part.len() > head.len() {
                let full = std::mem::replace(&mut part, head.clone());
                blocks.push(RawBlock::new(BlockKind::Table, full));
                size = weigh_row(header);
            }
            size += weigh_row(row);
            part.push('\n');
            part.push_str(&line_of(row, columns));
        }
        blocks.push(RawBlock::new(BlockKind::Table, part));
        blocks
    }

    fn drop_empty_columns(&mut self) {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let mut used = vec![false; columns];
        for row in &self.rows {
            for (column, cell) in row.iter().enumerate() {
                used[column] |= !cell.is_empty();
            }
        }
        for row in &mut self.rows {
            let mut column = 0;
            row.retain(|_| {
                column += 1;
                used[column - 1]
            });
        }
    }
}

/// What a row weighs in a passage: about its tokens, four letters or one Han character to each.
pub(super) fn weigh<'a>(row: impl IntoIterator<Item = &'a str>) -> usize {
    row.into_iter()
        .map(|cell| {
            1 + cell
                .chars()
                .map(|c| if c.is_ascii() { 1 } else { 4 })
                .sum::<usize>()
                / 4
        })
        .sum()
}

fn weigh_row(row: &[String]) -> usize {
    weigh(row.iter().map(String::as_str))
}

fn line_of(row: &[String], columns: usize) -> String {
    let mut line = String::from("|");
    for column in 0..columns {
        line.push(' ');
        line.push_str(row.get(column).map_or("", String::as_str));
        line.push_str(" |");
    }
    line
}

pub(super) fn rule(columns: usize) -> String {
    format!("|{}", " --- |".repeat(columns))
}

/// Every row by itself, a line `name: value` for each of its cells.
fn records(rows: &[Vec<String>]) -> Vec<RawBlock> {
    let Some((header, rows)) = rows.split_first() else {
        return Vec::new();
    };
    let record = |row: &Vec<String>| {
        let lines: Vec<String> = row
            .iter()
            .enumerate()
            .filter(|(_, cell)| !cell.is_empty())
            .map(|(column, cell)| match header.get(column) {
                Some(name) if !name.is_empty() => format!("{name}: {cell}"),
                Some(_) | None => cell.clone(),
            })
            .collect();
        RawBlock::new(BlockKind::Paragraph, lines.join("\n").replace("\\|", "|"))
    };
    rows.iter().map(record).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[&[&str]]) -> Table {
        let mut table = Table::default();
        for row in rows {
            row.iter().for_each(|cell| table.cell(cell));
            table.end_row();
        }
        table
    }

    #[test]
    fn every_part_of_a_long_table_has_its_header() {
        let mut long = table(&[&["姓名", "部门"]]);
        for number in 0..500 {
            long.cell(&format!("员工{number}"));
            long.cell("研发部");
            long.end_row();
        }
        let blocks = long.into_blocks();
        assert!(blocks.len() > 5);
        for block in &blocks {
            assert!(
                block
                    .text
                    .starts_with("| 姓名 | 部门 |\n| --- | --- |\n| 员工")
            );
        }
        let rows: usize = blocks
            .iter()
            .map(|block| block.text.lines().count() - 2)
            .sum();
        assert_eq!(rows, 500);
    }

    #[test]
    fn rows_that_are_too_wide_name_every_value() {
        let story = "很长的故事".repeat(60);
        let blocks = table(&[&["标题", "内容"], &["一", &story], &["二", &story]]).into_blocks();
        assert_eq!(blocks.len(), 2);
        assert_eq!(blocks[0].text, format!("标题: 一\n内容: {story}"));
    }

    #[test]
    fn empty_columns_are_dropped_and_one_column_is_a_list() {
        let blocks = table(&[&["", "甲", ""], &["", "乙"]]).into_blocks();
        assert_eq!(blocks.len(), 2);
        assert_eq!(
            (blocks[1].kind, blocks[1].text.as_str()),
            (BlockKind::ListItem, "乙")
        );
        assert!(Table::default().into_blocks().is_empty());
    }
}
