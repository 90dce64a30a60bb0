//! PDF: two readers, page by page, with a judgement of every page's text in between.

mod columns;
mod details;
mod forms;
mod frame;
mod furniture;
mod glyphs;
mod lines;
mod notes;
mod order;
mod pdfium;
mod quality;
mod reader;
mod render;
mod rows;
mod rules;
mod scan;
mod sketch;
mod tables;
#[cfg(test)]
mod testing;

use std::panic::{AssertUnwindSafe, catch_unwind};

use pdf_extract::Document;

pub(super) use self::render::draw;
pub(super) use self::scan::{blocks as blocks_of_pictures, read_by_ocr};

use self::details::Told;
use self::quality::{Quality, judge};
use self::reader::{Reader, Scanner};
use self::sketch::Sketch;
use crate::clean::RawDocument;
use crate::parse::Context;
use crate::{Kind, ParseError, ParseProgress};

pub(super) fn read(bytes: &[u8], context: &mut Context<'_>) -> Result<RawDocument, ParseError> {
    let (request, limits) = (context.request, context.limits);
    let password = request.password.as_deref();
    let library = limits.pdfium.as_deref().and_then(pdfium::library);
    let primary = if request.pdf_extract {
        open_with(password, |password| open(bytes, password))
    } else {
        Err(ParseError::crashed("the first PDF reader is off"))
    };
    let open_second =
        |library| open_with(password, |password| pdfium::open(library, bytes, password));
    let mut second = None;
    let primary = match (primary, library) {
        (Ok(document), _) => Some(document),
        (Err(error), None) => return Err(error),
        (Err(_), Some(library)) => {
            second = Some(open_second(library)?);
            None
        }
    };
    let pages = match (&primary, &second) {
        (Some(document), _) => document.get_pages().len(),
        (None, Some(document)) => usize::try_from(document.pages().len()).unwrap_or(0),
        (None, None) => 0,
    };
    let total = u32::try_from(pages).unwrap_or(u32::MAX);
    if total == 0 {
        return Err(ParseError::damaged("the PDF has no pages"));
    }
    if total > limits.pages {
        return Err(ParseError::TooManyPages {
            pages: total,
            limit: limits.pages,
        });
    }
    let mut told = primary.as_ref().map(details::told).unwrap_or_default();
    let mut reader = Reader::new(
        primary,
        second,
        || library.and_then(|library| open_second(library).ok()),
        limits.content_bytes,
        Scanner {
            recognition: &mut context.recognition,
            pixels: limits.pixels,
        },
    );
    let mut sketches = Vec::with_capacity(pages);
    for number in 1..=total {
        sketches.push(reader.page(number)?);
        // Pages of a file within another are not pages of that.
        if context.depth == 0 {
            (context.on_progress)(ParseProgress {
                pages_done: number,
                pages_total: total,
            });
        }
    }
    if let Some(second) = reader.second().filter(|_| told == Told::default()) {
        told = pdfium::told(second);
    }
    let (garbled, warnings) = reader.into_warnings();
    Ok(RawDocument {
        title: told.title.and_then(|title| usable_title(&title)),
        details: told.details,
        warnings,
        ..finish(sketches, garbled)?
    })
}

fn finish(mut sketches: Vec<Sketch>, garbled: u32) -> Result<RawDocument, ParseError> {
    let total = sketches.len() as u32;
    if sketches.iter().all(|page| page.texts().next().is_none()) {
        return Err(if garbled > 0 {
            ParseError::GarbledText { pages: garbled }
        } else {
            ParseError::NoText { pages: total }
        });
    }
    scan::settle(&mut sketches);
    furniture::remove(&mut sketches);
    let pages: Vec<order::Page> = sketches.into_iter().map(order::lay_out).collect();
    let blocks = lines::blocks(&pages);
    Ok(RawDocument {
        pages: total,
        ..RawDocument::new(Kind::Pdf, blocks)
    })
}

/// Opens a document, also where a password is given that it does not need: one upload may hold several files.
fn open_with<T>(
    password: Option<&str>,
    open: impl Fn(Option<&str>) -> Result<T, ParseError>,
) -> Result<T, ParseError> {
    match open(password) {
        Err(wrong @ ParseError::PasswordRequired { given: true }) => {
            open(None).map_err(|_error| wrong)
        }
        outcome => outcome,
    }
}

/// Opens a document with the first reader; the empty password is tried when none is given.
fn open(bytes: &[u8], password: Option<&str>) -> Result<Document, ParseError> {
    let given = password.is_some_and(|password| !password.is_empty());
    let opened = catch_unwind(AssertUnwindSafe(|| match password {
        Some(password) if given => Document::load_mem_with_options(
            bytes,
            pdf_extract::LoadOptions::with_password(password),
        ),
        _ => Document::load_mem(bytes),
    }));
    match opened {
        // Without the right password it stays as it is, without an error.
        Ok(Ok(document)) if document.is_encrypted() => Err(ParseError::PasswordRequired { given }),
        Ok(Ok(document)) => Ok(document),
        Ok(Err(pdf_extract::Error::InvalidPassword)) => Err(ParseError::PasswordRequired { given }),
        Ok(Err(error)) => Err(ParseError::damaged(format!("not a readable PDF: {error}"))),
        Err(_) => Err(ParseError::damaged("not a readable PDF")),
    }
}

/// Titles that name the document, not the program or the file that it came from.
fn usable_title(title: &str) -> Option<String> {
    let title =
        title.trim_matches(|character: char| character.is_whitespace() || character == '\0');
    let lower = title.to_lowercase();
    let generic = lower.is_empty()
        || matches!(
            lower.trim_matches(['(', ')']),
            "anonymous" | "unspecified" | "unknown"
        )
        || lower.starts_with("microsoft word")
        || lower.starts_with("untitled")
        || lower.starts_with("无标题")
        || [
            ".doc", ".docx", ".pdf", ".tex", ".indd", ".dvi", ".wps", ".rtf", ".txt",
        ]
        .iter()
        .any(|ending| lower.ends_with(ending))
        || title
            .chars()
            .filter(|character| character.is_alphanumeric())
            .count()
            < 2
        || judge([title].into_iter()) != Quality::Good;
    (!generic).then(|| title.to_owned())
}
