//! Reading the XML inside of packages: hostile input, so damage ends a part where it is and nothing is expanded.

use quick_xml::events::{BytesRef, BytesStart, Event};

/// Calls `take` for every event; damage ends the part where it is.
pub(super) fn visit(xml: &str, mut take: impl FnMut(&Event<'_>)) {
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
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
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

/// The character that a reference stands for: by its number, or one of XML's own five names. Others are not expanded.
pub(super) fn character_of(reference: &BytesRef<'_>) -> Option<char> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return Some(character);
    }
    Some(match reference.xml10_content().as_ref() {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

/// The text of the first element with this local name, with the named entities of XML resolved; `None` when it is not
/// there or empty.
pub(super) fn text_of(xml: &str, name: &str) -> Option<String> {
    let mut found: Option<String> = None;
    let mut inside = false;
    let mut done = false;
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "comments and declarations carry nothing"
    )]
    visit(xml, |event| match event {
        Event::Start(element) if !done && element.local_name().as_ref() == name => inside = true,
        Event::Text(text) if inside => {
            found
                .get_or_insert_default()
                .push_str(&text.xml10_content());
        }
        Event::GeneralRef(reference) if inside => {
            found
                .get_or_insert_default()
                .extend(character_of(reference));
        }
        Event::End(element) if inside && element.local_name().as_ref() == name => {
            (inside, done) = (false, true);
        }
        _ => {}
    });
    found
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}
