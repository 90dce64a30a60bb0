//! Books in EPUB 2 and 3 (W3C EPUB 3.3, IDPF OPF 2.0.1): the chapters in reading order, without tables of contents. Pages
//! that are pictures are read by text recognition.

mod contents;
mod opf;
mod paths;
mod protection;
#[cfg(test)]
mod tests;
mod xhtml;

use std::collections::{HashMap, HashSet};

use dom_query::Document;

use self::opf::{Item, Opf};
use super::members::{shorten_warnings, warn};
use super::package::Package;
use super::pictures::Pictures;
use super::xml::{attribute, visit};
use super::{Context, html};
use crate::clean::{RawBlock, RawDocument};
use crate::decode::decode;
use crate::{BlockKind, Kind, ParseError};

/// Blocks at the beginning of a chapter among which its title is looked for.
const TITLE_WITHIN: usize = 3;

/// Reads a book chapter by chapter. Chapters that are missing or damaged are warnings.
///
/// # Errors
/// [`ParseError::DamagedFile`], [`ParseError::UnsupportedKind`] for a book with copy protection, or a limit.
pub(super) fn read(bytes: &[u8], context: &mut Context<'_>) -> Result<RawDocument, ParseError> {
    let limits = context.limits;
    let mut package = Package::open(bytes, limits)?;
    let container = package
        .part("META-INF/container.xml")?
        .ok_or_else(|| ParseError::damaged("META-INF/container.xml is missing"))?;
    let path =
        package_document(&container).ok_or_else(|| ParseError::damaged("it names no package"))?;
    let source = package
        .part(&path)?
        .ok_or_else(|| ParseError::damaged(format!("{path} is missing")))?;
    let opf = Opf::parse(&source, &path);
    let chapters = opf.reading_order();
    if chapters.len() > limits.entries as usize {
        let limit = limits.entries;
        return Err(ParseError::TooManyEntries { limit });
    }
    refuse_protection(&mut package, &chapters)?;
    let labels = contents::labels(&mut package, &opf)?;
    let mut book = Book {
        document: RawDocument {
            title: opf.title.clone(),
            details: opf.details.clone(),
            ..RawDocument::new(Kind::Epub, Vec::new())
        },
        labels,
        read: HashSet::new(),
        pictures: Pictures::new(context),
    };
    for item in &chapters {
        book.take(item, &mut package)?;
    }
    for id in opf.lost() {
        let message = format!("The chapter {id} is missing from the book.");
        warn(&mut book.document, "chapter_missing", message);
    }
    if book.read.is_empty() && !book.document.warnings.is_empty() {
        return Err(ParseError::damaged("none of its chapters can be read"));
    }
    let Book {
        mut document,
        pictures,
        ..
    } = book;
    document.warnings.extend(pictures.warnings());
    shorten_warnings(&mut document);
    Ok(document)
}

/// Where the package document is, by the container (EPUB Open Container Format): the first root file of its type.
fn package_document(container: &str) -> Option<String> {
    let mut found: Option<String> = None;
    let mut right = false;
    visit(container, |event| {
        if let quick_xml::events::Event::Start(element) | quick_xml::events::Event::Empty(element) =
            event
            && element.local_name().as_ref() == "rootfile"
            && !right
            && let Some(path) = attribute(element, "full-path")
        {
            right = attribute(element, "media-type")
                .is_some_and(|kind| kind.trim() == "application/oebps-package+xml");
            if right || found.is_none() {
                found = Some(path);
            }
        }
    });
    found.and_then(|path| paths::resolve("", &path))
}

/// A chapter that is encrypted can only be opened by the shop's own reader.
fn refuse_protection(package: &mut Package<'_>, chapters: &[&Item]) -> Result<(), ParseError> {
    let Some(xml) = package.part("META-INF/encryption.xml")? else {
        return Ok(());
    };
    let protected = protection::encrypted(&xml);
    if chapters.iter().any(|item| protected.contains(&item.path)) {
        return Err(ParseError::unsupported("an EPUB book with copy protection"));
    }
    Ok(())
}

/// What has been read of a book.
struct Book<'c, 'r> {
    document: RawDocument,
    /// Titles of chapters in the table of contents, by their paths.
    labels: HashMap<String, String>,
    /// Paths that need not be read again.
    read: HashSet<String>,
    pictures: Pictures<'c, 'r>,
}

impl Book<'_, '_> {
    fn take(&mut self, item: &Item, package: &mut Package<'_>) -> Result<(), ParseError> {
        if self.read.contains(&item.path) {
            return Ok(());
        }
        let name = &item.path;
        let decoded = match package.bytes(name) {
            Ok(Some(bytes)) => decode(&bytes, true),
            Ok(None) => {
                let message = format!("The chapter {name} is missing from the book.");
                warn(&mut self.document, "chapter_missing", message);
                return Ok(());
            }
            Err(error @ (ParseError::TooDense { .. } | ParseError::TooLarge { .. })) => {
                return Err(error);
            }
            Err(error) => Err(error),
        };
        let decoded = match decoded {
            Ok(decoded) => decoded,
            Err(error) => {
                let message = format!("The chapter {name} cannot be read: {error}");
                warn(&mut self.document, "chapter_unreadable", message);
                return Ok(());
            }
        };
        self.document.warnings.extend(decoded.warning);
        let page = Document::from(xhtml::as_html(&decoded.text).as_ref());
        self.read.insert(name.clone());
        if html::is_list_of_links(&page) {
            return Ok(());
        }
        let mut blocks = html::part(&page);
        if let Some(label) = self.labels.get(name) {
            entitle(&mut blocks, label);
        }
        let characters = blocks.iter().map(|block| block.text.chars().count()).sum();
        for part in shown(&page, name) {
            blocks.extend(self.pictures.text(package, &part, characters));
        }
        self.document.blocks.append(&mut blocks);
        Ok(())
    }
}

/// The pictures that a chapter shows, as parts of the book.
fn shown(page: &Document, chapter: &str) -> Vec<String> {
    let pictures = page.select("img, image");
    let sources = pictures.nodes().iter().filter_map(|picture| {
        let source = ["src", "href", "xlink:href"]
            .iter()
            .find_map(|name| picture.attr(name));
        paths::resolve(chapter, &source?)
    });
    sources.collect()
}

/// Gives a chapter without headings its title from the table of contents: its own line where it has one.
fn entitle(blocks: &mut Vec<RawBlock>, label: &str) {
    let is_heading = |block: &RawBlock| matches!(block.kind, BlockKind::Heading { .. });
    if blocks.is_empty() || blocks.iter().any(is_heading) {
        return;
    }
    let plain = |text: &str| -> String { text.split_whitespace().collect() };
    let title = plain(label);
    let kind = BlockKind::Heading { level: 1 };
    match blocks
        .iter_mut()
        .take(TITLE_WITHIN)
        .find(|block| plain(&block.text) == title)
    {
        Some(line) => line.kind = kind,
        None => blocks.insert(0, RawBlock::new(kind, label)),
    }
}
