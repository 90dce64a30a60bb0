//! The smallest parts that chunks are made of: sentences, table rows, lines of code, and what is left of giants.

use unicode_normalization::char::is_combining_mark;

use super::sentences::{sentences, trimmed};
use crate::{Block, BlockKind, Span, TokenCounter};

/// Characters in a part of a sentence that is too long, at most.
const PART: usize = 96;

/// A part that is not cut again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    pub(super) span: Span,
    pub(super) tokens: usize,
    /// Number of the block that it comes from.
    pub(super) block: usize,
    pub(super) kind: BlockKind,
    /// Number of the sentence that it is, or is part of.
    pub(super) sentence: usize,
}

/// Cuts blocks into units of at most `max_tokens`; each is counted once.
pub(super) fn units(
    text: &str,
    blocks: &[Block],
    counter: &dyn TokenCounter,
    max_tokens: usize,
) -> Vec<Unit> {
    let mut units = Vec::new();
    let mut sentence = 0;
    for (number, block) in blocks.iter().enumerate() {
        for span in parts(text, block) {
            sentence += 1;
            let mut push = |span: Span, tokens: usize| {
                units.push(Unit {
                    span,
                    tokens,
                    block: number,
                    kind: block.kind,
                    sentence,
                });
            };
            // A token is at least a byte, so short parts need no second look; giants are not counted whole.
            let tokens = if span.len() <= PART * 64 {
                counter.count(span.of(text))
            } else {
                usize::MAX
            };
            if tokens <= max_tokens {
                push(span, tokens);
            } else {
                for piece in pieces(text, span) {
                    halve(text, piece, counter, max_tokens, &mut push);
                }
            }
        }
    }
    units
}

fn parts(text: &str, block: &Block) -> Vec<Span> {
    match block.kind {
        BlockKind::Paragraph | BlockKind::ListItem => sentences(text, block.span),
        BlockKind::Heading { .. } => vec![block.span],
        BlockKind::Table | BlockKind::Code => lines(text, block.span),
    }
}

fn lines(text: &str, span: Span) -> Vec<Span> {
    let mut found = Vec::new();
    let mut start = span.start;
    for line in span.of(text).split_inclusive('\n') {
        found.extend(trimmed(
            text,
            Span {
                start,
                end: start + line.len(),
            },
        ));
        start += line.len();
    }
    found
}

/// Cuts a giant at commas and blanks, or where it must be, into parts of at most [`PART`] characters.
fn pieces(text: &str, span: Span) -> Vec<Span> {
    let mut found = Vec::new();
    let (mut start, mut soft, mut length) = (span.start, None, 0);
    for (offset, character) in span.of(text).char_indices() {
        let at = span.start + offset;
        if length >= PART && !extends(character) {
            let end = soft.take().filter(|&soft| soft > start).unwrap_or(at);
            found.extend(trimmed(text, Span { start, end }));
            length = text[end..at].chars().count();
            start = end;
        }
        length += 1;
        if character.is_whitespace()
            || matches!(
                character,
                '，' | '、' | '：' | ',' | ':' | '|' | '/' | '）' | ')'
            ) && length > PART / 4
        {
            soft = Some(at + character.len_utf8());
        }
    }
    found.extend(trimmed(
        text,
        Span {
            start,
            end: span.end,
        },
    ));
    found
}

/// Halves a part until it fits; a single character is kept however many tokens it has.
fn halve(
    text: &str,
    span: Span,
    counter: &dyn TokenCounter,
    max_tokens: usize,
    push: &mut impl FnMut(Span, usize),
) {
    let tokens = counter.count(span.of(text));
    let part = span.of(text);
    let middle = part
        .char_indices()
        .map(|(at, _)| at)
        .nth(part.chars().count() / 2)
        .unwrap_or(0);
    if tokens <= max_tokens || middle == 0 {
        push(span, tokens);
        return;
    }
    for half in [
        Span {
            start: span.start,
            end: span.start + middle,
        },
        Span {
            start: span.start + middle,
            end: span.end,
        },
    ] {
        if let Some(half) = trimmed(text, half) {
            halve(text, half, counter, max_tokens, push);
        }
    }
}

/// Characters that belong to the one before them.
fn extends(character: char) -> bool {
    is_combining_mark(character)
        || matches!(character, '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0100}'..='\u{e01ef}')
}
