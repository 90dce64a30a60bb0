//! Archives: every file in a zip archive is read as a section of one document. Nothing is ever written to disk.

mod names;
#[cfg(test)]
mod tests;
mod unpack;

use std::io::Cursor;

use self::unpack::{Unpacked, unpack};
use super::Context;
use super::members::{append, has_text, read_member, shorten_warnings, warn};
use crate::clean::{RawBlock, RawDocument};
use crate::{BlockKind, Kind, ParseError};

/// Files named in one warning; the rest are counted.
const NAMED: usize = 20;

/// Reads every file of an archive, in the order of their names.
///
/// # Errors
/// [`ParseError::DamagedFile`], a limit ([`ParseError::TooManyEntries`], [`ParseError::TooDeep`],
/// [`ParseError::TooDense`], [`ParseError::TooLarge`]), or why nothing in it could be read.
pub(super) fn read(bytes: &[u8], context: &mut Context<'_>) -> Result<RawDocument, ParseError> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes))
        .map_err(|error| ParseError::damaged(error.to_string()))?;
    let limit = context.limits.entries;
    if archive.len() > limit as usize {
        return Err(ParseError::TooManyEntries { limit });
    }
    // The first heading would be a file's name, and not the archive's.
    let title = context.request.name.rsplit('/').next();
    let mut contents = Contents {
        document: RawDocument {
            title: title.map(str::to_owned),
            ..RawDocument::new(Kind::Zip, Vec::new())
        },
        locked: Vec::new(),
        empty: Vec::new(),
        reasons: Vec::new(),
    };
    for (name, index) in names::listing(&archive) {
        let unpacked = unpack(&mut archive, index, context)?;
        contents.take(name, unpacked, context)?;
    }
    if archive.has_duplicate_names() {
        let message = "Several files in it have the same name; the last of each was read.";
        warn(
            &mut contents.document,
            "member_unreadable",
            message.to_owned(),
        );
    }
    contents.finish(context.request.password.is_some())
}

/// What has been read of an archive, and what not.
struct Contents {
    document: RawDocument,
    /// Names of files that need a password.
    locked: Vec<String>,
    /// Names of files with nothing in them.
    empty: Vec<String>,
    /// Why files were left out.
    reasons: Vec<ParseError>,
}

impl Contents {
    fn take(
        &mut self,
        name: String,
        unpacked: Unpacked,
        context: &mut Context<'_>,
    ) -> Result<(), ParseError> {
        let member = match unpacked {
            Unpacked::Locked => {
                self.locked.push(name);
                return Ok(());
            }
            Unpacked::Unknown(method) => {
                let message = format!(
                    "{name}: It is packed with {method}, which cannot be unpacked here. Unpack the archive and add the file itself."
                );
                warn(&mut self.document, "member_unreadable", message);
                let found = format!("an archive packed with {method}");
                self.reasons.push(ParseError::unsupported(&found));
                return Ok(());
            }
            Unpacked::Damaged(error) => Err(error),
            Unpacked::Bytes(bytes) => read_member(&bytes, &name, context),
        };
        if matches!(member, Err(ParseError::EmptyFile)) {
            self.empty.push(name.clone());
        }
        self.reasons
            .extend(append(&mut self.document, 1, &name, member)?);
        Ok(())
    }

    fn finish(mut self, given: bool) -> Result<RawDocument, ParseError> {
        if !has_text(&self.document) {
            if self.empty.is_empty()
                || self.empty.len() < self.reasons.len()
                || !self.locked.is_empty()
            {
                return Err(nothing_read(self.reasons, !self.locked.is_empty(), given));
            }
            // Where all files are empty, their names are what there is to read.
            self.document.blocks = self
                .empty
                .into_iter()
                .map(|name| RawBlock::new(BlockKind::ListItem, name))
                .collect();
        }
        if !self.locked.is_empty() {
            let message = locked_message(&self.locked, given);
            warn(&mut self.document, "member_locked", message);
        }
        shorten_warnings(&mut self.document);
        Ok(self.document)
    }
}

/// Why an archive has no text at all.
fn nothing_read(mut reasons: Vec<ParseError>, locked: bool, given: bool) -> ParseError {
    if locked {
        return ParseError::PasswordRequired { given };
    }
    if reasons.len() == 1
        && let Some(reason) = reasons.pop()
    {
        return reason;
    }
    let all = |code: &str| reasons.iter().all(|reason| reason.code() == code);
    if all("unsupported_kind") {
        ParseError::unsupported("an archive without readable files")
    } else if all("damaged_file") {
        ParseError::damaged("none of its files can be unpacked")
    } else {
        ParseError::NoText { pages: 0 }
    }
}

fn locked_message(names: &[String], given: bool) -> String {
    let mut list = names[..names.len().min(NAMED)].join(", ");
    if names.len() > NAMED {
        list = format!("{list} and {} more", names.len() - NAMED);
    }
    let why = if given {
        "The password does not open"
    } else {
        "Protected by a password and not read:"
    };
    format!("{why} {list}. Unpack the archive and add the files without a password.")
}
