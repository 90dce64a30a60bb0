//! Lines: joins those that were only broken to fit a page, and keeps apart what was meant apart.

use unicode_normalization::char::canonical_combining_class;

use super::is_cjk;

/// Appends a line to a paragraph and returns where it begins: no blank between Chinese, hyphenation undone.
pub(crate) fn join_line(text: &mut String, line: &str) -> usize {
    let line = line.trim();
    let kept = text.trim_end().len();
    text.truncate(kept);
    let (Some(last), Some(first)) = (text.chars().next_back(), line.chars().next()) else {
        text.push_str(line);
        return text.len() - line.len();
    };
    if undo_hyphen(text, line) {
        text.pop();
    } else {
        let chinese = is_cjk(last) && is_cjk(first);
        let compound = last == '-' && first.is_alphanumeric();
        if !chinese && !compound || canonical_combining_class(first) != 0 {
            text.push(' ');
        }
    }
    let offset = text.len();
    text.push_str(line);
    offset
}

/// Whether the hyphen at the end was put there to break a word: letters before it, a small letter after it.
fn undo_hyphen(text: &str, line: &str) -> bool {
    let mut before = text.chars().rev();
    let hyphen = matches!(before.next(), Some('-' | '\u{2010}'));
    let word: usize = before
        .take_while(|character| character.is_alphabetic())
        .count();
    hyphen
        && word >= 2
        && line
            .chars()
            .take(2)
            .filter(|character| character.is_lowercase() && !is_cjk(*character))
            .count()
            == 2
}

/// Width in columns of a typewriter: Han take two.
pub(crate) fn display_width(text: &str) -> usize {
    text.chars()
        .map(|character| if is_cjk(character) { 2 } else { 1 })
        .sum()
}

/// The paragraphs of a plain text. Empty lines part them; lines that were broken to fit a width are joined.
pub(crate) fn paragraphs(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    lines
        .split(|line| line.trim().is_empty())
        .filter(|group| !group.is_empty())
        .flat_map(group_paragraphs)
        .collect()
}

/// The paragraphs of lines that follow each other: one where they were broken to fit a width.
pub(crate) fn group_paragraphs(group: &[&str]) -> Vec<String> {
    if is_wrapped(group) {
        vec![unwrap(group)]
    } else {
        group.iter().map(|line| (*line).to_owned()).collect()
    }
}

/// Whether all lines but the last of a group end near the same margin, and not with their sentences.
fn is_wrapped(group: &[&str]) -> bool {
    let Some((last, body)) = group.split_last() else {
        return false;
    };
    if body.is_empty() {
        return false;
    }
    let widths: Vec<usize> = body
        .iter()
        .map(|line| display_width(line.trim_end()))
        .collect();
    let margin = widths.iter().copied().max().unwrap_or(0);
    let shortest = widths.iter().copied().min().unwrap_or(0);
    let open = body
        .iter()
        .filter(|line| !line.trim_end().ends_with(closes))
        .count();
    let ragged = if body.iter().any(|line| line.contains(is_cjk)) {
        8
    } else {
        20
    };
    let marked = group
        .iter()
        .skip(1)
        .any(|line| crate::parse::structure::begins_item(line));
    (40..=120).contains(&margin)
        && shortest + ragged >= margin
        && display_width(last.trim_end()) <= margin
        && open * 2 > body.len()
        && !marked
}

fn closes(character: char) -> bool {
    matches!(
        character,
        '。' | '！' | '？' | '；' | '!' | '?' | ':' | '：' | '.'
    )
}

fn unwrap(group: &[&str]) -> String {
    let mut text = String::new();
    for line in group {
        join_line(&mut text, line);
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn joined(lines: &[&str]) -> String {
        unwrap(lines)
    }

    #[test]
    fn lines_are_joined_as_their_language_wants() {
        assert_eq!(
            joined(&["职工在年休假期间享", "受与正常工作相同的工资。"]),
            "职工在年休假期间享受与正常工作相同的工资。"
        );
        assert_eq!(
            joined(&["an infor-", "mation system"]),
            "an information system"
        );
        assert_eq!(
            joined(&["the well-", "known GB-", "T 19001"]),
            "the wellknown GB-T 19001"
        );
        assert_eq!(joined(&["使用 Rust", "编写"]), "使用 Rust 编写");
    }

    #[test]
    fn wrapped_paragraphs_become_one_and_lists_stay_apart() {
        let wrapped = "The quick brown fox jumps over the lazy dog and keeps on\nrunning through the forest until it reaches the far end\nof it.\n\nNext.";
        assert_eq!(paragraphs(wrapped).len(), 2);
        assert_eq!(paragraphs("苹果\n梨\n香蕉").len(), 3);
        assert_eq!(
            paragraphs("第一条 为了规范管理，制定本办法。\n第二条 本办法适用于全体员工。").len(),
            2
        );
    }

    proptest! {
        #[test]
        fn joining_loses_nothing_but_hyphens_and_blanks(lines in proptest::collection::vec("[a-z\u{4e00}-\u{4e20}。 -]{1,20}", 1..8)) {
            let keep = |text: &str| text.chars().filter(|character| !character.is_whitespace() && *character != '-').collect::<String>();
            let borrowed: Vec<&str> = lines.iter().map(String::as_str).collect();
            prop_assert_eq!(keep(&joined(&borrowed)), keep(&lines.concat()));
        }
    }
}
