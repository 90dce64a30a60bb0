//! How many tokens a batch may have, and which batches are worth one call together.

use crate::batch::MOST_TEXTS;

/// The most padded tokens in a batch. Measured with the starter embedder: larger batches leave the processor's cache
/// and are slower, and a waiting question waits for less.
pub(super) const BUDGET_TOKENS: usize = 512;

/// A guess at a text's tokens, good enough to sort by: a Han character is most of a token, Latin letters a quarter.
pub(super) fn estimate_tokens(text: &str) -> usize {
    let quarters: usize = text
        .chars()
        .map(|character| if character.is_ascii() { 1 } else { 3 })
        .sum();
    quarters / 4 + 2
}

/// Padding that joining batches may add, as a share of what they hold.
const WASTE: f64 = 0.3;

/// The shape of a batch: how many texts, and the tokens of the longest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) texts: usize,
    pub(super) longest: usize,
}

impl Shape {
    const fn padded(self) -> usize {
        self.texts * self.longest
    }

    /// The shape of both together, if one call for both is worth its padding.
    pub(super) fn join(self, other: Self) -> Option<Self> {
        let joined = Self {
            texts: self.texts + other.texts,
            longest: self.longest.max(other.longest),
        };
        let apart = (self.padded() + other.padded()) as f64;
        let fits = joined.texts <= MOST_TEXTS && joined.padded() <= BUDGET_TOKENS;
        (fits && joined.padded() as f64 <= apart * (1.0 + WASTE)).then_some(joined)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn chinese_counts_for_more_tokens_per_character_than_english() {
        assert!(estimate_tokens("今天下午三点开会") > estimate_tokens("meetings"));
    }

    #[test]
    fn short_batches_of_like_length_are_joined_and_others_are_not() {
        let shape = |texts, longest| Shape { texts, longest };
        assert_eq!(shape(4, 40).join(shape(6, 50)), Some(shape(10, 50)));
        assert_eq!(shape(4, 10).join(shape(1, 200)), None);
        assert_eq!(shape(10, 60).join(shape(4, 60)), None);
    }

    proptest! {
        #[test]
        fn joined_batches_keep_the_bounds_and_waste_little(
            left in (1_usize..40, 1_usize..600), right in (1_usize..40, 1_usize..600),
        ) {
            let shape = |(texts, longest)| Shape { texts, longest };
            let (left, right) = (shape(left), shape(right));
            if let Some(joined) = left.join(right) {
                prop_assert_eq!(joined.texts, left.texts + right.texts);
                prop_assert_eq!(joined.longest, left.longest.max(right.longest));
                prop_assert!(joined.texts <= MOST_TEXTS && joined.padded() <= BUDGET_TOKENS);
                prop_assert!(joined.padded() * 10 <= (left.padded() + right.padded()) * 13);
            }
        }

        #[test]
        fn any_text_has_an_estimate_that_its_bytes_bound(text in ".{0,200}") {
            let estimate = estimate_tokens(&text);
            prop_assert!((2..=text.len() + 2).contains(&estimate));
        }
    }
}
