//! Numbers in rows that repeat: whether they stay the same, count the pages, or tell something.

/// What the numbers of a row do from page to page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Course {
    /// All of them are the same everywhere, or there are none.
    Same,
    /// Each is the same or grows with the pages, and one does grow.
    Counts,
    /// Anything else.
    Varies,
}

/// A row without what may change from page to page: a `#` in place of every number.
pub(super) fn key<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut key = String::new();
    for character in texts.flat_map(str::chars).filter(|c| !c.is_whitespace()) {
        if !is_digit(character) {
            key.push(character);
        } else if !key.ends_with('#') {
            key.push('#');
        }
    }
    key
}

/// The numbers of a row, as they are written.
pub(super) fn numbers(text: &str) -> Vec<String> {
    let narrow = |one: char| match one {
        '０'..='９' => char::from_u32(one as u32 - '０' as u32 + '0' as u32).unwrap_or(one),
        other => other,
    };
    let shown = text.chars().filter(|one| !one.is_whitespace());
    let squeezed: String = shown.map(narrow).collect();
    let runs = squeezed.split(|one: char| !is_digit(one));
    runs.filter(|run| !run.is_empty())
        .map(str::to_owned)
        .collect()
}

fn is_digit(character: char) -> bool {
    character.is_numeric() && !crate::clean::is_cjk(character)
}

/// What numbers do, given with the number of each page.
pub(super) fn course(told: &[(u32, Vec<String>)]) -> Course {
    let count = told.first().map_or(0, |(_, numbers)| numbers.len());
    if told.iter().any(|(_, numbers)| numbers.len() != count) {
        return Course::Varies;
    }
    let mut course = Course::Same;
    for slot in 0..count {
        let values: Vec<(u32, &str)> = told
            .iter()
            .map(|(page, numbers)| (*page, numbers[slot].as_str()))
            .collect();
        if values.iter().all(|(_, value)| *value == values[0].1) {
            continue;
        }
        if !counts(&values) {
            return Course::Varies;
        }
        course = Course::Counts;
    }
    course
}

/// Whether a key is that of one number alone, in brackets or between dashes perhaps.
pub(super) fn is_one(key: &str) -> bool {
    const LONGEST: usize = 5;
    key.matches('#').count() == 1
        && key.chars().count() <= LONGEST
        && key.chars().all(|one| one == '#' || !one.is_alphanumeric())
}

/// What a number counts; what is filled up with zeros is a mark of something, not a count.
pub(super) fn value(number: &str) -> Option<i64> {
    let counted = !(number.starts_with('0') && number.len() > 1);
    number.parse().ok().filter(|_| counted)
}

/// Whether numbers grow as the pages do; chapters may begin anew.
fn counts(values: &[(u32, &str)]) -> bool {
    let parsed: Option<Vec<(i64, i64)>> = values
        .iter()
        .map(|(page, value)| Some((i64::from(*page), self::value(value)?)))
        .collect();
    let Some(parsed) = parsed else { return false };
    let steps = parsed.windows(2).filter(|pair| pair[0].0 != pair[1].0);
    let (mut all, mut fitting) = (0, 0);
    for pair in steps {
        all += 1;
        fitting += usize::from(pair[1].1 - pair[0].1 == pair[1].0 - pair[0].0);
    }
    all > 0 && fitting * 3 >= all * 2
}

/// Whether a number among these words can be that of the page: there are no other words, or such as name pages.
pub(super) fn may_count_pages(words: &str) -> bool {
    let lower = words.to_lowercase();
    let letters = lower.chars().any(char::is_alphabetic);
    let latin = || lower.split(|one: char| !one.is_ascii_alphabetic());
    !letters
        || lower.contains(['页', '頁'])
        || latin().any(|word| matches!(word, "page" | "p" | "pg" | "seite" | "pagina"))
}
