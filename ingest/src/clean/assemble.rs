//! Puts cleaned blocks together into one text, with exact places for everything.

use super::{LONGEST_TITLE, RawBlock, RawDocument, details, normalize};
use crate::{Block, BlockKind, CleanDocument, Language, PageSpan, Place, Span};

/// A document in the making.
#[derive(Debug, Default)]
pub(crate) struct Assembler {
    text: String,
    /// Bytes of text that were taken away already.
    taken: usize,
    blocks: Vec<Block>,
    /// Where pages begin, with their numbers.
    starts: Vec<(usize, u32)>,
    places: Vec<Place>,
}

impl Assembler {
    /// One with room for so many bytes of text and so many blocks.
    pub(super) fn with_capacity(bytes: usize, blocks: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            blocks: Vec::with_capacity(blocks),
            ..Self::default()
        }
    }

    /// Bytes of text so far.
    pub(crate) const fn bytes(&self) -> usize {
        self.taken + self.text.len()
    }

    /// Bytes of text that were not taken away.
    pub(crate) const fn waiting(&self) -> usize {
        self.text.len()
    }

    /// Takes away the text that there is: the document will not have it. Not for documents with pages, whose ends are
    /// looked for in the text.
    pub(crate) fn take(&mut self) -> String {
        self.taken += self.text.len();
        std::mem::take(&mut self.text)
    }

    /// Adds a block, if anything is left of it once it is clean.
    pub(crate) fn push(&mut self, block: &RawBlock) {
        let (clean, offsets) = clean_block(block);
        if clean.is_empty() {
            return;
        }
        if let Some(before) = self.blocks.last() {
            let tight = before.kind == BlockKind::ListItem && block.kind == BlockKind::ListItem;
            self.text.push_str(if tight { "\n" } else { "\n\n" });
        }
        let start = self.bytes();
        let offsets = offsets.into_iter();
        self.starts
            .extend(offsets.map(|(offset, page)| (start + offset, page)));
        self.places.extend(moved_places(block, &clean, start));
        self.text.push_str(&clean);
        self.blocks.push(Block {
            kind: block.kind,
            span: Span {
                start,
                end: self.bytes(),
            },
        });
    }

    /// The document with what `raw` tells beside its blocks; [`settle`](super::settle) completes it.
    pub(crate) fn finish(self, raw: RawDocument) -> CleanDocument {
        let title = raw.title.map(|title| {
            let title = normalize(&title, false).replace('\n', " ");
            let title: String = title.trim().chars().take(LONGEST_TITLE).collect();
            title.trim_end().to_owned()
        });
        let pages = page_spans(&self.text, &self.starts, raw.pages);
        CleanDocument {
            kind: raw.kind,
            title: title.filter(|title| !title.is_empty()),
            details: details::tidy(&raw.details),
            language: Language::Other,
            text: self.text,
            blocks: self.blocks,
            pages,
            places: self.places,
            warnings: raw.warnings,
        }
    }
}

/// A block's clean text without white space at its ends, and the page starts in it.
fn clean_block(block: &RawBlock) -> (String, Vec<(usize, u32)>) {
    let code = block.kind == BlockKind::Code;
    if block.page_starts.is_empty() {
        return (normalize(&block.text, code).trim().to_owned(), Vec::new());
    }
    let mut text = String::with_capacity(block.text.len());
    let mut offsets = Vec::new();
    for (index, &(start, page)) in block.page_starts.iter().enumerate() {
        let end = block
            .page_starts
            .get(index + 1)
            .map_or(block.text.len(), |next| next.0);
        let piece = normalize(&block.text[start..end], code);
        let piece = if text.is_empty() {
            piece.trim_start()
        } else {
            &piece
        };
        offsets.push((text.len(), page));
        text.push_str(piece);
    }
    let kept = text.trim_end().len();
    text.truncate(kept);
    offsets.retain(|&(offset, _)| offset < kept);
    (text, offsets)
}

/// The places of a block whose clean text begins at `start`. Readers that tell places clean their lines themselves, so
/// that cleaning changes nothing here; where it does, no place can be trusted.
fn moved_places<'a>(
    block: &'a RawBlock,
    clean: &'a str,
    start: usize,
) -> impl Iterator<Item = Place> + 'a {
    let cut = block.text.len() - block.text.trim_start().len();
    let unchanged = block.text.trim() == clean;
    let bounds = move |byte: usize| byte.saturating_sub(cut).min(clean.len());
    let places = if unchanged {
        block.places.as_slice()
    } else {
        &[]
    };
    places.iter().filter_map(move |place| {
        let span = Span {
            start: bounds(place.span.start),
            end: bounds(place.span.end),
        };
        let exact = clean.is_char_boundary(span.start) && clean.is_char_boundary(span.end);
        (exact && span.start < span.end).then_some(Place {
            span: Span {
                start: start + span.start,
                end: start + span.end,
            },
            ..*place
        })
    })
}

/// The text of every page, without white space at its ends. Empty pages lie where the next one begins.
fn page_spans(text: &str, starts: &[(usize, u32)], total: u32) -> Vec<PageSpan> {
    let mut spans = Vec::with_capacity(total as usize);
    let mut starts = starts.iter().copied().peekable();
    for number in 1..=total {
        let mut first = None;
        while let Some(&(offset, page)) = starts.peek()
            && page <= number
        {
            if page == number {
                first.get_or_insert(offset);
            }
            starts.next();
        }
        let next = starts.peek().map_or(text.len(), |&(offset, _)| offset);
        let start = first.unwrap_or(next);
        let end = start + text[start..next].trim_end().len();
        spans.push(PageSpan {
            number,
            span: Span { start, end },
        });
    }
    spans
}
