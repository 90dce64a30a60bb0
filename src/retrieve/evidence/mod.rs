//! Judges whether the passages found can hold an answer, before any model is asked.

mod other;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use self::other::{FewOthers, OtherWriting, Said};
use super::Passage;
use super::alike::overlap;
use super::coverage::{Coverage, Wanted};
use super::fuse::{Fused, Scale};
use super::ground::{lead, rise};
use super::response::{Evidence, Verdict};
use super::words::term_ids;
use crate::model::ChunkId;

/// How many of the best passages can say what is asked.
const PASSAGES_READ: usize = 5;

/// How many are compared with each other, and with what the reranker read. Whoever searches has as many read, however many
/// hits are wanted: the verdict must not hang on that.
pub(crate) const PASSAGES_JUDGED: usize = 12;

/// So many passages in the other writing must be there before one of them can be preferred.
const FEWEST_OTHERS: usize = 4;

/// How sure an answer is where all codes of a question of nothing else stand in the passages read, where half of them do,
/// and where fewer do.
const HELD: f32 = 0.97;
const HALF_HELD: f32 = 0.5;
const NOT_HELD: f32 = 0.02;

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

/// The fitted coefficients.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EvidenceModel {
    /// Added to the log-odds where the question names a code that no passage holds.
    codes_missing: f32,
    same_writing: SameWriting,
    other_writing: OtherWriting,
    few_others: FewOthers,
    by_vectors: ByVectors,
    #[serde(skip)]
    fingerprint: String,
}

/// The same for passages in the other writing whose words cannot be compared with the question's.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct ByVectors {
    other_writing: OtherWriting,
    few_others: FewOthers,
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
        let mut model: Self = toml::from_str(include_str!("../evidence.toml"))
            .expect("evidence.toml is checked by a test");
        let coefficients = format!("{:?} {:?}", model.same_writing, model.other_writing);
        let hash = blake3::hash(coefficients.as_bytes()).to_hex();
        hash[..16].clone_into(&mut model.fingerprint);
        model
    }

    /// Changes with the coefficients and thresholds that are fitted to sets of questions. The others move few questions, for
    /// which no threshold was fitted.
    pub(crate) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The built-in threshold for passages in the language of the question.
    pub(crate) const fn threshold(&self) -> f32 {
        self.same_writing.threshold
    }

    /// What judges passages in the other writing.
    const fn others(&self, words_tell: bool) -> (&OtherWriting, &FewOthers) {
        if words_tell {
            (&self.other_writing, &self.few_others)
        } else {
            (&self.by_vectors.other_writing, &self.by_vectors.few_others)
        }
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
        let mut compared = read.iter().take(PASSAGES_JUDGED).filter_map(scores);
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
            .take(PASSAGES_JUDGED)
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
        if wanted.exact() {
            return exact(wanted, coverages, own);
        }
        let missing = f32::from(u8::from(wanted.misses_a_code(&all)));
        let codes = ("codes_missing", self.codes_missing, missing);
        let judged_too = read.iter().map(|passage| passage.chunk).zip(&all);
        let mut said: HashMap<ChunkId, &Coverage> = judged_too.collect();
        said.extend(judged.coverages.iter().map(|(id, one)| (*id, one)));
        let other = |top: &Fused| {
            let said = Said::of(&said, top.id, &repeats);
            let (many, few) = self.others(said.best.is_some());
            let ((intercept, mut features), threshold) =
                other::features(many, few, &fused, top, &said);
            features.push(codes);
            ((intercept, features), threshold)
        };
        if !top.legs.same_writing {
            let (features, threshold) = other(top);
            return verdict(features, threshold, false);
        }
        let (intercept, mut features) = self.same_features(wanted, scale, &fused, top, coverages);
        features.push(codes);
        let first = verdict((intercept, features), own, true);
        // With nothing to stand out from, it cannot be sure.
        let others = fused.iter().filter(|one| !one.legs.same_writing).count();
        let refused = first.evidence.verdict == Verdict::Insufficient;
        let Some(behind) = behind.filter(|_| refused && others >= FEWEST_OTHERS) else {
            return first;
        };
        let odds = first.evidence.answerability / (1.0 - first.evidence.answerability);
        let model = &self.other_writing;
        let needed = probability(odds.ln() + model.lead_behind).max(model.threshold_behind);
        let second = verdict(other(behind).0, needed, false);
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
}

/// Of log-odds.
fn probability(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}

/// The verdict on a question that is nothing but codes and numbers: they stand in a passage or they do not.
fn exact(wanted: &Wanted<'_>, coverages: &[Coverage], threshold: f32) -> Judgement {
    let held = wanted.codes_held(coverages);
    let answerability = if held >= 1.0 {
        HELD
    } else if held >= 0.5 {
        HALF_HELD
    } else {
        NOT_HELD
    };
    Judgement {
        evidence: Evidence::held_against(threshold, answerability, true),
        features: vec![("codes", held)],
        instead: None,
    }
}

/// The probability that features come to.
fn answerability((intercept, features): &Terms) -> f32 {
    let add = |sum, (_, weight, value): &(&str, f32, f32)| weight.mul_add(*value, sum);
    probability(features.iter().fold(*intercept, add))
}

/// Holds what the features come to against a threshold.
fn verdict(terms: Terms, threshold: f32, same_writing: bool) -> Judgement {
    let answerability = answerability(&terms);
    let (_, features) = terms;
    let features = features.into_iter().map(|(name, _, value)| (name, value));
    Judgement {
        evidence: Evidence::held_against(threshold, answerability, same_writing),
        features: features.collect(),
        instead: None,
    }
}

impl Evidence {
    /// A verdict: what is at least as likely as the threshold is sufficient.
    const fn held_against(threshold: f32, answerability: f32, same_writing: bool) -> Self {
        let verdict = if answerability >= threshold {
            Verdict::Sufficient
        } else {
            Verdict::Insufficient
        };
        Self {
            answerability,
            verdict,
            threshold,
            same_writing,
        }
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
