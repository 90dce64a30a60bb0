//! Footnotes: small type at the foot of a column that begins with a mark.

use super::rows::Row;

/// Type of footnotes against that of the text, at most.
const SMALL: f32 = 0.93;
/// Rows of notes at the foot of one column, at most.
const MOST: usize = 30;

/// Parts the rows of a column from the footnotes below them.
pub(super) fn split_off(mut rows: Vec<Row>, usual: f32) -> (Vec<Row>, Vec<Row>) {
    let small = |row: &Row| {
        row.size <= usual * SMALL && row.segments.iter().all(|segment| segment.grid.is_none())
    };
    let foot = rows
        .iter()
        .rev()
        .take(MOST)
        .take_while(|row| small(row))
        .count();
    let from = rows.len() - foot;
    // What comes before the first mark is something else in small type.
    let first = (from..rows.len()).find(|&at| {
        let apart = at
            .checked_sub(1)
            .is_none_or(|before| rows[at].baseline - rows[before].baseline > rows[at].size * 1.1);
        apart && is_marked(&rows[at])
    });
    let below = first
        .filter(|&first| first > 0)
        .map_or_else(Vec::new, |first| rows.split_off(first));
    (rows, below)
}

/// Whether a row begins with the mark of a note and goes on in words: figures of a table in small type are no notes.
fn is_marked(row: &Row) -> bool {
    let worded = row
        .segments
        .iter()
        .flat_map(|one| one.text.chars())
        .filter(|character| character.is_alphabetic())
        .count()
        >= 6;
    worded && row.segments.first().is_some_and(|one| begins(&one.text))
}

/// Whether a text begins with the mark of a note: a number, a sign, or `注`.
pub(super) fn begins(text: &str) -> bool {
    let text = text.trim_start_matches(['[', '(', '（', '［']);
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    let numbered = (1..=2).contains(&digits)
        && text.chars().nth(digits).is_none_or(|next| {
            next.is_alphabetic() || matches!(next, ' ' | ']' | ')' | '）' | '］')
        });
    let signed = text
        .chars()
        .next()
        .is_some_and(|sign| matches!(sign, '*' | '†' | '‡' | '§' | '¶' | '∗' | '①'..='⑳' | '注'));
    numbered || signed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::pdf::rows::rows;
    use crate::parse::pdf::testing::segment;

    fn small(text: &str, baseline: f32) -> crate::parse::pdf::sketch::Segment {
        let mut segment = segment(text, 50.0, baseline);
        segment.size = 8.0;
        segment
    }

    #[test]
    fn marked_small_type_at_the_foot_is_parted_from_the_text() {
        let column = rows(vec![
            segment("The text of the page.", 50.0, 100.0),
            segment("Its last line.", 50.0, 112.0),
            small("1 A note that explains", 700.0),
            small("something in two lines.", 709.0),
        ]);
        let (text, below) = split_off(column, 10.0);
        assert_eq!((text.len(), below.len()), (2, 2));
    }

    #[test]
    fn small_type_without_a_mark_stays() {
        let column = rows(vec![
            segment("The text of the page.", 50.0, 100.0),
            small("Figure: a caption in small type", 700.0),
            small("12 34 56", 710.0),
        ]);
        assert!(split_off(column, 10.0).1.is_empty());
    }
}
