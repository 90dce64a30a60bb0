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
}

/// Packs the units of one section.
pub(super) fn pack(
    text: &str,
    units: &[Unit],
    counter: &dyn TokenCounter,
    settings: SplitSettings,
) -> Vec<Piece> {
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
    let mut pieces = Vec::with_capacity(groups.len());
    for group in groups {
        finish(text, &group, counter, settings.max_tokens, &mut pieces);
    }
    pieces
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

fn is_table(kind: BlockKind) -> bool {
    kind == BlockKind::Table
}

fn is_heading_only(units: &[Unit]) -> bool {
    units
        .iter()
        .all(|unit| matches!(unit.kind, BlockKind::Heading { .. }))
}

fn total(units: &[Unit]) -> usize {
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
fn finish(
    text: &str,
    units: &[Unit],
    counter: &dyn TokenCounter,
    max_tokens: usize,
    pieces: &mut Vec<Piece>,
) {
    let (Some(first), Some(last)) = (units.first(), units.last()) else {
        return;
    };
    let span = Span {
        start: first.span.start,
        end: last.span.end,
    };
    let tokens = counter.count(span.of(text));
    if tokens > max_tokens && units.len() > 1 {
        let (left, right) = units.split_at(units.len() / 2);
        finish(text, left, counter, max_tokens, pieces);
        finish(text, right, counter, max_tokens, pieces);
        return;
    }
    pieces.push(Piece {
        span,
        tokens,
        sentences: sentences_of(text, units),
    });
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
    sentences.into_iter().map(|(_, span)| span).collect()
}
