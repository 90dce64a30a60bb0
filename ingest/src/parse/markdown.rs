//! Markdown: its structure, as readable text without the marks.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::structure::ends_sentence;
use super::table::Table;
use crate::clean::{RawBlock, RawDocument, is_cjk};
use crate::decode::decode;
use crate::{BlockKind, Details, Kind, ParseError};

pub(super) fn read(bytes: &[u8]) -> Result<RawDocument, ParseError> {
    let decoded = decode(bytes, false)?;
    // Amounts of money look like formulas, and what is struck out or ticked off must not read as if it were not: such marks
    // stay as they are written.
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut reader = Reader::default();
    for event in Parser::new_ext(&decoded.text, options) {
        reader.take(event);
    }
    reader.flush();
    Ok(RawDocument {
        title: reader.title,
        details: reader.details,
        warnings: decoded.warning.into_iter().collect(),
        ..RawDocument::new(Kind::Markdown, reader.blocks)
    })
}

struct Reader {
    blocks: Vec<RawBlock>,
    title: Option<String>,
    details: Details,
    text: String,
    kind: BlockKind,
    /// The next number of each open list; `None` for bullets.
    lists: Vec<Option<u64>>,
    table: Option<Table>,
    metadata: bool,
    line_break: bool,
    /// Inside a tag of embedded HTML, which may run over lines.
    in_tag: bool,
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            blocks: Vec::new(),
            title: None,
            details: Details::default(),
            text: String::new(),
            kind: BlockKind::Paragraph,
            lists: Vec::new(),
            table: None,
            metadata: false,
            line_break: false,
            in_tag: false,
        }
    }
}

impl Reader {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.metadata => self.read_metadata(&text),
            Event::Text(text)
            | Event::Code(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text) => self.push(&text),
            Event::Html(html) => self.push_html(&html),
            Event::InlineHtml(html) => {
                if html.starts_with("<br") {
                    self.text.push('\n');
                }
            }
            Event::SoftBreak => self.line_break = true,
            Event::HardBreak => self.text.push('\n'),
            Event::Rule => self.flush(),
            Event::FootnoteReference(_) | Event::TaskListMarker(_) => {}
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "all other marks leave no trace in the text"
    )]
    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Heading { level, .. } => self.open(BlockKind::Heading {
                level: depth(*level),
            }),
            Tag::CodeBlock(_) => self.open(BlockKind::Code),
            Tag::List(first) => {
                self.flush();
                self.lists.push(*first);
            }
            Tag::Item => {
                self.open(BlockKind::ListItem);
                if let Some(Some(number)) = self.lists.last_mut() {
                    self.text = format!("{number}. ");
                    *number += 1;
                }
            }
            Tag::Paragraph if self.kind != BlockKind::ListItem => self.open(BlockKind::Paragraph),
            Tag::Table(_) => {
                self.flush();
                self.table = Some(Table::default());
            }
            Tag::MetadataBlock(_) => self.metadata = true,
            Tag::FootnoteDefinition(_) | Tag::BlockQuote(_) | Tag::HtmlBlock => {
                self.open(BlockKind::Paragraph);
            }
            _ => {}
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "all other marks leave no trace in the text"
    )]
    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph
            | TagEnd::Heading(_)
            | TagEnd::CodeBlock
            | TagEnd::Item
            | TagEnd::BlockQuote(_)
            | TagEnd::HtmlBlock
            | TagEnd::FootnoteDefinition => {
                self.flush();
            }
            TagEnd::List(_) => {
                self.flush();
                self.lists.pop();
            }
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.text);
                if let Some(table) = &mut self.table {
                    table.cell(&cell);
                }
            }
            TagEnd::TableRow | TagEnd::TableHead => {
                if let Some(table) = &mut self.table {
                    table.end_row();
                }
            }
            TagEnd::Table => {
                if let Some(text) = self.table.take().and_then(Table::render) {
                    self.blocks.push(RawBlock::new(BlockKind::Table, text));
                }
            }
            TagEnd::MetadataBlock(_) => self.metadata = false,
            _ => {}
        }
    }

    fn open(&mut self, kind: BlockKind) {
        self.flush();
        self.kind = kind;
    }

    fn flush(&mut self) {
        self.line_break = false;
        let text = std::mem::take(&mut self.text);
        let kind = std::mem::replace(&mut self.kind, BlockKind::Paragraph);
        if text.chars().any(char::is_alphanumeric)
            || kind == BlockKind::Code && !text.trim().is_empty()
        {
            self.blocks.push(RawBlock::new(kind, text));
        }
    }

    fn push(&mut self, text: &str) {
        if std::mem::take(&mut self.line_break)
            && let (Some(last), Some(first)) = (self.text.chars().next_back(), text.chars().next())
        {
            // Chinese authors end paragraphs with a single line end.
            if is_cjk(last) && ends_sentence(last) && last != '，' && last != '、' {
                self.text.push('\n');
            } else if !(is_cjk(last) && is_cjk(first)) {
                self.text.push(' ');
            }
        }
        self.text.push_str(text);
    }

    /// Keeps the words of embedded HTML.
    fn push_html(&mut self, html: &str) {
        for character in html.chars() {
            match character {
                '<' => self.in_tag = true,
                '>' => self.in_tag = false,
                _ if !self.in_tag => self.text.push(character),
                _ => {}
            }
        }
    }

    /// The lines of front matter that we know: `title: …`, `author: …`, `date: …`.
    fn read_metadata(&mut self, text: &str) {
        let value = |keys: &[&str]| {
            text.lines().find_map(|line| {
                let (key, value) = line.split_once(':')?;
                let value = value.trim().trim_matches(['"', '\'', '[', ']']).trim();
                (keys.contains(&key) && !value.is_empty()).then(|| value.to_owned())
            })
        };
        self.title = value(&["title"]);
        self.details = Details {
            author: value(&["author", "authors", "作者"]),
            created: value(&["date", "created", "日期"]),
            modified: value(&["updated", "modified", "lastmod", "last_modified"]),
        };
    }
}

const fn depth(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}
