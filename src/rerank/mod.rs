//! Reranking.
