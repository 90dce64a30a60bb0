//! Our own small documents, read exactly.

use std::fmt::Write;

use wenyuan_ingest::{CleanDocument, Kind, Language, SplitSettings, detect, split};

use crate::{Rough, fixture, pdfium, read};

/// The document as a reader of a snapshot wants it: block by block.
fn outline(document: &CleanDocument) -> String {
    let mut text = format!(
        "{:?} {:?} {:?}\n",
        document.kind, document.language, document.title
    );
    for block in &document.blocks {
        let _ = writeln!(text, "{:?}: {}", block.kind, block.span.of(&document.text));
    }
    text
}

#[test]
fn an_english_word_file_keeps_headings_lists_and_its_table() {
    let document = read(&fixture("compressor-manual-en.docx"), None).expect("is read");
    insta::assert_snapshot!(outline(&document));
}

#[test]
fn a_chinese_web_page_loses_its_menu_and_keeps_its_table() {
    let document = read(&fixture("tea-guide-zh.html"), None).expect("is read");
    insta::assert_snapshot!(outline(&document));
}

#[test]
fn markdown_becomes_readable_text_with_its_structure() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("guide.md");
    let source = "---\ntitle: 安装指南\n---\n# 安装\n\n先下载 **安装包**，\n再运行 `setup`。\n\n1. 打开\n2. 关闭\n   - 等待\n\n```sh\nmake all\n  make test\n```\n\n| 项 | 值 |\n|---|---|\n| 端口 | 8080 |\n\n> 见 [手册](https://example.org)。\n";
    std::fs::write(&path, source).expect("is written");
    insta::assert_snapshot!(outline(&read(&path, None).expect("is read")));
}

#[test]
fn a_pdf_with_an_embedded_chinese_font_is_read_without_headers_and_page_numbers() {
    let document = read(&fixture("weather-station-zh-font-embedded.pdf"), None).expect("is read");
    assert!(
        document
            .text
            .contains("海拔四百一十二米，二〇一九年六月建成"),
        "{}",
        document.text
    );
    assert!(
        document.text.contains("型号是 BR-608-2Z") || document.text.contains("型号是BR-608-2Z"),
        "{}",
        document.text
    );
    assert_eq!(document.language, Language::Chinese);
    assert!(!document.text.contains("第 1 页"));
}

#[test]
fn a_pdf_without_its_font_is_read_by_the_second_reader() {
    let path = fixture("handbook-zh-font-not-embedded.pdf");
    let result = read(&path, None);
    if pdfium().is_none() {
        eprintln!("SKIPPED: set WENYUAN_PDFIUM to libpdfium.so");
        assert_eq!(
            result.expect_err("cannot be read without pdfium").code(),
            "no_text"
        );
        return;
    }
    let document = result.expect("is read");
    assert!(
        document.text.contains("满五年不满十年的，年休假为十二天"),
        "{}",
        document.text
    );
    let header = document.text.matches("内部资料").count();
    assert_eq!(header, 1, "{}", document.text);
    assert!(document.pages.len() >= 2);
}

#[test]
fn gbk_text_becomes_paragraphs() {
    let document = read(&fixture("library-rules-zh-gbk.txt"), None).expect("is read");
    assert!(
        document
            .text
            .contains("每张借书证一次最多可以借阅图书八册、期刊三册。")
    );
    assert_eq!(document.blocks.len(), 5);
    assert_eq!(split(&document, &Rough, SplitSettings::default()).len(), 1);
}

#[test]
fn formats_are_told_by_content_and_not_by_name() {
    let docx = std::fs::read(fixture("compressor-manual-en.docx")).expect("is there");
    assert_eq!(detect(&docx, "lies.pdf").expect("a kind"), Kind::Docx);
    assert_eq!(
        detect(b"\n<!-- x --><html><body>hello</body></html>", "page.txt").expect("a kind"),
        Kind::Html
    );
    assert_eq!(
        detect("# 标题".as_bytes(), "a.md").expect("a kind"),
        Kind::Markdown
    );
    assert_eq!(
        detect(b"%PDF-1.4 ...", "a.docx").expect("a kind"),
        Kind::Pdf
    );
    assert_eq!(
        detect(
            b"#!/bin/sh\n# not a PDF yet\n\x01\xff%PDF-1.4 \xe2\xe3 ... startxref 9",
            "a"
        )
        .expect("a kind"),
        Kind::Pdf
    );
    let about = "A PDF begins with %PDF-1.7 and a comment.";
    for (name, kind) in [
        ("a.md", Kind::Markdown),
        ("a.txt", Kind::Text),
        ("a.py", Kind::Code),
    ] {
        assert_eq!(detect(about.as_bytes(), name).expect("a kind"), kind);
    }
    for (bytes, code) in [
        (&b""[..], "empty_file"),
        (b" \n\t", "empty_file"),
        (b"7z\xbc\xaf\x27\x1c1234", "unsupported_kind"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "damaged_file"),
        (b"PK\x03\x04 broken", "damaged_file"),
        (
            b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0e\x0f",
            "unsupported_kind",
        ),
    ] {
        assert_eq!(
            detect(bytes, "a.docx").expect_err("refused").code(),
            code,
            "{bytes:?}"
        );
    }
}
