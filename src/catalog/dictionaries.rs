//! Words of knowledge bases' own: kept as people wrote them, and told to whoever cuts texts or questions into terms.
//!
//! A word is looked for once every visible passage knows it. Until then a search is as it was before, so that no passage
//! falls behind only because it has not learned the word yet.

use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, Row, params};
use wenyuan_ingest::{Dictionary, WordList};

use super::knowledge_bases::require;
use super::row::{all, execute, first, id, integer, json, now, to_json};
use super::{Catalog, CatalogError};
use crate::model::{ChunkId, KnowledgeBaseId, VersionId};

/// Dictionaries kept ready to be used.
const READY: usize = 16;

/// The dictionary of a knowledge base, as people see it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnWords {
    /// The words, as written.
    pub words: Vec<String>,
    /// Documents that can be found and have not learned all of them yet.
    pub documents_waiting: u64,
}

/// A version that does not know all words of its knowledge base.
#[derive(Debug, Clone)]
pub(crate) struct Unlearned {
    /// The version.
    pub(crate) version: VersionId,
    /// Its knowledge base.
    pub(crate) knowledge_base: KnowledgeBaseId,
    /// Its document's name.
    pub(crate) name: String,
    /// Its document's title, where it has one.
    pub(crate) title: Option<String>,
}

/// A passage whose terms are written anew.
#[derive(Debug, Clone)]
pub(crate) struct PassageText {
    /// The passage.
    pub(crate) id: ChunkId,
    /// Its place in the document.
    pub(crate) ordinal: u32,
    /// Headings above it.
    pub(crate) heading: Vec<String>,
    /// The passage itself.
    pub(crate) text: String,
}

/// Which words: of which editions, and whether those that are looked for or those that passages are cut with.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Edition {
    of: Vec<(KnowledgeBaseId, i64)>,
    searched: bool,
}

/// Dictionaries that were used lately, ready to be used again.
#[derive(Debug, Default)]
pub(super) struct Ready(Mutex<Vec<(Edition, Dictionary)>>);

impl Ready {
    fn find(&self, wanted: &Edition) -> Option<Dictionary> {
        let mut ready = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = ready.iter().position(|(edition, _)| edition == wanted)?;
        ready[..=at].rotate_right(1);
        ready.first().map(|(_, dictionary)| dictionary.clone())
    }

    fn keep(&self, edition: Edition, dictionary: Dictionary) {
        let mut ready = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ready.insert(0, (edition, dictionary));
        ready.truncate(READY);
    }
}

impl Catalog {
    /// The words of a knowledge base.
    pub async fn own_words(
        &self,
        knowledge_base: KnowledgeBaseId,
    ) -> Result<OwnWords, CatalogError> {
        self.database()
            .read(move |connection| {
                require(connection, knowledge_base)?;
                told(connection, knowledge_base)
            })
            .await
    }

    /// Gives a knowledge base other words. Those that are gone are not looked for from now on; those that are new are,
    /// once its documents have learned them.
    pub async fn set_own_words(
        &self,
        knowledge_base: KnowledgeBaseId,
        list: WordList,
    ) -> Result<OwnWords, CatalogError> {
        let told = self
            .database()
            .write(move |connection| {
                require(connection, knowledge_base)?;
                let before = row(connection, knowledge_base)?.unwrap_or_default();
                let words = list.as_slice();
                if words == before.words {
                    return told(connection, knowledge_base);
                }
                let adds = words.iter().any(|word| !before.words.contains(word));
                let mut searched = before.searched;
                searched.retain(|word| words.contains(word));
                execute(
                    connection,
                    "INSERT OR REPLACE INTO dictionaries (knowledge_base, words, searched, revision, edition, updated_at)
                     VALUES (?, ?, ?, ?, ?, ?)",
                    params![
                        knowledge_base.0.into_bytes(),
                        to_json(&words)?,
                        to_json(&searched)?,
                        before.revision + i64::from(adds),
                        before.edition + 1,
                        now()
                    ],
                )?;
                settle(connection)?;
                told(connection, knowledge_base)
            })
            .await?;
        self.0.words_changed.notify_one();
        Ok(told)
    }

    /// The words that passages are cut with, and their revision; 0 where there have never been any.
    pub(crate) async fn words_for_passages(
        &self,
        knowledge_base: KnowledgeBaseId,
    ) -> Result<(i64, Dictionary), CatalogError> {
        let catalog = self.clone();
        self.database()
            .read(move |connection| {
                let sql = "SELECT revision, edition FROM dictionaries WHERE knowledge_base = ?";
                let key = [knowledge_base.0.into_bytes()];
                let found = first(connection, sql, key, |row| Ok((row.get(0)?, row.get(1)?)))?;
                let Some((revision, edition)) = found else {
                    return Ok((0, Dictionary::default()));
                };
                let of = vec![(knowledge_base, edition)];
                let edition = Edition {
                    of,
                    searched: false,
                };
                Ok((revision, catalog.ready(connection, edition)?))
            })
            .await
    }

    /// The words that are looked for in these knowledge bases: those that all of them have.
    pub(super) async fn words_for_questions(
        &self,
        knowledge_bases: &[KnowledgeBaseId],
    ) -> Result<Dictionary, CatalogError> {
        let (catalog, wanted) = (self.clone(), knowledge_bases.to_vec());
        self.database()
            .read(move |connection| {
                let sql = "SELECT edition FROM dictionaries WHERE knowledge_base = ? AND searched <> '[]'";
                let mut of = Vec::with_capacity(wanted.len());
                for base in wanted {
                    let edition = first(connection, sql, [base.0.into_bytes()], |row| row.get(0))?;
                    let Some(edition) = edition else {
                        return Ok(Dictionary::default());
                    };
                    of.push((base, edition));
                }
                let searched = true;
                catalog.ready(connection, Edition { of, searched })
            })
            .await
    }

    /// The dictionary of an edition; in a transaction, so that it is the present one.
    fn ready(&self, connection: &Connection, edition: Edition) -> Result<Dictionary, CatalogError> {
        if let Some(known) = self.0.dictionaries.find(&edition) {
            return Ok(known);
        }
        let mut common: Option<Vec<String>> = None;
        for (base, _) in &edition.of {
            let row = row(connection, *base)?.unwrap_or_default();
            let words = if edition.searched {
                row.searched
            } else {
                row.words
            };
            common = Some(match common {
                None => words,
                Some(mut common) => {
                    common.retain(|word| words.contains(word));
                    common
                }
            });
        }
        let dictionary = Dictionary::of(&common.unwrap_or_default());
        self.0.dictionaries.keep(edition, dictionary.clone());
        Ok(dictionary)
    }

    /// Visible versions that do not know all words of their knowledge bases, oldest first.
    pub(crate) async fn unlearned(&self, limit: usize) -> Result<Vec<Unlearned>, CatalogError> {
        let sql = "SELECT v.id, v.knowledge_base, d.name, coalesce(d.title, v.title) AS title
            FROM dictionaries w JOIN versions v ON v.knowledge_base = w.knowledge_base AND v.state = 'visible'
            JOIN documents d ON d.id = v.document
            WHERE v.words < w.revision ORDER BY v.seq LIMIT ?";
        self.database()
            .read(move |connection| all(connection, sql, [integer(limit)], unlearned))
            .await
    }

    /// Passages of a version from an ordinal on.
    pub(crate) async fn texts_from(
        &self,
        version: VersionId,
        from: u32,
        limit: usize,
    ) -> Result<Vec<PassageText>, CatalogError> {
        let sql = "SELECT id, ordinal, heading, text FROM chunks WHERE version = ? AND ordinal >= ?
            ORDER BY ordinal LIMIT ?";
        self.database()
            .read(move |connection| {
                let values = params![version.0.into_bytes(), from, integer(limit)];
                all(connection, sql, values, passage)
            })
            .await
    }

    /// Notes which revisions of their dictionaries these versions know, and has words looked for that all passages know
    /// by now.
    pub(crate) async fn learned(
        &self,
        versions: Vec<(VersionId, i64)>,
    ) -> Result<(), CatalogError> {
        self.database()
            .note(move |connection| {
                for (version, revision) in versions {
                    let sql = "UPDATE versions SET words = ? WHERE id = ?";
                    execute(connection, sql, params![revision, version.0.into_bytes()])?;
                }
                settle(connection)
            })
            .await
    }

    /// Returns when words may have changed since the last call, or documents come that do not know them.
    pub(crate) async fn words_changed(&self) {
        self.0.words_changed.notified().await;
    }

    /// Says that a document may not know all words.
    pub(crate) fn announce_published(&self) {
        self.0.words_changed.notify_one();
    }
}

/// Has words looked for that all visible passages know.
fn settle(connection: &Connection) -> Result<(), CatalogError> {
    let sql = "UPDATE dictionaries SET searched = words, edition = edition + 1 WHERE searched <> words
        AND NOT EXISTS (SELECT 1 FROM versions v WHERE v.knowledge_base = dictionaries.knowledge_base
            AND v.state = 'visible' AND v.words < dictionaries.revision)";
    execute(connection, sql, []).map(drop)
}

#[derive(Default)]
struct Stored {
    words: Vec<String>,
    searched: Vec<String>,
    revision: i64,
    edition: i64,
}

fn row(
    connection: &Connection,
    knowledge_base: KnowledgeBaseId,
) -> Result<Option<Stored>, CatalogError> {
    let sql =
        "SELECT words, searched, revision, edition FROM dictionaries WHERE knowledge_base = ?";
    first(connection, sql, [knowledge_base.0.into_bytes()], |row| {
        Ok(Stored {
            words: json(row, "words")?,
            searched: json(row, "searched")?,
            revision: row.get("revision")?,
            edition: row.get("edition")?,
        })
    })
}

fn told(
    connection: &Connection,
    knowledge_base: KnowledgeBaseId,
) -> Result<OwnWords, CatalogError> {
    let stored = row(connection, knowledge_base)?.unwrap_or_default();
    let sql = "SELECT count(*) FROM versions WHERE knowledge_base = ? AND state = 'visible' AND words < ?";
    let values = params![knowledge_base.0.into_bytes(), stored.revision];
    let waiting: Option<i64> = first(connection, sql, values, |row| row.get(0))?;
    Ok(OwnWords {
        words: stored.words,
        documents_waiting: waiting.unwrap_or_default().unsigned_abs(),
    })
}

fn passage(row: &Row<'_>) -> rusqlite::Result<PassageText> {
    Ok(PassageText {
        id: ChunkId(id(row, "id")?),
        ordinal: row.get("ordinal")?,
        heading: json(row, "heading")?,
        text: row.get("text")?,
    })
}

fn unlearned(row: &Row<'_>) -> rusqlite::Result<Unlearned> {
    Ok(Unlearned {
        version: VersionId(id(row, "id")?),
        knowledge_base: KnowledgeBaseId(id(row, "knowledge_base")?),
        name: row.get("name")?,
        title: row.get("title")?,
    })
}
