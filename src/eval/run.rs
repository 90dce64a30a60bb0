//! One run: take the corpus in, search every question, answer some, and reckon the figures.

use std::time::Instant;

use async_trait::async_trait;

use super::{
    AnswerFigures, AnswerResult, CorpusDocument, DataSet, Figures, GoldQuestion, QuestionResult,
    Ranking, Report, contains_answer, cpu_seconds, exact, f1, intervals, peak_rss_mb,
};
use crate::retrieve::LanguagePair;

/// A question could not be run.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct RunError(pub String);

/// What a search gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Ids of the corpus, best first; a document may come several times.
    pub documents: Vec<String>,
    /// Whether the evidence gate let the question through.
    pub sufficient: bool,
    /// What the gate judged by, in [0, 1], where it is told.
    pub answerability: Option<f64>,
    /// The threshold that it was held against.
    pub threshold: Option<f64>,
    /// Embedding the question, in milliseconds.
    pub embed_ms: f64,
    /// The languages of the question and of the best hit, where there was one.
    pub languages: Option<LanguagePair>,
    /// Whether a cross-encoder scored the passages; `None` where none was asked.
    pub reranked: Option<bool>,
}

/// What an answer was.
#[derive(Debug, Clone, PartialEq)]
pub struct GivenAnswer {
    /// The text.
    pub text: String,
    /// Whether it was refused.
    pub refused: bool,
    /// Corpus ids of the documents cited.
    pub cited: Vec<String>,
    /// Sentences, and how many of them were marked supported.
    pub sentences: (usize, usize),
    /// Time to the first text, in milliseconds.
    pub first_token_ms: f64,
    /// Tokens generated.
    pub completion_tokens: usize,
}

/// What is measured.
#[async_trait]
pub trait Subject: Send + Sync {
    /// Takes documents in and returns the number of chunks once all can be found.
    async fn ingest(&self, corpus: &[CorpusDocument]) -> Result<usize, RunError>;

    /// Finds at least the ten best documents.
    async fn search(&self, question: &str) -> Result<Found, RunError>;

    /// Answers.
    async fn ask(&self, question: &str) -> Result<GivenAnswer, RunError>;
}

/// How to run.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct RunOptions {
    /// Questions to answer; the first ones, spread evenly over the set for `eval`.
    pub answers: usize,
    /// From the program's start until now, in seconds.
    pub ready_s: f64,
    /// Take every n-th question for answers rather than the first ones, so that unanswerable ones come too.
    pub spread: bool,
}

/// Runs a data set. `progress` is told what is being done and how far it is.
pub async fn run(
    subject: &dyn Subject,
    set: &DataSet,
    options: RunOptions,
    progress: &(dyn Fn(&'static str, usize, usize) + Sync),
) -> Result<Report, RunError> {
    progress("ingest", 0, set.corpus.len());
    let begun = Instant::now();
    let chunks = subject.ingest(&set.corpus).await?;
    let ingest_s = begun.elapsed().as_secs_f64();
    let (mut results, threshold) = search_all(subject, set, progress).await?;
    let begun = Instant::now();
    let answers = answer_some(subject, set, options, progress, &mut results).await?;
    let asking = begun.elapsed().as_secs_f64();
    let measured = Figures {
        system: "wenyuan".to_owned(),
        set: set.name.clone(),
        documents: set.corpus.len(),
        chunks,
        ready_s: options.ready_s,
        ingest_s,
        ingest_docs_per_s: set.corpus.len() as f64 / ingest_s.max(1e-9),
        answers,
        answered: (answers > 0).then(|| AnswerFigures::of(&results, asking)),
        peak_rss_mb: peak_rss_mb(),
        cpu_s: cpu_seconds(),
        ..Figures::of(&results)
    };
    Ok(Report {
        intervals: intervals(&results),
        figures: measured,
        threshold,
        lost: Vec::new(),
        results,
    })
}

async fn search_all(
    subject: &dyn Subject,
    set: &DataSet,
    progress: &(dyn Fn(&'static str, usize, usize) + Sync),
) -> Result<(Vec<QuestionResult>, Option<f64>), RunError> {
    let mut results = Vec::with_capacity(set.questions.len());
    let mut thresholds = Vec::new();
    for (index, gold) in set.questions.iter().enumerate() {
        progress("search", index, set.questions.len());
        let begun = Instant::now();
        let found = subject.search(&gold.question).await?;
        let search_ms = begun.elapsed().as_secs_f64() * 1000.0;
        let ranking = Ranking::of(&found.documents, &gold.relevant);
        thresholds.push(found.threshold);
        results.push(QuestionResult {
            id: gold.id.clone(),
            question: gold.question.clone(),
            answerable: gold.answerable,
            rank: ranking.rank().filter(|_| gold.answerable),
            ndcg: if gold.answerable { ranking.ndcg() } else { 0.0 },
            refused: !found.sufficient,
            languages: found.languages,
            reranked: found.reranked,
            answerability: found.answerability,
            search_ms,
            retrieve_ms: (search_ms - found.embed_ms).max(0.0),
            answer: None,
        });
    }
    Ok((results, the_same(&thresholds)))
}

/// The threshold that all questions were held against, if it was the same.
pub(super) fn the_same(thresholds: &[Option<f64>]) -> Option<f64> {
    let first = thresholds.first().copied().flatten()?;
    let same = |one: &Option<f64>| one.is_some_and(|value| (value - first).abs() < 1e-9);
    thresholds.iter().all(same).then_some(first)
}

async fn answer_some(
    subject: &dyn Subject,
    set: &DataSet,
    options: RunOptions,
    progress: &(dyn Fn(&'static str, usize, usize) + Sync),
    results: &mut [QuestionResult],
) -> Result<usize, RunError> {
    let count = options.answers.min(set.questions.len());
    if count == 0 {
        return Ok(0);
    }
    let step = if options.spread {
        set.questions.len() / count
    } else {
        1
    };
    for done in 0..count {
        progress("answer", done, count);
        let gold = &set.questions[done * step];
        let given = subject.ask(&gold.question).await?;
        results[done * step].answer = Some(judged(gold, given));
    }
    Ok(count)
}

fn judged(gold: &GoldQuestion, given: GivenAnswer) -> AnswerResult {
    let cited: &[String] = if given.refused { &[] } else { &given.cited };
    AnswerResult {
        refused: given.refused,
        exact: exact(&given.text, &gold.answers),
        contains: contains_answer(&given.text, &gold.answers),
        f1: f1(&given.text, &gold.answers),
        citations: cited.len(),
        citations_right: cited.iter().filter(|id| gold.relevant.contains(id)).count(),
        sentences: given.sentences.0,
        sentences_supported: given.sentences.1,
        first_token_ms: given.first_token_ms,
        completion_tokens: given.completion_tokens,
        text: given.text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Finds the document whose text holds the question's last word, and nothing else.
    struct Words(std::sync::Mutex<Vec<CorpusDocument>>);

    #[async_trait]
    impl Subject for Words {
        async fn ingest(&self, corpus: &[CorpusDocument]) -> Result<usize, RunError> {
            *self.0.lock().expect("not poisoned") = corpus.to_vec();
            Ok(corpus.len())
        }

        async fn search(&self, question: &str) -> Result<Found, RunError> {
            let word = question.rsplit(' ').next().unwrap_or_default();
            let corpus = self.0.lock().expect("not poisoned");
            let documents: Vec<String> = corpus
                .iter()
                .filter(|document| document.text.contains(word))
                .map(|document| document.id.clone())
                .collect();
            Ok(Found {
                sufficient: !documents.is_empty(),
                documents,
                answerability: None,
                threshold: Some(0.2),
                embed_ms: 0.0,
                languages: None,
                reranked: None,
            })
        }

        async fn ask(&self, question: &str) -> Result<GivenAnswer, RunError> {
            let found = self.search(question).await?;
            Ok(GivenAnswer {
                text: "seven".to_owned(),
                refused: found.documents.is_empty(),
                cited: found.documents,
                sentences: (1, 1),
                first_token_ms: 1.0,
                completion_tokens: 2,
            })
        }
    }

    fn question(id: &str, text: &str, relevant: &[&str]) -> GoldQuestion {
        GoldQuestion {
            id: id.to_owned(),
            question: text.to_owned(),
            answers: vec!["seven".to_owned()],
            relevant: relevant.iter().map(ToString::to_string).collect(),
            answerable: !relevant.is_empty(),
            parallel: Vec::new(),
        }
    }

    #[tokio::test]
    async fn refusals_and_ranks_are_counted_on_the_questions_they_belong_to() {
        let document = |id: &str, text: &str| CorpusDocument {
            id: id.into(),
            title: String::new(),
            text: text.into(),
        };
        let set = DataSet {
            name: "tiny".to_owned(),
            corpus: vec![document("a", "apples"), document("b", "pears")],
            questions: vec![
                question("1", "how many apples", &["a"]),
                question("2", "how many plums", &[]),
            ],
        };
        let options = RunOptions {
            answers: 2,
            ready_s: 0.5,
            spread: true,
        };
        let subject = Words(std::sync::Mutex::default());
        let report = run(&subject, &set, options, &|_, _, _| {})
            .await
            .expect("it runs");
        let figures = report.figures;
        assert_eq!(report.threshold, Some(0.2));
        assert!((figures.recall_at_1 - 1.0).abs() < 1e-9);
        assert_eq!(figures.gate_refusal_recall, Some(1.0));
        let answered = figures.answered.expect("two answers");
        assert!((answered.refusal_recall - 1.0).abs() < 1e-9);
        assert!(answered.false_refusal_rate.abs() < 1e-9);
        assert!((answered.citation_precision - 1.0).abs() < 1e-9);
        assert!(report.results.iter().all(QuestionResult::right));
        let [low, high] = report.intervals["recall_at_1"];
        assert!((low - 1.0).abs() < 1e-9 && (high - 1.0).abs() < 1e-9);
    }
}
