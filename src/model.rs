//! The validated values that every layer shares; past `http`, `cli` and `config` there are no raw strings for these.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

id! {
    /// A knowledge base.
    KnowledgeBaseId
}
id! {
    /// A document: one name in one knowledge base, across its versions.
    DocumentId
}
id! {
    /// One content of a document.
    VersionId
}
id! {
    /// A chunk: UUIDv5 of its version and ordinal.
    ChunkId
}
id! {
    /// One attempt to make a version searchable, with its retries.
    JobId
}
id! {
    /// One answer given.
    AnswerId
}

impl ChunkId {
    /// The id of a version's chunk; the same for every replay.
    #[must_use]
    pub fn derive(version: VersionId, ordinal: u32) -> Self {
        Self(Uuid::new_v5(&version.0, &ordinal.to_be_bytes()))
    }
}

/// Why a text is not a usable question.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuestionError {
    /// Nothing but white space.
    #[error("the question is empty")]
    Empty,
    /// More than [`Question::MAX_CHARS`] characters.
    #[error("the question has {chars} characters; the most is {max}", max = Question::MAX_CHARS)]
    TooLong {
        /// Characters given.
        chars: usize,
    },
}

/// A question: trimmed, not empty, of bounded length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question(String);

impl Question {
    /// The longest question, in characters.
    pub const MAX_CHARS: usize = 4_000;

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<&str> for Question {
    type Error = QuestionError;

    fn try_from(text: &str) -> Result<Self, Self::Error> {
        let trimmed = text.trim();
        let chars = trimmed.chars().count();
        if chars == 0 {
            return Err(QuestionError::Empty);
        }
        if chars > Self::MAX_CHARS {
            return Err(QuestionError::TooLong { chars });
        }
        Ok(Self(trimmed.to_owned()))
    }
}
