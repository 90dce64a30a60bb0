//! The threshold that refuses most without losing more than may be lost.

use crate::eval::mean_interval;
use crate::retrieve::{Calibration, Threshold};

/// Most answerable questions that a fitted threshold may lose, as a share of each kind.
const MOST_LOST: f64 = 0.05;

/// How likely it may be that a raised threshold loses more than it may.
const DOUBT: f64 = 0.15;

/// How far the fitted threshold may lie from the built-in one, in log odds.
const FARTHEST: f32 = 1.0;

/// Answerabilities of questions of one kind.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Judged {
    /// With the passage that answers them.
    pub(super) answerable: Vec<f32>,
    /// Without.
    pub(super) unanswerable: Vec<f32>,
}

impl Judged {
    fn refused(scores: &[f32], threshold: f32) -> Vec<f64> {
        scores
            .iter()
            .map(|score| f64::from(u8::from(*score < threshold)))
            .collect()
    }

    /// The highest threshold that surely loses no more than it may of further questions of this kind; `None` where there
    /// are too few to be sure of any. Below the k-th lowest score lies less than that share, unless fewer than k of the
    /// questions happened to be so low, which is as likely as a binomial number below k.
    fn surely(&self) -> Option<f32> {
        let sorted = self.sorted();
        let count = sorted.len() as f64;
        let (mut fewer, mut exactly) = (0.0, (1.0 - MOST_LOST).powf(count));
        let mut highest = None;
        for (at, score) in sorted.iter().enumerate() {
            fewer += exactly;
            if fewer > DOUBT {
                break;
            }
            highest = Some(*score);
            exactly *= (count - at as f64) / (at as f64 + 1.0) * MOST_LOST / (1.0 - MOST_LOST);
        }
        highest
    }

    /// The highest threshold that loses no more than it may of these very questions.
    fn here(&self) -> Option<f32> {
        let sorted = self.sorted();
        let at = (MOST_LOST * sorted.len() as f64) as usize;
        sorted.get(at).copied()
    }

    fn sorted(&self) -> Vec<f32> {
        let mut sorted = self.answerable.clone();
        sorted.sort_by(f32::total_cmp);
        sorted
    }
}

/// Fits a threshold to made questions and, where there are any, gold ones.
///
/// The built-in threshold stays unless questions speak against it. People's questions are harder than made ones, and by how
/// much differs between texts: made ones may lower a threshold that loses even them, but only gold ones may raise it.
pub(super) fn fit(made: &Judged, gold: &Judged, built_in: f32, model: &str) -> Calibration {
    let judges = if gold.answerable.is_empty() {
        made
    } else {
        gold
    };
    let lowered = judges.here().unwrap_or(built_in).min(built_in);
    let raised = match (gold.surely(), made.surely()) {
        (Some(of_gold), Some(of_made)) => of_gold.min(of_made),
        (None, _) | (_, None) => built_in,
    };
    let wanted = if lowered < built_in {
        lowered
    } else {
        raised.max(built_in)
    };
    let value = bounded(wanted, built_in);
    let all = |of: fn(&Judged) -> &Vec<f32>| -> Vec<f32> {
        of(made).iter().chain(of(gold)).copied().collect()
    };
    let answerable = all(|one| &one.answerable);
    let unanswerable = all(|one| &one.unanswerable);
    let share = |scores: &[f32], threshold: f32| {
        let refused = Judged::refused(scores, threshold);
        refused.iter().sum::<f64>() / refused.len().max(1) as f64
    };
    let interval =
        |scores: &[f32]| mean_interval(&Judged::refused(scores, value)).unwrap_or([0.0, 1.0]);
    Calibration {
        threshold: Threshold {
            value,
            model: model.to_owned(),
        },
        built_in,
        made: made.answerable.len(),
        written: 0,
        gold: gold.answerable.len(),
        refused: share(&unanswerable, value),
        refused_interval: interval(&unanswerable),
        lost: share(&answerable, value),
        lost_interval: interval(&answerable),
        refused_built_in: share(&unanswerable, built_in),
        lost_built_in: share(&answerable, built_in),
    }
}

fn bounded(value: f32, built_in: f32) -> f32 {
    let odds = |share: f32| (share / (1.0 - share)).ln();
    let share = |odds: f32| 1.0 / (1.0 + (-odds).exp());
    let at = odds(built_in.clamp(0.01, 0.99));
    value.clamp(share(at - FARTHEST), share(at + FARTHEST))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scores() -> impl Strategy<Value = Vec<f32>> {
        proptest::collection::vec(0.0_f32..1.0, 20..80)
    }

    proptest! {
        #[test]
        fn a_fitted_threshold_stays_near_the_built_in_one(
            answerable in scores(), unanswerable in scores(), built_in in 0.05_f32..0.9
        ) {
            let made = Judged { answerable, unanswerable };
            let fitted = fit(&made, &Judged::default(), built_in, "m");
            let odds = |share: f32| (share / (1.0 - share)).ln();
            prop_assert!((odds(fitted.threshold.value) - odds(built_in)).abs() <= FARTHEST + 1e-3);
        }

        #[test]
        fn a_raised_threshold_loses_at_most_a_twentieth_of_each_kind_and_needs_gold_questions(
            made in scores(), gold in scores(), unanswerable in scores()
        ) {
            let built_in = 0.2;
            let made = Judged { answerable: made, unanswerable };
            let gold = Judged { answerable: gold, unanswerable: Vec::new() };
            let fitted = fit(&made, &gold, built_in, "m");
            let alone = fit(&made, &Judged::default(), built_in, "m");
            prop_assert!(alone.threshold.value <= built_in + 1e-6);
            if fitted.threshold.value > built_in + 1e-6 {
                for kind in [&made, &gold] {
                    let lost = Judged::refused(&kind.answerable, fitted.threshold.value);
                    prop_assert!(lost.iter().sum::<f64>() <= MOST_LOST * lost.len() as f64 + 1e-9);
                }
            }
            for share in [fitted.refused, fitted.lost, fitted.refused_built_in, fitted.lost_built_in] {
                prop_assert!((0.0..=1.0).contains(&share));
            }
        }
    }

    fn kind(answerable: f32, count: usize) -> Judged {
        Judged {
            answerable: vec![answerable; count],
            unanswerable: vec![0.25; count],
        }
    }

    #[test]
    fn made_questions_lower_a_threshold_that_loses_them_and_never_raise_one() {
        let none = Judged::default();
        let sure = fit(&kind(0.9, 100), &none, 0.2, "m");
        assert!((sure.threshold.value - 0.2).abs() < 1e-6);
        let doubtful = fit(&kind(0.12, 100), &none, 0.2, "m");
        assert!(doubtful.threshold.value < 0.13 && doubtful.lost < 0.01);
        assert!(doubtful.lost_built_in > 0.99);
    }

    #[test]
    fn gold_questions_raise_a_threshold_as_far_as_made_ones_allow() {
        let raised = fit(&kind(0.9, 100), &kind(0.3, 40), 0.2, "m");
        assert!((raised.threshold.value - 0.3).abs() < 1e-6);
        assert!(raised.refused > 0.99 && raised.refused_built_in < 0.01);
        let held = fit(&kind(0.26, 100), &kind(0.3, 40), 0.2, "m");
        assert!((held.threshold.value - 0.26).abs() < 1e-6);
    }

    #[test]
    fn a_few_gold_questions_raise_nothing_since_hard_ones_may_be_missing() {
        let few = fit(&kind(0.9, 100), &kind(0.3, 36), 0.2, "m");
        assert!((few.threshold.value - 0.2).abs() < 1e-6);
        let mut scores: Vec<f32> = (0..200).map(|at| 0.3 + at as f32 / 1_000.0).collect();
        scores.reverse();
        let many = Judged {
            answerable: scores,
            unanswerable: Vec::new(),
        };
        // Of 200 questions ten may be lost; seven are sure to be allowed.
        assert!(
            many.surely()
                .is_some_and(|value| (0.3055..0.3075).contains(&value)),
            "{:?}",
            many.surely()
        );
    }

    #[test]
    fn gold_questions_that_the_built_in_threshold_loses_lower_it() {
        let lowered = fit(&kind(0.9, 100), &kind(0.15, 30), 0.2, "m");
        assert!((lowered.threshold.value - 0.15).abs() < 1e-6);
        assert_eq!(lowered.gold, 30);
    }
}
