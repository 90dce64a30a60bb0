//! Web pages: the main content, without scripts and menus, with its headings, lists and tables.

use dom_query::{Document, NodeRef};
use dom_smoothie::{Config, Readability};

use super::html_details::details;
use super::raised::raised;
use super::table::Table;
use crate::clean::{RawBlock, RawDocument, is_cjk};
use crate::decode::decode;
use crate::{BlockKind, Kind, ParseError};

/// Deeper elements are read as plain text; no honest page nests so deep.
const DEPTH: usize = 256;

/// Elements that hold no text of the page.
const NOISE: &str = "script, style, noscript, template, svg, iframe, object, head, nav, footer, aside, form button, select, \
    [hidden], [role=navigation], [role=banner], [role=contentinfo], [role=search], [aria-hidden=true], .mw-editsection, sup.reference";

/// The same for what is all content, as a chapter of a book or a message is: notes and signatures belong to it.
const NOISE_OF_PARTS: &str = "script, style, noscript, template, svg, iframe, object, head, nav, button, select, \
    [hidden]:not(aside)";

/// The blocks of a page that is all content, such as a chapter of a book, without looking for an article in it.
pub(super) fn part(page: &Document) -> Vec<RawBlock> {
    blocks_of(page, NOISE_OF_PARTS)
}

/// Whether nearly all of a page's text are links to other pages, as in a table of contents.
pub(super) fn is_list_of_links(page: &Document) -> bool {
    let length = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
    let (mut links, mut linked) = (0, 0);
    for link in page.select("body a[href]").nodes() {
        let href = link.attr("href").unwrap_or_default();
        if !href.starts_with('#') && !href.contains("://") {
            links += 1;
            linked += length(&link.text());
        }
    }
    let headings = length(&page.select("body :is(h1, h2, h3, h4)").text());
    let body = length(&page.select("body").text()).saturating_sub(headings);
    links > 1 && linked * 10 >= body * 8
}

pub(super) fn read(bytes: &[u8]) -> Result<RawDocument, ParseError> {
    let decoded = decode(bytes, true)?;
    let page = Document::from(decoded.text.as_str());
    let own_title = page.select("title").text().trim().to_owned();
    let article = Readability::new(decoded.text.as_str(), None, Some(Config::default()))
        .and_then(|mut reader| reader.parse())
        .ok();
    let details = details(&page, article.as_ref());
    let whole = blocks_of(&page, NOISE);
    let (title, main) = article.map_or((None, Vec::new()), |article| {
        (
            Some(article.title),
            blocks_of(&Document::from(article.content.as_ref()), NOISE),
        )
    });
    // A page that is all content loses much to a reader that looks for an article.
    let blocks = if size(&main) * 2 < size(&whole) || size(&main) < 400 {
        whole
    } else {
        main
    };
    let title = title
        .filter(|title| !title.trim().is_empty())
        .or(Some(own_title));
    Ok(RawDocument {
        title,
        details,
        warnings: decoded.warning.into_iter().collect(),
        ..RawDocument::new(Kind::Html, blocks)
    })
}

fn size(blocks: &[RawBlock]) -> usize {
    blocks.iter().map(|block| block.text.len()).sum()
}

fn blocks_of(document: &Document, noise: &str) -> Vec<RawBlock> {
    document.select(noise).remove();
    let mut walker = Walker {
        blocks: Vec::new(),
        text: String::new(),
        kind: BlockKind::Paragraph,
    };
    if let Some(body) = document.body() {
        walker.children(&body, 0);
    }
    walker.flush();
    walker.blocks
}

struct Walker {
    blocks: Vec<RawBlock>,
    text: String,
    kind: BlockKind,
}

impl Walker {
    fn children(&mut self, node: &NodeRef<'_>, depth: usize) {
        for child in node.children_it(false) {
            self.node(&child, depth);
        }
    }

    fn node(&mut self, node: &NodeRef<'_>, depth: usize) {
        if node.is_text() {
            push_source(&mut self.text, &node.text());
            return;
        }
        let Some(name) = node.node_name() else { return };
        if depth > DEPTH {
            push_source(&mut self.text, &node.text());
            return;
        }
        match name.as_ref() {
            "br" => self.text.push('\n'),
            "sup" => match raised(&node.text()) {
                Some(raised) => self.text.push_str(&raised),
                None => self.children(node, depth + 1),
            },
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                let level = name.as_bytes()[1] - b'0';
                self.block(node, BlockKind::Heading { level }, depth);
            }
            "pre" => {
                self.flush();
                self.blocks
                    .push(RawBlock::new(BlockKind::Code, node.text().to_string()));
            }
            "li" => self.block(node, BlockKind::ListItem, depth),
            "table" => self.table(node, depth),
            "p" | "blockquote" | "dt" | "dd" | "figcaption" | "caption" | "summary" | "td"
            | "th" | "tr" | "div" | "section" | "article" | "main" | "header" | "ul" | "ol"
            | "dl" | "figure" | "address" | "details" | "center" | "fieldset" | "hr" | "form"
            | "body" | "html" | "tbody" => {
                // A paragraph inside a list item is still the item.
                let kind = if self.kind == BlockKind::ListItem
                    && matches!(name.as_ref(), "p" | "div")
                    && self.text.trim().is_empty()
                {
                    BlockKind::ListItem
                } else {
                    BlockKind::Paragraph
                };
                self.block(node, kind, depth);
            }
            _ => self.children(node, depth + 1),
        }
    }

    fn block(&mut self, node: &NodeRef<'_>, kind: BlockKind, depth: usize) {
        self.flush();
        self.kind = kind;
        self.children(node, depth + 1);
        self.flush();
        self.kind = BlockKind::Paragraph;
    }

    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        if text.chars().any(char::is_alphanumeric) {
            self.blocks.push(RawBlock::new(self.kind, text));
            self.kind = BlockKind::Paragraph;
        }
    }

    /// A table of data becomes rows; one that lays the page out is walked through.
    fn table(&mut self, node: &NodeRef<'_>, depth: usize) {
        let nested = node.descendants_it().any(|inner| inner.has_name("table"));
        let mut table = Table::default();
        if !nested {
            // For each column, in how many rows from here on a cell above still stands.
            let mut taken: Vec<usize> = Vec::new();
            for row in node.descendants_it().filter(|inner| inner.has_name("tr")) {
                let mut column = 0;
                for cell in row
                    .children_it(false)
                    .filter(|inner| inner.has_name("td") || inner.has_name("th"))
                {
                    column = pass_taken(&mut taken, column, &mut table);
                    table.cell(&cell_text(&cell));
                    let (columns, rows) = (span(&cell, "colspan"), span(&cell, "rowspan"));
                    (1..columns).for_each(|_| table.cell(""));
                    taken.resize(taken.len().max(column + columns), 0);
                    taken[column..column + columns].fill(rows - 1);
                    column += columns;
                }
                pass_taken(&mut taken, column, &mut table);
                table.end_row();
            }
        }
        if nested || table.is_layout() {
            self.block(node, BlockKind::Paragraph, depth);
            return;
        }
        self.flush();
        for caption in node
            .children_it(false)
            .filter(|inner| inner.has_name("caption"))
        {
            self.block(&caption, BlockKind::Paragraph, depth);
        }
        if let Some(text) = table.render() {
            self.blocks.push(RawBlock::new(BlockKind::Table, text));
        }
    }
}

/// Columns or rows that a cell takes; few enough that a hostile page gains nothing.
fn span(cell: &NodeRef<'_>, attribute: &str) -> usize {
    let span = cell.attr(attribute).and_then(|span| span.parse().ok());
    span.unwrap_or(1).clamp(1, 64)
}

/// Leaves cells empty where one from above stands, from `column` on, and returns the next free column.
fn pass_taken(taken: &mut [usize], mut column: usize, table: &mut Table) -> usize {
    while let Some(rows) = taken.get_mut(column).filter(|rows| **rows > 0) {
        *rows -= 1;
        table.cell("");
        column += 1;
    }
    column
}

/// A cell's text, with a blank where elements stand between its words.
fn cell_text(cell: &NodeRef<'_>) -> String {
    let mut text = String::new();
    for inner in cell.descendants_it() {
        if inner.is_text() {
            let up = inner.parent().is_some_and(|parent| parent.has_name("sup"));
            match raised(&inner.text()).filter(|_| up) {
                Some(raised) => text.push_str(&raised),
                None => push_source(&mut text, &inner.text()),
            }
        } else if inner.has_name("br")
            || inner.has_name("p")
            || inner.has_name("li")
            || inner.has_name("div")
        {
            text.push(' ');
        }
    }
    text
}

/// Appends text of the source: white space is one blank, and none where it breaks a line between Chinese.
fn push_source(text: &mut String, source: &str) {
    let mut blank: Option<bool> = None;
    for character in source.chars() {
        if character.is_ascii_whitespace() {
            blank = Some(blank.unwrap_or(false) || character == '\n' || character == '\r');
            continue;
        }
        if let Some(line_end) = blank.take() {
            let between = is_cjk(character) && text.chars().next_back().is_some_and(is_cjk);
            if !(line_end && between) {
                text.push(' ');
            }
        }
        text.push(character);
    }
    if blank == Some(false) || blank.is_some() && !text.chars().next_back().is_some_and(is_cjk) {
        text.push(' ');
    }
}
