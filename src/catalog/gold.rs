//! Gold questions: questions of people whose answers are known, to measure a knowledge base by.
//!
//! What a question expects is kept as a document and the text of a passage, never as a chunk: it outlives a new version
//! of the document, another way of cutting, and, by the document's name, its removal and return.

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use wenyuan_ingest::Lexicon;

use super::expected::{Names, there_now};
use super::knowledge_bases::require;
use super::row::{all, execute, first, id, integer, json, now, time, to_json};
use super::{Catalog, CatalogError, Entity};
use crate::model::{DocumentId, GoldId, KnowledgeBaseId, Question};

/// Most gold questions of a knowledge base.
pub const MOST_GOLD: usize = 5_000;
/// Most gold questions added at once.
pub const MOST_IMPORTED: usize = 1_000;
/// Most documents or passages that one question expects.
const MOST_EXPECTED: usize = 50;
const MOST_LISTED: usize = 1_000;

/// Where a gold question came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Written by a person for this purpose.
    Typed,
    /// From a file of questions.
    Imported,
    /// Made of an answer and the citations that a person approved.
    Promoted,
}

impl Origin {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Typed => "typed",
            Self::Imported => "imported",
            Self::Promoted => "promoted",
        }
    }
}

/// One thing that answers a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// The document.
    pub document_id: DocumentId,
    /// Its name when the question was added.
    pub document_name: String,
    /// Text that a passage must hold; `None` is content with any passage of the document.
    pub passage: Option<String>,
}

/// The same as a person names it: the document by its name or id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectedBy {
    /// Name or id of a document of the knowledge base.
    pub document: String,
    /// Text that a passage must hold.
    #[serde(default)]
    pub passage: Option<String>,
}

/// A gold question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GoldQuestion {
    /// Its id.
    pub id: GoldId,
    /// What is asked.
    pub question: String,
    /// Whether the knowledge base holds an answer.
    pub answerable: bool,
    /// Any of these answers it; empty for an unanswerable one.
    pub expected: Vec<Expected>,
    /// Where it came from.
    pub origin: Origin,
    /// When it was added.
    pub created_at: Timestamp,
}

/// A gold question to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGoldQuestion {
    /// What is asked.
    pub question: Question,
    /// Whether the knowledge base holds an answer.
    pub answerable: bool,
    /// 1 to 50 for an answerable question, none for another one.
    pub expected: Vec<ExpectedBy>,
    /// Where it comes from.
    pub origin: Origin,
}

/// Some gold questions, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GoldPage {
    /// The questions.
    pub gold_questions: Vec<GoldQuestion>,
    /// All there are.
    pub total: usize,
    /// Where the next page begins; `None` at the end.
    pub next_cursor: Option<String>,
}

/// The gold questions of a knowledge base, as far as they can be asked now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GoldSet {
    /// Those to be asked, oldest first.
    pub questions: Vec<GoldQuestion>,
    /// Those of which no document is there any more.
    pub lost: Vec<GoldQuestion>,
}

impl Catalog {
    /// Adds a gold question; one that is there already, whatever its case or width, is replaced by it.
    ///
    /// # Errors
    /// `document_not_found` if a document is not there; invalid if what is expected contradicts `answerable`, a passage
    /// is too long, or the knowledge base has 5,000 already.
    pub async fn add_gold_question(
        &self,
        knowledge_base: KnowledgeBaseId,
        new: NewGoldQuestion,
    ) -> Result<GoldQuestion, CatalogError> {
        let mut outcomes = self.add_gold_questions(knowledge_base, vec![new]).await?;
        outcomes
            .pop()
            .unwrap_or_else(|| Err(CatalogError::unavailable("nothing was added")))
    }

    /// Adds up to 1,000 gold questions; what is wrong with one does not hinder the others.
    pub async fn add_gold_questions(
        &self,
        knowledge_base: KnowledgeBaseId,
        new: Vec<NewGoldQuestion>,
    ) -> Result<Vec<Result<GoldQuestion, CatalogError>>, CatalogError> {
        if new.len() > MOST_IMPORTED {
            let message = format!("at most {MOST_IMPORTED} questions at once");
            return Err(CatalogError::invalid("questions", message));
        }
        self.database()
            .write(move |connection| {
                require(connection, knowledge_base)?;
                let mut names = Names::of(knowledge_base);
                let added = new
                    .into_iter()
                    .map(|one| add(connection, knowledge_base, &mut names, one));
                let outcomes: Vec<_> = added.collect();
                // A database that fails has nothing to do with the question: all of it is undone.
                let broken = |outcome: &Result<GoldQuestion, CatalogError>| {
                    matches!(
                        outcome,
                        Err(CatalogError::StorageFull { .. } | CatalogError::Unavailable { .. })
                    )
                };
                match outcomes.iter().position(broken) {
                    Some(at) => outcomes
                        .into_iter()
                        .nth(at)
                        .map_or(Ok(Vec::new()), |one| one.map(|_| Vec::new())),
                    None => Ok(outcomes),
                }
            })
            .await
    }

    /// Gold questions of a knowledge base, oldest first; 1 to 1,000 at once.
    pub async fn gold_questions(
        &self,
        knowledge_base: KnowledgeBaseId,
        cursor: Option<String>,
        limit: usize,
    ) -> Result<GoldPage, CatalogError> {
        if !(1..=MOST_LISTED).contains(&limit) {
            return Err(CatalogError::invalid(
                "limit",
                format!("must be 1 to {MOST_LISTED}"),
            ));
        }
        let after: i64 = cursor
            .as_deref()
            .map_or(Ok(0), str::parse)
            .map_err(|_error| {
                CatalogError::invalid("cursor", "is not one that a page before gave")
            })?;
        self.database()
            .read(move |connection| {
                require(connection, knowledge_base)?;
                let key = knowledge_base.0.into_bytes();
                let mut found = all(
                    connection,
                    "SELECT * FROM gold_questions WHERE knowledge_base = ? AND seq > ? ORDER BY seq LIMIT ?",
                    params![key, after, integer(limit) + 1],
                    |row| Ok((row.get::<_, i64>("seq")?, gold_question(row)?)),
                )?;
                let more = found.len() > limit;
                found.truncate(limit);
                Ok(GoldPage {
                    total: count(connection, knowledge_base)?,
                    next_cursor: found.last().filter(|_| more).map(|(seq, _)| seq.to_string()),
                    gold_questions: found.into_iter().map(|(_, gold)| gold).collect(),
                })
            })
            .await
    }

    /// Every gold question of a knowledge base as it can be asked now: what it expects names documents that are there.
    pub async fn gold_set(&self, knowledge_base: KnowledgeBaseId) -> Result<GoldSet, CatalogError> {
        self.database()
            .read(move |connection| {
                require(connection, knowledge_base)?;
                let sql = "SELECT * FROM gold_questions WHERE knowledge_base = ? ORDER BY seq";
                let base = knowledge_base.0.into_bytes();
                let mut set = GoldSet::default();
                for mut gold in all(connection, sql, [base], gold_question)? {
                    let expected = gold.expected.len();
                    gold.expected = gold
                        .expected
                        .into_iter()
                        .filter_map(|one| there_now(connection, base, one).transpose())
                        .collect::<Result<_, _>>()?;
                    if expected > 0 && gold.expected.is_empty() {
                        set.lost.push(gold);
                    } else {
                        set.questions.push(gold);
                    }
                }
                Ok(set)
            })
            .await
    }

    /// Removes a gold question.
    pub async fn remove_gold_question(
        &self,
        knowledge_base: KnowledgeBaseId,
        id: GoldId,
    ) -> Result<(), CatalogError> {
        self.database()
            .write(move |connection| {
                require(connection, knowledge_base)?;
                let keys = [id.0.into_bytes(), knowledge_base.0.into_bytes()];
                let sql = "DELETE FROM gold_questions WHERE id = ? AND knowledge_base = ?";
                match execute(connection, sql, keys)? {
                    0 => Err(CatalogError::not_found(Entity::GoldQuestion, id)),
                    _ => Ok(()),
                }
            })
            .await
    }
}

fn add(
    connection: &Connection,
    knowledge_base: KnowledgeBaseId,
    names: &mut Names,
    new: NewGoldQuestion,
) -> Result<GoldQuestion, CatalogError> {
    let most = if new.answerable { MOST_EXPECTED } else { 0 };
    let least = usize::from(new.answerable);
    if !(least..=most).contains(&new.expected.len()) {
        let message = if new.answerable {
            format!("an answerable question expects 1 to {MOST_EXPECTED} documents")
        } else {
            "an unanswerable question expects no document".to_owned()
        };
        return Err(CatalogError::invalid("expected", message));
    }
    let expected = new
        .expected
        .into_iter()
        .map(|one| names.resolve(connection, one))
        .collect::<Result<Vec<_>, _>>()?;
    let key = Lexicon::shared().fold(new.question.as_str());
    let base = knowledge_base.0.into_bytes();
    let known = first(
        connection,
        "SELECT id FROM gold_questions WHERE knowledge_base = ? AND question_key = ?",
        params![base, key],
        |row| id(row, "id").map(GoldId),
    )?;
    if known.is_none() && count(connection, knowledge_base)? >= MOST_GOLD {
        let message =
            format!("the knowledge base has {MOST_GOLD} gold questions, which is the most");
        return Err(CatalogError::invalid("question", message));
    }
    let gold = known.unwrap_or_else(|| GoldId(Uuid::now_v7()));
    execute(
        connection,
        "INSERT INTO gold_questions (id, knowledge_base, question, question_key, answerable, expected, origin, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (knowledge_base, question_key) DO UPDATE SET question = excluded.question,
            answerable = excluded.answerable, expected = excluded.expected, origin = excluded.origin",
        params![
            gold.0.into_bytes(),
            base,
            new.question.as_str(),
            key,
            new.answerable,
            to_json(&expected)?,
            new.origin.as_str(),
            now()
        ],
    )?;
    let sql = "SELECT * FROM gold_questions WHERE id = ?";
    let added = first(connection, sql, [gold.0.into_bytes()], gold_question)?;
    added.ok_or_else(|| CatalogError::not_found(Entity::GoldQuestion, gold))
}

fn count(connection: &Connection, knowledge_base: KnowledgeBaseId) -> Result<usize, CatalogError> {
    let sql = "SELECT count(*) AS questions FROM gold_questions WHERE knowledge_base = ?";
    let counted = first(connection, sql, [knowledge_base.0.into_bytes()], |row| {
        row.get::<_, i64>("questions")
    })?;
    Ok(counted.unwrap_or(0).unsigned_abs() as usize)
}

fn gold_question(row: &Row<'_>) -> rusqlite::Result<GoldQuestion> {
    Ok(GoldQuestion {
        id: GoldId(id(row, "id")?),
        question: row.get("question")?,
        answerable: row.get("answerable")?,
        expected: json(row, "expected")?,
        origin: super::row::name(row, "origin")?,
        created_at: time(row, "created_at")?,
    })
}
