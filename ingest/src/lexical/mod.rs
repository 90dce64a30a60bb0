//! Lexical search terms: one tokenization for documents and questions, Chinese first, hashed into sparse vectors.
//!
//! Stored vectors hold these terms: what is taken away or changed here is not found any more in documents that were read
//! before. Adding a term, as values were, costs only that those documents lack it.

mod dictionary;
mod fold;
mod function_words;
mod parameters;
mod scan;
mod values;

use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};
use serde::{Deserialize, Serialize};

pub use self::dictionary::{Dictionary, WordError, WordList};
use self::fold::Folder;
pub use self::function_words::is_function_word;
pub use self::parameters::{AVERAGE_LENGTH, B, K1, TermKind};

/// A sparse vector of hashed terms. Indices are unique and ascending.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SparseVector {
    /// Term hashes.
    pub indices: Vec<u32>,
    /// Term weights: BM25 saturation for documents, counts for questions. IDF is the index's work.
    pub values: Vec<f32>,
}

/// Makes terms of texts.
pub struct Lexicon {
    folder: Folder,
    stemmer: Stemmer,
}

static SHARED: LazyLock<Lexicon> = LazyLock::new(Lexicon::new);

impl Lexicon {
    /// The process's one lexicon. The first call loads its tables, which takes a tenth of a second.
    #[must_use]
    pub fn shared() -> &'static Self {
        &SHARED
    }

    fn new() -> Self {
        Self {
            folder: Folder::new(),
            stemmer: Stemmer::create(Algorithm::English),
        }
    }

    /// The terms of a text, in order, with repetition. Each begins with the mark of its kind, which
    /// [`TermKind::of`] tells: `c:年`, `b:年假`, `l:holiday`, `n:3.14`.
    #[must_use]
    pub fn terms(&self, text: &str) -> Vec<String> {
        self.terms_with(&Dictionary::default(), text)
    }

    /// The folded text, to look for one text in another: small letters of one width without accents, simplified
    /// characters.
    #[must_use]
    pub fn fold(&self, text: &str) -> String {
        self.folder.fold(text)
    }

    /// The dates, shares and large amounts of a text in their one spelling, such as `2024-03-05` of `2024年3月5日`. Each is a
    /// term too, as a number.
    #[must_use]
    pub fn values(&self, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        values::visit(&self.folder.fold(text), &mut |value| {
            found.push(value.to_owned());
        });
        found
    }

    /// The terms of a text, each once, ascending: what a filter for words compares.
    #[must_use]
    pub fn distinct_terms(&self, text: &str) -> Vec<String> {
        // Without values: those that are stored were made without them, and a filter wants every one of its own.
        let mut terms = Vec::with_capacity(text.len() / 2);
        scan::visit(&self.folder.fold(text), &self.stemmer, &mut |kind, form| {
            terms.push([kind.mark(), form].concat());
        });
        terms.sort_unstable();
        terms.dedup();
        terms
    }

    /// Calls `visit` with each term's kind and [`hash`], in order, with repetition; makes no strings.
    pub fn visit(&self, text: &str, visit: impl FnMut(TermKind, u32)) {
        self.visit_with(&Dictionary::default(), text, visit);
    }

    /// A passage as the index stores it. Title and headings count as if they stood in the text.
    #[must_use]
    pub fn document_vector(&self, title: &str, heading: &str, text: &str) -> SparseVector {
        Dictionary::default().document_vector(title, heading, text)
    }

    /// A question: how often each term occurs, times the weight of its kind. English function words count only where there is
    /// nothing else.
    #[must_use]
    pub fn query_vector(&self, question: &str) -> SparseVector {
        Dictionary::default().query_vector(question)
    }

    /// The terms that every text has, in order, then its values in their one spelling, then the words of a dictionary.
    fn each(&self, words: &Dictionary, text: &str, visit: &mut dyn FnMut(TermKind, &str)) {
        let folded = self.folder.fold(text);
        scan::visit(&folded, &self.stemmer, visit);
        values::visit(&folded, &mut |value| visit(TermKind::Number, value));
        words.visit(&folded, visit);
    }

    fn terms_with(&self, words: &Dictionary, text: &str) -> Vec<String> {
        let mut terms = Vec::with_capacity(text.len() / 2);
        self.each(words, text, &mut |kind, form| {
            terms.push([kind.mark(), form].concat());
        });
        terms
    }

    fn visit_with(&self, words: &Dictionary, text: &str, mut visit: impl FnMut(TermKind, u32)) {
        self.each(words, text, &mut |kind, form| {
            visit(kind, fold_hash(kind.mark().bytes().chain(form.bytes())));
        });
    }
}

/// The same as [`Lexicon`]'s, with words of its own: each adds a term, `w:` before it, and takes none away. A text that
/// was cut without them is found by all terms that it had before.
impl Dictionary {
    /// The terms of a text: all that [`Lexicon::terms`] gives, then the words that stand in it.
    #[must_use]
    pub fn terms(&self, text: &str) -> Vec<String> {
        Lexicon::shared().terms_with(self, text)
    }

    /// Calls `visit` with each term's kind and [`hash`]; see [`Lexicon::visit`].
    pub fn visit_terms(&self, text: &str, visit: impl FnMut(TermKind, u32)) {
        Lexicon::shared().visit_with(self, text, visit);
    }

    /// A passage as the index stores it; see [`Lexicon::document_vector`].
    #[must_use]
    pub fn document_vector(&self, title: &str, heading: &str, text: &str) -> SparseVector {
        let mut found = Vec::with_capacity(text.len() / 2);
        let mut length = 0.0;
        for (part, weight) in [
            (title, parameters::TITLE),
            (heading, parameters::HEADING),
            (text, 1.0),
        ] {
            self.visit_terms(part, |kind, term| {
                length += kind.length() * weight;
                found.push((term, weight));
            });
        }
        let norm = K1 * (1.0 - B + B * length / AVERAGE_LENGTH);
        let mut vector = summed(found);
        for count in &mut vector.values {
            *count = *count * (K1 + 1.0) / (*count + norm);
        }
        vector
    }

    /// A question as it is asked of the index; see [`Lexicon::query_vector`].
    #[must_use]
    pub fn query_vector(&self, question: &str) -> SparseVector {
        let mut found = Vec::new();
        self.visit_terms(question, |kind, term| {
            if kind.weight() > 0.0 {
                found.push((term, kind.weight()));
            }
        });
        let telling: Vec<(u32, f32)> = found
            .iter()
            .copied()
            .filter(|&(term, _)| !is_function_word(term))
            .collect();
        // A question of nothing else is asked as it is.
        summed(if telling.is_empty() { found } else { telling })
    }
}

/// The index of a term: FNV-1a over 64 bits, folded to 32. Stored vectors depend on it, so it never changes.
#[must_use]
pub fn hash(term: &str) -> u32 {
    fold_hash(term.bytes())
}

fn fold_hash(bytes: impl Iterator<Item = u8>) -> u32 {
    let full = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |state, byte| {
        (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (full ^ (full >> 32)) as u32
}

/// The weights of equal terms added up.
fn summed(mut found: Vec<(u32, f32)>) -> SparseVector {
    found.sort_unstable_by_key(|&(term, _)| term);
    let mut vector = SparseVector::default();
    for (term, weight) in found {
        match (vector.indices.last(), vector.values.last_mut()) {
            (Some(last), Some(sum)) if *last == term => *sum += weight,
            _ => {
                vector.indices.push(term);
                vector.values.push(weight);
            }
        }
    }
    vector
}

#[cfg(test)]
mod tests;
