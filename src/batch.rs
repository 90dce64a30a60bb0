//! Groups texts of similar length for a model, because a batch is padded to its longest text and padding is computed like text.

/// The most texts in a batch, however short.
pub(crate) const MOST_TEXTS: usize = 32;

/// Positions of the texts, batch by batch, short ones first. Every position appears once; a text beyond the budget of
/// padded tokens goes alone.
pub(crate) fn plan(tokens: &[usize], budget: usize) -> Vec<Vec<usize>> {
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

    use super::*;

    #[test]
    fn a_text_beyond_the_budget_goes_alone() {
        assert_eq!(plan(&[10, 5_000, 10], 100), vec![vec![0, 2], vec![1]]);
    }

    proptest! {
        #[test]
        fn every_text_is_in_one_batch_and_batches_keep_the_budget(
            tokens in proptest::collection::vec(1_usize..600, 0..200), budget in 1_usize..2_000,
        ) {
            let batches = plan(&tokens, budget);
            let mut seen: Vec<_> = batches.iter().flatten().copied().collect();
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..tokens.len()).collect::<Vec<_>>());
            for batch in batches {
                let longest = batch.iter().map(|&index| tokens[index]).max().unwrap_or(0);
                prop_assert!(batch.len() == 1 || longest * batch.len() <= budget);
                prop_assert!(batch.len() <= MOST_TEXTS);
            }
        }
    }
}
