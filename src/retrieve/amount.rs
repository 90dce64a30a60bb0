//! Whether a question asks for a number, and whether a sentence gives one: a passage about the right thing that has none
//! does not answer "how many".

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

/// Wordings that ask for a number, a date or a share.
static ASKS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        "(?i)how (?:many|much|long|old|far|tall|large|big|often|high)|what (?:year|date|percent|number|day|month|time|age|\
         century|amount|size)|\\bwhen\\b|which year|population|percentage|多少|几|幾|哪一?[年天]|何[时時]|什[么麼]时候|甚麼時候|什麼時候|\
         多[长長大高久远遠]|年份|日期|比例|百分之",
    )
    .expect("a fixed pattern")
});

/// Numbers in digits, Han numerals that are more than an article, and English number words.
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        "(?i)[0-9０-９]+(?:[.,][0-9]+)*|[一二三四五六七八九十百千万亿兩两〇零]{2,}|[两兩三四五六七八九十][年月日天个個名位次人岁歲元\
         米里度届屆层層倍座所部种種条條]|\\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|\
         forty|fifty|hundred|thousand|million|billion|half|quarter|third)\\b",
    )
    .expect("a fixed pattern")
});

/// Whether the question asks for a number.
pub(crate) fn asks_amount(question: &str) -> bool {
    ASKS.is_match(question)
}

/// The Chinese measure after 多少 or 几.
static UNIT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("(?:多少|几|幾)(?:个|個)?(月|天|日|年|岁|歲|元|人|次|名|小时|小時|分钟|分鐘|公里|倍|层|層|页|頁|册|冊)")
        .expect("a fixed pattern")
});

/// The unit that a Chinese question asks for, as the question writes it: 天 of 多少天.
pub(crate) fn asked_unit(question: &str) -> Option<&str> {
    UNIT.captures(question)
        .and_then(|found| found.get(1))
        .map(|unit| unit.as_str())
}

/// Whether the sentence has a number that the question does not.
pub(crate) fn gives_amount(question: &str, sentence: &str) -> bool {
    let known: HashSet<String> = NUMBER
        .find_iter(question)
        .map(|found| found.as_str().to_lowercase())
        .collect();
    NUMBER
        .find_iter(sentence)
        .any(|found| !known.contains(&found.as_str().to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_for_numbers_are_told_from_others_in_both_languages() {
        for asks in [
            "How many books are there?",
            "When was it built?",
            "文渊阁有多少册书？",
            "哪一年建成？",
            "什么时候开放？",
        ] {
            assert!(asks_amount(asks), "{asks}");
        }
        for other in ["Who built the hall?", "谁写了这本书？", "为什么要搬走？"] {
            assert!(!asks_amount(other), "{other}");
        }
    }

    #[test]
    fn only_a_number_that_the_question_lacks_is_an_answer() {
        assert!(gives_amount("1776 年有多少册？", "共三万六千册。"));
        assert!(gives_amount("How many seats?", "It has forty seats."));
        assert!(!gives_amount(
            "1776 年有多少册？",
            "1776 年建成，藏书很多。"
        ));
        assert!(!gives_amount("有多少册？", "这是一个阁子。"));
    }
}
