//! Tables as Markdown rows: one line a row, so that they can be cut between rows.

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
            let mut line = String::from("|");
            for column in 0..columns {
                line.push(' ');
                line.push_str(row.get(column).map_or("", String::as_str));
                line.push_str(" |");
            }
            lines.push(line);
            if index == 0 && self.rows.len() > 1 {
                lines.push(format!("|{}", " --- |".repeat(columns)));
            }
        }
        Some(lines.join("\n"))
    }
}
