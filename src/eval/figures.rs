//! The figures of a run, under the names that the baseline prints too.

use serde::{Deserialize, Serialize};

use super::QuestionResult;
use super::result::{mean_of, ratio_of, time_of};

/// What `eval` and `bench` write. Names and meanings are part of the outside contract.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Figures {
    /// `wenyuan`.
    pub system: String,
    /// Name of the data set.
    pub set: String,
    /// Documents in the corpus.
    pub documents: usize,
    /// Chunks that they became.
    pub chunks: usize,
    /// Questions searched.
    pub questions: usize,
    /// From the program's start until it could take documents, in seconds.
    pub ready_s: f64,
    /// From the first document handed in until the last was searchable, in seconds.
    pub ingest_s: f64,
    /// Documents per second of that.
    pub ingest_docs_per_s: f64,
    /// Median time of a search, embedding included, in milliseconds.
    pub search_ms_p50: f64,
    /// 95th percentile of the same.
    pub search_ms_p95: f64,
    /// Median of what a search took besides embedding the question, in milliseconds.
    pub retrieve_ms_p50: f64,
    /// Share of answerable questions with a relevant document first.
    pub recall_at_1: f64,
    /// ... among the first five.
    pub recall_at_5: f64,
    /// ... among the first ten.
    pub recall_at_10: f64,
    /// Mean reciprocal rank within ten.
    pub mrr_at_10: f64,
    /// Normalized discounted cumulative gain at ten.
    pub ndcg_at_10: f64,
    /// Share of unanswerable questions that the evidence gate refuses, over all questions; absent without any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate_refusal_recall: Option<f64>,
    /// Share of answerable questions that it refuses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate_false_refusal_rate: Option<f64>,
    /// Questions answered.
    pub answers: usize,
    /// What the answers were like; absent without any.
    #[serde(flatten)]
    pub answered: Option<AnswerFigures>,
    /// Most memory resident, in MiB.
    pub peak_rss_mb: f64,
    /// Processor time, in seconds.
    pub cpu_s: f64,
}

/// What the answers were like.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AnswerFigures {
    /// Median time to the first text, in milliseconds.
    pub ttft_ms_p50: f64,
    /// Tokens generated per second of answering.
    pub answer_tokens_per_s: f64,
    /// Answers per second.
    pub answers_per_s: f64,
    /// Share of answerable questions answered exactly.
    pub answer_exact: f64,
    /// Mean token F1 on answerable questions.
    pub answer_f1: f64,
    /// Share of answerable questions whose right answer stands in the answer.
    pub answer_contains: f64,
    /// Share of citations that lie in a relevant document.
    pub citation_precision: f64,
    /// Share of answerable questions with a citation in a relevant document.
    pub citation_recall: f64,
    /// Share of sentences marked supported.
    pub supported_sentence_rate: f64,
    /// Share of the unanswerable questions that were refused.
    pub refusal_recall: f64,
    /// Share of the answerable ones that were refused.
    pub false_refusal_rate: f64,
}

impl Figures {
    /// What can be told from the questions alone; everything else is empty.
    #[must_use]
    pub fn of(results: &[QuestionResult]) -> Self {
        let mean = |name| mean_of(name, results).unwrap_or(0.0);
        Self {
            questions: results.len(),
            search_ms_p50: time_of("search_ms_p50", results),
            search_ms_p95: time_of("search_ms_p95", results),
            retrieve_ms_p50: time_of("retrieve_ms_p50", results),
            recall_at_1: mean("recall_at_1"),
            recall_at_5: mean("recall_at_5"),
            recall_at_10: mean("recall_at_10"),
            mrr_at_10: mean("mrr_at_10"),
            ndcg_at_10: mean("ndcg_at_10"),
            gate_refusal_recall: mean_of("gate_refusal_recall", results),
            gate_false_refusal_rate: mean_of("gate_false_refusal_rate", results),
            ..Self::default()
        }
    }
}

impl AnswerFigures {
    /// The figures of the questions that were answered, within so many seconds.
    #[must_use]
    pub fn of(results: &[QuestionResult], seconds: f64) -> Self {
        let mean = |name| mean_of(name, results).unwrap_or(0.0);
        let answers = results.iter().filter_map(|one| one.answer.as_ref());
        let (count, tokens) = answers.fold((0_usize, 0_usize), |(count, tokens), answer| {
            (count + 1, tokens + answer.completion_tokens)
        });
        Self {
            ttft_ms_p50: time_of("ttft_ms_p50", results),
            answer_tokens_per_s: tokens as f64 / seconds.max(1e-9),
            answers_per_s: count as f64 / seconds.max(1e-9),
            answer_exact: mean("answer_exact"),
            answer_f1: mean("answer_f1"),
            answer_contains: mean("answer_contains"),
            citation_precision: ratio_of("citation_precision", results),
            citation_recall: mean("citation_recall"),
            supported_sentence_rate: ratio_of("supported_sentence_rate", results),
            refusal_recall: mean("refusal_recall"),
            false_refusal_rate: mean("false_refusal_rate"),
        }
    }
}
