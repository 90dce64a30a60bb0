//! The text of a message as blocks: paragraphs, with what is quoted from earlier messages marked as such.

use crate::BlockKind;
use crate::clean::{RawBlock, paragraphs};
use crate::parse::text;

/// The blocks of a plain text. `flowed` says that lines which end with a blank go on, and whether that blank goes.
pub(super) fn blocks(text: &str, flowed: Option<bool>) -> Vec<RawBlock> {
    let text = text.replace("\r\n", "\n").replace(['\r', '\0'], "\n");
    let mut blocks = Vec::new();
    let mut run = String::new();
    let mut depth = 0;
    for line in text.split('\n') {
        let (own, line) = unquoted(line);
        if own != depth {
            take(&mut blocks, &mut run, depth);
            depth = own;
        }
        // RFC 3676 puts a blank before lines that begin like quotes.
        let line = flowed.map_or(line, |_| line.strip_prefix(' ').unwrap_or(line));
        match flowed {
            Some(delete) if line.ends_with(' ') && line != "-- " => {
                run.push_str(if delete {
                    &line[..line.len() - 1]
                } else {
                    line
                });
            }
            _ => {
                run.push_str(line);
                run.push('\n');
            }
        }
    }
    take(&mut blocks, &mut run, depth);
    blocks
}

/// How deep a line is quoted, and the line without the marks.
fn unquoted(line: &str) -> (usize, &str) {
    let mut rest = line;
    let mut depth = 0;
    while let Some(after) = rest.strip_prefix('>') {
        depth += 1;
        rest = after.strip_prefix(' ').unwrap_or(after);
    }
    if depth == 0 { (0, line) } else { (depth, rest) }
}

/// Ends a run of lines that are quoted equally deep.
fn take(blocks: &mut Vec<RawBlock>, run: &mut String, depth: usize) {
    let text = std::mem::take(run);
    if text.trim().is_empty() {
        return;
    }
    if depth > 0 {
        let mark = "> ".repeat(depth.min(8));
        let quoted = paragraphs(&text).into_iter().map(|paragraph| {
            RawBlock::new(BlockKind::Paragraph, format!("{mark}{}", paragraph.trim()))
        });
        blocks.extend(quoted);
        return;
    }
    match text::read(text.as_bytes()) {
        Ok(document) => blocks.extend(document.blocks),
        Err(_) => blocks.push(RawBlock::new(BlockKind::Paragraph, text)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(text: &str, flowed: Option<bool>) -> Vec<String> {
        blocks(text, flowed)
            .into_iter()
            .map(|block| block.text)
            .collect()
    }

    #[test]
    fn what_is_quoted_is_kept_and_marked() {
        assert_eq!(
            texts(
                "同意。\r\n\r\n> 明天开会吗？\r\n>> 几点？\r\n\r\n好。",
                None
            ),
            ["同意。", "> 明天开会吗？", "> > 几点？", "好。"]
        );
    }

    #[test]
    fn flowed_lines_go_on() {
        assert_eq!(
            texts("One \nline.\nNext", Some(false)),
            ["One line.", "Next"]
        );
        assert_eq!(texts("年假 \n十天。", Some(true)), ["年假十天。"]);
        assert_eq!(texts("> 年假 \n> 十天。", Some(true)), ["> 年假十天。"]);
    }

    proptest! {
        #[test]
        fn any_text_has_blocks(text in "(> |[>\n\0 -]|\\PC){0,60}") {
            let _ = texts(&text, None);
            let _ = texts(&text, Some(true));
        }
    }
}
