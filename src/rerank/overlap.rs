//! The deterministic twin: a passage is as good as the share of the question's characters that it holds.

use std::collections::HashSet;

use async_trait::async_trait;

use super::{CrossEncoder, RerankError, is_empty};

/// Needs no model. For tests, not for people.
#[derive(Debug, Clone, Copy, Default)]
pub struct OverlapReranker;

#[async_trait]
impl CrossEncoder for OverlapReranker {
    fn name(&self) -> &'static str {
        "overlap"
    }

    fn fingerprint(&self) -> &'static str {
        "overlap"
    }

    fn max_tokens(&self) -> usize {
        512
    }

    async fn rerank(&self, question: &str, passages: &[String]) -> Result<Vec<f32>, RerankError> {
        if is_empty(passages)? {
            return Ok(Vec::new());
        }
        let asked: HashSet<char> = question
            .chars()
            .filter(|one| one.is_alphanumeric())
            .collect();
        let share = |passage: &String| {
            let held: HashSet<char> = passage.chars().collect();
            asked.intersection(&held).count() as f32 / asked.len().max(1) as f32
        };
        Ok(passages.iter().map(share).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_twin_keeps_the_traits_promises() {
        crate::rerank::conformance::keeps_its_promises(&OverlapReranker).await;
    }
}
