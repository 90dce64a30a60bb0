//! Little-endian values from a file whose every promised length is checked against what is left of it.

use std::io::{Read, Seek};
use std::path::Path;

use super::HeaderError;

pub(super) const STRING: u32 = 8;
const ARRAY: u32 = 9;

/// Reads forward only, and never past `length`.
pub(super) struct Reader<'a, S> {
    source: S,
    length: u64,
    position: u64,
    path: &'a Path,
}

impl<'a, S: Read + Seek> Reader<'a, S> {
    pub(super) fn new(source: S, length: u64, path: &'a Path) -> Self {
        Self {
            source,
            length,
            position: 0,
            path,
        }
    }

    pub(super) fn position(&self) -> u64 {
        self.position
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    pub(super) fn broken(&self, reason: String) -> HeaderError {
        HeaderError::Broken {
            path: self.path.to_owned(),
            reason,
        }
    }

    pub(super) fn truncated(&self, needed: u64) -> HeaderError {
        HeaderError::Truncated {
            path: self.path.to_owned(),
            actual: self.length,
            needed,
        }
    }

    pub(super) fn bytes<const N: usize>(&mut self) -> Result<[u8; N], HeaderError> {
        self.advance(N as u64)?;
        let mut bytes = [0; N];
        self.source.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, HeaderError> {
        self.bytes().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, HeaderError> {
        self.bytes().map(u64::from_le_bytes)
    }

    /// A string of at most `most` bytes.
    pub(super) fn string(&mut self, most: u64) -> Result<String, HeaderError> {
        let length = self.u64()?;
        if length > most {
            return Err(self.broken(format!("a name of {length} bytes")));
        }
        self.advance(length)?;
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
        self.source.read_exact(&mut bytes)?;
        String::from_utf8(bytes).map_err(|_| self.broken("a name that is not text".to_owned()))
    }

    /// The value of an entry that must be a whole number.
    pub(super) fn unsigned(&mut self, kind: u32, key: &str) -> Result<u64, HeaderError> {
        match kind {
            0 => Ok(u64::from(self.bytes::<1>()?[0])),
            2 => Ok(u64::from(u16::from_le_bytes(self.bytes()?))),
            4 | 5 => self.u32().map(u64::from),
            10 | 11 => self.u64(),
            _ => Err(self.broken(format!("{key} is not a whole number"))),
        }
    }

    /// Passes over a value that nobody here asks for.
    pub(super) fn skip_value(&mut self, kind: u32) -> Result<(), HeaderError> {
        match kind {
            STRING => self.skip_string(),
            ARRAY => self.skip_array(),
            _ => {
                let size = self.scalar_size(kind)?;
                self.skip(size)
            }
        }
    }

    fn skip_array(&mut self) -> Result<(), HeaderError> {
        let kind = self.u32()?;
        let count = self.u64()?;
        // The smallest element takes a byte: more elements than bytes left is a lie, and would loop for ever.
        if count > self.length - self.position {
            return Err(self.truncated(self.position.saturating_add(count)));
        }
        if kind == STRING {
            return (0..count).try_for_each(|_| self.skip_string());
        }
        let size = self.scalar_size(kind)?;
        self.skip(count.saturating_mul(size))
    }

    fn skip_string(&mut self) -> Result<(), HeaderError> {
        let length = self.u64()?;
        self.skip(length)
    }

    fn scalar_size(&self, kind: u32) -> Result<u64, HeaderError> {
        match kind {
            0 | 1 | 7 => Ok(1),
            2 | 3 => Ok(2),
            4..=6 => Ok(4),
            10..=12 => Ok(8),
            _ => Err(self.broken(format!("a value of unknown type {kind}"))),
        }
    }

    fn skip(&mut self, count: u64) -> Result<(), HeaderError> {
        self.advance(count)?;
        let count = i64::try_from(count).map_err(|_| self.truncated(count))?;
        self.source.seek_relative(count)?;
        Ok(())
    }

    fn advance(&mut self, count: u64) -> Result<(), HeaderError> {
        let next = self.position.saturating_add(count);
        if next > self.length {
            return Err(self.truncated(next));
        }
        self.position = next;
        Ok(())
    }
}
