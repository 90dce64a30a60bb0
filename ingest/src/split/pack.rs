//! Packs units into chunks: whole blocks where they fit, never a table with running text, no crumbs at the end.

use super::SplitSettings;
use super::units::Unit;
use crate::{BlockKind, Span, TokenCounter};

/// A chunk in the making.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) span: Span,
    pub(super) tokens: usize,
    pub(super) sentences: Vec<Span>,
    /// Number of its entry; the last one where it holds several.
    pub(super) entry: usize,
    /// Whether the same entry has a piece before it.
    pub(super) continues: bool,
}

/// Packs the units of one section, or of an entry that is too long for one passage.
pub(super) fn pack(
    text: &str,
    units: &[Unit],
    counter: &dyn TokenCounter,
    settings: SplitSettings,
    pieces: &mut Vec<Piece>,
) {
    let mut groups: Vec<Vec<Unit>> = Vec::new();
    let mut open: Vec<Unit> = Vec::new();
    let mut tokens = 0;
    for block in units.chunk_by(|left, right| left.block == right.block) {
        let size: usize = block.iter().map(|unit| unit.tokens).sum();
        if !open.is_empty() && closes_before(&open, tokens, block[0], size, settings) {
            groups.push(std::mem::take(&mut open));
            tokens = 0;
        }
        for &unit in block {
            // Aim at even parts: a block of 1.2 targets is cut in two halves, not in a whole and a crumb.
            let full = tokens + unit.tokens > settings.target_tokens;
            if full
                && !open.is_empty()
                && (tokens + unit.tokens > settings.max_tokens || !is_heading_only(&open))
            {
                groups.push(std::mem::take(&mut open));
                tokens = 0;
            }
            tokens += unit.tokens;
            open.push(unit);
        }
    }
    if !open.is_empty() {
        groups.push(open);
    }
    merge_crumbs(&mut groups, settings);
    for group in groups {
        finish(text, &group, counter, settings.max_tokens, pieces);
    }
}

/// Whether the open chunk ends before a block that begins with `next` and has `size` tokens.
fn closes_before(
    open: &[Unit],
    tokens: usize,
    next: Unit,
    size: usize,
    settings: SplitSettings,
) -> bool {
    if is_heading_only(open) {
        return tokens + next.tokens > settings.max_tokens;
    }
    let last = open.last().map_or(BlockKind::Paragraph, |unit| unit.kind);
    if is_table(last) || is_table(next.kind) {
        return true;
    }
    // A block that fits whole into a chunk of its own is not cut, unless the open chunk would stay a crumb.
    tokens + size > settings.target_tokens
        && size <= settings.target_tokens
        && tokens * 3 >= settings.target_tokens
}

pub(super) fn is_table(kind: BlockKind) -> bool {
    kind == BlockKind::Table
}

pub(super) fn is_heading_only(units: &[Unit]) -> bool {
    units
        .iter()
        .all(|unit| matches!(unit.kind, BlockKind::Heading { .. }))
}

pub(super) fn total(units: &[Unit]) -> usize {
    units.iter().map(|unit| unit.tokens).sum()
}

/// Gives a short last part back to the one before it.
fn merge_crumbs(groups: &mut Vec<Vec<Unit>>, settings: SplitSettings) {
    let mut merged: Vec<Vec<Unit>> = Vec::with_capacity(groups.len());
    for crumb in groups.drain(..) {
        match merged.last_mut() {
            Some(before) if belong_together(before, &crumb, settings) => before.extend(crumb),
            Some(_) | None => merged.push(crumb),
        }
    }
    *groups = merged;
}

fn belong_together(before: &[Unit], crumb: &[Unit], settings: SplitSettings) -> bool {
    let (above, below) = (total(before), total(crumb));
    let small = above * 5 < settings.target_tokens || below * 5 < settings.target_tokens;
    let (Some(last), Some(first)) = (before.last(), crumb.first()) else {
        return true;
    };
    let apart = is_table(last.kind) != is_table(first.kind);
    let heading = matches!(first.kind, BlockKind::Heading { .. });
    small && !apart && !heading && above + below <= settings.max_tokens
}

/// Counts the whole; a tokenizer that makes more of the whole than of its parts gets it in halves.
pub(super) fn finish(
    text: &str,
    units: &[Unit],
    counter: &dyn TokenCounter,
    max_tokens: usize,
    pieces: &mut Vec<Piece>,
) {
    let Some(span) = span_of(units) else { return };
    let tokens = counted(text, units, span, counter);
    if tokens > max_tokens && units.len() > 1 {
        let (left, right) = units.split_at(units.len() / 2);
        finish(text, left, counter, max_tokens, pieces);
        finish(text, right, counter, max_tokens, pieces);
        return;
    }
    pieces.push(Piece::new(text, units, span, tokens));
}

/// All units as one piece, if they fit.
pub(super) fn whole(
    text: &str,
    units: &[Unit],
    counter: &dyn TokenCounter,
    max_tokens: usize,
) -> Option<Piece> {
    // Counted together they may be a few less than one by one.
    if total(units) > max_tokens + max_tokens / 8 {
        return None;
    }
    let span = span_of(units)?;
    let tokens = counted(text, units, span, counter);
    (tokens <= max_tokens || units.len() == 1).then(|| Piece::new(text, units, span, tokens))
}

fn span_of(units: &[Unit]) -> Option<Span> {
    Some(Span {
        start: units.first()?.span.start,
        end: units.last()?.span.end,
    })
}

/// The tokens of a piece. One that is a single unit has been counted.
fn counted(text: &str, units: &[Unit], span: Span, counter: &dyn TokenCounter) -> usize {
    match units {
        [only] => only.tokens,
        _ => counter.count(span.of(text)),
    }
}

impl Piece {
    fn new(text: &str, units: &[Unit], span: Span, tokens: usize) -> Self {
        Self {
            span,
            tokens,
            sentences: sentences_of(text, units),
            entry: 0,
            continues: false,
        }
    }
}

/// The sentences of a chunk. Parts of one are put together; the rule under a table's header is none.
fn sentences_of(text: &str, units: &[Unit]) -> Vec<Span> {
    let mut sentences: Vec<(usize, Span)> = Vec::with_capacity(units.len());
    for unit in units {
        let words = unit.span.of(text).chars().any(char::is_alphanumeric);
        match sentences.last_mut() {
            Some((number, span)) if *number == unit.sentence => span.end = unit.span.end,
            _ if words => sentences.push((unit.sentence, unit.span)),
            _ => {}
        }
    }
    if sentences.is_empty()
        && let (Some(first), Some(last)) = (units.first(), units.last())
    {
        sentences.push((
            0,
            Span {
                start: first.span.start,
                end: last.span.end,
            },
        ));
    }
    // A list of its own, no longer than it must be: collected in place, it would keep the room of the longer one.
    sentences.iter().map(|&(_, span)| span).collect()
}
