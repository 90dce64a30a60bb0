//! Reads pages with the first reader, and with the second where that fails or cannot tell where the text stands.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use pdf_extract::{Dictionary, Document, Object, ObjectId};
use pdfium_render::prelude::PdfDocument;

use super::frame::{Frame, inherited, resolved};
use super::glyphs::Glyphs;
use super::quality::{Quality, judge};
use super::sketch::Sketch;
use super::{forms, pdfium};
use crate::parse::recognition::Recognition;
use crate::{ParseError, Warning};

/// Glyphs without a meaning, in percent, from which on the second reader is asked.
const HOLES: usize = 5;
/// Drawings and fonts of one page that are looked at.
const MOST_RESOURCES: usize = 256;

/// Both readers of one document.
pub(super) struct Reader<'a, 's, 'r, Open> {
    primary: Option<Primary>,
    second: Option<PdfDocument<'a>>,
    open_second: Open,
    budget: usize,
    content_bytes: u64,
    pub(super) scanner: Scanner<'s, 'r>,
    pub(super) warnings: Vec<Warning>,
    garbled: u32,
}

/// What reads pages that have no text of their own.
pub(super) struct Scanner<'s, 'r> {
    pub(super) recognition: &'s mut Recognition<'r>,
    /// Most pixels that a page is drawn with.
    pub(super) pixels: u64,
}

/// A document as the first reader has it.
struct Primary {
    document: Document,
    pages: Vec<ObjectId>,
    /// A node of the page tree whose only page is the one that is read: finding a page walks the whole tree.
    only: Option<ObjectId>,
    /// Whether drawings that pages share hold text.
    texted: HashMap<ObjectId, bool>,
}

impl<'a, 's, 'r, Open: FnMut() -> Option<PdfDocument<'a>>> Reader<'a, 's, 'r, Open> {
    /// Reads at most `content_bytes` of text; `open_second` is called when the second reader is first needed.
    pub(super) fn new(
        primary: Option<Document>,
        second: Option<PdfDocument<'a>>,
        open_second: Open,
        content_bytes: u64,
        scanner: Scanner<'s, 'r>,
    ) -> Self {
        Self {
            primary: primary.map(Primary::new),
            second,
            open_second,
            budget: usize::try_from(content_bytes).unwrap_or(usize::MAX),
            content_bytes,
            scanner,
            warnings: Vec::new(),
            garbled: 0,
        }
    }

    /// The second reader's document, if it was needed.
    pub(super) const fn second(&self) -> Option<&PdfDocument<'a>> {
        self.second.as_ref()
    }

    /// How many pages came out garbled, and what there is to tell.
    pub(super) fn into_warnings(self) -> (u32, Vec<Warning>) {
        (self.garbled, self.warnings)
    }

    /// One page; without text, and with a warning, where it is not readable.
    pub(super) fn page(&mut self, number: u32) -> Result<Sketch, ParseError> {
        let budget = self.budget;
        let first = self
            .primary
            .as_mut()
            .and_then(|primary| primary.page(number, budget));
        if first.as_ref().is_some_and(|first| first.full) {
            return Err(ParseError::too_large(self.content_bytes));
        }
        let missing = first.as_ref().map_or(0, |first| first.missing_percent);
        let displaced = first.as_ref().is_some_and(|first| first.displaced);
        let mut sketch = first.map_or_else(
            || Sketch::empty(number, Frame::new([0.0, 0.0, 595.0, 842.0], 0)),
            |first| first.sketch,
        );
        let mut verdict = judge(sketch.texts());
        let mut holes = missing > HOLES;
        if (verdict != Quality::Good || holes || displaced)
            && let Some(other) = self.ask_second(number)
        {
            let other_verdict = judge(other.texts());
            let enough = other_verdict == Quality::Good
                && (verdict != Quality::Good
                    || holes
                    || weight(&other) * 10 >= weight(&sketch) * 9);
            if enough || verdict == Quality::Empty {
                (sketch, verdict, holes) = (other, other_verdict, false);
            }
        }
        if holes && verdict == Quality::Good {
            if missing > 50 {
                verdict = Quality::Garbled;
            } else {
                self.warn(
                    "page_incomplete",
                    number,
                    format!("Page {number} lacks {missing}% of its characters."),
                );
            }
        }
        let mut note = "";
        match self.recognize(&sketch, verdict) {
            Ok(seen) => (sketch, verdict) = (seen, Quality::Good),
            Err(why) => note = why,
        }
        self.accept(sketch, verdict, note)
    }

    fn ask_second(&mut self, number: u32) -> Option<Sketch> {
        let budget = self.budget;
        pdfium::page(self.opened_second()?, number, budget)
    }

    /// The second reader's document, opened now if it was not.
    pub(super) fn opened_second(&mut self) -> Option<&PdfDocument<'a>> {
        if self.second.is_none() {
            self.second = (self.open_second)();
        }
        self.second.as_ref()
    }

    /// Adds what the page shows beside its drawing, and takes it if it is readable; `note` says why it may not be.
    fn accept(
        &mut self,
        mut sketch: Sketch,
        verdict: Quality,
        note: &str,
    ) -> Result<Sketch, ParseError> {
        let number = sketch.number;
        if verdict != Quality::Good {
            sketch.segments.clear();
            sketch.grids.clear();
        }
        if let Some(primary) = &self.primary
            && let Some(page) = primary.pages.get(number as usize - 1)
        {
            forms::add(&primary.document, *page, &mut sketch, self.budget);
        }
        let used = weight(&sketch);
        if used > self.budget {
            return Err(ParseError::too_large(self.content_bytes));
        }
        self.budget -= used;
        match verdict {
            Quality::Good => {}
            Quality::Empty if used > 0 => {}
            Quality::Empty => self.warn(
                "page_without_text",
                number,
                format!("Page {number} has no text; {note}."),
            ),
            Quality::Garbled => {
                self.garbled += 1;
                self.warn(
                    "page_garbled",
                    number,
                    format!("The text of page {number} comes out garbled and was left out."),
                );
            }
        }
        Ok(sketch)
    }

    fn warn(&mut self, code: &str, page: u32, message: String) {
        self.warnings.push(Warning {
            code: code.to_owned(),
            page: Some(page),
            message,
        });
    }
}

/// Bytes of text.
fn weight(sketch: &Sketch) -> usize {
    sketch.texts().map(str::len).sum()
}

/// One page by pdf-extract.
struct Extract {
    sketch: Sketch,
    /// Whether the budget ran out.
    full: bool,
    missing_percent: usize,
    /// Whether some text may not stand where it seems to.
    displaced: bool,
}

impl Primary {
    fn new(mut document: Document) -> Self {
        let pages: Vec<ObjectId> = document.get_pages().into_values().collect();
        let only = (pages.len() > 8)
            .then(|| single_page_tree(&mut document))
            .flatten();
        Self {
            document,
            pages,
            only,
            texted: HashMap::new(),
        }
    }

    /// Reads one page with pdf-extract; `None` when it fails or panics.
    fn page(&mut self, number: u32, budget: usize) -> Option<Extract> {
        let id = *self.pages.get(number as usize - 1)?;
        let asked = if let Some(only) = self.only {
            let kids = Object::Array(vec![Object::Reference(id)]);
            self.document
                .get_dictionary_mut(only)
                .ok()?
                .set("Kids", kids);
            1
        } else {
            number
        };
        let displaced = self.displaces(id);
        let document = &self.document;
        catch_unwind(AssertUnwindSafe(|| {
            let mut glyphs = Glyphs::new(number, Frame::of_page(document, id), budget);
            let result = pdf_extract::output_doc_page(document, &mut glyphs, asked);
            let (full, missing_percent) = (glyphs.is_full(), glyphs.missing_percent());
            (full || result.is_ok()).then(|| {
                let mut sketch = glyphs.finish();
                // Where text is not where it seems to be, the order of drawing is the best there is.
                (sketch.unordered, sketch.placed) = (!displaced, !displaced);
                Extract {
                    sketch,
                    full,
                    missing_percent,
                    displaced,
                }
            })
        }))
        .ok()
        .flatten()
    }

    /// Whether the page draws text by way of another drawing, or from the top down: the first reader loses its place.
    fn displaces(&mut self, page: ObjectId) -> bool {
        let document = &self.document;
        let Some(resources) =
            inherited(document, page, b"Resources").and_then(|object| object.as_dict().ok())
        else {
            return false;
        };
        let vertical = entries(document, resources, b"Font").any(|(_, font)| {
            font.as_dict()
                .ok()
                .and_then(|font| font.get(b"Encoding").ok())
                .and_then(|encoding| encoding.as_name().ok())
                .is_some_and(|name| name.ends_with(b"-V") || name == b"V")
        });
        let texted = &mut self.texted;
        vertical
            || entries(document, resources, b"XObject").any(|(id, drawing)| match id {
                Some(id) => *texted
                    .entry(id)
                    .or_insert_with(|| is_texted(document, drawing)),
                None => is_texted(document, drawing),
            })
    }
}

/// The entries of a kind of resource.
fn entries<'d>(
    document: &'d Document,
    resources: &'d Dictionary,
    kind: &[u8],
) -> impl Iterator<Item = (Option<ObjectId>, &'d Object)> {
    resources
        .get(kind)
        .ok()
        .and_then(|object| resolved(document, object))
        .and_then(|object| object.as_dict().ok())
        .into_iter()
        .flat_map(|dictionary| dictionary.iter().take(MOST_RESOURCES))
        .filter_map(|(_, object)| {
            let id = object.as_reference().ok();
            resolved(document, object).map(|object| (id, object))
        })
}

/// Whether a drawing is one of its own, with text in it or further drawings.
fn is_texted(document: &Document, drawing: &Object) -> bool {
    let Ok(stream) = drawing.as_stream() else {
        return false;
    };
    let kind = stream.dict.get(b"Subtype").and_then(Object::as_name);
    if kind.is_ok_and(|kind| kind != b"Form") {
        return false;
    }
    stream
        .dict
        .get(b"Resources")
        .ok()
        .and_then(|object| resolved(document, object))
        .and_then(|object| object.as_dict().ok())
        .is_none_or(|resources| {
            entries(document, resources, b"Font").next().is_some()
                || entries(document, resources, b"XObject").next().is_some()
        })
}

/// Hangs a tree of a single page into the document; `None` if its root is not as usual.
fn single_page_tree(document: &mut Document) -> Option<ObjectId> {
    let root = document.trailer.get(b"Root").ok()?.as_reference().ok()?;
    let mut node = Dictionary::new();
    node.set("Type", Object::Name(b"Pages".to_vec()));
    node.set("Count", Object::Integer(1));
    node.set("Kids", Object::Array(Vec::new()));
    let only = document.add_object(Object::Dictionary(node));
    document
        .get_dictionary_mut(root)
        .ok()?
        .set("Pages", Object::Reference(only));
    Some(only)
}
