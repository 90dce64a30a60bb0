//! One run: take the corpus in, search every question, answer some, and reckon the figures.

use std::time::Instant;

use async_trait::async_trait;

use super::{
    AnswerFigures, CorpusDocument, DataSet, Figures, GoldQuestion, Ranking, contains_answer,
    cpu_seconds, exact, f1, peak_rss_mb, percentile,
};

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
    /// Embedding the question, in milliseconds.
    pub embed_ms: f64,
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

/// What came of one question, for the report.
#[derive(Debug, Clone, PartialEq)]
pub struct QuestionResult {
    /// The question's id.
    pub id: String,
    /// The question.
    pub question: String,
    /// Whether a relevant document came first, or the gate refused an unanswerable one.
    pub right: bool,
    /// The answer, where one was asked for.
    pub answer: Option<String>,
}

/// Runs a data set. `progress` is told what is being done and how far it is.
pub async fn run(
    subject: &dyn Subject,
    set: &DataSet,
    options: RunOptions,
    progress: &(dyn Fn(&'static str, usize, usize) + Sync),
) -> Result<(Figures, Vec<QuestionResult>), RunError> {
    progress("ingest", 0, set.corpus.len());
    let begun = Instant::now();
    let chunks = subject.ingest(&set.corpus).await?;
    let ingest_s = begun.elapsed().as_secs_f64();

    let searched = search_all(subject, set, progress).await?;
    let mut results = searched.results;
    let answered = answer_some(subject, set, options, progress, &mut results).await?;
    let share = |k: usize| {
        mean(
            searched
                .rankings
                .iter()
                .map(|ranking| f64::from(u8::from(ranking.hit(k)))),
        )
    };
    let figures = Figures {
        system: "wenyuan".to_owned(),
        set: set.name.clone(),
        documents: set.corpus.len(),
        chunks,
        questions: set.questions.len(),
        ready_s: options.ready_s,
        ingest_s,
        ingest_docs_per_s: set.corpus.len() as f64 / ingest_s.max(1e-9),
        search_ms_p50: percentile(&searched.total_ms, 0.5),
        search_ms_p95: percentile(&searched.total_ms, 0.95),
        retrieve_ms_p50: percentile(&searched.added_ms, 0.5),
        recall_at_1: share(1),
        recall_at_5: share(5),
        recall_at_10: share(10),
        mrr_at_10: mean(searched.rankings.iter().map(Ranking::reciprocal_rank)),
        ndcg_at_10: mean(searched.rankings.iter().map(Ranking::ndcg)),
        gate_refusal_recall: rate(&searched.refused_unanswerable),
        gate_false_refusal_rate: rate(&searched.refused_answerable),
        answers: answered.as_ref().map_or(0, |(count, _)| *count),
        answered: answered.map(|(_, figures)| figures),
        peak_rss_mb: peak_rss_mb(),
        cpu_s: cpu_seconds(),
    };
    Ok((figures, results))
}

#[derive(Default)]
struct Searched {
    rankings: Vec<Ranking>,
    total_ms: Vec<f64>,
    added_ms: Vec<f64>,
    refused_answerable: Vec<bool>,
    refused_unanswerable: Vec<bool>,
    results: Vec<QuestionResult>,
}

async fn search_all(
    subject: &dyn Subject,
    set: &DataSet,
    progress: &(dyn Fn(&'static str, usize, usize) + Sync),
) -> Result<Searched, RunError> {
    let mut all = Searched::default();
    for (index, gold) in set.questions.iter().enumerate() {
        progress("search", index, set.questions.len());
        let begun = Instant::now();
        let found = subject.search(&gold.question).await?;
        let ms = begun.elapsed().as_secs_f64() * 1000.0;
        all.total_ms.push(ms);
        all.added_ms.push((ms - found.embed_ms).max(0.0));
        let right = if gold.answerable {
            all.refused_answerable.push(!found.sufficient);
            let ranking = Ranking::of(&found.documents, &gold.relevant);
            let first = ranking.hit(1);
            all.rankings.push(ranking);
            first
        } else {
            all.refused_unanswerable.push(!found.sufficient);
            !found.sufficient
        };
        all.results.push(QuestionResult {
            id: gold.id.clone(),
            question: gold.question.clone(),
            right,
            answer: None,
        });
    }
    Ok(all)
}

async fn answer_some(
    subject: &dyn Subject,
    set: &DataSet,
    options: RunOptions,
    progress: &(dyn Fn(&'static str, usize, usize) + Sync),
    results: &mut [QuestionResult],
) -> Result<Option<(usize, AnswerFigures)>, RunError> {
    let count = options.answers.min(set.questions.len());
    if count == 0 {
        return Ok(None);
    }
    let step = if options.spread {
        set.questions.len() / count
    } else {
        1
    };
    let chosen: Vec<usize> = (0..count).map(|index| index * step).collect();
    let begun = Instant::now();
    let mut answers = Vec::with_capacity(count);
    for (done, index) in chosen.into_iter().enumerate() {
        progress("answer", done, count);
        let gold = &set.questions[index];
        let answer = subject.ask(&gold.question).await?;
        results[index].answer = Some(answer.text.clone());
        answers.push((gold, answer));
    }
    Ok(Some((
        count,
        reckon(&answers, begun.elapsed().as_secs_f64()),
    )))
}

fn reckon(answers: &[(&GoldQuestion, GivenAnswer)], seconds: f64) -> AnswerFigures {
    let answerable: Vec<_> = answers.iter().filter(|(gold, _)| gold.answerable).collect();
    let unanswerable: Vec<bool> = answers
        .iter()
        .filter(|(gold, _)| !gold.answerable)
        .map(|(_, answer)| answer.refused)
        .collect();
    let of_answerable = |score: &dyn Fn(&GoldQuestion, &GivenAnswer) -> f64| {
        mean(answerable.iter().map(|(gold, answer)| score(gold, answer)))
    };
    let as_share = |yes: bool| f64::from(u8::from(yes));
    let cited: Vec<bool> = answerable
        .iter()
        .filter(|(_, answer)| !answer.refused)
        .flat_map(|(gold, answer)| answer.cited.iter().map(|id| gold.relevant.contains(id)))
        .collect();
    let first: Vec<f64> = answers
        .iter()
        .map(|(_, answer)| answer.first_token_ms)
        .collect();
    let tokens: usize = answers
        .iter()
        .map(|(_, answer)| answer.completion_tokens)
        .sum();
    let sentences: usize = answers.iter().map(|(_, answer)| answer.sentences.0).sum();
    let supported: usize = answers.iter().map(|(_, answer)| answer.sentences.1).sum();
    AnswerFigures {
        ttft_ms_p50: percentile(&first, 0.5),
        answer_tokens_per_s: tokens as f64 / seconds.max(1e-9),
        answers_per_s: answers.len() as f64 / seconds.max(1e-9),
        answer_exact: of_answerable(&|gold, answer| as_share(exact(&answer.text, &gold.answers))),
        answer_f1: of_answerable(&|gold, answer| f1(&answer.text, &gold.answers)),
        answer_contains: of_answerable(&|gold, answer| {
            as_share(contains_answer(&answer.text, &gold.answers))
        }),
        citation_precision: rate(&cited).unwrap_or(0.0),
        citation_recall: of_answerable(&|gold, answer| {
            as_share(!answer.refused && answer.cited.iter().any(|id| gold.relevant.contains(id)))
        }),
        supported_sentence_rate: if sentences == 0 {
            0.0
        } else {
            supported as f64 / sentences as f64
        },
        refusal_recall: rate(&unanswerable).unwrap_or(0.0),
        false_refusal_rate: of_answerable(&|_, answer| as_share(answer.refused)),
    }
}

fn rate(values: &[bool]) -> Option<f64> {
    (!values.is_empty()).then(|| mean(values.iter().map(|value| f64::from(u8::from(*value)))))
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (count, sum) = values.fold((0usize, 0.0), |(count, sum), value| {
        (count + 1, sum + value)
    });
    if count == 0 { 0.0 } else { sum / count as f64 }
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
                embed_ms: 0.0,
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
        let (figures, results) = run(&subject, &set, options, &|_, _, _| {})
            .await
            .expect("it runs");
        assert!((figures.recall_at_1 - 1.0).abs() < 1e-9);
        assert_eq!(figures.gate_refusal_recall, Some(1.0));
        let answered = figures.answered.expect("two answers");
        assert!((answered.refusal_recall - 1.0).abs() < 1e-9);
        assert!(answered.false_refusal_rate.abs() < 1e-9);
        assert!((answered.citation_precision - 1.0).abs() < 1e-9);
        assert!(results.iter().all(|result| result.right));
    }
}
