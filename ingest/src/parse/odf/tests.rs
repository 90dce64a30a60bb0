use std::io::{Cursor, Write};

use proptest::prelude::*;

use super::*;
use crate::ParseLimits;
use crate::parse::members::testing::read_with;

fn package(content: &str, meta: &str, manifest: &str) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in [
        ("content.xml", content),
        ("meta.xml", meta),
        ("META-INF/manifest.xml", manifest),
    ] {
        archive
            .start_file(name, zip::write::SimpleFileOptions::default())
            .expect("a part");
        archive.write_all(text.as_bytes()).expect("written");
    }
    archive.finish().expect("an archive").into_inner()
}

fn read_here(bytes: &[u8], kind: Kind) -> Result<RawDocument, ParseError> {
    read_with(bytes, &ParseLimits::default(), None, |bytes, context| {
        read(bytes, kind, context)
    })
}

fn read_text(content: &str) -> Vec<(BlockKind, String)> {
    let document = read_here(&package(content, "", ""), Kind::Odt);
    let blocks = document.expect("a document").blocks;
    blocks
        .into_iter()
        .map(|block| (block.kind, block.text))
        .collect()
}

#[test]
fn headings_lists_and_notes_keep_their_places() {
    let found = read_text(
        "<office:text><text:tracked-changes><text:p>删去的</text:p></text:tracked-changes>\
         <text:h text:outline-level=\"2\">休假</text:h><text:p>年假<text:note><text:note-citation>1</text:note-citation>\
         <text:note-body><text:p>见附件</text:p></text:note-body></text:note>为五天&amp;更多</text:p>\
         <text:list><text:list-item><text:p>病假</text:p></text:list-item></text:list></office:text>",
    );
    assert_eq!(
        found,
        [
            (BlockKind::Heading { level: 2 }, "休假".to_owned()),
            (BlockKind::Paragraph, "年假为五天&更多".to_owned()),
            (BlockKind::Paragraph, "见附件".to_owned()),
            (BlockKind::ListItem, "病假".to_owned()),
        ]
    );
}

#[test]
fn a_cell_that_is_repeated_a_million_times_costs_nothing() {
    let cell = |text: &str| format!("<table:table-cell><text:p>{text}</text:p></table:table-cell>");
    let found = read_text(&format!(
        "<table:table><table:table-row>{}{}<table:table-cell table:number-columns-repeated=\"1048576\"/></table:table-row>\
         <table:table-row>{}{}</table:table-row></table:table>",
        cell("城市"),
        cell("人口"),
        cell("北京"),
        cell("两千万")
    ));
    assert_eq!(
        found[0].1,
        "| 城市 | 人口 |\n| --- | --- |\n| 北京 | 两千万 |"
    );
}

#[test]
fn slides_are_pages_with_titles() {
    let content = "<draw:page><draw:frame presentation:class=\"title\"><draw:text-box><text:p>第一页</text:p></draw:text-box></draw:frame>\
        <draw:frame><draw:text-box><text:p>要点</text:p></draw:text-box></draw:frame></draw:page><draw:page><text:p>完</text:p></draw:page>";
    let document = read_here(
        &package(content, "<dc:title>计划</dc:title>", ""),
        Kind::Odp,
    );
    let document = document.expect("slides");
    assert_eq!(document.title.as_deref(), Some("计划"));
    assert_eq!(document.pages, 2);
    let pages: Vec<u32> = document
        .blocks
        .iter()
        .map(|block| block.page_starts[0].1)
        .collect();
    assert_eq!(pages, [1, 1, 2]);
    assert_eq!(document.blocks[0].kind, BlockKind::Heading { level: 2 });
}

#[test]
fn an_encrypted_document_asks_for_its_password() {
    let locked = package("", "", "<manifest:encryption-data/>");
    assert_eq!(
        read_here(&locked, Kind::Odt).err(),
        Some(ParseError::PasswordRequired { given: false })
    );
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader(content in ".{0,400}") {
        let mut walker = Walker::new(true, HashMap::new());
        visit(&format!("<text:p>{content}</text:p><table:table>{content}"), |event| walker.take(event));
    }
}
