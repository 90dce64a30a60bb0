//! What a question is, as far as searching goes: its writing, its phrases and numbers, and what each word is worth.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use wenyuan_ingest::{Dictionary, Language, SparseVector, TermKind};

use super::codes::Codes;
use super::phrase::{MOST_PHRASES, Phrase};
use super::words::{asked_about, is_han, terms_with};
use crate::model::Question;

/// Languages whose words can match each other's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Writing {
    /// Chinese of either kind.
    #[serde(rename = "zh")]
    Han,
    /// English and everything else.
    #[serde(rename = "en")]
    Alphabetic,
}

impl Writing {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Han, Self::Alphabetic];

    /// `zh` or `en`; the latter stands for everything that is not Chinese.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Han => "zh",
            Self::Alphabetic => "en",
        }
    }

    /// The writing of a passage.
    pub(crate) const fn of(language: Language) -> Self {
        match language {
            Language::Chinese | Language::TraditionalChinese => Self::Han,
            Language::English | Language::Other => Self::Alphabetic,
        }
    }

    /// The other one.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Han => Self::Alphabetic,
            Self::Alphabetic => Self::Han,
        }
    }

    /// The index's names for its languages.
    pub(crate) fn language_names(self) -> Vec<String> {
        let languages = match self {
            Self::Han => [Language::Chinese, Language::TraditionalChinese],
            Self::Alphabetic => [Language::English, Language::Other],
        };
        languages
            .iter()
            .map(|language| language.as_str().to_owned())
            .collect()
    }
}

/// The writing that most of a text is in; a fifth of Han characters make it Chinese, since a question about an
/// English name is often half Latin. Kana or hangul make it something else.
pub(crate) fn writing_of(text: &str) -> Writing {
    let (mut han, mut all) = (0usize, 0usize);
    for character in text.chars().filter(|character| !character.is_whitespace()) {
        if matches!(character, '\u{3040}'..='\u{30ff}' | '\u{ac00}'..='\u{d7af}') {
            return Writing::Alphabetic;
        }
        all += 1;
        han += usize::from(is_han(character));
    }
    if han * 5 > all {
        Writing::Han
    } else {
        Writing::Alphabetic
    }
}

/// A question, taken apart.
#[derive(Debug, Clone)]
pub(crate) struct Analysis {
    /// The question itself.
    pub(crate) text: String,
    /// What it is written in.
    pub(crate) writing: Writing,
    /// Phrases in quotation marks.
    pub(crate) phrases: Vec<Phrase>,
    /// Numbers, dates and codes as written.
    pub(crate) numbers: Vec<String>,
    /// Its terms but English function words, for passages in the same writing.
    pub(crate) terms: SparseVector,
    /// How many different terms it has, function words included.
    pub(crate) distinct: usize,
    /// Names and numbers only, for passages in the other writing.
    pub(crate) names: SparseVector,
    /// What finding each term in a passage is worth; without those that only ask.
    pub(crate) worth: HashMap<u32, f32>,
    /// Ids of the terms that are numbers or codes.
    pub(crate) number_terms: Vec<u32>,
    /// What it names exactly.
    pub(crate) codes: Codes,
    /// Words that are terms of their own, here and in passages.
    pub(crate) words: Dictionary,
}

impl Analysis {
    /// Takes a question apart.
    pub(crate) fn of(question: &Question, words: Dictionary) -> Self {
        let text = question.as_str();
        let mut worth = HashMap::new();
        let about: HashSet<u32> = terms_with(&words, &asked_about(text))
            .into_iter()
            .map(|term| term.id)
            .collect();
        let (mut numbers, mut number_terms, mut names) = (Vec::new(), Vec::new(), Vec::new());
        let mut distinct = HashSet::new();
        for term in terms_with(&words, text) {
            distinct.insert(term.id);
            if term.may_be_name() || about.contains(&term.id) {
                worth.insert(term.id, term.worth());
            }
            if term.may_be_name() {
                names.push(term.id);
            }
            if term.kind == TermKind::Number {
                number_terms.push(term.id);
                numbers.push(term.form);
            }
        }
        names.sort_unstable();
        names.dedup();
        Self {
            text: text.to_owned(),
            writing: writing_of(text),
            phrases: quoted(text),
            numbers,
            terms: words.query_vector(text),
            distinct: distinct.len(),
            names: SparseVector {
                values: vec![1.0; names.len()],
                indices: names,
            },
            worth,
            number_terms,
            codes: Codes::of(text),
            words,
        }
    }

    /// Whether its words can stand in passages of a writing: its own, or any where it is nothing but codes and numbers.
    pub(crate) fn shares_words(&self, writing: Writing) -> bool {
        writing == self.writing || self.codes.alone()
    }

    /// What a term weighs in the question.
    pub(crate) fn weight(&self, term: u32) -> f32 {
        let at = self.terms.indices.binary_search(&term);
        at.map_or(1.0, |at| self.terms.values[at])
    }

    /// The language to answer in.
    pub(crate) const fn language(&self) -> Language {
        match self.writing {
            Writing::Han => Language::Chinese,
            Writing::Alphabetic => Language::English,
        }
    }
}

/// Opening and closing marks, and whether what they hold must be found: 《》 names a work and ‘’ may be an apostrophe.
const QUOTES: [(char, char, bool); 6] = [
    ('"', '"', true),
    ('“', '”', true),
    ('「', '」', true),
    ('『', '』', true),
    ('《', '》', false),
    ('‘', '’', false),
];

fn quoted(text: &str) -> Vec<Phrase> {
    let mut phrases = Vec::new();
    let mut rest = text;
    while let Some((at, open)) = rest
        .char_indices()
        .find(|(_, character)| closing(*character).is_some())
    {
        let inside = &rest[at + open.len_utf8()..];
        let Some(end) = closing(open).and_then(|close| inside.find(close)) else {
            rest = inside;
            continue;
        };
        let phrase = inside[..end].trim();
        let known = phrases.iter().any(|known: &Phrase| known.text == phrase);
        if phrase.chars().count() > 1 && !known && phrases.len() < MOST_PHRASES {
            let required = QUOTES
                .iter()
                .any(|(mark, _, required)| *mark == open && *required);
            phrases.push(Phrase::new(phrase, required));
        }
        rest = &inside[end..];
        rest = &rest[rest.chars().next().map_or(0, char::len_utf8)..];
    }
    phrases
}

/// The mark that closes a quotation which this one opens.
pub(super) fn closing(open: char) -> Option<char> {
    QUOTES
        .iter()
        .find(|(opening, ..)| *opening == open)
        .map(|(_, close, _)| *close)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn analysis(text: &str) -> Analysis {
        let question = Question::try_from(text).expect("a question");
        Analysis::of(&question, Dictionary::default())
    }

    #[test]
    fn phrases_in_either_kind_of_quotation_mark_are_found() {
        let phrases = |text: &str| -> Vec<(String, bool)> {
            let found = analysis(text).phrases.into_iter();
            found.map(|phrase| (phrase.text, phrase.required)).collect()
        };
        assert_eq!(
            phrases("谁写了《文渊阁记》和“四库”？"),
            [("文渊阁记".to_owned(), false), ("四库".to_owned(), true)]
        );
        assert_eq!(
            phrases("who said \"cogito ergo sum\" first"),
            [("cogito ergo sum".to_owned(), true)]
        );
        assert!(analysis("an unclosed “quote").phrases.is_empty());
    }

    #[test]
    fn a_chinese_question_about_a_latin_name_is_chinese() {
        assert_eq!(analysis("Qdrant是什么？").writing, Writing::Han);
        assert_eq!(
            analysis("What does 文渊阁 mean in English?").writing,
            Writing::Alphabetic
        );
    }

    #[test]
    fn only_names_and_numbers_cross_languages() {
        let analysis = analysis("What did Apple sell in 2008?");
        assert_eq!(analysis.numbers, ["2008"]);
        assert_eq!(analysis.names.indices.len(), 3, "apple, sell, 2008");
    }
}
