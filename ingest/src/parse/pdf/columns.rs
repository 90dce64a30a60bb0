//! Reading order: parts of a page that are set in columns are read column by column.

use super::rows::{Row, rows};
use super::sketch::Segment;

/// Columns within columns.
const DEEPEST: usize = 4;
/// Places that are tried for a gutter.
const CANDIDATES: usize = 6;
/// Baselines further apart than this, in type sizes, have blank space between them.
const BLANK: f32 = 2.2;
/// Rows that a column has at least.
const FEWEST: usize = 3;

/// Segments of one turn as flows of rows, in reading order; the rows of a flow are read one after the other.
pub(super) fn flows(segments: Vec<Segment>) -> Vec<Vec<Row>> {
    let mut found = Vec::new();
    divide(segments, 0, &mut found);
    found
}

fn divide(segments: Vec<Segment>, depth: usize, found: &mut Vec<Vec<Row>>) {
    let rows = rows(segments);
    let cut = (depth < DEEPEST && rows.len() >= FEWEST)
        .then(|| best_gutter(&rows))
        .flatten();
    let Some((gutter, bands)) = cut else {
        if !rows.is_empty() {
            found.push(rows);
        }
        return;
    };
    let mut bands = bands.into_iter().peekable();
    let mut whole: Vec<Row> = Vec::new();
    let (mut left, mut right): (Vec<Segment>, Vec<Segment>) = Default::default();
    for (index, row) in rows.into_iter().enumerate() {
        while bands.peek().is_some_and(|band| band.1 <= index) {
            bands.next();
            divide(std::mem::take(&mut left), depth + 1, found);
            divide(std::mem::take(&mut right), depth + 1, found);
        }
        if bands.peek().is_some_and(|band| band.0 <= index) {
            flush(&mut whole, found);
            let (one, two): (Vec<Segment>, Vec<Segment>) = row
                .segments
                .into_iter()
                .partition(|segment| middle(segment) < gutter);
            left.extend(one);
            right.extend(two);
        } else {
            whole.push(row);
        }
    }
    divide(left, depth + 1, found);
    divide(right, depth + 1, found);
    flush(&mut whole, found);
}

fn flush(whole: &mut Vec<Row>, found: &mut Vec<Vec<Row>>) {
    if !whole.is_empty() {
        found.push(std::mem::take(whole));
    }
}

fn middle(segment: &Segment) -> f32 {
    f32::midpoint(segment.left, segment.right)
}

/// Ranges of rows that stand in columns.
type Bands = Vec<(usize, usize)>;

/// The gutter that sets most rows in columns, and the ranges of rows that it does so for.
fn best_gutter(rows: &[Row]) -> Option<(f32, Bands)> {
    let mut best: Option<(usize, f32, Bands)> = None;
    for gutter in candidates(rows) {
        let in_columns = |band: &(usize, usize)| is_columns(&rows[band.0..band.1], gutter);
        let bands: Bands = bands(rows, gutter)
            .into_iter()
            .flat_map(|band| {
                if in_columns(&band) {
                    vec![band]
                } else {
                    // A table below columns may leave the same gutter free.
                    apart(rows, band).into_iter().filter(in_columns).collect()
                }
            })
            .collect();
        let score: usize = bands.iter().map(|band| band.1 - band.0).sum();
        if score > 0 && best.as_ref().is_none_or(|best| score > best.0) {
            best = Some((score, gutter, bands));
        }
    }
    best.map(|(_, gutter, bands)| (gutter, bands))
}

/// Where few rows have text, with text on both sides.
fn candidates(rows: &[Row]) -> Vec<f32> {
    const BIN: f32 = 2.0;
    let left = rows.iter().map(Row::left).fold(f32::MAX, f32::min);
    let right = rows.iter().map(Row::right).fold(f32::MIN, f32::max);
    let bins = ((right - left) / BIN).clamp(0.0, 5_000.0) as usize;
    // One more row at the first bin of a segment, one fewer after its last.
    let mut changes = vec![0_i32; bins + 2];
    for segment in rows.iter().flat_map(|row| &row.segments) {
        let bin = |at: f32| (((at - left) / BIN).max(0.0) as usize).min(bins);
        changes[bin(segment.left)] += 1;
        changes[bin(segment.right) + 1] -= 1;
    }
    let mut covered = 0;
    let cover: Vec<i32> = changes
        .iter()
        .take(bins + 1)
        .map(|change| {
            covered += change;
            covered
        })
        .collect();
    let most = cover.iter().copied().max().unwrap_or(0);
    let mut found: Vec<(i32, f32)> = Vec::new();
    let mut at = 0;
    while at < cover.len() {
        if cover[at] * 2 > most {
            at += 1;
            continue;
        }
        let end = (at..cover.len())
            .find(|&end| cover[end] * 2 > most)
            .unwrap_or(cover.len());
        if at > 0 && end < cover.len() {
            let lowest = cover[at..end].iter().copied().min().unwrap_or(0);
            let first = (at..end).find(|&bin| cover[bin] == lowest).unwrap_or(at);
            let length = cover[first..end]
                .iter()
                .take_while(|&&rows| rows == lowest)
                .count();
            let place = left + (first as f32 + length as f32 / 2.0) * BIN;
            found.push((lowest, place));
        }
        at = end;
    }
    found.sort_by_key(|&(lowest, _)| lowest);
    found.truncate(CANDIDATES);
    found.into_iter().map(|(_, place)| place).collect()
}

/// Ranges of rows that nothing of runs over the gutter.
fn bands(rows: &[Row], gutter: f32) -> Bands {
    let mut found = Vec::new();
    let mut start = 0;
    for (index, row) in rows.iter().enumerate() {
        let crossed = row
            .segments
            .iter()
            .any(|segment| segment.left < gutter - 1.0 && segment.right > gutter + 1.0);
        if crossed {
            found.push((start, index));
            start = index + 1;
        }
    }
    found.push((start, rows.len()));
    found.retain(|band| band.1 - band.0 >= FEWEST);
    found
}

/// The parts of a range of rows between which there is blank space.
fn apart(rows: &[Row], (start, end): (usize, usize)) -> Bands {
    let mut found = Vec::new();
    let mut from = start;
    for at in start + 1..end {
        let size = rows[at].size.max(rows[at - 1].size);
        if rows[at].baseline - rows[at - 1].baseline > size * BLANK {
            found.push((from, at));
            from = at;
        }
    }
    found.push((from, end));
    found.retain(|band| band.1 - band.0 >= FEWEST);
    found
}

/// What the text on one side of a gutter is like.
#[derive(Default)]
struct Side {
    rows: usize,
    wide: usize,
    characters: usize,
    letters: usize,
    left: f32,
    right: f32,
}

impl Side {
    fn of(rows: &[Row], keep: impl Fn(&Segment) -> bool) -> Self {
        let mut side = Self {
            left: f32::MAX,
            right: f32::MIN,
            ..Self::default()
        };
        let mut widths = Vec::new();
        for row in rows {
            let mut filled = 0.0;
            for segment in row.segments.iter().filter(|segment| keep(segment)) {
                filled += segment.right - segment.left;
                side.left = side.left.min(segment.left);
                side.right = side.right.max(segment.right);
                for character in segment.text.chars() {
                    side.characters += usize::from(!character.is_whitespace());
                    side.letters += usize::from(character.is_alphabetic());
                }
            }
            if filled > 0.0 {
                widths.push(filled);
            }
        }
        side.rows = widths.len();
        let width = side.right - side.left;
        side.wide = widths.iter().filter(|&&one| one > width * 0.6).count();
        side
    }

    /// Words, not numbers or single marks.
    fn is_worded(&self) -> bool {
        self.letters * 2 > self.characters && self.characters >= self.rows * 6
    }

    /// Most rows run over the column's width, as those of a paragraph do.
    fn is_prose(&self, share: usize) -> bool {
        self.wide * 100 >= self.rows * share && self.characters >= self.rows * 12
    }
}

fn is_columns(rows: &[Row], gutter: f32) -> bool {
    let left = Side::of(rows, |segment| middle(segment) < gutter);
    let right = Side::of(rows, |segment| middle(segment) >= gutter);
    let size = rows[rows.len() / 2].size;
    if left.rows < FEWEST
        || right.rows < FEWEST
        || right.left - left.right < size * 0.6
        || !left.is_worded()
        || !right.is_worded()
    {
        return false;
    }
    let drawn = switches(rows, gutter);
    // Whoever draws one side as a whole and then the other means columns; tables are drawn row by row.
    if drawn <= 2 + rows.len() / 12 && (left.rows + right.rows) >= FEWEST * 2 {
        return left.is_prose(35) || right.is_prose(35) || rows.len() >= 8;
    }
    let few = drawn * 3 <= left.rows.min(right.rows) * 2;
    let share = if few { 50 } else { 70 };
    left.is_prose(share) && right.is_prose(share) && rows.len() > FEWEST
}

/// How often drawing went from one side to the other.
fn switches(rows: &[Row], gutter: f32) -> usize {
    let mut drawn: Vec<(u32, bool)> = rows
        .iter()
        .flat_map(|row| &row.segments)
        .map(|segment| (segment.order, middle(segment) < gutter))
        .collect();
    drawn.sort_unstable();
    drawn
        .windows(2)
        .filter(|pair| pair[0].1 != pair[1].1)
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::pdf::testing::{numbered, segment};

    const LEFT: &str = "a line of the left column that";
    const RIGHT: &str = "another of the right one there";

    fn texts(flows: &[Vec<Row>]) -> Vec<Vec<String>> {
        let line = |row: &Row| {
            let texts: Vec<&str> = row.segments.iter().map(|one| one.text.as_str()).collect();
            texts.join(" | ")
        };
        flows
            .iter()
            .map(|rows| rows.iter().map(line).collect())
            .collect()
    }

    #[test]
    fn two_columns_under_a_wide_heading_are_read_one_after_the_other() {
        let mut page = vec![segment(
            "A heading that runs over both of the columns of this page",
            60.0,
            80.0,
        )];
        for row in 0..5 {
            let at = 110.0 + row as f32 * 12.0;
            page.push(segment(&format!("{LEFT} {row}"), 50.0, at));
            page.push(segment(&format!("{RIGHT} {row}"), 260.0, at + 3.0));
        }
        let found = texts(&flows(numbered(page)));
        assert_eq!(found.len(), 3, "{found:?}");
        assert_eq!(found[1][4], format!("{LEFT} 4"));
        assert_eq!(found[2][0], format!("{RIGHT} 0"));
    }

    #[test]
    fn three_columns_are_read_from_the_left() {
        let mut page = Vec::new();
        for column in 0..3 {
            for row in 0..6 {
                page.push(segment(
                    &format!("column {column} and its row {row}"),
                    40.0 + column as f32 * 150.0,
                    100.0 + row as f32 * 12.0,
                ));
            }
        }
        let found = texts(&flows(numbered(page)));
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[2].iter().all(|line| line.starts_with("column 2")));
    }

    #[test]
    fn a_table_of_figures_is_not_read_column_by_column() {
        let mut page = Vec::new();
        for row in 0..6 {
            let at = 100.0 + row as f32 * 12.0;
            page.push(segment("Cash and cash equivalents", 50.0, at));
            page.push(segment("12,345", 300.0, at));
        }
        assert_eq!(flows(numbered(page)).len(), 1);
    }

    #[test]
    fn rows_of_words_that_are_drawn_row_by_row_stay_rows() {
        let mut page = Vec::new();
        for row in 0..6 {
            let at = 100.0 + row as f32 * 14.0;
            page.push(segment("Opening hours", 50.0, at));
            page.push(segment(
                ["Monday", "Tuesday to Friday", "Sundays"][row % 3],
                200.0,
                at,
            ));
        }
        assert_eq!(flows(numbered(page)).len(), 1);
    }
}
