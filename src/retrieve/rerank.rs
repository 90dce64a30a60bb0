//! A light learned reranker: three shares of the question, read in the texts of the best passages, added to their scores.
//!
//! Passages are compared within their writing: those in the question's by the words that they hold of it, those in the other by how
//! near their words come to it ([`Across`]). The mean of either stays where it was. What was read in the first
//! tells, with the scores of both writings, in which of the two the answer lies: by that, passages in the other writing are moved,
//! all alike.

use std::collections::HashMap;

use serde::Deserialize;

use super::Passage;
use super::across::Across;
use super::coverage::{Coverage, Wanted};
use super::fuse::{Fused, Legs, Scale};
use crate::model::ChunkId;

/// Passages whose texts are compared; those after them stay behind where they are.
pub(crate) const READ: usize = 12;

/// What each code or number of a question of nothing else adds where it stands: those that hold it come first.
const EXACT_BONUS: f32 = 1.0;

/// By how much passages in the other writing are moved at most.
const MOVED_AT_MOST: f32 = 0.1;

/// Orders passages in the other writing, and moves them where both are found.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct OtherWriting {
    sentence: f32,
    pair: f32,
    intercept: f32,
    lexical_share: f32,
    meaning_gap: f32,
    pair_coverage: f32,
}

impl OtherWriting {
    fn value(self, across: Across) -> f32 {
        self.sentence
            .mul_add(across.sentence, self.pair * across.pair)
    }

    /// What is added to their scores; `None` where all that was found is in one writing. `fullest` is the largest share of
    /// the question in two neighbouring sentences of the question's writing.
    fn shift(self, fused: &[Fused], scale: Scale, fullest: f32) -> Option<f32> {
        let best = |same: bool| {
            let legs = fused.iter().map(|one| &one.legs);
            let legs = legs.filter(move |legs| legs.same_writing == same);
            legs.filter_map(Legs::dense).reduce(f32::max)
        };
        let gap = best(false)? - best(true)?;
        let own = fused.iter().filter(|one| one.legs.same_writing);
        let lexical = own.filter_map(|one| one.legs.lexical).fold(0.0, f32::max);
        let share = lexical / scale.lexical_ceiling(scale.terms);
        let words = self
            .lexical_share
            .mul_add(share, self.pair_coverage * fullest);
        let shift = self.meaning_gap.mul_add(gap, words) + self.intercept;
        Some(shift.clamp(-MOVED_AT_MOST, MOVED_AT_MOST))
    }
}

/// The fitted weights.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reranker {
    sentence: f32,
    pair: f32,
    numbers: f32,
    other_writing: OtherWriting,
}

impl Reranker {
    /// The one that the program was built with.
    ///
    /// # Panics
    /// If the file is not what a test of this module checks it to be.
    pub(crate) fn built_in() -> Self {
        toml::from_str(include_str!("rerank.toml")).expect("rerank.toml is checked by a test")
    }

    /// Changes the scores of the first [`READ`] of either writing in `ranked`, which come best first, and of all in the other
    /// writing, and returns what it read; the order is the caller's work. `fused` are all candidates.
    pub(crate) fn rescore(
        self,
        wanted: &Wanted<'_>,
        scale: Scale,
        fused: &[Fused],
        ranked: &mut [(Fused, Passage)],
    ) -> HashMap<ChunkId, Coverage> {
        let mut coverages = HashMap::new();
        let mut fullest = 0.0_f32;
        for same_writing in [true, false] {
            let writing = ranked
                .iter_mut()
                .filter(|(one, _)| one.legs.same_writing == same_writing);
            let mut read = Vec::with_capacity(READ);
            for (one, passage) in writing.take(READ) {
                let coverage = Coverage::of(wanted, passage);
                coverages.insert(passage.chunk, coverage);
                if same_writing {
                    fullest = fullest.max(coverage.pair);
                    read.push((one, self.value(&coverage, scale)));
                } else if let Some(across) = coverage.across {
                    read.push((one, self.other_writing.value(across)));
                }
            }
            compare(read);
        }
        if let Some(shift) = self.other_writing.shift(fused, scale, fullest) {
            let others = ranked.iter_mut().map(|(one, _)| one);
            for one in others.filter(|one| !one.legs.same_writing) {
                one.score += shift;
                one.reranked = Some(one.score);
            }
        }
        coverages
    }

    fn value(self, coverage: &Coverage, scale: Scale) -> f32 {
        let words = self
            .sentence
            .mul_add(coverage.sentence, self.pair * coverage.pair);
        let exact = if scale.exact { EXACT_BONUS } else { 0.0 };
        self.numbers.mul_add(coverage.numbers, words) + exact * coverage.codes
    }
}

/// Adds to each score by how much its value exceeds their mean.
fn compare(mut read: Vec<(&mut Fused, f32)>) {
    let mean = read.iter().map(|(_, value)| value).sum::<f32>() / read.len().max(1) as f32;
    for (one, value) in &mut read {
        one.score += *value - mean;
        one.reranked = Some(one.score);
    }
}

#[cfg(test)]
mod tests {
    use wenyuan_ingest::{Aligner, Dictionary, Language};

    use super::*;
    use crate::model::Question;
    use crate::retrieve::across::tests::Glossary;
    use crate::retrieve::question::Analysis;
    use crate::retrieve::rank::tests::{fused, passage};

    fn reread(question: &str, ranked: &mut [(Fused, Passage)]) {
        reread_with(question, None, ranked);
    }

    fn reread_with(
        question: &str,
        aligner: Option<Box<dyn Aligner>>,
        ranked: &mut [(Fused, Passage)],
    ) {
        let question = Question::try_from(question).expect("question");
        let analysis = Analysis::of(&question, Dictionary::default());
        let scale = Scale {
            writing: analysis.writing,
            terms: analysis.distinct,
            names: 0,
            chunks: 1_000,
            meaning_weight: None,
            exact: false,
        };
        let fused: Vec<Fused> = ranked.iter().map(|(one, _)| *one).collect();
        let wanted = Wanted::of(&analysis).across(|| aligner);
        drop(Reranker::built_in().rescore(&wanted, scale, &fused, ranked));
    }

    fn found(number: u128, text: &str, legs: Legs) -> (Fused, Passage) {
        let one = Fused {
            legs,
            ..fused(number, 0.5)
        };
        (one, passage(number, text))
    }

    #[test]
    fn the_passage_whose_sentence_says_what_is_asked_passes_one_that_spreads_the_words() {
        let own = Legs {
            same_writing: true,
            ..Legs::default()
        };
        let mut ranked = vec![
            found(1, "文渊阁藏书很多。", own),
            found(2, "文渊阁在 1776 年建成。", own),
        ];
        ranked[0].0.score = 0.51;
        reread("文渊阁在 1776 年建成吗", &mut ranked);
        assert!(ranked[1].0.score > ranked[0].0.score);
        let after: f32 = ranked.iter().map(|(one, _)| one.score).sum();
        assert!((after - 1.01).abs() < 1e-5, "{after}");
    }

    #[test]
    fn where_all_that_is_found_is_in_another_writing_and_nothing_tells_its_words_it_keeps_its_score()
     {
        let other = Legs {
            passage: Some(0.6),
            ..Legs::default()
        };
        let mut ranked = vec![found(1, "It was finished in 1776.", other)];
        reread("文渊阁何时建成", &mut ranked);
        assert_eq!((ranked[0].0.score, ranked[0].0.reranked), (0.5, None));
    }

    #[test]
    fn of_passages_in_another_writing_the_one_whose_words_come_near_rises_and_the_others_fall_as_much()
     {
        let other = Legs {
            passage: Some(0.6),
            ..Legs::default()
        };
        let mut ranked = vec![
            found(1, "The books were counted.", other),
            found(2, "The hall was finished in 1776.", other),
        ];
        for (_, passage) in &mut ranked {
            passage.language = Language::English;
        }
        let glossary = Glossary(vec![(0.8, "hall"), (0.9, "finished")]);
        reread_with("文渊阁何时建成", Some(Box::new(glossary)), &mut ranked);
        let scores: Vec<f32> = ranked.iter().map(|(one, _)| one.score).collect();
        assert!(scores[1] > 0.6 && scores[0] < 0.4, "{scores:?}");
        assert!((scores[0] + scores[1] - 1.0).abs() < 1e-5, "{scores:?}");
    }

    #[test]
    fn as_many_are_read_in_the_question_s_writing_however_many_in_another_stand_before_them() {
        let own = Legs {
            same_writing: true,
            ..Legs::default()
        };
        let others = (0..20).map(|number| found(number, "Books.", Legs::default()));
        let last = found(99, "文渊阁于 1776 年建成。", own);
        let mut ranked: Vec<_> = others.chain([last]).collect();
        reread("文渊阁何时建成", &mut ranked);
        assert!(ranked[20].0.reranked.is_some());
    }

    #[test]
    fn a_passage_in_another_writing_gives_way_to_one_that_says_what_is_asked_and_rises_over_one_that_does_not()
     {
        let own = |cosine, lexical| Legs {
            same_writing: true,
            passage: Some(cosine),
            lexical: Some(lexical),
            ..Legs::default()
        };
        let other = Legs {
            passage: Some(0.6),
            ..Legs::default()
        };
        let moved = |text, own| {
            let english = found(2, "The hall was finished in 1776.", other);
            let mut ranked = vec![found(1, text, own), english];
            reread("文渊阁何时建成", &mut ranked);
            assert_eq!(ranked[1].0.reranked, Some(ranked[1].0.score));
            ranked[1].0.score - 0.5
        };
        let gives_way = moved("文渊阁于 1776 年建成。", own(0.6, 30.0));
        let rises = moved("今天天气很好。", own(0.2, 2.0));
        let most = MOVED_AT_MOST + 1e-5;
        assert!((-most..0.0).contains(&gives_way), "{gives_way}");
        assert!((0.0..most).contains(&rises), "{rises}");
    }
}
