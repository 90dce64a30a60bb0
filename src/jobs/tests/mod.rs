//! What ingestion promises, with real parsing and splitting, and twins for embedder and index.

mod failing;
mod ingesting;
mod support;
