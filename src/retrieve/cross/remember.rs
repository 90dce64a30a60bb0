//! A cross-encoder that is not asked the same twice.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use crate::rerank::{CrossEncoder, RerankError};

/// Scores by question and passage.
pub(super) struct Remembering {
    inner: Arc<dyn CrossEncoder>,
    known: Mutex<HashMap<(String, String), f32>>,
}

impl Remembering {
    pub(super) fn new(inner: Arc<dyn CrossEncoder>) -> Self {
        Self {
            inner,
            known: Mutex::default(),
        }
    }

    fn known(&self, question: &str, passage: &str) -> Option<f32> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .get(&(question.to_owned(), passage.to_owned()))
            .copied()
    }
}

#[async_trait]
impl CrossEncoder for Remembering {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn fingerprint(&self) -> &str {
        self.inner.fingerprint()
    }

    fn max_tokens(&self) -> usize {
        self.inner.max_tokens()
    }

    async fn rerank(&self, question: &str, passages: &[String]) -> Result<Vec<f32>, RerankError> {
        let of = |passage: &String| self.known(question, passage);
        let mut scores: Vec<Option<f32>> = passages.iter().map(of).collect();
        let open: Vec<usize> = (0..passages.len())
            .filter(|at| scores[*at].is_none())
            .collect();
        let asked: Vec<String> = open.iter().map(|at| passages[*at].clone()).collect();
        let found = self.inner.rerank(question, &asked).await?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for ((at, passage), score) in open.into_iter().zip(asked).zip(found) {
            scores[at] = Some(score);
            known.insert((question.to_owned(), passage), score);
        }
        Ok(scores.into_iter().flatten().collect())
    }
}
