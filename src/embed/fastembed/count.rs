//! Counts the tokens of ordinary text without making them: the splitter asks for every sentence and every passage.
//!
//! Where each character by itself decides what the normalizer makes of it, words can be counted one after another. A word
//! with other characters, or a tokenizer that works otherwise, is left to the tokenizer itself.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU32, Ordering};

use tokenizers::{NormalizedString, Normalizer, PreTokenizerWrapper};

use super::unigram::{Step, UnigramTokenizer};

/// A character that was not looked up yet.
const UNSEEN: u32 = 0;
/// A character that becomes nothing, a blank, or several characters.
const OTHER: u32 = u32::MAX;

/// What lies between words.
const BLANKS: [char; 4] = [' ', '\n', '\t', '\u{3000}'];

/// Texts on which both ways of counting must agree before the short one is used.
const PROBES: [&str; 14] = [
    "",
    " ",
    "\n",
    "a",
    " a",
    "a ",
    "a  b",
    "a\nb",
    "a \t\n b",
    "\u{3000}a\u{3000}b",
    "文渊阁 library",
    "“甲”，乙；３．１４％（丙）！\n\n丁",
    "e-mail: a.b@example.org, 50% off / día Straße • 3½ … “☒”",
    "あア々ー—‘x’",
];

/// What the normalizer makes of single characters, filled as they occur.
pub(super) struct FastCount {
    /// What stands for a blank in front of each word.
    mark: char,
    table: Vec<AtomicU32>,
}

thread_local! {
    /// A word and the ways to cut it, kept from call to call.
    static SCRATCH: RefCell<(String, Vec<Step>)> = const { RefCell::new((String::new(), Vec::new())) };
}

impl FastCount {
    /// `None` where this tokenizer cannot be counted word by word.
    pub(super) fn of(tokenizer: &UnigramTokenizer) -> Option<Self> {
        let Some(PreTokenizerWrapper::Metaspace(words)) = tokenizer.get_pre_tokenizer() else {
            return None;
        };
        let fast = Self {
            mark: words.get_replacement(),
            table: (0..=u32::from(u16::MAX))
                .map(|_| AtomicU32::new(UNSEEN))
                .collect(),
        };
        let agrees = |probe: &&str| {
            let counted = fast.count(probe, tokenizer);
            let encoded = tokenizer.encode_fast(*probe, false);
            encoded.is_ok_and(|encoded| counted.is_none_or(|counted| counted == encoded.len()))
        };
        PROBES.iter().all(|probe| agrees(&probe)).then_some(fast)
    }

    /// Tokens in `text`; `None` if it holds a character that may join with a blank or begin a control token.
    pub(super) fn count(&self, text: &str, tokenizer: &UnigramTokenizer) -> Option<usize> {
        SCRATCH.with_borrow_mut(|(word, steps)| {
            let mut total = 0;
            for piece in text.split(BLANKS).filter(|piece| !piece.is_empty()) {
                word.clear();
                word.push(self.mark);
                total += if self.normalize(piece, word, tokenizer) {
                    tokenizer.get_model().count(word, steps)?
                } else if piece.chars().all(stands_alone) {
                    tokenizer.encode_fast(piece, false).ok()?.len()
                } else {
                    return None;
                };
            }
            Some(total)
        })
    }

    /// Appends what the piece becomes; whether each of its characters becomes one character.
    fn normalize(&self, piece: &str, into: &mut String, tokenizer: &UnigramTokenizer) -> bool {
        piece.chars().all(|character| {
            let normalized = self.normalized(character, tokenizer);
            into.extend(normalized);
            normalized.is_some()
        })
    }

    fn normalized(&self, character: char, tokenizer: &UnigramTokenizer) -> Option<char> {
        let place = self.table.get(character as usize)?;
        let mut known = place.load(Ordering::Relaxed);
        if known == UNSEEN {
            let found = is_ordinary(character)
                .then(|| normalized(character, tokenizer))
                .flatten();
            known = found.map_or(OTHER, u32::from);
            place.store(known, Ordering::Relaxed);
        }
        char::from_u32(known)
    }
}

/// The one character that a character becomes.
fn normalized(character: char, tokenizer: &UnigramTokenizer) -> Option<char> {
    let mut text = NormalizedString::from(character.to_string());
    if let Some(normalizer) = tokenizer.get_normalizer() {
        normalizer.normalize(&mut text).ok()?;
    }
    let mut characters = text.get().chars();
    let only = characters.next()?;
    (characters.next().is_none() && !only.is_whitespace()).then_some(only)
}

/// Characters of which a word may be counted by itself: none joins with a blank beside it.
const fn stands_alone(character: char) -> bool {
    is_ordinary(character)
        || matches!(character,
            '\u{370}'..='\u{3ff}' | '\u{400}'..='\u{482}' | '\u{48a}'..='\u{52f}' | '\u{2016}'..='\u{2027}'
            | '\u{2030}'..='\u{205e}' | '\u{20a0}'..='\u{20bf}' | '\u{2100}'..='\u{23ff}' | '\u{2460}'..='\u{2580}' | '\u{2582}'..='\u{27bf}'
            | '\u{3200}'..='\u{33ff}' | '\u{ac00}'..='\u{d7a3}')
}

/// Characters that never join with a neighbour. A `<` may begin a control token.
const fn is_ordinary(character: char) -> bool {
    matches!(character,
        '!'..=';' | '='..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{17f}' | '\u{2010}'..='\u{2015}'
        | '\u{2018}'..='\u{201f}' | '\u{3001}'..='\u{3029}' | '\u{3041}'..='\u{3096}' | '\u{30a0}'..='\u{30ff}'
        | '\u{4e00}'..='\u{9fff}' | '\u{ff01}'..='\u{ff1b}' | '\u{ff1d}'..='\u{ff60}')
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::super::unigram::read;
    use super::*;

    fn tokenizer(normalizer: &str) -> UnigramTokenizer {
        let file = format!(
            r#"{{ "added_tokens": [{{ "id": 1, "content": "<s>", "special": true, "single_word": false, "lstrip": false,
            "rstrip": false, "normalized": false }}], "normalizer": {normalizer}, "post_processor": null,
            "pre_tokenizer": {{ "type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true }},
            "model": {{ "type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0], ["<s>", 0.0], ["▁", -2.0],
            ["a", -3.0], ["b", -3.5], ["ab", -4.0], ["▁ab", -4.5], ["文", -5.0], ["渊", -6.0], ["文渊", -9.0],
            ["文渊阁", -9.5], ["阁", -7.0], [",", -3.0], ["(", -4.0]] }} }}"#
        );
        read(file.as_bytes()).expect("whole").expect("Unigram")
    }

    static USUAL: LazyLock<UnigramTokenizer> = LazyLock::new(|| {
        tokenizer(
            r#"{ "type": "Sequence", "normalizers": [{ "type": "NFKC" },
            { "type": "Replace", "pattern": { "Regex": "\\s+" }, "content": " " },
            { "type": "Strip", "strip_left": true, "strip_right": true }] }"#,
        )
    });
    static FAST: LazyLock<FastCount> =
        LazyLock::new(|| FastCount::of(&USUAL).expect("can be counted word by word"));

    #[test]
    fn a_tokenizer_that_keeps_blanks_is_not_counted_word_by_word() {
        assert!(FastCount::of(&tokenizer(r#"{ "type": "NFKC" }"#)).is_none());
    }

    #[test]
    fn ordinary_text_is_counted_and_other_text_is_left_alone() {
        assert_eq!(FAST.count("ab 文渊阁，（ab）", &USUAL), Some(7));
        for other in ["e\u{301}", "a\u{200d}", "<s>", "a <b", "😀"] {
            assert_eq!(FAST.count(other, &USUAL), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn both_ways_of_counting_agree(text in "([ab文渊阁，（） \n\u{3000}qЖé…½•¨]|ab|한|[!-~]|[\u{3001}-\u{30ff}]|[\u{ff01}-\u{ff60}]|\\PC){0,30}") {
            if let Some(counted) = FAST.count(&text, &USUAL) {
                prop_assert_eq!(counted, USUAL.encode_fast(text.as_str(), false).expect("encodes").len());
            }
        }
    }
}
