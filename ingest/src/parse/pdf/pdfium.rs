//! The second reader for PDF, for pages that the first cannot read: pdfium, loaded at run time where installed.

use std::path::Path;
use std::sync::OnceLock;

use pdfium_render::prelude::{
    PdfDocument, PdfDocumentMetadataTagType, PdfPage, PdfPageRenderRotation, PdfPageTextChar,
    Pdfium, PdfiumError, PdfiumInternalError,
};

use super::details::Told;
use super::frame::Frame;
use super::sketch::{Glyph, Sketch, Sketcher};
use crate::clean::{is_cjk, is_han};
use crate::{Details, ParseError};

/// The library can be loaded once per process.
static LIBRARY: OnceLock<Option<Pdfium>> = OnceLock::new();

/// Loads pdfium; `None` when it is missing or unusable.
pub(super) fn library(path: &Path) -> Option<&'static Pdfium> {
    LIBRARY
        .get_or_init(|| match Pdfium::bind_to_library(path) {
            Ok(bindings) => Some(Pdfium::new(bindings)),
            Err(error) => {
                tracing::warn!(path = %path.display(), "pdfium cannot be loaded: {error}");
                None
            }
        })
        .as_ref()
}

/// Opens a document.
pub(super) fn open<'a>(
    library: &'a Pdfium,
    bytes: &'a [u8],
    password: Option<&str>,
) -> Result<PdfDocument<'a>, ParseError> {
    library
        .load_pdf_from_byte_slice(bytes, password)
        .map_err(|error| {
            if matches!(
                error,
                PdfiumError::PdfiumLibraryInternalError(PdfiumInternalError::PasswordError)
            ) {
                ParseError::PasswordRequired {
                    given: password.is_some_and(|password| !password.is_empty()),
                }
            } else {
                ParseError::damaged("not a readable PDF")
            }
        })
}

/// A page, from 1, with at most `budget` bytes of text.
pub(super) fn page(document: &PdfDocument<'_>, number: u32, budget: usize) -> Option<Sketch> {
    let page = document.pages().get(i32::try_from(number).ok()? - 1).ok()?;
    let text = page.text().ok()?;
    let mut sketcher = Sketcher::new(number, frame(&page));
    let mut buffer = [0; 4];
    let mut left = budget;
    for character in text.chars().iter() {
        let Some(found) = character.unicode_char() else {
            continue;
        };
        let shown = match found {
            // A hyphen at a line's end comes as a control character.
            '\u{2}' | '\u{fffe}' => '-',
            // Blanks and line ends that are not on the page; gaps tell them better.
            _ if found.is_whitespace() && character.is_generated().unwrap_or(false) => continue,
            other => other,
        };
        left = left.saturating_sub(shown.len_utf8());
        if left == 0 {
            break;
        }
        if let Some(glyph) = glyph(&character, shown.encode_utf8(&mut buffer)) {
            sketcher.glyph(&glyph);
        }
    }
    let mut sketch = sketcher.finish();
    for segment in &mut sketch.segments {
        close_up(&mut segment.text);
    }
    Some(sketch)
}

fn frame(page: &PdfPage<'_>) -> Frame {
    let degrees = match page.rotation() {
        Ok(PdfPageRenderRotation::Degrees90) => 90,
        Ok(PdfPageRenderRotation::Degrees180) => 180,
        Ok(PdfPageRenderRotation::Degrees270) => 270,
        Ok(PdfPageRenderRotation::None) | Err(_) => 0,
    };
    let visible = page.boundaries().bounding().map_or_else(
        |_| {
            let (width, height) = (page.width().value, page.height().value);
            let turned = degrees % 180 != 0;
            let (width, height) = if turned {
                (height, width)
            } else {
                (width, height)
            };
            [0.0, 0.0, f64::from(width), f64::from(height)]
        },
        |shown| {
            let bounds = shown.bounds;
            [
                bounds.left().value,
                bounds.bottom().value,
                bounds.right().value,
                bounds.top().value,
            ]
            .map(f64::from)
        },
    );
    Frame::new(visible, degrees)
}

/// A character with its place; `None` for one that has none.
fn glyph<'t>(character: &PdfPageTextChar<'_>, text: &'t str) -> Option<Glyph<'t>> {
    let (x, y) = character.origin().ok()?;
    let bounds = character.loose_bounds().ok()?;
    let matrix = character.matrix().ok();
    let (a, b) = matrix.as_ref().map_or((1.0, 0.0), |matrix| {
        (f64::from(matrix.a()), f64::from(matrix.b()))
    });
    let length = a.hypot(b);
    let (direction, scale) = if length > 1e-6 {
        (
            (a / length, b / length),
            matrix.map_or(1.0, |matrix| {
                (matrix.a() * matrix.d() - matrix.b() * matrix.c())
                    .abs()
                    .sqrt()
            }),
        )
    } else {
        ((1.0, 0.0), 1.0)
    };
    let width = f64::from(bounds.right().value - bounds.left().value);
    let height = f64::from(bounds.top().value - bounds.bottom().value);
    Some(Glyph {
        text,
        origin: (f64::from(x.value), f64::from(y.value)),
        direction,
        advance: direction.0.abs() * width + direction.1.abs() * height,
        size: f64::from(character.unscaled_font_size().value.abs() * scale),
    })
}

/// Takes the blanks out of a line of letter-spaced Chinese.
fn close_up(line: &mut String) {
    let characters: Vec<char> = line.chars().collect();
    let han = characters
        .iter()
        .filter(|&&character| is_han(character))
        .count();
    let parted = |three: &&[char]| three[1] == ' ' && is_cjk(three[0]) && is_cjk(three[2]);
    if han < 3 || characters.windows(3).filter(parted).count() * 3 < han * 2 {
        return;
    }
    let blank = |at: usize| {
        at > 0
            && characters
                .get(at - 1..at + 2)
                .is_some_and(|three| parted(&three))
    };
    *line = (0..characters.len())
        .filter(|&at| !blank(at))
        .map(|at| characters[at])
        .collect();
}

/// What the document says of itself.
pub(super) fn told(document: &PdfDocument<'_>) -> Told {
    let metadata = document.metadata();
    let value = |tag| Some(metadata.get(tag)?.value().to_owned());
    Told {
        title: value(PdfDocumentMetadataTagType::Title),
        details: Details {
            author: value(PdfDocumentMetadataTagType::Author),
            created: value(PdfDocumentMetadataTagType::CreationDate),
            modified: value(PdfDocumentMetadataTagType::ModificationDate),
        },
    }
}
