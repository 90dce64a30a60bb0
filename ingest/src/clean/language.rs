//! Tells the language of a text as far as retrieval cares: Chinese of which script, English, or another.

use std::sync::LazyLock;

use super::is_han;
use crate::Language;

/// Characters looked at, at most; spread over the text.
const SAMPLE: usize = 6000;

/// Common characters that are written differently in the two scripts, and never swap roles.
const TRADITIONAL: &str = "這個們來說時對學會發國過還問題點開關現實經為無與於從將應該進後長機電業動體義華萬東車門見風馬魚鳥龍歲圖書數據職員規條類級統計術語讓認識聲變難雖樣種達運選連遠適際隊陽陰電靈須領頭願飛養館驗黃齊齒";
const SIMPLIFIED: &str = "这个们来说时对学会发国过还问题点开关现实经为无与于从将应该进后长机电业动体义华万东车门见风马鱼鸟龙岁图书数据职员规条类级统计术语让认识声变难虽样种达运选连远适际队阳阴电灵须领头愿飞养馆验黄齐齿";

/// Which of the two scripts each common character belongs to: one bit each, by its place among the Han.
static SCRIPTS: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut scripts = vec![0; HAN_END - HAN_START];
    for (set, bit) in [(TRADITIONAL, 1), (SIMPLIFIED, 2)] {
        for character in set.chars() {
            if let Some(script) = scripts.get_mut((character as usize).wrapping_sub(HAN_START)) {
                *script |= bit;
            }
        }
    }
    scripts
});
const HAN_START: usize = 0x4e00;
const HAN_END: usize = 0xa000;

/// Words that English has in nearly every sentence, and no other language in our script has among its common ones.
const ENGLISH: [&str; 6] = ["the", "of", "and", "that", "with", "which"];

/// The main language of `text`.
pub(crate) fn language_of(text: &str) -> Language {
    let mut counts = Counts::default();
    let total = text.len();
    // A long text is sampled at its beginning, middle and end.
    if total <= SAMPLE * 4 {
        counts.add(text, usize::MAX);
    } else {
        for part in 0..3 {
            counts.add(&text[floor_boundary(text, total / 3 * part)..], SAMPLE / 3);
        }
    }
    counts.language(text)
}

#[derive(Default)]
struct Counts {
    han: usize,
    kana: usize,
    letters: usize,
    traditional: usize,
    simplified: usize,
}

impl Counts {
    fn add(&mut self, text: &str, limit: usize) {
        let scripts = &**SCRIPTS;
        for character in text.chars().take(limit) {
            if is_han(character) {
                self.han += 1;
                // A character of both sets, or of neither, says nothing.
                match scripts.get((character as usize).wrapping_sub(HAN_START)) {
                    Some(1) => self.traditional += 1,
                    Some(2) => self.simplified += 1,
                    Some(_) | None => {}
                }
            } else if matches!(character, '\u{3040}'..='\u{30ff}') {
                self.kana += 1;
            } else if character.is_alphabetic() {
                self.letters += 1;
            }
        }
    }

    fn language(&self, text: &str) -> Language {
        // One Han character says about as much as three letters.
        let chinese = self.han * 3 >= self.letters && self.han > 0 && self.kana * 10 < self.han;
        if chinese {
            return if self.traditional > self.simplified {
                Language::TraditionalChinese
            } else {
                Language::Chinese
            };
        }
        if self.letters == 0 || self.kana * 3 > self.letters {
            return Language::Other;
        }
        let sample = &text[..floor_boundary(text, text.len().min(SAMPLE))];
        if is_plainly_english(sample) {
            return Language::English;
        }
        match whatlang::detect(sample) {
            Some(info) if info.lang() == whatlang::Lang::Eng => Language::English,
            // Short technical English is often taken for something else, with little confidence.
            Some(info)
                if info.script() == whatlang::Script::Latin
                    && !info.is_reliable()
                    && sample.is_ascii() =>
            {
                Language::English
            }
            _ => Language::Other,
        }
    }
}

/// Whether a text has so many English words that nobody needs to count its trigrams, which takes a hundred times longer.
fn is_plainly_english(text: &str) -> bool {
    let (mut words, mut found) = (0, [0_usize; ENGLISH.len()]);
    for word in text.split_ascii_whitespace() {
        words += 1;
        if let Some(at) = ENGLISH.iter().position(|known| *known == word) {
            found[at] += 1;
        }
    }
    let (kinds, total) = (
        found.iter().filter(|&&count| count > 0).count(),
        found.iter().sum::<usize>(),
    );
    words >= 20
        && kinds >= 2
        && total * 16 >= words
        && text
            .chars()
            .all(|character| character.is_ascii() || !character.is_alphabetic())
}

fn floor_boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_and_scripts_are_told_apart() {
        for (text, language) in [
            (
                "职工累计工作已满1年不满10年的，年休假5天。",
                Language::Chinese,
            ),
            (
                "在歐洲，梵語的學術研究，由德國學者開創。",
                Language::TraditionalChinese,
            ),
            (
                "Turn the device off before you clean the filter.",
                Language::English,
            ),
            (
                "Die Würde des Menschen ist unantastbar. Sie zu achten ist Verpflichtung.",
                Language::Other,
            ),
            ("マーケットモデルは確率空間上で定義される", Language::Other),
            ("역사적 예수 연구자들은", Language::Other),
            ("使用 Docker 部署服务", Language::Chinese),
        ] {
            assert_eq!(language_of(text), language, "{text}");
        }
    }
}
