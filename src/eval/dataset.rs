//! A data set on disk: `corpus.jsonl` and `questions.jsonl`.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// One document of the corpus.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CorpusDocument {
    /// Its id, which questions refer to.
    pub id: String,
    /// Its title; may be empty.
    #[serde(default)]
    pub title: String,
    /// Its text.
    pub text: String,
}

/// One question with what is known about its answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct GoldQuestion {
    /// Its id.
    pub id: String,
    /// What is asked.
    pub question: String,
    /// Any of these is right.
    #[serde(default)]
    pub answers: Vec<String>,
    /// Ids of the documents that hold the answer.
    #[serde(default)]
    pub relevant: Vec<String>,
    /// Whether the corpus holds an answer at all.
    #[serde(default = "yes")]
    pub answerable: bool,
    /// Ids of the same paragraphs in another language, where the set has them.
    #[serde(default)]
    pub parallel: Vec<String>,
}

const fn yes() -> bool {
    true
}

/// A corpus and questions on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataSet {
    /// The folder's name.
    pub name: String,
    /// Documents.
    pub corpus: Vec<CorpusDocument>,
    /// Questions.
    pub questions: Vec<GoldQuestion>,
}

/// Why a folder is no data set.
#[derive(Debug, thiserror::Error)]
pub enum DataSetError {
    /// A file is missing or cannot be read.
    #[error("{path}: {source}; a data set is a folder with corpus.jsonl and questions.jsonl")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A line is not what it should be.
    #[error("{path}, line {line}: {source}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What is wrong.
        source: serde_json::Error,
    },
}

impl DataSet {
    /// Reads a folder.
    pub fn read(folder: &Path) -> Result<Self, DataSetError> {
        Ok(Self {
            name: folder
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            corpus: lines(&folder.join("corpus.jsonl"))?,
            questions: lines(&folder.join("questions.jsonl"))?,
        })
    }

    /// Keeps the documents and asks another set's questions about them: the documents that those questions name as
    /// parallel are the relevant ones. Questions without a parallel here are left out.
    #[must_use]
    pub fn asked_by(mut self, other: &Self) -> Self {
        let known: std::collections::HashSet<&str> = self
            .corpus
            .iter()
            .map(|document| document.id.as_str())
            .collect();
        let crossed = other
            .questions
            .iter()
            .filter(|question| question.answerable)
            .filter_map(|question| {
                let relevant: Vec<String> = question
                    .parallel
                    .iter()
                    .filter(|id| known.contains(id.as_str()))
                    .cloned()
                    .collect();
                (!relevant.is_empty()).then(|| GoldQuestion {
                    relevant,
                    answers: Vec::new(),
                    ..question.clone()
                })
            });
        let crossed = crossed.collect();
        self.questions = crossed;
        self.name = format!("{}-over-{}", other.name, self.name);
        self
    }
}

fn lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, DataSetError> {
    let text = std::fs::read_to_string(path).map_err(|source| DataSetError::Unreadable {
        path: path.to_path_buf(),
        source,
    })?;
    let numbered = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty());
    numbered
        .map(|(index, line)| {
            serde_json::from_str(line).map_err(|source| DataSetError::Malformed {
                path: path.to_path_buf(),
                line: index + 1,
                source,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_malformed_line_is_named_by_file_and_number() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(
            folder.path().join("corpus.jsonl"),
            "{\"id\":\"a\",\"text\":\"x\"}\n{oops\n",
        )
        .expect("written");
        std::fs::write(folder.path().join("questions.jsonl"), "").expect("written");
        let error = DataSet::read(folder.path()).expect_err("the second line is no JSON");
        assert!(
            error.to_string().contains("corpus.jsonl, line 2"),
            "{error}"
        );
    }
}
