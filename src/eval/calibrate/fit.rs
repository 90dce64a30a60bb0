//! The threshold that refuses most without losing more than may be lost.

use crate::eval::mean_interval;
use crate::retrieve::{Calibration, Threshold};

/// Most answerable questions that a fitted threshold may lose, as a share of each kind.
const MOST_LOST: f64 = 0.05;

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

    /// The range of thresholds that these questions do not speak against; `None` where there are too few to say.
    ///
    /// Above its end more than a twentieth of these very questions is lost. Below its beginning fewer are lost than may be
    /// expected of further ones: the k-th lowest of n scores has k / (n + 1) of all others below it.
    fn range(&self) -> Option<(f32, f32)> {
        let mut sorted = self.answerable.clone();
        sorted.sort_by(f32::total_cmp);
        let low = (MOST_LOST * (sorted.len() + 1) as f64) as usize;
        let high = (MOST_LOST * sorted.len() as f64) as usize;
        Some((*sorted.get(low.checked_sub(1)?)?, *sorted.get(high)?))
    }
}

/// Fits a threshold to made questions and, where there are any, gold ones.
///
/// The built-in threshold stays unless questions speak against it. People's questions are harder than made ones, and by how
/// much differs between texts: made ones may lower a threshold that loses even them, but only gold ones may raise it.
pub(super) fn fit(made: &Judged, gold: &Judged, built_in: f32, model: &str) -> Calibration {
    let (least_made, most_made) = made.range().unwrap_or((built_in, built_in));
    let wanted = match gold.range() {
        Some((least, most)) => built_in.clamp(least.min(least_made.max(built_in)), most),
        None => built_in.min(most_made),
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
        let raised = fit(&kind(0.9, 100), &kind(0.3, 30), 0.2, "m");
        assert!((raised.threshold.value - 0.3).abs() < 1e-6);
        assert!(raised.refused > 0.99 && raised.refused_built_in < 0.01);
        let held = fit(&kind(0.26, 100), &kind(0.3, 30), 0.2, "m");
        assert!((held.threshold.value - 0.26).abs() < 1e-6);
    }

    #[test]
    fn gold_questions_that_the_built_in_threshold_loses_lower_it() {
        let lowered = fit(&kind(0.9, 100), &kind(0.15, 30), 0.2, "m");
        assert!((lowered.threshold.value - 0.15).abs() < 1e-6);
        assert_eq!(lowered.gold, 30);
    }
}
