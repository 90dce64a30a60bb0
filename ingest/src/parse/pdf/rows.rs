//! Rows: pieces of text that stand on one baseline.

use super::sketch::Segment;

/// Segments on one baseline, from the left.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) segments: Vec<Segment>,
    pub(super) baseline: f32,
    /// Largest type in it.
    pub(super) size: f32,
}

impl Row {
    pub(super) fn left(&self) -> f32 {
        self.segments.first().map_or(0.0, |segment| segment.left)
    }

    pub(super) fn right(&self) -> f32 {
        self.segments
            .iter()
            .map(|segment| segment.right)
            .fold(f32::MIN, f32::max)
    }

    /// Width that its text fills.
    pub(super) fn filled(&self) -> f32 {
        self.segments
            .iter()
            .map(|segment| segment.right - segment.left)
            .sum()
    }
}

/// Rows of segments of one turn, from the top.
pub(super) fn rows(mut segments: Vec<Segment>) -> Vec<Row> {
    segments.sort_by(|one, two| {
        one.baseline
            .total_cmp(&two.baseline)
            .then(one.left.total_cmp(&two.left))
            .then(one.order.cmp(&two.order))
    });
    let mut rows: Vec<Row> = Vec::new();
    for segment in segments {
        match rows.last_mut() {
            Some(row) if belongs(row, &segment) => {
                if segment.size > row.size * 1.05 {
                    (row.size, row.baseline) = (segment.size, segment.baseline);
                }
                row.segments.push(segment);
            }
            _ => rows.push(Row {
                baseline: segment.baseline,
                size: segment.size,
                segments: vec![segment],
            }),
        }
    }
    for row in &mut rows {
        order(row);
    }
    rows
}

/// Whether a segment stands on a row's baseline, or is raised or lowered beside its text.
fn belongs(row: &Row, segment: &Segment) -> bool {
    let rise = (segment.baseline - row.baseline).abs();
    let (small, large) = if segment.size < row.size {
        (segment.size, row.size)
    } else {
        (row.size, segment.size)
    };
    if rise <= small * 0.3 {
        return true;
    }
    let beside = || {
        row.segments.iter().any(|other| {
            segment.left - other.right < large * 0.4 && other.left - segment.right < large * 0.4
        })
    };
    let clear = || {
        row.segments
            .iter()
            .all(|other| segment.left >= other.right - 0.5 || other.left >= segment.right - 0.5)
    };
    rise <= large * 0.5 && small < large * 0.8 && beside() && clear()
}

/// Brings a row into reading order, and takes out what was drawn twice at the same place.
fn order(row: &mut Row) {
    row.segments
        .sort_by(|one, two| one.left.total_cmp(&two.left));
    row.segments.dedup_by(|two, one| {
        one.text == two.text
            && (one.left - two.left).abs() < one.size * 0.25
            && (one.right - two.right).abs() < one.size * 0.25
    });
    let right_to_left = row
        .segments
        .iter()
        .flat_map(|segment| segment.text.chars())
        .filter(|character| character.is_alphabetic())
        .fold(0_i32, |balance, character| {
            balance + if is_right_to_left(character) { 1 } else { -1 }
        });
    if right_to_left > 0 {
        row.segments.reverse();
    }
}

fn is_right_to_left(character: char) -> bool {
    matches!(character, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::pdf::testing::segment;

    #[test]
    fn a_raised_mark_joins_its_line_and_the_next_line_does_not() {
        let mut mark = segment("1", 100.0, 96.0);
        mark.size = 6.0;
        let found = rows(vec![
            segment("second line", 50.0, 112.0),
            segment("first line", 50.0, 100.0),
            mark,
        ]);
        let texts: Vec<Vec<&str>> = found
            .iter()
            .map(|row| row.segments.iter().map(|one| one.text.as_str()).collect())
            .collect();
        assert_eq!(texts, [vec!["first line", "1"], vec!["second line"]]);
    }

    #[test]
    fn what_is_drawn_twice_is_read_once() {
        let found = rows(vec![
            segment("shadow", 50.0, 100.0),
            segment("shadow", 50.5, 100.4),
        ]);
        assert_eq!(found[0].segments.len(), 1);
    }
}
