//! Gold questions from lines of JSON: the form of a data set's questions.jsonl, with documents by name or id.

use serde::Deserialize;

use crate::catalog::{Catalog, CatalogError, ExpectedBy, MOST_IMPORTED, NewGoldQuestion, Origin};
use crate::model::{KnowledgeBaseId, Question, QuestionError};

/// One line. Other fields are passed over.
#[derive(Debug, Deserialize)]
struct Line {
    question: String,
    #[serde(default)]
    relevant: Vec<String>,
    #[serde(default)]
    expected: Vec<ExpectedBy>,
    #[serde(default = "yes")]
    answerable: bool,
}

const fn yes() -> bool {
    true
}

/// Why a line was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ImportRefusal {
    /// It is not JSON of that form.
    #[error(transparent)]
    Malformed(#[from] serde_json::Error),
    /// Its question is none.
    #[error(transparent)]
    Question(#[from] QuestionError),
    /// The catalog refused it.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
}

/// What became of the lines.
#[derive(Debug, Default)]
pub struct Imported {
    /// Questions that are there now.
    pub imported: usize,
    /// Lines that were not taken, by their number from 1.
    pub refused: Vec<(usize, ImportRefusal)>,
}

/// Adds the questions of up to 1,000 lines; empty lines do not count. A line that is wrong does not hinder the others.
pub async fn import_gold(
    catalog: &Catalog,
    base: KnowledgeBaseId,
    text: &str,
) -> Result<Imported, CatalogError> {
    let lines = text.lines().enumerate();
    let lines: Vec<(usize, &str)> = lines.filter(|(_, line)| !line.trim().is_empty()).collect();
    if lines.len() > MOST_IMPORTED {
        return Err(CatalogError::Invalid {
            field: "lines",
            message: format!("at most {MOST_IMPORTED} at once, not {}", lines.len()),
        });
    }
    let mut outcome = Imported::default();
    let (mut numbers, mut questions) = (Vec::new(), Vec::new());
    for (at, line) in lines {
        match read(line) {
            Ok(question) => {
                numbers.push(at + 1);
                questions.push(question);
            }
            Err(refusal) => outcome.refused.push((at + 1, refusal)),
        }
    }
    let added = catalog.add_gold_questions(base, questions).await?;
    for (number, added) in numbers.into_iter().zip(added) {
        match added {
            Ok(_) => outcome.imported += 1,
            Err(error) => outcome.refused.push((number, error.into())),
        }
    }
    outcome.refused.sort_by_key(|(number, _)| *number);
    Ok(outcome)
}

fn read(line: &str) -> Result<NewGoldQuestion, ImportRefusal> {
    let line: Line = serde_json::from_str(line)?;
    let named = line.relevant.into_iter().map(|document| ExpectedBy {
        document,
        passage: None,
    });
    let expected = line.expected.into_iter().chain(named);
    Ok(NewGoldQuestion {
        question: Question::try_from(line.question.as_str())?,
        answerable: line.answerable,
        // Data sets may name documents beside an unanswerable question that only look like its answer.
        expected: expected.filter(|_| line.answerable).collect(),
        origin: Origin::Imported,
    })
}
