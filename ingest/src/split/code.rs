//! Cuts programs where they have joints: before definitions and members rather than in the middle of a statement.

use super::pack::{Piece, finish};
use super::units::Unit;
use crate::{Span, TokenCounter};

/// Columns that a tab stands for.
const TAB: usize = 4;
/// Ranks of places to cut at, lower is better. Below these a rank is twice the indentation.
const DEEPEST: usize = 900;
const BEHIND_OPENING: usize = 1_000;
const BEHIND_COMMENT: usize = 2_000;
const BEFORE_CLOSING: usize = 3_000;
const IN_LINE: usize = 4_000;

/// Packs the lines of what is too long for one passage.
pub(super) fn pack(
    text: &str,
    units: &[Unit],
    counter: &dyn TokenCounter,
    max_tokens: usize,
    pieces: &mut Vec<Piece>,
) {
    let ranks = ranks(text, units);
    let (mut start, mut at, mut tokens) = (0, 0, 0);
    while at < units.len() {
        if at > start && tokens + units[at].tokens > max_tokens {
            let cut = best(&ranks, units, start..at, max_tokens);
            finish(text, &units[start..cut], counter, max_tokens, pieces);
            start = cut;
            tokens = units[start..at].iter().map(|unit| unit.tokens).sum();
            continue;
        }
        tokens += units[at].tokens;
        at += 1;
    }
    finish(text, &units[start..], counter, max_tokens, pieces);
}

/// Where to cut at best: before a unit of the window but its first, or at its end.
fn best(
    ranks: &[usize],
    units: &[Unit],
    window: std::ops::Range<usize>,
    max_tokens: usize,
) -> usize {
    let (mut best, mut tokens) = (None, 0);
    for cut in window.start + 1..=window.end {
        tokens += units[cut - 1].tokens;
        let rank = ranks[cut];
        // Something short is a passage only where something whole begins after it, and a crumb never.
        let least = if rank == 0 { 16 } else { 4 };
        if tokens * least < max_tokens {
            continue;
        }
        if best.is_none_or(|(_, known)| rank <= known) {
            best = Some((cut, rank));
        }
    }
    best.map_or(window.end, |(cut, _)| cut)
}

/// How well each unit can begin a passage.
fn ranks(text: &str, units: &[Unit]) -> Vec<usize> {
    let mut ranks = Vec::with_capacity(units.len());
    let mut before: Option<&Unit> = None;
    for unit in units {
        ranks.push(before.map_or(0, |before| rank(text, before, unit)));
        before = Some(unit);
    }
    ranks
}

fn rank(text: &str, before: &Unit, unit: &Unit) -> usize {
    if before.block != unit.block {
        return 0;
    }
    let gap = Span {
        start: before.span.end,
        end: unit.span.start,
    };
    // Between units lies nothing but white space.
    let Some((lines, indentation)) = gap.of(text).rsplit_once('\n') else {
        return IN_LINE;
    };
    let (above, line) = (before.span.of(text), unit.span.of(text));
    if closes(line) {
        return BEFORE_CLOSING;
    }
    let blank = lines.contains('\n');
    if !blank && is_attached(above) {
        return BEHIND_COMMENT;
    }
    let columns: usize = indentation
        .chars()
        .map(|blank| if blank == '\t' { TAB } else { 1 })
        .sum();
    let rank = (columns * 2 + usize::from(!blank)).min(DEEPEST);
    if !blank && above.ends_with(['{', '(', '[', ':', ',', '\\', '=']) {
        return BEHIND_OPENING + rank;
    }
    rank
}

/// Whether a line ends or continues what stands above it.
fn closes(line: &str) -> bool {
    line.starts_with(['}', ')', ']', '.', '{'])
        || ["end", "else", "elif", "except", "finally", "catch", "</"]
            .iter()
            .any(|word| {
                line.strip_prefix(word).is_some_and(|rest| {
                    *word == "</" || !rest.starts_with(|next: char| next.is_alphanumeric())
                })
            })
}

/// Whether a line belongs to the one below it: a comment, an attribute, a decorator.
fn is_attached(line: &str) -> bool {
    ["//", "/*", "*", "#", "--", "@", ";;", "%"]
        .iter()
        .any(|mark| line.starts_with(mark))
}

/// The line that names what is defined: the first one that is no comment and no attribute.
pub(super) fn signature(definition: &str) -> Option<&str> {
    let named = |line: &&str| {
        !line.is_empty() && !is_attached(line) && line.chars().any(char::is_alphanumeric)
    };
    definition.lines().take(64).map(str::trim).find(named)
}
