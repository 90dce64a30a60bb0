//! What would bring the passage: every change is a search that was made, and only those that bring it are told.

use std::collections::HashMap;

use super::super::fuse::Legs;
use super::super::prepare::Prepared;
use super::super::{Passage, RetrieveError, Retriever, SearchMode, Tuning};
use super::report::{Finding, Reason, Remedy, RemedyKind};
use super::round::{Place, Round};
use crate::model::ChunkId;

/// Weights of meaning against words that are tried.
const WEIGHTS: [f32; 9] = [0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0];

/// Passages of one document that are tried.
const CAPS: [usize; 8] = [2, 3, 4, 5, 8, 12, 20, 50];

/// Most hits that a search may ask for.
const MOST_HITS: usize = 100;

/// A search that lost the passage.
pub(super) struct Case<'a> {
    pub(super) retriever: &'a Retriever,
    pub(super) prepared: Prepared,
    pub(super) candidates: &'a HashMap<ChunkId, Legs>,
    /// Whether the passage came and the question was refused all the same.
    pub(super) refused: bool,
    /// What would do.
    pub(super) targets: &'a [Passage],
    /// The one that came furthest.
    pub(super) target: &'a Passage,
}

impl Case<'_> {
    /// What brings it, the gentlest first.
    pub(super) async fn remedies(
        &self,
        finding: Finding,
        place: &Place,
    ) -> Result<Vec<Remedy>, RetrieveError> {
        let mut found = Vec::new();
        match finding {
            Finding::Found
            | Finding::NotReady
            | Finding::Unknown
            | Finding::Filtered
            | Finding::NotSplitThere
            | Finding::Duplicate => {}
            Finding::PhraseMissing => found.extend(self.without_phrase().await?),
            Finding::OverDocumentCap => found.extend(self.larger_cap().await?),
            Finding::Refused
            | Finding::LostBeforeFusion
            | Finding::LostInFusion
            | Finding::LostInReranking
            | Finding::OutsideTopK => {
                if let Place::Beyond(rank) = place {
                    found.extend(self.larger_top_k(*rank).await?);
                }
                found.extend(self.other_weight().await?);
                found.extend(self.other_modes().await?);
                found.extend(self.only_this_document().await?);
            }
        }
        Ok(found)
    }

    /// The rank under other settings, with the candidates as they are.
    async fn tried(&self, tuning: Tuning) -> Result<Option<usize>, RetrieveError> {
        let prepared = Prepared {
            tuning,
            ..self.prepared.clone()
        };
        let round = Round::new(self.retriever, &prepared, self.candidates).await?;
        Ok(round.comes(self.targets, self.refused))
    }

    /// The rank of a search that needs other candidates.
    async fn searched(&self, prepared: Prepared) -> Result<Option<usize>, RetrieveError> {
        searched(self.retriever, &prepared, self.targets, self.refused).await
    }

    async fn larger_top_k(&self, rank: usize) -> Result<Option<Remedy>, RetrieveError> {
        // What is read further down may hold phrases or duplicates, so the rank is not certain before it is tried.
        for top_k in [rank, rank + 10, MOST_HITS] {
            let top_k = top_k.min(MOST_HITS);
            let tuning = Tuning {
                top_k,
                ..self.prepared.tuning
            };
            if let Some(rank) = self.tried(tuning).await? {
                let kind = RemedyKind::LargerTopK(top_k);
                return Ok(Some(Remedy { kind, rank }));
            }
        }
        Ok(None)
    }

    /// The weight nearest to the present one that helps.
    async fn other_weight(&self) -> Result<Option<Remedy>, RetrieveError> {
        let tuning = self.prepared.tuning;
        if tuning.mode != SearchMode::Hybrid {
            return Ok(None);
        }
        let away = |weight: &f32| (weight - tuning.meaning_weight).abs();
        let mut weights = WEIGHTS;
        weights.sort_by(|left, right| away(left).total_cmp(&away(right)));
        for weight in weights {
            let tuning = Tuning {
                meaning_weight: weight,
                ..tuning
            };
            if let Some(rank) = self.tried(tuning).await? {
                let kind = RemedyKind::MeaningWeight(weight);
                return Ok(Some(Remedy { kind, rank }));
            }
        }
        Ok(None)
    }

    async fn other_modes(&self) -> Result<Vec<Remedy>, RetrieveError> {
        let mut found = Vec::new();
        for mode in [SearchMode::Hybrid, SearchMode::Dense, SearchMode::Lexical] {
            let mut prepared = self.prepared.clone();
            if mode == std::mem::replace(&mut prepared.tuning.mode, mode) {
                continue;
            }
            if let Some(rank) = self.searched(prepared).await? {
                let kind = RemedyKind::Mode(mode);
                found.push(Remedy { kind, rank });
            }
        }
        Ok(found)
    }

    async fn only_this_document(&self) -> Result<Option<Remedy>, RetrieveError> {
        let document = self.target.document;
        let mut prepared = self.prepared.clone();
        prepared.filter = prepared.filter.in_documents(&[document]);
        let rank = self.searched(prepared).await?;
        let kind = RemedyKind::OnlyThisDocument(document);
        Ok(rank.map(|rank| Remedy { kind, rank }))
    }

    async fn without_phrase(&self) -> Result<Option<Remedy>, RetrieveError> {
        let mut prepared = self.prepared.clone();
        prepared.analysis.phrases.clear();
        let rank = self.searched(prepared).await?;
        let kind = RemedyKind::WithoutPhrase;
        Ok(rank.map(|rank| Remedy { kind, rank }))
    }

    /// The smallest number of passages of one document that helps, else none at all.
    async fn larger_cap(&self) -> Result<Option<Remedy>, RetrieveError> {
        let now = self.prepared.tuning.per_document.unwrap_or_default();
        let larger = CAPS.into_iter().filter(|cap| *cap > now).map(Some);
        for per_document in larger.chain([None]) {
            let tuning = Tuning {
                per_document,
                ..self.prepared.tuning
            };
            if let Some(rank) = self.tried(tuning).await? {
                let kind = RemedyKind::PerDocument(per_document);
                return Ok(Some(Remedy { kind, rank }));
            }
        }
        Ok(None)
    }
}

/// Whether it comes where nothing but these conditions is left away.
pub(super) async fn without_filter(
    retriever: &Retriever,
    prepared: Prepared,
    targets: &[Passage],
    conditions: Vec<Reason>,
) -> Result<Option<Remedy>, RetrieveError> {
    let rank = searched(retriever, &prepared, targets, false).await?;
    let kind = RemedyKind::WithoutFilter(conditions);
    Ok(rank.map(|rank| Remedy { kind, rank }))
}

async fn searched(
    retriever: &Retriever,
    prepared: &Prepared,
    targets: &[Passage],
    answerable: bool,
) -> Result<Option<usize>, RetrieveError> {
    let (candidates, _) = prepared.collect(retriever).await?;
    let round = Round::new(retriever, prepared, &candidates).await?;
    Ok(round.comes(targets, answerable))
}
