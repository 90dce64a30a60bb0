//! What must hold for each way of cutting.

use proptest::prelude::*;

use super::tests::{Rough, document};
use super::*;
use crate::clean::{RawBlock, RawDocument, assemble};
use crate::{BlockKind, Kind};

const PARAGRAPH: BlockKind = BlockKind::Paragraph;
const HEADING: BlockKind = BlockKind::Heading { level: 2 };
const SMALL: SplitSettings = SplitSettings {
    target_tokens: 40,
    max_tokens: 50,
};

fn cut(document: &CleanDocument, preset: Preset) -> Vec<Chunk> {
    split_as(document, &Rough, SMALL, preset)
}

fn texts(document: &CleanDocument, preset: Preset) -> Vec<String> {
    cut(document, preset)
        .iter()
        .map(|chunk| chunk.span.of(&document.text).to_owned())
        .collect()
}

/// Blocks with the page that each begins on.
fn paged(blocks: &[(u32, BlockKind, &str)]) -> CleanDocument {
    let pages = blocks.iter().map(|block| block.0).max().unwrap_or(0);
    let raw = blocks
        .iter()
        .map(|&(page, kind, text)| RawBlock {
            page_starts: vec![(0, page)],
            ..RawBlock::new(kind, text)
        })
        .collect();
    assemble(RawDocument {
        pages,
        ..RawDocument::new(Kind::Pptx, raw)
    })
}

#[test]
fn articles_are_passages_with_their_numbers_and_long_ones_are_not_cut_from_them() {
    let long = format!("第三条 {}", "职工应当按时上班，不得迟到早退。".repeat(8));
    let document = document(&[
        (HEADING, "第一章 总则"),
        (
            PARAGRAPH,
            "第一条 为了规范管理，制定本办法。\n第二条 本办法适用于全体职工。",
        ),
        (PARAGRAPH, &long),
        (PARAGRAPH, "（一）补充说明。"),
        (PARAGRAPH, "第四条 删去"),
        (PARAGRAPH, "第五条 第三条规定的情形除外。"),
        (PARAGRAPH, "第六条 自公布之日起施行。"),
    ]);
    assert_eq!(Preset::of(&document), Preset::Manual);
    let chunks = cut(&document, Preset::Manual);
    let texts = texts(&document, Preset::Manual);
    assert_eq!(texts[0], "第一章 总则\n\n第一条 为了规范管理，制定本办法。");
    assert_eq!(texts[1], "第二条 本办法适用于全体职工。");
    let third: Vec<&Chunk> = chunks
        .iter()
        .filter(|chunk| chunk.heading == ["第一章 总则", "第三条"])
        .collect();
    assert!(third.len() >= 2, "{texts:?}");
    assert!(texts[2].starts_with("第三条 职工") && chunks[2].heading == ["第一章 总则"]);
    let article = chunks[2].parent.of(&document.text);
    assert!(article.starts_with("第三条") && article.ends_with("（一）补充说明。"));
    assert!(third.iter().all(|chunk| chunk.parent == chunks[2].parent));
    assert_eq!(
        texts[texts.len() - 3..],
        [
            "第四条 删去",
            "第五条 第三条规定的情形除外。",
            "第六条 自公布之日起施行。"
        ]
    );
}

#[test]
fn sections_keep_their_numbers_and_titles() {
    let document = document(&[
        (PARAGRAPH, "Pump manual"),
        (PARAGRAPH, "1.1 Safety"),
        (PARAGRAPH, "Switch the pump off before you open it."),
        (PARAGRAPH, "1.2 Oil"),
        (
            PARAGRAPH,
            "2.5 bar is the pressure. Check the oil every week.",
        ),
        (PARAGRAPH, "1.3 Filter"),
        (PARAGRAPH, "Clean the filter with water."),
        (PARAGRAPH, "2.1 Faults"),
        (PARAGRAPH, "No pressure: call the service."),
        (PARAGRAPH, "2.2 Disposal"),
        (PARAGRAPH, "Bring it to a collection point."),
    ]);
    assert_eq!(Preset::of(&document), Preset::Manual);
    let texts = texts(&document, Preset::Manual);
    assert!(
        texts.contains(&"1.2 Oil\n\n2.5 bar is the pressure. Check the oil every week.".to_owned()),
        "{texts:?}"
    );
}

#[test]
fn questions_stay_with_their_answers() {
    let marked = document(&[
        (PARAGRAPH, "常见问题汇总"),
        (PARAGRAPH, "问：怎么请假？\n答：在系统里填写。"),
        (PARAGRAPH, "问：年假有几天？"),
        (PARAGRAPH, "答：五天。为什么是五天？"),
        (PARAGRAPH, "因为规定如此。"),
        (PARAGRAPH, "问：病假呢？"),
        (PARAGRAPH, "答：需要证明。"),
    ]);
    assert_eq!(Preset::of(&marked), Preset::Qa);
    assert_eq!(
        texts(&marked, Preset::Qa),
        [
            "常见问题汇总",
            "问：怎么请假？\n答：在系统里填写。",
            "问：年假有几天？\n\n答：五天。为什么是五天？\n\n因为规定如此。",
            "问：病假呢？\n\n答：需要证明。"
        ]
    );
    let headed = document(&[
        (BlockKind::Heading { level: 1 }, "FAQ"),
        (HEADING, "How do I log in?"),
        (PARAGRAPH, "With your name."),
        (BlockKind::Heading { level: 3 }, "By phone"),
        (PARAGRAPH, "Call us."),
        (HEADING, "How do I log out?"),
        (PARAGRAPH, "Close the window."),
        (HEADING, "Who can help?"),
        (PARAGRAPH, "The service desk."),
    ]);
    assert_eq!(Preset::of(&headed), Preset::Qa);
    let chunks = cut(&headed, Preset::Qa);
    assert_eq!(chunks.len(), 3);
    assert!(chunks[0].span.of(&headed.text).ends_with("Call us."));
    assert!(chunks.iter().all(|chunk| chunk.parent == chunk.span));
}

#[test]
fn rows_of_questions_are_passages_and_other_rows_stay_whole() {
    let rows = "| 问题 | 答案 |\n| --- | --- |\n| 怎么请假？ | 填单 |\n| 几天？ | 五天 |\n| 谁批？ | 主管 |";
    let pairs = document(&[(BlockKind::Table, rows)]);
    assert_eq!(Preset::of(&pairs), Preset::Qa);
    assert_eq!(
        texts(&pairs, Preset::Qa),
        [
            "| 问题 | 答案 |\n| --- | --- |\n| 怎么请假？ | 填单 |",
            "| 几天？ | 五天 |",
            "| 谁批？ | 主管 |"
        ]
    );
    let records: Vec<String> = (1..=6)
        .map(|number| format!("姓名: 员工{number}\n部门: 研发部门"))
        .collect();
    let blocks: Vec<(BlockKind, &str)> = records
        .iter()
        .map(|record| (PARAGRAPH, record.as_str()))
        .collect();
    for text in texts(&document(&blocks), Preset::Table) {
        assert!(text.starts_with("姓名") && text.ends_with("部门"), "{text}");
    }
}

#[test]
fn a_slide_is_a_passage_with_its_notes_and_never_with_the_next() {
    let slides = paged(&[
        (1, HEADING, "年度报告"),
        (2, HEADING, "预算"),
        (2, BlockKind::ListItem, "差旅三千元"),
        (
            2,
            BlockKind::Table,
            "| 项 | 额 |\n| --- | --- |\n| 差旅 | 三千 |",
        ),
        (2, PARAGRAPH, "备注：先说结论"),
        (3, BlockKind::ListItem, "没有标题的一页"),
    ]);
    assert_eq!(Preset::of(&slides), Preset::Slides);
    let chunks = cut(&slides, Preset::Slides);
    let pages: Vec<_> = chunks.iter().map(|chunk| chunk.pages).collect();
    assert_eq!(pages, [Some((1, 1)), Some((2, 2)), Some((3, 3))]);
    assert!(chunks[1].span.of(&slides.text).ends_with("先说结论"));
    assert_eq!(chunks[1].heading, ["预算"]);
    assert!(
        chunks[2].heading.is_empty(),
        "it is not under the title of another slide"
    );
}

#[test]
fn definitions_stay_whole_and_long_ones_are_cut_between_their_members() {
    let member = |name: &str| {
        format!(
            "    /// Counts the {name}.\n    pub fn {name}(&self) -> usize {{\n        self.{name}.len() + self.offset\n    }}"
        )
    };
    let members: Vec<String> = ["apples", "pears", "plums", "grapes"].map(member).to_vec();
    let class = format!("impl Basket {{\n{}\n}}", members.join("\n\n"));
    let code = document(&[
        (BlockKind::Code, "use std::fmt;"),
        (
            BlockKind::Code,
            "/// A basket.\npub struct Basket {\n    offset: usize,\n}",
        ),
        (BlockKind::Code, &class),
    ]);
    let chunks = cut(&code, Preset::Code);
    let texts = texts(&code, Preset::Code);
    assert!(texts[0].ends_with("offset: usize,\n}"), "{texts:?}");
    for text in &texts[2..] {
        assert!(text.starts_with("/// Counts"), "{texts:?}");
    }
    assert_eq!(chunks[2].heading, ["impl Basket {"]);
    assert!(texts.len() >= 3);
}

#[test]
fn prose_is_the_answer_where_nothing_else_is_certain() {
    for blocks in [
        &[
            (PARAGRAPH, "你去哪里？"),
            (PARAGRAPH, "他没有回答。"),
            (PARAGRAPH, "为什么？"),
        ][..],
        &[
            (PARAGRAPH, "第三条规定的情形除外。"),
            (PARAGRAPH, "第一条 只有一条。"),
        ],
        &[
            (PARAGRAPH, "1.1 Only one numbered line."),
            (PARAGRAPH, "2.5 bar is normal."),
        ],
        &[
            (HEADING, "Why?"),
            (PARAGRAPH, "Because."),
            (HEADING, "Method"),
            (PARAGRAPH, "Text."),
        ],
        &[(PARAGRAPH, "")],
    ] {
        assert_eq!(Preset::of(&document(blocks)), Preset::Prose);
    }
}

#[test]
fn a_section_of_many_thousand_passages_is_cut_in_linear_time() {
    let begun = std::time::Instant::now();
    let lines: Vec<String> = (1..=60_000)
        .map(|number| format!("第{}条 内容在这里，问：好吗？", number % 9_999 + 1))
        .collect();
    let whole = lines.join("\n");
    let code = "fn a() {\n    b();\n}\n".repeat(60_000);
    for preset in Preset::ALL {
        let one = document(&[(PARAGRAPH, &whole)]);
        assert!(cut(&one, preset).len() > 1_000);
        let one = document(&[(BlockKind::Code, &code)]);
        assert!(cut(&one, preset).len() > 1_000);
    }
    assert!(begun.elapsed().as_secs() < 120, "{:?}", begun.elapsed());
}

fn block() -> impl Strategy<Value = (u32, BlockKind, String)> {
    let kind = prop_oneof![
        2 => (1_u8..4).prop_map(|level| BlockKind::Heading { level }),
        6 => Just(BlockKind::Paragraph),
        2 => Just(BlockKind::ListItem),
        2 => Just(BlockKind::Table),
        2 => Just(BlockKind::Code),
    ];
    let line = prop_oneof![
        "第[一二三四五]条 [\u{4e00}-\u{4e20}，。]{0,30}",
        "[1-4]\\.[1-4] [A-Z][a-z ]{0,20}\\.?",
        "(问|Q|答|A|问题2)[:：][\u{4e00}-\u{4e20}]{0,12}[？。]?",
        "[1-3]\\. [a-z]{2,8}[?.]",
        "\\| 问题 \\| 答案 \\|",
        "\\| [a-z]{0,9} \\| [\u{4e00}-\u{4e20}]{0,9} \\|",
        "[ \t]{0,8}(fn|//|\\}|@|if|else|end)[a-z(){:]{0,12}",
        "([a-z]{1,9}[ .,]|𠮷|é|\u{301}|3\\.14|“!”){0,20}",
        "",
    ];
    (1_u32..3, kind, proptest::collection::vec(line, 0..6))
        .prop_map(|(page, kind, lines)| (page, kind, lines.join("\n")))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn every_preset_covers_the_text_within_budget_and_the_same_way_each_time(
        blocks in proptest::collection::vec(block(), 0..12),
        target in 4_usize..60,
        with_pages in any::<bool>(),
    ) {
        let mut page = 0;
        let blocks: Vec<(u32, BlockKind, &str)> = blocks
            .iter()
            .map(|(step, kind, text)| {
                page += step / 2 + u32::from(page == 0);
                (page, *kind, text.as_str())
            })
            .collect();
        let document = if with_pages {
            paged(&blocks)
        } else {
            document(&blocks.iter().map(|&(_, kind, text)| (kind, text)).collect::<Vec<_>>())
        };
        let settings = SplitSettings { target_tokens: target, max_tokens: target + target / 4 };
        let text = &document.text;
        for preset in Preset::ALL {
            let chunks = split_as(&document, &Rough, settings, preset);
            let mut end = 0;
            for (index, chunk) in chunks.iter().enumerate() {
                let own = chunk.span.of(text);
                prop_assert_eq!(chunk.ordinal as usize, index);
                prop_assert!(text[end..chunk.span.start].trim().is_empty(), "nothing is left out");
                prop_assert_eq!(own.trim(), own);
                prop_assert!(!own.is_empty());
                let fits = chunk.tokens as usize <= settings.max_tokens;
                prop_assert!(fits || own.chars().count() == 1, "{} of {}", chunk.tokens, settings.max_tokens);
                prop_assert_eq!(text[..chunk.span.start].chars().count(), chunk.chars.start);
                prop_assert_eq!(text[..chunk.span.end].chars().count(), chunk.chars.end);
                prop_assert!(chunk.parent.start <= chunk.span.start && chunk.span.end <= chunk.parent.end);
                prop_assert!(text.is_char_boundary(chunk.parent.start) && text.is_char_boundary(chunk.parent.end));
                prop_assert!(!chunk.sentences.is_empty());
                let mut within = chunk.span.start;
                for sentence in &chunk.sentences {
                    prop_assert!(within <= sentence.start && sentence.end <= chunk.span.end);
                    prop_assert_eq!(sentence.of(text).trim(), sentence.of(text));
                    within = sentence.end;
                }
                if preset == Preset::Slides && with_pages {
                    prop_assert!(chunk.pages.is_none_or(|(first, last)| first == last));
                }
                end = chunk.span.end;
            }
            prop_assert!(text[end..].trim().is_empty());
            prop_assert_eq!(&chunks, &split_as(&document, &Rough, settings, preset));
        }
        prop_assert_eq!(split(&document, &Rough, settings), split_as(&document, &Rough, settings, Preset::of(&document)));
    }
}
