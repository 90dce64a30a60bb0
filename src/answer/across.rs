//! Sentences in another language than the question's, read by the vectors of single words.

use std::collections::HashMap;

use wenyuan_ingest::Embedder;

use super::evidence::EvidenceSet;
use crate::retrieve::Writing;

/// What sentences in another writing say of a question by their words, above what they say by chance.
pub(super) struct Across {
    /// Whether words can be compared at all.
    pub(super) told: bool,
    shares: HashMap<usize, f32>,
}

impl Across {
    /// Reads the sentences, where there are any in another writing than `own`.
    pub(super) fn of(
        evidence: &EvidenceSet,
        question: &str,
        own: Writing,
        embedder: &dyn Embedder,
    ) -> Self {
        let sentences = evidence.sentences.iter().enumerate();
        let mut others = sentences
            .filter(|(_, sentence)| evidence.writing(sentence) != own)
            .peekable();
        let aligner = others.peek().and_then(|_| embedder.aligner(question));
        let Some(aligner) = aligner else {
            return Self {
                told: false,
                shares: HashMap::new(),
            };
        };
        let share = |sentence| aligner.share(&aligner.nearest(evidence.text(sentence)));
        let shares: Vec<(usize, f32)> = others.map(|(at, one)| (at, share(one))).collect();
        let mean = shares.iter().map(|(_, share)| share).sum::<f32>() / shares.len() as f32;
        Self {
            told: true,
            shares: shares
                .into_iter()
                .map(|(at, share)| (at, share - mean))
                .collect(),
        }
    }

    /// Of a sentence by its place; 0 of one that was not read.
    pub(super) fn share(&self, sentence: usize) -> f32 {
        self.shares.get(&sentence).copied().unwrap_or_default()
    }
}
