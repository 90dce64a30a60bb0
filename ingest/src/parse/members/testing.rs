//! What tests of files within files share.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;

use crate::clean::RawDocument;
use crate::parse::{Context, Recognition};
use crate::{BlockKind, ParseError, ParseLimits, ParseRequest};

/// Reads `bytes` with `reader` as a file of its own.
pub(in crate::parse) fn read_with(
    bytes: &[u8],
    limits: &ParseLimits,
    password: Option<&str>,
    reader: impl FnOnce(&[u8], &mut Context<'_>) -> Result<RawDocument, ParseError>,
) -> Result<RawDocument, ParseError> {
    let request = ParseRequest {
        password: password.map(str::to_owned),
        ..ParseRequest::new("unused", "资料")
    };
    let mut context = Context {
        request: &request,
        limits,
        on_progress: &mut |_| {},
        depth: 0,
        members: 0,
        unpacked: 0,
        recognition: Recognition::default(),
    };
    reader(bytes, &mut context)
}

/// A zip archive of these files, packed.
pub(in crate::parse) fn zip_of<N: AsRef<str>, B: AsRef<[u8]>>(files: &[(N, B)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer
            .start_file(name.as_ref(), SimpleFileOptions::default())
            .expect("starts");
        writer.write_all(bytes.as_ref()).expect("is written");
    }
    writer.finish().expect("ends").into_inner()
}

/// The blocks as lines: headings with as many `#` as their level, items with a dash.
pub(in crate::parse) fn outline(document: &RawDocument) -> String {
    let mut lines = Vec::new();
    for block in &document.blocks {
        let mark = match block.kind {
            BlockKind::Heading { level } => format!("{} ", "#".repeat(level.into())),
            BlockKind::ListItem => "- ".to_owned(),
            BlockKind::Paragraph | BlockKind::Table | BlockKind::Code => String::new(),
        };
        lines.push(format!("{mark}{}", block.text.trim()));
    }
    lines.join("\n")
}

/// The messages of all warnings.
pub(in crate::parse) fn warnings(document: &RawDocument) -> String {
    let messages: Vec<&str> = document
        .warnings
        .iter()
        .map(|warning| warning.message.as_str())
        .collect();
    messages.join("\n")
}
