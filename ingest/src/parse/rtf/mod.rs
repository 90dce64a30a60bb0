//! Rich Text Format 1.9.1: text in the code page of its font, tables, notes; everything else is skipped.

mod encodings;
mod state;
mod tokens;
mod words;

use self::state::Reader;
use self::tokens::{Token, Tokens};
use crate::clean::RawDocument;
use crate::{Kind, ParseError, ParseLimits};

pub(super) fn read(bytes: &[u8], limits: &ParseLimits) -> Result<RawDocument, ParseError> {
    let mut reader = Reader::new(limits.content_bytes);
    for token in Tokens::new(bytes) {
        match token {
            Token::Open => reader.open(),
            Token::Close => reader.close(),
            Token::Word(word, number) => reader.word(word, number),
            Token::Symbol(symbol) => reader.symbol(symbol),
            Token::Byte(byte) => reader.byte(byte),
        }
        if reader.is_full() {
            return Err(ParseError::too_large(limits.content_bytes));
        }
    }
    let (blocks, title, details) = reader.finish();
    Ok(RawDocument {
        title,
        details,
        ..RawDocument::new(Kind::Rtf, blocks)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::BlockKind;

    fn texts(source: &[u8]) -> Vec<String> {
        let document = read(source, &ParseLimits::default()).expect("a document");
        document
            .blocks
            .into_iter()
            .map(|block| block.text)
            .collect()
    }

    fn hex(bytes: &[u8]) -> String {
        let escapes: Vec<String> = bytes.iter().map(|byte| format!("\\'{byte:02x}")).collect();
        escapes.concat()
    }

    fn escaped(text: &str) -> String {
        let (bytes, ..) = encoding_rs::GB18030.encode(text);
        hex(&bytes)
    }

    #[test]
    fn text_in_a_chinese_code_page_is_read_through_its_escapes() {
        let source = format!(
            "{{\\rtf1\\ansi\\ansicpg936{{\\fonttbl{{\\f0\\fcharset134 SimSun;}}}}\\f0 {}\\par {}\\par}}",
            escaped("单位应当保证职工享受年休假。"),
            escaped("第二段")
        );
        assert_eq!(
            texts(source.as_bytes()),
            ["单位应当保证职工享受年休假。", "第二段"]
        );
    }

    #[test]
    fn the_font_decides_on_the_code_page() {
        let (big5, ..) = encoding_rs::BIG5.encode("臺灣");
        let bytes: String = hex(&big5);
        let source = format!(
            "{{\\rtf1\\ansicpg1252{{\\fonttbl{{\\f0\\fcharset0 Arial;}}{{\\f1\\fcharset136 MingLiU;}}}}\\f0 caf\\'e9 {{\\f1 {bytes}}} \\'e9\\par}}"
        );
        assert_eq!(texts(source.as_bytes()), ["café 臺灣 é"]);
    }

    #[test]
    fn unicode_characters_replace_their_fallback() {
        let source = b"{\\rtf1\\uc1 \\u24180?\\u20551? {\\uc2\\u-10179 ab\\u-8704 cd}!\\par}";
        assert_eq!(texts(source), ["年假 \u{1f600}!"]);
    }

    #[test]
    fn cells_are_a_table_and_hidden_things_are_left_out() {
        let source = b"{\\rtf1{\\info{\\title Plan}{\\author Ann}{\\creatim\\yr2021\\mo3\\dy9\\hr8}{\\revtim\\yr2022\\mo12\\dy31}{\\printim\\yr2023}}{\\*\\generator X}{\\pict 0102}\\trowd a\\cell b\\cell\\row c\\cell d\\cell\\row\\pard {\\v secret}end{\\footnote note}\\par}";
        let document = read(source, &ParseLimits::default()).expect("a document");
        let found: Vec<(BlockKind, &str)> = document
            .blocks
            .iter()
            .map(|block| (block.kind, block.text.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                (BlockKind::Table, "| a | b |\n| --- | --- |\n| c | d |"),
                (BlockKind::Paragraph, "end"),
                (BlockKind::Paragraph, "note"),
            ]
        );
        assert_eq!(document.title.as_deref(), Some("Plan"));
        assert_eq!(document.details.author.as_deref(), Some("Ann"));
        assert_eq!(document.details.created.as_deref(), Some("2021-03-09"));
        assert_eq!(document.details.modified.as_deref(), Some("2022-12-31"));
    }

    #[test]
    fn fields_show_their_result_and_headings_their_level() {
        let source = b"{\\rtf1\\pard\\outlinelevel0 Title\\par\\pard see {\\field{\\*\\fldinst HYPERLINK x}{\\fldrslt here}}\\emdash ok\\par}";
        let document = read(source, &ParseLimits::default()).expect("a document");
        assert_eq!(document.blocks[0].kind, BlockKind::Heading { level: 1 });
        assert_eq!(document.blocks[1].text, "see here\u{2014}ok");
    }

    #[test]
    fn a_million_open_groups_are_read_in_one_go() {
        let bytes = [b"{\\rtf1 ".as_slice(), &b"{".repeat(2_000_000), b"x\\par"].concat();
        assert_eq!(texts(&bytes), ["x"]);
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = texts(&bytes);
        }

        #[test]
        fn no_words_break_the_reader(words in proptest::collection::vec("[{}]|\\\\(u|bin|f|cell|row|uc|par|'|fcharset)-?[0-9]{0,10} ?|[a-z年]{0,3}", 0..60)) {
            let _ = texts(format!("{{\\rtf1{}", words.concat()).as_bytes());
        }
    }
}
