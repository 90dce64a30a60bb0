//! Cuts a document into chunks: by its structure first, then by sentences, to a budget of the embedder's tokens.

mod choose;
mod code;
mod group;
mod numbering;
mod pack;
mod preset;
mod questions;
mod sections;
mod sentences;
mod table;
mod units;

use self::group::Packer;
pub use self::preset::{Preset, PresetChoice, UnknownPreset};
use self::sections::sections;
pub use self::sentences::sentences;
use crate::clean::language_of;
use crate::{Chunk, CleanDocument, PageSpan, Span, TokenCounter};

/// How long chunks become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SplitSettings {
    /// Tokens that a chunk should have about; it is closed at the next good place.
    pub target_tokens: usize,
    /// Tokens that a chunk never exceeds, as long as a single character fits.
    pub max_tokens: usize,
}

/// A passage may grow past the wanted length by one part in this many to end at a good place.
const SLACK: usize = 5;

impl SplitSettings {
    /// Passages of about so many tokens.
    #[must_use]
    pub const fn about(target_tokens: usize) -> Self {
        Self {
            target_tokens,
            max_tokens: target_tokens.saturating_add(target_tokens / SLACK),
        }
    }
}

impl Default for SplitSettings {
    fn default() -> Self {
        Self {
            target_tokens: 400,
            max_tokens: 480,
        }
    }
}

/// Cuts a document into chunks with the preset that suits it, in order and without overlap.
///
/// Every character but white space belongs to exactly one chunk.
#[must_use]
pub fn split(
    document: &CleanDocument,
    counter: &dyn TokenCounter,
    settings: SplitSettings,
) -> Vec<Chunk> {
    split_as(document, counter, settings, Preset::of(document))
}

/// The same with a preset that was chosen.
#[must_use]
pub fn split_as(
    document: &CleanDocument,
    counter: &dyn TokenCounter,
    settings: SplitSettings,
    preset: Preset,
) -> Vec<Chunk> {
    let settings = SplitSettings {
        max_tokens: settings.max_tokens.max(1),
        target_tokens: settings.target_tokens.clamp(1, settings.max_tokens.max(1)),
    };
    let text = document.text.as_str();
    let packer = Packer {
        text,
        counter,
        settings,
        preset,
    };
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut characters = CharacterCount {
        text,
        byte: 0,
        characters: 0,
    };
    for section in sections(document, preset) {
        let pieces = packer.pieces(&section);
        let parents = packer.parents(&pieces);
        for (piece, parent) in pieces.into_iter().zip(parents) {
            let label = section.entries.get(piece.entry);
            let label = label.filter(|_| piece.continues);
            let mut heading = section.path.clone();
            heading.extend(
                label
                    .and_then(|entry| entry.label.clone())
                    .or_else(|| table::header_above(text, &section.blocks, piece.span.start)),
            );
            chunks.push(Chunk {
                ordinal: u32::try_from(chunks.len()).unwrap_or(u32::MAX),
                span: piece.span,
                chars: Span {
                    start: characters.at(piece.span.start),
                    end: characters.at(piece.span.end),
                },
                pages: pages_of(&document.pages, piece.span),
                heading,
                parent,
                sentences: piece.sentences,
                tokens: u32::try_from(piece.tokens).unwrap_or(u32::MAX),
                language: language_of(piece.span.of(text)),
            });
        }
    }
    chunks
}

fn pages_of(pages: &[PageSpan], span: Span) -> Option<(u32, u32)> {
    let first = pages.partition_point(|page| page.span.end <= span.start);
    let last = pages.partition_point(|page| page.span.start < span.end);
    let filled = pages
        .get(first..last)?
        .iter()
        .filter(|page| !page.span.is_empty());
    let numbers: Vec<u32> = filled.map(|page| page.number).collect();
    Some((*numbers.first()?, *numbers.last()?))
}

/// Turns ascending byte offsets into character offsets in one pass.
struct CharacterCount<'a> {
    text: &'a str,
    byte: usize,
    characters: usize,
}

impl CharacterCount<'_> {
    fn at(&mut self, byte: usize) -> usize {
        self.characters += self.text[self.byte..byte].chars().count();
        self.byte = byte;
        self.characters
    }
}

#[cfg(test)]
mod preset_tests;
#[cfg(test)]
mod tests;
