//! Finds a file's format from its bytes, since names lie.

use std::io::{Cursor, Read};

use crate::{Kind, ParseError};

/// How much of the beginning is looked at for signs of a text format.
const HEAD: usize = 4096;

/// The format of `bytes`. The name only tells Markdown from plain text.
///
/// # Errors
/// [`ParseError::EmptyFile`], [`ParseError::UnsupportedKind`], or [`ParseError::DamagedFile`] for a broken container.
pub fn detect(bytes: &[u8], name: &str) -> Result<Kind, ParseError> {
    if bytes.is_empty() {
        return Err(ParseError::EmptyFile);
    }
    let head = &bytes[..bytes.len().min(HEAD)];
    if let Some(found) = foreign(head) {
        return Err(ParseError::unsupported(found));
    }
    // Readers accept some rubbish before the header, and so do we.
    if head[..head.len().min(1024)]
        .windows(5)
        .any(|window| window == b"%PDF-")
    {
        return Ok(Kind::Pdf);
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return container(bytes);
    }
    let text =
        crate::decode::preview(head).ok_or_else(|| ParseError::unsupported("a binary file"))?;
    if text.trim().is_empty()
        && crate::decode::preview(bytes).is_some_and(|all| all.trim().is_empty())
    {
        return Err(ParseError::EmptyFile);
    }
    Ok(text_kind(&text, name))
}

/// Formats known by their first bytes and not read.
fn foreign(head: &[u8]) -> Option<&'static str> {
    const MAGIC: &[(&[u8], &str)] = &[
        (b"\x89PNG\r\n\x1a\n", "a PNG image"),
        (b"\xff\xd8\xff", "a JPEG image"),
        (b"GIF8", "a GIF image"),
        (b"II*\0", "a TIFF image"),
        (b"MM\0*", "a TIFF image"),
        (b"{\\rtf", "an RTF document"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
        (b"Rar!\x1a\x07", "a RAR archive"),
        (b"\xfd7zXZ\0", "an xz archive"),
        (b"BZh", "a bzip2 archive"),
        (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
        (b"\x7fELF", "a program"),
        (b"MZ\x90\0", "a program"),
        (b"SQLite format 3\0", "a database"),
        (b"ID3", "an audio file"),
        (b"OggS", "an audio file"),
        (b"fLaC", "an audio file"),
        (b"%!PS", "a PostScript document"),
        (b"AT&TFORM", "a DjVu document"),
    ];
    if let Some((_, found)) = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Some(found);
    }
    let riff = head.starts_with(b"RIFF") && head.len() > 12;
    if riff && &head[8..12] == b"WEBP" {
        return Some("a WebP image");
    }
    if riff || (head.len() > 12 && &head[4..8] == b"ftyp") {
        return Some("an audio or video file");
    }
    if head.starts_with(b"BM") && head.len() > 14 && head[6..10] == [0; 4] {
        return Some("a BMP image");
    }
    head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
        .then_some("an old Office file (Word, Excel or PowerPoint 97-2003), an Outlook message or an encrypted Office file")
}

/// The format of a zip container, from its content types.
fn container(bytes: &[u8]) -> Result<Kind, ParseError> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes))
        .map_err(|error| ParseError::damaged(error.to_string()))?;
    let part = |archive: &mut zip::ZipArchive<Cursor<&[u8]>>, name: &str| {
        let mut text = String::new();
        let entry = archive.by_name(name).ok()?;
        entry.take(1 << 20).read_to_string(&mut text).ok()?;
        Some(text)
    };
    if let Some(types) = part(&mut archive, "[Content_Types].xml") {
        if types.contains("wordprocessingml.document.main")
            || types.contains("ms-word.document.macroEnabled")
            || types.contains("wordprocessingml.template.main")
        {
            return Ok(Kind::Docx);
        }
        if types.contains("spreadsheetml") {
            return Err(ParseError::unsupported("an Excel workbook"));
        }
        if types.contains("presentationml") {
            return Err(ParseError::unsupported("a PowerPoint presentation"));
        }
        return Err(ParseError::unsupported(
            "an Office package without a document",
        ));
    }
    // Some writers leave the content types out; the document part decides.
    if archive.index_for_name("word/document.xml").is_some() {
        return Ok(Kind::Docx);
    }
    Err(ParseError::unsupported(
        match part(&mut archive, "mimetype").as_deref().map(str::trim) {
            Some("application/epub+zip") => "an EPUB book",
            Some(kind) if kind.starts_with("application/vnd.oasis.opendocument") => {
                "an OpenDocument file"
            }
            _ => "a ZIP archive",
        },
    ))
}

fn text_kind(text: &str, name: &str) -> Kind {
    let lower = text
        .trim_start_matches('\u{feff}')
        .trim_start()
        .to_ascii_lowercase();
    if looks_like_html(&lower) {
        return Kind::Html;
    }
    let extension = name
        .rsplit_once('.')
        .map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref() {
        Some("md" | "markdown" | "mdown" | "mkd" | "mdx") => Kind::Markdown,
        Some("htm" | "html" | "xhtml") if lower.contains('<') => Kind::Html,
        _ => Kind::Text,
    }
}

/// Whether the first thing after comments and an XML declaration is an HTML element.
fn looks_like_html(lower: &str) -> bool {
    let mut rest = lower;
    loop {
        rest = rest.trim_start();
        let end = if rest.starts_with("<!--") {
            "-->"
        } else if rest.starts_with("<?xml") {
            "?>"
        } else {
            break;
        };
        match rest.find(end) {
            Some(at) => rest = &rest[at + end.len()..],
            None => return false,
        }
    }
    [
        "<!doctype html",
        "<html",
        "<head",
        "<body",
        "<meta ",
        "<title",
        "<article",
        "<main",
    ]
    .iter()
    .any(|start| rest.starts_with(start))
}
