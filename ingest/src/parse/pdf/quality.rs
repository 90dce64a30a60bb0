//! Judges a page's text before it is believed: fonts lie, and garbage in the index is worse than a gap.

/// What a page's text looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quality {
    /// Readable.
    Good,
    /// No characters.
    Empty,
    /// Characters, but not those that the page shows.
    Garbled,
}

/// Judges the text of one page.
pub(super) fn judge<'a>(lines: impl Iterator<Item = &'a str>) -> Quality {
    let mut counts = Counts::default();
    for line in lines {
        counts.add(line);
    }
    counts.verdict()
}

#[derive(Default)]
struct Counts {
    visible: usize,
    unknown: usize,
    control: usize,
    high_latin: usize,
    paired_high_latin: usize,
    odd: usize,
}

impl Counts {
    fn add(&mut self, line: &str) {
        let mut run = 0;
        for character in line.chars() {
            let high = ('\u{80}'..='\u{ff}').contains(&character)
                && !matches!(character, '\u{a0}' | '\u{ad}' | '·' | '×' | '°' | '±');
            if high {
                run += 1;
            } else {
                self.paired_high_latin += if run >= 2 { run } else { 0 };
                run = 0;
            }
            if character.is_whitespace() {
                continue;
            }
            self.visible += 1;
            self.high_latin += usize::from(high);
            self.odd += usize::from(is_odd(character));
            self.unknown += usize::from(character == '\u{fffd}' || is_private(character));
            self.control += usize::from(character.is_control());
        }
        self.paired_high_latin += if run >= 2 { run } else { 0 };
    }

    fn verdict(&self) -> Quality {
        let visible = self.visible;
        if visible == 0 || visible == self.control {
            return Quality::Empty;
        }
        // GBK or Big5 bytes read as Latin-1 are runs of accented letters and signs, as no language has them.
        let mojibake =
            self.high_latin * 10 >= visible * 3 && self.paired_high_latin * 2 > self.high_latin;
        let unknown = (self.unknown + self.control) * 10 > visible;
        // Glyph numbers taken for characters are mostly rare signs.
        let signs = visible >= 40 && self.odd * 2 > visible;
        if unknown || mojibake || signs {
            Quality::Garbled
        } else {
            Quality::Good
        }
    }
}

/// Signs that ordinary pages have few of: neither letters nor digits, and no usual punctuation.
fn is_odd(character: char) -> bool {
    !character.is_alphanumeric()
        && !character.is_ascii_punctuation()
        && !matches!(character, '\u{b7}' | '\u{2010}'..='\u{2027}' | '\u{2500}'..='\u{25ff}' | '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ffef}')
}

/// Characters without a public meaning, as symbol fonts and broken fonts use them.
pub(super) fn is_private(character: char) -> bool {
    matches!(character, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gbk_read_as_latin_is_garbage() {
        let (bytes, _, _) = encoding_rs::GB18030.encode("关于红军作战的原则，目录");
        let mojibake: String = bytes.iter().map(|&byte| char::from(byte)).collect();
        assert_eq!(judge([mojibake.as_str()].into_iter()), Quality::Garbled);
    }

    #[test]
    fn european_and_chinese_texts_are_good() {
        for line in [
            "Größe und Übergröße für Österreicher: naïve façade",
            "já é só à noite",
            "职工带薪年休假条例",
            "Ærøskøbing på Ærø",
        ] {
            assert_eq!(judge([line].into_iter()), Quality::Good, "{line}");
        }
    }

    #[test]
    fn unknown_characters_are_garbage_and_blanks_are_nothing() {
        assert_eq!(
            judge(["\u{fffd}\u{fffd} abc"].into_iter()),
            Quality::Garbled
        );
        assert_eq!(judge(["  \t "].into_iter()), Quality::Empty);
    }
}
