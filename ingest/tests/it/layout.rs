//! Pages with columns, tables, notes, rotation and forms, and where their text stands.

use wenyuan_ingest::{BlockKind, CleanDocument, Span, boxes};

use crate::{fixture, pdfium, read};

fn layout() -> CleanDocument {
    read(&fixture("layout-en.pdf"), None).expect("is read")
}

/// Where a piece of text is, for a test that needs it to be there.
fn place(document: &CleanDocument, text: &str) -> usize {
    document
        .text
        .find(text)
        .unwrap_or_else(|| panic!("lacks {text:?}: {}", document.text))
}

fn tables(document: &CleanDocument) -> Vec<&str> {
    let tables = document
        .blocks
        .iter()
        .filter(|block| block.kind == BlockKind::Table);
    tables.map(|block| block.span.of(&document.text)).collect()
}

#[test]
fn columns_are_read_one_after_the_other_under_each_heading() {
    let document = layout();
    let order = [
        "A short history of the harbour of Merrow",
        "The harbour of Merrow was dug in 1871",
        "built of granite from the quarries above the town",
        "the row of houses that is now the museum, and their wages were paid out of the harbour dues. In 1903 a storm",
        "waves come over it without warning.",
        "What the two sides of the quarrel said",
        "The fishermen wanted it deeper",
        "stopped the work in November.",
        "The council wanted it stopped",
        "the report of 1903.",
        "The gauge is shown in the museum; it was made by Ilse Brandt of Kolding.",
    ];
    let places: Vec<usize> = order.iter().map(|text| place(&document, text)).collect();
    assert!(places.is_sorted(), "{places:?} {}", document.text);
}

#[test]
fn headers_footers_and_page_numbers_are_gone_but_for_one_copy_of_their_words() {
    let document = layout();
    assert!(!document.text.contains("of 4"), "{}", document.text);
    let header = "Notes of the Merrow Historical Society";
    assert_eq!(
        document.text.matches(header).count(),
        1,
        "{}",
        document.text
    );
    assert!(document.text.starts_with(header), "{}", document.text);
}

#[test]
fn figures_keep_their_years_and_wrapped_cells_stay_whole() {
    let document = layout();
    assert_eq!(
        tables(&document),
        [
            "| (in thousands) | Year ended 31 March 2024 | Year ended 31 March 2023 |\n\
             | --- | --- | --- |\n\
             | Income: | | |\n\
             | Harbour dues | $ 412.5 | $ 398.1 |\n\
             | Tickets and guided tours | 96.0 | 71.4 |\n\
             | Grants received from the county and from private donors | 55.2 | 60.0 |\n\
             | Less: refunds | (3.7) | — |\n\
             | Total income | $ 560.0 | $ 529.5 |",
            "| Key | Opens | Kept by |\n\
             | --- | --- | --- |\n\
             | K-17 | the gate to the outer wall, and the shed beside it | Ana Petrov |\n\
             | K-22 | the tide gauge | the duty officer, in the blue cabinet |",
        ],
        "{}",
        document.text
    );
}

#[test]
fn rotated_pages_and_form_fields_are_read() {
    let document = layout();
    let first = place(&document, "This page lies on its side when it is shown.");
    let second = place(&document, "Its first line is still read before its second.");
    assert!(first < second);
    place(&document, "Written up the margin");
    let field = place(&document, "Name of the visitor: Marguerite Oyelaran");
    let tick = place(&document, "Wants the newsletter: ☑");
    assert!(field < tick);
}

#[test]
fn every_line_has_a_place_on_its_page() {
    let document = layout();
    let mut end = 0;
    for place in &document.places {
        assert!(place.span.start >= end, "{place:?}");
        end = place.span.end;
        assert!(!place.span.of(&document.text).trim().is_empty());
        let page = document
            .pages
            .iter()
            .find(|page| page.number == place.page)
            .expect("a page");
        assert!(page.span.start <= place.span.start && place.span.end <= page.span.end);
    }
    // Nothing but white space and the marks of tables lies between places.
    let mut bare = String::new();
    let mut from = 0;
    for place in &document.places {
        bare.push_str(&document.text[from..place.span.start]);
        from = place.span.end;
    }
    bare.push_str(&document.text[from..]);
    let left: String = bare.chars().filter(|c| !" \n|-".contains(*c)).collect();
    assert_eq!(left, "");
}

#[test]
fn boxes_lie_where_a_reader_sees_the_text() {
    let document = layout();
    let boxes_of = |text: &str| {
        let start = place(&document, text);
        let end = start + text.len();
        boxes(&document.places, Span { start, end })
    };
    let right = boxes_of("Visitors may walk on the outer wall")[0];
    assert_eq!(right.page, 1);
    assert!(
        right.x0 > 0.5 && right.x1 < 0.95 && right.y0 > 0.2 && right.y1 < 0.4,
        "{right:?}"
    );
    let figure = boxes_of("$ 412.5")[0];
    assert_eq!(figure.page, 2);
    assert!(figure.x0 > 0.55 && figure.x1 < 0.7, "{figure:?}");
    let turned = boxes_of("This page lies on its side")[0];
    // The page's left edge is shown at the top: the line runs down along the right side.
    assert_eq!(turned.page, 3);
    assert!(turned.y1 - turned.y0 > turned.x1 - turned.x0, "{turned:?}");
}

#[test]
fn columns_and_tables_are_found_by_the_second_reader_too() {
    if pdfium().is_none() {
        eprintln!("SKIPPED: set WENYUAN_PDFIUM to libpdfium.so");
        return;
    }
    let document = read(&fixture("columns-zh-font-not-embedded.pdf"), None).expect("is read");
    let order = [
        "梅洛港简史",
        "当时的石匠从未见过大海。工头留下一本日记，从中可知第一座码头用了十九个月才完工。",
        "此后两年只有渔船能够停靠。",
    ];
    let places: Vec<usize> = order.iter().map(|text| place(&document, text)).collect();
    assert!(places.is_sorted(), "{places:?} {}", document.text);
    assert_eq!(
        tables(&document),
        [
            "| 项目 | 二〇二四年 | 二〇二三年 |\n| --- | --- | --- |\n| 港口收费 | 412.5 | 398.1 |\n| 门票 | 96.0 | 71.4 |\n| 合计 | 508.5 | 469.5 |"
        ],
        "{}",
        document.text
    );
    assert!(!document.places.is_empty());
}
