//! Cleans what the readers found and puts it together into one text, with exact places for everything.

mod assemble;
mod characters;
mod details;
mod language;
mod lines;

pub(crate) use assemble::Assembler;
pub(crate) use characters::{is_cjk, is_han, normalize};
pub(crate) use details::day;
pub(crate) use language::language_of;
pub(crate) use lines::{display_width, group_paragraphs, join_line, paragraphs};

use crate::{Block, BlockKind, CleanDocument, Details, Kind, Place, Warning};

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
pub(crate) fn assemble(mut raw: RawDocument) -> CleanDocument {
    let blocks = std::mem::take(&mut raw.blocks);
    let bytes = blocks.iter().map(|block| block.text.len() + 2).sum();
    let mut assembler = Assembler::with_capacity(bytes, blocks.len());
    // Each block is dropped once it is copied: a large document is not in memory twice.
    for block in blocks {
        assembler.push(&block);
    }
    let mut document = assembler.finish(raw);
    settle(&mut document);
    document
}

/// Sets what can only be told from the whole text: its language, and its title if the file has none.
pub(crate) fn settle(document: &mut CleanDocument) {
    document.language = language_of(&document.text);
    if document.title.is_none() {
        document.title = first_heading(&document.text, &document.blocks);
    }
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
