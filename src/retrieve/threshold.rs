//! Where the evidence gate stands for one knowledge base, when that was fitted to it.

use serde::{Deserialize, Serialize};

use crate::model::{ChunkId, DocumentId};
use crate::store::{Condition, Field, Filter};

/// A threshold of the evidence gate that was fitted to a knowledge base.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// Least answerability that is let through, in [0, 1].
    #[serde(rename = "threshold")]
    pub value: f32,
    /// Fingerprint of the evidence model that it was fitted for; it says nothing about another one.
    pub model: String,
}

/// A fitted threshold with what it was fitted on. Shares are in [0, 1].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// The threshold.
    #[serde(flatten)]
    pub threshold: Threshold,
    /// The threshold that the program comes with.
    pub built_in: f32,
    /// Questions made from passages of the knowledge base. Each was asked twice: with its passage, and without it.
    pub made: usize,
    /// Of these, written by the language model; templates made the others.
    #[serde(default)]
    pub written: usize,
    /// Gold questions that counted as well.
    pub gold: usize,
    /// Share of the unanswerable questions that the threshold refuses.
    pub refused: f64,
    /// Its 95% interval.
    pub refused_interval: [f64; 2],
    /// Share of the answerable questions that it loses.
    pub lost: f64,
    /// Its 95% interval.
    pub lost_interval: [f64; 2],
    /// What the built-in threshold refuses of the same questions.
    pub refused_built_in: f64,
    /// What it loses.
    pub lost_built_in: f64,
}

/// What a search is not to see: to ask what happens when the answer is not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Withheld {
    /// Whole documents.
    pub documents: Vec<DocumentId>,
    /// Single passages.
    pub passages: Vec<ChunkId>,
}

impl Withheld {
    /// Takes it out of what a filter passes.
    pub(super) fn narrow(&self, mut filter: Filter) -> Filter {
        if !self.documents.is_empty() {
            let ids = self.documents.iter().map(ToString::to_string).collect();
            filter.must_not.push(Condition::Any(Field::Document, ids));
        }
        if !self.passages.is_empty() {
            filter.must_not.push(Condition::Ids(self.passages.clone()));
        }
        filter
    }
}

/// The threshold for a search in several knowledge bases: theirs if all have the same for this model, else none.
pub(super) fn agreed(found: &[Option<Threshold>], model: &str) -> Option<f32> {
    let mut values = found.iter().map(|one| {
        one.as_ref()
            .filter(|one| one.model == model && one.value.is_finite())
            .map(|one| one.value)
    });
    let first = values.next()??;
    values
        .all(|value| value.is_some_and(|value| (value - first).abs() < f32::EPSILON))
        .then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitted(value: f32, model: &str) -> Threshold {
        Threshold {
            value,
            model: model.to_owned(),
        }
    }

    #[test]
    fn knowledge_bases_that_disagree_are_judged_as_built_in() {
        assert_eq!(agreed(&[Some(fitted(0.3, "a"))], "a"), Some(0.3));
        assert_eq!(
            agreed(&[Some(fitted(0.3, "a")), Some(fitted(0.3, "a"))], "a"),
            Some(0.3)
        );
        assert_eq!(
            agreed(&[Some(fitted(0.3, "a")), Some(fitted(0.4, "a"))], "a"),
            None
        );
        assert_eq!(agreed(&[Some(fitted(0.3, "a")), None], "a"), None);
        assert_eq!(agreed(&[None, Some(fitted(0.3, "a"))], "a"), None);
        assert_eq!(agreed(&[], "a"), None);
    }

    #[test]
    fn a_threshold_of_another_model_is_not_used() {
        assert_eq!(agreed(&[Some(fitted(0.3, "old"))], "new"), None);
        assert_eq!(agreed(&[Some(fitted(f32::NAN, "a"))], "a"), None);
    }
}
