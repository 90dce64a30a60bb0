//! How much one document may cost, so that no file can take the whole machine.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::RecognizerFiles;

/// Bounds for reading one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParseLimits {
    /// Largest file.
    pub file_bytes: u64,
    /// Largest unpacked part of a container, and largest text that comes out.
    pub content_bytes: u64,
    /// Most pages.
    pub pages: u32,
    /// Most files in an archive or a mailbox, and most parts of a package.
    pub entries: u32,
    /// How deep archives and messages may lie in one another; 1 allows none inside another.
    pub depth: u32,
    /// Most times that a packed part may grow; only parts over a megabyte are judged.
    pub ratio: u64,
    /// Most pixels of one picture.
    pub pixels: u64,
    /// Longest time for the whole file, wall clock.
    pub seconds: u64,
    /// Seconds by which that time grows for each page that text recognition reads.
    pub seconds_per_picture: u64,
    /// Longest time that may come of this, wall clock.
    pub most_seconds: u64,
    /// Address space of the child process. Includes the program itself.
    pub memory_bytes: u64,
    /// Where pdfium's shared library lies; `None` leaves pages that the first reader cannot read unread.
    pub pdfium: Option<PathBuf>,
    /// Where the text recognition models lie; `None` leaves pictures unread.
    pub recognizer: Option<RecognizerFiles>,
}

impl Default for ParseLimits {
    fn default() -> Self {
        Self {
            file_bytes: 512 << 20,
            content_bytes: 256 << 20,
            pages: 20_000,
            entries: 20_000,
            depth: 4,
            ratio: 1_000,
            pixels: 120_000_000,
            seconds: 600,
            seconds_per_picture: 30,
            most_seconds: 6 * 3600,
            memory_bytes: 3 << 30,
            pdfium: None,
            recognizer: None,
        }
    }
}

/// One document to read.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParseRequest {
    /// The file's bytes on disk.
    pub path: PathBuf,
    /// The name the user knows it by; only tells Markdown from plain text.
    pub name: String,
    /// For encrypted files.
    pub password: Option<String>,
    /// Whether pdf-extract may be used; off after it has brought a child process down.
    pub pdf_extract: bool,
}

impl ParseRequest {
    /// A request without a password.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, name: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            name: name.into(),
            password: None,
            pdf_extract: true,
        }
    }
}

impl std::fmt::Debug for ParseRequest {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ParseRequest")
            .field("path", &self.path)
            .field("name", &self.name)
            .field("password", &self.password.as_ref().map(|_| "(hidden)"))
            .field("pdf_extract", &self.pdf_extract)
            .finish()
    }
}

/// How far reading has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParseProgress {
    /// Pages read.
    pub pages_done: u32,
    /// Pages in the file.
    pub pages_total: u32,
}
