//! The verdict on passages in another writing than the question's: vectors tell, and words as far as they can be compared.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use super::{Terms, answerability};
use crate::model::ChunkId;
use crate::retrieve::coverage::Coverage;
use crate::retrieve::fuse::{Fused, Legs};
use crate::retrieve::ground::{above_the_rest, lead, rise};

/// With fewer passages in the other writing, all of them were found: how far the best one stands out says little then, and
/// how near it is says much.
const MANY: usize = 64;

/// How many times as much as the others a passage says that may answer or not: where there are no others to compare it with.
const USUAL_RATIO: f32 = 1.3;

/// A short question's words may be nowhere in the others: one word that is found is no certainty then.
const LEAST_MEAN: f32 = 0.05;
const MOST_RATIO: f32 = 3.0;

/// What passages in the other writing say of the question by their words, as shares in [0, 1]: the best one, and the others
/// that were read.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) best: Option<f32>,
    pub(super) others: Vec<f32>,
}

impl Said {
    /// What was read says of a passage and of the others in its writing.
    pub(super) fn of(
        read: &HashMap<ChunkId, &Coverage>,
        best: ChunkId,
        repeats: &HashSet<ChunkId>,
    ) -> Self {
        let share = |coverage: &&Coverage| Some(coverage.across?.sentence);
        let others = read
            .iter()
            .filter(|(id, _)| **id != best && !repeats.contains(id));
        let mut others: Vec<f32> = others.filter_map(|(_, one)| share(one)).collect();
        // A sum must not hang on the order of a map.
        others.sort_by(f32::total_cmp);
        Self {
            best: read.get(&best).and_then(share),
            others,
        }
    }

    /// How many times as much as the others the best one says: how much a passage says by chance hangs on the question and its
    /// language.
    fn ratio(&self) -> f32 {
        let mean = self.others.iter().sum::<f32>() / self.others.len().max(1) as f32;
        match self.best {
            Some(best) if !self.others.is_empty() => (best / mean.max(LEAST_MEAN)).min(MOST_RATIO),
            _ => USUAL_RATIO,
        }
    }
}

/// Among many passages.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OtherWriting {
    threshold: f32,
    /// Where a passage in the question's writing stands before it and does not answer.
    pub(super) threshold_behind: f32,
    /// Then also by how much its log-odds must exceed those of that one.
    pub(super) lead_behind: f32,
    intercept: f32,
    top_cosine: f32,
    cosine_gap: f32,
    dense_gap: f32,
    cosine_rise: f32,
    #[serde(default)]
    across_ratio: f32,
    /// Below this probability of [`FewOthers`] a passage is too far from the question, however far it stands out.
    near_from: f32,
    /// Then added to the log-odds.
    too_far: f32,
}

/// Among few.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FewOthers {
    threshold: f32,
    intercept: f32,
    top_cosine: f32,
    cosine_gap: f32,
    dense_gap: f32,
    #[serde(default)]
    across: f32,
}

/// What tells whether `top` answers, whose words and the others' are `said`, and what that is held against.
pub(super) fn features(
    many: &OtherWriting,
    few: &FewOthers,
    fused: &[Fused],
    top: &Fused,
    said: &Said,
) -> (Terms, f32) {
    // Those in the question's writing lie nearer to it, whatever they say: they are no ground to stand out from.
    let others: Vec<&Legs> = fused
        .iter()
        .map(|one| &one.legs)
        .filter(|legs| !legs.same_writing)
        .collect();
    let sentences: Vec<f32> = others.iter().filter_map(|legs| legs.sentence).collect();
    let dense: Vec<f32> = others.iter().filter_map(|legs| legs.dense()).collect();
    // A search by words alone has no vectors to tell by.
    let few_and_known = others.len() < MANY && top.legs.sentence.is_some();
    let top_cosine = top.legs.sentence.unwrap_or(0.45);
    let cosine_gap = lead(sentences.clone()).unwrap_or(0.1);
    let dense_gap = lead(dense).unwrap_or(0.1);
    let near = vec![
        ("top_cosine", few.top_cosine, top_cosine),
        ("cosine_gap", few.cosine_gap, cosine_gap),
        ("dense_gap", few.dense_gap, dense_gap),
        ("across", few.across, said.best.unwrap_or_default()),
    ];
    if few_and_known {
        return ((few.intercept, near), few.threshold);
    }
    let far = answerability(&(few.intercept, near)) < many.near_from;
    // Of a handful of passages with sentences the others are ground enough.
    let risen = rise(sentences.clone()).or_else(|| above_the_rest(sentences));
    let features = vec![
        ("top_cosine", many.top_cosine, top_cosine),
        ("cosine_gap", many.cosine_gap, cosine_gap),
        ("dense_gap", many.dense_gap, dense_gap),
        ("cosine_rise", many.cosine_rise, risen.unwrap_or(0.2)),
        ("across_ratio", many.across_ratio, said.ratio()),
        ("too_far", many.too_far, f32::from(u8::from(far))),
    ];
    ((many.intercept, features), many.threshold)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_best_passage_says_is_held_against_what_the_others_say() {
        let said = |best, others: &[f32]| Said {
            best,
            others: others.to_vec(),
        };
        let is = |ratio: f32, expected: f32| (ratio - expected).abs() < 1e-6;
        assert!(is(said(Some(0.45), &[0.2, 0.4]).ratio(), 1.5));
        assert!(is(said(Some(0.45), &[]).ratio(), USUAL_RATIO));
        assert!(is(said(None, &[0.2]).ratio(), USUAL_RATIO));
        assert!(is(said(Some(0.45), &[0.0]).ratio(), MOST_RATIO));
    }
}
