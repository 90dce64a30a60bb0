//! Why a passage that was expected does not come: at which stage a search loses it, and what would have brought it.
//!
//! The search is run as it would be, and every remedy is a search as well: what is told helps, with the rank it gives.

mod conditions;
mod remedies;
mod report;
mod round;
mod seek;
mod stages;

pub use report::{
    Expected, Finding, Reason, Remedy, RemedyKind, StageStanding, WhyNot, WhyNotRequest,
};

use self::conditions::Narrowing;
use self::remedies::Case;
use self::round::{Place, Round};
use self::seek::{Sought, seek};
use super::plan::{LEG_LIMIT, LegLists};
use super::prepare::{Prepared, embed};
use super::question::Writing;
use super::search::understood;
use super::{
    Passage, RetrieveError, Retriever, SearchFilter, SearchMode, TypedQuestion, Verdict, Withheld,
};
use crate::model::{ChunkId, Question};

pub(super) async fn run(
    retriever: &Retriever,
    mut request: WhyNotRequest,
) -> Result<WhyNot, RetrieveError> {
    let typed = TypedQuestion::of(request.search.question.as_str());
    let question = typed.question()?;
    let filter = std::mem::take(&mut request.search.filter);
    let Some(open) = everywhere(retriever, &request, &question).await? else {
        return Ok(WhyNot::default());
    };
    let mut report = WhyNot {
        query: understood(&typed, &open.analysis, &[]),
        settings: open.tuning,
        ..WhyNot::default()
    };
    let targets = match seek(retriever, &open, &request).await? {
        Sought::Here(targets) => targets,
        Sought::Lost(finding, reason, standing) => {
            report.standing = standing.map(|standing| *standing);
            return Ok(report.lost(finding, vec![reason]));
        }
    };
    let narrowing = Narrowing::new(&request.search.knowledge_bases, &filter, &typed);
    let prepared = Prepared {
        filter: match narrowing.scope(retriever, &open).await? {
            Some(scope) if conditions::passes(retriever, &scope, &targets).await? => scope,
            _ => {
                report.expected = targets.first().cloned();
                return filtered(retriever, &open, &narrowing, &targets, report).await;
            }
        },
        ..open
    };
    searched(retriever, prepared, &typed, targets, report).await
}

/// The question over all of the knowledge bases, whatever narrows it, and with its vector, whatever its mode.
async fn everywhere(
    retriever: &Retriever,
    request: &WhyNotRequest,
    question: &Question,
) -> Result<Option<Prepared>, RetrieveError> {
    if request.search.knowledge_bases.is_empty() {
        return Ok(None);
    }
    let nothing: &[SearchFilter] = &[];
    let Some(mut open) = Prepared::new(
        retriever,
        &request.search,
        question,
        nothing,
        &Withheld::default(),
    )
    .await?
    else {
        return Ok(None);
    };
    if open.vector.is_none() {
        open.vector = embed(retriever, question, SearchMode::Dense).await?;
    }
    Ok(Some(open))
}

/// Which conditions keep the passage out, and whether it comes without them.
async fn filtered(
    retriever: &Retriever,
    open: &Prepared,
    narrowing: &Narrowing,
    targets: &[Passage],
    report: WhyNot,
) -> Result<WhyNot, RetrieveError> {
    let (excluding, rest) = narrowing.excluding(retriever, open, targets).await?;
    let remedy = match rest {
        Some(filter) => {
            let prepared = Prepared {
                filter,
                ..open.clone()
            };
            remedies::without_filter(retriever, prepared, targets, excluding.clone()).await?
        }
        None => None,
    };
    let mut report = report.lost(Finding::Filtered, excluding);
    report.remedies = remedy.into_iter().collect();
    Ok(report)
}

/// What the search makes of passages that it may find.
async fn searched(
    retriever: &Retriever,
    prepared: Prepared,
    typed: &TypedQuestion,
    targets: Vec<Passage>,
    mut report: WhyNot,
) -> Result<WhyNot, RetrieveError> {
    let legs = prepared.collect(retriever).await?;
    let round = Round::new(retriever, &prepared, &legs.0).await?;
    let (target, place) = round.best(&targets);
    let stages = stages::stages(retriever, &prepared, &legs, &round, target).await?;
    let alone = best_alone(&legs.1, target.chunk);
    let (finding, reasons) = judged(&prepared, &round, (target, &place), (&stages, alone));
    report.query = understood(typed, &prepared.analysis, &round.settled.found);
    report.expected = Some(target.clone());
    report.evidence = Some(round.evidence);
    report.stages = stages;
    let mut report = report.lost(finding, reasons);
    let target = target.clone();
    let case = Case {
        retriever,
        candidates: &legs.0,
        refused: finding == Finding::Refused,
        targets: &targets,
        target: &target,
        prepared,
    };
    report.remedies = case.remedies(finding, &place).await?;
    Ok(report)
}

fn judged(
    prepared: &Prepared,
    round: &Round,
    (target, place): (&Passage, &Place),
    (stages, alone): (&[StageStanding], Option<(&'static str, usize)>),
) -> (Finding, Vec<Reason>) {
    let top_k = prepared.tuning.top_k;
    match place {
        Place::Hit(rank) if round.evidence.verdict == Verdict::Insufficient => {
            let reasons = vec![
                Reason::Found { rank: *rank },
                Reason::Refused {
                    answerability: round.evidence.answerability,
                    threshold: round.evidence.threshold,
                },
            ];
            (Finding::Refused, reasons)
        }
        Place::Hit(rank) => (Finding::Found, vec![Reason::Found { rank: *rank }]),
        Place::Duplicate { of, rank } => {
            let twin = round.kept(*of);
            let reason = Reason::Twin {
                rank: *rank,
                name: twin
                    .map(|twin| twin.document_name.clone())
                    .unwrap_or_default(),
                shown: *rank <= top_k,
            };
            (Finding::Duplicate, vec![reason])
        }
        Place::OverCap => {
            let reason = Reason::DocumentFull {
                name: target.document_name.clone(),
                most: prepared.tuning.per_document.unwrap_or_default(),
            };
            (Finding::OverDocumentCap, vec![reason])
        }
        Place::Lacking => {
            let required = prepared
                .analysis
                .phrases
                .iter()
                .filter(|phrase| phrase.required);
            let lacked = required.filter(|phrase| !round::holds(target, phrase));
            let reasons = lacked.map(|phrase| Reason::LacksPhrase {
                text: phrase.text.clone(),
            });
            (Finding::PhraseMissing, reasons.collect())
        }
        Place::Beyond(rank) => {
            let together = Reason::Below { rank: *rank, top_k };
            if let Some((before, after)) = round.demoted(target.chunk) {
                let reasons = vec![Reason::Reranked { before, after }, together];
                return (Finding::LostInReranking, reasons);
            }
            match alone.filter(|(_, rank)| *rank <= top_k) {
                Some((stage, rank)) => {
                    let reasons = vec![Reason::LegHadIt { stage, rank }, together];
                    (Finding::LostInFusion, reasons)
                }
                None => (Finding::OutsideTopK, vec![together]),
            }
        }
        Place::Absent => {
            let writing = Writing::of(target.language);
            let foreign = !prepared.analysis.shares_words(writing);
            (Finding::LostBeforeFusion, too_deep(stages, foreign))
        }
    }
}

/// The leg that ranks a passage highest, and at what rank among passages of all writings.
fn best_alone(lists: &LegLists, id: ChunkId) -> Option<(&'static str, usize)> {
    let legs = [("dense", &lists.dense), ("lexical", &lists.lexical)];
    let ranks = legs.into_iter().filter_map(|(stage, list)| {
        let own = list.iter().find(|one| one.id == id)?;
        let better = list.iter().filter(|one| one.score > own.score);
        Some((stage, better.count() + 1))
    });
    ranks.min_by_key(|(_, rank)| *rank)
}

/// No leg listed it: how far down it is in each, or why a leg cannot see it.
fn too_deep(stages: &[StageStanding], foreign: bool) -> Vec<Reason> {
    let legs = stages
        .iter()
        .filter(|stage| matches!(stage.stage, "dense" | "lexical"));
    legs.map(|stage| match (stage.score, stage.stage) {
        (None, "lexical") if foreign => Reason::OtherWriting,
        (None, "lexical") => Reason::NoWords,
        _ => Reason::TooDeep {
            stage: stage.stage,
            rank: stage.rank,
            limit: LEG_LIMIT,
        },
    })
    .collect()
}
