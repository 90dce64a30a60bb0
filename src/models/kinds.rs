//! What models are for, what sets they come in, and what each kind says about itself.

use std::fmt;

use serde::Deserialize;

/// What a model is for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, serde::Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Turns text into vectors.
    Embedder,
    /// Writes answers.
    Llm,
    /// Orders passages by relevance.
    Reranker,
    /// ONNX Runtime, the library that embedders, rerankers and text recognition need.
    Runtime,
    /// Reads text in images.
    Ocr,
    /// The pdfium library.
    Pdfium,
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Embedder => "embedder",
            Self::Llm => "language model",
            Self::Reranker => "reranker",
            Self::Runtime => "ONNX Runtime library",
            Self::Ocr => "OCR model",
            Self::Pdfium => "pdfium library",
        })
    }
}

/// A set of models that go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// From package registries alone, CPU.
    Starter,
    /// CPU or a small GPU.
    Standard,
    /// A GPU.
    Gpu,
}

impl Profile {
    /// All profiles, smallest first.
    pub const ALL: [Self; 3] = [Self::Starter, Self::Standard, Self::Gpu];

    /// The name on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Starter => "starter",
            Self::Standard => "standard",
            Self::Gpu => "gpu",
        }
    }
}

/// How token vectors become one vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pooling {
    /// The first token's.
    Cls,
    /// Their mean. Also for graphs that pool by themselves.
    Mean,
}

/// What is particular to an embedder.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmbedderTraits {
    /// Elements in a vector.
    pub dimension: usize,
    /// Longest input in tokens.
    pub max_tokens: usize,
    /// How token vectors become one.
    pub pooling: Pooling,
    /// Put before each question.
    #[serde(default)]
    pub query_prefix: String,
    /// Put before each passage.
    #[serde(default)]
    pub passage_prefix: String,
}

/// What is particular to a language model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LlmTraits {
    /// Tuned to follow instructions.
    pub instruct: bool,
    /// Window that it was trained for, in tokens; settings may allow less.
    pub context_tokens: usize,
    /// Strong enough that its words, once grounded, beat quotes of the evidence.
    pub trusted_writer: bool,
}

/// What is particular to a reranker.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RerankerTraits {
    /// Longest question and passage together, in tokens.
    pub max_tokens: usize,
}
