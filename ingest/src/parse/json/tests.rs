use proptest::prelude::*;

use super::*;
use crate::{BlockKind, detect};

fn document(text: &str) -> RawDocument {
    super::read(text.as_bytes(), &ParseLimits::default()).expect("is read")
}

fn blocks(text: &str) -> Vec<(BlockKind, String)> {
    document(text)
        .blocks
        .into_iter()
        .map(|block| (block.kind, block.text))
        .collect()
}

fn paragraph(text: &str) -> (BlockKind, String) {
    (BlockKind::Paragraph, text.to_owned())
}

fn heading(level: u8, text: &str) -> (BlockKind, String) {
    (BlockKind::Heading { level }, text.to_owned())
}

#[test]
fn a_list_of_small_records_is_a_table_in_the_order_of_its_keys() {
    assert_eq!(
        blocks(r#"[{"姓名":"王小明","部门":"研发","年假":10},{"姓名":"李四","部门":null,"年假":5.5}]"#),
        [(
            BlockKind::Table,
            "| 姓名 | 部门 | 年假 |\n| --- | --- | --- |\n| 王小明 | 研发 | 10 |\n| 李四 |  | 5.5 |"
                .to_owned()
        )]
    );
}

#[test]
fn long_or_unlike_records_are_a_paragraph_each() {
    let long = "本制度自发布之日起施行。".repeat(20);
    assert_eq!(
        blocks(&format!(
            r#"[{{"id":1,"正文":"{long}","tags":["a","b"]}},{{"id":2,"作者":{{"姓名":"张三"}}}}]"#
        )),
        [
            paragraph("id: 1"),
            paragraph(&format!("正文: {long}")),
            paragraph("tags: a, b"),
            paragraph("id: 2\n作者 › 姓名: 张三"),
        ]
    );
}

#[test]
fn nested_objects_stand_under_the_path_of_their_keys() {
    let text = r#"{"server":{"port":8080,"tls":{"cert":"a.pem"}},"title":"设置","on":true}"#;
    let found = document(text);
    assert_eq!(found.title.as_deref(), Some("设置"));
    assert_eq!(
        blocks(text),
        [
            paragraph("title: 设置\non: true"),
            heading(1, "server"),
            paragraph("port: 8080\ntls › cert: a.pem"),
        ]
    );
}

#[test]
fn a_key_is_never_taken_for_the_title_of_the_document() {
    let found = document(
        r#"{"features":[{"name":"西湖","at":[[120.1,31.2],[120.2,31.3]]},{"name":"太湖","at":[[1,2]]}]}"#,
    );
    let clean = crate::clean::assemble(found);
    assert_eq!(clean.title, None);
    assert_eq!(
        clean.text,
        "features\n\n| name | at |\n| --- | --- |\n| 西湖 | [120.1, 31.2], [120.2, 31.3] |\n| 太湖 | [1, 2] |"
    );
}

#[test]
fn short_elements_share_paragraphs_and_sentences_stand_alone() {
    let long = "职工连续工作一年以上的，享受带薪年休假，具体天数按照工龄计算。";
    assert_eq!(
        blocks(&format!(r#"["茶","酒",3,"{long}",true]"#)),
        [paragraph("茶, 酒, 3"), paragraph(long), paragraph("true")]
    );
    let many = blocks(&format!("[{}1]", "1,".repeat(100_000)));
    assert!((300..1000).contains(&many.len()), "{}", many.len());
}

#[test]
fn a_broken_line_costs_only_itself() {
    let found = document(
        "{\"问\":\"你好\",\"答\":\"好\"}\n\n{\"问\": oops\n{\"问\":\"再见\",\"答\":\"走\"}\n",
    );
    assert_eq!(found.warnings.len(), 1);
    assert_eq!(found.warnings[0].code, "line_unreadable");
    assert!(
        found.warnings[0].message.contains("line 3"),
        "{:?}",
        found.warnings
    );
    assert_eq!(
        found.blocks[0].text,
        "| 问 | 答 |\n| --- | --- |\n| 你好 | 好 |\n| 再见 | 走 |"
    );
}

#[test]
fn a_nesting_bomb_is_refused_with_its_reason() {
    for text in ["[".repeat(1_000_000), "{\"a\":".repeat(200_000)] {
        let error = super::read(text.as_bytes(), &ParseLimits::default()).expect_err("is too deep");
        assert_eq!(error.code(), "damaged_file");
        assert!(error.to_string().contains("127 deep"), "{error}");
    }
}

#[test]
fn depth_within_the_limit_is_read() {
    let text = format!("{}\"核心\"{}", "{\"层\":".repeat(120), "}".repeat(120));
    let last = blocks(&text).pop().expect("a block").1;
    assert!(last.ends_with("核心"), "{last}");
}

#[test]
fn invalid_json_is_read_as_text_with_a_warning() {
    let found = document("{ name: 'settings', // 注释\n  port: 80 }");
    assert_eq!(found.kind, Kind::Text);
    assert_eq!(found.warnings[0].code, "json_invalid");
    let text: String = found.blocks.into_iter().map(|block| block.text).collect();
    assert!(text.contains("注释"), "{text}");
}

#[test]
fn a_notebook_is_prose_code_and_short_output() {
    let log = "x".repeat(5000);
    let found = document(&format!(
        r##"{{"nbformat":4,"metadata":{{}},"cells":[
        {{"cell_type":"markdown","source":["# 数据分析\n","\n","先读取**文件**。"]}},
        {{"cell_type":"code","source":["import os\n","print(1)"],"outputs":[
            {{"output_type":"stream","text":["1\n"]}},
            {{"output_type":"display_data","data":{{"image/png":"iVBORw0KGgo="}}}},
            {{"output_type":"stream","text":"{log}"}}]}}]}}"##
    ));
    let texts: Vec<(BlockKind, &str)> = found
        .blocks
        .iter()
        .map(|block| (block.kind, block.text.trim()))
        .collect();
    assert_eq!(
        texts[..4],
        [
            (BlockKind::Heading { level: 1 }, "数据分析"),
            (BlockKind::Paragraph, "先读取文件。"),
            (BlockKind::Code, "import os\nprint(1)"),
            (BlockKind::Code, "1"),
        ]
    );
    assert_eq!(texts[4].1.len(), 2000);
    assert_eq!(found.warnings[0].code, "output_shortened");
    assert!(found.warnings[0].message.contains("3000"));
}

#[test]
fn json_is_known_by_name_or_by_its_first_key() {
    let kind = |text: &str, name: &str| detect(text.as_bytes(), name).expect("is text");
    assert_eq!(kind("oops", "a.json"), Kind::Json);
    assert_eq!(kind("[ {\n \"键\" : 1}]", "export"), Kind::Json);
    assert_eq!(kind("[1] 参考文献\n[2] 其他", "a.txt"), Kind::Text);
    assert_eq!(
        kind("{placeholder} is \"quoted\": yes", "a.txt"),
        Kind::Text
    );
    assert_eq!(kind("{\"a\":1}", "a.md"), Kind::Markdown);
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = super::read(&bytes, &ParseLimits::default());
    }

    #[test]
    fn anything_like_json_is_read_or_refused_without_a_panic(text in r#"([\[\]{}:,"\n 0-9a-c中]|"a":|\{"nbformat":4,"cells":\[){0,60}"#) {
        let _ = super::read(text.as_bytes(), &ParseLimits::default());
    }

    #[test]
    fn all_texts_of_records_are_kept(texts in proptest::collection::vec("[a-z中文]{1,300}", 1..6)) {
        let records: Vec<serde_json::Value> = texts.iter().map(|text| serde_json::json!({"k": {"inner": [text]}})).collect();
        let all: String = blocks(&serde_json::to_string(&records).expect("is JSON")).into_iter().map(|(_, text)| text).collect();
        for text in texts {
            prop_assert!(all.contains(&text));
        }
    }
}
