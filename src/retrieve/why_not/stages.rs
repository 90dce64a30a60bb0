//! Where a passage stands at every stage, against the last one that the stage let through.

use std::collections::HashMap;

use super::super::cross::Places;
use super::super::explain::Ranks;
use super::super::fuse::{Fused, Legs};
use super::super::plan::{LEG_LIMIT, Leg, LegLists};
use super::super::prepare::Prepared;
use super::super::question::Writing;
use super::super::{Passage, RetrieveError, Retriever, SearchMode};
use super::report::StageStanding;
use super::round::Round;
use crate::model::ChunkId;
use crate::store::ScoredChunk;

/// How far down a leg is searched for a passage that it did not list.
const DEPTH: usize = 1_000;

/// The stages that ran.
pub(super) async fn stages(
    retriever: &Retriever,
    prepared: &Prepared,
    (candidates, lists): &(HashMap<ChunkId, Legs>, LegLists),
    round: &Round,
    target: &Passage,
) -> Result<Vec<StageStanding>, RetrieveError> {
    let id = target.chunk;
    let writing = Writing::of(target.language);
    let legwork = prepared.legwork(retriever);
    let legs = match candidates.get(&id) {
        Some(legs) => *legs,
        None => legwork.scores(id, writing).await?,
    };
    let one = Fused {
        id,
        score: 0.0,
        sum: 0.0,
        reranked: None,
        crossed: None,
        legs,
    };
    let places = (&round.reranked, round.crossed.as_ref());
    let ranked = Ranks::of(lists, &round.fused, places).before(&one);
    let same = |found: &&ScoredChunk| {
        let known = candidates.get(&found.id);
        known.is_some_and(|other| other.same_writing == legs.same_writing)
    };
    let mut stages = Vec::new();
    for stage in ranked {
        let leg = match (stage.stage, prepared.tuning.mode) {
            ("dense" | "sentences", SearchMode::Lexical) | ("lexical", SearchMode::Dense) => {
                continue;
            }
            ("dense", _) => Some((Leg::Passage, &lists.dense)),
            ("lexical", _) => Some((Leg::Lexical, &lists.lexical)),
            _ => None,
        };
        let mut standing = StageStanding {
            stage: stage.stage,
            rank: stage.rank,
            score: stage.score,
            cutoff_rank: None,
            cutoff_score: None,
        };
        if let Some((leg, list)) = leg {
            let apart: Vec<&ScoredChunk> = list.iter().filter(same).collect();
            if apart.len() >= LEG_LIMIT {
                standing.cutoff_rank = Some(LEG_LIMIT);
                standing.cutoff_score = apart.iter().map(|one| one.score).reduce(f32::min);
            }
            if standing.rank.is_none() && standing.score.is_some() {
                standing.rank = legwork.rank(leg, (id, writing), DEPTH).await?;
            }
        } else if stage.stage == "fused" {
            cut(&mut standing, prepared.tuning.top_k, round.fused.iter());
        } else if stage.stage == "reranked" {
            cut_placed(&mut standing, prepared.tuning.top_k, &round.reranked);
        }
        stages.push(standing);
    }
    stages.push(last(prepared, round, id));
    Ok(stages)
}

fn last(prepared: &Prepared, round: &Round, id: ChunkId) -> StageStanding {
    let kept = &round.settled.kept;
    let at = kept.iter().position(|(one, _)| one.id == id);
    let mut standing = StageStanding {
        stage: "final",
        rank: at.map(|at| at + 1),
        score: at.map(|at| kept[at].0.score),
        cutoff_rank: None,
        cutoff_score: None,
    };
    let kept = kept.iter().map(|(one, _)| one);
    cut(&mut standing, prepared.tuning.top_k, kept);
    standing
}

fn cut_placed(standing: &mut StageStanding, top_k: usize, places: &Places) {
    if places.len() > top_k {
        let mut places = places.values();
        let last = places.find(|(rank, _)| *rank == top_k);
        (standing.cutoff_rank, standing.cutoff_score) = last.copied().unzip();
    }
}

/// Where a list is longer than what is shown, the last one shown.
fn cut<'a>(
    standing: &mut StageStanding,
    top_k: usize,
    mut list: impl ExactSizeIterator<Item = &'a Fused>,
) {
    if list.len() > top_k {
        standing.cutoff_rank = Some(top_k);
        standing.cutoff_score = list.nth(top_k - 1).map(|one| one.score);
    }
}
