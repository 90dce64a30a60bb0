use super::*;
use crate::parse::pdf::sketch::Segment;
use crate::parse::pdf::testing::{segment, sketch};

/// A page with a line in the margin at the top, text, and a line in the margin at the bottom.
fn page(number: u32, top: &[(&str, f32)], text: &[&str], bottom: &str) -> Sketch {
    let top = top.iter().map(|(words, left)| segment(words, *left, 40.0));
    let text = text
        .iter()
        .enumerate()
        .map(|(row, words)| segment(words, 50.0, 90.0 + row as f32 * 15.0));
    let mut all: Vec<Segment> = top.chain(text).collect();
    if !bottom.is_empty() {
        all.push(segment(bottom, 280.0, 810.0));
    }
    sketch(number, all)
}

fn left(mut pages: Vec<Sketch>) -> Vec<Vec<String>> {
    remove(&mut pages);
    let texts = |page: &Sketch| page.texts().map(str::to_owned).collect();
    pages.iter().map(texts).collect()
}

const ENDS: [&str; 4] = ["结尾的话", "另一个结尾", "又一个结尾", "别的结尾"];

#[test]
fn headers_and_page_numbers_go_but_for_one_copy_of_the_words_and_the_text_stays() {
    let pages = (0..4).map(|at| {
        let number = (at + 7).to_string();
        page(
            at as u32 + 1,
            &[("员工手册 2024 版", 50.0)],
            &["正文。", ENDS[at]],
            &number,
        )
    });
    let left = left(pages.collect());
    assert_eq!(left[0], ["员工手册 2024 版", "正文。", "结尾的话"]);
    assert_eq!(left[3], ["正文。", "别的结尾"]);
}

#[test]
fn a_header_that_the_text_has_too_leaves_no_copy() {
    let pages = (0..3).map(|at| {
        page(
            at as u32 + 1,
            &[("员工手册", 50.0)],
            &["《员工手册》自今日起施行。", ENDS[at]],
            "",
        )
    });
    assert_eq!(
        left(pages.collect())[0],
        ["《员工手册》自今日起施行。", "结尾的话"]
    );
}

#[test]
fn a_single_page_keeps_its_edges() {
    let left = left(vec![page(
        1,
        &[("2024", 50.0)],
        &["Report"],
        "第 1 页 共 1 页",
    )]);
    assert_eq!(left[0], ["2024", "Report"]);
}

#[test]
fn a_header_in_two_pieces_goes_whole_its_number_everywhere() {
    let pages = (0..3).map(|at| {
        let number = (at + 1).to_string();
        let top = [("Annual report", 50.0), (number.as_str(), 500.0)];
        page(at as u32 + 1, &top, &["body", ENDS[at]], "")
    });
    let left = left(pages.collect());
    assert_eq!(left[0], ["Annual report", "body", "结尾的话"]);
    assert_eq!(left[1], ["body", "另一个结尾"]);
}

#[test]
fn lines_whose_numbers_differ_or_name_something_stay() {
    for lines in [
        [
            "实发工资：8,500 元",
            "实发工资：9,200 元",
            "实发工资：12,750 元",
        ],
        [
            "证书编号：2024-0001",
            "证书编号：2024-0002",
            "证书编号：2024-0003",
        ],
        ["Room 101", "Room 102", "Room 103"],
        ["780", "950", "1,240"],
    ] {
        let top = lines
            .iter()
            .enumerate()
            .map(|(at, line)| page(at as u32 + 1, &[(line, 50.0)], &["正文。", ENDS[at]], ""));
        for (line, left) in lines.iter().zip(left(top.collect())) {
            assert_eq!(left, [*line, "正文。", left[2].as_str()]);
        }
        let bottom = lines
            .iter()
            .enumerate()
            .map(|(at, line)| page(at as u32 + 1, &[], &["正文。", ENDS[at]], line));
        for (line, left) in lines.iter().zip(left(bottom.collect())) {
            assert_eq!(left.last().map(String::as_str), Some(*line));
        }
    }
}

#[test]
fn a_field_that_says_the_same_on_every_page_stays_on_every_page() {
    let pages = (0..8).map(|at| {
        page(
            at as u32 + 1,
            &[],
            &["证书", ENDS[at % 4]],
            "检验结论：合格",
        )
    });
    for left in left(pages.collect()) {
        assert_eq!(left.last().map(String::as_str), Some("检验结论：合格"));
    }
}

#[test]
fn rows_that_follow_the_text_without_a_gap_stay_though_they_repeat() {
    // The row that names the columns of a table, at the top of each of its pages.
    let pages = (0..4).map(|at| {
        let rows = [
            "姓名 部门 年假天数",
            "张三 财务 10",
            "李四 研发 15",
            ENDS[at],
        ];
        let rows = rows.iter().enumerate();
        let rows = rows.map(|(row, words)| segment(words, 50.0, 80.0 + row as f32 * 18.0));
        sketch(at as u32 + 1, rows.collect())
    });
    for left in left(pages.collect()) {
        assert_eq!(left[0], "姓名 部门 年假天数");
    }
}

#[test]
fn the_row_that_names_columns_stays_where_the_rows_of_a_table_are_of_several_lines() {
    let pages = (0..3).map(|at| {
        let cells = |words: [&str; 2], baseline| {
            let [one, other] = words;
            [
                segment(one, 50.0, baseline),
                segment(other, 250.0, baseline),
            ]
        };
        let rows = [
            cells(["姓名", "年假天数"], 60.0),
            cells(["张三", "十天，工作"], 90.0),
            cells([ENDS[at], "满十年后"], 102.0),
            cells(["李四", "十五天"], 132.0),
        ];
        sketch(at as u32 + 1, rows.concat())
    });
    for left in left(pages.collect()) {
        assert_eq!(left[..2], ["姓名", "年假天数"]);
    }
}

#[test]
fn what_repeats_in_the_middle_of_short_pages_stays() {
    let pages = (0..8).map(|at| {
        let rows = [("发票", 100.0), ("商品", 300.0), (ENDS[at % 4], 500.0)];
        let rows = rows.map(|(words, baseline)| segment(words, 50.0, baseline));
        sketch(at as u32 + 1, rows.to_vec())
    });
    for left in left(pages.collect()) {
        assert!(left.contains(&"商品".to_owned()), "{left:?}");
    }
}

#[test]
fn no_page_is_emptied_but_of_its_number() {
    let pages = (0..4).map(|at| page(at + 1, &[("第 页", 50.0)], &[], &(at + 1).to_string()));
    for left in left(pages.collect()) {
        assert!(!left.is_empty());
    }
}
