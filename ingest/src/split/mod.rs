//! Cuts a document into chunks: by its structure first, then by sentences, to a budget of the embedder's tokens.

mod pack;
mod sentences;
mod units;
mod windows;

use self::pack::Piece;
pub use self::sentences::sentences;
use crate::clean::language_of;
use crate::{Block, BlockKind, Chunk, CleanDocument, PageSpan, Span, TokenCounter};

/// How long chunks become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SplitSettings {
    /// Tokens that a chunk should have about; it is closed at the next good place.
    pub target_tokens: usize,
    /// Tokens that a chunk never exceeds, as long as a single character fits.
    pub max_tokens: usize,
}

impl Default for SplitSettings {
    fn default() -> Self {
        Self {
            target_tokens: 400,
            max_tokens: 480,
        }
    }
}

/// Characters of a heading that are kept above each of its chunks.
const LONGEST_HEADING: usize = 200;

/// A heading with all that stands under it up to the next one.
struct Section {
    /// Headings from the highest down to its own.
    path: Vec<String>,
    blocks: Vec<Block>,
}

/// Cuts a document into chunks, in order and without overlap.
///
/// Every character but white space belongs to exactly one chunk.
#[must_use]
pub fn split(
    document: &CleanDocument,
    counter: &dyn TokenCounter,
    settings: SplitSettings,
) -> Vec<Chunk> {
    let settings = SplitSettings {
        max_tokens: settings.max_tokens.max(1),
        target_tokens: settings.target_tokens.clamp(1, settings.max_tokens.max(1)),
    };
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut characters = CharacterCount {
        text: &document.text,
        byte: 0,
        characters: 0,
    };
    for section in sections(document).into_iter().flat_map(windows::windows) {
        let units = units::units(
            &document.text,
            &section.blocks,
            counter,
            settings.max_tokens,
        );
        let pieces = pack::pack(&document.text, &units, counter, settings);
        let whole = section_span(&pieces);
        let long =
            pieces.iter().map(|piece| piece.tokens).sum::<usize>() > settings.target_tokens * 4;
        for (index, piece) in pieces.iter().enumerate() {
            let text = piece.span.of(&document.text);
            chunks.push(Chunk {
                ordinal: u32::try_from(chunks.len()).unwrap_or(u32::MAX),
                span: piece.span,
                chars: Span {
                    start: characters.at(piece.span.start),
                    end: characters.at(piece.span.end),
                },
                pages: pages_of(&document.pages, piece.span),
                heading: section.path.clone(),
                parent: if long {
                    neighbours(&pieces, index)
                } else {
                    whole
                },
                sentences: piece.sentences.clone(),
                tokens: u32::try_from(piece.tokens).unwrap_or(u32::MAX),
                language: language_of(text),
            });
        }
    }
    chunks
}

/// Cuts the document at its headings. A heading without text of its own goes to the section below it.
fn sections(document: &CleanDocument) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut path: Vec<(u8, String)> = Vec::new();
    let mut bare = false;
    for block in &document.blocks {
        if let BlockKind::Heading { level } = block.kind {
            let deeper = path.last().is_some_and(|&(above, _)| above < level);
            path.retain(|&(above, _)| above < level);
            path.push((level, heading_name(block.span.of(&document.text))));
            let names = || path.iter().map(|(_, name)| name.clone()).collect();
            match sections.last_mut() {
                Some(section) if bare && deeper => {
                    section.path = names();
                    section.blocks.push(block.clone());
                }
                _ => sections.push(Section {
                    path: names(),
                    blocks: vec![block.clone()],
                }),
            }
            bare = true;
            continue;
        }
        bare = false;
        match sections.last_mut() {
            Some(section) => section.blocks.push(block.clone()),
            None => sections.push(Section {
                path: Vec::new(),
                blocks: vec![block.clone()],
            }),
        }
    }
    sections
}

/// A heading as it stands above its chunks. A longer one is cut: each chunk has a copy.
fn heading_name(heading: &str) -> String {
    let name: String = heading.chars().take(LONGEST_HEADING).collect();
    name.trim_end().replace('\n', " ")
}

fn section_span(pieces: &[Piece]) -> Span {
    Span {
        start: pieces.first().map_or(0, |piece| piece.span.start),
        end: pieces.last().map_or(0, |piece| piece.span.end),
    }
}

/// A piece with its neighbours: what stands for the section where that is much longer than a chunk.
fn neighbours(pieces: &[Piece], index: usize) -> Span {
    let first = index.saturating_sub(1);
    let last = (index + 1).min(pieces.len() - 1);
    Span {
        start: pieces[first].span.start,
        end: pieces[last].span.end,
    }
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
mod tests;
