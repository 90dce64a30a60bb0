//! Groups pairs of similar length, because a batch is padded to its longest pair and padding is computed like text.

/// The most pairs in a batch, however short.
const MOST_PAIRS: usize = 32;

/// Positions of the pairs, batch by batch, short ones first. Every position appears once; a pair beyond the budget of
/// padded tokens goes alone.
pub(super) fn plan(tokens: &[usize], budget: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..tokens.len()).collect();
    order.sort_by_key(|&index| tokens[index]);
    let mut batches: Vec<Vec<usize>> = Vec::new();
    for index in order {
        match batches.last_mut() {
            Some(batch)
                if batch.len() < MOST_PAIRS && (batch.len() + 1) * tokens[index] <= budget =>
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

    use super::*;

    proptest! {
        #[test]
        fn every_pair_is_in_one_batch_and_batches_keep_the_budget(
            tokens in proptest::collection::vec(1_usize..600, 0..80), budget in 1_usize..2_000,
        ) {
            let batches = plan(&tokens, budget);
            let mut seen: Vec<_> = batches.iter().flatten().copied().collect();
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..tokens.len()).collect::<Vec<_>>());
            for batch in batches {
                let longest = batch.iter().map(|&index| tokens[index]).max().unwrap_or(0);
                prop_assert!(batch.len() == 1 || longest * batch.len() <= budget);
                prop_assert!(batch.len() <= MOST_PAIRS);
            }
        }
    }
}
