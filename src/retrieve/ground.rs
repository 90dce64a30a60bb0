//! By how much the best of some values stands out.

/// By how much the best value stands above the ground: the mean from the eleventh to the thirtieth. `None` when there are too
/// few to tell.
pub(super) fn rise(mut values: Vec<f32>) -> Option<f32> {
    values.sort_by(|left, right| right.total_cmp(left));
    values.truncate(30);
    let ground = values.get(10..).filter(|ground| ground.len() > 5)?;
    Some(values[0] - ground.iter().sum::<f32>() / ground.len() as f32)
}

/// By how much the best value stands above the mean of all others; `None` when there are none.
pub(super) fn above_the_rest(mut values: Vec<f32>) -> Option<f32> {
    values.sort_by(|left, right| right.total_cmp(left));
    let (best, rest) = values.split_first()?;
    (!rest.is_empty()).then(|| best - rest.iter().sum::<f32>() / rest.len() as f32)
}

/// By how much the best value leads the mean of the next three; `None` when there are too few to compare.
pub(super) fn lead(mut values: Vec<f32>) -> Option<f32> {
    values.sort_by(|left, right| right.total_cmp(left));
    match values.as_slice() {
        [best, second, third, fourth, ..] => Some(best - (second + third + fourth) / 3.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_sentence_is_held_against_the_eleventh_to_the_thirtieth_whatever_their_order() {
        let ground = [0.1; 20];
        let values: Vec<f32> = [&[0.4; 9][..], &ground, &[0.9], &[0.0; 40]].concat();
        let risen = rise(values).expect("there are enough");
        assert!((risen - 0.8).abs() < 1e-6, "{risen}");
        assert_eq!(rise(vec![0.5; 15]), None);
    }

    #[test]
    fn of_a_handful_the_best_sentence_is_held_against_all_others() {
        let risen = above_the_rest(vec![0.2, 0.6, 0.1]).expect("there are others");
        assert!((risen - 0.45).abs() < 1e-6, "{risen}");
        assert_eq!(above_the_rest(vec![0.5]), None);
        assert_eq!(above_the_rest(Vec::new()), None);
    }
}
