//! Folds what looks different and means the same: width, case, accents, and the two Chinese scripts.

use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::clean::is_han;

/// The blocks of Han characters that the conversion table speaks of.
const BLOCKS: [(u32, u32); 3] = [(0x3400, 0x9fff), (0x20000, 0x2ebef), (0x30000, 0x323af)];

/// The block that nearly all Han characters are in.
const MAIN: std::ops::RangeInclusive<u32> = 0x4e00..=0x9fff;

/// Folds text for the index.
pub(super) struct Folder {
    /// Traditional and simplified character, sorted by the former.
    simplified: Vec<(char, char)>,
    /// What each character of the main block becomes.
    main: Vec<char>,
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
        let mut main: Vec<char> = MAIN.filter_map(char::from_u32).collect();
        for &(traditional, character) in &simplified {
            if let Some(place) = main_index(traditional) {
                main[place] = character;
            }
        }
        Self { simplified, main }
    }

    /// The folded text: NFKC, small letters without accents, simplified characters.
    ///
    /// Most characters fold by themselves; the tables of Unicode are only asked about runs of others, each with the
    /// character before it, which it may combine with.
    pub(super) fn fold(&self, text: &str) -> String {
        let mut folded = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let mut last = 0;
            let single = rest.char_indices().find_map(|(at, character)| {
                let alone = self.alone(character);
                if alone.is_some() {
                    last = at;
                }
                alone.is_none().then_some(at)
            });
            let single = single.map_or(rest.len(), |_other| last);
            let (plain, after) = rest.split_at(single);
            folded.extend(plain.chars().filter_map(|character| self.alone(character)));
            let mut characters = after.char_indices().skip(1);
            let next = characters.find(|(_, character)| self.alone(*character).is_some());
            let (others, after) = after.split_at(next.map_or(after.len(), |(at, _)| at));
            if !others.is_empty() {
                folded.push_str(&self.fold_by_tables(others));
            }
            rest = after;
        }
        folded
    }

    /// What a character becomes wherever it stands, unless a combining one follows. `None` for those of which that is
    /// not known.
    fn alone(&self, character: char) -> Option<char> {
        match character {
            '\0'..='\x7f' => Some(character.to_ascii_lowercase()),
            '\u{4e00}'..='\u{9fff}' => main_index(character).map(|place| self.main[place]),
            // Full-width forms of ASCII.
            '\u{ff01}'..='\u{ff5e}' => {
                char::from_u32(character as u32 - 0xfee0).map(|narrow| narrow.to_ascii_lowercase())
            }
            '\u{3000}' => Some(' '),
            '、' | '。' | '《' | '》' | '“' | '”' => Some(character),
            _ => None,
        }
    }

    fn fold_by_tables(&self, text: &str) -> String {
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
        if let Some(place) = main_index(character) {
            return self.main[place];
        }
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

const fn main_index(character: char) -> Option<usize> {
    let (code, first, last) = (character as u32, *MAIN.start(), *MAIN.end());
    if first <= code && code <= last {
        Some((code - first) as usize)
    } else {
        None
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

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::Folder;

    static FOLDER: LazyLock<Folder> = LazyLock::new(Folder::new);

    proptest! {
        #[test]
        fn the_short_way_folds_as_the_tables_do(
            text in "([a-zA-Z一-龥，。：ＡｂＣ５「 é\\u{300}\\u{301}\\u{308}가각が\\u{3099}カ\\u{ff9e}ßİ①㎏﷽豈㐀]|\\PC){0,40}",
        ) {
            prop_assert_eq!(FOLDER.fold(&text), FOLDER.fold_by_tables(&text));
        }
    }
}
