//! How sure a figure is: percentile intervals from resampling, always with the same seed.

/// Resamples behind every interval.
pub const RESAMPLES: usize = 1_000;

/// Share of the resamples that an interval leaves out at each end: 95% lie within.
const TAIL: f64 = 0.025;

const SEED: u64 = 0x005e_ed0f_9e57;

/// A small generator of even numbers (SplitMix64): the same seed gives the same numbers on every machine.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    /// Begins with a seed.
    pub(crate) const fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 for a bound of 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    /// Puts a list into another order.
    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            list.swap(last, self.below(last + 1));
        }
    }
}

/// The 95% percentile interval of a statistic of a population; `None` for an empty one.
///
/// The statistic is asked about [`RESAMPLES`] samples of the population's size, drawn with replacement.
pub fn interval<T>(population: &[T], statistic: impl Fn(&[&T]) -> f64) -> Option<[f64; 2]> {
    if population.is_empty() {
        return None;
    }
    let mut random = Random::seeded(SEED);
    let mut sample = Vec::with_capacity(population.len());
    let mut found: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            sample.clear();
            sample
                .extend((0..population.len()).map(|_| &population[random.below(population.len())]));
            statistic(&sample)
        })
        .collect();
    found.sort_by(f64::total_cmp);
    let at = |share: f64| found[((share * RESAMPLES as f64) as usize).min(RESAMPLES - 1)];
    Some([at(TAIL), at(1.0 - TAIL)])
}

/// The interval of a mean.
#[must_use]
pub fn mean_interval(values: &[f64]) -> Option<[f64; 2]> {
    interval(values, |sample| {
        sample.iter().copied().sum::<f64>() / sample.len() as f64
    })
}

/// The interval of a ratio of two sums, as citations that are right over citations.
#[must_use]
pub fn ratio_interval(parts: &[(f64, f64)]) -> Option<[f64; 2]> {
    interval(parts, |sample| {
        let whole: f64 = sample.iter().map(|(_, whole)| whole).sum();
        let part: f64 = sample.iter().map(|(part, _)| part).sum();
        if whole > 0.0 { part / whole } else { 0.0 }
    })
}

/// What one question gave before and now, over questions that both runs asked: the mean difference (now less before)
/// and its interval. Pairs are drawn together, so what makes a question hard for both runs falls out.
#[must_use]
pub fn paired(pairs: &[(f64, f64)]) -> Option<(f64, [f64; 2])> {
    let differences: Vec<f64> = pairs.iter().map(|(before, now)| now - before).collect();
    let range = mean_interval(&differences)?;
    let mean = differences.iter().sum::<f64>() / differences.len() as f64;
    Some((mean, range))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_interval_lies_within_the_values_and_is_the_same_every_time(
            values in proptest::collection::vec(-1.0_f64..1.0, 1..60)
        ) {
            let [low, high] = mean_interval(&values).expect("there are values");
            let least = values.iter().copied().fold(f64::INFINITY, f64::min);
            let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            prop_assert!(low <= high && low >= least - 1e-9 && high <= most + 1e-9);
            prop_assert_eq!(mean_interval(&values), Some([low, high]));
        }

        #[test]
        fn a_run_does_not_differ_from_itself(values in proptest::collection::vec(0.0_f64..1.0, 1..60)) {
            let pairs: Vec<(f64, f64)> = values.iter().map(|value| (*value, *value)).collect();
            let (difference, [low, high]) = paired(&pairs).expect("there are pairs");
            prop_assert!(difference.abs() < 1e-12 && low.abs() < 1e-12 && high.abs() < 1e-12);
        }

        #[test]
        fn what_every_question_gains_is_the_whole_interval(
            values in proptest::collection::vec(0.0_f64..1.0, 1..60), gain in 0.01_f64..1.0
        ) {
            let pairs: Vec<(f64, f64)> = values.iter().map(|value| (*value, value + gain)).collect();
            let (difference, [low, high]) = paired(&pairs).expect("there are pairs");
            for found in [difference, low, high] {
                prop_assert!((found - gain).abs() < 1e-9);
            }
        }

        #[test]
        fn random_numbers_stay_below_their_bound(seed: u64, bound in 1_usize..1_000) {
            let mut random = Random::seeded(seed);
            prop_assert!((0..100).all(|_| random.below(bound) < bound));
        }

        #[test]
        fn shuffling_keeps_every_item(mut list in proptest::collection::vec(0_u32..50, 0..40), seed: u64) {
            let mut sorted = list.clone();
            sorted.sort_unstable();
            Random::seeded(seed).shuffle(&mut list);
            list.sort_unstable();
            prop_assert_eq!(list, sorted);
        }
    }

    #[test]
    fn an_interval_is_about_as_wide_as_theory_says() {
        let values: Vec<f64> = (0..400)
            .map(|at| f64::from(u8::from(at % 4 != 0)))
            .collect();
        let [low, high] = mean_interval(&values).expect("values");
        // The mean is 0.75 and its standard error the root of 0.75 x 0.25 / 400: 0.0217.
        assert!(
            (low - 0.7075).abs() < 0.01 && (high - 0.7925).abs() < 0.01,
            "{low} {high}"
        );
    }

    #[test]
    fn more_questions_make_an_interval_narrower() {
        let width = |count: usize| {
            let values: Vec<f64> = (0..count)
                .map(|at| f64::from(u8::from(at % 2 == 0)))
                .collect();
            let [low, high] = mean_interval(&values).expect("values");
            high - low
        };
        assert!(width(1_000) < width(100) && width(100) < width(20));
    }

    #[test]
    fn nothing_has_no_interval() {
        assert_eq!(mean_interval(&[]), None);
        assert_eq!(ratio_interval(&[]), None);
        assert_eq!(paired(&[]), None);
    }
}
