//! Word files: paragraphs, headings, lists, tables, text boxes and notes, read from the XML inside with bounds.

mod body;
mod numbering;
mod styles;

use std::collections::HashMap;

use quick_xml::events::Event;

use self::body::Beside;
use super::Context;
use super::package::Package;
use super::pictures::Pictures;
use super::relations::relations;
use super::xml::{attribute, visit};
use crate::clean::RawDocument;
use crate::{Kind, ParseError};

pub(super) fn read(bytes: &[u8], context: &mut Context<'_>) -> Result<RawDocument, ParseError> {
    let mut package = Package::open(bytes, context.limits)?;
    let main = main_part(&mut package)?;
    let folder = main
        .rsplit_once('/')
        .map_or("", |(folder, _)| folder)
        .to_owned();
    let document = package
        .part(&main)?
        .ok_or_else(|| ParseError::damaged("the Word file has no document part"))?;
    let mut beside = |name: &str| package.part(&format!("{folder}/{name}"));
    let styles = styles::read(&beside("styles.xml")?.unwrap_or_default());
    let mut numbering = numbering::read(&beside("numbering.xml")?.unwrap_or_default());
    let mut notes = HashMap::new();
    for (name, kind) in [("footnotes.xml", "footnote"), ("endnotes.xml", "endnote")] {
        if let Some(xml) = beside(name)? {
            notes.insert(kind, body::notes(&xml, kind, &styles, &mut numbering)?);
        }
    }
    let mut characters = 0;
    visit(&document, |event| {
        if let Event::Text(text) = event {
            characters += text.xml10_content().chars().count();
        }
    });
    let mut pictures = Pictures::new(context);
    let mut shown = HashMap::new();
    for (id, (kind, target)) in relations(&mut package, &main)? {
        if kind.ends_with("/image") {
            shown.insert(id, pictures.text(&mut package, &target, characters));
        }
    }
    let beside = Beside {
        notes: &notes,
        pictures: &shown,
    };
    let blocks = body::blocks(&document, &styles, &mut numbering, beside)?;
    let (title, details) = package.properties()?;
    Ok(RawDocument {
        title,
        details,
        warnings: pictures.warnings(),
        ..RawDocument::new(Kind::Docx, blocks)
    })
}

/// The document part's name, which the package's relations tell.
fn main_part(package: &mut Package<'_>) -> Result<String, ParseError> {
    let relations = package.part("_rels/.rels")?.unwrap_or_default();
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
