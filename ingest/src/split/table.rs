//! What the rows of a table are read by when a passage begins in the middle of it.

use super::sections::LONGEST_HEADING;
use crate::{Block, BlockKind};

/// Bytes of a table in which header and rule must end: they are looked at again for each passage of it.
const HEAD_BYTES: usize = 8 << 10;

/// The header of the table that a passage beginning at `at` continues, as a line to stand above it.
///
/// Nothing where the passage holds the header itself, or where the table has none: a first row counts as one only if a
/// rule stands below it.
pub(super) fn header_above(text: &str, blocks: &[Block], at: usize) -> Option<String> {
    let block = blocks.get(blocks.partition_point(|block| block.span.end <= at))?;
    if block.kind != BlockKind::Table || block.span.start >= at {
        return None;
    }
    let own = block.span.of(text);
    let mut lines = own[..own.floor_char_boundary(HEAD_BYTES)].split_inclusive('\n');
    let (header, rule) = (lines.next()?, lines.next()?);
    if !is_rule(rule) || at < block.span.start + header.len() + rule.len() {
        return None;
    }
    let cells: Vec<&str> = header.trim().trim_matches('|').split_whitespace().collect();
    let line: String = cells.join(" ").chars().take(LONGEST_HEADING).collect();
    line.chars()
        .any(char::is_alphanumeric)
        .then(|| line.trim_end().to_owned())
}

fn is_rule(line: &str) -> bool {
    line.contains('-')
        && line
            .trim()
            .chars()
            .all(|c| matches!(c, '|' | '-' | ':' | ' '))
}
