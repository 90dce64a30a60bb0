use std::io::{Cursor, Write};

use proptest::prelude::*;

use super::*;

/// A paragraph to write: its text with its mark, whether in one byte a character, its style and properties.
struct Paragraph<'t> {
    text: &'t str,
    narrow: bool,
    style: u16,
    properties: &'t [u8],
}

fn paragraph(text: &str) -> Paragraph<'_> {
    Paragraph {
        text,
        narrow: false,
        style: 0,
        properties: &[],
    }
}

const CELL: &[u8] = &[0x16, 0x24, 1];
const ROW: &[u8] = &[0x16, 0x24, 1, 0x17, 0x24, 1];

/// Streams of a document: one piece and one run of properties for each paragraph.
fn streams(paragraphs: &[Paragraph<'_>], flags: u16) -> (Vec<u8>, Vec<u8>) {
    let mut main = vec![0; 0x400];
    let (mut ends, mut pieces, mut starts) = (vec![0_u32], Vec::new(), Vec::new());
    for paragraph in paragraphs {
        let place = main.len() as u32;
        starts.push(place);
        let place = if paragraph.narrow {
            main.extend(encoding_rs::WINDOWS_1252.encode(paragraph.text).0.iter());
            (place * 2) | 0x4000_0000
        } else {
            main.extend(paragraph.text.encode_utf16().flat_map(u16::to_le_bytes));
            place
        };
        pieces.extend([0, 0]);
        pieces.extend(place.to_le_bytes());
        pieces.extend([0, 0]);
        let before = ends.last().copied().unwrap_or(0);
        ends.push(before + paragraph.text.encode_utf16().count() as u32);
    }
    starts.push(main.len() as u32);
    main.resize(main.len().next_multiple_of(PAGE), 0);
    let page = main.len() / PAGE;
    main.extend(properties_page(paragraphs, &starts));

    let mut table = vec![2];
    table.extend((ends.len() as u32 * 4 + pieces.len() as u32).to_le_bytes());
    table.extend(ends.iter().flat_map(|end| end.to_le_bytes()));
    table.extend(pieces);
    let pieces_length = table.len() as u32;
    let list = [starts[0], starts[starts.len() - 1], page as u32];
    table.extend(list.iter().flat_map(|number| number.to_le_bytes()));

    let mut put = |at: usize, bytes: &[u8]| main[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &MAGIC.to_le_bytes());
    put(0x0a, &flags.to_le_bytes());
    put(LENGTHS[0], &ends[ends.len() - 1].to_le_bytes());
    put(0x1a2, &0_u32.to_le_bytes());
    put(0x1a6, &pieces_length.to_le_bytes());
    put(0x102, &pieces_length.to_le_bytes());
    put(0x106, &12_u32.to_le_bytes());
    (main, table)
}

const PAGE: usize = 512;

fn properties_page(paragraphs: &[Paragraph<'_>], starts: &[u32]) -> Vec<u8> {
    let mut page = vec![0; PAGE];
    page[PAGE - 1] = paragraphs.len() as u8;
    for (index, start) in starts.iter().enumerate() {
        page[index * 4..index * 4 + 4].copy_from_slice(&start.to_le_bytes());
    }
    let mut free = PAGE - 2;
    for (index, paragraph) in paragraphs.iter().enumerate() {
        let mut bytes = paragraph.style.to_le_bytes().to_vec();
        bytes.extend(paragraph.properties);
        bytes.resize(bytes.len().next_multiple_of(2), 0);
        free -= bytes.len() + 2;
        page[free + 1] = (bytes.len() / 2) as u8;
        page[free + 2..free + 2 + bytes.len()].copy_from_slice(&bytes);
        page[starts.len() * 4 + index * 13] = (free / 2) as u8;
    }
    page
}

fn container(main: &[u8], table: &[u8]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).expect("a container");
    for (name, content) in [("/WordDocument", main), ("/0Table", table)] {
        let mut stream = file.create_stream(name).expect("a stream");
        stream.write_all(content).expect("written");
    }
    file.into_inner().into_inner()
}

fn document(paragraphs: &[Paragraph<'_>]) -> Vec<u8> {
    let (main, table) = streams(paragraphs, 0);
    container(&main, &table)
}

#[test]
fn headings_paragraphs_and_tables_come_in_order_in_either_width() {
    let bytes = document(&[
        Paragraph {
            style: 1,
            ..paragraph("第一章 总则\r")
        },
        Paragraph {
            narrow: true,
            ..paragraph("Caf\u{e9} rules apply.\r")
        },
        Paragraph {
            properties: CELL,
            ..paragraph("工龄\u{7}年假\u{7}")
        },
        Paragraph {
            properties: ROW,
            ..paragraph("\u{7}")
        },
        Paragraph {
            properties: CELL,
            ..paragraph("十年\u{7}十天\u{7}")
        },
        Paragraph {
            properties: ROW,
            ..paragraph("\u{7}")
        },
        paragraph("以上自公布之日起施行。\r"),
    ]);
    assert_eq!(crate::detect(&bytes, "规定.doc"), Ok(Kind::Doc));
    let read = read(&bytes, &ParseLimits::default()).expect("readable");
    let blocks: Vec<(BlockKind, &str)> = read
        .blocks
        .iter()
        .map(|block| (block.kind, block.text.as_str()))
        .collect();
    assert_eq!(
        blocks,
        [
            (BlockKind::Heading { level: 1 }, "第一章 总则"),
            (BlockKind::Paragraph, "Café rules apply."),
            (
                BlockKind::Table,
                "| 工龄 | 年假 |\n| --- | --- |\n| 十年 | 十天 |"
            ),
            (BlockKind::Paragraph, "以上自公布之日起施行。"),
        ]
    );
}

#[test]
fn of_a_field_only_the_result_is_read() {
    let bytes = document(&[paragraph(
        "见\u{13} HYPERLINK \"http://a\" \u{14}附件\u{15}。\u{1}\r",
    )]);
    let read = read(&bytes, &ParseLimits::default()).expect("readable");
    assert_eq!(read.blocks[0].text, "见附件。");
}

#[test]
fn an_encrypted_document_asks_for_its_password() {
    let (main, table) = streams(&[paragraph("秘密\r")], ENCRYPTED);
    let error = read(&container(&main, &table), &ParseLimits::default()).expect_err("locked");
    assert_eq!(error.code(), "password_required");
}

proptest! {
    #[test]
    fn damage_anywhere_gives_a_text_or_an_error(
        changes in proptest::collection::vec((0_usize..4_000, any::<u8>()), 1..20),
    ) {
        let (mut main, mut table) = streams(&[
            Paragraph { style: 2, ..paragraph("标题\r") },
            Paragraph { properties: ROW, narrow: true, ..paragraph("cell\u{7}\u{7}") },
            paragraph("正文\u{13}x\u{14}y\u{15}\r"),
        ], 0);
        for (at, byte) in changes {
            // The heads and the tables are where it matters.
            let (stream, at) = match at % 4 {
                0 => (&mut table, at / 4),
                1 => (&mut main, 0x1a0 + at / 4 % 16),
                2 => (&mut main, 0x100 + at / 4 % 16),
                _ => (&mut main, at),
            };
            if let Some(place) = stream.get_mut(at) {
                *place = byte;
            }
        }
        let _ = read(&container(&main, &table), &ParseLimits::default());
    }
}
