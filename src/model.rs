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
id! {
    /// A question whose answer is known.
    GoldId
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

/// A password that opens a file. Nothing shows it: neither debug output nor errors.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// The longest password, in bytes.
    pub const MAX_BYTES: usize = 1_000;

    /// The password itself, for what opens the file.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Password {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Password(hidden)")
    }
}

/// Reads a password that may be left out; an empty one is none. Errors do not repeat what came.
///
/// # Errors
/// For anything but text or null.
pub fn optional_password<'de, D>(from: D) -> Result<Option<Password>, D::Error>
where
    D: serde::Deserializer<'de>,
{
    match serde_json::Value::deserialize(from)? {
        serde_json::Value::Null => Ok(None),
        serde_json::Value::String(text) if text.is_empty() => Ok(None),
        serde_json::Value::String(text) => Ok(Some(Password(text))),
        serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::Array(_)
        | serde_json::Value::Object(_) => {
            Err(serde::de::Error::custom("the password must be a string"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Holder {
        #[serde(default, deserialize_with = "optional_password")]
        password: Option<Password>,
    }

    #[test]
    fn a_password_is_shown_nowhere() {
        let holder: Holder =
            serde_json::from_str(r#"{"password":"geheim 芝麻"}"#).expect("a password");
        assert!(!format!("{holder:?}").contains("geheim"), "{holder:?}");
        assert_eq!(holder.password.expect("a password").reveal(), "geheim 芝麻");
        for wrong in ["123456", r#"["geheim"]"#, r#"{"a":"geheim"}"#] {
            let body = format!(r#"{{"password":{wrong}}}"#);
            let error = serde_json::from_str::<Holder>(&body).expect_err("no text");
            let told = error.to_string();
            assert!(
                !told.contains("geheim") && !told.contains("123456"),
                "{told}"
            );
        }
        for none in ["{}", r#"{"password":null}"#, r#"{"password":""}"#] {
            let holder: Holder = serde_json::from_str(none).expect("none");
            assert_eq!(holder.password, None);
        }
    }
}
