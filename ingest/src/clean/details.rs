//! What a file says of itself, made comparable: days in one form, names without the defaults of programs.

use std::time::{SystemTime, UNIX_EPOCH};

use super::normalize;
use crate::Details;

/// Longest author, in characters.
const MOST_AUTHOR_CHARS: usize = 200;

/// Longest date looked at, in bytes.
const MOST_DATE_BYTES: usize = 100;

/// The days at which programs begin to count: written where nobody set a clock.
const ZEROES: [(i64, i64, i64); 7] = [
    (1601, 1, 1),
    (1899, 12, 30),
    (1899, 12, 31),
    (1900, 1, 1),
    (1904, 1, 1),
    (1970, 1, 1),
    (1980, 1, 1),
];

/// Names that programs write where nobody gave one.
const NOBODY: &[&str] = &[
    "admin",
    "administrator",
    "anonymous",
    "author",
    "lenovo",
    "microsoft",
    "microsoft office user",
    "n/a",
    "none",
    "null",
    "openpyxl",
    "owner",
    "python-docx",
    "root",
    "un-named",
    "unknown",
    "unnamed",
    "user",
    "windows 用户",
    "windows 使用者",
    "windows user",
    "佚名",
    "匿名",
    "微软用户",
    "未知",
    "用户",
    "管理员",
];

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// The same details in comparable form; what says nothing is dropped.
pub(super) fn tidy(details: &Details) -> Details {
    Details {
        author: details.author.as_deref().and_then(author),
        created: details.created.as_deref().and_then(day),
        modified: details.modified.as_deref().and_then(day),
    }
}

/// A name in one line, unless it is nobody's.
fn author(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let clean = normalize(&words.join(" "), false);
    let name = clean.trim_matches(|character: char| {
        character.is_whitespace() || matches!(character, ',' | ';' | '，' | '；' | '、' | '\0')
    });
    let lower = name.to_lowercase();
    let says_nothing = !name.chars().any(char::is_alphanumeric)
        || lower.contains("://")
        // ReportLab writes "(anonymous)".
        || NOBODY.contains(&lower.trim_matches(['(', ')', '<', '>', '[', ']']));
    (!says_nothing).then(|| name.chars().take(MOST_AUTHOR_CHARS).collect())
}

/// The day of a date in one of the forms that files use, as `YYYY-MM-DD`: ISO 8601 and its compact form, PDF's `D:`,
/// RFC 2822, a month by its English name, 年月日. Where only a year or month is told, its first day.
///
/// `None` for what is no date, lies before the year 1000 or in the future, or is where programs begin to count.
pub(crate) fn day(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() > MOST_DATE_BYTES {
        return None;
    }
    let text = text.strip_prefix("D:").unwrap_or(text).trim_start();
    // ReportLab's midnight, where it is to make the same file each time.
    if text.starts_with("20000101000000") {
        return None;
    }
    let (year, month, day) = numeric(text).or_else(|| worded(text))?;
    let told = (year, month.unwrap_or(1), day.unwrap_or(1));
    let whole = month.is_some() && day.is_some();
    let exists = (1000..=9999).contains(&told.0)
        && (1..=12).contains(&told.1)
        && (1..=length(told.0, told.1)).contains(&told.2);
    if !exists || whole && ZEROES.contains(&told) || number(told) > today() + 1 {
        return None;
    }
    Some(format!("{:04}-{:02}-{:02}", told.0, told.1, told.2))
}

/// A year and what is told of month and day.
type Told = (i64, Option<i64>, Option<i64>);

/// `2023-01-15…`, `2023/1/5`, `2023年1月15日`, `20230115…`, `2023-01`, `2023`.
fn numeric(text: &str) -> Option<Told> {
    let (year, rest) = digits(text, 4)?;
    if rest.is_empty() {
        return Some((year, None, None));
    }
    if rest.starts_with(|next: char| next.is_ascii_digit()) {
        let (month, rest) = digits(rest, 2)?;
        let day = digits(rest, 2).map(|(day, _)| day);
        return Some((year, Some(month), day));
    }
    let rest = rest.strip_prefix(['-', '/', '.', '年'])?;
    let Some((month, rest)) = up_to_two(rest) else {
        return rest.is_empty().then_some((year, None, None));
    };
    let day = rest
        .strip_prefix(['-', '/', '.', '月'])
        .and_then(up_to_two)
        .map(|(day, _)| day);
    Some((year, Some(month), day))
}

/// `Mon, 15 Jan 2023 09:00:00 +0800`, `January 15, 2023`, `Sun Jan 15 09:00:00 2023`.
fn worded(text: &str) -> Option<Told> {
    let (mut year, mut month, mut day) = (None, None, None);
    for word in text.split(|c: char| c.is_whitespace() || c == ',') {
        let lower = word.to_ascii_lowercase();
        if lower.bytes().all(|byte| byte.is_ascii_digit()) {
            match lower.len() {
                1 | 2 => day = day.or_else(|| lower.parse().ok()),
                4 => year = year.or_else(|| lower.parse().ok()),
                _ => {}
            }
        } else if let Some(start) = lower.get(..3)
            && lower
                .bytes()
                .all(|byte| byte.is_ascii_alphabetic() || byte == b'.')
        {
            let found = MONTHS.iter().position(|name| *name == start);
            month = month.or_else(|| found.map(|at| at as i64 + 1));
        }
    }
    month.and_then(|month| Some((year?, Some(month), day)))
}

/// Exactly this many digits at the beginning, and the rest.
fn digits(text: &str, count: usize) -> Option<(i64, &str)> {
    let head = text.get(..count)?;
    head.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| head.parse().ok())
        .flatten()
        .map(|number| (number, &text[count..]))
}

fn up_to_two(text: &str) -> Option<(i64, &str)> {
    digits(text, 2).or_else(|| digits(text, 1))
}

const fn length(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970 in the Gregorian calendar: years begin in March, so that leap days come last.
const fn number((year, month, day): (i64, i64, i64)) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = year / 4 - year / 100 + year / 400;
    year * 365 + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468
}

fn today() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| (since.as_secs() / 86_400).cast_signed())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_day_is_the_same_in_every_form() {
        for form in [
            "2023-01-15",
            "2023-01-15T09:30:00+08:00",
            "2023/1/15 9:30",
            "2023.01.15",
            "2023年1月15日",
            "20230115",
            "D:20230115093000+08'00'",
            "Sun, 15 Jan 2023 09:30:00 +0800",
            "15 January 2023",
            "January 15, 2023",
            "Sun Jan 15 09:30:00 2023",
        ] {
            assert_eq!(day(form).as_deref(), Some("2023-01-15"), "{form}");
        }
        assert_eq!(day("2019").as_deref(), Some("2019-01-01"));
        assert_eq!(day("2019-05").as_deref(), Some("2019-05-01"));
        assert_eq!(day("2024-02-29").as_deref(), Some("2024-02-29"));
    }

    #[test]
    fn what_is_no_day_is_dropped() {
        for nonsense in [
            "",
            "D:",
            "today",
            "0000-00-00",
            "2023-02-29",
            "2023-13-01",
            "1970-01-01T00:00:00Z",
            "1601-01-01",
            "9999-12-31",
            "0101-01-01T00:00:00+00:00",
            "15 2023",
            "1/15/2023",
            "D:20000101000000+00'00'",
        ] {
            assert_eq!(day(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn days_are_counted_as_the_calendar_does() {
        assert_eq!(number((1970, 1, 1)), 0);
        assert_eq!(number((2000, 3, 1)), 11_017);
        assert_eq!(number((1969, 12, 31)), -1);
    }

    #[test]
    fn an_author_is_one_bounded_line_and_somebody() {
        assert_eq!(author(" 王\u{0}小明\n ，").as_deref(), Some("王小明"));
        assert_eq!(author("Ann\tLee;").as_deref(), Some("Ann Lee"));
        assert_eq!(author("Administrator"), None);
        assert_eq!(author("(anonymous)"), None);
        assert_eq!(author("https://example.org/ann"), None);
        assert_eq!(author("-- "), None);
        let long = author(&"长".repeat(1_000)).expect("an author");
        assert_eq!(long.chars().count(), MOST_AUTHOR_CHARS);
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reading_of_dates(text in "(D:)?[0-9年月日 /:.,A-Za-z+'-]{0,30}|\\PC{0,20}") {
            if let Some(told) = day(&text) {
                prop_assert_eq!(day(&told), Some(told.clone()), "{} is not stable", text);
            }
        }
    }
}
