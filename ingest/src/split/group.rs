//! Makes the pieces of a section: each entry by itself where it fits, several together only where the preset says so.

use super::pack::{self, Piece, is_heading_only, is_table, total};
use super::sections::Section;
use super::units::{self, Unit};
use super::{Preset, SplitSettings, code};
use crate::{BlockKind, Span, TokenCounter};

/// An entry shorter than this share of the wanted length says too little by itself.
const TINY: usize = 16;

/// Cuts sections into pieces in one way.
pub(super) struct Packer<'a> {
    pub(super) text: &'a str,
    pub(super) counter: &'a dyn TokenCounter,
    pub(super) settings: SplitSettings,
    pub(super) preset: Preset,
}

impl Packer<'_> {
    /// The pieces of a section, in order.
    pub(super) fn pieces(&self, section: &Section) -> Vec<Piece> {
        let most = self.settings.max_tokens;
        let units = units::units(self.text, &section.blocks, self.counter, most);
        let mut pieces = Vec::new();
        if self.preset == Preset::Prose {
            self.cut(&units, &mut pieces);
            return pieces;
        }
        let mut open = 0..0;
        let mut before = 0..0;
        for (entry, next) in divided(&units, section).into_iter().enumerate() {
            let joins = open.is_empty()
                || self.joins(&units[open.clone()], &units[before], &units[next.clone()]);
            if !joins {
                self.close(&units[open], entry - 1, &mut pieces);
                open = next.start..next.start;
            }
            open.end = next.end;
            before = next;
        }
        let last = section.entries.len().saturating_sub(1);
        self.close(&units[open], last, &mut pieces);
        pieces
    }

    /// Ends a group of entries, `entry` being its last one: only the last of several can be cut.
    fn close(&self, units: &[Unit], entry: usize, pieces: &mut Vec<Piece>) {
        let before = pieces.len();
        match pack::whole(self.text, units, self.counter, self.settings.max_tokens) {
            Some(piece) => pieces.push(piece),
            None => self.cut(units, pieces),
        }
        for (at, piece) in pieces[before..].iter_mut().enumerate() {
            piece.entry = entry;
            piece.continues = at > 0;
        }
    }

    /// Cuts what does not fit a passage.
    fn cut(&self, units: &[Unit], pieces: &mut Vec<Piece>) {
        let (text, counter, settings) = (self.text, self.counter, self.settings);
        let lines = units
            .first()
            .is_some_and(|unit| unit.kind == BlockKind::Code);
        if self.preset == Preset::Code && lines {
            code::pack(text, units, counter, settings.max_tokens, pieces);
        } else {
            pack::pack(text, units, counter, settings, pieces);
        }
    }

    /// Whether the next entry goes into the passage that ends with `last`.
    fn joins(&self, open: &[Unit], last: &[Unit], next: &[Unit]) -> bool {
        let SplitSettings {
            target_tokens,
            max_tokens,
        } = self.settings;
        let sum = total(open) + total(next);
        let (fits, good) = (sum <= max_tokens, sum <= target_tokens);
        let tiny = |units: &[Unit]| total(units) * TINY < target_tokens;
        // A heading is never left alone, whatever comes of it.
        if is_heading_only(open) {
            return true;
        }
        let table = |units: &[Unit]| units.iter().any(|unit| is_table(unit.kind));
        match self.preset {
            // A title in front of its articles, and what was repealed.
            Preset::Manual => good && tiny(last),
            // Questions one below the other have their answer below the last.
            Preset::Qa => fits && !table(last) && self.only_asks(last),
            // The title of a table; records share a passage.
            Preset::Table if table(next) => fits && !table(open) && tiny(open),
            Preset::Table => good && !table(open),
            Preset::Code => {
                good || fits && last.iter().all(|unit| unit.kind == BlockKind::Paragraph)
            }
            Preset::Slides | Preset::Prose => false,
        }
    }

    fn only_asks(&self, units: &[Unit]) -> bool {
        let [only] = units else { return false };
        only.span.of(self.text).ends_with(['？', '?'])
    }

    /// What stands for the surroundings of each piece: its article, pair, slide or definition where that was cut; else
    /// its section, or its neighbours where the section is much longer than a passage.
    pub(super) fn parents(&self, pieces: &[Piece]) -> Vec<Span> {
        let limit = self.settings.target_tokens * 4;
        let sum = |pieces: &[Piece]| pieces.iter().map(|piece| piece.tokens).sum::<usize>();
        let around = |pieces: &[Piece]| {
            let whole = span_of(pieces);
            (sum(pieces) <= limit).then_some(whole)
        };
        let section = around(pieces);
        let alone = matches!(self.preset, Preset::Qa | Preset::Slides);
        let mut parents = Vec::with_capacity(pieces.len());
        let mut first = 0;
        for run in pieces.chunk_by(|_, next| next.continues) {
            let cut = run.len() > 1 && self.preset != Preset::Prose;
            let own = if cut || alone { around(run) } else { section };
            for at in first..first + run.len() {
                // Neighbours of a cut entry are its own pieces.
                let within = if cut || alone {
                    first..first + run.len()
                } else {
                    0..pieces.len()
                };
                parents.push(own.unwrap_or_else(|| {
                    let from = at.saturating_sub(1).max(within.start);
                    span_of(&pieces[from..(at + 2).min(within.end)])
                }));
            }
            first += run.len();
        }
        parents
    }
}

fn span_of(pieces: &[Piece]) -> Span {
    Span {
        start: pieces.first().map_or(0, |piece| piece.span.start),
        end: pieces.last().map_or(0, |piece| piece.span.end),
    }
}

/// The units of each entry, as ranges.
fn divided(units: &[Unit], section: &Section) -> Vec<std::ops::Range<usize>> {
    let mut at = 0;
    let mut ranges = Vec::with_capacity(section.entries.len());
    for (number, _) in section.entries.iter().enumerate() {
        let beyond = section
            .entries
            .get(number + 1)
            .map_or(usize::MAX, |next| next.first);
        let start = at;
        while units.get(at).is_some_and(|unit| unit.block < beyond) {
            at += 1;
        }
        ranges.push(start..at);
    }
    ranges
}
