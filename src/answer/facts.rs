//! Numbers and names, which a sentence must not have that its evidence has not.

use std::collections::BTreeSet;

use crate::retrieve::is_han;

/// The numbers in a text, normalized: full-width digits to ASCII, thousands separators dropped, Chinese numerals of
/// two characters or more as digits.
pub(crate) fn numbers(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let characters: Vec<char> = text.chars().map(narrow).collect();
    let mut at = 0;
    while at < characters.len() {
        if characters[at].is_ascii_digit() {
            let end = end_of_number(&characters, at);
            found.insert(normal(&characters[at..end]));
            at = end;
        } else if is_numeral(characters[at]) {
            let end = (at..characters.len())
                .find(|next| !is_numeral(characters[*next]))
                .unwrap_or(characters.len());
            if end - at > 1 {
                found.extend(han_number(&characters[at..end]));
            }
            at = end;
        } else {
            at += 1;
        }
    }
    found
}

const fn narrow(character: char) -> char {
    match character {
        '０'..='９' => (b'0' + (character as u32 - '０' as u32) as u8) as char,
        '．' => '.',
        '，' => ',',
        other => other,
    }
}

/// A number goes on over `,` before exactly three digits and over `.` before a digit.
fn end_of_number(characters: &[char], start: usize) -> usize {
    let digit = |at: usize| characters.get(at).is_some_and(char::is_ascii_digit);
    let mut at = start;
    loop {
        if digit(at) || (characters.get(at) == Some(&'.') && digit(at + 1)) {
            at += 1;
        } else if characters.get(at) == Some(&',')
            && (1..4).all(|step| digit(at + step))
            && !digit(at + 4)
        {
            at += 4;
        } else {
            return at;
        }
    }
}

fn normal(characters: &[char]) -> String {
    let plain: String = characters
        .iter()
        .filter(|character| **character != ',')
        .collect();
    let plain = if plain.contains('.') {
        plain.trim_end_matches('0').trim_end_matches('.')
    } else {
        &plain
    };
    let trimmed = plain.trim_start_matches('0');
    match trimmed.chars().next() {
        None => "0".to_owned(),
        Some('.') => format!("0{trimmed}"),
        Some(_) => trimmed.to_owned(),
    }
}

fn is_numeral(character: char) -> bool {
    digit_of(character).is_some() || unit_of(character).is_some()
}

fn digit_of(character: char) -> Option<u64> {
    let digits = [
        "零〇",
        "一",
        "二两兩",
        "三",
        "四",
        "五",
        "六",
        "七",
        "八",
        "九",
    ];
    digits
        .iter()
        .position(|same| same.contains(character))
        .map(|digit| digit as u64)
}

const fn unit_of(character: char) -> Option<u64> {
    match character {
        '十' => Some(10),
        '百' => Some(100),
        '千' => Some(1_000),
        '万' | '萬' => Some(10_000),
        '亿' | '億' => Some(100_000_000),
        _ => None,
    }
}

/// A Chinese numeral in digits: `一九九八` by place, `三百零八` by units; `None` for words such as `千万`.
fn han_number(numeral: &[char]) -> Option<String> {
    let first = *numeral.first()?;
    if digit_of(first).is_none() && first != '十' {
        return None;
    }
    if let Some(digits) = numeral
        .iter()
        .map(|character| digit_of(*character))
        .collect::<Option<Vec<u64>>>()
    {
        return Some(
            digits
                .iter()
                .map(u64::to_string)
                .collect::<String>()
                .trim_start_matches('0')
                .to_owned(),
        );
    }
    let (mut total, mut section, mut digit) = (0u64, 0u64, None);
    for character in numeral {
        match (digit_of(*character), unit_of(*character)) {
            (Some(value), _) => digit = Some(value),
            (None, Some(unit)) if unit >= 10_000 => {
                total =
                    total.checked_add((section + digit.take().unwrap_or(0)).checked_mul(unit)?)?;
                section = 0;
            }
            (None, Some(unit)) => section += digit.take().unwrap_or(1) * unit,
            (None, None) => return None,
        }
    }
    Some((total + section + digit.unwrap_or(0)).to_string())
}

/// The value of one number in digits or Han numerals, one of a single character too.
pub(super) fn value(number: &str) -> Option<f64> {
    if let Ok(value) = number.parse() {
        return Some(value);
    }
    let numeral: Vec<char> = number.chars().collect();
    if let [single] = numeral[..] {
        return digit_of(single)
            .or_else(|| unit_of(single))
            .map(|value| value as f64);
    }
    han_number(&numeral)?.parse().ok()
}

/// Names that can be told from writing alone: capitalized words that do not begin the sentence, and what stands in
/// Chinese title or quotation marks. Lower-cased.
pub(crate) fn names(sentence: &str) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = sentence
        .split_whitespace()
        .skip(1)
        .map(|word| word.trim_matches(|character: char| !character.is_alphanumeric()))
        .filter(|word| {
            word.chars().next().is_some_and(char::is_uppercase)
                && word.chars().count() > 1
                && !word.chars().any(is_han)
        })
        .map(|word| {
            word.trim_end_matches("'s")
                .trim_end_matches("’s")
                .to_lowercase()
        })
        .collect();
    for (open, close) in [('《', '》'), ('“', '”'), ('「', '」')] {
        let inside = sentence
            .split(open)
            .skip(1)
            .filter_map(|rest| rest.split_once(close));
        found.extend(
            inside
                .map(|(name, _)| name.trim().to_lowercase())
                .filter(|name| !name.is_empty()),
        );
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Vec<String> {
        numbers(text).into_iter().collect()
    }

    #[test]
    fn numbers_are_compared_by_value_not_by_writing() {
        assert_eq!(list("1,250,000 元，６.４0%"), ["1250000", "6.4"]);
        assert_eq!(list("一九九八年共三百零八人"), ["1998", "308"]);
        assert_eq!(list("三万五千"), ["35000"]);
        assert_eq!(list("in 2008, 2009 and 007"), ["2008", "2009", "7"]);
    }

    #[test]
    fn words_made_of_numerals_are_no_numbers() {
        assert!(list("千万不要，万一十分一定").is_empty());
    }

    #[test]
    fn a_capital_at_the_start_is_no_name() {
        assert_eq!(
            names("The tower was built by Gustave Eiffel's firm.")
                .into_iter()
                .collect::<Vec<_>>(),
            ["eiffel", "gustave"]
        );
        assert_eq!(
            names("他写了《文渊阁记》。")
                .into_iter()
                .collect::<Vec<_>>(),
            ["文渊阁记"]
        );
    }
}
