//! What a fetched document is called: as its server says, else by its address, with an ending that fits.

use reqwest::Url;
use reqwest::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderMap};

use super::vet::host_of;
use crate::names::{file_name_of, safe_file_name};

/// Longest name without its ending, in characters.
const MOST_CHARS: usize = 200;

/// Endings by media type.
const ENDINGS: [(&str, &str); 27] = [
    ("text/html", "html"),
    ("application/xhtml+xml", "html"),
    ("application/pdf", "pdf"),
    ("text/plain", "txt"),
    ("text/markdown", "md"),
    ("text/csv", "csv"),
    ("text/tab-separated-values", "tsv"),
    ("application/json", "json"),
    ("application/rtf", "rtf"),
    ("text/rtf", "rtf"),
    ("application/epub+zip", "epub"),
    ("application/zip", "zip"),
    ("message/rfc822", "eml"),
    ("application/mbox", "mbox"),
    ("image/png", "png"),
    ("image/jpeg", "jpg"),
    ("image/gif", "gif"),
    ("image/tiff", "tiff"),
    ("image/webp", "webp"),
    ("image/bmp", "bmp"),
    ("application/vnd.ms-excel", "xls"),
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "docx",
    ),
    (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "pptx",
    ),
    (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "xlsx",
    ),
    ("application/vnd.oasis.opendocument.text", "odt"),
    ("application/vnd.oasis.opendocument.spreadsheet", "ods"),
    ("application/vnd.oasis.opendocument.presentation", "odp"),
];

/// The document's name. `asked` is the address as it was given, `answered` the one that answered.
pub(super) fn document_name(asked: &Url, answered: &Url, headers: &HeaderMap) -> String {
    let sent = headers
        .get(CONTENT_DISPOSITION)
        .and_then(|value| file_name_of(value.as_bytes()))
        .and_then(|name| last_part(&name));
    let of_path = || {
        let (asked, answered) = (of_path(asked), of_path(answered));
        let told = asked.clone().filter(|name| has_ending(name));
        told.or(answered).or(asked)
    };
    let (name, ended) = match sent.or_else(of_path) {
        Some(name) => {
            let ended = has_ending(&name);
            (name, ended)
        }
        // What follows the last dot of a host is no ending.
        None => (host_of(asked), false),
    };
    let name = shortened(&name);
    match ending_of(headers) {
        Some(ending) if !ended => format!("{name}.{ending}"),
        Some(_) | None => name,
    }
}

/// The last part of a path, decoded and made safe.
fn of_path(url: &Url) -> Option<String> {
    let last = url.path_segments()?.rfind(|part| !part.is_empty())?;
    let bytes: Vec<u8> = percent_encoding::percent_decode_str(last).collect();
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(other) => encoding_rs::GB18030.decode(other.as_bytes()).0.into_owned(),
    };
    last_part(&text)
}

/// A server names files, not folders.
fn last_part(name: &str) -> Option<String> {
    let safe = safe_file_name(name)?;
    safe.rsplit('/').next().map(str::to_owned)
}

fn has_ending(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(stem, ending)| {
        !stem.is_empty()
            && (1..=8).contains(&ending.len())
            && ending.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && ending.bytes().any(|byte| byte.is_ascii_alphabetic())
    })
}

fn ending_of(headers: &HeaderMap) -> Option<&'static str> {
    let kind = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let essence = kind.split(';').next()?.trim().to_ascii_lowercase();
    let known = ENDINGS
        .iter()
        .find(|(media_type, _)| *media_type == essence);
    known.map(|(_, ending)| *ending)
}

/// Keeps the ending of a name that is too long.
fn shortened(name: &str) -> String {
    if name.chars().count() <= MOST_CHARS {
        return name.to_owned();
    }
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if has_ending(name) => (stem, Some(ending)),
        Some(_) | None => (name, None),
    };
    let stem: String = stem.chars().take(MOST_CHARS).collect();
    ending.map_or_else(|| stem.clone(), |ending| format!("{stem}.{ending}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(asked: &str, answered: &str, headers: &[(&'static str, &str)]) -> String {
        let url = |text: &str| Url::parse(text).expect("an address");
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let value = reqwest::header::HeaderValue::from_bytes(value.as_bytes());
            map.insert(*name, value.expect("a value"));
        }
        document_name(&url(asked), &url(answered), &map)
    }

    #[test]
    fn a_document_is_called_what_its_server_says_then_what_its_address_says() {
        let html = [("content-type", "text/html; charset=utf-8")];
        let pdf = [("content-type", "application/pdf")];
        let same = |url: &str, headers: &[(&'static str, &str)]| named(url, url, headers);
        assert_eq!(same("https://a.example/", &html), "a.example.html");
        assert_eq!(same("https://a.example", &[]), "a.example");
        assert_eq!(same("https://a.example/guide/", &html), "guide.html");
        assert_eq!(same("https://a.example/x/v1.2?q=1", &pdf), "v1.2.pdf");
        assert_eq!(
            same("https://a.example/%E5%B9%B4%E6%8A%A5.PDF", &pdf),
            "年报.PDF"
        );
        assert_eq!(same("https://a.example/%C4%EA%B1%A8", &pdf), "年报.pdf");
        assert_eq!(same("https://a.example/list.php", &html), "list.php");
        let disposition = [
            (
                "content-disposition",
                "attachment; filename*=UTF-8''..%2F%E5%90%88%E5%90%8C",
            ),
            ("content-type", "application/pdf"),
        ];
        assert_eq!(same("https://a.example/get?id=3", &disposition), "合同.pdf");
    }

    #[test]
    fn after_a_redirect_the_address_with_an_ending_names_the_document() {
        let pdf = [("content-type", "application/pdf")];
        let store = "https://store.example/3f3a9";
        assert_eq!(
            named("https://a.example/report.pdf", store, &pdf),
            "report.pdf"
        );
        let dated = "https://a.example/report-2024.pdf";
        assert_eq!(
            named("https://a.example/latest", dated, &pdf),
            "report-2024.pdf"
        );
    }

    #[test]
    fn hostile_names_are_bounded_and_stay_in_their_folder() {
        let long = format!("https://a.example/{}.pdf", "x".repeat(3_000));
        assert_eq!(named(&long, &long, &[]).len(), MOST_CHARS + 4);
        let up = "https://a.example/%2e%2e%2f%2e%2e%2fetc%2fpasswd";
        assert_eq!(named(up, up, &[]), "passwd");
        let nothing = "https://a.example/%00%0a";
        assert_eq!(named(nothing, nothing, &[]), "a.example");
    }
}
