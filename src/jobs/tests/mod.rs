//! What ingestion promises, with real parsing and splitting, and twins for embedder and index.

mod failing;
pub(super) mod gated;
mod ingesting;
mod shelf;
mod stopping;
mod support;
mod switching;
mod versions;
mod words;
