//! Files within files: what an archive holds and what is attached to a message, read as sections of one document.

mod names;
#[cfg(test)]
pub(super) mod testing;

use std::io::Cursor;

pub(super) use self::names::safe_name;

use super::lock::unlock;
use super::{Context, read};
use crate::clean::{RawBlock, RawDocument};
use crate::{BlockKind, Kind, ParseError, Warning, detect};

/// Warnings of one kind that are worth reading; the rest are counted.
const WARNINGS: usize = 50;

impl Context<'_> {
    /// Bytes that may still be unpacked, over all members and depths.
    pub(super) const fn left(&self) -> u64 {
        self.limits.content_bytes.saturating_sub(self.unpacked)
    }

    /// Counts unpacked bytes against the budget of the whole file.
    fn charge(&mut self, bytes: u64) -> Result<(), ParseError> {
        if bytes > self.left() {
            return Err(ParseError::too_large(self.limits.content_bytes));
        }
        self.unpacked += bytes;
        Ok(())
    }

    /// Counts one more file within the file that is read.
    ///
    /// # Errors
    /// [`ParseError::TooManyEntries`] when the whole file holds more of them than allowed.
    pub(super) fn count_member(&mut self) -> Result<(), ParseError> {
        let limit = self.limits.entries;
        if self.members >= limit {
            return Err(ParseError::TooManyEntries { limit });
        }
        self.members += 1;
        Ok(())
    }
}

/// Reads a file that lies in another one.
///
/// # Errors
/// Those of the member's own reader, and as [`read_member_with`].
pub(super) fn read_member(
    bytes: &[u8],
    name: &str,
    context: &mut Context<'_>,
) -> Result<RawDocument, ParseError> {
    read_member_with(bytes, context, |context| {
        let bytes = unlock(bytes, context.request.password.as_deref())?;
        let kind = detect(&bytes, name)?;
        context.charge(growth(&bytes, kind))?;
        read(kind, &bytes, name, context)
    })
}

/// Reads a file that lies in another one with a reader that is already known to fit.
///
/// # Errors
/// Those of the reader, [`ParseError::TooDeep`], [`ParseError::TooManyEntries`] when the whole file holds more members
/// than allowed, or [`ParseError::TooLarge`] when they unpack to more than allowed.
pub(super) fn read_member_with(
    bytes: &[u8],
    context: &mut Context<'_>,
    read: impl FnOnce(&mut Context<'_>) -> Result<RawDocument, ParseError>,
) -> Result<RawDocument, ParseError> {
    let limit = context.limits.depth;
    if context.depth >= limit {
        return Err(ParseError::TooDeep { limit });
    }
    context.count_member()?;
    context.charge(bytes.len() as u64)?;
    context.depth += 1;
    let outcome = read(context);
    context.depth -= 1;
    outcome
}

/// What a package unpacks to beyond its own size, as its directory declares; no part is read beyond what is declared.
fn growth(bytes: &[u8], kind: Kind) -> u64 {
    let package = match kind {
        Kind::Docx | Kind::Pptx | Kind::Xlsx | Kind::Odt | Kind::Ods | Kind::Odp | Kind::Epub => {
            true
        }
        // An archive's members are counted one by one.
        Kind::Zip
        | Kind::Pdf
        | Kind::Doc
        | Kind::Ppt
        | Kind::Rtf
        | Kind::Html
        | Kind::Markdown
        | Kind::Text
        | Kind::Csv
        | Kind::Json
        | Kind::Email
        | Kind::Image
        | Kind::Code => false,
    };
    if !package {
        return 0;
    }
    let Ok(archive) = zip::ZipArchive::new(Cursor::new(bytes)) else {
        return 0;
    };
    (0..archive.len())
        .filter_map(|index| archive.by_index_data(index).ok())
        .fold(0_u64, |sum, part| sum.saturating_add(part.size()))
        .saturating_sub(bytes.len() as u64)
}

/// Puts a member under a heading of its name, or leaves a warning that says why it could not be read and returns that
/// reason.
///
/// # Errors
/// A limit of the whole file ends its reading.
pub(super) fn append(
    into: &mut RawDocument,
    level: u8,
    name: &str,
    member: Result<RawDocument, ParseError>,
) -> Result<Option<ParseError>, ParseError> {
    let member = match member {
        Ok(member) if has_text(&member) => member,
        Ok(member) => {
            let reason = ParseError::NoText {
                pages: member.pages,
            };
            return Ok(Some(leave_out(into, name, reason)));
        }
        Err(error) if ends_all(&error) => return Err(error),
        Err(error) => return Ok(Some(leave_out(into, name, error))),
    };
    into.blocks
        .push(RawBlock::new(BlockKind::Heading { level }, name));
    into.blocks
        .extend(member.blocks.into_iter().map(|block| below(level, block)));
    into.warnings
        .extend(member.warnings.into_iter().map(|warning| Warning {
            page: None,
            message: format!("{name}: {}", warning.message),
            ..warning
        }));
    Ok(None)
}

/// Whether an error is one of the whole file, which a warning for one member would understate.
pub(super) const fn ends_all(error: &ParseError) -> bool {
    match error {
        ParseError::TooDeep { .. }
        | ParseError::TooManyEntries { .. }
        | ParseError::TooDense { .. }
        | ParseError::TooLarge { .. }
        | ParseError::TimeLimit { .. }
        | ParseError::RecognitionTimeLimit { .. }
        | ParseError::MemoryLimit { .. }
        | ParseError::Cancelled => true,
        ParseError::EmptyFile
        | ParseError::UnsupportedKind { .. }
        | ParseError::DamagedFile { .. }
        | ParseError::NoText { .. }
        | ParseError::GarbledText { .. }
        | ParseError::PasswordRequired { .. }
        | ParseError::TooManyPages { .. }
        | ParseError::TooManyPixels { .. }
        | ParseError::RecognizerMissing
        | ParseError::RecognitionFailed { .. }
        | ParseError::Crashed { .. } => false,
    }
}

/// Says in a warning why a member is left out, and hands the reason back.
fn leave_out(into: &mut RawDocument, name: &str, reason: ParseError) -> ParseError {
    let message = if reason == (ParseError::NoText { pages: 0 }) {
        format!("{name}: No text was found in it.")
    } else {
        format!("{name}: {reason}")
    };
    let code = if matches!(reason, ParseError::PasswordRequired { .. }) {
        "member_locked"
    } else {
        "member_unreadable"
    };
    warn(into, code, message);
    reason
}

/// Adds a warning that is about no page.
pub(super) fn warn(into: &mut RawDocument, code: &str, message: String) {
    into.warnings.push(Warning {
        code: code.to_owned(),
        page: None,
        message,
    });
}

/// Keeps the first warnings of each code, and counts those of the rest in one of that code.
pub(super) fn shorten_warnings(document: &mut RawDocument) {
    let mut counts: Vec<(String, usize)> = Vec::new();
    document.warnings.retain(|warning| {
        if let Some((_, count)) = counts.iter_mut().find(|(code, _)| *code == warning.code) {
            *count += 1;
            return *count <= WARNINGS;
        }
        counts.push((warning.code.clone(), 1));
        true
    });
    for (code, count) in counts {
        if count > WARNINGS {
            let message = format!("And {} more like the {WARNINGS} above.", count - WARNINGS);
            warn(document, &code, message);
        }
    }
}

/// Whether there is anything to read in it.
pub(super) fn has_text(document: &RawDocument) -> bool {
    document.blocks.iter().any(|block| {
        block
            .text
            .chars()
            .any(|character| !character.is_whitespace())
    })
}

/// A member's block as part of the whole: its headings below `level`, its pages no longer counted.
pub(super) fn below(level: u8, block: RawBlock) -> RawBlock {
    let kind = match block.kind {
        BlockKind::Heading { level: own } => BlockKind::Heading {
            level: own.saturating_add(level).min(6),
        },
        kind
        @ (BlockKind::Paragraph | BlockKind::ListItem | BlockKind::Table | BlockKind::Code) => kind,
    };
    RawBlock::new(kind, block.text)
}
