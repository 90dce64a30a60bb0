//! Folds what looks different and means the same: width, case, accents, and the two Chinese scripts.

use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::clean::is_han;

/// The blocks of Han characters that the conversion table speaks of.
const BLOCKS: [(u32, u32); 3] = [(0x3400, 0x9fff), (0x20000, 0x2ebef), (0x30000, 0x323af)];

/// Folds text for the index. Its table is sorted by the traditional character.
pub(super) struct Folder {
    simplified: Vec<(char, char)>,
}

impl Folder {
    /// Reads the table of OpenCC, character by character: words are not converted, so that a passage and a question
    /// fold alike wherever they are cut.
    pub(super) fn new() -> Self {
        let mut simplified = Vec::with_capacity(4096);
        match OpenCC::from_config(BuiltinConfig::T2s) {
            Ok(table) => {
                for traditional in BLOCKS
                    .iter()
                    .flat_map(|&(first, last)| first..=last)
                    .filter_map(char::from_u32)
                {
                    let converted = table.convert(traditional.encode_utf8(&mut [0; 4]));
                    let mut characters = converted.chars();
                    if let (Some(character), None) = (characters.next(), characters.next())
                        && character != traditional
                    {
                        simplified.push((traditional, character));
                    }
                }
            }
            Err(error) => {
                tracing::error!("the table of traditional characters is missing: {error}");
            }
        }
        Self { simplified }
    }

    /// The folded text: NFKC, small letters without accents, simplified characters.
    pub(super) fn fold(&self, text: &str) -> String {
        let mut folded = String::with_capacity(text.len());
        let mut latin = false;
        for character in text.nfkc().flat_map(char::to_lowercase).nfd() {
            if is_combining_mark(character) {
                // Accents go; the voicing marks of kana and the vowels of other scripts stay.
                if !latin {
                    folded.push(character);
                }
                continue;
            }
            latin = matches!(character, 'a'..='z' | 'α'..='ω');
            folded.push(if is_han(character) {
                self.simplify(character)
            } else {
                plain(character)
            });
        }
        folded.nfc().collect()
    }

    fn simplify(&self, character: char) -> char {
        self.simplified
            .binary_search_by_key(&character, |&(traditional, _)| traditional)
            .map_or(character, |at| self.simplified[at].1)
    }

    /// Pairs in the table.
    #[cfg(test)]
    pub(super) const fn len(&self) -> usize {
        self.simplified.len()
    }
}

/// Letters that stand for others without being composed of them.
const fn plain(character: char) -> char {
    match character {
        'ø' => 'o',
        'ł' => 'l',
        'đ' => 'd',
        'ı' => 'i',
        '’' | '‘' | '＇' => '\'',
        '‐' | '‑' | '–' | '−' => '-',
        other => other,
    }
}
