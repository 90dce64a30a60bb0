//! From bytes to blocks: one reader per format, all with the same result.

mod docx;
mod html;
mod markdown;
mod pdf;
pub(crate) mod structure;
mod table;
mod text;

use crate::clean::{self, RawDocument};
use crate::{CleanDocument, Kind, ParseError, ParseLimits, ParseProgress, ParseRequest, detect};

/// Reads a document in this process, without the protection that
/// [`parse_in_child`](crate::parse_in_child) gives.
///
/// # Errors
/// Any [`ParseError`] but those of the child process.
pub fn parse_here(
    request: &ParseRequest,
    limits: &ParseLimits,
    on_progress: &mut dyn FnMut(ParseProgress),
) -> Result<CleanDocument, ParseError> {
    let length = std::fs::metadata(&request.path)
        .map_err(|error| ParseError::damaged(format!("the stored file cannot be opened: {error}")))?
        .len();
    if length > limits.file_bytes {
        return Err(ParseError::too_large(limits.file_bytes));
    }
    let bytes = std::fs::read(&request.path)
        .map_err(|error| ParseError::damaged(format!("the stored file cannot be read: {error}")))?;
    let kind = detect(&bytes, &request.name)?;
    let raw = read(kind, &bytes, request, limits, on_progress)?;
    let pages = raw.pages;
    let document = clean::assemble(raw);
    if document.text.is_empty() {
        return Err(ParseError::NoText { pages });
    }
    if document.text.len() as u64 > limits.content_bytes {
        return Err(ParseError::too_large(limits.content_bytes));
    }
    Ok(document)
}

fn read(
    kind: Kind,
    bytes: &[u8],
    request: &ParseRequest,
    limits: &ParseLimits,
    on_progress: &mut dyn FnMut(ParseProgress),
) -> Result<RawDocument, ParseError> {
    match kind {
        Kind::Pdf => pdf::read(bytes, request, limits, on_progress),
        Kind::Docx => docx::read(bytes, limits),
        Kind::Html => html::read(bytes),
        Kind::Markdown => markdown::read(bytes),
        Kind::Text => text::read(bytes),
    }
}
