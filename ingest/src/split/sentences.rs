//! Finds sentences in Chinese, English and mixed text, as spans without white space at their ends.

use crate::Span;
use crate::clean::is_cjk;

/// Abbreviations after which a full stop ends no sentence.
const ABBREVIATIONS: &[&str] = &[
    "mr", "mrs", "ms", "dr", "prof", "sr", "jr", "st", "vs", "etc", "e.g", "i.e", "cf", "al",
    "fig", "figs", "eq", "eqs", "sec", "ch", "no", "nos", "vol", "pp", "ed", "eds", "inc", "ltd",
    "co", "corp", "dept", "approx", "est", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep",
    "sept", "oct", "nov", "dec", "gen", "col", "capt", "lt", "rev", "hon", "ph.d", "u.s", "u.k",
    "a.m", "p.m", "art", "para", "resp", "ref", "refs", "min", "max", "tel", "ext",
];

/// Characters in the number of a note, at most.
const LONGEST_REFERENCE: usize = 12;

/// The sentences of `text[within]`, in order. A line end always ends one. Nothing but white space lies between them.
#[must_use]
pub fn sentences(text: &str, within: Span) -> Vec<Span> {
    let part = within.of(text);
    let mut found = Vec::new();
    let mut start = 0;
    let mut characters = part.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let after = at + character.len_utf8();
        if character == '\n' {
            push(part, start, at, within.start, &mut found);
            start = after;
            continue;
        }
        let ends = match character {
            '。' | '！' | '？' | '；' | '…' => true,
            '.' | '!' | '?' | ';' => ends_latin(part, start, at, character),
            _ => false,
        };
        if !ends {
            continue;
        }
        // More marks and closing quotes belong to the sentence that they close.
        let mut end = after;
        while let Some(&(next, mark)) = characters.peek()
            && closes(mark)
        {
            end = next + mark.len_utf8();
            characters.next();
        }
        // So do the numbers of its notes.
        end += references(&part[end..]);
        while characters.next_if(|&(next, _)| next < end).is_some() {}
        // `他说：“好。”然后走了。` goes on after the quote; a comma or a particle shows it.
        let goes_on = part[end..]
            .chars()
            .next()
            .is_some_and(|next| matches!(next, '，' | '、' | ',' | '的'));
        if !goes_on {
            push(part, start, end, within.start, &mut found);
            start = end;
        }
    }
    push(part, start, part.len(), within.start, &mut found);
    found
}

fn push(part: &str, start: usize, end: usize, offset: usize, found: &mut Vec<Span>) {
    if let Some(span) = trimmed(part, Span { start, end }) {
        found.push(Span {
            start: offset + span.start,
            end: offset + span.end,
        });
    }
}

/// The span without white space at its ends; `None` if nothing is left.
pub(super) fn trimmed(text: &str, span: Span) -> Option<Span> {
    let part = span.of(text);
    let start = span.start + (part.len() - part.trim_start().len());
    let end = span.start + part.trim_end().len();
    (start < end).then_some(Span { start, end })
}

const fn closes(character: char) -> bool {
    matches!(
        character,
        '。' | '！'
            | '？'
            | '；'
            | '…'
            | '.'
            | '!'
            | '?'
            | '”'
            | '’'
            | '"'
            | '\''
            | '）'
            | ')'
            | '」'
            | '』'
            | '】'
            | ']'
            | '》'
    )
}

/// Length of the numbers of notes at the beginning of `text`, such as `[12]` and `[a][note 3]`.
fn references(text: &str) -> usize {
    let mut length = 0;
    while let Some(inner) = text[length..].strip_prefix('[') {
        let close = inner
            .char_indices()
            .take(LONGEST_REFERENCE)
            .find(|(_, letter)| {
                !(letter.is_alphanumeric() || matches!(letter, ' ' | ',' | '-' | '–'))
            });
        match close {
            Some((at, ']')) if at > 0 => length += at + 2,
            Some(_) | None => break,
        }
    }
    length
}

/// Whether a Latin mark at `at` ends the sentence begun at `start`.
fn ends_latin(part: &str, start: usize, at: usize, mark: char) -> bool {
    let rest = &part[at + 1..];
    let rest = &rest[references(rest)..];
    let next = rest.chars().next();
    if next.is_some_and(|next| closes(next) && next != '.') {
        return true;
    }
    let spaced = next.is_none_or(char::is_whitespace);
    // Between Chinese a Latin mark needs no blank after it.
    let chinese = part[..at].chars().next_back().is_some_and(is_cjk) && next.is_some_and(is_cjk);
    if !spaced && !chinese {
        return false;
    }
    if mark != '.' || chinese {
        return true;
    }
    let following = rest
        .trim_start_matches([' ', '\t', '"', '(', '“', '‘'])
        .chars()
        .next();
    if following.is_some_and(char::is_lowercase) {
        return false;
    }
    let sentence = &part[start..at];
    let word = sentence
        .rsplit([' ', '\t', '(', '（', '“', '"', '/'])
        .next()
        .unwrap_or_default();
    let bare =
        word.trim_matches(|character: char| !character.is_alphanumeric() && character != '.');
    // Initials, `1.` before an item, and abbreviations.
    let initial = bare.chars().count() == 1
        && bare
            .chars()
            .all(|character| character.is_alphabetic() && !is_cjk(character));
    let item = sentence.trim() == word
        && !bare.is_empty()
        && bare.len() <= 6
        && bare
            .chars()
            .all(|character| character.is_ascii_digit() || character == '.');
    !(initial
        || item
        || bare.len() <= 6 && ABBREVIATIONS.contains(&bare.to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        sentences(
            text,
            Span {
                start: 0,
                end: text.len(),
            },
        )
        .into_iter()
        .map(|span| span.of(text))
        .collect()
    }

    #[test]
    fn chinese_sentences_end_at_their_marks_and_keep_their_quotes() {
        assert_eq!(
            cut("他说：“走吧！”她没动。真的？！是……的；好"),
            ["他说：“走吧！”", "她没动。", "真的？！", "是……的；", "好"]
        );
        assert_eq!(cut("费率为3.5%。见第2.1节"), ["费率为3.5%。", "见第2.1节"]);
    }

    #[test]
    fn numbers_of_notes_belong_to_the_sentence_before_them() {
        assert_eq!(
            cut("He left NCR.[23] In 1914 he came.[a][note 4] It grew. [5] items. 建成。[12]后来"),
            [
                "He left NCR.[23]",
                "In 1914 he came.[a][note 4]",
                "It grew.",
                "[5] items.",
                "建成。[12]",
                "后来"
            ]
        );
        assert_eq!(cut("See x.[1]y and z.[ 2"), ["See x.[1]y and z.[ 2"]);
    }

    #[test]
    fn english_abbreviations_and_decimals_do_not_end_sentences() {
        assert_eq!(
            cut(
                "Dr. Li paid $3.50, i.e. too much. See Fig. 2 (p. 4). It works!  \"Does it?\" Yes."
            ),
            [
                "Dr. Li paid $3.50, i.e. too much.",
                "See Fig. 2 (p. 4).",
                "It works!",
                "\"Does it?\"",
                "Yes."
            ]
        );
        assert_eq!(
            cut("1. Open the lid. 2.5 bar is normal.\nJ. Smith wrote it"),
            [
                "1. Open the lid.",
                "2.5 bar is normal.",
                "J. Smith wrote it"
            ]
        );
        assert_eq!(
            cut("Visit example.com today. V1.2 is out"),
            ["Visit example.com today.", "V1.2 is out"]
        );
    }
}
