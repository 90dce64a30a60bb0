//! Judges whether the passages found can hold an answer, before any model is asked.

use std::collections::HashSet;

use serde::Deserialize;
use wenyuan_ingest::Lexicon;

use super::Passage;
use super::fuse::{Fused, Scale};
use super::question::Analysis;
use super::response::{Evidence, Verdict};

/// How many of the best passages are read for the verdict.
pub(crate) const PASSAGES_READ: usize = 5;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct SameWriting {
    threshold: f32,
    intercept: f32,
    best_coverage: f32,
    best_sentence_coverage: f32,
    top_sentence_coverage: f32,
    heavy_coverage: f32,
    lexical_share: f32,
    top_cosine: f32,
    cosine_gap: f32,
    lexical_gap: f32,
    numbers_found: f32,
    log_terms: f32,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct OtherWriting {
    threshold: f32,
    intercept: f32,
    top_cosine: f32,
    passage_cosine: f32,
    cosine_gap: f32,
    dense_gap: f32,
    name_coverage: f32,
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
    pub(crate) question: &'a Analysis,
    pub(crate) scale: Scale,
    /// In place of the built-in threshold, for passages in the language of the question.
    pub(crate) threshold: Option<f32>,
}

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
    ) -> (Evidence, Vec<(&'static str, f32)>) {
        let (question, scale) = (judged.question, judged.scale);
        let own = judged.threshold.unwrap_or(self.same_writing.threshold);
        let Some(top) = read
            .first()
            .and_then(|passage| fused.iter().find(|fused| fused.id == passage.chunk))
        else {
            let nothing = Evidence {
                threshold: own,
                ..Evidence::default()
            };
            return (nothing, Vec::new());
        };
        let coverages: Vec<Coverage> = read
            .iter()
            .take(PASSAGES_READ)
            .map(|passage| Coverage::of(question, passage))
            .collect();
        let same_writing = top.legs.same_writing;
        let (threshold, (intercept, features)) = if same_writing {
            (
                own,
                self.same_features(question, scale, fused, top, &coverages),
            )
        } else {
            (
                self.other_writing.threshold,
                self.other_features(fused, top, &coverages),
            )
        };
        let logit = features.iter().fold(intercept, |sum, (_, weight, value)| {
            weight.mul_add(*value, sum)
        });
        let answerability = 1.0 / (1.0 + (-logit).exp());
        let verdict = if answerability >= threshold {
            Verdict::Sufficient
        } else {
            Verdict::Insufficient
        };
        (
            Evidence {
                answerability,
                verdict,
                threshold,
                same_writing,
            },
            features
                .into_iter()
                .map(|(name, _, value)| (name, value))
                .collect(),
        )
    }

    fn same_features(
        &self,
        question: &Analysis,
        scale: Scale,
        fused: &[Fused],
        top: &Fused,
        coverages: &[Coverage],
    ) -> (f32, Vec<(&'static str, f32, f32)>) {
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
        let features = vec![
            (
                "best_coverage",
                model.best_coverage,
                max(|coverage| coverage.passage),
            ),
            (
                "best_sentence_coverage",
                model.best_sentence_coverage,
                max(|coverage| coverage.sentence),
            ),
            (
                "top_sentence_coverage",
                model.top_sentence_coverage,
                coverages.first().map_or(0.0, |one| one.sentence),
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
                lead(sentences).unwrap_or(0.1),
            ),
            (
                "lexical_gap",
                model.lexical_gap,
                lead(lexical)
                    .map_or(0.5, |gap| gap / best_lexical.max(f32::EPSILON))
                    .clamp(0.0, 1.0),
            ),
            (
                "numbers_found",
                model.numbers_found,
                coverages.first().map_or(1.0, |one| one.numbers),
            ),
            (
                "log_terms",
                model.log_terms,
                ((question.worth.len() + 1) as f32).ln(),
            ),
        ];
        (model.intercept, features)
    }

    fn other_features(
        &self,
        fused: &[Fused],
        top: &Fused,
        coverages: &[Coverage],
    ) -> (f32, Vec<(&'static str, f32, f32)>) {
        let model = &self.other_writing;
        let names = coverages
            .iter()
            .filter_map(|coverage| coverage.names)
            .reduce(f32::max)
            .unwrap_or(0.5);
        let sentences: Vec<f32> = fused.iter().filter_map(|one| one.legs.sentence).collect();
        let dense: Vec<f32> = fused.iter().filter_map(|one| one.legs.dense()).collect();
        let features = vec![
            (
                "top_cosine",
                model.top_cosine,
                top.legs.sentence.unwrap_or(0.45),
            ),
            (
                "passage_cosine",
                model.passage_cosine,
                top.legs.passage.unwrap_or(0.45),
            ),
            (
                "cosine_gap",
                model.cosine_gap,
                lead(sentences).unwrap_or(0.1),
            ),
            ("dense_gap", model.dense_gap, lead(dense).unwrap_or(0.1)),
            ("name_coverage", model.name_coverage, names),
        ];
        (model.intercept, features)
    }
}

/// By how much the best value leads the mean of the next three; `None` when there are too few to compare.
fn lead(mut values: Vec<f32>) -> Option<f32> {
    values.sort_by(|left, right| right.total_cmp(left));
    match values.as_slice() {
        [best, second, third, fourth, ..] => Some(best - (second + third + fourth) / 3.0),
        _ => None,
    }
}

/// How much of a question one passage holds, as shares in [0, 1].
struct Coverage {
    passage: f32,
    sentence: f32,
    heavy: f32,
    numbers: f32,
    names: Option<f32>,
}

impl Coverage {
    fn of(question: &Analysis, passage: &Passage) -> Self {
        let title = asked(question, passage.title.as_deref().unwrap_or_default());
        let mut whole = asked(question, &passage.text);
        whole.extend(&title);
        for heading in &passage.heading {
            whole.extend(asked(question, heading));
        }
        let sentence = passage
            .sentences
            .iter()
            .map(|span| {
                let found = asked(question, span.of(&passage.text));
                share(question, |id| found.contains(&id) || title.contains(&id))
            })
            .fold(0.0, f32::max);
        let mut heaviest: Vec<(u32, f32)> = question
            .worth
            .iter()
            .map(|(id, worth)| (*id, *worth))
            .collect();
        heaviest.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
        heaviest.truncate((heaviest.len() / 3).max(1));
        let among = |ids: &[u32]| {
            (!ids.is_empty()).then(|| {
                ids.iter().filter(|id| whole.contains(id)).count() as f32 / ids.len() as f32
            })
        };
        let heavy: Vec<u32> = heaviest.iter().map(|(id, _)| *id).collect();
        Self {
            passage: share(question, |id| whole.contains(&id)),
            sentence,
            heavy: among(&heavy).unwrap_or(0.0),
            numbers: among(&question.number_terms).unwrap_or(1.0),
            names: among(&question.names.indices),
        }
    }
}

/// The terms of a text that the question has as well.
fn asked(question: &Analysis, text: &str) -> HashSet<u32> {
    let mut found = HashSet::new();
    Lexicon::shared().visit(text, |_kind, id| {
        if question.asks(id) {
            found.insert(id);
        }
    });
    found
}

/// The share of the question's worth whose terms pass.
fn share(question: &Analysis, found: impl Fn(u32) -> bool) -> f32 {
    let all: f32 = question.worth.values().sum();
    let got: f32 = question
        .worth
        .iter()
        .filter(|(id, _)| found(**id))
        .map(|(_, worth)| worth)
        .sum();
    if all > 0.0 { got / all } else { 0.0 }
}
