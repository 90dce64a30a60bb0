//! Integration tests: one binary, one module per feature, so that everything links once.

mod tidy;
