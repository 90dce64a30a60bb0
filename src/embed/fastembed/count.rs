//! Counts the tokens of plain text without building them: texts are cut into passages by counts alone, and the
//! tokenizers crate keeps track of every character's origin on the way.
//!
//! What is plain is decided by asking the tokenizer's own normalizer, once for each character; all else is left to the
//! crate, so that the counts are the same.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use tokenizers::normalizers::NormalizerWrapper;
use tokenizers::pre_tokenizers::metaspace::PrependScheme;
use tokenizers::{NormalizedString, Normalizer as _, PreTokenizerWrapper};

use super::unigram::{CountStep, UnigramTokenizer};

/// What stands before every word.
const SPACE: char = '▁';
/// Characters in this plane are looked at, others are not plain.
const PLANE: usize = 0x1_0000;
/// Words whose counts are remembered; a power of two.
const REMEMBERED: usize = 4096;
/// Buffers larger than this are not kept.
const KEPT: usize = 1 << 20;

// What is known of a character: nothing, that it is not plain, the character that it becomes, or up to three letters.
const UNKNOWN: u32 = 0;
const NOT_PLAIN: u32 = 1;
const LETTERS: u32 = 1 << 31;

/// Counts for one tokenizer.
pub(super) struct Counting {
    plain: Vec<AtomicU32>,
    /// Texts with one of these are left to the crate.
    added: Vec<String>,
    free: Mutex<Vec<Scratch>>,
}

/// Buffers of one count, used again by the next.
struct Scratch {
    /// The words, each with [`SPACE`] before it.
    words: String,
    /// Where they begin.
    starts: Vec<usize>,
    steps: Vec<CountStep>,
    /// Short words with their counts; each has one place that it may take.
    known: Vec<(u128, u32)>,
}

impl Scratch {
    /// The words that were written last.
    fn words(&self) -> impl Iterator<Item = &str> {
        let ends = self.starts.iter().skip(1).copied();
        let ends = ends.chain([self.words.len()]);
        self.starts
            .iter()
            .zip(ends)
            .map(|(start, end)| &self.words[*start..end])
    }
}

impl Default for Scratch {
    fn default() -> Self {
        Self {
            words: String::new(),
            starts: Vec::new(),
            steps: Vec::new(),
            known: vec![(0, 0); REMEMBERED],
        }
    }
}

impl Counting {
    /// `None` for a tokenizer that works in another way than SentencePiece models do.
    pub(super) fn of(tokenizer: &UnigramTokenizer) -> Option<Self> {
        let PreTokenizerWrapper::Metaspace(metaspace) = tokenizer.get_pre_tokenizer()? else {
            return None;
        };
        let words_begin_with_space = metaspace.get_split()
            && metaspace.get_replacement() == SPACE
            && metaspace.get_prepend_scheme() == PrependScheme::Always;
        if !words_begin_with_space || !is_characterwise(tokenizer.get_normalizer()?) {
            return None;
        }
        let added = tokenizer.get_added_tokens_decoder();
        Some(Self {
            plain: (0..PLANE).map(|_| AtomicU32::new(UNKNOWN)).collect(),
            added: added.into_values().map(|token| token.content).collect(),
            free: Mutex::default(),
        })
    }

    /// Tokens of a text; `None` if it is not plain.
    pub(super) fn count(&self, tokenizer: &UnigramTokenizer, text: &str) -> Option<usize> {
        self.with_room(|scratch| self.counted(tokenizer, text, scratch))
    }

    /// The ids of those of a text's known tokens that have a letter or a digit, in order; `None` if it is not plain.
    pub(super) fn words(&self, tokenizer: &UnigramTokenizer, text: &str) -> Option<Vec<u32>> {
        self.with_room(|scratch| {
            self.normalize(tokenizer, text, scratch)?;
            let mut ids = Vec::new();
            for word in scratch.words() {
                let tokens = tokenizer.get_model().best_path(word).ok()?;
                let said = tokens.into_iter().rev().filter(|(_, start, end)| {
                    let token = word.get(*start..*end);
                    token.is_some_and(|token| token.contains(char::is_alphanumeric))
                });
                let unknown = tokenizer.get_model().unknown();
                ids.extend(said.map(|(id, ..)| id).filter(|id| Some(*id) != unknown));
            }
            Some(ids)
        })
    }

    fn with_room<T>(&self, work: impl FnOnce(&mut Scratch) -> T) -> T {
        let free = || self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut scratch = free().pop().unwrap_or_default();
        let done = work(&mut scratch);
        if scratch.words.capacity() <= KEPT {
            free().push(scratch);
        }
        done
    }

    fn counted(
        &self,
        tokenizer: &UnigramTokenizer,
        text: &str,
        scratch: &mut Scratch,
    ) -> Option<usize> {
        self.normalize(tokenizer, text, scratch)?;
        let (mut total, model) = (0, tokenizer.get_model());
        for (at, &start) in scratch.starts.iter().enumerate() {
            let next = scratch.starts.get(at + 1);
            let word = &scratch.words[start..next.copied().unwrap_or(scratch.words.len())];
            let key = key_of(word);
            let place = &mut scratch.known[place_of(key)];
            if key != 0 && place.0 == key {
                total += place.1 as usize;
                continue;
            }
            let count = model.count(word, &mut scratch.steps)?;
            if key != 0 {
                *place = (key, u32::try_from(count).ok()?);
            }
            total += count;
        }
        // What a text of blanks comes to is the crate's to say.
        (total > 0).then_some(total)
    }

    /// Writes the words as the model is to see them; `None` of a text that is not plain.
    fn normalize(
        &self,
        tokenizer: &UnigramTokenizer,
        text: &str,
        scratch: &mut Scratch,
    ) -> Option<()> {
        scratch.words.clear();
        scratch.starts.clear();
        let mut inside = false;
        for character in text.chars() {
            let place = self.plain.get(character as usize)?;
            let mut known = place.load(Ordering::Relaxed);
            if known == UNKNOWN {
                known = look_at(tokenizer, character);
                place.store(known, Ordering::Relaxed);
            }
            if known == NOT_PLAIN {
                return None;
            }
            let letters = if known & LETTERS == 0 {
                [char::from_u32(known)?, '\0', '\0']
            } else {
                [known, known >> 8, known >> 16].map(|byte| char::from((byte & 0x7f) as u8))
            };
            for letter in letters {
                match letter {
                    '\0' => break,
                    ' ' => inside = false,
                    letter => {
                        if !inside {
                            scratch.starts.push(scratch.words.len());
                            scratch.words.push(SPACE);
                            inside = true;
                        }
                        scratch.words.push(letter);
                    }
                }
            }
        }
        let has = |text: &str, token: &str| {
            let first = token.chars().next();
            first.is_none_or(|first| text.contains(first)) && text.contains(token)
        };
        let mut added = self.added.iter();
        (!added.any(|token| has(text, token) || has(&scratch.words, token))).then_some(())
    }
}

/// Whether a normalizer maps characters one by one and then leaves one blank between words and none around them.
fn is_characterwise(normalizer: &NormalizerWrapper) -> bool {
    let NormalizerWrapper::Sequence(steps) = normalizer else {
        return false;
    };
    let [first, rest @ ..] = steps.as_ref() else {
        return false;
    };
    let replaces = |step: &NormalizerWrapper, pattern: &str, content: &str| {
        let told = serde_json::to_value(step).unwrap_or_default();
        told["type"] == "Replace"
            && told["pattern"]["Regex"] == pattern
            && told["content"] == content
    };
    let blanks = match rest {
        [runs, ends] => replaces(runs, " {2,}", " ") && replaces(ends, "\\A | \\z", ""),
        _ => false,
    };
    blanks
        && matches!(
            first,
            NormalizerWrapper::Precompiled(_) | NormalizerWrapper::NFKC(_)
        )
}

/// Characters that never combine with those beside them, so that they can be looked at one by one.
const fn stands_alone(character: char) -> bool {
    matches!(character,
        '\t' | '\n' | ' '..='~' | '\u{c0}'..='\u{17f}' | '\u{391}'..='\u{3a9}' | '\u{3b1}'..='\u{3c9}'
        | '\u{410}'..='\u{44f}' | '\u{2010}'..='\u{2016}' | '\u{2018}'..='\u{2027}' | '\u{3000}'..='\u{3029}'
        | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fc}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{ff01}'..='\u{ff60}')
}

/// What the tokenizer's normalizer makes of a character.
fn look_at(tokenizer: &UnigramTokenizer, character: char) -> u32 {
    let Some(normalizer) = tokenizer.get_normalizer() else {
        return NOT_PLAIN;
    };
    if !stands_alone(character) {
        return NOT_PLAIN;
    }
    // Between letters, so that a blank stays.
    let mut text = NormalizedString::from(format!("a{character}a"));
    if normalizer.normalize(&mut text).is_err() {
        return NOT_PLAIN;
    }
    let made = text.get().strip_prefix('a');
    let Some(made) = made.and_then(|made| made.strip_suffix('a')) else {
        return NOT_PLAIN;
    };
    let mut letters = made.chars();
    match (letters.next(), letters.next()) {
        (Some(only), None) if only != '\0' && only != '\u{1}' && only != SPACE => only as u32,
        (Some(_), Some(_))
            if made.len() <= 3 && made.bytes().all(|byte| byte.is_ascii_graphic()) =>
        {
            made.bytes()
                .rev()
                .fold(0, |packed, byte| packed << 8 | u32::from(byte))
                | LETTERS
        }
        _ => NOT_PLAIN,
    }
}

/// A short word as a number; 0 for longer ones.
fn key_of(word: &str) -> u128 {
    let mut bytes = [0; 16];
    match bytes.get_mut(..word.len()) {
        Some(place) => {
            place.copy_from_slice(word.as_bytes());
            u128::from_le_bytes(bytes)
        }
        None => 0,
    }
}

fn place_of(key: u128) -> usize {
    let mixed = (key as u64 ^ (key >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 52) as usize % REMEMBERED
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::embed::fastembed::unigram::read;

    const FILE: &str = r#"{
        "added_tokens": [{ "id": 1, "content": "<s>", "special": true, "single_word": false,
            "lstrip": false, "rstrip": false, "normalized": false }],
        "normalizer": { "type": "Sequence", "normalizers": [{ "type": "NFKC" },
            { "type": "Replace", "pattern": { "Regex": " {2,}" }, "content": " " },
            { "type": "Replace", "pattern": { "Regex": "\\A | \\z" }, "content": "" }] },
        "pre_tokenizer": { "type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true },
        "post_processor": null,
        "model": { "type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0], ["<s>", 0.0], ["▁", -2.0], ["a", -3.0],
            ["b", -3.5], ["ab", -4.0], ["▁ab", -4.5], ["文", -5.0], ["渊", -6.0], ["文渊", -9.0], ["文渊阁", -9.5],
            [".", -2.5], ["...", -3.0], ["阁", -7.0], ["A", -3.0], ["!", -3.0]] }
    }"#;

    static TOKENIZER: LazyLock<UnigramTokenizer> =
        LazyLock::new(|| read(FILE.as_bytes()).expect("whole").expect("Unigram"));
    static COUNTING: LazyLock<Counting> =
        LazyLock::new(|| Counting::of(&TOKENIZER).expect("a SentencePiece tokenizer"));

    fn crates_own(text: &str) -> usize {
        TOKENIZER.encode_fast(text, false).expect("encodes").len()
    }

    #[test]
    fn plain_text_is_counted_and_other_text_is_left_to_the_crate() {
        for text in [
            "ab 文渊阁",
            "文渊…ＡＢ！ab",
            "  a\n\n\tb  ",
            "qqq zz ab",
            "“a” – b",
        ] {
            assert_eq!(
                COUNTING.count(&TOKENIZER, text),
                Some(crates_own(text)),
                "{text}"
            );
        }
        for text in [
            "", "  ", "a<s>b", "＜s＞", "e\u{301}", "ab▁ab", "🎉", "a\rb", "½",
        ] {
            assert_eq!(COUNTING.count(&TOKENIZER, text), None, "{text}");
        }
    }

    #[test]
    fn a_tokenizer_of_another_kind_is_left_alone() {
        let other = FILE.replace("\"split\": true", "\"split\": false");
        let other = read(other.as_bytes()).expect("whole").expect("Unigram");
        assert!(Counting::of(&other).is_none());
        let other = FILE.replace(" {2,}", " +");
        let other = read(other.as_bytes()).expect("whole").expect("Unigram");
        assert!(Counting::of(&other).is_none());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn counts_are_those_of_the_tokenizers_crate(text in "([ab.!文渊阁 \n…ＡＢ！qé]|ab|<s>|\\PC){0,40}") {
            if let Some(count) = COUNTING.count(&TOKENIZER, &text) {
                prop_assert_eq!(count, crates_own(&text));
            }
        }

        #[test]
        fn words_are_those_of_the_tokenizers_crate(text in "([ab.!文渊阁 \n…ＡＢ！qé]|ab|<s>|\\PC){0,40}") {
            if let Some(words) = COUNTING.words(&TOKENIZER, &text) {
                let encoding = TOKENIZER.encode(text.as_str(), false).expect("encodes");
                let tokens = encoding.get_ids().iter().zip(encoding.get_offsets());
                let said = tokens.filter(|(_, (start, end))| text[*start..*end].contains(char::is_alphanumeric));
                // Unknown characters are no words, and a blank by itself has the place of what follows it.
                let known = |id: &u32| ![0, 2].contains(id);
                prop_assert_eq!(words, said.map(|(id, _)| *id).filter(known).collect::<Vec<u32>>());
            }
        }
    }
}
