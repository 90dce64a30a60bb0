//! What narrows a search, condition by condition: to say which of them leaves a passage out.

use super::super::prepare::Prepared;
use super::super::scope::scope;
use super::super::{Passage, RetrieveError, Retriever, SearchFilter, TypedFilter, TypedQuestion};
use super::report::Reason;
use crate::model::KnowledgeBaseId;
use crate::store::Filter;

/// One condition, as a filter of its own.
struct Part {
    told: Reason,
    filter: SearchFilter,
}

/// All conditions of a search; together they are its filter.
pub(super) struct Narrowing {
    bases: Vec<KnowledgeBaseId>,
    parts: Vec<Part>,
}

impl Narrowing {
    pub(super) fn new(
        bases: &[KnowledgeBaseId],
        filter: &SearchFilter,
        typed: &TypedQuestion,
    ) -> Self {
        let mut parts: Vec<Part> = fields(filter)
            .into_iter()
            .map(|(field, filter)| Part {
                told: Reason::ExcludedBy {
                    field,
                    written: None,
                },
                filter,
            })
            .collect();
        let mut keys: Vec<&'static str> = typed.filters.iter().map(|filter| filter.key).collect();
        keys.sort_unstable();
        keys.dedup();
        for field in keys {
            let same = |filter: &&TypedFilter| filter.key == field;
            let filters: Vec<TypedFilter> = typed.filters.iter().filter(same).cloned().collect();
            let written: Vec<&str> = filters.iter().map(|one| one.written.as_str()).collect();
            let written = Some(written.join(" "));
            parts.push(Part {
                told: Reason::ExcludedBy { field, written },
                filter: TypedQuestion {
                    filters,
                    ..TypedQuestion::default()
                }
                .filter(),
            });
        }
        Self {
            bases: bases.to_vec(),
            parts,
        }
    }

    /// What the index is told; `None` if nothing can pass.
    pub(super) async fn scope(
        &self,
        retriever: &Retriever,
        open: &Prepared,
    ) -> Result<Option<Filter>, RetrieveError> {
        let all: Vec<SearchFilter> = self.parts.iter().map(|part| part.filter.clone()).collect();
        self.scope_of(retriever, open, &all).await
    }

    /// The conditions that leave all of these passages out, and what the others leave.
    pub(super) async fn excluding(
        &self,
        retriever: &Retriever,
        open: &Prepared,
        targets: &[Passage],
    ) -> Result<(Vec<Reason>, Option<Filter>), RetrieveError> {
        let (mut excluding, mut rest) = (Vec::new(), Vec::new());
        for part in &self.parts {
            let one = std::slice::from_ref(&part.filter);
            let passing = match self.scope_of(retriever, open, one).await? {
                Some(scope) => passes(retriever, &scope, targets).await?,
                None => false,
            };
            if passing {
                rest.push(part.filter.clone());
            } else {
                excluding.push(part.told.clone());
            }
        }
        if excluding.is_empty() {
            excluding.push(Reason::ExcludedTogether);
            rest.clear();
        }
        let rest = self.scope_of(retriever, open, &rest).await?;
        Ok((excluding, rest))
    }

    async fn scope_of(
        &self,
        retriever: &Retriever,
        open: &Prepared,
        filters: &[SearchFilter],
    ) -> Result<Option<Filter>, RetrieveError> {
        let scope = scope(&*retriever.passages, &self.bases, filters).await?;
        Ok(scope.map(|scope| Filter {
            must_not: [scope.must_not, open.filter.must_not.clone()].concat(),
            must: scope.must,
        }))
    }
}

/// Whether a filter lets any of these passages through.
pub(super) async fn passes(
    retriever: &Retriever,
    filter: &Filter,
    targets: &[Passage],
) -> Result<bool, RetrieveError> {
    let ids = targets.iter().map(|target| target.chunk).collect();
    Ok(retriever.store.count(&filter.clone().among(ids)).await? > 0)
}

/// A filter taken apart, by the names of its fields; fields that do not narrow are left out.
fn fields(filter: &SearchFilter) -> Vec<(&'static str, SearchFilter)> {
    macro_rules! apart {
        ($($field:ident),+) => {
            vec![$((
                stringify!($field),
                SearchFilter { $field: Clone::clone(&filter.$field), ..SearchFilter::default() },
            )),+]
        };
    }
    let mut parts = apart!(
        documents,
        kinds,
        languages,
        tags,
        names,
        authors,
        titles,
        headings,
        created_after,
        created_before,
        page_count,
        added_after,
        added_before,
        pages
    );
    parts.retain(|(_, part)| *part != SearchFilter::default());
    parts
}
