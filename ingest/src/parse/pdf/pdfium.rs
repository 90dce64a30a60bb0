//! The second reader for PDF, for pages that the first cannot read: pdfium, loaded at run time where installed.

use std::path::Path;
use std::sync::OnceLock;

use pdfium_render::prelude::{
    PdfDocument, PdfDocumentMetadataTagType, Pdfium, PdfiumError, PdfiumInternalError,
};

use super::details::Told;
use super::lines::Line;
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
                ParseError::damaged(format!("not a readable PDF: {error:?}"))
            }
        })
}

/// The lines of a page, from 1.
pub(super) fn page(document: &PdfDocument<'_>, number: u32) -> Option<Vec<Line>> {
    let page = document.pages().get(i32::try_from(number).ok()? - 1).ok()?;
    let text = page.text().ok()?.all();
    // A hyphen at a line's end comes as a control character.
    let text = text.replace(['\u{2}', '\u{fffe}'], "-");
    Some(
        text.lines()
            .map(|line| Line {
                text: close_up(line.trim()),
                row: false,
                geometry: None,
            })
            .collect(),
    )
}

/// Takes the blanks out of a line of letter-spaced Chinese.
fn close_up(line: &str) -> String {
    let characters: Vec<char> = line.chars().collect();
    let han = characters
        .iter()
        .filter(|&&character| is_han(character))
        .count();
    let parted = |three: &&[char]| three[1] == ' ' && is_cjk(three[0]) && is_cjk(three[2]);
    if han < 3 || characters.windows(3).filter(parted).count() * 3 < han * 2 {
        return line.to_owned();
    }
    let blank = |at: usize| {
        at > 0
            && characters
                .get(at - 1..at + 2)
                .is_some_and(|three| parted(&three))
    };
    (0..characters.len())
        .filter(|&at| !blank(at))
        .map(|at| characters[at])
        .collect()
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
