//! A light learned reranker: three shares of the question, read in the texts of the best passages, added to their scores.
//!
//! Only passages in the question's writing are compared: what a text in another language holds of the question's words
//! says nothing. Their mean stays where it was, so that the two writings keep their places to each other.

use std::collections::HashMap;

use serde::Deserialize;

use super::Passage;
use super::coverage::{Coverage, Wanted};
use super::fuse::Fused;
use crate::model::ChunkId;

/// Passages whose texts are compared; those after them stay behind where they are.
pub(crate) const READ: usize = 12;

/// The fitted weights.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reranker {
    sentence: f32,
    pair: f32,
    numbers: f32,
}

impl Reranker {
    /// The one that the program was built with.
    ///
    /// # Panics
    /// If the file is not what a test of this module checks it to be.
    pub(crate) fn built_in() -> Self {
        toml::from_str(include_str!("rerank.toml")).expect("rerank.toml is checked by a test")
    }

    /// Changes the scores of the first [`READ`] of `ranked`, which come best first, and returns what it read in them; the
    /// order is the caller's work.
    pub(crate) fn rescore(
        self,
        wanted: &Wanted<'_>,
        ranked: &mut [(Fused, Passage)],
    ) -> HashMap<ChunkId, Coverage> {
        let mut coverages = HashMap::new();
        let comparable = ranked.iter_mut().take(READ);
        let mut read: Vec<(&mut Fused, f32)> = comparable
            .filter(|(one, _)| one.legs.same_writing)
            .map(|(one, passage)| {
                let coverage = Coverage::of(wanted, passage);
                coverages.insert(passage.chunk, coverage);
                (one, self.value(&coverage))
            })
            .collect();
        let mean = read.iter().map(|(_, value)| value).sum::<f32>() / read.len().max(1) as f32;
        for (one, value) in &mut read {
            one.score += *value - mean;
            one.reranked = Some(one.score);
        }
        coverages
    }

    fn value(self, coverage: &Coverage) -> f32 {
        let words = self
            .sentence
            .mul_add(coverage.sentence, self.pair * coverage.pair);
        self.numbers.mul_add(coverage.numbers, words)
    }
}

#[cfg(test)]
mod tests {
    use wenyuan_ingest::Dictionary;

    use super::*;
    use crate::model::Question;
    use crate::retrieve::question::Analysis;
    use crate::retrieve::rank::tests::{fused, passage};

    #[test]
    fn the_passage_whose_sentence_says_what_is_asked_passes_one_that_spreads_the_words() {
        let question = Question::try_from("文渊阁在 1776 年建成吗").expect("question");
        let analysis = Analysis::of(&question, Dictionary::default());
        let wanted = Wanted::of(&analysis);
        let mut ranked = vec![
            (fused(1, 0.51), passage(1, "文渊阁藏书很多。")),
            (fused(2, 0.50), passage(2, "文渊阁在 1776 年建成。")),
        ];
        for (one, _) in &mut ranked {
            one.legs.same_writing = true;
        }
        let before: f32 = ranked.iter().map(|(one, _)| one.score).sum();
        drop(Reranker::built_in().rescore(&wanted, &mut ranked));
        assert!(ranked[1].0.score > ranked[0].0.score);
        let after: f32 = ranked.iter().map(|(one, _)| one.score).sum();
        assert!((before - after).abs() < 1e-5, "{before} {after}");
    }

    #[test]
    fn a_passage_in_another_writing_keeps_its_score() {
        let question = Question::try_from("文渊阁何时建成").expect("question");
        let analysis = Analysis::of(&question, Dictionary::default());
        let wanted = Wanted::of(&analysis);
        let mut ranked = vec![(fused(1, 0.5), passage(1, "It was finished in 1776."))];
        drop(Reranker::built_in().rescore(&wanted, &mut ranked));
        assert_eq!((ranked[0].0.score, ranked[0].0.reranked), (0.5, None));
    }
}
