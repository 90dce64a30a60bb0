//! The cross-encoder's turn: where one is active, it reads the best passages with the question, and its word counts most.
//!
//! What it says is weighed with the scores, not put in their place. Its probabilities lie close to 0 or 1 where it is sure,
//! and then differences between them are noise: the order before decides among passages that it finds alike, and stays
//! where it finds nothing. One that was not read counts as one of probability 0, so those that were stay before it.

mod order;
mod remember;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

pub(super) use self::order::{Ordered, Places, order};

use self::remember::Remembering;
use super::question::{Writing, writing_of};
use crate::rerank::{CrossEncoder, RerankError};

/// Weight of a probability against the score before. Those of the passages that are read lie within about one of each
/// other: where the model finds them a third apart it decides alone, and where it finds them alike they keep their order.
const WEIGHT: f32 = 3.0;

/// Calls that failed one after the other before the model is left alone for a while.
const PATIENCE: u32 = 3;

/// How long it is left alone: nobody should wait for a broken reranker at every question.
const REST: Duration = Duration::from_secs(30);

/// In which languages a question and the best passage found for it are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LanguagePair {
    /// The question's.
    pub question: Writing,
    /// The best passage's, before the cross-encoder's turn.
    pub passages: Writing,
}

impl LanguagePair {
    /// Of a question, and of passages in a language by its name (`zh`, `zh-Hant`, `en`, `other`).
    #[must_use]
    pub fn of(question: &str, passages: &str) -> Self {
        Self {
            question: writing_of(question),
            passages: if passages.starts_with("zh") {
                Writing::Han
            } else {
                Writing::Alphabetic
            },
        }
    }

    /// Every pair there is.
    #[must_use]
    pub fn all() -> Vec<Self> {
        Self::among(&Writing::ALL)
    }

    /// The pairs whose languages are both among these.
    #[must_use]
    pub fn among(languages: &[Writing]) -> Vec<Self> {
        let of = |question: &Writing| {
            let question = *question;
            let pairs = languages.iter();
            pairs.map(move |passages| Self {
                question,
                passages: *passages,
            })
        };
        languages.iter().flat_map(of).collect()
    }
}

impl std::fmt::Display for LanguagePair {
    /// The question's language first, as `zh/en`.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "{}/{}",
            self.question.as_str(),
            self.passages.as_str()
        )
    }
}

/// How much is read, and how long that may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CrossLimits {
    /// Most passages.
    pub candidates: usize,
    /// Most tokens of all pairs together, as estimated.
    pub budget_tokens: usize,
    /// Longest wait; the order then stays as it was.
    pub timeout: Duration,
}

/// A cross-encoder at its place in retrieval. Clones share it.
#[derive(Clone)]
pub struct CrossEncoding {
    model: Arc<dyn CrossEncoder>,
    /// Where it is asked.
    pairs: Vec<LanguagePair>,
    limits: CrossLimits,
    health: Arc<Mutex<Health>>,
}

#[derive(Debug, Default)]
struct Health {
    failures: u32,
    resting_since: Option<Instant>,
}

/// What became of a cross-encoder's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RerankOutcome {
    /// It read the passages.
    Done,
    /// It is not asked for these languages.
    OtherLanguages,
    /// It took too long; the order is as it was.
    TimedOut,
    /// It failed; the order is as it was.
    Failed,
    /// It failed several times just before and was not asked; the order is as it was.
    Resting,
}

/// A cross-encoder's turn in one search.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reranking {
    /// The model.
    pub model: String,
    /// The languages of question and best passage.
    pub languages: LanguagePair,
    /// What became of it.
    pub outcome: RerankOutcome,
    /// Passages that it read.
    pub passages: usize,
}

impl CrossEncoding {
    /// Asks this model where question and passages are in one of these pairs of languages.
    #[must_use]
    pub fn new(
        model: Arc<dyn CrossEncoder>,
        pairs: Vec<LanguagePair>,
        limits: CrossLimits,
    ) -> Self {
        Self {
            model,
            pairs,
            limits,
            health: Arc::default(),
        }
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &dyn CrossEncoder {
        &*self.model
    }

    /// The same, never asking twice about the same question and passage: for many searches that differ little.
    pub(super) fn remembering(self) -> Self {
        Self {
            model: Arc::new(Remembering::new(self.model)),
            ..self
        }
    }

    /// Scores of the passages, or why there are none. Told in the log, without a word of the question.
    async fn ask(&self, question: &str, passages: &[String]) -> Result<Vec<f32>, RerankOutcome> {
        if self.is_resting() {
            return Err(RerankOutcome::Resting);
        }
        let asked = self.model.rerank(question, passages);
        let model = self.model.name();
        let outcome = match tokio::time::timeout(self.limits.timeout, asked).await {
            Ok(Ok(scores)) if scores.len() == passages.len() => Ok(scores),
            Ok(Ok(_)) => {
                tracing::warn!(model, "the reranker did not score every passage");
                Err(RerankOutcome::Failed)
            }
            // Being busy is no illness, and refuses at once.
            Ok(Err(error @ RerankError::Overloaded)) => {
                tracing::warn!(model, %error, "the passages stay in the order that they had");
                return Err(RerankOutcome::Failed);
            }
            Ok(Err(error)) => {
                tracing::warn!(model, %error, "the passages stay in the order that they had");
                Err(RerankOutcome::Failed)
            }
            Err(_) => {
                let timeout_ms = self.limits.timeout.as_millis() as u64;
                tracing::warn!(
                    model,
                    timeout_ms,
                    "the reranker took too long; the passages stay in the order that they had"
                );
                Err(RerankOutcome::TimedOut)
            }
        };
        self.note(outcome.is_ok());
        outcome
    }

    fn is_resting(&self) -> bool {
        let health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        health
            .resting_since
            .is_some_and(|since| since.elapsed() < REST)
    }

    fn note(&self, well: bool) {
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        if well {
            *health = Health::default();
            return;
        }
        health.failures += 1;
        if health.failures >= PATIENCE {
            let (model, seconds) = (self.model.name(), REST.as_secs());
            tracing::warn!(model, seconds, "the reranker is left alone for a while");
            health.resting_since = Some(Instant::now());
        }
    }
}
