use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use encoding_rs::GB18030;
use proptest::prelude::*;

use super::*;
use crate::detect;

fn blocks(bytes: &[u8]) -> Vec<(BlockKind, String)> {
    let document = read(bytes, &ParseLimits::default()).expect("is read");
    document
        .blocks
        .into_iter()
        .map(|block| (block.kind, block.text))
        .collect()
}

fn table(text: &str) -> (BlockKind, String) {
    (BlockKind::Table, text.to_owned())
}

const STAFF: &str = "姓名,部门,年假天数\n王小明,研发部,10\n李四,\"市场部, 华东\",5\n";
const STAFF_TABLE: &str = "姓名,部门,年假天数\n王小明,研发部,10\n李四,\"市场部, 华东\",5";

#[test]
fn a_chinese_table_is_read_in_every_encoding() {
    let (gb18030, _, _) = GB18030.encode(STAFF);
    let utf16: Vec<u8> = std::iter::once(0xfeff)
        .chain(STAFF.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let marked = format!("\u{feff}{STAFF}");
    for bytes in [STAFF.as_bytes(), &gb18030, &utf16, marked.as_bytes()] {
        assert_eq!(blocks(bytes), [table(STAFF_TABLE)]);
    }
}

#[test]
fn the_delimiter_is_found_from_the_content() {
    for delimiter in [";", "\t", "|", ","] {
        let text = "名称,价格,note\n茶壶,\"12;5\",a\n杯子,\"3\t|\",b\n".replace(',', delimiter);
        let found = sniff::delimiter(&text);
        assert_eq!(char::from(found).to_string(), delimiter);
    }
    // German numbers have commas of their own.
    assert_eq!(sniff::delimiter("Ort;Preis\nBonn;1,50\nKöln;2,75\n"), b';');
    assert_eq!(
        blocks(b"sep=;\r\na;b\r\n1,2;3\r\n"),
        [table("a,b\n\"1,2\",3")]
    );
}

#[test]
fn line_breaks_in_quotes_become_blanks_and_ragged_rows_are_kept() {
    assert_eq!(
        blocks("a,b,c\n\"第一行\n第二行\",\"say \"\"hi\"\"\"\n1,2,3,4\n\n".as_bytes()),
        [table("a,b,c\n第一行 第二行,\"say \"\"hi\"\"\"\n1,2,3,4")]
    );
}

#[test]
fn long_values_become_one_paragraph_for_each_record() {
    let long = "申请人应当提前三个工作日提交书面申请。".repeat(8);
    let text = format!("编号,规定,备注\n1,{long},\n2,{long},重要,多出\n");
    assert_eq!(
        blocks(text.as_bytes()),
        [
            (BlockKind::Paragraph, format!("编号: 1\n规定: {long}")),
            (
                BlockKind::Paragraph,
                format!("编号: 2\n规定: {long}\n备注: 重要\n多出")
            ),
        ]
    );
}

#[test]
fn every_part_of_a_long_table_begins_with_its_header() {
    let mut text = "城市,人口\n".to_owned();
    for number in 0..500 {
        writeln!(text, "城市{number},{}", number * 1000).expect("writes");
    }
    let parts = blocks(text.as_bytes());
    assert!(parts.len() > 5);
    for (kind, part) in &parts {
        assert_eq!(*kind, BlockKind::Table);
        assert!(part.starts_with("城市,人口\n城市"), "{part}");
        assert!(crate::clean::display_width(part) < 800, "{part}");
    }
    let all: String = parts.into_iter().map(|(_, part)| part + "\n").collect();
    for number in 0..500 {
        assert!(all.contains(&format!("城市{number},{}\n", number * 1000)));
    }
}

#[test]
fn a_title_above_the_header_is_no_header() {
    assert_eq!(
        blocks("2024年销售,,\n地区,销量,金额\n华北,5,9\n".as_bytes()),
        [
            (BlockKind::Paragraph, "2024年销售".to_owned()),
            table("地区,销量,金额\n华北,5,9"),
        ]
    );
}

#[test]
fn a_header_alone_and_a_single_column_are_still_text() {
    assert_eq!(
        blocks("姓名,部门\n".as_bytes()),
        [(BlockKind::Paragraph, "姓名, 部门".to_owned())]
    );
    assert_eq!(
        blocks("苹果\n香蕉\n".as_bytes()),
        [
            (BlockKind::Paragraph, "苹果".to_owned()),
            (BlockKind::Paragraph, "香蕉".to_owned())
        ]
    );
}

#[test]
fn an_open_quotation_mark_swallows_no_rows() {
    let document = read(b"a,b\n\"x,1\ny,2\nz,3\n", &ParseLimits::default()).expect("is read");
    assert_eq!(document.warnings[0].code, "quotes_unbalanced");
    assert_eq!(document.blocks[0].text, "a,b\n\"\"\"x\",1\ny,2\nz,3");
}

#[test]
fn text_that_multiplies_is_refused() {
    let limits = ParseLimits {
        content_bytes: 10_000,
        ..ParseLimits::default()
    };
    let text = format!("{},b\n{}", "name".repeat(100), "1,2\n".repeat(1000));
    let error = read(text.as_bytes(), &limits).expect_err("too much");
    assert_eq!(error.code(), "too_large");
}

#[test]
fn half_a_million_rows_take_seconds_at_most() {
    let text = format!("a,b,c\n{}", "12,\"some words\",中文\n".repeat(500_000));
    let begun = std::time::Instant::now();
    assert!(blocks(text.as_bytes()).len() > 10_000);
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}

#[test]
fn values_are_known_by_name_or_by_regular_content() {
    let kind = |text: &str, name: &str| detect(text.as_bytes(), name).expect("is text");
    assert_eq!(kind("anything, at all", "x.CSV"), Kind::Csv);
    assert_eq!(kind("a\tb\n1\t2\n3\t4\n5\t6\n", "download"), Kind::Csv);
    assert_eq!(
        kind("名称,价格,库存\n茶,1,2\n酒,3,4\n米,5,6\n", "export.txt"),
        Kind::Csv
    );
    assert_eq!(
        kind(
            "First, I came.\nThen, I saw.\nLast, I won.\nSo, all.\n",
            "a.txt"
        ),
        Kind::Text
    );
    assert_eq!(kind("a,b,c\n1,2,3\n1,2,3\n1,2,3\n", "a.md"), Kind::Markdown);
}

fn shared() -> PathBuf {
    std::env::var_os("WENYUAN_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    )
}

fn files(folder: &Path, wanted: &[&str]) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| wanted.iter().any(|one| extension == *one))
        })
        .collect()
}

fn is_data(bytes: &[u8], name: &str) -> bool {
    matches!(detect(bytes, name), Ok(Kind::Csv | Kind::Json | Kind::Code))
}

#[test]
fn no_prose_of_the_shared_collections_is_taken_for_data() {
    let shared = shared();
    let (mut checked, mut wrong) = (0, Vec::new());
    for path in files(&shared.join("docs"), &["txt", "md"]) {
        let bytes = std::fs::read(&path).expect("is readable");
        checked += 1;
        if is_data(&bytes, &path.to_string_lossy()) {
            wrong.push(path.display().to_string());
        }
    }
    let Ok(sets) = std::fs::read_dir(shared.join("data")) else {
        eprintln!("SKIPPED: no shared documents (set WENYUAN_SHARED)");
        return;
    };
    for set in sets.filter_map(Result::ok) {
        let corpus = std::fs::read_to_string(set.path().join("corpus.jsonl")).unwrap_or_default();
        for line in corpus.lines() {
            let value: serde_json::Value = serde_json::from_str(line).expect("is JSON");
            let text = value["text"].as_str().unwrap_or_default();
            checked += 1;
            if !text.is_empty() && is_data(text.as_bytes(), "doc.txt") {
                wrong.push(text.chars().take(200).collect());
            }
        }
    }
    eprintln!("{checked} texts checked");
    assert!(checked > 1000, "only {checked} texts were found");
    assert!(wrong.is_empty(), "{} are wrong: {wrong:#?}", wrong.len());
}

#[test]
fn the_shared_tables_hold_what_their_manifest_says() {
    let docs = shared().join("docs");
    let Ok(manifest) = std::fs::read_to_string(docs.join("MANIFEST.tsv")) else {
        eprintln!("SKIPPED: no shared documents (set WENYUAN_SHARED)");
        return;
    };
    let letters = |text: &str| {
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .collect::<String>()
    };
    let mut checked = 0;
    for line in manifest.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        if columns.len() < 9 || columns[1] != "csv" {
            continue;
        }
        checked += 1;
        let bytes = std::fs::read(docs.join(columns[0])).expect("is readable");
        assert_eq!(detect(&bytes, columns[0]).expect("is known"), Kind::Csv);
        let text: String = blocks(&bytes).into_iter().map(|(_, text)| text).collect();
        assert!(
            letters(&text).contains(&letters(columns[8])),
            "{}",
            columns[0]
        );
    }
    assert!(checked >= 3, "only {checked} tables were found");
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes, &ParseLimits::default());
    }

    #[test]
    fn no_value_is_lost(rows in proptest::collection::vec(proptest::collection::vec("[a-z中文,;\"| ]{0,12}", 1..6), 1..8)) {
        let mut writer = ::csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        for row in &rows {
            writer.write_record(row).expect("writes");
        }
        let bytes = writer.into_inner().expect("writes");
        prop_assume!(!bytes.is_empty());
        let text: String = blocks(&bytes).into_iter().map(|(_, text)| text).collect();
        let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).count();
        let given: usize = rows.iter().flatten().map(|cell| letters(cell)).sum();
        prop_assert!(letters(&text) >= given, "{text}");
    }
}
