//! Lexical search terms: one tokenization for documents and questions, Chinese first, hashed into sparse vectors.

mod fold;
mod parameters;
mod scan;

use std::collections::BTreeMap;

use rust_stemmers::{Algorithm, Stemmer};
use serde::{Deserialize, Serialize};

use self::fold::Folder;
pub use self::parameters::{AVERAGE_LENGTH, B, K1, TermKind};

/// A sparse vector of hashed terms. Indices are unique and ascending.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SparseVector {
    /// Term hashes.
    pub indices: Vec<u32>,
    /// Term weights: BM25 saturation for documents, counts for questions. IDF is the index's work.
    pub values: Vec<f32>,
}

/// Makes terms of texts. Loading takes a moment, and it is shared: make one and keep it.
pub struct Lexicon {
    folder: Folder,
    stemmer: Stemmer,
}

impl Default for Lexicon {
    fn default() -> Self {
        Self::new()
    }
}

impl Lexicon {
    /// Loads the tables.
    #[must_use]
    pub fn new() -> Self {
        Self {
            folder: Folder::new(),
            stemmer: Stemmer::create(Algorithm::English),
        }
    }

    /// The terms of a text, in order, with repetition. Each begins with the mark of its kind, which
    /// [`TermKind::of`] tells: `c:年`, `b:年假`, `l:holiday`, `n:3.14`.
    #[must_use]
    pub fn terms(&self, text: &str) -> Vec<String> {
        scan::terms(&self.folder.fold(text), &self.stemmer)
    }

    /// A passage as the index stores it. Title and headings count as if they stood in the text.
    #[must_use]
    pub fn document_vector(&self, title: &str, heading: &str, text: &str) -> SparseVector {
        let mut counts: BTreeMap<u32, f32> = BTreeMap::new();
        let mut length = 0.0;
        for (part, weight) in [
            (title, parameters::TITLE),
            (heading, parameters::HEADING),
            (text, 1.0),
        ] {
            for term in self.terms(part) {
                length += TermKind::of(&term).length() * weight;
                *counts.entry(hash(&term)).or_default() += weight;
            }
        }
        let norm = K1 * (1.0 - B + B * length / AVERAGE_LENGTH);
        collect(
            counts
                .into_iter()
                .map(|(term, count)| (term, count * (K1 + 1.0) / (count + norm))),
        )
    }

    /// A question: how often each term occurs, times the weight of its kind.
    #[must_use]
    pub fn query_vector(&self, question: &str) -> SparseVector {
        let mut counts: BTreeMap<u32, f32> = BTreeMap::new();
        for term in self.terms(question) {
            *counts.entry(hash(&term)).or_default() += TermKind::of(&term).weight();
        }
        collect(counts.into_iter().filter(|&(_, weight)| weight > 0.0))
    }
}

/// The index of a term: FNV-1a over 64 bits, folded to 32. Stored vectors depend on it, so it never changes.
#[must_use]
pub fn hash(term: &str) -> u32 {
    let full = term.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |state, byte| {
        (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (full ^ (full >> 32)) as u32
}

fn collect(terms: impl Iterator<Item = (u32, f32)>) -> SparseVector {
    let (indices, values) = terms.unzip();
    SparseVector { indices, values }
}

#[cfg(test)]
mod tests;
