//! Whether a reranker gains, pair of languages by pair: it is put to use only where it was measured to.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::QuestionResult;
use super::bootstrap::paired;
use super::result::measure;
use crate::retrieve::LanguagePair;

/// What decides: the mean reciprocal rank tells of every place that a relevant hit wins or loses.
const DECIDING: &str = "mrr_at_10";

/// Figures none of which may fall by more than [`MOST_LOST`].
const GUARDED: [&str; 4] = [DECIDING, "recall_at_1", "recall_at_5", "recall_at_10"];

/// Least gain: a point.
const LEAST_GAIN: f64 = 0.01;

/// Most loss that is put up with: half a point.
const MOST_LOST: f64 = 0.005;

/// What a measurement says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gain {
    /// At least a point of reciprocal rank, surely more than nothing, and no figure lost.
    Gains,
    /// A figure fell by more than half a point.
    Loses,
    /// Neither.
    Unclear,
}

/// One figure without and with what was tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shift {
    /// Without.
    pub before: f64,
    /// With.
    pub now: f64,
    /// With less without.
    pub difference: f64,
    /// The 95% interval of the difference.
    pub interval: [f64; 2],
}

/// What was measured for questions and passages in a pair of languages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LanguageGain {
    /// The pair.
    pub languages: LanguagePair,
    /// Questions with an answer to be found.
    pub questions: usize,
    /// Of these, how many the model did not score: it failed or took too long.
    pub unread: usize,
    /// `mrr_at_10`, `recall_at_1`, `recall_at_5`, `recall_at_10`.
    pub figures: BTreeMap<String, Shift>,
    /// What that says.
    pub gain: Gain,
}

/// Compares runs without and with a reranker, for every pair of languages of which there are answerable questions.
///
/// Questions are the same by id and text; the pair is that of the run without.
#[must_use]
pub fn language_gains(before: &[QuestionResult], now: &[QuestionResult]) -> Vec<LanguageGain> {
    let key = |one: &QuestionResult| (one.id.clone(), one.question.clone());
    let tried: HashMap<_, &QuestionResult> = now.iter().map(|one| (key(one), one)).collect();
    let mut by_pair: BTreeMap<LanguagePair, Vec<(&QuestionResult, &QuestionResult)>> =
        BTreeMap::new();
    for old in before.iter().filter(|one| one.answerable) {
        if let (Some(pair), Some(new)) = (old.languages, tried.get(&key(old))) {
            by_pair.entry(pair).or_default().push((old, *new));
        }
    }
    by_pair
        .into_iter()
        .map(|(languages, pairs)| of_pair(languages, &pairs))
        .collect()
}

fn of_pair(languages: LanguagePair, pairs: &[(&QuestionResult, &QuestionResult)]) -> LanguageGain {
    let figures: BTreeMap<String, Shift> = GUARDED
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), shift(name, pairs)?)))
        .collect();
    let lost = figures.values().any(|one| one.difference < -MOST_LOST);
    let gained = figures
        .get(DECIDING)
        .is_some_and(|one| one.difference >= LEAST_GAIN && one.interval[0] > 0.0);
    LanguageGain {
        languages,
        questions: pairs.len(),
        unread: pairs
            .iter()
            .filter(|(_, new)| new.reranked != Some(true))
            .count(),
        gain: match (gained, lost) {
            (_, true) => Gain::Loses,
            (true, false) => Gain::Gains,
            (false, false) => Gain::Unclear,
        },
        figures,
    }
}

fn shift(name: &str, pairs: &[(&QuestionResult, &QuestionResult)]) -> Option<Shift> {
    let of = measure(name)?.of;
    let values: Vec<(f64, f64)> = pairs
        .iter()
        .filter_map(|(old, new)| Some((of(old)?, of(new)?)))
        .collect();
    let (difference, interval) = paired(&values)?;
    let count = values.len() as f64;
    Some(Shift {
        before: values.iter().map(|(before, _)| before).sum::<f64>() / count,
        now: values.iter().map(|(_, now)| now).sum::<f64>() / count,
        difference,
        interval,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retrieve::Writing;

    const CHINESE: LanguagePair = LanguagePair {
        question: Writing::Han,
        passages: Writing::Han,
    };
    const ACROSS: LanguagePair = LanguagePair {
        question: Writing::Han,
        passages: Writing::Alphabetic,
    };

    fn results(languages: LanguagePair, rank: &dyn Fn(usize) -> usize) -> Vec<QuestionResult> {
        let one = |id: usize| QuestionResult {
            id: format!("{languages} {id}"),
            answerable: true,
            rank: Some(rank(id)),
            languages: Some(languages),
            reranked: Some(true),
            ..QuestionResult::default()
        };
        (0..200).map(one).collect()
    }

    fn measured(now: &dyn Fn(usize) -> usize) -> Gain {
        let before = results(CHINESE, &|id| if id % 4 == 0 { 2 } else { 1 });
        let found = language_gains(&before, &results(CHINESE, now));
        assert_eq!(
            (found.len(), found[0].questions, found[0].unread),
            (1, 200, 0)
        );
        found[0].gain
    }

    #[test]
    fn a_clear_gain_gains_and_a_loss_loses() {
        assert_eq!(measured(&|_| 1), Gain::Gains);
        assert_eq!(measured(&|id| if id % 2 == 0 { 2 } else { 1 }), Gain::Loses);
    }

    #[test]
    fn no_change_and_a_change_of_a_question_or_two_are_unclear() {
        assert_eq!(
            measured(&|id| if id % 4 == 0 { 2 } else { 1 }),
            Gain::Unclear
        );
        assert_eq!(
            measured(&|id| if id % 4 == 0 && id > 7 { 2 } else { 1 }),
            Gain::Unclear
        );
    }

    #[test]
    fn a_gain_in_reciprocal_rank_does_not_pay_for_hits_that_are_lost() {
        // Many rise from second to first, and some fall out of the first ten.
        let now = |id: usize| if id < 8 { 11 } else { 1 };
        assert_eq!(measured(&now), Gain::Loses);
    }

    #[test]
    fn pairs_of_languages_are_judged_apart() {
        let both = |rank: &dyn Fn(usize) -> usize| {
            let mut all = results(CHINESE, &|_| 1);
            all.extend(results(ACROSS, rank));
            all
        };
        let found = language_gains(&both(&|_| 3), &both(&|_| 1));
        let told: Vec<_> = found.iter().map(|one| (one.languages, one.gain)).collect();
        assert_eq!(told, [(CHINESE, Gain::Unclear), (ACROSS, Gain::Gains)]);
    }

    #[test]
    fn questions_that_the_model_did_not_score_are_told() {
        let before = results(CHINESE, &|_| 1);
        let mut now = before.clone();
        now[0].reranked = Some(false);
        now[1].reranked = None;
        assert_eq!(language_gains(&before, &now)[0].unread, 2);
    }
}
