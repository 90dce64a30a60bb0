//! Days, months and years as people write them, as the days that they span.

use jiff::ToSpan as _;
use jiff::civil::Date;

/// First and last day of `2024`, `2024-06` or `2024-06-01`; `/`, `.` and 年月日 do as well. `None` for anything else.
#[must_use]
pub fn period(text: &str) -> Option<(Date, Date)> {
    let text = text.trim();
    let text = text
        .strip_suffix(['年', '月', '日', '号', '號'])
        .unwrap_or(text);
    let mut parts = text.splitn(4, ['-', '/', '.', '年', '月']);
    let year = number(parts.next()?, 4..=4)?;
    let (month, day) = match (parts.next(), parts.next(), parts.next()) {
        (None, _, _) => (None, None),
        (Some(month), None, _) => (Some(number(month, 1..=2)?), None),
        (Some(month), Some(day), None) => (Some(number(month, 1..=2)?), Some(number(day, 1..=2)?)),
        (Some(_), Some(_), Some(_)) => return None,
    };
    let small = |number: i16| i8::try_from(number).ok();
    let first = Date::new(year, small(month.unwrap_or(1))?, small(day.unwrap_or(1))?).ok()?;
    let last = match (month, day) {
        (None, _) => first.last_of_year(),
        (Some(_), None) => first.last_of_month(),
        (Some(_), Some(_)) => first,
    };
    Some((first, last))
}

/// First and last day of one year or of several: `2023`, `2020-2023`, `2020至2023`.
pub(super) fn years(text: &str) -> Option<(Date, Date)> {
    let whole = |text: &str| number(text.trim().trim_end_matches('年'), 4..=4);
    let (first, last) = match text.split_once(['-', '–', '~', '～', '至', '到']) {
        Some((first, last)) => (whole(first)?, whole(last)?),
        None => (whole(text)?, whole(text)?),
    };
    (first <= last).then_some(())?;
    Some((Date::new(first, 1, 1).ok()?, Date::new(last, 12, 31).ok()?))
}

/// The day before, where there is one.
pub(super) fn day_before(date: Date) -> Option<Date> {
    date.checked_sub(1.day()).ok()
}

fn number(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<i16> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    (plain && digits.contains(&text.len()))
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Option<(String, String)> {
        period(text).map(|(first, last)| (first.to_string(), last.to_string()))
    }

    fn days(first: &str, last: &str) -> Option<(String, String)> {
        Some((first.to_owned(), last.to_owned()))
    }

    #[test]
    fn a_year_and_a_month_span_their_days() {
        assert_eq!(told("2024"), days("2024-01-01", "2024-12-31"));
        assert_eq!(told("2024年"), days("2024-01-01", "2024-12-31"));
        assert_eq!(told("2024-02"), days("2024-02-01", "2024-02-29"));
        assert_eq!(told("2024年2月"), days("2024-02-01", "2024-02-29"));
        assert_eq!(told("2024/2/9"), days("2024-02-09", "2024-02-09"));
        assert_eq!(told("2024年2月9日"), days("2024-02-09", "2024-02-09"));
    }

    #[test]
    fn what_is_no_period_is_none() {
        for text in [
            "",
            "24",
            "2024-13",
            "2024-02-30",
            "2024-",
            "2024-1-1-1",
            "今年",
            "-2024",
            "20240101",
        ] {
            assert_eq!(told(text), None, "{text}");
        }
        assert!(years("2023-2020").is_none() && years("2020-").is_none());
        assert!(years("2020至2023").is_some());
    }
}
