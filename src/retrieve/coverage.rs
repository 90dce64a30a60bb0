//! How much of a question one passage holds: what the reranker and the verdict read in its text.

use std::collections::HashMap;

use wenyuan_ingest::Span;

use super::Passage;
use super::amount::{asks_amount, gives_amount};
use super::question::Analysis;

/// A question's terms, with what finding each is worth.
pub(crate) struct Wanted<'a> {
    question: &'a Analysis,
    places: HashMap<u32, usize>,
    worth: Vec<f32>,
    total: f32,
    heavy: Vec<usize>,
    numbers: Vec<usize>,
    names: Vec<usize>,
    /// Whether a number is asked for.
    pub(crate) amount: bool,
}

impl<'a> Wanted<'a> {
    /// Of a question.
    pub(crate) fn of(question: &'a Analysis) -> Self {
        let mut terms: Vec<(u32, f32)> = question.worth.iter().map(|(id, w)| (*id, *w)).collect();
        terms.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
        let places: HashMap<u32, usize> = terms
            .iter()
            .enumerate()
            .map(|(at, (id, _))| (*id, at))
            .collect();
        let worth: Vec<f32> = terms.into_iter().map(|(_, worth)| worth).collect();
        let at = |ids: &[u32]| {
            ids.iter()
                .filter_map(|id| places.get(id).copied())
                .collect()
        };
        Self {
            question,
            total: worth.iter().sum(),
            heavy: (0..worth.len().min((worth.len() / 3).max(1))).collect(),
            numbers: at(&question.number_terms),
            names: at(&question.names.indices),
            amount: asks_amount(&question.text),
            places,
            worth,
        }
    }

    /// How many distinct terms there are.
    pub(crate) const fn terms(&self) -> usize {
        self.worth.len()
    }

    /// Which of the terms a text has.
    fn found_in(&self, text: &str) -> Vec<bool> {
        let mut found = vec![false; self.worth.len()];
        if self.question.worth.is_empty() {
            return found;
        }
        self.question.words.visit_terms(text, |_kind, id| {
            if let Some(at) = self.places.get(&id) {
                found[*at] = true;
            }
        });
        found
    }

    /// The share of the question's worth that was found.
    fn share(&self, found: &[bool]) -> f32 {
        let got: f32 = found
            .iter()
            .zip(&self.worth)
            .filter_map(|(found, worth)| found.then_some(worth))
            .sum();
        if self.total > 0.0 {
            got / self.total
        } else {
            0.0
        }
    }
}

/// How much of a question one passage holds, as shares in [0, 1].
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Coverage {
    /// With its title and headings.
    pub(crate) passage: f32,
    /// Its fullest sentence, with the title.
    pub(crate) sentence: f32,
    /// Its two fullest neighbouring sentences, by themselves.
    pub(crate) pair: f32,
    /// Of the question's heaviest third, each term alike.
    pub(crate) heavy: f32,
    /// Of its numbers; 1 where it has none.
    pub(crate) numbers: f32,
    /// Of its names and numbers; `None` where it has none.
    pub(crate) names: Option<f32>,
    /// Whether the fullest sentence gives a number that the question does not hold.
    pub(crate) amount: bool,
    /// The fullest sentence, in bytes of the passage; `None` where no sentence has anything.
    pub(crate) fullest: Option<Span>,
}

impl Coverage {
    /// Reads a passage.
    pub(crate) fn of(wanted: &Wanted<'_>, passage: &Passage) -> Self {
        let title = wanted.found_in(passage.title.as_deref().unwrap_or_default());
        let whole_text = [Span {
            start: 0,
            end: passage.text.len(),
        }];
        let spans = if passage.sentences.is_empty() {
            &whole_text[..]
        } else {
            &passage.sentences
        };
        let sentences: Vec<Vec<bool>> = spans
            .iter()
            .map(|span| wanted.found_in(span.of(&passage.text)))
            .collect();
        let mut whole = title.clone();
        for heading in &passage.heading {
            add(&mut whole, &wanted.found_in(heading));
        }
        for found in &sentences {
            add(&mut whole, found);
        }
        let (mut sentence, mut pair, mut fullest) = (0.0_f32, 0.0_f32, None);
        for (at, found) in sentences.iter().enumerate() {
            let titled = wanted.share(&joined(found, &title));
            if fullest.is_none() || titled > sentence {
                (sentence, fullest) = (titled, Some(spans[at]));
            }
            let next = sentences.get(at + 1).unwrap_or(found);
            pair = pair.max(wanted.share(&joined(found, next)));
        }
        let among = |places: &[usize]| {
            let found = places.iter().filter(|at| whole[**at]).count();
            (!places.is_empty()).then(|| found as f32 / places.len() as f32)
        };
        let gives = |span: Span| gives_amount(&wanted.question.text, span.of(&passage.text));
        Self {
            passage: wanted.share(&whole),
            sentence,
            pair,
            heavy: among(&wanted.heavy).unwrap_or(0.0),
            numbers: among(&wanted.numbers).unwrap_or(1.0),
            names: among(&wanted.names),
            amount: wanted.amount && fullest.is_some_and(gives),
            fullest,
        }
    }
}

fn add(to: &mut [bool], found: &[bool]) {
    for (to, found) in to.iter_mut().zip(found) {
        *to |= found;
    }
}

fn joined(left: &[bool], right: &[bool]) -> Vec<bool> {
    left.iter()
        .zip(right)
        .map(|(one, two)| *one || *two)
        .collect()
}
