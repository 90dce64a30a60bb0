//! What ingestion promises, with real parsing and splitting, and twins for embedder and index.

mod failing;
pub(super) mod gated;
mod ingesting;
mod stopping;
mod support;
mod versions;
mod words;
