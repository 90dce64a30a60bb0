//! The table of contents of a book, which names chapters that do not name themselves.

use std::collections::HashMap;

use quick_xml::events::Event;

use super::opf::Opf;
use super::paths::resolve;
use crate::ParseError;
use crate::parse::package::Package;
use crate::parse::xml::{attribute, character_of, visit};

/// Longest title of a chapter, in characters.
const LONGEST: usize = 120;

/// The first title of each chapter, by the chapter's path.
///
/// # Errors
/// A limit of the package; a table that is missing or damaged names nothing.
pub(super) fn labels(
    package: &mut Package<'_>,
    opf: &Opf,
) -> Result<HashMap<String, String>, ParseError> {
    let mut labels = HashMap::new();
    for item in [opf.navigation(), opf.ncx()].into_iter().flatten() {
        let xml = match package.part(&item.path) {
            Ok(xml) => xml.unwrap_or_default(),
            Err(error @ (ParseError::TooDense { .. } | ParseError::TooLarge { .. })) => {
                return Err(error);
            }
            Err(_) => continue,
        };
        let entries = if item.is_navigation() {
            navigation(&xml)
        } else {
            ncx(&xml)
        };
        for (href, label) in entries {
            let label = label.split_whitespace().collect::<Vec<_>>().join(" ");
            let fits = !label.is_empty() && label.chars().count() <= LONGEST;
            if let Some(path) = resolve(&item.path, &href).filter(|_| fits) {
                labels.entry(path).or_insert(label);
            }
        }
        if !labels.is_empty() {
            break;
        }
    }
    Ok(labels)
}

/// Links of the navigation document (EPUB 3.3, 7): those in the `nav` of type `toc`.
fn navigation(xml: &str) -> Vec<(String, String)> {
    let mut entries: Vec<(String, String)> = Vec::new();
    let (mut inside, mut link) = (false, false);
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "comments and declarations carry nothing"
    )]
    visit(xml, |event| match event {
        Event::Start(element) => match element.local_name().as_ref() {
            "nav" => {
                inside = attribute(element, "type").is_some_and(|kinds| kinds.contains("toc"));
            }
            "a" if inside => {
                link = true;
                let href = attribute(element, "href").unwrap_or_default();
                entries.push((href, String::new()));
            }
            _ => {}
        },
        Event::Text(text) if link => {
            if let Some((_, label)) = entries.last_mut() {
                label.push_str(&text.xml10_content());
            }
        }
        Event::GeneralRef(reference) if link => {
            if let Some((_, label)) = entries.last_mut() {
                label.extend(character_of(reference));
            }
        }
        Event::End(element) => match element.local_name().as_ref() {
            "nav" => inside = false,
            "a" => link = false,
            _ => {}
        },
        _ => {}
    });
    entries
}

/// Points of an NCX (ANSI/NISO Z39.86): a label, and after it the place.
fn ncx(xml: &str) -> Vec<(String, String)> {
    let mut entries = Vec::new();
    let mut label = String::new();
    let mut inside = false;
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "comments and declarations carry nothing"
    )]
    visit(xml, |event| match event {
        Event::Start(element) | Event::Empty(element) => match element.local_name().as_ref() {
            "navLabel" => {
                inside = true;
                label.clear();
            }
            "content" => {
                let place = attribute(element, "src").unwrap_or_default();
                entries.push((place, std::mem::take(&mut label)));
            }
            _ => {}
        },
        Event::Text(text) if inside => label.push_str(&text.xml10_content()),
        Event::GeneralRef(reference) if inside => label.extend(character_of(reference)),
        Event::End(element) if element.local_name().as_ref() == "navLabel" => inside = false,
        _ => {}
    });
    entries
}
