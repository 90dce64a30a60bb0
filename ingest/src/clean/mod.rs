//! Cleans what the readers found and puts it together into one text, with exact places for everything.

mod characters;
mod details;
mod language;
mod lines;

pub(crate) use characters::{is_cjk, is_han, normalize};
pub(crate) use details::day;
pub(crate) use language::language_of;
pub(crate) use lines::{display_width, join_line, paragraphs};

use crate::{Block, BlockKind, CleanDocument, Details, Kind, PageSpan, Place, Span, Warning};

/// Longest title in characters; a longer one is cut, since it is embedded with every sentence.
const LONGEST_TITLE: usize = 200;

/// A block as a reader found it.
#[derive(Debug, Clone)]
pub(crate) struct RawBlock {
    pub(crate) kind: BlockKind,
    pub(crate) text: String,
    /// Byte offsets in `text` where a page begins, with the page's number; empty for formats without pages.
    pub(crate) page_starts: Vec<(usize, u32)>,
    /// Where its text stands on its pages, with spans in `text`, in order; empty where that is not known.
    pub(crate) places: Vec<Place>,
}

impl RawBlock {
    /// A block of a format without pages.
    pub(crate) fn new(kind: BlockKind, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
            page_starts: Vec::new(),
            places: Vec::new(),
        }
    }
}

/// What a reader hands on.
#[derive(Debug)]
pub(crate) struct RawDocument {
    pub(crate) kind: Kind,
    pub(crate) title: Option<String>,
    pub(crate) details: Details,
    pub(crate) blocks: Vec<RawBlock>,
    /// Pages in the file; 0 for formats without pages.
    pub(crate) pages: u32,
    pub(crate) warnings: Vec<Warning>,
}

impl RawDocument {
    /// A document of a format without pages, of which nothing but its blocks is known yet.
    pub(crate) fn new(kind: Kind, blocks: Vec<RawBlock>) -> Self {
        Self {
            kind,
            title: None,
            details: Details::default(),
            blocks,
            pages: 0,
            warnings: Vec::new(),
        }
    }
}

/// Cleans the blocks and joins them; spans are exact from here on.
pub(crate) fn assemble(raw: RawDocument) -> CleanDocument {
    let mut text = String::with_capacity(raw.blocks.iter().map(|block| block.text.len() + 2).sum());
    let mut blocks: Vec<Block> = Vec::with_capacity(raw.blocks.len());
    let mut starts: Vec<(usize, u32)> = Vec::new();
    let mut places: Vec<Place> = Vec::new();
    // Each block is dropped once it is copied: a large document is not in memory twice.
    for block in raw.blocks {
        let (clean, offsets) = clean_block(&block);
        if clean.is_empty() {
            continue;
        }
        if let Some(before) = blocks.last() {
            let tight = before.kind == BlockKind::ListItem && block.kind == BlockKind::ListItem;
            text.push_str(if tight { "\n" } else { "\n\n" });
        }
        let start = text.len();
        starts.extend(
            offsets
                .into_iter()
                .map(|(offset, page)| (start + offset, page)),
        );
        places.extend(moved_places(&block, &clean, start));
        text.push_str(&clean);
        blocks.push(Block {
            kind: block.kind,
            span: Span {
                start,
                end: text.len(),
            },
        });
    }
    let title = raw
        .title
        .map(|title| {
            let title = normalize(&title, false).replace('\n', " ");
            let title: String = title.trim().chars().take(LONGEST_TITLE).collect();
            title.trim_end().to_owned()
        })
        .filter(|title| !title.is_empty())
        .or_else(|| first_heading(&text, &blocks));
    let language = language_of(&text);
    let pages = page_spans(&text, &starts, raw.pages);
    CleanDocument {
        kind: raw.kind,
        title,
        details: details::tidy(&raw.details),
        language,
        text,
        blocks,
        pages,
        places,
        warnings: raw.warnings,
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

/// The first heading of the highest level that occurs near the beginning.
fn first_heading(text: &str, blocks: &[Block]) -> Option<String> {
    let headings = || {
        blocks.iter().take(24).filter_map(|block| match block.kind {
            BlockKind::Heading { level } => Some((level, block.span)),
            BlockKind::Paragraph | BlockKind::ListItem | BlockKind::Table | BlockKind::Code => None,
        })
    };
    let highest = headings().map(|(level, _)| level).min()?;
    let (_, span) = headings().find(|&(level, _)| level == highest)?;
    // `Chapter 1` names a part, not the document.
    if crate::parse::structure::heading_level(span.of(text)).is_some() {
        return None;
    }
    let title: String = span.of(text).replace('\n', " ");
    (title.chars().count() <= LONGEST_TITLE).then_some(title)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_no_longer_than_a_title() {
        let paragraph = RawBlock::new(BlockKind::Paragraph, "内容。");
        let document = assemble(RawDocument {
            title: Some("年度 报告\n".repeat(90_000)),
            ..RawDocument::new(Kind::Html, vec![paragraph])
        });
        let title = document.title.expect("a title");
        assert!(title.chars().count() <= LONGEST_TITLE && title.starts_with("年度 报告 年度"));
    }

    #[test]
    fn a_paragraph_over_two_pages_keeps_its_page_break() {
        let mut text = "职工连续工作一年".to_owned();
        let offset = join_line(&mut text, "以上的，享受年休假。");
        let blocks = vec![
            RawBlock {
                kind: BlockKind::Paragraph,
                text,
                page_starts: vec![(0, 1), (offset, 2)],
                places: Vec::new(),
            },
            RawBlock {
                kind: BlockKind::Paragraph,
                text: "第四页。".to_owned(),
                page_starts: vec![(0, 4)],
                places: Vec::new(),
            },
        ];
        let document = assemble(RawDocument {
            pages: 4,
            ..RawDocument::new(Kind::Pdf, blocks)
        });
        assert_eq!(
            document.text,
            "职工连续工作一年以上的，享受年休假。\n\n第四页。"
        );
        let pages: Vec<&str> = document
            .pages
            .iter()
            .map(|page| page.span.of(&document.text))
            .collect();
        assert_eq!(
            pages,
            ["职工连续工作一年", "以上的，享受年休假。", "", "第四页。"]
        );
    }
}
