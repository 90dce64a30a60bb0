//! One search of the many that are tried, as far as it concerns what is expected.

use std::collections::HashMap;

use super::super::cross::{Places, order};
use super::super::evidence::PASSAGES_JUDGED;
use super::super::fuse::{Fused, Legs};
use super::super::phrase::{Phrase, flat};
use super::super::prepare::Prepared;
use super::super::rank::{Rules, Settled};
use super::super::search::worth_reading;
use super::super::{Evidence, Passage, RetrieveError, Retriever, Verdict};
use crate::model::ChunkId;

/// Where a passage ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Among the hits, at this rank from 1.
    Hit(usize),
    /// Below them, at this rank.
    Beyond(usize),
    /// Another one that says the same was kept, at this rank.
    Duplicate { of: ChunkId, rank: usize },
    /// Its document had enough.
    OverCap,
    /// It lacks a required phrase.
    Lacking,
    /// No leg listed it.
    Absent,
}

/// A search that was tried.
pub(super) struct Round {
    pub(super) fused: Vec<Fused>,
    pub(super) settled: Settled,
    /// Places before the cross-encoder.
    pub(super) reranked: Places,
    /// Places after it, where it ran.
    pub(super) crossed: Option<Places>,
    pub(super) evidence: Evidence,
    top_k: usize,
}

impl Round {
    /// Orders candidates as a search does.
    pub(super) async fn new(
        retriever: &Retriever,
        prepared: &Prepared,
        candidates: &HashMap<ChunkId, Legs>,
    ) -> Result<Self, RetrieveError> {
        let tuning = prepared.tuning;
        let analysis = &prepared.analysis;
        let fused = prepared.ordered(candidates);
        let ids = worth_reading(&fused, analysis, tuning);
        let passages = retriever.passages.passages(&ids).await?;
        // What a search would not look at any more is ranked as well.
        let asked = prepared.asked(retriever);
        let rules = Rules {
            wanted: ids.len(),
            ..prepared.rules(retriever, &asked)
        };
        let mut ordered = order(retriever, prepared, &fused, passages, rules).await;
        let judged = ordered.judged();
        let kept = judged.kept.iter().take(PASSAGES_JUDGED);
        let read: Vec<&Passage> = kept.map(|(_, passage)| passage).collect();
        let judged = prepared.judged(&asked, judged);
        let judgement = retriever.model.judge(&judged, &fused, &read);
        ordered.put_first(judgement.instead);
        Ok(Self {
            fused,
            settled: ordered.settled,
            reranked: ordered.reranked,
            crossed: ordered.crossed,
            evidence: judgement.evidence,
            top_k: tuning.top_k,
        })
    }

    /// Where a passage ended.
    pub(super) fn place(&self, id: ChunkId) -> Place {
        let kept = |id| self.settled.kept.iter().position(|(one, _)| one.id == id);
        if let Some(at) = kept(id) {
            return if at < self.top_k {
                Place::Hit(at + 1)
            } else {
                Place::Beyond(at + 1)
            };
        }
        let twin = self.settled.duplicates.iter().find(|(one, _)| *one == id);
        if let Some((_, of)) = twin {
            let rank = kept(*of).map_or(0, |at| at + 1);
            return Place::Duplicate { of: *of, rank };
        }
        if self.settled.over_cap.contains(&id) {
            Place::OverCap
        } else if self.settled.lacking.contains(&id) {
            Place::Lacking
        } else {
            self.fused_rank(id).map_or(Place::Absent, Place::Beyond)
        }
    }

    /// Of several passages that would do, the one that came furthest: a hit, else the best one together.
    pub(super) fn best<'a>(&self, targets: &'a [Passage]) -> (&'a Passage, Place) {
        let placed = targets
            .iter()
            .map(|target| (target, self.place(target.chunk)));
        let best = placed.min_by_key(|(target, place)| match place {
            Place::Hit(rank) => (0, *rank),
            Place::Beyond(_) | Place::Duplicate { .. } | Place::OverCap | Place::Lacking => {
                (1, self.fused_rank(target.chunk).unwrap_or(usize::MAX))
            }
            Place::Absent => (2, 0),
        });
        best.unwrap_or((&targets[0], Place::Absent))
    }

    /// The rank of the best of them, if it comes, and if the question is then thought answerable where that is asked.
    pub(super) fn comes(&self, targets: &[Passage], answerable: bool) -> Option<usize> {
        let enough = !answerable || self.evidence.verdict == Verdict::Sufficient;
        let place = self.best(targets).1;
        if let Place::Hit(rank) = place
            && enough
        {
            Some(rank)
        } else {
            None
        }
    }

    /// The ranks before and after the cross-encoder, where that alone took a passage from those shown.
    pub(super) fn demoted(&self, id: ChunkId) -> Option<(usize, usize)> {
        let crossed = self.crossed.as_ref()?;
        let (before, after) = (self.reranked.get(&id)?.0, crossed.get(&id)?.0);
        (before <= self.top_k && after > self.top_k).then_some((before, after))
    }

    /// A passage that was kept.
    pub(super) fn kept(&self, id: ChunkId) -> Option<&Passage> {
        let kept = self.settled.kept.iter();
        kept.map(|(_, passage)| passage)
            .find(|passage| passage.chunk == id)
    }

    fn fused_rank(&self, id: ChunkId) -> Option<usize> {
        self.fused
            .iter()
            .position(|one| one.id == id)
            .map(|at| at + 1)
    }
}

/// Whether a passage, or a heading above it, has a phrase.
pub(super) fn holds(passage: &Passage, phrase: &Phrase) -> bool {
    phrase.is_in(&flat(&format!(
        "{}\n{}",
        passage.heading.join("\n"),
        passage.text
    )))
}
