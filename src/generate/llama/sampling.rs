//! Picking the next token in plain Rust: the same seed gives the same token on every platform, and no input can abort.

use std::collections::BTreeSet;

use crate::generate::Sampling;

/// Tokens looked back upon by the repetition penalty.
const PENALTY_WINDOW: usize = 64;
/// Most likely tokens considered when sampling; the rest of a vocabulary has no weight worth computing.
const CANDIDATES: usize = 256;

/// One request's way of picking tokens.
#[derive(Debug)]
pub(super) struct Sampler {
    temperature: f32,
    top_p: f32,
    repeat_penalty: f32,
    random: SplitMix,
}

impl Sampler {
    /// Values that make no sense become the nearest that do.
    pub(super) fn new(sampling: &Sampling) -> Self {
        let finite_or =
            |value: f32, otherwise: f32| if value.is_finite() { value } else { otherwise };
        Self {
            temperature: finite_or(sampling.temperature, 0.0).clamp(0.0, 5.0),
            top_p: finite_or(sampling.top_p, 1.0).clamp(f32::EPSILON, 1.0),
            repeat_penalty: finite_or(sampling.repeat_penalty, 1.0).clamp(0.1, 10.0),
            random: SplitMix(u64::from(sampling.seed)),
        }
    }

    /// The next token's index in `logits`, `None` when there is no usable number among them.
    /// `history` is prompt and answer so far; `never` is left out.
    pub(super) fn pick(
        &mut self,
        logits: &[f32],
        history: &[i32],
        never: &BTreeSet<usize>,
    ) -> Option<usize> {
        let recent = self.penalized(history);
        let score = |index: usize, logit: f32| {
            if logit.is_nan() || never.contains(&index) {
                return f32::NEG_INFINITY;
            }
            if !recent.contains(&index) {
                return logit;
            }
            // As llama.cpp does: away from likely, whatever the sign.
            if logit > 0.0 {
                logit / self.repeat_penalty
            } else {
                logit * self.repeat_penalty
            }
        };
        let scored = logits
            .iter()
            .enumerate()
            .map(|(index, &logit)| (index, score(index, logit)));
        if self.temperature <= 0.0 {
            let best = scored.fold((None, f32::NEG_INFINITY), |best, (index, score)| {
                if score > best.1 {
                    (Some(index), score)
                } else {
                    best
                }
            });
            return best.0;
        }
        let nucleus = self.nucleus(scored.collect());
        self.draw(&nucleus)
    }

    fn penalized(&self, history: &[i32]) -> BTreeSet<usize> {
        if (self.repeat_penalty - 1.0).abs() < f32::EPSILON {
            return BTreeSet::new();
        }
        let start = history.len().saturating_sub(PENALTY_WINDOW);
        history[start..]
            .iter()
            .filter_map(|&token| usize::try_from(token).ok())
            .collect()
    }

    /// The likeliest tokens that together hold `top_p` of the weight, with their weights.
    fn nucleus(&self, mut scored: Vec<(usize, f32)>) -> Vec<(usize, f32)> {
        let order = |left: &(usize, f32), right: &(usize, f32)| {
            right.1.total_cmp(&left.1).then(left.0.cmp(&right.0))
        };
        if scored.len() > CANDIDATES {
            scored.select_nth_unstable_by(CANDIDATES - 1, order);
            scored.truncate(CANDIDATES);
        }
        scored.sort_unstable_by(order);
        scored.retain(|&(_, score)| score.is_finite());
        let Some(&(_, highest)) = scored.first() else {
            return scored;
        };
        for (_, score) in &mut scored {
            *score = ((*score - highest) / self.temperature).exp();
        }
        let target = self.top_p * scored.iter().map(|&(_, weight)| weight).sum::<f32>();
        let mut held = 0.0;
        let enough = scored.iter().position(|&(_, weight)| {
            held += weight;
            held >= target
        });
        scored.truncate(enough.map_or(scored.len(), |last| last + 1));
        scored
    }

    fn draw(&mut self, weighted: &[(usize, f32)]) -> Option<usize> {
        let mut left = self.random.unit() * weighted.iter().map(|&(_, weight)| weight).sum::<f32>();
        for &(index, weight) in weighted {
            left -= weight;
            if left < 0.0 {
                return Some(index);
            }
        }
        weighted.last().map(|&(index, _)| index)
    }
}

/// A small generator whose sequence is fixed by its definition, unlike that of a library's next version.
#[derive(Debug)]
struct SplitMix(u64);

impl SplitMix {
    /// In [0, 1).
    fn unit(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        (mixed >> 40) as f32 / (1_u64 << 24) as f32
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sampler(temperature: f32, top_p: f32, seed: u32, repeat_penalty: f32) -> Sampler {
        Sampler::new(&Sampling {
            temperature,
            top_p,
            seed,
            repeat_penalty,
        })
    }

    fn none() -> BTreeSet<usize> {
        BTreeSet::new()
    }

    #[test]
    fn temperature_zero_takes_the_likeliest_and_the_first_of_equals() {
        assert_eq!(
            sampler(0.0, 1.0, 7, 1.0).pick(&[0.5, 2.0, f32::NAN, 2.0], &[], &none()),
            Some(1)
        );
    }

    #[test]
    fn suppressed_tokens_and_broken_numbers_are_never_picked() {
        assert_eq!(
            sampler(0.0, 1.0, 0, 1.0).pick(&[9.0, 1.0], &[], &BTreeSet::from([0])),
            Some(1)
        );
        assert_eq!(
            sampler(0.0, 1.0, 0, 1.0).pick(&[f32::NAN; 4], &[], &none()),
            None
        );
        assert_eq!(
            sampler(1.0, 1.0, 0, 1.0).pick(&[f32::NAN; 4], &[], &none()),
            None
        );
    }

    #[test]
    fn the_same_seed_draws_the_same_tokens() {
        let draw = |seed| {
            let mut sampler = sampler(1.0, 0.95, seed, 1.0);
            (0..32)
                .map(|_| sampler.pick(&[1.0, 1.1, 0.9, 1.2], &[], &none()))
                .collect::<Vec<_>>()
        };
        assert_eq!(draw(3), draw(3));
        assert_ne!(draw(3), draw(4));
    }

    #[test]
    fn a_narrow_nucleus_is_greedy() {
        let mut sampler = sampler(1.0, 0.1, 1, 1.0);
        assert!((0..50).all(|_| sampler.pick(&[0.0, 3.0, 0.0], &[], &none()) == Some(1)));
    }

    #[test]
    fn a_repeated_token_loses_to_the_next_best() {
        assert_eq!(
            sampler(0.0, 1.0, 0, 1.5).pick(&[2.0, 1.9, -1.0], &[0], &none()),
            Some(1)
        );
        assert_eq!(
            sampler(0.0, 1.0, 0, 1.0).pick(&[2.0, 1.9, -1.0], &[0], &none()),
            Some(0)
        );
    }

    proptest! {
        #[test]
        fn whatever_the_settings_a_pick_is_in_range(
            temperature in any::<f32>(), top_p in any::<f32>(), penalty in any::<f32>(), seed in any::<u32>(),
            logits in prop::collection::vec(any::<f32>(), 1..600),
        ) {
            let picked = sampler(temperature, top_p, seed, penalty).pick(&logits, &[0, 1, -5, 9_999], &none());
            prop_assert!(picked.is_none_or(|index| index < logits.len() && !logits[index].is_nan()));
        }
    }
}
