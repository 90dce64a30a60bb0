//! Where a search looks: what was asked for as a filter of the index, with the catalog's word on what may change.

use wenyuan_ingest::Lexicon;

use super::{PassageSource, RetrieveError, SearchFilter, Selection};
use crate::model::KnowledgeBaseId;
use crate::store::{Condition, Field, Filter};

/// The filter that every query of a search shares: all of `narrowed` must hold. `None` if nothing can pass.
pub(crate) async fn scope(
    passages: &dyn PassageSource,
    bases: &[KnowledgeBaseId],
    narrowed: &[SearchFilter],
) -> Result<Option<Filter>, RetrieveError> {
    let mut filter = Filter::in_knowledge_bases(bases);
    for one in narrowed {
        if one.asks_catalog() {
            match passages.documents_matching(bases, one).await? {
                Selection::Only(documents) if documents.is_empty() => return Ok(None),
                Selection::Only(documents) => filter = filter.in_documents(&documents),
                Selection::AllBut(documents) if documents.is_empty() => {}
                Selection::AllBut(documents) => {
                    let ids = documents.iter().map(ToString::to_string).collect();
                    filter.must_not.push(Condition::Any(Field::Document, ids));
                }
                Selection::TooMany => return Err(RetrieveError::FilterTooBroad),
            }
        }
        filter.must.extend(lasting(one));
    }
    Ok(Some(filter))
}

/// What the index itself knows, since it never changes for a version.
fn lasting(narrowed: &SearchFilter) -> Vec<Condition> {
    let mut conditions = Vec::new();
    let mut any = |field, values: Vec<String>| {
        if !values.is_empty() {
            conditions.push(Condition::Any(field, values));
        }
    };
    let documents = narrowed.documents.iter().map(ToString::to_string);
    any(Field::Document, documents.collect());
    let kinds = narrowed.kinds.iter().map(|kind| kind.as_str().to_owned());
    any(Field::Kind, kinds.collect());
    let languages = narrowed.languages.iter();
    any(
        Field::Language,
        languages.map(|one| one.as_str().to_owned()).collect(),
    );
    if narrowed.added_after.is_some() || narrowed.added_before.is_some() {
        conditions.push(Condition::Range(
            Field::AddedAt,
            narrowed.added_after,
            narrowed.added_before,
        ));
    }
    if let Some((first, last)) = narrowed.pages {
        conditions.push(Condition::Range(
            Field::Page,
            Some(i64::from(first)),
            Some(i64::from(last)),
        ));
    }
    if !narrowed.headings.is_empty() {
        let headings = narrowed.headings.iter().map(|heading| headed(heading));
        conditions.push(Condition::AnyOf(headings.collect()));
    }
    conditions
}

/// Passes chunks whose headings have every term of a text; nothing for a text without terms.
fn headed(text: &str) -> Filter {
    let terms = Lexicon::shared().distinct_terms(text);
    let must = if terms.is_empty() {
        vec![Condition::Any(Field::Heading, Vec::new())]
    } else {
        let holds = |term| Condition::Any(Field::Heading, vec![term]);
        terms.into_iter().map(holds).collect()
    };
    Filter {
        must,
        must_not: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Condition, Field};

    #[test]
    fn a_heading_without_words_passes_nothing_and_not_everything() {
        let narrowed = SearchFilter {
            headings: vec!["——".to_owned()],
            ..SearchFilter::default()
        };
        let nothing = Condition::Any(Field::Heading, Vec::new());
        let filter = Filter {
            must: vec![nothing],
            must_not: Vec::new(),
        };
        assert_eq!(lasting(&narrowed), [Condition::AnyOf(vec![filter])]);
    }

    #[test]
    fn what_is_left_out_does_not_narrow() {
        assert_eq!(lasting(&SearchFilter::default()), []);
    }
}
