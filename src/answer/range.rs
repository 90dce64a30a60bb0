//! Conditions on a quantity, such as "满10年不满20年" or "at least 3 years": whether the one in a question fulfils them.
//!
//! Rules come in tiers, and the tiers share all their words; only the numbers tell which one is asked about.

use std::sync::LazyLock;

use regex::Regex;

use super::facts::value;

const NUMBER: &str = r"([0-9]+(?:\.[0-9]+)?|[零〇一二两兩三四五六七八九十百千万]+)";
const UNIT: &str = r"(周岁|周歲|岁|歲|个月|個月|年|天|日|小时|小時|人|元|years?|months?|weeks?|days?|hours?|people|employees)";

static QUANTITY: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"{NUMBER}\s*{UNIT}")));

static CONDITION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        r"(?:(?P<under>不满|不滿|未满|未滿|不足|少于|少於|低于|低於|不超过|不超過|less than|fewer than|under|up to)|(?P<over>满|滿|超过|超過|达到|達到|至少|at least|more than|over|after))\s*{NUMBER}\s*{UNIT}|{NUMBER}\s*{UNIT}\s*(?:(?P<from>以上|or more|and above)|(?P<to>以下|以内|以內|or less|and below))"
    ))
});

fn pattern(text: &str) -> Regex {
    Regex::new(&format!("(?i){text}")).expect("a fixed pattern")
}

/// Characters between the two bounds of one condition.
const NEAR: usize = 12;
/// From here on a number before 年 is a date.
const DATE: f64 = 1_000.0;

/// Whether a quantity of the question fulfils a condition in the sentence; `None` where none of them can be compared.
pub(crate) fn fulfils(question: &str, sentence: &str) -> Option<bool> {
    let asked = quantities(question);
    if asked.is_empty() {
        return None;
    }
    let mut compared = None;
    for condition in conditions(sentence) {
        for (amount, _) in asked.iter().filter(|(_, unit)| *unit == condition.unit) {
            let fits = *amount >= condition.from && *amount <= condition.to;
            compared = Some(compared.unwrap_or(false) || fits);
        }
    }
    compared
}

/// Both bounds belong to it; a tier that ends below a number is told by the largest value under it.
struct Condition {
    unit: char,
    from: f64,
    to: f64,
    /// Where it ends in the sentence.
    end: usize,
}

fn quantities(text: &str) -> Vec<(f64, char)> {
    let found = QUANTITY.captures_iter(text).filter_map(|found| {
        let amount = value(&found[1])?;
        let unit = kind(&found[2]);
        (unit != 'y' || amount < DATE).then_some((amount, unit))
    });
    found.collect()
}

fn conditions(sentence: &str) -> Vec<Condition> {
    let mut all: Vec<Condition> = Vec::new();
    for found in CONDITION.captures_iter(sentence) {
        let (Some(whole), Some(number), Some(unit)) = (
            found.get(0),
            found.get(3).or_else(|| found.get(5)),
            found.get(4).or_else(|| found.get(6)),
        ) else {
            continue;
        };
        let Some(amount) = value(number.as_str()) else {
            continue;
        };
        let unit = kind(unit.as_str());
        if found.name("over").is_some() || found.name("from").is_some() {
            all.push(Condition {
                unit,
                from: amount,
                to: f64::INFINITY,
                end: whole.end(),
            });
            continue;
        }
        let strict = found
            .name("under")
            .is_some_and(|word| !word.as_str().contains("过"));
        let to = if strict { amount - 1e-6 } else { amount };
        match all.last_mut() {
            Some(last)
                if last.unit == unit
                    && last.to.is_infinite()
                    && sentence[last.end..whole.start()].chars().count() <= NEAR =>
            {
                last.to = to;
            }
            _ => all.push(Condition {
                unit,
                from: f64::NEG_INFINITY,
                to,
                end: whole.end(),
            }),
        }
    }
    all
}

/// One letter for units that can be compared.
fn kind(unit: &str) -> char {
    match unit.to_lowercase().trim_end_matches('s') {
        "年" | "year" => 'y',
        "个月" | "個月" | "month" => 'm',
        "天" | "日" | "day" => 'd',
        "week" => 'w',
        "小时" | "小時" | "hour" => 'h',
        "周岁" | "周歲" | "岁" | "歲" => 'a',
        "人" | "people" | "employee" => 'p',
        _ => '¥',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOW: &str = "职工累计工作已满1年不满10年的，年休假5天；";
    const MIDDLE: &str = "已满10年不满20年的，年休假10天；";
    const HIGH: &str = "已满20年的，年休假15天。";

    #[test]
    fn only_the_tier_that_holds_the_number_is_fulfilled() {
        for (question, tiers) in [
            ("工作满十二年的职工有几天年休假？", [false, true, false]),
            ("工作10年可以休几天？", [false, true, false]),
            ("工作满20年的职工年休假多少天？", [false, false, true]),
            ("工作三年的人有几天？", [true, false, false]),
        ] {
            let found = [LOW, MIDDLE, HIGH].map(|tier| fulfils(question, tier));
            assert_eq!(found, tiers.map(Some), "{question}");
        }
        assert_eq!(
            fulfils("工作15年可以休几天？", &[LOW, MIDDLE, HIGH].concat()),
            Some(true)
        );
    }

    #[test]
    fn english_conditions_and_bounds_on_either_side_are_read() {
        let tier =
            "Employees with at least 5 years of service get 20 days; after 10 years, 25 days.";
        assert_eq!(fulfils("How many days after 7 years?", tier), Some(true));
        assert_eq!(fulfils("How many days after 3 years?", tier), Some(false));
        assert_eq!(
            fulfils("18 岁以下的人可以进入吗", "12岁以上的观众可以进入"),
            Some(true)
        );
        assert_eq!(
            fulfils("参观要三个月预约吗", "一个月以内的预约有效"),
            Some(false)
        );
    }

    #[test]
    fn dates_and_questions_without_a_quantity_are_not_compared() {
        assert_eq!(fulfils("2018年得奖的是谁？", LOW), None);
        assert_eq!(fulfils("年休假有几天？", LOW), None);
        assert_eq!(fulfils("工作3个月有几天？", LOW), None);
    }
}
