//! References inside a book, resolved to the names of its parts.

use percent_encoding::percent_decode_str;

/// The part that `href` names, seen from the part `from`; `None` when it points out of the book or is no path.
/// Query and fragment are left out.
pub(super) fn resolve(from: &str, href: &str) -> Option<String> {
    let href = href.trim();
    let path = href.split(['#', '?']).next().unwrap_or_default();
    let scheme = path.split('/').next().unwrap_or_default().contains(':');
    if path.is_empty() || scheme {
        return None;
    }
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    let mut parts: Vec<&str> = Vec::new();
    if !decoded.starts_with('/') {
        parts.extend(from.split('/'));
        parts.pop();
    }
    for part in decoded.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_seen_from_their_own_part() {
        let from = "OEBPS/book.opf";
        assert_eq!(
            resolve(from, "text/%E7%AC%AC%E4%B8%80%E7%AB%A0.xhtml#p1").as_deref(),
            Some("OEBPS/text/第一章.xhtml")
        );
        assert_eq!(resolve(from, "../b%20c.html").as_deref(), Some("b c.html"));
        assert_eq!(resolve("book.opf", "./a.html").as_deref(), Some("a.html"));
        assert_eq!(resolve(from, "/a.html").as_deref(), Some("a.html"));
    }

    #[test]
    fn references_out_of_the_book_lead_nowhere() {
        for href in [
            "../../etc/passwd",
            "%2e%2e/%2e%2e/a",
            "file:///a",
            "http://a/b",
            "#p",
            "",
        ] {
            assert_eq!(resolve("OEBPS/book.opf", href), None, "{href}");
        }
    }
}
