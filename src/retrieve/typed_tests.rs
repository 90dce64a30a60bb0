//! What is taken out of a question, and what is left in it.

use proptest::prelude::*;
use wenyuan_ingest::{Kind, Language};

use super::*;

fn told(text: &str) -> (String, Vec<(&'static str, String)>) {
    let typed = TypedQuestion::of(text);
    let filters = typed.filters.into_iter().map(|one| (one.key, one.value));
    (typed.text, filters.collect())
}

fn one(text: &str, key: &'static str, value: &str) {
    let (left, filters) = told(&format!("年假几天 {text}"));
    assert_eq!(left, "年假几天", "{text}");
    assert_eq!(filters, [(key, value.to_owned())], "{text}");
}

#[test]
fn every_name_is_known_in_both_languages_and_with_either_colon() {
    one("类型:pdf", "kind", "pdf");
    one("type：PDF", "kind", "pdf");
    one("kind:word", "kind", "docx");
    one("标签:合同", "tag", "合同");
    one("tag:\"annual leave\"", "tag", "annual leave");
    one("作者：“王 小明”", "author", "王 小明");
    one("author:Lee", "author", "Lee");
    one("语言:英文", "language", "en");
    one("lang:zh-Hant", "language", "zh-Hant");
    one("文件:制度/休假.md", "name", "制度/休假.md");
    one("name:report.pdf", "name", "report.pdf");
    one("标题:手册", "title", "手册");
    one("章节:「第一章」", "heading", "第一章");
    one("after:2024", "after", "2024");
    one("before:2024-06", "before", "2024-06");
    one("年份:2023", "year", "2023");
    one("year:2020-2023", "year", "2020-2023");
    one("页:3-5", "page", "3-5");
    one("page:第7页", "page", "第7页");
}

#[test]
fn filters_are_taken_out_wherever_they_stand() {
    assert_eq!(told("type:pdf 年假几天").0, "年假几天");
    assert_eq!(told("类型:pdf，标签:合同，年假几天？").0, "年假几天？");
    assert_eq!(told("年假 type:pdf 几天").0, "年假 几天");
    assert_eq!(told("年假几天，类型:pdf").0, "年假几天");
    assert_eq!(told("年假几天？类型:pdf").0, "年假几天？");
}

#[test]
fn what_is_no_filter_stays_text_to_the_letter() {
    for text in [
        "  two  blanks stay, 也 不 动 ",
        "colour:red is unknown",
        "type: pdf",
        "see http://example.org/type:pdf",
        "file://server/share",
        "合同的标签:合同",
        "subtype:pdf",
        "类型:",
        "type:nothing after:soon page:0 page:5-3 year:2023-2020 lang:klingon",
        "\"type:pdf\" and “类型:pdf”",
        "tag:\"unclosed",
        "比例 3:2，时间 12:30",
        "tag:——",
    ] {
        assert_eq!(told(text), (text.to_owned(), Vec::new()));
    }
}

#[test]
fn values_of_one_name_are_alternatives_and_names_go_together() {
    let typed = TypedQuestion::of(
        "x type:pdf type:word lang:中文 tag:甲 after:2022-03 year:2021 year:2023 page:3 page:7-9",
    );
    let filter = typed.filter();
    assert_eq!(filter.kinds, [Kind::Pdf, Kind::Docx]);
    assert_eq!(
        filter.languages,
        [Language::Chinese, Language::TraditionalChinese]
    );
    assert_eq!(filter.tags, ["甲"]);
    assert_eq!(filter.pages, Some((3, 9)));
    let day = |date: Option<Date>| date.map(|date| date.to_string());
    assert_eq!(day(filter.created_after).as_deref(), Some("2022-03-01"));
    assert_eq!(day(filter.created_before).as_deref(), Some("2023-12-31"));
}

#[test]
fn before_a_month_ends_the_day_before_it_begins() {
    let filter = TypedQuestion::of("x before:2024-06").filter();
    assert_eq!(
        filter
            .created_before
            .map(|date| date.to_string())
            .as_deref(),
        Some("2024-05-31")
    );
    assert_eq!(filter.created_after, None);
}

#[test]
fn filters_alone_ask_nothing() {
    for text in ["type:pdf", " 类型:pdf，标签:合同 ", "type:pdf ？"] {
        let asked = TypedQuestion::of(text).question();
        assert!(matches!(asked, Err(RetrieveError::OnlyFilters)), "{text}");
    }
    TypedQuestion::of("？！")
        .question()
        .expect("no filter, no complaint");
}

fn filters() -> impl Strategy<Value = Vec<String>> {
    let one = prop_oneof![
        Just("类型:pdf".to_owned()),
        Just("kind：docx".to_owned()),
        "(tag|标签):[a-z合同]{1,6}",
        "author:\"[a-z ]{0,5}[a-z]\"",
        "after:20[0-2][0-9]",
        "页:[1-9]-[1-9][0-9]",
    ];
    proptest::collection::vec(one, 1..5)
}

proptest! {
    #[test]
    fn no_text_breaks_the_parser_and_none_is_invented(text in "\\PC{0,80}|([a-z页年:：\"“”「」，。? ]|type:|类型：|after:2024){0,20}") {
        let typed = TypedQuestion::of(&text);
        if typed.filters.is_empty() {
            prop_assert_eq!(&typed.text, &text);
        }
        // What is left stands in the question in the same order, and filters exactly as they were written.
        let mut characters = text.chars();
        for character in typed.text.chars() {
            prop_assert!(characters.any(|known| known == character), "{} is not in {}", typed.text, text);
        }
        for filter in &typed.filters {
            prop_assert!(text.contains(&filter.written));
        }
        let _ = (typed.filter(), typed.question());
    }

    #[test]
    fn filters_put_between_words_come_out_again(
        words in proptest::collection::vec("[a-z]{1,8}|[一-龥]{1,6}", 1..6), filters in filters(),
    ) {
        let mut parts = words.clone();
        for (at, filter) in filters.iter().enumerate() {
            parts.insert((at * 2).min(parts.len()), filter.clone());
        }
        let typed = TypedQuestion::of(&parts.join(" "));
        prop_assert_eq!(typed.text, words.join(" "));
        let mut written: Vec<String> = typed.filters.iter().map(|one| one.written.clone()).collect();
        let mut wanted = filters;
        written.sort();
        wanted.sort();
        prop_assert_eq!(written, wanted);
    }

    #[test]
    fn what_is_left_has_no_filters_left(text in "([a-z合同]{1,4} |type:pdf |标签:合同 |year:2023 ){0,8}") {
        let once = TypedQuestion::of(&text);
        let again = TypedQuestion::of(&once.text);
        prop_assert!(again.filters.is_empty(), "{:?}", again);
    }
}

#[test]
fn what_is_written_like_a_filter_and_makes_no_sense_stays_text_and_is_told() {
    for (text, unclear) in [
        ("annual leave type:foo", &["type:foo"][..]),
        (
            "休假 类型：表格儿 after:2024-13",
            &["类型：表格儿", "after:2024-13"],
        ),
        ("page:5-3 rent", &["page:5-3"]),
        ("see year: best ever, or note:this", &[]),
        ("annual leave type:pdf", &[]),
    ] {
        let typed = TypedQuestion::of(text);
        assert_eq!(typed.unclear, unclear, "{text}");
        if !unclear.is_empty() {
            assert_eq!(typed.text, text);
        }
    }
}
