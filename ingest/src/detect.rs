//! Finds a file's format from its bytes, since names lie.

use std::io::{Cursor, Read};

use crate::parse::{
    COMPOUND, compound_kind, is_source_code, looks_like_csv, looks_like_json, looks_like_mail,
};
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
    if is_picture(head) {
        return Ok(Kind::Image);
    }
    if head.starts_with(b"{\\rtf") {
        return Ok(Kind::Rtf);
    }
    if head.starts_with(COMPOUND) {
        return compound_kind(bytes);
    }
    if let Some(found) = foreign(head) {
        return Err(ParseError::unsupported(found));
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return container(bytes, name);
    }
    if is_pdf(bytes) {
        return Ok(Kind::Pdf);
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

/// A PDF begins with its mark. Readers accept some rubbish before it, and so do we, but a text may as well be about PDF, so the
/// end must be that of a PDF too then.
fn is_pdf(bytes: &[u8]) -> bool {
    const MARK: &[u8] = b"%PDF-";
    let blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let first = bytes.iter().take(1024).position(|byte| !blank(byte));
    if first.is_some_and(|first| bytes[first..].starts_with(MARK)) {
        return true;
    }
    let holds = |part: &[u8], mark: &[u8]| part.windows(mark.len()).any(|window| window == mark);
    let (head, tail) = (
        &bytes[..bytes.len().min(1024)],
        &bytes[bytes.len().saturating_sub(1024)..],
    );
    holds(head, MARK) && (holds(tail, b"startxref") || crate::decode::preview(head).is_none())
}

/// Formats known by their first bytes and not read.
fn foreign(head: &[u8]) -> Option<&'static str> {
    const MAGIC: &[(&[u8], &str)] = &[
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
    if head.get(257..262) == Some(b"ustar".as_slice()) {
        return Some("a tar archive");
    }
    let media = head.starts_with(b"RIFF") || (head.len() > 12 && &head[4..8] == b"ftyp");
    media.then_some("an audio or video file")
}

/// PNG, JPEG, GIF, TIFF, WebP and BMP by their first bytes.
fn is_picture(head: &[u8]) -> bool {
    const MAGIC: [&[u8]; 5] = [
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"GIF8",
        b"II*\0",
        b"MM\0*",
    ];
    let webp = head.len() > 12 && head.starts_with(b"RIFF") && &head[8..12] == b"WEBP";
    let bmp = head.len() > 14 && head.starts_with(b"BM") && head[6..10] == [0; 4];
    webp || bmp || MAGIC.iter().any(|magic| head.starts_with(magic))
}

/// The format of a zip container, from its content types.
fn container(bytes: &[u8], name: &str) -> Result<Kind, ParseError> {
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
        if [
            "presentationml.presentation.main",
            "presentationml.slideshow.main",
            "presentationml.template.main",
            "ms-powerpoint.",
        ]
        .iter()
        .any(|main| types.contains(main))
        {
            return Ok(Kind::Pptx);
        }
        if [
            "spreadsheetml.sheet.main",
            "spreadsheetml.template.main",
            "ms-excel.sheet",
        ]
        .iter()
        .any(|main| types.contains(main))
        {
            return Ok(Kind::Xlsx);
        }
        return Err(ParseError::unsupported(
            "an Office package without a document",
        ));
    }
    // Some writers leave the content types out; the document part decides.
    if archive.index_for_name("word/document.xml").is_some() {
        return Ok(Kind::Docx);
    }
    let mimetype = part(&mut archive, "mimetype").unwrap_or_default();
    let mimetype = mimetype.trim();
    if mimetype == "application/epub+zip"
        || archive.index_for_name("META-INF/container.xml").is_some()
    {
        return Ok(Kind::Epub);
    }
    if let Some(document) = mimetype.strip_prefix("application/vnd.oasis.opendocument.") {
        return match document.trim_end_matches("-template") {
            "text" => Ok(Kind::Odt),
            "spreadsheet" => Ok(Kind::Ods),
            "presentation" => Ok(Kind::Odp),
            _ => Err(ParseError::unsupported(
                "an OpenDocument drawing or formula",
            )),
        };
    }
    if archive.is_empty() {
        return Err(ParseError::EmptyFile);
    }
    // A broken export, most likely: its parts would be read as files of no meaning.
    let ending = name.rsplit('.').next().unwrap_or_default();
    let promised = ["docx", "pptx", "xlsx", "odt", "ods", "odp", "epub"];
    if promised.contains(&ending.to_ascii_lowercase().as_str()) {
        return Err(ParseError::unsupported(
            "a ZIP archive under the name of a document",
        ));
    }
    Ok(Kind::Zip)
}

fn text_kind(text: &str, name: &str) -> Kind {
    let lower = text
        .trim_start_matches('\u{feff}')
        .trim_start()
        .to_ascii_lowercase();
    if looks_like_html(&lower) {
        return Kind::Html;
    }
    if looks_like_mail(text, name) {
        return Kind::Email;
    }
    if looks_like_json(text, name) {
        return Kind::Json;
    }
    if looks_like_csv(text, name) {
        return Kind::Csv;
    }
    let extension = name
        .rsplit_once('.')
        .map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref() {
        Some("md" | "markdown" | "mdown" | "mkd" | "mdx") => Kind::Markdown,
        Some("htm" | "html" | "xhtml") if lower.contains('<') => Kind::Html,
        _ if is_source_code(name) => Kind::Code,
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
