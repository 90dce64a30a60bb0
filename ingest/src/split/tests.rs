//! What must hold for every document that is cut.

use proptest::prelude::*;

use super::*;
use crate::{BlockKind, Kind, Language};

/// Counts as a unigram model roughly does: a token per Han character, per four letters, and per mark.
pub(super) struct Rough;

impl TokenCounter for Rough {
    fn count(&self, text: &str) -> usize {
        let han = text
            .chars()
            .filter(|character| crate::clean::is_cjk(*character))
            .count();
        let latin: usize = text
            .split(|character: char| character.is_whitespace() || crate::clean::is_cjk(character))
            .map(|word| word.chars().count().div_ceil(4))
            .sum();
        han + latin
    }
}

pub(super) fn document(blocks: &[(BlockKind, &str)]) -> CleanDocument {
    let blocks = blocks
        .iter()
        .map(|(kind, text)| crate::clean::RawBlock::new(*kind, *text))
        .collect();
    crate::clean::assemble(crate::clean::RawDocument::new(Kind::Text, blocks))
}

fn texts(document: &CleanDocument, settings: SplitSettings) -> Vec<String> {
    split(document, &Rough, settings)
        .iter()
        .map(|chunk| chunk.span.of(&document.text).to_owned())
        .collect()
}

const SMALL: SplitSettings = SplitSettings {
    target_tokens: 30,
    max_tokens: 40,
};
const HEADING: BlockKind = BlockKind::Heading { level: 1 };
const SUBHEADING: BlockKind = BlockKind::Heading { level: 2 };

#[test]
fn rows_far_below_keep_the_header_of_their_table() {
    let row = |number: usize| format!("| 第{number}级员工 | {} |\n", number % 15);
    let rows: String = (0..40).map(row).collect();
    let table = format!("| 职级 | 年假（天） |\n|:---|---:|\n{rows}");
    let bare = "| 甲 | 乙 |\n".repeat(40);
    let document = document(&[
        (HEADING, "休假"),
        (BlockKind::Table, &table),
        (SUBHEADING, "无表头"),
        (BlockKind::Table, &bare),
        (BlockKind::Paragraph, "以上自发布之日起施行。"),
    ]);
    let chunks = split(&document, &Rough, SMALL);
    let mut continued = 0;
    for chunk in &chunks {
        let own = chunk.span.of(&document.text);
        let below = own.starts_with("| 第") && !own.contains("职级");
        continued += usize::from(below);
        let expected: &[&str] = match own {
            _ if below => &["休假", "职级 | 年假（天）"],
            _ if own.contains("职级") => &["休假"],
            _ => &["休假", "无表头"],
        };
        assert_eq!(chunk.heading, expected, "{own}");
    }
    assert!(continued > 5);
}

#[test]
fn sections_are_not_mixed_and_bare_headings_go_with_the_text_below() {
    let document = document(&[
        (HEADING, "第一章 总则"),
        (SUBHEADING, "第一节 目的"),
        (BlockKind::Paragraph, "为了维护职工休息权利，制定本条例。"),
        (SUBHEADING, "第二节 范围"),
        (BlockKind::Paragraph, "适用于全体职工。"),
    ]);
    let chunks = split(&document, &Rough, SplitSettings::default());
    assert_eq!(
        texts(&document, SplitSettings::default()),
        [
            "第一章 总则\n\n第一节 目的\n\n为了维护职工休息权利，制定本条例。",
            "第二节 范围\n\n适用于全体职工。"
        ]
    );
    assert_eq!(chunks[1].heading, ["第一章 总则", "第二节 范围"]);
    assert_eq!(chunks[0].language, Language::Chinese);
}

#[test]
fn tables_stay_apart_from_text_and_are_cut_between_rows() {
    let rows: Vec<String> = (1..=12)
        .map(|row| format!("| 第{row}行 | 内容{row} |"))
        .collect();
    let document = document(&[
        (BlockKind::Paragraph, "见下表。"),
        (BlockKind::Table, &rows.join("\n")),
        (BlockKind::Paragraph, "表后。"),
    ]);
    let texts = texts(&document, SMALL);
    assert_eq!(texts.first().map(String::as_str), Some("见下表。"));
    assert_eq!(texts.last().map(String::as_str), Some("表后。"));
    assert!(
        texts[1..texts.len() - 1]
            .iter()
            .all(|text| text.starts_with('|') && text.ends_with('|'))
    );
}

#[test]
fn a_heading_as_long_as_a_book_is_not_copied_whole_to_every_chunk() {
    let long = "很长的标题 ".repeat(20_000);
    let document = document(&[(HEADING, &long), (BlockKind::Paragraph, "正文。")]);
    let chunks = split(&document, &Rough, SMALL);
    assert!(chunks.len() > 100);
    let longest = chunks.iter().flat_map(|chunk| &chunk.heading);
    assert_eq!(
        longest.map(|name| name.chars().count()).max(),
        Some(sections::LONGEST_HEADING)
    );
}

#[test]
fn a_section_of_megabytes_is_cut_in_windows_without_a_gap() {
    let paragraph = "The pump is checked every month. 水泵每月检查一次，并记录压力。".repeat(40);
    let document = document(&vec![(BlockKind::Paragraph, paragraph.as_str()); 1_200]);
    assert!(document.text.len() > 3 << 20);
    let chunks = split(&document, &Rough, SplitSettings::default());
    let mut end = 0;
    for chunk in &chunks {
        assert!(document.text[end..chunk.span.start].trim().is_empty());
        end = chunk.span.end;
    }
    assert_eq!(end, document.text.len());
    let short = chunks.iter().filter(|chunk| chunk.tokens < 100).count();
    assert!(short <= 8, "{short} of {} are crumbs", chunks.len());
}

#[test]
fn three_megabytes_on_one_line_are_cut_in_moments() {
    let line = "没有标点的文字abc".repeat(130_000);
    let document = document(&[(BlockKind::Paragraph, &line)]);
    let begun = std::time::Instant::now();
    let chunks = split(&document, &Rough, SplitSettings::default());
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
    assert!(chunks.iter().all(|chunk| chunk.tokens <= 480));
}

fn kind() -> impl Strategy<Value = BlockKind> {
    prop_oneof![
        1 => (1_u8..4).prop_map(|level| BlockKind::Heading { level }),
        5 => Just(BlockKind::Paragraph),
        2 => Just(BlockKind::ListItem),
        1 => Just(BlockKind::Table),
        1 => Just(BlockKind::Code),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn chunks_cover_the_text_within_budget(
        blocks in proptest::collection::vec((kind(), "([a-z]{1,9}[ .,]|[\u{4e00}-\u{4e40}]{1,6}[，。]?|\n|𠮷|é|\u{301}|“!”|3\\.14){0,60}"), 0..12),
        target in 4_usize..60,
    ) {
        let borrowed: Vec<(BlockKind, &str)> = blocks.iter().map(|(kind, text)| (*kind, text.as_str())).collect();
        let document = document(&borrowed);
        let settings = SplitSettings { target_tokens: target, max_tokens: target + target / 4 };
        let chunks = split(&document, &Rough, settings);
        let text = &document.text;
        let mut end = 0;
        for (index, chunk) in chunks.iter().enumerate() {
            let own = chunk.span.of(text);
            prop_assert_eq!(chunk.ordinal as usize, index);
            prop_assert!(text[end..chunk.span.start].trim().is_empty(), "nothing is left out");
            prop_assert_eq!(own.trim(), own);
            prop_assert!(chunk.tokens as usize <= settings.max_tokens, "{} of {}", chunk.tokens, settings.max_tokens);
            prop_assert_eq!(text[..chunk.span.start].chars().count(), chunk.chars.start);
            prop_assert_eq!(text[..chunk.span.end].chars().count(), chunk.chars.end);
            prop_assert!(chunk.parent.start <= chunk.span.start && chunk.span.end <= chunk.parent.end);
            prop_assert!(!chunk.sentences.is_empty());
            let mut within = chunk.span.start;
            for sentence in &chunk.sentences {
                prop_assert!(within <= sentence.start && sentence.end <= chunk.span.end);
                prop_assert_eq!(sentence.of(text).trim(), sentence.of(text));
                within = sentence.end;
            }
            end = chunk.span.end;
        }
        prop_assert!(text[end..].trim().is_empty());
    }
}
