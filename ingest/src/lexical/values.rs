//! Dates, shares and large amounts in one spelling each, so that one way of writing them finds the other: `2024年3月5日`,
//! `March 5, 2024` and `2024/03/05` are all `2024-03-05`, `128.6万` is `1286000`, and `百分之三十` is `30`.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// The first three letters of each month.
const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// Han numerals up to ten; 〇 and 零 are nothing.
const NUMERALS: [&str; 11] = [
    "〇零", "一", "二两", "三", "四", "五", "六", "七", "八", "九", "十",
];

/// Digits of a number at most; what is longer is noise.
const LONGEST: usize = 24;

const NUMERAL: &str = "[〇零一二两三四五六七八九十]";

/// In folded text: small letters, simplified characters, ordinary digits.
static VALUES: LazyLock<Regex> = LazyLock::new(|| {
    let month = "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|\
                 oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?";
    let pattern = [
        // Numbers are taken whole: a part of a longer one is no year. Han characters may stand at their sides.
        "(?-u:\\b)(?P<y1>[12][0-9]{3}) ?年 ?(?P<m1>[0-9]{1,2}) ?月(?: ?(?P<d1>[0-9]{1,2}) ?[日号])?".to_owned(),
        format!("(?P<y2>[一二][〇零一二三四五六七八九]{{3}})年(?P<m2>{NUMERAL}{{1,2}})月(?:(?P<d2>{NUMERAL}{{1,3}})[日号])?"),
        "(?-u:\\b)(?P<y3>[12][0-9]{3})(?:-(?P<m3>[0-9]{1,2})-(?P<d3>[0-9]{1,2})|/(?P<m4>[0-9]{1,2})/(?P<d4>[0-9]{1,2})|\
         \\.(?P<m5>[0-9]{1,2})\\.(?P<d5>[0-9]{1,2}))(?-u:\\b)"
            .to_owned(),
        format!("(?-u:\\b)(?P<n6>{month}) (?P<d6>[0-9]{{1,2}})(?:st|nd|rd|th)?,? (?P<y6>[12][0-9]{{3}})(?-u:\\b)"),
        format!("(?-u:\\b)(?P<d7>[0-9]{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<n7>{month}),? (?P<y7>[12][0-9]{{3}})(?-u:\\b)"),
        format!("(?-u:\\b)(?P<n8>{month}),? (?P<y8>[12][0-9]{{3}})(?-u:\\b)"),
        format!("百分之(?P<share>{NUMERAL}{{1,3}})(?P<goes_on>[点百])?"),
        "(?-u:\\b)(?P<amount>(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\\.[0-9]+)?) ?(?P<unit>万亿|万|亿|million(?-u:\\b)|billion(?-u:\\b))".to_owned(),
        "(?-u:\\b)(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)\\.0+(?-u:\\b)".to_owned(),
        "(?-u:\\b)0(?P<padded>[1-9])(?-u:\\b)".to_owned(),
    ]
    .join("|");
    Regex::new(&pattern).expect("a fixed pattern")
});

/// Calls `visit` with the one spelling of each value in a folded text, in order. A date is followed by its month.
pub(super) fn visit(folded: &str, visit: &mut dyn FnMut(&str)) {
    if !folded
        .contains(|character: char| character.is_ascii_digit() || matches!(character, '年' | '百'))
    {
        return;
    }
    for found in VALUES.captures_iter(folded) {
        if let Some((year, month, day)) = date(&found) {
            if let Some(day) = day {
                visit(&format!("{year}-{month:02}-{day:02}"));
            }
            visit(&format!("{year}-{month:02}"));
            if let Some(day) = day.filter(|_| found.name("y3").is_some()) {
                // As `3月5日` has them.
                visit(&month.to_string());
                visit(&day.to_string());
            }
        } else if let Some(value) = value(&found) {
            visit(&value);
        }
    }
}

/// Year, month and day of a match, if it is a date that there can be.
fn date(found: &Captures<'_>) -> Option<(u32, u32, Option<u32>)> {
    let part = |name: &str| found.name(name).map(|part| part.as_str());
    let any = |names: &[&str]| names.iter().find_map(|name| part(name)).and_then(numeral);
    let year = any(&["y1", "y2", "y3", "y6", "y7", "y8"])?;
    let named = ["n6", "n7", "n8"].iter().find_map(|name| part(name));
    let month = match named {
        Some(name) => MONTHS.iter().position(|month| name.starts_with(month))? as u32 + 1,
        None => any(&["m1", "m2", "m3", "m4", "m5"])?,
    };
    let day = any(&["d1", "d2", "d3", "d4", "d5", "d6", "d7"]);
    let there_is = (1..=12).contains(&month) && day.is_none_or(|day| (1..=31).contains(&day));
    there_is.then_some((year, month, day))
}

/// Any other value.
fn value(found: &Captures<'_>) -> Option<String> {
    let part = |name: &str| found.name(name).map(|part| part.as_str());
    if let Some(share) = part("share") {
        return numeral(share)
            .filter(|_| part("goes_on").is_none())
            .map(|share| share.to_string());
    }
    if let Some(whole) = part("whole") {
        let value = whole.replace(',', "");
        return (value.len() <= LONGEST).then_some(value);
    }
    if let Some(padded) = part("padded") {
        return Some(padded.to_owned());
    }
    let (amount, unit) = (part("amount")?.replace(',', ""), part("unit")?);
    let zeros = match unit {
        "万" => 4,
        "亿" => 8,
        "万亿" => 12,
        "million" => 6,
        _ => 9,
    };
    shifted(&amount, zeros)
}

/// A number with its point so many places to the right, as long as nothing stands behind it then.
fn shifted(amount: &str, places: usize) -> Option<String> {
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    let fraction = fraction.trim_end_matches('0');
    let missing = places.checked_sub(fraction.len())?;
    let digits = format!("{whole}{fraction}{}", "0".repeat(missing));
    let value = digits.trim_start_matches('0');
    (!value.is_empty() && value.len() <= LONGEST).then(|| value.to_owned())
}

/// A number below 10,000 in digits or Han numerals: `二〇二四` by its places, `三十一` by its tens.
fn numeral(text: &str) -> Option<u32> {
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        return text.parse().ok();
    }
    let digits = text.chars().map(|character| {
        let place = NUMERALS.iter().position(|same| same.contains(character));
        place.map(|digit| digit as u32)
    });
    let digits: Vec<u32> = digits.collect::<Option<_>>()?;
    match digits.as_slice() {
        [10] => Some(10),
        [tens @ 1..=9, 10] => Some(tens * 10),
        [10, ones @ 1..=9] => Some(10 + ones),
        [tens @ 1..=9, 10, ones @ 1..=9] => Some(tens * 10 + ones),
        places if places.iter().all(|digit| *digit < 10) => {
            Some(places.iter().fold(0, |sum, digit| sum * 10 + digit))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        visit(text, &mut |value| found.push(value.to_owned()));
        found
    }

    #[test]
    fn a_date_is_the_same_however_it_is_written() {
        let separated = ["2024-03-05", "2024-03", "3", "5"];
        for text in ["2024-03-05", "2024/3/5", "签于2024.3.5"] {
            assert_eq!(values(text), separated, "{text}");
        }
        for text in [
            "2024年3月5日",
            "2024 年 03 月 05 日",
            "2024年3月5号",
            "二〇二四年三月五日",
            "march 5, 2024",
            "mar. 5th 2024",
            "5 march 2024",
            "5th of mar 2024",
        ] {
            assert_eq!(values(text), ["2024-03-05", "2024-03"], "{text}");
        }
        assert_eq!(
            values("二零一九年十二月三十一日"),
            ["2019-12-31", "2019-12"]
        );
        assert_eq!(values("2024年3月签订"), ["2024-03"]);
        assert_eq!(values("since september 2024"), ["2024-09"]);
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "2024-13-05",
            "2024年",
            "version 12024.3.5",
            "1.2.3",
            "may 2",
            "2024-3",
            "march on",
        ] {
            assert_eq!(values(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn amounts_and_shares_are_the_same_in_figures_and_in_words() {
        assert_eq!(values("128.6万元"), ["1286000"]);
        assert_eq!(values("1,286,000.00"), ["1286000"]);
        assert_eq!(values("3亿"), ["300000000"]);
        assert_eq!(values("1.5 million"), ["1500000"]);
        assert_eq!(values("0.00015万"), Vec::<String>::new());
        assert_eq!(values("百分之三十"), ["30"]);
        assert_eq!(values("百分之五"), ["5"]);
        assert_eq!(values("第05周"), ["5"]);
        assert_eq!(values("12.0"), ["12"]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_every_value_is_a_number_or_a_date(
            text in "([0-9]{1,5}|[-/.,年月日号万亿 ]|百分之|[一二三十〇零]|march|may|million|\\PC){0,20}"
        ) {
            for value in values(&text) {
                let plain = value.chars().all(|character| character.is_ascii_digit() || character == '-');
                prop_assert!(plain && value.len() <= 24, "{value}");
            }
        }
    }
}
