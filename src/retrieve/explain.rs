//! How each hit came to its place: rank and score at every stage, and the words of the question that it holds.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use wenyuan_ingest::{Span, SparseVector};

use super::cross::Places;
use super::fuse::Fused;
use super::matched::{ranges, words};
use super::plan::LegLists;
use super::question::Analysis;
use super::{Passage, RetrieveError, Retriever};
use crate::model::ChunkId;
use crate::store::{Filter, QueryVector, ScoredChunk, StoreQuery};

/// Terms whose shares are asked of the index; each is a query.
const MOST_TERMS: usize = 64;

/// One stage's word on a passage.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StageRank {
    /// `dense`, `lexical`, `sentences`, `fused`, `reranked` (by the light reranker and phrases) or `final`; before the last,
    /// where a cross-encoder ran, `cross_encoder`.
    pub stage: &'static str,
    /// From 1; for the first three among passages in the same writing. `None` where the stage did not list it.
    pub rank: Option<usize>,
    /// Cosine, BM25, the fused score or the cross-encoder's; `None` where the stage did not run for it.
    pub score: Option<f32>,
}

/// A word of the question that a passage, its title or its headings hold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MatchedTerm {
    /// As it stands in the question.
    pub text: String,
    /// What it adds to the BM25 score.
    pub score: f32,
    /// That as a share of the whole, in [0, 1].
    pub share: f32,
}

/// How a hit came to its place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explained {
    /// The stages in order.
    pub stages: Vec<StageRank>,
    /// Those that count most first; function words are left out.
    pub matched_terms: Vec<MatchedTerm>,
    /// Where they stand, in characters of the cleaned text.
    pub matched_ranges: Vec<Span>,
    /// Hits that stand directly before or after it in its document: a model reads them in one piece.
    pub joined_with: Vec<ChunkId>,
}

/// Explains hits, in their order.
pub(super) async fn explain(
    retriever: &Retriever,
    analysis: &Analysis,
    ranks: &Ranks,
    shown: &[(Fused, Passage)],
) -> Result<Vec<Explained>, RetrieveError> {
    let held: Vec<HashSet<u32>> = shown
        .iter()
        .map(|(fused, passage)| held(analysis, fused.legs.same_writing, passage))
        .collect();
    let scores = term_scores(retriever, analysis, shown, &held).await?;
    let none = HashMap::new();
    let explained = shown.iter().zip(&held).enumerate();
    Ok(explained
        .map(|(at, ((fused, passage), held))| {
            let scores = scores.get(&fused.id).unwrap_or(&none);
            let words = words(analysis, held, scores);
            // In an order of their own, or the last digit of a sum would change from search to search.
            let mut parts: Vec<f32> = scores.values().copied().collect();
            parts.sort_by(f32::total_cmp);
            let total: f32 = parts.iter().sum();
            Explained {
                stages: ranks.stages(fused, at + 1),
                joined_with: beside(passage, shown),
                matched_ranges: ranges(&passage.text, &words)
                    .into_iter()
                    .map(|span| super::rank::in_characters(passage, span))
                    .collect(),
                matched_terms: words
                    .into_iter()
                    .map(|word| MatchedTerm {
                        text: word.text,
                        score: word.score,
                        share: if total > 0.0 { word.score / total } else { 0.0 },
                    })
                    .collect(),
            }
        })
        .collect())
}

/// Those of the passages shown that stand directly before or after one.
fn beside(passage: &Passage, shown: &[(Fused, Passage)]) -> Vec<ChunkId> {
    let others = shown.iter().map(|(_, other)| other);
    let beside = others.filter(|other| {
        other.version == passage.version && other.ordinal.abs_diff(passage.ordinal) == 1
    });
    beside.map(|other| other.chunk).collect()
}

/// The question's terms that a passage has where the index looks for them; across writings, names and numbers only.
pub(super) fn held(analysis: &Analysis, same_writing: bool, passage: &Passage) -> HashSet<u32> {
    let asked = if same_writing {
        &analysis.terms.indices
    } else {
        &analysis.names.indices
    };
    let mut found = HashSet::new();
    let title = passage.title.as_deref().unwrap_or_default();
    let headings = passage.heading.iter().map(String::as_str);
    for text in [title, &passage.text].into_iter().chain(headings) {
        analysis.words.visit_terms(text, |_kind, term| {
            if asked.binary_search(&term).is_ok() {
                found.insert(term);
            }
        });
    }
    found
}

/// What each term adds to the BM25 score of each hit.
async fn term_scores(
    retriever: &Retriever,
    analysis: &Analysis,
    shown: &[(Fused, Passage)],
    held: &[HashSet<u32>],
) -> Result<HashMap<ChunkId, HashMap<u32, f32>>, RetrieveError> {
    let mut terms: Vec<u32> = held.iter().flatten().copied().collect();
    terms.sort_unstable();
    terms.dedup();
    let worth = |term: &u32| analysis.worth.get(term).copied().unwrap_or(0.0);
    terms.sort_by(|left, right| worth(right).total_cmp(&worth(left)));
    terms.truncate(MOST_TERMS);
    let ids: Vec<ChunkId> = shown.iter().map(|(fused, _)| fused.id).collect();
    let query = |term: &u32| StoreQuery {
        vector: QueryVector::Lexical(SparseVector {
            indices: vec![*term],
            values: vec![analysis.weight(*term)],
        }),
        filter: Filter::default().among(ids.clone()),
        limit: ids.len(),
    };
    let found = retriever
        .store
        .query_batch(terms.iter().map(query).collect())
        .await?;
    let mut scores: HashMap<ChunkId, HashMap<u32, f32>> = HashMap::new();
    for (term, found) in terms.into_iter().zip(found) {
        for one in found {
            scores.entry(one.id).or_default().insert(term, one.score);
        }
    }
    for ((fused, _), held) in shown.iter().zip(held) {
        if let Some(scores) = scores.get_mut(&fused.id) {
            scores.retain(|term, _| held.contains(term));
        }
    }
    Ok(scores)
}

/// Ranks at the stages before the last.
pub(super) struct Ranks {
    dense: HashMap<ChunkId, usize>,
    lexical: HashMap<ChunkId, usize>,
    sentences: HashMap<ChunkId, usize>,
    fused: Places,
    reranked: Places,
    /// After the cross-encoder, where one ran.
    crossed: Option<Places>,
}

impl Ranks {
    pub(super) fn of(
        lists: &LegLists,
        fused: &[Fused],
        (reranked, crossed): (&Places, Option<&Places>),
    ) -> Self {
        let same: HashMap<ChunkId, bool> = fused
            .iter()
            .map(|one| (one.id, one.legs.same_writing))
            .collect();
        Self {
            dense: leg(&lists.dense, &same),
            lexical: leg(&lists.lexical, &same),
            sentences: leg(&lists.sentences, &same),
            fused: fused
                .iter()
                .enumerate()
                .map(|(at, one)| (one.id, (at + 1, one.score)))
                .collect(),
            reranked: reranked.clone(),
            crossed: crossed.cloned(),
        }
    }

    /// Every stage of a passage that came `rank`-th in the end.
    fn stages(&self, one: &Fused, rank: usize) -> Vec<StageRank> {
        let mut stages = self.before(one);
        stages.push(StageRank {
            stage: "final",
            rank: Some(rank),
            score: Some(one.score),
        });
        stages
    }

    /// Every stage before the last.
    pub(super) fn before(&self, one: &Fused) -> Vec<StageRank> {
        let rank = |stage, ranks: &HashMap<ChunkId, usize>, score| StageRank {
            stage,
            rank: ranks.get(&one.id).copied(),
            score,
        };
        let of = |stage, ranks: &Places| {
            let (rank, score) = ranks.get(&one.id).copied().unzip();
            StageRank { stage, rank, score }
        };
        let mut stages = vec![
            rank("dense", &self.dense, one.legs.passage),
            rank("lexical", &self.lexical, one.legs.lexical),
            rank("sentences", &self.sentences, one.legs.sentence),
            of("fused", &self.fused),
            of("reranked", &self.reranked),
        ];
        stages.extend(
            self.crossed
                .as_ref()
                .map(|crossed| of("cross_encoder", crossed)),
        );
        stages
    }
}

/// Ranks in a leg, which lists the two writings apart.
fn leg(list: &[ScoredChunk], same: &HashMap<ChunkId, bool>) -> HashMap<ChunkId, usize> {
    let mut ranks = HashMap::with_capacity(list.len());
    for writing in [true, false] {
        let mut apart: Vec<&ScoredChunk> = list
            .iter()
            .filter(|one| same.get(&one.id) == Some(&writing))
            .collect();
        apart.sort_by(|left, right| {
            right
                .score
                .total_cmp(&left.score)
                .then_with(|| left.id.cmp(&right.id))
        });
        ranks.extend(apart.iter().enumerate().map(|(at, one)| (one.id, at + 1)));
    }
    ranks
}
