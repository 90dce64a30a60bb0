//! Asks the index: first each leg by itself, then whatever a leg has not said about what another one found.

use std::collections::HashMap;

use wenyuan_ingest::SparseVector;

use super::fuse::Legs;
use super::question::{Analysis, Writing};
use super::words::query_vector;
use super::{RetrieveError, SearchMode};
use crate::model::ChunkId;
use crate::store::{Condition, Field, Filter, QueryVector, ScoredChunk, StoreQuery, VectorStore};

/// Hits that each leg brings: enough that the right passage was among them in one of the legs for every question
/// measured.
pub(crate) const LEG_LIMIT: usize = 64;

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
            let shares = self.analysis.shares_words(writing);
            note(&mut candidates, &mut lists, leg, shares, found);
        }
        self.add_phrases(&mut candidates).await?;
        self.complete(&mut candidates, &mut lists).await?;
        Ok((candidates, lists))
    }

    /// Adds the passages that have most of the words of a required phrase, since the legs may not have brought those
    /// that hold it. They get their scores from [`complete`](Self::complete).
    async fn add_phrases(
        &self,
        candidates: &mut HashMap<ChunkId, Legs>,
    ) -> Result<(), RetrieveError> {
        let (mut same, mut queries) = (Vec::new(), Vec::new());
        for phrase in self.analysis.phrases.iter().filter(|one| one.required) {
            let terms = query_vector(&phrase.text);
            if terms.indices.is_empty() {
                continue;
            }
            for writing in [self.analysis.writing, self.analysis.writing.other()] {
                let names = Condition::Any(Field::Language, writing.language_names());
                let mut filter = self.filter.clone();
                filter.must.push(names);
                same.push(self.analysis.shares_words(writing));
                queries.push(StoreQuery {
                    vector: QueryVector::Lexical(terms.clone()),
                    filter,
                    limit: LEG_LIMIT,
                });
            }
        }
        for (same_writing, found) in same.into_iter().zip(self.store.query_batch(queries).await?) {
            for one in found {
                candidates.entry(one.id).or_insert(Legs {
                    same_writing,
                    ..Legs::default()
                });
            }
        }
        Ok(())
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

    /// Every leg's score for one passage, be it among those that a leg found or not.
    pub(crate) async fn scores(
        &self,
        id: ChunkId,
        writing: Writing,
    ) -> Result<Legs, RetrieveError> {
        let legs = Legs {
            same_writing: self.analysis.shares_words(writing),
            ..Legs::default()
        };
        let mut alone = HashMap::from([(id, legs)]);
        self.complete(&mut alone, &mut LegLists::default()).await?;
        Ok(alone.get(&id).copied().unwrap_or(legs))
    }

    /// The rank of a passage in one leg among those in its writing, from 1, if it is among the first `depth`.
    pub(crate) async fn rank(
        &self,
        leg: Leg,
        (id, writing): (ChunkId, Writing),
        depth: usize,
    ) -> Result<Option<usize>, RetrieveError> {
        let names = Condition::Any(Field::Language, writing.language_names());
        let mut filter = self.filter.clone();
        filter.must.push(names);
        let Some(query) = self.query(leg, writing, filter) else {
            return Ok(None);
        };
        let query = StoreQuery {
            limit: depth,
            ..query
        };
        let found = self.store.query_batch(vec![query]).await?.concat();
        Ok(found.iter().position(|one| one.id == id).map(|at| at + 1))
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
                if self.analysis.shares_words(writing) =>
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
pub(crate) enum Leg {
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
