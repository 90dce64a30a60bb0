//! Which documents pass a filter now: names, tags, authors, dates and lengths, as the catalog has them.
//!
//! Searches ask here first and tell the index ids, so that a change takes effect with the next search.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use wenyuan_ingest::Lexicon;

use super::row::{id, to_json};
use super::{Catalog, CatalogError, DocumentQuery};
use crate::model::{DocumentId, KnowledgeBaseId};
use crate::retrieve::{SearchFilter, Selection};

/// Documents that the index is told one by one even where fewer do not pass: a document that comes between the two
/// questions is then left out, as it should be.
const NAMED_FIRST: usize = 10_000;

/// Most documents that the index is told.
const MOST_NAMED: usize = 50_000;

/// Tests of a document, joined by AND, with their values in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Conditions {
    /// SQL that begins with ` AND `, or nothing.
    pub(super) sql: String,
    /// What its question marks stand for.
    pub(super) values: Vec<Value>,
}

impl Conditions {
    fn and(&mut self, sql: &str, values: impl IntoIterator<Item = Value>) {
        self.sql.push_str(" AND (");
        self.sql.push_str(sql);
        self.sql.push(')');
        self.values.extend(values);
    }

    /// Adds: the text has any of these in it, folded. Empty ones do not narrow.
    fn and_holds(&mut self, column: &str, parts: &[String]) -> Result<(), CatalogError> {
        let folded: Vec<String> = parts.iter().map(|part| fold(part)).collect();
        let folded: Vec<&String> = folded.iter().filter(|part| !part.is_empty()).collect();
        if !folded.is_empty() {
            let sql = format!(
                "EXISTS (SELECT 1 FROM json_each(?) part WHERE instr(folded({column}), part.value) > 0)"
            );
            self.and(&sql, [Value::from(to_json(&folded)?)]);
        }
        Ok(())
    }

    fn and_tagged(&mut self, tags: &[String]) -> Result<(), CatalogError> {
        if !tags.is_empty() {
            self.and(
                "EXISTS (SELECT 1 FROM json_each(d.tags) tag
                    WHERE tag.value IN (SELECT value FROM json_each(?)))",
                [Value::from(to_json(&tags)?)],
            );
        }
        Ok(())
    }

    /// Adds: the title has all words of any of these.
    fn and_titled(&mut self, titles: &[String]) -> Result<(), CatalogError> {
        let words: Vec<Vec<String>> = titles
            .iter()
            .map(|title| {
                fold(title)
                    .split_whitespace()
                    .map(ToOwned::to_owned)
                    .collect()
            })
            .filter(|words: &Vec<String>| !words.is_empty())
            .collect();
        if !words.is_empty() {
            self.and(
                "EXISTS (SELECT 1 FROM json_each(?) wanted WHERE NOT EXISTS
                    (SELECT 1 FROM json_each(wanted.value) word
                        WHERE instr(folded(coalesce(d.title, c.title, d.name)), word.value) = 0))",
                [Value::from(to_json(&words)?)],
            );
        }
        Ok(())
    }

    /// What a search asks of the catalog; `d` is the document and `c` its visible version.
    fn of_search(filter: &SearchFilter) -> Result<Self, CatalogError> {
        let mut all = Self::default();
        all.and_tagged(&filter.tags)?;
        all.and_holds("d.name", &filter.names)?;
        all.and_holds("c.author", &filter.authors)?;
        all.and_titled(&filter.titles)?;
        let dated = "coalesce(c.created, c.modified)";
        if let Some(day) = filter.created_after {
            all.and(&format!("{dated} >= ?"), [Value::from(day.to_string())]);
        }
        if let Some(day) = filter.created_before {
            all.and(&format!("{dated} <= ?"), [Value::from(day.to_string())]);
        }
        if let Some((least, most)) = filter.page_count {
            let bounds = [Value::from(least), Value::from(most)];
            all.and("c.pages BETWEEN ? AND ?", bounds);
        }
        Ok(all)
    }

    /// What a list asks; `d` is the document, `v` its newest and `c` its visible version.
    pub(super) fn of_list(query: &DocumentQuery) -> Result<Self, CatalogError> {
        let mut all = Self::default();
        let mut equals = |column: &str, wanted: &Option<String>| {
            if let Some(wanted) = wanted {
                all.and(&format!("{column} = ?"), [Value::from(wanted.clone())]);
            }
        };
        equals(
            "j.status",
            &query.status.map(|status| status.as_str().to_owned()),
        );
        equals("coalesce(v.kind, c.kind)", &query.kind);
        equals("coalesce(v.language, c.language)", &query.language);
        if let Some(tag) = &query.tag {
            all.and_tagged(std::slice::from_ref(tag))?;
        }
        if let Some(author) = &query.author {
            all.and_holds("coalesce(v.author, c.author)", std::slice::from_ref(author))?;
        }
        let part = query.text.as_deref().map(fold).unwrap_or_default();
        if !part.is_empty() {
            all.and(
                "instr(folded(d.name), ?) > 0 OR instr(folded(coalesce(d.title, v.title, c.title)), ?) > 0",
                [Value::from(part.clone()), Value::from(part)],
            );
        }
        Ok(all)
    }
}

/// As the SQL function `folded` does it, without blanks at the ends.
fn fold(text: &str) -> String {
    Lexicon::shared().fold(text.trim()).trim().to_owned()
}

impl Catalog {
    /// The searchable documents of these knowledge bases that have what a filter asks of the catalog.
    pub async fn documents_matching(
        &self,
        knowledge_bases: &[KnowledgeBaseId],
        filter: &SearchFilter,
    ) -> Result<Selection, CatalogError> {
        let conditions = Conditions::of_search(filter)?;
        let bases = knowledge_bases.to_vec();
        self.database()
            .read(move |connection| {
                let (mut fitting, mut others) = (Vec::new(), Vec::new());
                for base in bases {
                    sort_out(connection, base, &conditions, |document, fits| {
                        if fits {
                            fitting.push(document);
                        } else {
                            others.push(document);
                        }
                    })?;
                }
                Ok(selection(fitting, others))
            })
            .await
    }
}

fn sort_out(
    connection: &Connection,
    base: KnowledgeBaseId,
    conditions: &Conditions,
    mut take: impl FnMut(DocumentId, bool),
) -> Result<(), CatalogError> {
    let sql = format!(
        "SELECT d.id, coalesce(1{}, 0) AS fits FROM documents d JOIN versions c ON c.id = d.current
         WHERE d.knowledge_base = ? AND d.deleted_at IS NULL",
        conditions.sql
    );
    let mut values = conditions.values.clone();
    values.push(Value::from(base.0.into_bytes().to_vec()));
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    while let Some(row) = rows.next()? {
        take(DocumentId(id(row, "id")?), row.get("fits")?);
    }
    Ok(())
}

fn selection(fitting: Vec<DocumentId>, others: Vec<DocumentId>) -> Selection {
    if fitting.len() <= NAMED_FIRST || fitting.len() <= others.len() && fitting.len() <= MOST_NAMED
    {
        Selection::Only(fitting)
    } else if others.len() <= MOST_NAMED {
        Selection::AllBut(others)
    } else {
        Selection::TooMany
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn documents(count: usize) -> Vec<DocumentId> {
        vec![DocumentId(Uuid::nil()); count]
    }

    #[test]
    fn the_index_is_told_the_shorter_list_and_never_an_endless_one() {
        let only = |fitting, others| selection(documents(fitting), documents(others));
        assert!(matches!(only(NAMED_FIRST, 1), Selection::Only(_)));
        assert!(matches!(only(NAMED_FIRST + 1, 1), Selection::AllBut(others) if others.len() == 1));
        assert!(matches!(
            only(MOST_NAMED, MOST_NAMED + 1),
            Selection::Only(_)
        ));
        assert_eq!(only(MOST_NAMED + 1, MOST_NAMED + 1), Selection::TooMany);
    }
}
