//! PDF: two readers, page by page, with a judgement of every page's text in between.

mod furniture;
mod glyphs;
mod lines;
mod pdfium;
mod quality;

use std::panic::{AssertUnwindSafe, catch_unwind};

use pdf_extract::{Document, Object};
use pdfium_render::prelude::PdfDocument;

use self::lines::Line;
use self::quality::{Quality, judge};
use crate::clean::RawDocument;
use crate::parse::Context;
use crate::{Kind, ParseError, ParseProgress, Warning};

/// Glyphs without a meaning, in percent, from which on the second reader is asked.
const HOLES: usize = 5;

/// A page as read.
struct Page {
    number: u32,
    lines: Vec<Line>,
}

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
    let mut reader = Reader {
        primary: primary.as_ref(),
        second,
        open_second: || library.and_then(|library| open_second(library).ok()),
        budget: usize::try_from(limits.content_bytes).unwrap_or(usize::MAX),
        content_bytes: limits.content_bytes,
        warnings: Vec::new(),
        garbled: 0,
    };
    let mut read = Vec::with_capacity(pages);
    for number in 1..=total {
        read.push(Page {
            number,
            lines: reader.page(number)?,
        });
        // Pages of a file within another are not pages of that.
        if context.depth == 0 {
            (context.on_progress)(ParseProgress {
                pages_done: number,
                pages_total: total,
            });
        }
    }
    let title = primary
        .as_ref()
        .and_then(title)
        .or_else(|| reader.second.as_ref().and_then(pdfium::title))
        .and_then(|title| usable_title(&title));
    finish(read, total, title, reader.garbled, reader.warnings)
}

fn finish(
    mut pages: Vec<Page>,
    total: u32,
    title: Option<String>,
    garbled: u32,
    warnings: Vec<Warning>,
) -> Result<RawDocument, ParseError> {
    if pages
        .iter()
        .all(|page| page.lines.iter().all(|line| line.text.is_empty()))
    {
        return Err(if garbled > 0 {
            ParseError::GarbledText { pages: garbled }
        } else {
            ParseError::NoText { pages: total }
        });
    }
    furniture::remove(&mut pages);
    let blocks = lines::blocks(&pages);
    Ok(RawDocument {
        title,
        pages: total,
        warnings,
        ..RawDocument::new(Kind::Pdf, blocks)
    })
}

/// Reads pages with the first reader, and with the second where that fails.
struct Reader<'p, 'a, Open> {
    primary: Option<&'p Document>,
    second: Option<PdfDocument<'a>>,
    open_second: Open,
    budget: usize,
    content_bytes: u64,
    warnings: Vec<Warning>,
    garbled: u32,
}

impl<'a, Open: FnMut() -> Option<PdfDocument<'a>>> Reader<'_, 'a, Open> {
    /// The lines of one page; none for a page without readable text, which leaves a warning.
    fn page(&mut self, number: u32) -> Result<Vec<Line>, ParseError> {
        let first = self
            .primary
            .and_then(|document| extract(document, number, self.budget));
        if first.as_ref().is_some_and(|first| first.full) {
            return Err(ParseError::too_large(self.content_bytes));
        }
        let missing = first.as_ref().map_or(0, |first| first.missing_percent);
        let mut lines = first.map(|first| first.lines).unwrap_or_default();
        let mut verdict = judge(lines.iter().map(|line| line.text.as_str()));
        let mut holes = missing > HOLES;
        if verdict != Quality::Good || holes {
            if self.second.is_none() {
                self.second = (self.open_second)();
            }
            let second = self.second.as_ref();
            if let Some(other) = second.and_then(|document| pdfium::page(document, number)) {
                let other_verdict = judge(other.iter().map(|line| line.text.as_str()));
                if other_verdict == Quality::Good || verdict == Quality::Empty {
                    (lines, verdict, holes) = (other, other_verdict, false);
                }
            }
        }
        if holes && verdict == Quality::Good {
            if missing > 50 {
                verdict = Quality::Garbled;
            } else {
                self.warnings.push(Warning {
                    code: "page_incomplete".to_owned(),
                    page: Some(number),
                    message: format!("Page {number} lacks {missing}% of its characters."),
                });
            }
        }
        let used: usize = lines.iter().map(|line| line.text.len()).sum();
        if used > self.budget {
            return Err(ParseError::too_large(self.content_bytes));
        }
        self.budget -= used;
        Ok(self.accept(number, lines, verdict))
    }

    fn accept(&mut self, number: u32, lines: Vec<Line>, verdict: Quality) -> Vec<Line> {
        let (code, message) = match verdict {
            Quality::Good => return lines,
            Quality::Empty => (
                "page_without_text",
                format!("Page {number} has no text; it may be a picture."),
            ),
            Quality::Garbled => {
                self.garbled += 1;
                (
                    "page_garbled",
                    format!("The text of page {number} comes out garbled and was left out."),
                )
            }
        };
        self.warnings.push(Warning {
            code: code.to_owned(),
            page: Some(number),
            message,
        });
        Vec::new()
    }
}

/// One page by pdf-extract.
struct Extract {
    lines: Vec<Line>,
    /// Whether the budget ran out.
    full: bool,
    missing_percent: usize,
}

/// Reads one page with pdf-extract; `None` when it fails or panics.
fn extract(document: &Document, number: u32, budget: usize) -> Option<Extract> {
    catch_unwind(AssertUnwindSafe(|| {
        let mut glyphs = glyphs::Glyphs::new(budget);
        let result = pdf_extract::output_doc_page(document, &mut glyphs, number);
        let (full, missing_percent) = (glyphs.is_full(), glyphs.missing_percent());
        (full || result.is_ok()).then(|| Extract {
            lines: glyphs.into_lines(),
            full,
            missing_percent,
        })
    }))
    .ok()
    .flatten()
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

/// The title in the document's information dictionary.
fn title(document: &Document) -> Option<String> {
    let info = document.trailer.get(b"Info").ok()?;
    let info = if let Object::Reference(id) = info {
        document.get_object(*id).ok()?
    } else {
        info
    };
    let info = info.as_dict().ok()?;
    let bytes = info.get(b"Title").ok()?.as_str().ok()?;
    crate::decode::decode(bytes, false)
        .ok()
        .map(|decoded| decoded.text)
}

/// Titles that name the document, not the program or the file that it came from.
fn usable_title(title: &str) -> Option<String> {
    let title =
        title.trim_matches(|character: char| character.is_whitespace() || character == '\0');
    let lower = title.to_lowercase();
    let generic = lower.is_empty()
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
