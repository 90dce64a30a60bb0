//! What came of each question, and the figures of a run as numbers of its questions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::bootstrap::{interval, mean_interval, ratio_interval};
use super::{EarlierRun, Figures, percentile};
use crate::retrieve::LanguagePair;

/// What came of one question. Two runs are compared by these.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct QuestionResult {
    /// The question's id.
    pub id: String,
    /// The question.
    pub question: String,
    /// Whether there is an answer to be found.
    pub answerable: bool,
    /// Rank of the first relevant hit, from 1; absent where none was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank: Option<usize>,
    /// Normalized discounted cumulative gain at ten; 0 for an unanswerable question.
    pub ndcg: f64,
    /// Whether the evidence gate refused it.
    pub refused: bool,
    /// What the gate judged by, in [0, 1].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answerability: Option<f64>,
    /// The languages of the question and of the best hit, where there was one.
    #[serde(skip)]
    pub languages: Option<LanguagePair>,
    /// Whether a cross-encoder scored the passages; absent where none was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reranked: Option<bool>,
    /// Time of the search, embedding included, in milliseconds.
    pub search_ms: f64,
    /// The same without embedding.
    pub retrieve_ms: f64,
    /// The answer, where one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<AnswerResult>,
}

/// What the answer to one question was like.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AnswerResult {
    /// The text.
    pub text: String,
    /// Whether it was refused.
    pub refused: bool,
    /// Whether it is a right answer, word for word.
    pub exact: bool,
    /// Whether a right answer stands in it.
    pub contains: bool,
    /// Token F1 against the best right answer, 0 to 1.
    pub f1: f64,
    /// Citations, none for a refusal.
    pub citations: usize,
    /// Those in a relevant document.
    pub citations_right: usize,
    /// Sentences.
    pub sentences: usize,
    /// Those marked supported.
    pub sentences_supported: usize,
    /// Time to the first text, in milliseconds.
    pub first_token_ms: f64,
    /// Tokens generated.
    pub completion_tokens: usize,
}

impl QuestionResult {
    /// Whether a relevant hit came first, or the gate refused an unanswerable question.
    #[must_use]
    pub fn right(&self) -> bool {
        if self.answerable {
            self.rank == Some(1)
        } else {
            self.refused
        }
    }

    /// Whether a relevant hit is among the first `k`.
    #[must_use]
    pub fn hit(&self, k: usize) -> bool {
        self.rank.is_some_and(|rank| rank <= k)
    }

    fn found(&self, k: usize) -> Option<f64> {
        self.answerable.then(|| share(self.hit(k)))
    }

    fn answered(&self, answerable: bool) -> Option<&AnswerResult> {
        self.answer
            .as_ref()
            .filter(|_| self.answerable == answerable)
    }
}

fn share(yes: bool) -> f64 {
    f64::from(u8::from(yes))
}

/// A figure that is the mean of a number over some of the questions.
pub(crate) struct Measure {
    /// Its name in [`Figures`].
    pub(crate) name: &'static str,
    /// Whether more of it is better.
    pub(crate) more_is_better: bool,
    /// The number of a question; `None` for one that does not count.
    pub(crate) of: fn(&QuestionResult) -> Option<f64>,
}

/// Every mean, in the order in which they are told.
pub(crate) const MEASURES: [Measure; 13] = [
    better("recall_at_1", |one| one.found(1)),
    better("recall_at_5", |one| one.found(5)),
    better("recall_at_10", |one| one.found(10)),
    better("mrr_at_10", |one| {
        let near = one.rank.filter(|rank| *rank <= 10);
        one.answerable
            .then(|| near.map_or(0.0, |rank| 1.0 / rank as f64))
    }),
    better("ndcg_at_10", |one| one.answerable.then_some(one.ndcg)),
    better("gate_refusal_recall", |one| {
        (!one.answerable).then(|| share(one.refused))
    }),
    worse("gate_false_refusal_rate", |one| {
        one.answerable.then(|| share(one.refused))
    }),
    better("answer_exact", |one| {
        one.answered(true).map(|answer| share(answer.exact))
    }),
    better("answer_f1", |one| {
        one.answered(true).map(|answer| answer.f1)
    }),
    better("answer_contains", |one| {
        one.answered(true).map(|answer| share(answer.contains))
    }),
    better("citation_recall", |one| {
        one.answered(true)
            .map(|answer| share(!answer.refused && answer.citations_right > 0))
    }),
    better("refusal_recall", |one| {
        one.answered(false).map(|answer| share(answer.refused))
    }),
    worse("false_refusal_rate", |one| {
        one.answered(true).map(|answer| share(answer.refused))
    }),
];

const fn better(name: &'static str, of: fn(&QuestionResult) -> Option<f64>) -> Measure {
    Measure {
        name,
        more_is_better: true,
        of,
    }
}

const fn worse(name: &'static str, of: fn(&QuestionResult) -> Option<f64>) -> Measure {
    Measure {
        name,
        more_is_better: false,
        of,
    }
}

/// A measure by its name.
pub(crate) fn measure(name: &str) -> Option<&'static Measure> {
    MEASURES.iter().find(|measure| measure.name == name)
}

/// The mean of a named measure; `None` where no question counts.
pub(crate) fn mean_of(name: &str, results: &[QuestionResult]) -> Option<f64> {
    let measure = measure(name)?;
    let values: Vec<f64> = results.iter().filter_map(measure.of).collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Part and whole of a question: a ratio of sums over the questions.
type Parts = fn(&QuestionResult) -> Option<(f64, f64)>;

const RATIOS: [(&str, Parts); 2] = [
    ("citation_precision", |one| {
        one.answered(true)
            .map(|answer| (answer.citations_right as f64, answer.citations as f64))
    }),
    ("supported_sentence_rate", |one| {
        one.answer
            .as_ref()
            .map(|answer| (answer.sentences_supported as f64, answer.sentences as f64))
    }),
];

/// A ratio of sums by its name; 0 for none.
pub(crate) fn ratio_of(name: &str, results: &[QuestionResult]) -> f64 {
    let parts = RATIOS.iter().find(|(known, _)| *known == name);
    let (part, whole) = parts
        .into_iter()
        .flat_map(|(_, of)| results.iter().filter_map(of))
        .fold((0.0, 0.0), |sums, (part, whole)| {
            (sums.0 + part, sums.1 + whole)
        });
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// A time of a question, where it has one.
type Time = fn(&QuestionResult) -> Option<f64>;

const TIMES: [(&str, f64, Time); 4] = [
    ("search_ms_p50", 0.5, |one| Some(one.search_ms)),
    ("search_ms_p95", 0.95, |one| Some(one.search_ms)),
    ("retrieve_ms_p50", 0.5, |one| Some(one.retrieve_ms)),
    ("ttft_ms_p50", 0.5, |one| {
        one.answer.as_ref().map(|answer| answer.first_token_ms)
    }),
];

/// A percentile of times by its name; 0 for none.
pub(crate) fn time_of(name: &str, results: &[QuestionResult]) -> f64 {
    let known = TIMES.iter().find(|(known, ..)| *known == name);
    known.map_or(0.0, |(_, at, of)| {
        let times: Vec<f64> = results.iter().filter_map(of).collect();
        percentile(&times, *at)
    })
}

/// The 95% interval of every figure that comes from questions, by the figure's name.
#[must_use]
pub fn intervals(results: &[QuestionResult]) -> BTreeMap<String, [f64; 2]> {
    let means = MEASURES.iter().map(|measure| {
        let values: Vec<f64> = results.iter().filter_map(measure.of).collect();
        (measure.name, mean_interval(&values))
    });
    let ratios = RATIOS.iter().map(|(name, of)| {
        let parts: Vec<(f64, f64)> = results.iter().filter_map(of).collect();
        (*name, ratio_interval(&parts))
    });
    let times = TIMES.iter().map(|(name, at, of)| {
        let times: Vec<f64> = results.iter().filter_map(of).collect();
        let range = interval(&times, |sample| {
            let sample: Vec<f64> = sample.iter().map(|time| **time).collect();
            percentile(&sample, *at)
        });
        (*name, range)
    });
    means
        .chain(ratios)
        .chain(times)
        .filter_map(|(name, range)| Some((name.to_owned(), range?)))
        .collect()
}

/// A whole run, as `eval` writes it: the figures, how sure they are, and every question.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    /// The figures, under their own names.
    #[serde(flatten)]
    pub figures: Figures,
    /// Low and high end of the 95% interval, by the figure's name.
    pub intervals: BTreeMap<String, [f64; 2]>,
    /// The gate's threshold, where all questions were held against the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// Questions that could not be asked, since what they expect is not there any more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<String>,
    /// Every question, in the order of the set.
    pub results: Vec<QuestionResult>,
}

impl Report {
    /// The run as a comparison takes it.
    #[must_use]
    pub fn as_run(&self) -> EarlierRun {
        EarlierRun {
            set: self.figures.set.clone(),
            results: self.results.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(answerable: bool, rank: Option<usize>, refused: bool) -> QuestionResult {
        QuestionResult {
            answerable,
            rank,
            refused,
            search_ms: 2.0,
            ..QuestionResult::default()
        }
    }

    #[test]
    fn each_figure_counts_only_the_questions_that_it_is_about() {
        let results = [
            result(true, Some(1), false),
            result(true, Some(4), false),
            result(true, None, true),
            result(true, Some(11), false),
            result(false, None, true),
        ];
        let mean = |name| mean_of(name, &results).expect("it counts some");
        assert!((mean("recall_at_1") - 0.25).abs() < 1e-9);
        assert!((mean("recall_at_5") - 0.5).abs() < 1e-9);
        assert!((mean("mrr_at_10") - 1.25 / 4.0).abs() < 1e-9);
        assert!((mean("gate_refusal_recall") - 1.0).abs() < 1e-9);
        assert!((mean("gate_false_refusal_rate") - 0.25).abs() < 1e-9);
        assert_eq!(mean_of("answer_f1", &results), None);
    }

    #[test]
    fn every_interval_holds_its_figure() {
        let results: Vec<QuestionResult> = (0..40)
            .map(|at| QuestionResult {
                search_ms: f64::from(at),
                ..result(at % 4 != 0, (at % 3 != 0).then_some(1), at % 5 == 0)
            })
            .collect();
        let ranges = intervals(&results);
        for measure in &MEASURES {
            let Some(mean) = mean_of(measure.name, &results) else {
                assert!(!ranges.contains_key(measure.name));
                continue;
            };
            let [low, high] = ranges[measure.name];
            assert!(
                low <= mean && mean <= high,
                "{} {low} {mean} {high}",
                measure.name
            );
        }
        let [low, high] = ranges["search_ms_p50"];
        let median = time_of("search_ms_p50", &results);
        assert!(low <= median && median <= high);
    }
}
