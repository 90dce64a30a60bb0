//! Wenyuan: a knowledge base that answers from your own documents and shows the passage behind every sentence.

pub mod answer;
pub mod app;
mod batch;
pub mod catalog;
pub mod chains;
pub mod cli;
pub mod config;
pub mod embed;
pub mod eval;
pub mod fetch;
pub mod generate;
pub mod http;
pub mod jobs;
pub mod model;
pub mod models;
pub mod names;
#[cfg(feature = "onnx")]
pub mod ocr;
pub mod rerank;
pub mod retrieve;
pub mod store;
pub mod telemetry;
