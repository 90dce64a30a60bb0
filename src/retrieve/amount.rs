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
         米里度届屆层層倍座所部种種条條折件台臺套张張项項斤吨噸箱瓶]|\\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|\
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

/// Wordings that ask what something costs.
static ASKS_PRICE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        "(?i)多少[钱錢]|[几幾][块塊][钱錢]|[价價][格钱錢位]|单价|單價|售价|售價|月租|租金|\
         \\bprices?\\b|\\brent\\b|\\bcosts?\\b",
    )
    .expect("a fixed pattern")
});

/// Wordings that ask when or how long.
static ASKS_TIME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("(?i)\\bwhen\\b|\\bhow (?:long|many|often)\\b|什[么麼]时候|什麼時候|何[时時]|[几幾][号號]|哪一?天|多久|多[长長]")
        .expect("a fixed pattern")
});

/// Sums of money.
static PRICE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        "(?i)[¥￥$€£]\\s?[0-9]|(?:rmb|usd|eur|gbp|cny|hk\\$|nt\\$)\\s?[0-9]|[0-9〇零一二三四五六七八九十百千万萬亿億]\\s?\
         (?:元|块|塊|圆|圓|美[元金]|欧元|歐元|港[元币幣]|日[元圆圓])|\
         [0-9]\\s?(?:yuan|rmb|dollars?|euros?|pounds?|usd|eur|gbp|cny|krone[rn]?|yen|cents?)\\b",
    )
    .expect("a fixed pattern")
});

/// Whether the question asks for a sum of money.
pub(crate) fn asks_price(question: &str) -> bool {
    ASKS_PRICE.is_match(question) && asked_unit(question).is_none() && !ASKS_TIME.is_match(question)
}

/// Whether the sentence gives one.
pub(crate) fn gives_price(sentence: &str) -> bool {
    PRICE.is_match(sentence)
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
    fn a_price_is_asked_for_and_given_in_many_words() {
        for asks in [
            "清泉三号卖多少钱",
            "港湾街办公室的月租",
            "monthly rent of Harbour Street",
            "How much does it cost?",
        ] {
            assert!(asks_price(asks), "{asks}");
        }
        for other in [
            "How much snow fell?",
            "多少人参加？",
            "当前版本",
            "租金什么时候付",
            "费用报销要多少天到账？",
        ] {
            assert!(!asks_price(other), "{other}");
        }
        for gives in [
            "售价为499元",
            "Base rent is $14,250 per month.",
            "EUR 612.00 each",
            "二十五元",
            "25 euros",
        ] {
            assert!(gives_price(gives), "{gives}");
        }
        assert!(!gives_price("电池寿命可达八年") && !gives_price("two months of base rent"));
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
