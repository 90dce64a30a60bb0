//! From bytes to blocks: one reader per format, all with the same result.

mod archive;
mod code;
mod compound;
mod csv;
mod doc;
mod docx;
mod epub;
mod html;
mod html_details;
mod image;
mod json;
mod lock;
mod mail;
mod markdown;
mod members;
mod odf;
mod package;
mod pdf;
mod pictures;
mod ppt;
mod pptx;
mod raised;
mod recognition;
mod relations;
mod rtf;
pub(crate) mod structure;
mod summary;
mod table;
mod text;
mod workbook;
mod xml;

use std::borrow::Cow;

pub(crate) use code::is_source as is_source_code;
pub(crate) use compound::{MAGIC as COMPOUND, kind_of as compound_kind};
pub(crate) use csv::looks_like as looks_like_csv;
pub(crate) use json::looks_like as looks_like_json;
pub(crate) use mail::looks_like as looks_like_mail;

pub(crate) use recognition::Recognition;
pub(crate) use text::Part;

use crate::clean::{self, RawDocument};
use crate::recognize::OpenRecognizer;
use crate::sandbox::{DrawError, Drawing};
use crate::{CleanDocument, Kind, ParseError, ParseLimits, ParseProgress, ParseRequest, detect};

/// What reading one file needs beside its bytes; members of archives share it.
struct Context<'a> {
    request: &'a ParseRequest,
    limits: &'a ParseLimits,
    on_progress: &'a mut dyn FnMut(ParseProgress),
    /// Files around the one that is read now.
    depth: u32,
    /// Members read so far, at all depths.
    members: u32,
    /// Bytes unpacked for members so far, at all depths; `limits.content_bytes` bounds their sum.
    unpacked: u64,
    /// Reads pictures, where it is installed.
    recognition: Recognition<'a>,
}

/// Reads a document in this process, without the protection that
/// [`parse_in_child`](crate::parse_in_child) gives, and without text recognition.
///
/// # Errors
/// Any [`ParseError`] but those of the child process.
pub fn parse_here(
    request: &ParseRequest,
    limits: &ParseLimits,
    on_progress: &mut dyn FnMut(ParseProgress),
) -> Result<CleanDocument, ParseError> {
    parse_with(request, limits, on_progress, None, Recognition::default())
}

/// As [`parse_here`], with `open` to load the recognizer that the limits name, once a page needs it.
///
/// # Errors
/// Any [`ParseError`] but those of the child process.
pub fn parse_recognizing(
    request: &ParseRequest,
    limits: &ParseLimits,
    on_progress: &mut dyn FnMut(ParseProgress),
    open: OpenRecognizer,
) -> Result<CleanDocument, ParseError> {
    let mut nobody = || {};
    let recognition = match &limits.recognizer {
        Some(files) => Recognition::new(open, files, &mut nobody),
        None => Recognition::default(),
    };
    parse_with(request, limits, on_progress, None, recognition)
}

/// Reads a document with this recognition. Where the text can be told as it is read, `on_part` is given it, and the
/// document that comes back has none and waits to be [settled](clean::settle).
pub(crate) fn parse_with<'a>(
    request: &'a ParseRequest,
    limits: &'a ParseLimits,
    on_progress: &'a mut dyn FnMut(ParseProgress),
    on_part: Option<&mut dyn FnMut(Part)>,
    recognition: Recognition<'a>,
) -> Result<CleanDocument, ParseError> {
    let length = std::fs::metadata(&request.path)
        .map_err(|error| ParseError::damaged(format!("the stored file cannot be opened: {error}")))?
        .len();
    if length > limits.file_bytes {
        return Err(ParseError::too_large(limits.file_bytes));
    }
    let stored = std::fs::read(&request.path)
        .map_err(|error| ParseError::damaged(format!("the stored file cannot be read: {error}")))?;
    let unlocked = match lock::unlock(&stored, request.password.as_deref())? {
        Cow::Owned(unlocked) => Some(unlocked),
        Cow::Borrowed(_) => None,
    };
    let kind = detect(unlocked.as_deref().unwrap_or(&stored), &request.name)?;
    if kind == Kind::Text && unlocked.is_none() {
        return match on_part {
            Some(give) => text::stream(&request.path, stored, limits, give),
            None => text::read_stored(&request.path, stored, limits),
        };
    }
    let bytes = unlocked.unwrap_or(stored);
    let mut context = Context {
        request,
        limits,
        on_progress,
        depth: 0,
        members: 0,
        unpacked: 0,
        recognition,
    };
    let raw = read(kind, &bytes, &request.name, &mut context)?;
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

/// Draws a page of a document in this process.
pub(crate) fn draw_here(
    request: &ParseRequest,
    limits: &ParseLimits,
    drawing: Drawing,
) -> Result<Vec<u8>, DrawError> {
    let fail = |error: std::io::Error| {
        DrawError::Failed(ParseError::damaged(format!(
            "the stored file cannot be read: {error}"
        )))
    };
    let length = std::fs::metadata(&request.path).map_err(fail)?.len();
    if length > limits.file_bytes {
        return Err(DrawError::Failed(ParseError::too_large(limits.file_bytes)));
    }
    let bytes = std::fs::read(&request.path).map_err(fail)?;
    let kind = detect(&bytes, &request.name).map_err(DrawError::Failed)?;
    if kind == Kind::Pdf {
        pdf::draw(&bytes, request.password.as_deref(), drawing, limits)
    } else if kind == Kind::Image {
        image::draw(&bytes, drawing, limits)
    } else {
        Err(DrawError::NotDrawable)
    }
}

fn read(
    kind: Kind,
    bytes: &[u8],
    name: &str,
    context: &mut Context<'_>,
) -> Result<RawDocument, ParseError> {
    let limits = context.limits;
    let outcome = match kind {
        Kind::Pdf => pdf::read(bytes, context),
        Kind::Doc => doc::read(bytes, limits),
        Kind::Docx => docx::read(bytes, context),
        Kind::Ppt => ppt::read(bytes, limits),
        Kind::Pptx => pptx::read(bytes, context),
        Kind::Xlsx | Kind::Ods => workbook::read(bytes, kind, limits),
        Kind::Odt | Kind::Odp => odf::read(bytes, kind, context),
        Kind::Rtf => rtf::read(bytes, limits),
        Kind::Epub => epub::read(bytes, context),
        Kind::Html => html::read(bytes),
        Kind::Markdown => markdown::read(bytes),
        Kind::Text => text::read(bytes),
        Kind::Csv => csv::read(bytes, limits),
        Kind::Json => json::read(bytes, limits),
        Kind::Email => mail::read(bytes, context),
        Kind::Image => image::read(bytes, context),
        Kind::Code => code::read(bytes, name),
        Kind::Zip => archive::read(bytes, context),
    };
    let password = context.request.password.as_deref();
    let given = password.is_some_and(|password| !password.is_empty());
    match outcome {
        // These readers ask for a password only to say that there is one.
        Err(ParseError::PasswordRequired { given: false }) if given => {
            Err(ParseError::unsupported(locked_name(kind)))
        }
        outcome => outcome,
    }
}

/// A format whose password does not help.
const fn locked_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Odt | Kind::Ods | Kind::Odp => "an OpenDocument file under a password",
        Kind::Xlsx => "an old Excel workbook under a password",
        Kind::Doc => "an old Word document under a password",
        Kind::Ppt => "an old PowerPoint presentation under a password",
        Kind::Pdf
        | Kind::Docx
        | Kind::Pptx
        | Kind::Rtf
        | Kind::Epub
        | Kind::Html
        | Kind::Markdown
        | Kind::Text
        | Kind::Csv
        | Kind::Json
        | Kind::Email
        | Kind::Image
        | Kind::Code
        | Kind::Zip => "a file under a rare kind of encryption",
    }
}
