//! Integration tests: one binary, one module per feature, so that everything links once.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot be set up should stop"
)]

mod bad_input;
mod chains;
mod doctor;
mod evaluating;
mod folders;
mod http_ask;
mod http_dictionary;
mod http_documents;
mod http_filters;
mod http_folders;
mod http_gold;
mod http_index;
mod http_jobs;
mod http_lab;
mod http_pages;
mod http_passwords;
mod http_server;
mod http_split;
mod http_support;
mod http_urls;
mod limits;
mod locked_files;
mod ocr;
mod real_files;
mod reindex;
mod reranking;
mod shelf;
mod support;
mod tidy;
