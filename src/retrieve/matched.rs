//! Which words of a question a passage holds, as a reader would point at them: terms are characters and pairs of them.

use std::collections::{HashMap, HashSet};

use wenyuan_ingest::{Dictionary, Lexicon, Span, TermKind};

use super::question::Analysis;
use super::words::is_han;

/// Most words told of one passage.
const MOST_WORDS: usize = 50;

/// Most places marked in one passage.
const MOST_RANGES: usize = 300;

/// What a word must be worth to be shown: function words and hollow characters are below.
const WORTH_SHOWING: f32 = 0.15;

/// A piece of a text that is shown whole: a character of a script without spaces, or what stands between blanks.
#[derive(Debug, Clone, PartialEq)]
struct Unit {
    span: Span,
    terms: Vec<u32>,
    /// The term of this character and the next one.
    pair: Option<u32>,
}

/// A word of the question that a passage holds, with the terms behind it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Word {
    /// As it stands in the question.
    pub(super) text: String,
    /// What its terms add to the passage's BM25 score.
    pub(super) score: f32,
    /// Terms that mark it in a passage.
    marks: Vec<u32>,
}

/// The words of a question that a passage holds, those that count most first.
///
/// `held` are the question's terms that the passage has, `scores` what each of them adds to its score.
pub(super) fn words(
    asked: &Analysis,
    held: &HashSet<u32>,
    scores: &HashMap<u32, f32>,
) -> Vec<Word> {
    let (question, worth) = (asked.text.as_str(), &asked.worth);
    let units = units(question);
    let holds = |term: &u32| held.contains(term);
    let (mut found, mut counted) = (Vec::<Word>::new(), HashSet::<u32>::new());
    let mut at = 0;
    while at < units.len() {
        let mut end = at;
        while units[end].pair.as_ref().is_some_and(holds) {
            end += 1;
        }
        let run = &units[at..=end];
        let pairs: Vec<u32> = units[at..end].iter().filter_map(|unit| unit.pair).collect();
        let singles: Vec<u32> = run
            .iter()
            .flat_map(|unit| unit.terms.clone())
            .filter(holds)
            .collect();
        let says = |terms: &[u32]| {
            let values = terms.iter().filter_map(|term| worth.get(term));
            values.fold(0.0, |most: f32, worth| most.max(*worth))
        };
        let text = &question[run[0].span.start..run[run.len() - 1].span.end];
        let mut all = [pairs.clone(), singles.clone()].concat();
        all.extend(own(&asked.words, text).into_iter().filter(holds));
        let new: Vec<&u32> = all.iter().filter(|term| counted.insert(**term)).collect();
        // What was counted with an earlier word is no word of its own.
        if !new.is_empty() && says(&all) >= WORTH_SHOWING {
            found.push(Word {
                text: text.to_owned(),
                score: new.iter().filter_map(|term| scores.get(*term)).sum(),
                marks: if pairs.is_empty() { singles } else { pairs },
            });
        }
        at = end + 1;
    }
    found.sort_by(|left, right| right.score.total_cmp(&left.score));
    found.truncate(MOST_WORDS);
    found
}

/// The words of a dictionary that stand in a text.
fn own(words: &Dictionary, text: &str) -> Vec<u32> {
    let mut found = Vec::new();
    if !words.is_empty() {
        words.visit_terms(text, |kind, term| {
            if kind == TermKind::Word {
                found.push(term);
            }
        });
    }
    found
}

/// Where these words stand in a text, in bytes and in order; neighbours are one range.
pub(super) fn ranges(text: &str, words: &[Word]) -> Vec<Span> {
    let marks: HashSet<u32> = words.iter().flat_map(|word| word.marks.clone()).collect();
    let units = units(text);
    let mut found: Vec<Span> = Vec::new();
    let mut after_pair = false;
    for unit in &units {
        let pair = unit.pair.is_some_and(|pair| marks.contains(&pair));
        let marked = pair || after_pair || unit.terms.iter().any(|term| marks.contains(term));
        after_pair = pair;
        if !marked {
            continue;
        }
        let neighbour = found.last_mut().filter(|last| last.end == unit.span.start);
        if let Some(last) = neighbour {
            last.end = unit.span.end;
        } else if found.len() < MOST_RANGES {
            found.push(unit.span);
        } else {
            break;
        }
    }
    found
}

/// The pieces of a text that have terms, in order.
fn units(text: &str) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let start = text.len() - rest.len();
        let length = if syllabic(first) {
            first.len_utf8()
        } else if first.is_alphanumeric() {
            let ends = |character: char| character.is_whitespace() || syllabic(character);
            let length = rest.find(ends).unwrap_or(rest.len());
            rest[..length]
                .trim_end_matches(|last: char| !last.is_alphanumeric())
                .len()
        } else {
            rest = &rest[first.len_utf8()..];
            continue;
        };
        let piece = &rest[..length];
        let mut terms = Vec::new();
        Lexicon::shared().visit(piece, |_kind, term| terms.push(term));
        if syllabic(first) {
            join(&mut units, text, start, length);
        }
        let span = Span {
            start,
            end: start + length,
        };
        units.push(Unit {
            span,
            terms,
            pair: None,
        });
        rest = &rest[length..];
    }
    units
}

/// Tells the unit before a character the term of both, if that one is its neighbour in such a script.
fn join(units: &mut [Unit], text: &str, start: usize, length: usize) {
    let Some(last) = units.last_mut().filter(|last| last.span.end == start) else {
        return;
    };
    if text[last.span.start..].chars().next().is_some_and(syllabic) {
        let both = &text[last.span.start..start + length];
        Lexicon::shared().visit(both, |kind, term| {
            if kind == TermKind::Bigram {
                last.pair = Some(term);
            }
        });
    }
}

/// Whether one character alone is a term.
const fn syllabic(character: char) -> bool {
    is_han(character) || matches!(character, '\u{3041}'..='\u{30ff}' | '\u{ac00}'..='\u{d7a3}')
}

#[cfg(test)]
mod tests {
    use super::super::words::term_ids;
    use super::*;
    use crate::model::Question;

    fn found(question: &str, passage: &str) -> (Vec<String>, Vec<String>) {
        let asked = term_ids(question);
        let held: HashSet<u32> = term_ids(passage)
            .into_iter()
            .filter(|term| asked.contains(term))
            .collect();
        let scores = held.iter().map(|term| (*term, 1.0)).collect();
        let question = Question::try_from(question).expect("a question");
        let asked = Analysis::of(&question, Dictionary::default());
        let words = words(&asked, &held, &scores);
        let places = ranges(passage, &words);
        (
            words.into_iter().map(|word| word.text).collect(),
            places
                .iter()
                .map(|span| span.of(passage).to_owned())
                .collect(),
        )
    }

    #[test]
    fn chinese_words_are_runs_of_pairs_and_marked_whatever_their_script() {
        let (words, places) = found("年假可以累积到下一年吗？", "職員的年假累積五天。");
        assert_eq!(words, ["年假", "累积"]);
        assert_eq!(places, ["年假累積"]);
    }

    #[test]
    fn english_words_are_found_in_other_forms_and_function_words_not_told() {
        let (words, places) = found(
            "What does the policies document say about (Holidays)?",
            "The policy, in short: a holiday is a day off.",
        );
        assert_eq!(words, ["policies", "Holidays"]);
        assert_eq!(places, ["policy", "holiday"]);
    }

    #[test]
    fn a_word_asked_twice_is_told_once_and_nothing_shared_is_nothing() {
        assert_eq!(found("年假，还是年假？", "年假。").0, ["年假"]);
        assert_eq!(found("春天", "winter"), (Vec::new(), Vec::new()));
    }
}
