//! Word files: paragraphs, headings, lists, tables, text boxes and notes, read from the XML inside with bounds.

mod body;
mod numbering;
mod styles;

use std::collections::HashMap;
use std::io::{Cursor, Read};

use quick_xml::events::{BytesStart, Event};

use crate::clean::RawDocument;
use crate::{Kind, ParseError, ParseLimits};

type Archive<'a> = zip::ZipArchive<Cursor<&'a [u8]>>;

pub(super) fn read(bytes: &[u8], limits: &ParseLimits) -> Result<RawDocument, ParseError> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes))
        .map_err(|error| ParseError::damaged(error.to_string()))?;
    let mut budget = limits.content_bytes;
    let main = main_part(&mut archive, &mut budget, limits)?;
    let folder = main
        .rsplit_once('/')
        .map_or("", |(folder, _)| folder)
        .to_owned();
    let document = part(&mut archive, &main, &mut budget, limits)?
        .ok_or_else(|| ParseError::damaged("the Word file has no document part"))?;
    let mut beside = |name: &str| {
        part(
            &mut archive,
            &format!("{folder}/{name}"),
            &mut budget,
            limits,
        )
    };
    let styles = styles::read(&beside("styles.xml")?.unwrap_or_default());
    let mut numbering = numbering::read(&beside("numbering.xml")?.unwrap_or_default());
    let mut notes = HashMap::new();
    for (name, kind) in [("footnotes.xml", "footnote"), ("endnotes.xml", "endnote")] {
        if let Some(xml) = beside(name)? {
            notes.insert(kind, body::notes(&xml, kind, &styles, &mut numbering)?);
        }
    }
    let blocks = body::blocks(&document, &styles, &mut numbering, &notes)?;
    let title = part(&mut archive, "docProps/core.xml", &mut budget, limits)?
        .and_then(|xml| core_title(&xml));
    Ok(RawDocument {
        kind: Kind::Docx,
        title,
        blocks,
        pages: 0,
        warnings: Vec::new(),
    })
}

/// The document part's name, which the package's relations tell.
fn main_part(
    archive: &mut Archive<'_>,
    budget: &mut u64,
    limits: &ParseLimits,
) -> Result<String, ParseError> {
    let relations = part(archive, "_rels/.rels", budget, limits)?.unwrap_or_default();
    let mut target = None;
    visit(&relations, |event| {
        if let Event::Start(element) | Event::Empty(element) = event
            && attribute(element, "Type").is_some_and(|kind| kind.ends_with("/officeDocument"))
        {
            target = attribute(element, "Target");
        }
    });
    Ok(target.map_or_else(
        || "word/document.xml".to_owned(),
        |target| target.trim_start_matches('/').to_owned(),
    ))
}

/// One part of the package as text; `None` when it is not there. What it unpacks to is counted against the budget.
fn part(
    archive: &mut Archive<'_>,
    name: &str,
    budget: &mut u64,
    limits: &ParseLimits,
) -> Result<Option<String>, ParseError> {
    let Some(index) = archive.index_for_name(name) else {
        return Ok(None);
    };
    let entry = archive
        .by_index(index)
        .map_err(|error| ParseError::damaged(error.to_string()))?;
    let mut bytes = Vec::new();
    entry
        .take(*budget + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| ParseError::damaged(format!("{name}: {error}")))?;
    let Some(left) = budget.checked_sub(bytes.len() as u64) else {
        return Err(ParseError::too_large(limits.content_bytes));
    };
    *budget = left;
    Ok(Some(crate::decode::decode(&bytes, false)?.text))
}

/// The title in the document's properties, unless it is a template's.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "comments and declarations carry nothing"
)]
fn core_title(xml: &str) -> Option<String> {
    let mut title = None;
    let mut inside = false;
    visit(xml, |event| match event {
        Event::Start(element) => inside = element.local_name().as_ref() == "title",
        Event::Text(text) if inside => title = Some(text.xml10_content().into_owned()),
        Event::End(_) => inside = false,
        _ => {}
    });
    title.filter(|title: &String| {
        let lower = title.trim().to_lowercase();
        lower.chars().count() > 1
            && !lower.starts_with("word document")
            && ![".docx", ".doc"]
                .iter()
                .any(|ending| lower.ends_with(ending))
    })
}

/// Calls `take` for every event; damage ends the part where it is.
fn visit(xml: &str, mut take: impl FnMut(&Event<'_>)) {
    let mut reader = quick_xml::Reader::from_str(xml);
    reader.config_mut().check_end_names = false;
    while let Ok(event) = reader.read_event() {
        if matches!(event, Event::Eof) {
            break;
        }
        take(&event);
    }
}

/// An attribute by its name without prefix.
fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    element
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|attribute| attribute.key.local_name().as_ref() == name)
        .and_then(|attribute| {
            attribute
                .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                .ok()
                .map(std::borrow::Cow::into_owned)
        })
}
