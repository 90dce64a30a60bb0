//! What a PDF says of itself: its information dictionary, and its XMP packet for what is missing there.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pdf_extract::{Dictionary, Document, Object};
use quick_xml::events::Event;

use crate::Details;
use crate::parse::xml::{attribute, text_of, visit};

/// Longest XMP packet looked at, as it is stored; one that is packed can grow a thousandfold.
const MOST_PLAIN_BYTES: usize = 1 << 20;
const MOST_PACKED_BYTES: usize = 64 << 10;

/// Longest entry looked at, in bytes.
const MOST_ENTRY_BYTES: usize = 4096;

/// A PDF's title and details, as they stand there.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) title: Option<String>,
    pub(super) details: Details,
}

/// Reads what the first reader can; a document that makes it panic says nothing.
pub(super) fn told(document: &Document) -> Told {
    catch_unwind(AssertUnwindSafe(|| {
        let info = dictionary(document, document.trailer.get(b"Info").ok());
        let entry = |key: &[u8]| info.and_then(|info| text(document, info, key));
        let packet = packet(document).unwrap_or_default();
        let stated = |name: &str| property(&packet, name);
        Told {
            title: entry(b"Title"),
            details: Details {
                author: entry(b"Author").or_else(|| stated("creator")),
                created: entry(b"CreationDate").or_else(|| stated("CreateDate")),
                modified: entry(b"ModDate").or_else(|| stated("ModifyDate")),
            },
        }
    }))
    .unwrap_or_default()
}

fn resolved<'a>(document: &'a Document, object: &'a Object) -> Option<&'a Object> {
    if let Object::Reference(id) = object {
        document.get_object(*id).ok()
    } else {
        Some(object)
    }
}

fn dictionary<'a>(document: &'a Document, object: Option<&'a Object>) -> Option<&'a Dictionary> {
    resolved(document, object?)?.as_dict().ok()
}

/// An entry's text; `None` where there is none.
fn text(document: &Document, info: &Dictionary, key: &[u8]) -> Option<String> {
    let bytes = resolved(document, info.get(key).ok()?)?.as_str().ok()?;
    let decoded =
        crate::decode::decode(bytes.get(..MOST_ENTRY_BYTES).unwrap_or(bytes), false).ok()?;
    Some(decoded.text).filter(|text| text.chars().any(char::is_alphanumeric))
}

/// The XMP packet of the whole document.
fn packet(document: &Document) -> Option<String> {
    let metadata = document.catalog().ok()?.get(b"Metadata").ok()?;
    let stream = resolved(document, metadata)?.as_stream().ok()?;
    let packed = stream.dict.has(b"Filter");
    let most = if packed {
        MOST_PACKED_BYTES
    } else {
        MOST_PLAIN_BYTES
    };
    if stream.content.len() > most {
        return None;
    }
    let bytes = if packed {
        stream.decompressed_content().ok()?
    } else {
        stream.content.clone()
    };
    crate::decode::decode(&bytes, false)
        .ok()
        .map(|decoded| decoded.text)
}

/// A property by its local name, written as an element or as an attribute of a description.
fn property(packet: &str, name: &str) -> Option<String> {
    if let Some(text) = text_of(packet, name) {
        return Some(text);
    }
    let mut found = None;
    visit(packet, |event| {
        if let (None, Event::Start(element) | Event::Empty(element)) = (&found, event)
            && element.local_name().as_ref() == "Description"
        {
            found = attribute(element, name);
        }
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKET: &str = r#"<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF>
        <rdf:Description xmp:CreateDate="2021-03-04T05:06:07+08:00" xmlns:dc="d">
        <dc:creator><rdf:Seq><rdf:li>王小明</rdf:li></rdf:Seq></dc:creator>
        <xmp:ModifyDate>2022-01-02</xmp:ModifyDate></rdf:Description></rdf:RDF></x:xmpmeta>"#;

    #[test]
    fn a_packet_tells_by_element_and_by_attribute() {
        assert_eq!(property(PACKET, "creator").as_deref(), Some("王小明"));
        assert_eq!(
            property(PACKET, "CreateDate").as_deref(),
            Some("2021-03-04T05:06:07+08:00")
        );
        assert_eq!(
            property(PACKET, "ModifyDate").as_deref(),
            Some("2022-01-02")
        );
        assert_eq!(property(PACKET, "Producer"), None);
    }
}
