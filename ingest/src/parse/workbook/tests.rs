use proptest::prelude::*;

use super::*;
use crate::parse::members::testing::zip_of;

/// A workbook of one sheet with these rows of XML.
fn workbook(rows: &str) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let parts = [
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"a\" Type=\"{relations}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{relations}\"><sheets><sheet name=\"考勤\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"rId1\" Type=\"{relations}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData></worksheet>"),
        ),
    ];
    zip_of(&parts)
}

fn row(number: u32, cells: &[&str]) -> String {
    let cells: Vec<String> = cells
        .iter()
        .enumerate()
        .map(|(at, text)| {
            let column = char::from(b'A' + at as u8);
            format!("<c r=\"{column}{number}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
        })
        .collect();
    format!("<row r=\"{number}\">{}</row>", cells.concat())
}

fn texts(bytes: &[u8]) -> Vec<String> {
    let limits = ParseLimits::default();
    let document = read(bytes, Kind::Xlsx, &limits).expect("a workbook");
    document
        .blocks
        .into_iter()
        .map(|block| block.text)
        .collect()
}

#[test]
fn tables_on_a_sheet_are_told_apart_by_empty_rows() {
    let rows = [
        row(1, &["员工考勤表"]),
        row(3, &["姓名", "天数"]),
        row(4, &["王芳", "二十一"]),
        row(7, &["部门", "人数"]),
        row(8, &["研发", "三"]),
    ];
    assert_eq!(
        texts(&workbook(&rows.concat())),
        [
            "考勤",
            "员工考勤表",
            "| 姓名 | 天数 |\n| --- | --- |\n| 王芳 | 二十一 |",
            "| 部门 | 人数 |\n| --- | --- |\n| 研发 | 三 |",
        ]
    );
}

#[test]
fn a_cell_in_the_farthest_corner_costs_nothing() {
    let far = "<row r=\"1048576\"><c r=\"XFD1048576\" t=\"inlineStr\"><is><t>远</t></is></c></row>";
    let rows = row(1, &["近"]) + far;
    assert_eq!(texts(&workbook(&rows)), ["考勤", "近", "远"]);
}

#[test]
fn numbers_are_shown_as_people_write_them() {
    assert_eq!(number(0.1 + 0.2), "0.3");
    assert_eq!(number(1234.0), "1234");
    assert_eq!(number(-2.5), "-2.5");
}

#[test]
fn dates_are_iso_dates() {
    let at = |days| ExcelDateTime::new(days, calamine::ExcelDateTimeType::DateTime, false);
    assert_eq!(moment(at(45_413.0)), "2024-05-01");
    assert_eq!(moment(at(45_413.562_5)), "2024-05-01 13:30");
    assert_eq!(moment(at(0.562_5)), "13:30");
}

proptest! {
    #[test]
    fn no_bytes_break_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes, Kind::Xlsx, &ParseLimits::default());
        let _ = read(&[b"PK\x03\x04", bytes.as_slice()].concat(), Kind::Ods, &ParseLimits::default());
    }
}
