//! What a book says of the encryption of its parts (EPUB Open Container Format, META-INF/encryption.xml).

use std::collections::HashSet;

use quick_xml::events::Event;

use super::paths::resolve;
use crate::parse::xml::{attribute, visit};

/// Fonts are mangled with these so that they cannot be copied out; the text is open.
const FONTS: [&str; 2] = [
    "http://www.idpf.org/2008/embedding",
    "http://ns.adobe.com/pdf/enc#RC",
];

/// The parts that are really encrypted.
pub(super) fn encrypted(xml: &str) -> HashSet<String> {
    let mut parts = HashSet::new();
    let mut algorithm = String::new();
    visit(xml, |event| {
        let (Event::Start(element) | Event::Empty(element)) = event else {
            return;
        };
        match element.local_name().as_ref() {
            "EncryptedData" => algorithm.clear(),
            // Keys have methods of their own; the one of the data stands first.
            "EncryptionMethod" if algorithm.is_empty() => {
                algorithm = attribute(element, "Algorithm").unwrap_or_default();
            }
            "CipherReference" if !FONTS.contains(&algorithm.as_str()) => {
                let uri = attribute(element, "URI").unwrap_or_default();
                parts.extend(resolve("", &uri));
            }
            _ => {}
        }
    });
    parts
}
