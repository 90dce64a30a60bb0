//! Who wrote a web page and when, as its `meta` elements tell; the rest is what the reader of articles found.

use dom_query::Document;
use dom_smoothie::Article;

use crate::Details;
use crate::clean::day;

/// Names of `meta` elements, in lower case, the most telling first.
const AUTHORS: [&str; 7] = [
    "author",
    "citation_author",
    "dc.creator",
    "dcterms.creator",
    "article:author",
    "og:article:author",
    "byl",
];
const CREATED: [&str; 12] = [
    "article:published_time",
    "og:published_time",
    "citation_publication_date",
    "datepublished",
    "dcterms.created",
    "dcterms.issued",
    "dc.date.issued",
    "dc.date",
    "dcterms.date",
    "publishdate",
    "pubdate",
    "date",
];
const MODIFIED: [&str; 6] = [
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "dcterms.modified",
    "dc.date.modified",
    "last-modified",
];

/// Elements looked at; no honest page has as many.
const MOST_ELEMENTS: usize = 500;

/// Author and dates of a page that still has its head.
pub(super) fn details(page: &Document, article: Option<&Article>) -> Details {
    let mut told: Vec<(String, String)> = Vec::new();
    for element in page.select("meta").nodes().iter().take(MOST_ELEMENTS) {
        let name = ["name", "property", "itemprop", "http-equiv"]
            .iter()
            .find_map(|attribute| element.attr(attribute));
        if let (Some(name), Some(content)) = (name, element.attr("content")) {
            told.push((name.trim().to_lowercase(), content.trim().to_owned()));
        }
    }
    let all = |names: &'static [&'static str]| {
        names.iter().flat_map(|name| {
            told.iter()
                .filter(move |(known, _)| known == name)
                .map(|(_, content)| content.as_str())
        })
    };
    let author = all(&AUTHORS).find(|name| !name.is_empty() && !name.contains("://"));
    let found = |value: fn(&Article) -> Option<&String>| article.and_then(value);
    Details {
        author: author.map(ToOwned::to_owned),
        created: all(&CREATED).find_map(day).or_else(|| {
            found(|article| article.published_time.as_ref()).and_then(|text| day(text))
        }),
        modified: all(&MODIFIED)
            .find_map(day)
            .or_else(|| found(|article| article.modified_time.as_ref()).and_then(|text| day(text))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(head: &str) -> Details {
        let page = format!("<html><head>{head}</head><body><p>正文</p></body></html>");
        details(&Document::from(page), None)
    }

    #[test]
    fn the_most_telling_element_wins_and_addresses_are_no_names() {
        let told = of(
            r#"<meta name=DATE content="2020-01-02"><meta property="article:published_time" content="2021-03-04T05:06:07Z">
            <meta property="article:author" content="https://example.org/ann"><meta name="DC.creator" content="王小明">
            <meta http-equiv="Last-Modified" content="Sun, 15 Jan 2023 09:30:00 GMT">"#,
        );
        assert_eq!(told.author.as_deref(), Some("王小明"));
        assert_eq!(told.created.as_deref(), Some("2021-03-04"));
        assert_eq!(told.modified.as_deref(), Some("2023-01-15"));
    }

    #[test]
    fn a_page_that_says_nothing_has_no_details() {
        assert_eq!(
            of("<meta name=author><meta content=x><meta name=date content=soon>"),
            Details::default()
        );
    }
}
