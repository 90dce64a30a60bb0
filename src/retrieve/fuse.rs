//! Adds the legs' scores, with weights that depend on whether question and passage share a writing.

use std::collections::HashMap;

use super::question::Writing;
use crate::model::ChunkId;

/// What each leg said of one passage.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Legs {
    /// Whether the passage is in the question's writing.
    ///
    /// Of a question that is nothing but codes and numbers every passage is.
    pub(crate) same_writing: bool,
    /// Cosine of the passage vector.
    pub(crate) passage: Option<f32>,
    /// Cosine of the best sentence.
    pub(crate) sentence: Option<f32>,
    /// BM25; over names and numbers only in the other writing.
    pub(crate) lexical: Option<f32>,
}

impl Legs {
    /// Passage and best sentence together; they fail on different questions.
    pub(crate) fn dense(&self) -> Option<f32> {
        match (self.passage, self.sentence) {
            (Some(passage), Some(sentence)) => Some(f32::midpoint(passage, sentence)),
            (one, None) | (None, one) => one,
        }
    }
}

/// A passage with its fused score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Fused {
    pub(crate) id: ChunkId,
    /// What it is ordered by.
    pub(crate) score: f32,
    /// The legs together.
    pub(crate) sum: f32,
    /// With what the rerankers add, where any of them read the passage.
    pub(crate) reranked: Option<f32>,
    /// The cross-encoder's own score in [0, 1], where it read the passage.
    pub(crate) crossed: Option<f32>,
    pub(crate) legs: Legs,
}

/// What the question and the index's size say about the scores to expect.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scale {
    /// The question's writing.
    pub(crate) writing: Writing,
    /// Distinct terms in the question.
    pub(crate) terms: usize,
    /// Distinct names and numbers in it.
    pub(crate) names: usize,
    /// Chunks in the index.
    pub(crate) chunks: usize,
    /// Weight of the vectors against words; `None` is the writing's own.
    pub(crate) meaning_weight: Option<f32>,
    /// Whether the question is nothing but codes and numbers.
    pub(crate) exact: bool,
}

/// Weight of the vectors against words for codes and numbers, of which vectors know next to nothing.
const EXACT_WEIGHT: f32 = 0.3;

impl Scale {
    /// What BM25 could come to if every term were rare: to tell a real match from a few shared words.
    pub(crate) fn lexical_ceiling(self, terms: usize) -> f32 {
        terms.max(1) as f32 * ((self.chunks + 1) as f32).ln().max(f32::EPSILON)
    }

    /// The share of that ceiling which an answering passage typically reaches. Han terms overlap, so less.
    const fn typical_share(self) -> f32 {
        match self.writing {
            Writing::Han => 0.36,
            Writing::Alphabetic => 0.5,
        }
    }

    /// Weight of the vectors against words. English words have more synonyms and forms than Chinese pairs.
    pub(crate) const fn dense_weight(self) -> f32 {
        match (self.meaning_weight, self.writing) {
            (Some(weight), _) => weight,
            (None, _) if self.exact => EXACT_WEIGHT,
            (None, Writing::Han) => 0.9,
            (None, Writing::Alphabetic) => 1.2,
        }
    }
}

const NAMES_WEIGHT: f32 = 0.2;
const NAMES_CEILING_SHARE: f32 = 0.5;

/// Orders passages by their fused score in about [0, 1], best first, ties by id.
///
/// In the question's writing: BM25 over the best BM25, plus weighted cosine. In the other writing BM25 says nothing
/// beyond names and numbers; what it would have said is estimated instead, high when the question's own language
/// matched few of its words or when the other language's vectors are nearer.
pub(crate) fn fuse(candidates: &HashMap<ChunkId, Legs>, scale: Scale) -> Vec<Fused> {
    let best = |same: bool, value: fn(&Legs) -> Option<f32>| {
        candidates
            .values()
            .filter(|legs| legs.same_writing == same)
            .filter_map(value)
            .reduce(f32::max)
    };
    let best_lexical = best(true, |legs| legs.lexical).unwrap_or(0.0);
    let best_names = best(false, |legs| legs.lexical).unwrap_or(0.0);
    let names_scale = best_names
        .max(NAMES_CEILING_SHARE * scale.lexical_ceiling(scale.names))
        .max(f32::EPSILON);
    let gap = best(false, Legs::dense).unwrap_or(0.0) - best(true, Legs::dense).unwrap_or(0.0);
    let share = best_lexical / scale.lexical_ceiling(scale.terms) / scale.typical_share();
    let expected = (0.9f32.mul_add(-share, 1.35) + gap).clamp(0.0, 1.0);
    let weight = scale.dense_weight();
    let mut fused: Vec<Fused> = candidates
        .iter()
        .map(|(id, legs)| {
            let lexical = legs.lexical.unwrap_or(0.0);
            let words = if legs.same_writing {
                lexical / best_lexical.max(f32::EPSILON)
            } else {
                NAMES_WEIGHT.mul_add(lexical / names_scale, expected)
            };
            let score = weight.mul_add(legs.dense().unwrap_or(0.0), words) / (1.0 + weight);
            Fused {
                id: *id,
                score,
                sum: score,
                reranked: None,
                crossed: None,
                legs: *legs,
            }
        })
        .collect();
    fused.sort_by(|left, right| {
        right
            .score
            .total_cmp(&left.score)
            .then_with(|| left.id.cmp(&right.id))
    });
    fused
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn chunk(number: u128) -> ChunkId {
        ChunkId(Uuid::from_u128(number))
    }

    fn legs(same_writing: bool, cosine: f32, lexical: Option<f32>) -> Legs {
        Legs {
            same_writing,
            passage: Some(cosine),
            sentence: Some(cosine),
            lexical,
        }
    }

    fn scale() -> Scale {
        Scale {
            writing: Writing::Han,
            terms: 10,
            names: 1,
            chunks: 1_000,
            meaning_weight: None,
            exact: false,
        }
    }

    #[test]
    fn words_and_meaning_both_count() {
        let candidates = HashMap::from([
            (chunk(1), legs(true, 0.2, Some(20.0))),
            (chunk(2), legs(true, 0.6, Some(15.0))),
            (chunk(3), legs(true, 0.6, None)),
        ]);
        let order: Vec<ChunkId> = fuse(&candidates, scale())
            .iter()
            .map(|fused| fused.id)
            .collect();
        assert_eq!(order, [chunk(2), chunk(1), chunk(3)]);
    }

    #[test]
    fn a_weight_that_is_given_decides_between_words_and_meaning() {
        let candidates = HashMap::from([
            (chunk(1), legs(true, 0.1, Some(20.0))),
            (chunk(2), legs(true, 0.9, Some(2.0))),
        ]);
        let first = |weight| {
            let scale = Scale {
                meaning_weight: Some(weight),
                ..scale()
            };
            fuse(&candidates, scale)[0].id
        };
        assert_eq!([first(0.0), first(4.0)], [chunk(1), chunk(2)]);
    }

    #[test]
    fn a_few_shared_words_do_not_hide_a_passage_in_the_other_language() {
        let candidates = HashMap::from([
            (chunk(1), legs(true, 0.2, Some(6.0))),
            (chunk(2), legs(false, 0.6, None)),
        ]);
        assert_eq!(fuse(&candidates, scale())[0].id, chunk(2));
    }

    #[test]
    fn a_full_match_of_words_beats_a_middling_vector_across_languages() {
        let candidates = HashMap::from([
            (chunk(1), legs(true, 0.5, Some(35.0))),
            (chunk(2), legs(false, 0.5, None)),
        ]);
        assert_eq!(fuse(&candidates, scale())[0].id, chunk(1));
    }

    #[test]
    fn equal_scores_are_ordered_by_id() {
        let candidates = HashMap::from([
            (chunk(2), legs(true, 0.5, None)),
            (chunk(1), legs(true, 0.5, None)),
        ]);
        assert_eq!(fuse(&candidates, scale())[0].id, chunk(1));
    }
}
