//! Chapters are XML, and are read by a reader of HTML, to which `<title/>` would be the beginning of a long title.

use std::borrow::Cow;

/// Elements that HTML knows to be empty.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];

/// The same text with every empty element written as HTML wants it, and character data as text.
pub(super) fn as_html(xhtml: &str) -> Cow<'_, str> {
    if !xhtml.contains("/>") && !xhtml.contains("<![CDATA[") {
        return Cow::Borrowed(xhtml);
    }
    let mut html = String::with_capacity(xhtml.len() + xhtml.len() / 8);
    let mut rest = xhtml;
    while let Some(at) = rest.find('<') {
        html.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(data) = rest.strip_prefix("<![CDATA[") {
            let end = data.find("]]>").unwrap_or(data.len());
            push_escaped(&mut html, &data[..end]);
            rest = data.get(end + 3..).unwrap_or_default();
            continue;
        }
        let end = if rest.starts_with("<!--") {
            rest.find("-->").map(|end| end + 3)
        } else {
            tag_end(rest)
        };
        let Some(end) = end else { break };
        let tag = &rest[..end];
        rest = &rest[end..];
        match empty_element(tag) {
            Some((open, name)) => {
                html.push_str(open);
                html.push_str("></");
                html.push_str(name);
                html.push('>');
            }
            None => html.push_str(tag),
        }
    }
    html.push_str(rest);
    Cow::Owned(html)
}

/// Where a tag ends that begins the text, not counting what stands in quotes; one byte where none begins.
fn tag_end(text: &str) -> Option<usize> {
    let named = |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b'/' | b'!' | b'?');
    if !text.as_bytes().get(1).is_some_and(named) {
        return Some(1);
    }
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'>') => return Some(at + 1),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

/// The tag without its end, and its name, for `<name .../>` of an element that is not empty by nature.
fn empty_element(tag: &str) -> Option<(&str, &str)> {
    let open = tag.strip_suffix("/>")?;
    let inside = open.strip_prefix('<')?;
    let end = inside
        .find(|character: char| character.is_ascii_whitespace() || character == '/')
        .unwrap_or(inside.len());
    let name = &inside[..end];
    let begins = name.starts_with(|character: char| character.is_ascii_alphabetic());
    let void = VOID.contains(&name.to_ascii_lowercase().as_str());
    (begins && !void).then_some((open, name))
}

fn push_escaped(html: &mut String, data: &str) {
    for character in data.chars() {
        match character {
            '<' => html.push_str("&lt;"),
            '&' => html.push_str("&amp;"),
            character => html.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn empty_elements_end_where_they_begin() {
        assert_eq!(
            as_html("<title/><p>甲<a id=\"x>/\"/>乙<br/></p><script src='a' />"),
            "<title></title><p>甲<a id=\"x>/\"></a>乙<br/></p><script src='a' ></script>"
        );
    }

    #[test]
    fn character_data_is_text_and_comments_stay() {
        assert_eq!(
            as_html("<p><![CDATA[a < b & <i/>]]></p><!-- <a/> --> 1 < 2 <b/>"),
            "<p>a &lt; b &amp; &lt;i/></p><!-- <a/> --> 1 < 2 <b></b>"
        );
        assert_eq!(as_html("<p>open <a"), "<p>open <a");
    }

    proptest! {
        #[test]
        fn any_text_can_be_turned(text in "(\\PC|[<>/'\"!\\[\\]-]){0,80}") {
            let _ = as_html(&text);
        }
    }
}
