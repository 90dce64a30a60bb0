//! The verdict on passages in another writing than the question's, where vectors alone tell.

use serde::Deserialize;

use super::{Terms, answerability};
use crate::retrieve::fuse::{Fused, Legs};
use crate::retrieve::ground::{above_the_rest, lead, rise};

/// With fewer passages in the other writing, all of them were found: how far the best one stands out says little then, and
/// how near it is says much.
const MANY: usize = 64;

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
}

/// What tells whether `top` answers, and what that is held against.
pub(super) fn features(
    many: &OtherWriting,
    few: &FewOthers,
    fused: &[Fused],
    top: &Fused,
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
        ("too_far", many.too_far, f32::from(u8::from(far))),
    ];
    ((many.intercept, features), many.threshold)
}
