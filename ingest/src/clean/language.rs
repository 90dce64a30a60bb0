//! Tells the language of a text as far as retrieval cares: Chinese of which script, English, or another.

use super::is_han;
use crate::Language;

/// Characters looked at, at most; spread over the text.
const SAMPLE: usize = 6000;

/// Common characters that are written differently in the two scripts, and never swap roles.
const TRADITIONAL: &str = "這個們來說時對學會發國過還問題點開關現實經為無與於從將應該進後長機電業動體義華萬東車門見風馬魚鳥龍歲圖書數據職員規條類級統計術語讓認識聲變難雖樣種達運選連遠適際隊陽陰電靈須領頭願飛養館驗黃齊齒";
const SIMPLIFIED: &str = "这个们来说时对学会发国过还问题点开关现实经为无与于从将应该进后长机电业动体义华万东车门见风马鱼鸟龙岁图书数据职员规条类级统计术语让认识声变难虽样种达运选连远适际队阳阴电灵须领头愿飞养馆验黄齐齿";

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
        for character in text.chars().take(limit) {
            if is_han(character) {
                self.han += 1;
                match (
                    TRADITIONAL.contains(character),
                    SIMPLIFIED.contains(character),
                ) {
                    (true, false) => self.traditional += 1,
                    (false, true) => self.simplified += 1,
                    (true, true) | (false, false) => {}
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
