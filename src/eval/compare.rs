//! Two runs over the same questions: what changed, how surely, and which questions flipped.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::QuestionResult;
use super::bootstrap::paired;
use super::result::MEASURES;

/// A run as it is read back from its file. Other fields are passed over.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct EarlierRun {
    /// Name of the data set or knowledge base.
    #[serde(default)]
    pub set: String,
    /// Every question.
    #[serde(default)]
    pub results: Vec<QuestionResult>,
}

/// What a difference says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The whole interval lies on the good side.
    Better,
    /// The whole interval lies on the bad side.
    Worse,
    /// The interval holds no change at all.
    Unclear,
}

/// One figure of both runs, over the questions that both asked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// The figure.
    pub figure: &'static str,
    /// Questions that count for it.
    pub questions: usize,
    /// Before.
    pub before: f64,
    /// Now.
    pub now: f64,
    /// Now less before.
    pub difference: f64,
    /// The 95% interval of the difference.
    pub interval: [f64; 2],
    /// What that says.
    pub change: Change,
}

/// One question that came out otherwise.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Flip {
    /// Its id.
    pub id: String,
    /// The question.
    pub question: String,
    /// Whether there is an answer to be found.
    pub answerable: bool,
    /// Rank of the first relevant hit before, from 1.
    pub rank_before: Option<usize>,
    /// The same now.
    pub rank_now: Option<usize>,
    /// Whether it was refused before.
    pub refused_before: bool,
    /// Whether it is refused now.
    pub refused_now: bool,
}

/// Two runs side by side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// What was measured before.
    pub before: String,
    /// What was measured now.
    pub now: String,
    /// Questions that both runs asked.
    pub questions: usize,
    /// Questions of the earlier run alone.
    pub only_before: usize,
    /// Questions of the later run alone.
    pub only_now: usize,
    /// Whether any figure is surely worse.
    pub loses: bool,
    /// Questions that went wrong, the worst first.
    pub lost: Vec<Flip>,
    /// Questions that came right, the best first.
    pub won: Vec<Flip>,
    /// The figures.
    pub differences: Vec<Difference>,
}

/// Compares a run with an earlier one. Questions are the same by id and text.
#[must_use]
pub fn compare(before: &EarlierRun, now: &EarlierRun) -> Comparison {
    let key = |one: &QuestionResult| (one.id.clone(), one.question.clone(), one.answerable);
    let earlier: HashMap<_, &QuestionResult> =
        before.results.iter().map(|one| (key(one), one)).collect();
    let mut seen = HashSet::new();
    let pairs: Vec<(&QuestionResult, &QuestionResult)> = now
        .results
        .iter()
        .filter(|one| seen.insert(key(one)))
        .filter_map(|one| earlier.get(&key(one)).map(|old| (*old, one)))
        .collect();
    let differences: Vec<Difference> = MEASURES
        .iter()
        .filter_map(|measure| {
            let values = pairs
                .iter()
                .filter_map(|(old, new)| Some(((measure.of)(old)?, (measure.of)(new)?)));
            difference(
                measure.name,
                measure.more_is_better,
                &values.collect::<Vec<_>>(),
            )
        })
        .collect();
    let mut flips: Vec<(f64, Flip)> = pairs
        .iter()
        .filter(|(old, new)| flipped(old, new))
        .map(|(old, new)| (worth(new) - worth(old), flip(old, new)))
        .collect();
    flips.sort_by(|left, right| left.0.total_cmp(&right.0));
    let (lost, mut won): (Vec<_>, Vec<_>) = flips.into_iter().partition(|(gain, _)| *gain < 0.0);
    won.reverse();
    let flips = |list: Vec<(f64, Flip)>| list.into_iter().map(|(_, flip)| flip).collect();
    Comparison {
        before: before.set.clone(),
        now: now.set.clone(),
        questions: pairs.len(),
        only_before: earlier.len() - pairs.len(),
        only_now: seen.len() - pairs.len(),
        loses: differences.iter().any(|one| one.change == Change::Worse),
        lost: flips(lost),
        won: flips(won),
        differences,
    }
}

fn difference(
    figure: &'static str,
    more_is_better: bool,
    pairs: &[(f64, f64)],
) -> Option<Difference> {
    let (difference, interval) = paired(pairs)?;
    let count = pairs.len() as f64;
    let good = if more_is_better { 1.0 } else { -1.0 };
    let (low, high) = (interval[0] * good, interval[1] * good);
    let change = if low.min(high) > 0.0 {
        Change::Better
    } else if low.max(high) < 0.0 {
        Change::Worse
    } else {
        Change::Unclear
    };
    Some(Difference {
        figure,
        questions: pairs.len(),
        before: pairs.iter().map(|(before, _)| before).sum::<f64>() / count,
        now: pairs.iter().map(|(_, now)| now).sum::<f64>() / count,
        difference,
        interval,
        change,
    })
}

/// What the outcome is worth to the person who asked, 0 to 1: a refusal of what could be answered is worth nothing.
fn worth(one: &QuestionResult) -> f64 {
    if !one.answerable {
        return f64::from(u8::from(one.refused));
    }
    match one.rank {
        Some(rank) if !one.refused => 1.0 / rank as f64,
        Some(_) | None => 0.0,
    }
}

fn flipped(old: &QuestionResult, new: &QuestionResult) -> bool {
    let outcome = |one: &QuestionResult| {
        (
            one.refused,
            one.answerable && one.hit(1),
            one.answerable && one.hit(10),
        )
    };
    outcome(old) != outcome(new) && (worth(old) - worth(new)).abs() > f64::EPSILON
}

fn flip(old: &QuestionResult, new: &QuestionResult) -> Flip {
    Flip {
        id: new.id.clone(),
        question: new.question.clone(),
        answerable: new.answerable,
        rank_before: old.rank,
        rank_now: new.rank,
        refused_before: old.refused,
        refused_now: new.refused,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn result(id: usize, rank: Option<usize>, refused: bool) -> QuestionResult {
        QuestionResult {
            id: id.to_string(),
            answerable: true,
            rank,
            refused,
            ..QuestionResult::default()
        }
    }

    fn run(results: Vec<QuestionResult>) -> EarlierRun {
        EarlierRun {
            set: "set".to_owned(),
            results,
        }
    }

    #[test]
    fn lost_questions_come_with_the_worst_first_and_apart_from_won_ones() {
        let before = run(vec![
            result(1, Some(1), false),
            result(2, Some(1), false),
            result(3, Some(3), false),
            result(4, Some(1), false),
        ]);
        let now = run(vec![
            result(1, Some(2), false),
            result(2, None, false),
            result(3, Some(1), false),
            result(4, Some(1), true),
        ]);
        let compared = compare(&before, &now);
        let ids = |flips: &[Flip]| flips.iter().map(|one| one.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&compared.lost), ["2", "4", "1"]);
        assert_eq!(ids(&compared.won), ["3"]);
    }

    #[test]
    fn a_clear_loss_fails_the_gate_and_one_question_in_many_does_not() {
        let all = |ranks: &dyn Fn(usize) -> Option<usize>| {
            run((0..200).map(|id| result(id, ranks(id), false)).collect())
        };
        let good = all(&|_| Some(1));
        assert!(compare(&good, &all(&|id| (id >= 40).then_some(1))).loses);
        assert!(!compare(&good, &all(&|id| (id >= 1).then_some(1))).loses);
        assert!(!compare(&all(&|id| (id >= 40).then_some(1)), &good).loses);
    }

    #[test]
    fn more_refusals_of_answerable_questions_are_a_loss() {
        let all = |refused: bool| run((0..50).map(|id| result(id, Some(1), refused)).collect());
        let compared = compare(&all(false), &all(true));
        let worse: Vec<_> = compared
            .differences
            .iter()
            .filter(|one| one.change == Change::Worse)
            .map(|one| one.figure)
            .collect();
        assert_eq!(worse, ["gate_false_refusal_rate"]);
    }

    #[test]
    fn questions_of_one_run_alone_are_counted_and_not_compared() {
        let before = run(vec![result(1, Some(1), false), result(2, Some(1), false)]);
        let now = run(vec![result(2, Some(1), false), result(3, None, false)]);
        let compared = compare(&before, &now);
        assert_eq!(
            (compared.questions, compared.only_before, compared.only_now),
            (1, 1, 1)
        );
        assert!(compared.lost.is_empty() && compared.won.is_empty());
    }

    proptest! {
        #[test]
        fn a_run_compared_with_itself_has_no_flips_and_loses_nothing(
            ranks in proptest::collection::vec(proptest::option::of(1_usize..30), 0..40)
        ) {
            let same = run(ranks.into_iter().enumerate().map(|(id, rank)| result(id, rank, id % 3 == 0)).collect());
            let compared = compare(&same, &same);
            prop_assert!(compared.lost.is_empty() && compared.won.is_empty() && !compared.loses);
            prop_assert_eq!(compared.questions, same.results.len());
        }

        #[test]
        fn what_one_direction_loses_the_other_wins(
            ranks in proptest::collection::vec((proptest::option::of(1_usize..30), proptest::option::of(1_usize..30)), 0..40)
        ) {
            let side = |ranks: Vec<Option<usize>>| {
                run(ranks.into_iter().enumerate().map(|(id, rank)| result(id, rank, false)).collect())
            };
            let (old, new): (Vec<_>, Vec<_>) = ranks.into_iter().unzip();
            let (old, new) = (side(old), side(new));
            prop_assert_eq!(compare(&old, &new).lost.len(), compare(&new, &old).won.len());
        }
    }
}
