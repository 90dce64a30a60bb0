//! Integration tests: one binary, one module per feature, so that everything links once.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot be set up should stop"
)]

mod bad_input;
mod chains;
mod http_ask;
mod http_documents;
mod http_filters;
mod http_jobs;
mod http_pages;
mod http_server;
mod http_split;
mod http_support;
mod ocr;
mod real_files;
mod support;
mod tidy;
