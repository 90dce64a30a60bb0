//! The package document of a book: what it is called, its parts, and the order to read them in.

use std::collections::HashMap;

use quick_xml::events::{BytesStart, Event};

use super::paths::resolve;
use crate::Details;
use crate::clean::day;
use crate::parse::xml::{attribute, character_of, visit};

/// Fallbacks followed from a part that is no text.
const FALLBACKS: usize = 8;

/// A part of the book.
pub(super) struct Item {
    /// Its name in the package.
    pub(super) path: String,
    /// Its media type.
    pub(super) kind: String,
    properties: String,
    fallback: Option<String>,
}

impl Item {
    pub(super) fn is_navigation(&self) -> bool {
        self.properties.split_whitespace().any(|word| word == "nav")
    }

    fn is_text(&self) -> bool {
        ["application/xhtml+xml", "text/html", "text/x-oeb1-document"]
            .contains(&self.kind.trim().to_ascii_lowercase().as_str())
    }
}

/// A package document as read.
#[derive(Default)]
pub(super) struct Opf {
    /// The first title.
    pub(super) title: Option<String>,
    /// Authors, and dates of publication and change.
    pub(super) details: Details,
    items: HashMap<String, Item>,
    /// Identifiers in the order of the manifest.
    order: Vec<String>,
    spine: Vec<String>,
    /// The part that EPUB 2 lists its contents in, by its identifier.
    ncx: Option<String>,
    /// A page that is nothing but the table of contents, as EPUB 2 names it.
    contents_page: Option<String>,
}

impl Opf {
    /// Reads a package document that lies at `path`; damage ends it where it is.
    pub(super) fn parse(xml: &str, path: &str) -> Self {
        let mut opf = Self::default();
        let mut metadata = Metadata::default();
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "comments and declarations carry nothing"
        )]
        visit(xml, |event| match event {
            Event::Start(element) => {
                metadata.open(element);
                opf.element(element, path);
            }
            Event::Empty(element) => opf.element(element, path),
            Event::Text(text) => metadata.text.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => metadata.text.extend(character_of(reference)),
            Event::End(_) => metadata.close(),
            _ => {}
        });
        metadata.tell(&mut opf);
        opf
    }

    fn element(&mut self, element: &BytesStart<'_>, path: &str) {
        match element.local_name().as_ref() {
            "item" => {
                let (Some(id), Some(href)) = (attribute(element, "id"), attribute(element, "href"))
                else {
                    return;
                };
                let Some(path) = resolve(path, &href) else {
                    return;
                };
                let item = Item {
                    path,
                    kind: attribute(element, "media-type").unwrap_or_default(),
                    properties: attribute(element, "properties").unwrap_or_default(),
                    fallback: attribute(element, "fallback"),
                };
                self.order.push(id.clone());
                self.items.insert(id, item);
            }
            "itemref" => self.spine.extend(attribute(element, "idref")),
            "spine" => self.ncx = attribute(element, "toc"),
            "reference" => {
                let contents = attribute(element, "type").is_some_and(|kind| kind == "toc");
                let href = attribute(element, "href").unwrap_or_default();
                // With a fragment, it is a place in a chapter.
                if contents && !href.contains('#') {
                    self.contents_page = resolve(path, &href);
                }
            }
            _ => {}
        }
    }

    /// The chapters in the order to read them in, without tables of contents.
    pub(super) fn reading_order(&self) -> Vec<&Item> {
        let spine = if self.spine.is_empty() {
            &self.order
        } else {
            &self.spine
        };
        spine
            .iter()
            .filter_map(|id| self.text(id))
            .filter(|item| !item.is_navigation() && self.contents_page.as_ref() != Some(&item.path))
            .collect()
    }

    /// Identifiers in the spine that lead to no text, but for pictures.
    pub(super) fn lost(&self) -> impl Iterator<Item = &str> {
        let picture = |id: &str| {
            self.items
                .get(id)
                .is_some_and(|item| item.kind.starts_with("image/"))
        };
        self.spine
            .iter()
            .map(String::as_str)
            .filter(move |id| self.text(id).is_none() && !picture(id))
    }

    /// The navigation document of EPUB 3.
    pub(super) fn navigation(&self) -> Option<&Item> {
        self.order
            .iter()
            .filter_map(|id| self.items.get(id))
            .find(|item| item.is_navigation())
    }

    /// The table of contents of EPUB 2, by its place in the spine or by its type.
    pub(super) fn ncx(&self) -> Option<&Item> {
        let by_type = || {
            self.items
                .values()
                .find(|item| item.kind == "application/x-dtbncx+xml")
        };
        self.ncx
            .as_ref()
            .and_then(|id| self.items.get(id))
            .or_else(by_type)
    }

    /// The part of this identifier, or the text that stands in for it.
    fn text(&self, id: &str) -> Option<&Item> {
        let mut item = self.items.get(id)?;
        for _ in 0..FALLBACKS {
            if item.is_text() {
                return Some(item);
            }
            item = self.items.get(item.fallback.as_ref()?)?;
        }
        None
    }
}

/// The element of the metadata that is open, and what was found so far.
#[derive(Default)]
struct Metadata {
    open: Option<(Field, u8)>,
    text: String,
    titles: Vec<String>,
    authors: Vec<String>,
    /// Dates with their rank: publication before others.
    dates: Vec<(u8, String)>,
    modified: Option<String>,
}

#[derive(Clone, Copy)]
enum Field {
    Title,
    Author,
    Date,
    Modified,
}

impl Metadata {
    fn open(&mut self, element: &BytesStart<'_>) {
        let field = match element.local_name().as_ref() {
            "title" => Field::Title,
            "creator" => Field::Author,
            "date" => Field::Date,
            "meta"
                if attribute(element, "property")
                    .is_some_and(|property| property == "dcterms:modified") =>
            {
                Field::Modified
            }
            _ => return,
        };
        let rank = match attribute(element, "event").as_deref() {
            Some("publication" | "original-publication") => 0,
            None => 1,
            Some(_) => 2,
        };
        self.text.clear();
        self.open = Some((field, rank));
    }

    fn close(&mut self) {
        let Some((field, rank)) = self.open.take() else {
            return;
        };
        let text = self.text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            return;
        }
        match field {
            Field::Title => self.titles.push(text),
            Field::Author => self.authors.push(text),
            Field::Date => self.dates.extend(day(&text).map(|day| (rank, day))),
            Field::Modified => self.modified = day(&text),
        }
    }

    fn tell(self, opf: &mut Opf) {
        opf.title = self.titles.into_iter().next();
        let authors = self.authors.join(", ");
        opf.details = Details {
            author: (!authors.is_empty()).then_some(authors),
            created: self
                .dates
                .into_iter()
                .min_by_key(|(rank, _)| *rank)
                .map(|(_, day)| day),
            modified: self.modified,
        };
    }
}
