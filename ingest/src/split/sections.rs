//! Divides a document into sections, and sections into what a preset keeps whole: articles, pairs, slides, definitions.

use super::numbering::Numbering;
use super::questions::{self, Questions, heading_asks, is_question_table};
use super::sentences::trimmed;
use super::{Preset, code};
use crate::{Block, BlockKind, CleanDocument, Span};

/// Characters of a title or question that later passages of it are headed with, at most.
const LABEL: usize = 80;
/// Characters of a heading that are kept above each of its chunks.
pub(super) const LONGEST_HEADING: usize = 200;
/// Bytes of a section at most, unless one block is longer.
const WINDOW: usize = 1 << 20;
/// Bytes from which a definition may need a label, since it may be cut.
const CUT_FROM: usize = 256;

/// A heading with all that stands under it up to the next one; or a slide.
pub(super) struct Section {
    /// Headings from the highest down to its own.
    pub(super) path: Vec<String>,
    pub(super) blocks: Vec<Block>,
    /// What its blocks make up, in order; the first one begins with the first block.
    pub(super) entries: Vec<Entry>,
}

/// Blocks that belong together.
pub(super) struct Entry {
    /// Number of its first block.
    pub(super) first: usize,
    /// What its passages but the first are headed with, so that they are not cut from number or question.
    pub(super) label: Option<String>,
}

impl Entry {
    const fn plain(first: usize) -> Self {
        Self { first, label: None }
    }
}

/// The sections of a document with the entries that the preset wants.
pub(super) fn sections(document: &CleanDocument, preset: Preset) -> Vec<Section> {
    let paged = document.pages.iter().any(|page| !page.span.is_empty());
    match preset {
        Preset::Slides if paged => by_pages(document),
        // Slides that have become a text are told by their titles.
        Preset::Prose | Preset::Slides => by_headings(document, false),
        Preset::Manual => articles(document, by_headings(document, false)),
        Preset::Qa => pairs(document, by_headings(document, true)),
        Preset::Table | Preset::Code => by_blocks(document, by_headings(document, false)),
    }
}

/// Cuts the document at its headings. A heading without text of its own goes to the section below it; with
/// `questions`, what stands under a heading that asks is all of it the answer.
fn by_headings(document: &CleanDocument, questions: bool) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut path: Vec<(u8, String)> = Vec::new();
    let (mut bare, mut asked) = (false, None);
    for block in &document.blocks {
        let BlockKind::Heading { level } = block.kind else {
            bare = false;
            match sections.last_mut() {
                Some(section) if !is_full(section, block) => section.blocks.push(block.clone()),
                Some(full) => {
                    let path = full.path.clone();
                    sections.push(section(path, block));
                }
                None => sections.push(section(Vec::new(), block)),
            }
            continue;
        };
        let name = block.span.of(&document.text);
        let asks = questions && heading_asks(name);
        if let (Some(section), Some(above)) = (sections.last_mut(), asked)
            && above < level
            && !asks
        {
            section.blocks.push(block.clone());
            bare = false;
            continue;
        }
        asked = asks.then_some(level);
        let deeper = path.last().is_some_and(|&(above, _)| above < level);
        path.retain(|&(above, _)| above < level);
        path.push((level, heading_name(name)));
        let names = path.iter().map(|(_, name)| name.clone()).collect();
        match sections.last_mut() {
            Some(section) if bare && deeper => {
                section.path = names;
                section.blocks.push(block.clone());
            }
            _ => sections.push(section(names, block)),
        }
        bare = true;
    }
    sections
}

/// Whether a block begins a section anew: of a text without headings, the list of sentences would be as large as the text.
fn is_full(section: &Section, next: &Block) -> bool {
    let first = section.blocks.first();
    first.is_some_and(|first| next.span.end - first.span.start > WINDOW)
}

/// A heading as it stands above its chunks. A longer one is cut: each chunk has a copy.
fn heading_name(heading: &str) -> String {
    let name: String = heading.chars().take(LONGEST_HEADING).collect();
    name.trim_end().replace('\n', " ")
}

fn section(path: Vec<String>, first: &Block) -> Section {
    Section {
        path,
        blocks: vec![first.clone()],
        entries: vec![Entry::plain(0)],
    }
}

/// A section for each page, under the first heading on it.
fn by_pages(document: &CleanDocument) -> Vec<Section> {
    let text = &document.text;
    let mut sections: Vec<Section> = Vec::new();
    let mut starts = document
        .pages
        .iter()
        .filter(|page| !page.span.is_empty())
        .map(|page| page.span.start)
        .peekable();
    for block in &document.blocks {
        let mut cuts = Vec::new();
        let mut fresh = sections.is_empty();
        while let Some(&start) = starts.peek()
            && start < block.span.end
        {
            fresh |= start <= block.span.start;
            if start > block.span.start {
                cuts.push(start);
            }
            starts.next();
        }
        for (at, part) in divide(text, block, &cuts).enumerate() {
            match sections.last_mut() {
                Some(section) if at == 0 && !fresh => section.blocks.push(part),
                Some(_) | None => sections.push(section(Vec::new(), &part)),
            }
        }
    }
    for section in &mut sections {
        let title = section
            .blocks
            .iter()
            .find(|block| matches!(block.kind, BlockKind::Heading { .. }));
        section.path = title
            .map(|block| heading_name(block.span.of(text)))
            .into_iter()
            .collect();
    }
    sections
}

/// Each block by itself: a part of a table, a record, a definition.
fn by_blocks(document: &CleanDocument, mut sections: Vec<Section>) -> Vec<Section> {
    for section in &mut sections {
        section.entries = section
            .blocks
            .iter()
            .enumerate()
            .map(|(first, block)| Entry {
                first,
                label: (block.kind == BlockKind::Code && block.span.len() > CUT_FROM)
                    .then(|| code::signature(block.span.of(&document.text)))
                    .flatten()
                    .map(shortened),
            })
            .collect();
    }
    sections
}

/// Begins an entry at each numbered article or section, also where it stands in the middle of a block.
fn articles(document: &CleanDocument, mut sections: Vec<Section>) -> Vec<Section> {
    let text = &document.text;
    let mut numbering = Numbering::default();
    for section in &mut sections {
        let mut divided = Divided::default();
        for block in std::mem::take(&mut section.blocks) {
            let (mut cuts, mut labels) = (Vec::new(), Vec::new());
            match block.kind {
                // Its number is in the path already.
                BlockKind::Heading { .. } => {
                    let _ = numbering.next(block.span.of(text));
                }
                BlockKind::Paragraph | BlockKind::ListItem => {
                    for (at, line) in lines(text, block.span) {
                        if let Some(number) = numbering.next(line) {
                            cuts.push(at);
                            labels.push(Some(label(line, number)));
                        }
                    }
                }
                BlockKind::Table | BlockKind::Code => {}
            }
            divided.add(text, &block, &cuts, labels);
        }
        divided.fill(section);
    }
    sections
}

/// Begins an entry at each question.
fn pairs(document: &CleanDocument, mut sections: Vec<Section>) -> Vec<Section> {
    let text = &document.text;
    let mut questions = Questions::new(questions::style(document));
    for section in &mut sections {
        let mut divided = Divided::default();
        for block in std::mem::take(&mut section.blocks) {
            let own = block.span.of(text);
            let (mut cuts, mut labels) = (Vec::new(), Vec::new());
            match block.kind {
                BlockKind::Heading { .. } => {
                    if heading_asks(own) {
                        cuts.push(block.span.start);
                        labels.push(None);
                    }
                }
                BlockKind::Paragraph | BlockKind::ListItem => {
                    for (at, line) in lines(text, block.span) {
                        if questions.begins(line) {
                            // What stands above the first one, such as the number of a record, is part of it.
                            cuts.push(if cuts.is_empty() {
                                block.span.start
                            } else {
                                at
                            });
                            labels.push(Some(shortened(line)));
                        }
                    }
                }
                BlockKind::Table if is_question_table(own) => {
                    let header = 1 + usize::from(own.starts_with('|'));
                    let rows = lines(text, block.span).map(|(at, _)| at).skip(header);
                    cuts.push(block.span.start);
                    cuts.extend(rows.skip(1));
                    labels.resize(cuts.len(), None);
                }
                BlockKind::Table | BlockKind::Code => {}
            }
            divided.add(text, &block, &cuts, labels);
        }
        divided.fill(section);
    }
    sections
}

/// The blocks of a section as they are divided anew.
#[derive(Default)]
struct Divided {
    blocks: Vec<Block>,
    entries: Vec<Entry>,
}

impl Divided {
    /// Adds a block; at each of `cuts` an entry begins, with the label of the same place.
    fn add(&mut self, text: &str, block: &Block, cuts: &[usize], labels: Vec<Option<String>>) {
        let mut beginning = cuts.iter().zip(labels).peekable();
        for part in divide(text, block, cuts) {
            while let Some((_, label)) = beginning.next_if(|(cut, _)| **cut <= part.span.start) {
                self.entries.push(Entry {
                    first: self.blocks.len(),
                    label,
                });
            }
            self.blocks.push(part);
        }
    }

    fn fill(mut self, section: &mut Section) {
        // Two that begin together are one.
        self.entries.dedup_by_key(|entry| entry.first);
        if self.entries.first().is_none_or(|entry| entry.first > 0) {
            self.entries.insert(0, Entry::plain(0));
        }
        section.blocks = self.blocks;
        section.entries = self.entries;
    }
}

/// The parts of a block between ascending cuts, without white space at their ends.
fn divide<'a>(text: &'a str, block: &'a Block, cuts: &'a [usize]) -> impl Iterator<Item = Block> {
    let inner = cuts
        .iter()
        .copied()
        .filter(|&cut| cut > block.span.start && cut < block.span.end);
    let mut start = block.span.start;
    inner
        .chain(std::iter::once(block.span.end))
        .filter_map(move |end| {
            let span = trimmed(text, Span { start, end })?;
            start = end;
            Some(Block {
                kind: block.kind,
                span,
            })
        })
}

/// Lines with the places where they begin.
fn lines(text: &str, span: Span) -> impl Iterator<Item = (usize, &str)> {
    let mut at = span.start;
    span.of(text).split('\n').map(move |line| {
        let start = at;
        at += line.len() + 1;
        (start, line)
    })
}

/// The line where it is a title, else its number alone.
fn label(line: &str, number: &str) -> String {
    let line = line.trim();
    if line.chars().count() <= LABEL / 2 && !line.ends_with(crate::parse::structure::ends_sentence)
    {
        line.to_owned()
    } else {
        number.to_owned()
    }
}

fn shortened(line: &str) -> String {
    line.trim().chars().take(LABEL).collect()
}

/// Whether numbered articles or sections make up a document, for the greater part and beyond doubt.
pub(super) fn are_articles(document: &CleanDocument) -> bool {
    let text = &document.text;
    let mut numbering = Numbering::default();
    let (mut count, mut first) = (0, None);
    for block in &document.blocks {
        match block.kind {
            BlockKind::Heading { .. } | BlockKind::Paragraph | BlockKind::ListItem => {
                for (at, line) in lines(text, block.span) {
                    if numbering.next(line).is_some() {
                        count += 1;
                        first.get_or_insert(at);
                    }
                }
            }
            BlockKind::Table | BlockKind::Code => {}
        }
    }
    let behind = text.len() - first.unwrap_or(text.len());
    // Some numbered remarks in a long text do not make it a manual.
    count >= 5 && behind * 2 >= text.len() && behind / count <= 6_000
}
