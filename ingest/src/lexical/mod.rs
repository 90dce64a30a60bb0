//! Lexical search terms: one tokenization for documents and questions, Chinese first, hashed into sparse vectors.

use serde::{Deserialize, Serialize};

/// A sparse vector of hashed terms. Indices are unique and ascending.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SparseVector {
    /// Term hashes.
    pub indices: Vec<u32>,
    /// Term weights: BM25 saturation for documents, counts for questions. IDF is the index's work.
    pub values: Vec<f32>,
}
