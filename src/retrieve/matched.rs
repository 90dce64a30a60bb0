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
    /// Terms of all of it that none of its parts has: those of a code, such as `e17`.
    whole: Vec<u32>,
    /// Its parts with their terms, such as `e` and `17`; a word is its only part.
    parts: Vec<(Span, Vec<u32>)>,
    /// The term of this character and the next one.
    pair: Option<u32>,
}

impl Unit {
    fn terms(&self) -> impl Iterator<Item = u32> {
        let parts = self.parts.iter().flat_map(|(_, terms)| terms);
        self.whole.iter().chain(parts).copied()
    }
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
    let says = |terms: &[u32]| {
        let values = terms.iter().filter_map(|term| worth.get(term));
        values.fold(0.0, |most: f32, worth| most.max(*worth))
    };
    let (mut found, mut counted) = (Vec::<Word>::new(), HashSet::<u32>::new());
    // A word, the terms behind it, and those that mark it.
    let mut tell = |span: Span, terms: Vec<u32>, marks: Vec<u32>| {
        let text = span.of(question);
        let mut all = terms;
        all.extend(own(&asked.words, text).into_iter().filter(holds));
        let new: Vec<&u32> = all.iter().filter(|term| counted.insert(**term)).collect();
        // What was counted with an earlier word is no word of its own.
        if !new.is_empty() && says(&all) >= WORTH_SHOWING {
            found.push(Word {
                text: text.to_owned(),
                score: new.iter().filter_map(|term| scores.get(*term)).sum(),
                marks,
            });
        }
    };
    let mut at = 0;
    while at < units.len() {
        let mut end = at;
        while units[end].pair.as_ref().is_some_and(holds) {
            end += 1;
        }
        let run = &units[at..=end];
        let held: Vec<u32> = run.iter().flat_map(Unit::terms).filter(holds).collect();
        let pairs: Vec<u32> = units[at..end].iter().filter_map(|unit| unit.pair).collect();
        let whole: Vec<u32> = run[0].whole.iter().copied().filter(holds).collect();
        let span = Span {
            start: run[0].span.start,
            end: run[run.len() - 1].span.end,
        };
        if !pairs.is_empty() {
            tell(span, [pairs.clone(), held].concat(), pairs);
        } else if !whole.is_empty() {
            // Where the code itself is held, its parts elsewhere say nothing.
            tell(span, held, whole);
        } else if run[0].parts.len() == 1 {
            tell(span, held.clone(), held);
        } else {
            for (span, terms) in &run[0].parts {
                let held: Vec<u32> = terms.iter().copied().filter(holds).collect();
                tell(*span, held.clone(), held);
            }
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
    let mut mark = |span: Span| {
        let neighbour = found.last_mut().filter(|last| last.end == span.start);
        if let Some(last) = neighbour {
            last.end = span.end;
        } else if found.len() < MOST_RANGES {
            found.push(span);
        }
    };
    let marked = |terms: &[u32]| terms.iter().any(|term| marks.contains(term));
    for unit in &units {
        let pair = unit.pair.is_some_and(|pair| marks.contains(&pair));
        if pair || after_pair || marked(&unit.whole) {
            mark(unit.span);
        } else {
            let parts = unit.parts.iter().filter(|(_, terms)| marked(terms));
            parts.for_each(|(span, _)| mark(*span));
        }
        after_pair = pair;
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
        let parts = parts(piece, start);
        let mut whole = terms_of(piece);
        whole.retain(|term| parts.iter().all(|(_, terms)| !terms.contains(term)));
        if syllabic(first) {
            join(&mut units, text, start, length);
        }
        let span = Span {
            start,
            end: start + length,
        };
        units.push(Unit {
            span,
            whole,
            parts,
            pair: None,
        });
        rest = &rest[length..];
    }
    units
}

fn terms_of(text: &str) -> Vec<u32> {
    let mut terms = Vec::new();
    Lexicon::shared().visit(text, |_kind, term| terms.push(term));
    terms
}

/// The parts of a word or code as the lexicon cuts them: between letters and digits, and at what joins them.
fn parts(piece: &str, offset: usize) -> Vec<(Span, Vec<u32>)> {
    let mut parts: Vec<Span> = Vec::new();
    let mut before = None;
    for (at, character) in piece.char_indices() {
        let kind = character.is_alphanumeric().then(|| character.is_numeric());
        let end = at + character.len_utf8();
        match parts.last_mut() {
            Some(last) if kind.is_some() && kind == before => last.end = end,
            _ if kind.is_some() => parts.push(Span { start: at, end }),
            _ => {}
        }
        before = kind;
    }
    let number = piece
        .chars()
        .all(|one| one.is_numeric() || matches!(one, ',' | '.'));
    if number || piece.contains('\'') {
        // `1,200` and `don't` are one term.
        parts = vec![Span {
            start: 0,
            end: piece.len(),
        }];
    }
    let placed = parts.into_iter().map(|span| {
        let place = Span {
            start: offset + span.start,
            end: offset + span.end,
        };
        (place, terms_of(span.of(piece)))
    });
    placed.collect()
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
    fn a_code_is_told_and_marked_whole_where_it_stands_and_else_by_the_parts_that_do() {
        let (words, places) = found("E17 是什么故障", "E01 缺相，E17 过流");
        assert_eq!(words[0], "E17");
        assert_eq!(places, ["E17"]);
        let (words, places) = found("MS-35", "Ms. Okonkwo has 35 files");
        assert_eq!(words, ["MS", "35"]);
        assert_eq!(places, ["Ms", "35"]);
        assert_eq!(found("zr-yjv22", "on 22 May").0, ["22"]);
        assert_eq!(found("1,200 元", "共 1200 元").1, ["1200", "元"]);
    }

    #[test]
    fn a_word_asked_twice_is_told_once_and_nothing_shared_is_nothing() {
        assert_eq!(found("年假，还是年假？", "年假。").0, ["年假"]);
        assert_eq!(found("春天", "winter"), (Vec::new(), Vec::new()));
    }
}
