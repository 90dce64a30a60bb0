//! OLE compound files ([MS-CFB]), the container of Office 97-2003 and of Outlook messages: which document one holds, and
//! its streams, bounded.

use std::io::{Cursor, Read};

use crate::{Kind, ParseError, ParseLimits};

/// How every compound file begins.
pub(crate) const MAGIC: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// Most entries that are looked at.
const ENTRIES: usize = 100_000;

/// An open compound file.
pub(super) struct Compound<'a> {
    file: cfb::CompoundFile<Cursor<&'a [u8]>>,
    most: u64,
}

impl<'a> Compound<'a> {
    /// Opens the container.
    ///
    /// # Errors
    /// [`ParseError::DamagedFile`] when it is broken.
    pub(super) fn open(bytes: &'a [u8], limits: &ParseLimits) -> Result<Self, ParseError> {
        Ok(Self {
            file: container(bytes)?,
            most: limits.content_bytes,
        })
    }

    /// A stream by its path; `None` where there is none.
    ///
    /// # Errors
    /// [`ParseError::TooLarge`] beyond the limit, [`ParseError::DamagedFile`] when it breaks off.
    pub(super) fn stream(&mut self, path: &str) -> Result<Option<Vec<u8>>, ParseError> {
        if !self.file.is_stream(path) {
            return Ok(None);
        }
        let stream = self
            .file
            .open_stream(path)
            .map_err(|error| damaged(&error))?;
        if stream.len() > self.most {
            return Err(ParseError::too_large(self.most));
        }
        let mut bytes = Vec::new();
        stream
            .take(self.most)
            .read_to_end(&mut bytes)
            .map_err(|error| damaged(&error))?;
        Ok(Some(bytes))
    }

    /// The storages right below `path` whose name begins with `prefix`, in the order of their names.
    pub(super) fn storages(&self, path: &str, prefix: &str) -> Vec<String> {
        let Ok(entries) = self.file.read_storage(path) else {
            return Vec::new();
        };
        let mut found: Vec<String> = entries
            .take(ENTRIES)
            .filter(|entry| entry.is_storage() && entry.name().starts_with(prefix))
            .map(|entry| entry.path().to_string_lossy().into_owned())
            .collect();
        found.sort();
        found
    }
}

/// The format of a compound file, by the streams it has.
///
/// # Errors
/// [`ParseError::PasswordRequired`] for encrypted packages, [`ParseError::UnsupportedKind`] for anything unknown.
pub(crate) fn kind_of(bytes: &[u8]) -> Result<Kind, ParseError> {
    let file = container(bytes)?;
    if file.exists("/EncryptedPackage") {
        return Err(ParseError::PasswordRequired { given: false });
    }
    let kinds = [
        ("/WordDocument", Kind::Doc),
        ("/PowerPoint Document", Kind::Ppt),
        ("/__properties_version1.0", Kind::Email),
        ("/Workbook", Kind::Xlsx),
        ("/Book", Kind::Xlsx),
    ];
    kinds
        .iter()
        .find(|(stream, _)| file.exists(stream))
        .map(|(_, kind)| *kind)
        .ok_or_else(|| ParseError::unsupported("an old Office file"))
}

fn container(bytes: &[u8]) -> Result<cfb::CompoundFile<Cursor<&[u8]>>, ParseError> {
    cfb::CompoundFile::open(Cursor::new(bytes)).map_err(|error| damaged(&error))
}

fn damaged(error: &std::io::Error) -> ParseError {
    ParseError::damaged(format!("the container of the file is broken: {error}"))
}

/// Two bytes as a number, low one first.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(two.try_into().ok()?))
}

/// Four bytes as a number, low one first.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(four.try_into().ok()?))
}
