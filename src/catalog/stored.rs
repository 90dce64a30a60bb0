//! A stored text, written and read without a second copy of it in memory.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use serde::Serialize;
use wenyuan_ingest::{Block, CleanDocument, Details, Kind, Language, PageSpan, Span, Warning};

use super::{CatalogError, placing};

/// What is kept of a document beside text and places, in the form in which it is read again.
#[derive(Serialize)]
struct Rest<'a> {
    kind: Kind,
    title: Option<&'a str>,
    details: &'a Details,
    language: Language,
    text: &'static str,
    blocks: &'a [Block],
    pages: &'a [PageSpan],
    warnings: &'a [Warning],
}

/// Hashes what it passes on.
struct Hashed<W> {
    inner: W,
    hasher: blake3::Hasher,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Writes text, rest, places and footer.
pub(super) fn write(document: &CleanDocument, file: &File) -> io::Result<()> {
    let mut out = BufWriter::new(Hashed {
        inner: file,
        hasher: blake3::Hasher::new(),
    });
    out.write_all(document.text.as_bytes())?;
    let rest = Rest {
        kind: document.kind,
        title: document.title.as_deref(),
        details: &document.details,
        language: document.language,
        text: "",
        blocks: &document.blocks,
        pages: &document.pages,
        warnings: &document.warnings,
    };
    serde_json::to_writer(&mut out, &rest)?;
    out.write_all(&placing::section(&document.places))?;
    out.write_all(&(document.text.len() as u64).to_le_bytes())?;
    out.flush()?;
    let Hashed { inner, hasher } = out.get_mut();
    inner.write_all(hasher.finalize().as_bytes())
}

/// The text of one version, open.
#[derive(Debug)]
pub(super) struct TextReader {
    file: File,
    /// Bytes of the text; more follows it in the file.
    length: u64,
    path: PathBuf,
}

impl TextReader {
    /// A reader of the first `length` bytes.
    pub(super) const fn new(file: File, length: u64, path: PathBuf) -> Self {
        Self { file, length, path }
    }

    /// The text at a byte span that lies on character boundaries; past its end there is none. Blocks.
    pub(super) fn piece(&mut self, span: Span) -> Result<String, CatalogError> {
        self.read(span)
            .map_err(|error| CatalogError::from_io(&self.path, &error))
    }

    fn read(&mut self, span: Span) -> io::Result<String> {
        let start = (span.start as u64).min(self.length);
        let bytes = (span.len() as u64).min(self.length - start);
        self.file.seek(SeekFrom::Start(start))?;
        let mut text = String::with_capacity(bytes as usize);
        (&mut self.file).take(bytes).read_to_string(&mut text)?;
        Ok(text)
    }
}
