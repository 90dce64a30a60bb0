//! Groups texts of similar length, because a batch is padded to its longest text and padding is computed like text.

/// The most padded tokens in a batch. Measured with the starter embedder: larger batches leave the processor's cache
/// and are slower, and a waiting question waits for less.
pub(super) const BUDGET_TOKENS: usize = 768;
/// The most texts in a batch, however short.
const MOST_TEXTS: usize = 32;

/// A guess at a text's tokens, good enough to sort by: a Han character is most of a token, Latin letters a quarter.
pub(super) fn estimate_tokens(text: &str) -> usize {
    let quarters: usize = text
        .chars()
        .map(|character| if character.is_ascii() { 1 } else { 3 })
        .sum();
    quarters / 4 + 2
}

/// Positions of the texts, batch by batch, short ones first. Every position appears once.
pub(super) fn plan(tokens: &[usize], budget: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..tokens.len()).collect();
    order.sort_by_key(|&index| tokens[index]);
    let mut batches: Vec<Vec<usize>> = Vec::new();
    for index in order {
        match batches.last_mut() {
            Some(batch)
                if batch.len() < MOST_TEXTS && (batch.len() + 1) * tokens[index] <= budget =>
            {
                batch.push(index);
            }
            Some(_) | None => batches.push(vec![index]),
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{MOST_TEXTS, estimate_tokens, plan};

    #[test]
    fn a_text_beyond_the_budget_goes_alone() {
        assert_eq!(plan(&[10, 5_000, 10], 100), vec![vec![0, 2], vec![1]]);
    }

    #[test]
    fn chinese_counts_for_more_tokens_per_character_than_english() {
        assert!(estimate_tokens("今天下午三点开会") > estimate_tokens("meetings"));
    }

    proptest! {
        #[test]
        fn every_text_is_in_one_batch_and_batches_keep_the_budget(
            tokens in proptest::collection::vec(1_usize..600, 0..200),
        ) {
            let batches = plan(&tokens, 768);
            let mut seen: Vec<_> = batches.iter().flatten().copied().collect();
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..tokens.len()).collect::<Vec<_>>());
            for batch in batches {
                let longest = batch.iter().map(|&index| tokens[index]).max().unwrap_or(0);
                prop_assert!(batch.len() == 1 || longest * batch.len() <= 768);
                prop_assert!(batch.len() <= MOST_TEXTS);
            }
        }
    }
}
