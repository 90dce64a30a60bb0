//! How many searchable documents a knowledge base has of each format, language, tag, author and year.

use serde::Serialize;

use super::knowledge_bases::require;
use super::row::all;
use super::{Catalog, CatalogError};
use crate::model::KnowledgeBaseId;

/// Most values of one facet; the rarest fall away.
const MOST_VALUES: usize = 200;

const SQL: &str = "
    WITH visible AS MATERIALIZED (
        SELECT c.kind, c.language, c.author, substr(coalesce(c.created, c.modified), 1, 4) AS year, d.tags
        FROM documents d JOIN versions c ON c.id = d.current
        WHERE d.knowledge_base = ? AND d.deleted_at IS NULL)
    SELECT 'kind' AS facet, kind AS value, count(*) AS count FROM visible WHERE kind IS NOT NULL GROUP BY kind
    UNION ALL SELECT 'language', language, count(*) FROM visible WHERE language IS NOT NULL GROUP BY language
    UNION ALL SELECT 'author', author, count(*) FROM visible WHERE author IS NOT NULL GROUP BY author
    UNION ALL SELECT 'year', year, count(*) FROM visible WHERE year IS NOT NULL GROUP BY year
    UNION ALL SELECT 'tag', tag.value, count(*) FROM visible, json_each(visible.tags) tag GROUP BY tag.value
    ORDER BY count DESC, value";

/// A value and how many documents have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FacetCount {
    /// The value.
    pub value: String,
    /// Documents with it.
    pub count: u64,
}

/// Every facet, the most frequent values first, equals in the order of their characters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Facets {
    /// Formats.
    pub kinds: Vec<FacetCount>,
    /// Main languages.
    pub languages: Vec<FacetCount>,
    /// Tags; a document counts for each of its own.
    pub tags: Vec<FacetCount>,
    /// Authors, as the files name them.
    pub authors: Vec<FacetCount>,
    /// Years in which documents were made, or else last changed.
    pub years: Vec<FacetCount>,
}

impl Catalog {
    /// Counts the searchable documents of a knowledge base; at most 200 values of each facet.
    pub async fn facets(&self, knowledge_base: KnowledgeBaseId) -> Result<Facets, CatalogError> {
        let rows = self
            .database()
            .read(move |connection| {
                require(connection, knowledge_base)?;
                all(connection, SQL, [knowledge_base.0.into_bytes()], |row| {
                    let facet: String = row.get("facet")?;
                    let counted = FacetCount {
                        value: row.get("value")?,
                        count: row.get::<_, i64>("count")?.unsigned_abs(),
                    };
                    Ok((facet, counted))
                })
            })
            .await?;
        let mut facets = Facets::default();
        for (facet, counted) in rows {
            let list = match facet.as_str() {
                "kind" => &mut facets.kinds,
                "language" => &mut facets.languages,
                "author" => &mut facets.authors,
                "year" => &mut facets.years,
                _ => &mut facets.tags,
            };
            if list.len() < MOST_VALUES {
                list.push(counted);
            }
        }
        Ok(facets)
    }
}
