//! Asks the index: first each leg by itself, then whatever a leg has not said about what another one found.

use std::collections::HashMap;

use wenyuan_ingest::SparseVector;

use super::fuse::Legs;
use super::question::{Analysis, Writing};
use super::{RetrieveError, SearchFilter, SearchMode};
use crate::model::{ChunkId, KnowledgeBaseId, VersionId};
use crate::store::{Condition, Field, Filter, QueryVector, ScoredChunk, StoreQuery, VectorStore};

/// Hits that each leg brings: enough that the right passage was among them in one of the legs for every question
/// measured.
const LEG_LIMIT: usize = 64;

/// The filter that every query shares.
pub(crate) fn base_filter(
    bases: &[KnowledgeBaseId],
    narrowed: &SearchFilter,
    hidden: &[VersionId],
) -> Filter {
    let mut filter = Filter::in_knowledge_bases(bases).without_versions(hidden);
    if !narrowed.documents.is_empty() {
        filter = filter.in_documents(&narrowed.documents);
    }
    let mut any = |field, values: Vec<String>| {
        if !values.is_empty() {
            filter.must.push(Condition::Any(field, values));
        }
    };
    any(
        Field::Kind,
        narrowed
            .kinds
            .iter()
            .map(|kind| kind.as_str().to_owned())
            .collect(),
    );
    any(
        Field::Language,
        narrowed
            .languages
            .iter()
            .map(|language| language.as_str().to_owned())
            .collect(),
    );
    any(Field::Tag, narrowed.tags.clone());
    if narrowed.added_after.is_some() || narrowed.added_before.is_some() {
        filter.must.push(Condition::Range(
            Field::AddedAt,
            narrowed.added_after,
            narrowed.added_before,
        ));
    }
    if let Some((first, last)) = narrowed.pages {
        filter.must.push(Condition::Range(
            Field::Page,
            Some(i64::from(first)),
            Some(i64::from(last)),
        ));
    }
    filter
}

/// One question against the index.
pub(crate) struct Legwork<'a> {
    pub(crate) store: &'a dyn VectorStore,
    pub(crate) analysis: &'a Analysis,
    /// The question's vector; `None` when only words count.
    pub(crate) vector: Option<Vec<f32>>,
    pub(crate) filter: Filter,
    pub(crate) mode: SearchMode,
}

/// Each leg's own list, for the trace.
#[derive(Debug, Default)]
pub(crate) struct LegLists {
    pub(crate) dense: Vec<ScoredChunk>,
    pub(crate) lexical: Vec<ScoredChunk>,
    pub(crate) sentences: Vec<ScoredChunk>,
}

impl Legwork<'_> {
    /// Collects every leg's score for every passage that any leg found.
    pub(crate) async fn collect(
        &self,
    ) -> Result<(HashMap<ChunkId, Legs>, LegLists), RetrieveError> {
        let mut candidates = HashMap::new();
        let mut lists = LegLists::default();
        let same = self.analysis.writing;
        let legs: Vec<(Leg, Writing)> = [Leg::Passage, Leg::Lexical]
            .into_iter()
            .flat_map(|leg| [(leg, same), (leg, same.other())])
            .filter(|(leg, writing)| self.query(*leg, *writing, Filter::default()).is_some())
            .collect();
        let queries = legs
            .iter()
            .filter_map(|(leg, writing)| {
                let names = Condition::Any(Field::Language, writing.language_names());
                let mut filter = self.filter.clone();
                filter.must.push(names);
                self.query(*leg, *writing, filter)
            })
            .collect();
        for ((leg, writing), found) in legs.into_iter().zip(self.store.query_batch(queries).await?)
        {
            note(&mut candidates, &mut lists, leg, writing == same, found);
        }
        self.complete(&mut candidates, &mut lists).await?;
        Ok((candidates, lists))
    }

    async fn complete(
        &self,
        candidates: &mut HashMap<ChunkId, Legs>,
        lists: &mut LegLists,
    ) -> Result<(), RetrieveError> {
        let (mut asked, mut queries) = (Vec::new(), Vec::new());
        for leg in [Leg::Sentence, Leg::Passage, Leg::Lexical] {
            for same in [true, false] {
                let mut ids: Vec<ChunkId> = candidates
                    .iter()
                    .filter(|(_, legs)| legs.same_writing == same && leg.score(legs).is_none())
                    .map(|(id, _)| *id)
                    .collect();
                ids.sort_unstable();
                let writing = if same {
                    self.analysis.writing
                } else {
                    self.analysis.writing.other()
                };
                let limit = ids.len();
                let query = self
                    .query(leg, writing, Filter::default().among(ids))
                    .filter(|_| limit > 0);
                if let Some(query) = query {
                    asked.push((leg, same));
                    queries.push(StoreQuery { limit, ..query });
                }
            }
        }
        for ((leg, same), found) in asked
            .into_iter()
            .zip(self.store.query_batch(queries).await?)
        {
            if leg == Leg::Sentence {
                lists.sentences.extend(&found);
            }
            for one in found {
                candidates.entry(one.id).and_modify(|legs| {
                    debug_assert_eq!(legs.same_writing, same);
                    leg.set(legs, one.score);
                });
            }
        }
        Ok(())
    }

    /// The query of a leg, if this search has that leg for passages in that writing.
    fn query(&self, leg: Leg, writing: Writing, filter: Filter) -> Option<StoreQuery> {
        let words = |terms: &SparseVector| {
            (!terms.indices.is_empty()).then(|| QueryVector::Lexical(terms.clone()))
        };
        let vector = match (leg, self.mode) {
            (Leg::Lexical, SearchMode::Dense)
            | (Leg::Passage | Leg::Sentence, SearchMode::Lexical) => None,
            (Leg::Lexical, SearchMode::Hybrid | SearchMode::Lexical)
                if writing == self.analysis.writing =>
            {
                words(&self.analysis.terms)
            }
            (Leg::Lexical, SearchMode::Hybrid | SearchMode::Lexical) => words(&self.analysis.names),
            (Leg::Passage, SearchMode::Hybrid | SearchMode::Dense) => {
                self.vector.clone().map(QueryVector::Passage)
            }
            (Leg::Sentence, SearchMode::Hybrid | SearchMode::Dense) => {
                self.vector.clone().map(QueryVector::BestSentence)
            }
        }?;
        Some(StoreQuery {
            vector,
            filter,
            limit: LEG_LIMIT,
        })
    }
}

fn note(
    candidates: &mut HashMap<ChunkId, Legs>,
    lists: &mut LegLists,
    leg: Leg,
    same_writing: bool,
    found: Vec<ScoredChunk>,
) {
    for one in &found {
        let legs = candidates.entry(one.id).or_insert(Legs {
            same_writing,
            ..Legs::default()
        });
        leg.set(legs, one.score);
    }
    match leg {
        Leg::Passage => lists.dense.extend(found),
        Leg::Lexical => lists.lexical.extend(found),
        Leg::Sentence => lists.sentences.extend(found),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leg {
    Passage,
    Lexical,
    Sentence,
}

impl Leg {
    const fn score(self, legs: &Legs) -> Option<f32> {
        match self {
            Self::Passage => legs.passage,
            Self::Lexical => legs.lexical,
            Self::Sentence => legs.sentence,
        }
    }

    const fn set(self, legs: &mut Legs, score: f32) {
        match self {
            Self::Passage => legs.passage = Some(score),
            Self::Lexical => legs.lexical = Some(score),
            Self::Sentence => legs.sentence = Some(score),
        }
    }
}
