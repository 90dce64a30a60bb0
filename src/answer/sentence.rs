//! Cuts a generated answer into sentences, which cover every character of it.

use wenyuan_ingest::Span;

const ENDS: &str = "。！？!?…";
const CLOSERS: &str = "”’」』）)\"'】》";

/// The sentences of a text: in order, gapless, not empty; white space belongs to the sentence before it.
pub(crate) fn sentences(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut start = 0;
    let characters: Vec<(usize, char)> = text.char_indices().collect();
    let mut at = 0;
    while at < characters.len() {
        let (_, character) = characters[at];
        let next = characters.get(at + 1).map(|(_, next)| *next);
        let ends = ENDS.contains(character)
            || character == '\n'
            || (character == '.'
                && next.is_none_or(char::is_whitespace)
                && !is_abbreviation(text, characters[at].0));
        at += 1;
        if !ends {
            continue;
        }
        while characters
            .get(at)
            .is_some_and(|(_, next)| ENDS.contains(*next) || CLOSERS.contains(*next))
        {
            at += 1;
        }
        while characters
            .get(at)
            .is_some_and(|(_, next)| next.is_whitespace())
        {
            at += 1;
        }
        let end = characters.get(at).map_or(text.len(), |(byte, _)| *byte);
        if !text[start..end].trim().is_empty() {
            spans.push(Span { start, end });
            start = end;
        }
    }
    if start < text.len() {
        match spans.last_mut() {
            Some(last) if text[start..].trim().is_empty() => last.end = text.len(),
            _ => spans.push(Span {
                start,
                end: text.len(),
            }),
        }
    }
    spans
}

/// Whether the full stop at `byte` belongs to an initial, an abbreviation or a list number.
fn is_abbreviation(text: &str, byte: usize) -> bool {
    let word = text[..byte]
        .rsplit(|character: char| character.is_whitespace() || character == '(')
        .next();
    let word = word.unwrap_or_default();
    let known = [
        "Mr", "Mrs", "Ms", "Dr", "Prof", "St", "vs", "etc", "e.g", "i.e", "No", "Fig", "approx",
        "U.S", "Inc",
    ];
    let initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
    let list_number = word.len() < 3
        && !word.is_empty()
        && word.chars().all(|character| character.is_ascii_digit())
        && text[..byte - word.len()]
            .trim_end_matches(' ')
            .chars()
            .next_back()
            .is_none_or(|before| before == '\n');
    known.contains(&word) || initial || list_number
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cut(text: &str) -> Vec<&str> {
        sentences(text)
            .iter()
            .map(|span| span.of(text).trim())
            .collect()
    }

    #[test]
    fn chinese_and_english_sentences_end_where_a_reader_ends_them() {
        assert_eq!(
            cut("文渊阁建于1776年。它藏有《四库全书》！"),
            ["文渊阁建于1776年。", "它藏有《四库全书》！"]
        );
        assert_eq!(
            cut("他说：“好。”然后走了。"),
            ["他说：“好。”", "然后走了。"]
        );
        assert_eq!(
            cut("Dr. Smith paid 3.5 dollars. He left."),
            ["Dr. Smith paid 3.5 dollars.", "He left."]
        );
        assert_eq!(
            cut("1. First thing\n2. Second"),
            ["1. First thing", "2. Second"]
        );
    }

    proptest! {
        #[test]
        fn sentences_cover_the_text_without_gap_or_overlap(text in "[ a-zA-Z0-9.!?\\n。！？”」文渊阁]{0,80}") {
            let spans = sentences(&text);
            let joined: String = spans.iter().map(|span| span.of(&text)).collect();
            prop_assert_eq!(joined, text);
            prop_assert!(spans.iter().all(|span| !span.is_empty()));
        }
    }
}
