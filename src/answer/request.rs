//! What an answer is asked for.

use serde::{Deserialize, Serialize};

use crate::model::{KnowledgeBaseId, Question};
use crate::retrieve::{SearchFilter, TopK};

/// Who writes the answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AnswerMode {
    /// The model writes, and every sentence is checked; quotes where it is too weak.
    #[default]
    Answer,
    /// The documents' own sentences; no generation.
    Quote,
}

/// One question to be answered.
#[derive(Debug, Clone, PartialEq)]
pub struct AskRequest {
    /// What is asked.
    pub question: Question,
    /// Where to look.
    pub knowledge_bases: Vec<KnowledgeBaseId>,
    /// Most passages to read.
    pub top_k: TopK,
    /// What to look at.
    pub filter: SearchFilter,
    /// Who writes.
    pub mode: AnswerMode,
    /// Whether unsupported sentences are withheld instead of marked.
    pub strict: bool,
    /// Most tokens to generate.
    pub max_tokens: usize,
}
