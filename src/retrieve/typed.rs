//! Filters typed in a question, such as `类型:pdf` or `after:2024`: taken out of its text and told apart.

use jiff::civil::Date;
use serde::Serialize;
use wenyuan_ingest::{Kind, Language};

use super::names::{Key, key_named, kind_named, languages_named};
use super::period::{day_before, period, years};
use super::question::closing;
use super::{RetrieveError, SearchFilter};
use crate::model::Question;

/// Most filters in one question; what looks like more of them stays text.
const MOST_FILTERS: usize = 32;

/// Longest value, in characters.
const MOST_VALUE_CHARS: usize = 200;

/// Longest name of a filter, in characters.
const MOST_KEY_CHARS: usize = 12;

/// A filter as it was typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TypedFilter {
    /// `kind`, `tag`, `author`, `language`, `name`, `title`, `heading`, `after`, `before`, `year` or `page`.
    pub key: &'static str,
    /// Its value; kinds and languages by their own names.
    pub value: String,
    /// Exactly as it stood in the question.
    pub written: String,
    #[serde(skip)]
    meaning: Meaning,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Meaning {
    Kind(Kind),
    Languages(&'static [Language]),
    Word(Key),
    After(Date),
    Before(Date),
    Within(Date, Date),
    Pages(u32, u32),
}

/// A question and the filters that were typed in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypedQuestion {
    /// The question without them; the very text where there are none.
    pub text: String,
    /// The filters, in order.
    pub filters: Vec<TypedFilter>,
    /// What begins as a filter does, with a value that makes no sense for it, such as `type:foo`. It stays text.
    pub unclear: Vec<String>,
}

impl TypedQuestion {
    /// Takes the filters out of a question.
    ///
    /// A filter begins a word, has a known name, a colon of either width and a value that makes sense for it, in
    /// quotation marks where it holds blanks. Whatever else looks like one stays text, and so does everything that is
    /// inside quotation marks.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut found = Self::default();
        let (mut kept, mut at) = (0, 0);
        while at < text.len() {
            let here = &text[at..];
            let taken = if begins_word(&text[..at]) && found.filters.len() < MOST_FILTERS {
                filter_at(here)
            } else {
                None
            };
            match taken {
                Some(Ok((filter, length))) => {
                    found.text.push_str(&text[kept..at]);
                    found.filters.push(filter);
                    at += length;
                    kept = at;
                }
                Some(Err(written)) if found.unclear.len() < MOST_FILTERS => {
                    found.unclear.push(written.to_owned());
                    at += written.len();
                }
                Some(Err(_)) | None => {
                    at += quoted_length(here).unwrap_or_else(|| first_length(here));
                }
            }
        }
        found.text.push_str(&text[kept..]);
        if !found.filters.is_empty() {
            let loose = |character: char| character.is_whitespace() || is_separator(character);
            found.text = found.text.trim_matches(loose).to_owned();
        }
        found
    }

    /// What is asked.
    ///
    /// # Errors
    /// [`RetrieveError::OnlyFilters`] if nothing but filters was typed.
    pub fn question(&self) -> Result<Question, RetrieveError> {
        let asks = self.filters.is_empty() || self.text.chars().any(char::is_alphanumeric);
        Question::try_from(self.text.as_str())
            .ok()
            .filter(|_| asks)
            .ok_or(RetrieveError::OnlyFilters)
    }

    /// What the filters mean: values of one name are alternatives, different names must all hold.
    #[must_use]
    pub fn filter(&self) -> SearchFilter {
        let mut all = SearchFilter::default();
        let mut within: Option<(Date, Date)> = None;
        for typed in &self.filters {
            match &typed.meaning {
                Meaning::Kind(kind) => all.kinds.push(*kind),
                Meaning::Languages(languages) => all.languages.extend_from_slice(languages),
                Meaning::Word(key) => {
                    if let Some(words) = list(&mut all, *key) {
                        words.push(typed.value.clone());
                    }
                }
                Meaning::After(day) => all.created_after = all.created_after.max(Some(*day)),
                Meaning::Before(day) => {
                    all.created_before = Some(earlier(all.created_before, *day));
                }
                Meaning::Within(first, last) => {
                    let (low, high) = within.unwrap_or((*first, *last));
                    within = Some((low.min(*first), high.max(*last)));
                }
                Meaning::Pages(first, last) => {
                    let (low, high) = all.pages.unwrap_or((*first, *last));
                    all.pages = Some((low.min(*first), high.max(*last)));
                }
            }
        }
        if let Some((first, last)) = within {
            all.created_after = all.created_after.max(Some(first));
            all.created_before = Some(earlier(all.created_before, last));
        }
        all
    }
}

fn earlier(known: Option<Date>, day: Date) -> Date {
    known.map_or(day, |known| known.min(day))
}

/// Where the values of a name in words belong.
fn list(filter: &mut SearchFilter, key: Key) -> Option<&mut Vec<String>> {
    match key {
        Key::Tag => Some(&mut filter.tags),
        Key::Author => Some(&mut filter.authors),
        Key::Name => Some(&mut filter.names),
        Key::Title => Some(&mut filter.titles),
        Key::Heading => Some(&mut filter.headings),
        Key::Kind | Key::Language | Key::After | Key::Before | Key::Year | Key::Page => None,
    }
}

/// Whether a word begins after this text.
fn begins_word(before: &str) -> bool {
    before.chars().next_back().is_none_or(|last| {
        last.is_whitespace() || is_separator(last) || ends_value(last) || matches!(last, '(' | '（')
    })
}

/// The filter at the beginning of a text, and how many bytes go with it: itself, one separator and blanks. What has a
/// filter's name and a value that makes no sense for it is given back as it stands.
fn filter_at(text: &str) -> Option<Result<(TypedFilter, usize), &str>> {
    let (colon, mark) = text
        .char_indices()
        .take(MOST_KEY_CHARS + 1)
        .find(|(_, character)| !character.is_alphabetic())?;
    if !matches!(mark, ':' | '：') {
        return None;
    }
    let key = key_named(&text[..colon])?;
    let start = colon + mark.len_utf8();
    let (value, length) = value_at(&text[start..])?;
    let value = value.trim();
    let end = start + length;
    let Some((meaning, value)) = meaning(key, value) else {
        let telling = value.chars().any(char::is_alphanumeric) && !value.starts_with("//");
        return telling.then_some(Err(&text[..end]));
    };
    let rest = &text[end..];
    let next = rest.strip_prefix(is_separator).unwrap_or(rest);
    let filter = TypedFilter {
        key: key.as_str(),
        value,
        written: text[..end].to_owned(),
        meaning,
    };
    Some(Ok((filter, text.len() - next.trim_start().len())))
}

/// The value at the beginning of a text, without quotation marks, and its bytes with them.
fn value_at(text: &str) -> Option<(&str, usize)> {
    let first = text.chars().next()?;
    if let Some(close) = closing(first) {
        let inside = &text[first.len_utf8()..];
        let length = inside.find(close)?;
        return Some((
            &inside[..length],
            first.len_utf8() + length + close.len_utf8(),
        ));
    }
    let ends = |character: char| {
        character.is_whitespace() || is_separator(character) || ends_value(character)
    };
    let length = text.find(ends).unwrap_or(text.len());
    Some((&text[..length], length))
}

/// What separates a filter from what follows, and goes with it.
const fn is_separator(character: char) -> bool {
    matches!(character, ',' | '，' | '、' | ';' | '；')
}

/// What ends a value and stays text.
const fn ends_value(character: char) -> bool {
    matches!(character, '。' | '？' | '?' | '！' | '!' | ')' | '）')
}

/// Bytes of a quotation at the beginning of a text, with its marks.
fn quoted_length(text: &str) -> Option<usize> {
    let open = text.chars().next()?;
    let close = closing(open)?;
    let inside = &text[open.len_utf8()..];
    let length = inside.find(close)?;
    Some(open.len_utf8() + length + close.len_utf8())
}

fn first_length(text: &str) -> usize {
    text.chars().next().map_or(1, char::len_utf8)
}

/// What a value means under a name, and how it is told; `None` where it makes no sense.
fn meaning(key: Key, value: &str) -> Option<(Meaning, String)> {
    let length = value.chars().count();
    if length == 0 || length > MOST_VALUE_CHARS || value.starts_with("//") {
        return None;
    }
    let meaning = match key {
        Key::Kind => {
            let kind = kind_named(value)?;
            return Some((Meaning::Kind(kind), kind.as_str().to_owned()));
        }
        Key::Language => {
            let languages = languages_named(value)?;
            let told = if let [language] = languages {
                language.as_str().to_owned()
            } else {
                value.to_owned()
            };
            return Some((Meaning::Languages(languages), told));
        }
        Key::After => Meaning::After(period(value)?.0),
        Key::Before => Meaning::Before(day_before(period(value)?.0)?),
        Key::Year => {
            let (first, last) = years(value)?;
            Meaning::Within(first, last)
        }
        Key::Page => {
            let (first, last) = pages(value)?;
            Meaning::Pages(first, last)
        }
        Key::Tag | Key::Author | Key::Name | Key::Title | Key::Heading => {
            value.chars().any(char::is_alphanumeric).then_some(())?;
            Meaning::Word(key)
        }
    };
    Some((meaning, value.to_owned()))
}

/// `3`, `3-5`, `第3页`.
fn pages(text: &str) -> Option<(u32, u32)> {
    let page = |text: &str| {
        let text = text.trim().trim_start_matches('第');
        let text = text.trim_end_matches(['页', '頁']);
        let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| text.parse::<u32>().ok()).flatten()
    };
    let (first, last) = match text.split_once(['-', '–', '~', '～', '至', '到']) {
        Some((first, last)) => (page(first)?, page(last)?),
        None => (page(text)?, page(text)?),
    };
    (1..=last).contains(&first).then_some((first, last))
}

#[cfg(test)]
#[path = "typed_tests.rs"]
mod tests;
