//! Pictures that an OpenDocument file shows, and what is read in them.

use std::collections::HashMap;

use quick_xml::events::{BytesStart, Event};

use crate::clean::RawBlock;
use crate::parse::package::Package;
use crate::parse::pictures::Pictures;
use crate::parse::xml::{attribute, visit};

/// Where the pictures of a package are; what stands in for charts and formulas is elsewhere.
const FOLDER: &str = "Pictures/";

/// The part that an image shows, if it is a picture of the package.
pub(super) fn part_of(image: &BytesStart<'_>) -> Option<String> {
    let href = attribute(image, "href")?;
    let part = href.strip_prefix("./").unwrap_or(&href);
    part.starts_with(FOLDER).then(|| part.to_owned())
}

/// What is read in the pictures of a text, or of slides, by their parts. Beside a picture stands the text of its slide, or
/// that of the whole document.
pub(super) fn read(
    content: &str,
    slides: bool,
    package: &mut Package<'_>,
    pictures: &mut Pictures<'_, '_>,
) -> HashMap<String, Vec<RawBlock>> {
    let mut characters = vec![0];
    let mut shown = Vec::new();
    visit(content, |event| match event {
        Event::Start(element) | Event::Empty(element) => match element.local_name().as_ref() {
            "page" if slides => characters.push(0),
            "image" => shown.extend(part_of(element).map(|part| (part, characters.len() - 1))),
            _ => {}
        },
        Event::Text(text) => {
            let letters = text.xml10_content();
            let letters = letters.chars().filter(|letter| !letter.is_whitespace());
            if let Some(sum) = characters.last_mut() {
                *sum += letters.count();
            }
        }
        Event::End(_)
        | Event::CData(_)
        | Event::Comment(_)
        | Event::Decl(_)
        | Event::PI(_)
        | Event::DocType(_)
        | Event::GeneralRef(_)
        | Event::Eof => {}
    });
    let mut read: HashMap<String, Vec<RawBlock>> = HashMap::new();
    for (part, page) in shown {
        // One that was read before has nothing to add.
        let blocks = pictures.text(package, &part, characters[page]);
        read.entry(part).or_default().extend(blocks);
    }
    read
}
