//! An answer while it is being made: what was said, on what grounds, and the events that tell of it.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc;
use wenyuan_ingest::Embedder;

use super::cite::Citations;
use super::evidence::EvidenceSet;
use super::ground::Finding;
use super::pack::Reading;
use super::prompt::refusal;
use super::quote::nearest;
use super::response::{Answer, AnswerTimings, CitedSentence, Notice, Support, Usage};
use super::{AnswerError, AnswerEvent};
use crate::model::AnswerId;
use crate::retrieve::{UnderstoodQuery, Writing, writing_of};

/// Nobody reads the stream any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gone;

/// Why an answer stopped being made.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Nobody reads it.
    Gone,
    /// It failed.
    Failed(AnswerError),
}

impl From<Gone> for Stop {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

impl<E: Into<AnswerError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Passages named when there is no answer.
const NEAREST: usize = 3;

/// One answer in the making.
pub(crate) struct Draft {
    pub(crate) question: String,
    pub(crate) writing: Writing,
    pub(crate) strict: bool,
    pub(crate) evidence: EvidenceSet,
    pub(crate) embedder: Arc<dyn Embedder>,
    pub(crate) model: String,
    pub(crate) usage: Usage,
    pub(crate) notice: Option<Notice>,
    pub(crate) context: Vec<Reading>,
    answerability: f32,
    query: UnderstoodQuery,
    started: Instant,
    retrieve: f64,
    first_token: Option<f64>,
    text: String,
    sentences: Vec<CitedSentence>,
    citations: Citations,
    events: mpsc::Sender<AnswerEvent>,
}

/// What retrieval left for the draft.
pub(crate) struct Found {
    pub(crate) evidence: EvidenceSet,
    pub(crate) answerability: f32,
    pub(crate) query: UnderstoodQuery,
    pub(crate) started: Instant,
}

impl Draft {
    pub(crate) fn new(
        question: &str,
        strict: bool,
        found: Found,
        embedder: Arc<dyn Embedder>,
        events: mpsc::Sender<AnswerEvent>,
    ) -> Self {
        Self {
            question: question.to_owned(),
            writing: writing_of(question),
            strict,
            evidence: found.evidence,
            embedder,
            model: String::new(),
            usage: Usage::default(),
            notice: None,
            context: Vec::new(),
            answerability: found.answerability,
            query: found.query,
            started: found.started,
            retrieve: milliseconds(found.started),
            first_token: None,
            text: String::new(),
            sentences: Vec::new(),
            citations: Citations::default(),
            events,
        }
    }

    /// Resolves when nobody reads the stream any more.
    pub(crate) async fn abandoned(&self) {
        self.events.closed().await;
    }

    /// Sends text at once.
    pub(crate) async fn say(&mut self, piece: &str) -> Result<(), Gone> {
        if piece.is_empty() {
            return Ok(());
        }
        self.first_token
            .get_or_insert_with(|| milliseconds(self.started));
        self.text.push_str(piece);
        self.send(AnswerEvent::Token(piece.to_owned())).await
    }

    /// Whether any text was sent.
    pub(crate) fn has_spoken(&self) -> bool {
        !self.text.is_empty()
    }

    /// Whether any sentence has evidence.
    pub(crate) fn is_supported(&self) -> bool {
        self.sentences
            .iter()
            .any(|sentence| sentence.support != Support::Unsupported)
    }

    /// Records what a sentence, said before or after, rests on.
    pub(crate) fn record(&mut self, sentence: &str, finding: &Finding) {
        let citations = finding
            .carriers
            .iter()
            .map(|at| self.citations.number(&self.evidence, *at))
            .collect();
        self.sentences.push(CitedSentence {
            text: sentence.trim().to_owned(),
            support: finding.support,
            citations,
        });
    }

    /// Says evidence sentences verbatim, each citing itself.
    pub(crate) async fn quote(&mut self, sentences: &[usize]) -> Result<(), Gone> {
        for at in sentences {
            let one = &self.evidence.sentences[*at];
            let foreign = self.evidence.writing(one) != self.writing;
            let quoted = self.evidence.text(one);
            let text = match self.writing {
                Writing::Han if foreign => format!("文档原文：“{quoted}”"),
                Writing::Alphabetic if foreign => format!("The document says: “{quoted}”"),
                Writing::Han | Writing::Alphabetic => as_read(quoted),
            };
            let joint = if self.has_spoken() { "\n" } else { "" };
            self.say(&format!("{joint}{text}")).await?;
            self.record(
                &text,
                &Finding {
                    support: Support::Supported,
                    carriers: vec![*at],
                },
            );
        }
        Ok(())
    }

    /// Says that the documents hold no answer, and names what comes nearest.
    pub(crate) async fn refuse(mut self) -> Result<(), Stop> {
        let nearest = nearest(&self.evidence, &self.question, NEAREST);
        for at in &nearest {
            self.citations.number(&self.evidence, *at);
        }
        let mut text = refusal(self.writing).to_owned();
        if let Some(first) = nearest.first() {
            let quoted = self.evidence.text(&self.evidence.sentences[*first]);
            let (before, after) = match self.writing {
                Writing::Han => ("最接近的是：“", "”"),
                Writing::Alphabetic => (" Nearest: “", "”"),
            };
            text.extend([before, quoted, after]);
        }
        self.say(&text).await?;
        self.sentences.clear();
        self.finish(true).await
    }

    /// Sends what is known of the whole.
    pub(crate) async fn finish(self, refused: bool) -> Result<(), Stop> {
        let answer = Answer {
            answer_id: AnswerId(uuid::Uuid::now_v7()),
            answer: self.text,
            sentences: self.sentences,
            citations: self.citations.into_list(),
            refused,
            model: self.model,
            usage: self.usage,
            timings_ms: AnswerTimings {
                retrieve: self.retrieve,
                first_token: self.first_token.unwrap_or_default(),
                total: milliseconds(self.started),
            },
            notice: self.notice,
            context: self.context,
            answerability: self.answerability,
            query: self.query,
        };
        let sentences = answer.sentences.iter().cloned().map(AnswerEvent::Sentence);
        let citations = answer.citations.iter().cloned().map(AnswerEvent::Citation);
        for event in sentences.chain(citations).collect::<Vec<_>>() {
            self.events.send(event).await.map_err(|_| Stop::Gone)?;
        }
        self.events
            .send(AnswerEvent::Done(Box::new(answer)))
            .await
            .map_err(|_| Stop::Gone)
    }

    async fn send(&self, event: AnswerEvent) -> Result<(), Gone> {
        self.events.send(event).await.map_err(|_| Gone)
    }
}

/// A row of a table as a person would read it out: its cells, without the bars of Markdown.
fn as_read(quoted: &str) -> String {
    let row = quoted.trim();
    if !(row.starts_with('|') && row.ends_with('|')) || row.contains('\n') {
        return quoted.to_owned();
    }
    let cells = row
        .split('|')
        .map(str::trim)
        .filter(|cell| !cell.is_empty());
    cells.collect::<Vec<_>>().join(" · ")
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1_000.0
}
