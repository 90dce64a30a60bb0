//! Judges whether the passages found can hold an answer, before any model is asked.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use super::Passage;
use super::coverage::{Coverage, Wanted};
use super::fuse::{Fused, Scale};
use super::ground::{above_the_rest, lead, rise};
use super::rank::overlap;
use super::response::{Evidence, Verdict};
use super::words::term_ids;
use crate::model::ChunkId;

/// How many of the best passages are read for the verdict.
pub(crate) const PASSAGES_READ: usize = 5;

/// How many are compared with each other, and with what the reranker read.
const PASSAGES_COMPARED: usize = 12;

/// So many passages in the other writing must be there before one of them can be preferred.
const FEWEST_OTHERS: usize = 4;

/// Sentences that share this much of their terms say the same.
const SAME_SENTENCE: f32 = 0.8;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct SameWriting {
    threshold: f32,
    intercept: f32,
    best_coverage: f32,
    pair_coverage: f32,
    top_sentence_coverage: f32,
    heavy_coverage: f32,
    lexical_share: f32,
    top_cosine: f32,
    cosine_gap: f32,
    lexical_gap: f32,
    asks_amount: f32,
    gives_amount: f32,
    log_terms: f32,
    log_worth: f32,
    cosine_rise: f32,
    number_coverage: f32,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct OtherWriting {
    threshold: f32,
    /// Where a passage in the question's writing stands before it and does not answer.
    threshold_behind: f32,
    /// Then also by how much its log-odds must exceed those of that one.
    lead_behind: f32,
    intercept: f32,
    top_cosine: f32,
    cosine_gap: f32,
    dense_gap: f32,
    cosine_rise: f32,
}

/// The fitted coefficients.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EvidenceModel {
    same_writing: SameWriting,
    other_writing: OtherWriting,
    #[serde(skip)]
    fingerprint: String,
}

/// What the passages are judged for.
pub(crate) struct Judged<'a> {
    pub(crate) wanted: &'a Wanted<'a>,
    /// What was read in some of the passages before.
    pub(crate) coverages: &'a HashMap<ChunkId, Coverage>,
    /// Passages that repeat another one, which is told second.
    pub(crate) duplicates: &'a [(ChunkId, ChunkId)],
    pub(crate) scale: Scale,
    /// In place of the built-in threshold, for passages in the language of the question.
    pub(crate) threshold: Option<f32>,
}

/// A verdict, and what it rests on.
#[derive(Debug, Default)]
pub(crate) struct Judgement {
    pub(crate) evidence: Evidence,
    /// Features by name.
    pub(crate) features: Vec<(&'static str, f32)>,
    /// The passage that it is about where that is not the best one: that does not answer, and this one in the other
    /// writing surely does.
    pub(crate) instead: Option<ChunkId>,
}

/// Intercept, and features with their names and weights.
type Terms = (f32, Vec<(&'static str, f32, f32)>);

impl EvidenceModel {
    /// The model that the program was built with.
    ///
    /// # Panics
    /// If the file is not what a test of this module checks it to be.
    pub(crate) fn built_in() -> Self {
        let mut model: Self = toml::from_str(include_str!("evidence.toml"))
            .expect("evidence.toml is checked by a test");
        let coefficients = format!("{:?} {:?}", model.same_writing, model.other_writing);
        let hash = blake3::hash(coefficients.as_bytes()).to_hex();
        hash[..16].clone_into(&mut model.fingerprint);
        model
    }

    /// Changes with every coefficient and threshold.
    pub(crate) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The built-in threshold for passages in the language of the question.
    pub(crate) const fn threshold(&self) -> f32 {
        self.same_writing.threshold
    }

    /// Judges fused candidates, whose best ones' texts are given in the same order, best first.
    pub(crate) fn judge(
        &self,
        judged: &Judged<'_>,
        fused: &[Fused],
        read: &[&Passage],
    ) -> Judgement {
        let (wanted, scale) = (judged.wanted, judged.scale);
        let own = judged.threshold.unwrap_or(self.same_writing.threshold);
        let scores = |passage: &&Passage| fused.iter().find(|one| one.id == passage.chunk);
        let mut compared = read.iter().take(PASSAGES_COMPARED).filter_map(scores);
        let Some(top) = compared.next() else {
            let evidence = Evidence {
                threshold: own,
                ..Evidence::default()
            };
            return Judgement {
                evidence,
                ..Judgement::default()
            };
        };
        let behind = compared.find(|one| !one.legs.same_writing);
        let all: Vec<Coverage> = read
            .iter()
            .take(PASSAGES_COMPARED)
            .map(|passage| {
                let known = judged.coverages.get(&passage.chunk).copied();
                known.unwrap_or_else(|| Coverage::of(wanted, passage))
            })
            .collect();
        // A copy of the best passage in another file takes nothing from its lead.
        let mut repeats = repeats(read, &all);
        repeats.extend(judged.duplicates.iter().map(|(repeat, _)| *repeat));
        let fused: Vec<Fused> = fused
            .iter()
            .filter(|one| !repeats.contains(&one.id))
            .copied()
            .collect();
        let coverages = &all[..all.len().min(PASSAGES_READ)];
        let other = &self.other_writing;
        if !top.legs.same_writing {
            return verdict(self.other_features(&fused, top), other.threshold, false);
        }
        let features = self.same_features(wanted, scale, &fused, top, coverages);
        let first = verdict(features, own, true);
        // With nothing to stand out from, it cannot be sure.
        let others = fused.iter().filter(|one| !one.legs.same_writing).count();
        let refused = first.evidence.verdict == Verdict::Insufficient;
        let Some(behind) = behind.filter(|_| refused && others >= FEWEST_OTHERS) else {
            return first;
        };
        let odds = first.evidence.answerability / (1.0 - first.evidence.answerability);
        let needed = probability(odds.ln() + other.lead_behind).max(other.threshold_behind);
        let second = verdict(self.other_features(&fused, behind), needed, false);
        match second.evidence.verdict {
            Verdict::Sufficient => Judgement {
                instead: Some(behind.id),
                ..second
            },
            Verdict::Insufficient => first,
        }
    }

    fn same_features(
        &self,
        wanted: &Wanted<'_>,
        scale: Scale,
        fused: &[Fused],
        top: &Fused,
        coverages: &[Coverage],
    ) -> Terms {
        let model = &self.same_writing;
        let max = |value: fn(&Coverage) -> f32| coverages.iter().map(value).fold(0.0, f32::max);
        let fullest = coverages
            .iter()
            .max_by(|left, right| left.passage.total_cmp(&right.passage));
        let lexical: Vec<f32> = fused
            .iter()
            .filter(|one| one.legs.same_writing)
            .map(|one| one.legs.lexical.unwrap_or(0.0))
            .collect();
        let best_lexical = lexical.iter().copied().fold(0.0, f32::max);
        let sentences: Vec<f32> = fused.iter().filter_map(|one| one.legs.sentence).collect();
        let first = coverages.first();
        let asks = f32::from(u8::from(wanted.amount));
        let features = vec![
            (
                "best_coverage",
                model.best_coverage,
                max(|coverage| coverage.passage),
            ),
            (
                "pair_coverage",
                model.pair_coverage,
                max(|coverage| coverage.pair),
            ),
            (
                "top_sentence_coverage",
                model.top_sentence_coverage,
                first.map_or(0.0, |one| one.sentence),
            ),
            (
                "heavy_coverage",
                model.heavy_coverage,
                fullest.map_or(0.0, |one| one.heavy),
            ),
            (
                "lexical_share",
                model.lexical_share,
                best_lexical / scale.lexical_ceiling(scale.terms),
            ),
            (
                "top_cosine",
                model.top_cosine,
                top.legs.sentence.unwrap_or(0.45),
            ),
            (
                "cosine_gap",
                model.cosine_gap,
                lead(sentences.clone()).unwrap_or(0.1),
            ),
            (
                "lexical_gap",
                model.lexical_gap,
                lead(lexical)
                    .map_or(0.5, |gap| gap / best_lexical.max(f32::EPSILON))
                    .clamp(0.0, 1.0),
            ),
            ("asks_amount", model.asks_amount, asks),
            (
                "gives_amount",
                model.gives_amount,
                if first.is_some_and(|one| one.amount) {
                    asks
                } else {
                    -asks
                },
            ),
            (
                "log_terms",
                model.log_terms,
                ((wanted.terms() + 1) as f32).ln(),
            ),
            ("log_worth", model.log_worth, wanted.worth().ln_1p()),
            (
                "cosine_rise",
                model.cosine_rise,
                rise(sentences).unwrap_or(0.2),
            ),
            (
                "number_coverage",
                model.number_coverage,
                first.map_or(1.0, |one| one.numbers),
            ),
        ];
        (model.intercept, features)
    }

    fn other_features(&self, fused: &[Fused], top: &Fused) -> Terms {
        let model = &self.other_writing;
        // Those in the question's writing lie nearer to it, whatever they say: they are no ground to stand out from.
        let others = fused.iter().filter(|one| !one.legs.same_writing);
        let sentences: Vec<f32> = others.clone().filter_map(|one| one.legs.sentence).collect();
        let dense: Vec<f32> = others.filter_map(|one| one.legs.dense()).collect();
        let features = vec![
            (
                "top_cosine",
                model.top_cosine,
                top.legs.sentence.unwrap_or(0.45),
            ),
            (
                "cosine_gap",
                model.cosine_gap,
                lead(sentences.clone()).unwrap_or(0.1),
            ),
            ("dense_gap", model.dense_gap, lead(dense).unwrap_or(0.1)),
            (
                "cosine_rise",
                model.cosine_rise,
                // Of a handful of passages the others are ground enough.
                rise(sentences.clone())
                    .or_else(|| above_the_rest(sentences))
                    .unwrap_or(0.2),
            ),
        ];
        (model.intercept, features)
    }
}

/// Of log-odds.
fn probability(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}

/// Holds what the features come to against a threshold.
fn verdict((intercept, features): Terms, threshold: f32, same_writing: bool) -> Judgement {
    let logit = features.iter().fold(intercept, |sum, (_, weight, value)| {
        weight.mul_add(*value, sum)
    });
    let answerability = probability(logit);
    let verdict = if answerability >= threshold {
        Verdict::Sufficient
    } else {
        Verdict::Insufficient
    };
    let features = features.into_iter().map(|(name, _, value)| (name, value));
    Judgement {
        evidence: Evidence {
            answerability,
            verdict,
            threshold,
            same_writing,
        },
        features: features.collect(),
        instead: None,
    }
}

/// Passages whose fullest sentence stands in a better one too.
fn repeats(read: &[&Passage], coverages: &[Coverage]) -> HashSet<ChunkId> {
    let mut seen: Vec<Vec<u32>> = Vec::new();
    let mut repeats = HashSet::new();
    for (passage, coverage) in read.iter().zip(coverages) {
        let Some(sentence) = coverage.fullest else {
            continue;
        };
        let terms = term_ids(sentence.of(&passage.text));
        let again = seen
            .iter()
            .any(|earlier| overlap(earlier, &terms) >= SAME_SENTENCE);
        if again {
            repeats.insert(passage.chunk);
        } else {
            seen.push(terms);
        }
    }
    repeats
}
