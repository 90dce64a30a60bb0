//! One search from end to end: analyse, embed, collect the legs, fuse, read, judge.

use std::time::{Duration, Instant};

use wenyuan_ingest::Dictionary;

use super::cross::{Ordered, Places, order};
use super::evidence::PASSAGES_JUDGED;
use super::explain::{Ranks, explain};
use super::fuse::Fused;
use super::plan::LegLists;
use super::prepare::Prepared;
use super::question::Analysis;
use super::rank::hit;
use super::response::{SearchResponse, SearchTimings, Trace, TraceEntry, TraceStage};
use super::{
    Passage, RequiredPhrase, RetrieveError, Retriever, SearchRequest, Tuning, TypedQuestion,
    UnderstoodQuery, Withheld,
};
use crate::model::ChunkId;
use crate::store::ScoredChunk;

/// Passages read from the catalog beyond those wanted, since duplicates fall away and phrases move some up.
const READ_AHEAD: usize = 20;

/// Entries that a trace keeps of each stage.
const TRACED: usize = 200;

pub(super) async fn run(
    retriever: &Retriever,
    mut request: SearchRequest,
    withheld: &Withheld,
) -> Result<SearchResponse, RetrieveError> {
    let started = Instant::now();
    let typed = TypedQuestion::of(request.question.as_str());
    let question = typed.question()?;
    let narrowed = [std::mem::take(&mut request.filter), typed.filter()];
    let prepared = if request.knowledge_bases.is_empty() {
        None
    } else {
        Prepared::new(retriever, &request, &question, &narrowed, withheld).await?
    };
    let Some(prepared) = prepared else {
        return Ok(SearchResponse {
            query: understood(&typed, &Analysis::of(&question, Dictionary::default()), &[]),
            ..SearchResponse::default()
        });
    };
    let (analysis, tuning) = (&prepared.analysis, prepared.tuning);
    let embedded = started.elapsed();
    let (candidates, lists) = prepared.collect(retriever).await?;
    let searched = started.elapsed();
    let fused = prepared.ordered(&candidates);
    let ranked = started.elapsed();
    let ids = worth_reading(&fused, analysis, tuning);
    let passages = retriever.passages.passages(&ids).await?;
    let loaded = started.elapsed();
    let asked = prepared.asked(retriever);
    let rules = prepared.rules(retriever, &asked);
    let mut ordered = order(retriever, &prepared, &fused, passages, rules).await;
    let judged = ordered.judged();
    let read = judged.kept.iter().take(PASSAGES_JUDGED);
    let read: Vec<&Passage> = read.map(|(_, passage)| passage).collect();
    let judged = prepared.judged(&asked, judged);
    let judgement = retriever.model.judge(&judged, &fused, &read);
    ordered.put_first(judgement.instead);
    let kept = &ordered.settled.kept;
    let mut hits: Vec<_> = kept
        .iter()
        .take(tuning.top_k)
        .map(|(fused, passage)| hit(fused, passage))
        .collect();
    let mut trace = None;
    if request.explain {
        let places = (&ordered.reranked, ordered.crossed.as_ref());
        let ranks = Ranks::of(&lists, &fused, places);
        let explained = explain(retriever, analysis, &ranks, &kept[..hits.len()]).await?;
        for (hit, explained) in hits.iter_mut().zip(explained) {
            hit.explain = Some(explained);
        }
        trace = Some(traced(
            &prepared,
            stages(&lists, &fused, &ordered),
            judgement.features,
        ));
    }
    let total = started.elapsed();
    let crossing = ordered.took.unwrap_or_default();
    let timings = SearchTimings {
        embed: milliseconds(embedded),
        search: milliseconds(searched.saturating_sub(embedded)),
        load: milliseconds(loaded.saturating_sub(ranked)),
        rank: milliseconds(
            ranked.saturating_sub(searched) + total.saturating_sub(loaded).saturating_sub(crossing),
        ),
        rerank: ordered.took.map(milliseconds),
        total: milliseconds(total),
    };
    Ok(SearchResponse {
        query: understood(&typed, analysis, &ordered.settled.found),
        hits,
        evidence: judgement.evidence,
        timings,
        reranking: ordered.reranking,
        trace,
        words: analysis.words.clone(),
    })
}

/// Passages that the verdict and the hits need.
pub(super) fn wanted(tuning: Tuning) -> usize {
    tuning.top_k.max(PASSAGES_JUDGED)
}

/// The best passages of each writing; all of them where their texts or documents decide who stays.
///
/// As many of each: those in the other writing are moved together once texts were read, so that any of the best of them may
/// come among the hits. Then neither order nor verdict hangs on how many hits are wanted.
pub(super) fn worth_reading(fused: &[Fused], analysis: &Analysis, tuning: Tuning) -> Vec<ChunkId> {
    let strict = analysis.phrases.iter().any(|phrase| phrase.required);
    let most = if strict || tuning.per_document.is_some() {
        fused.len()
    } else {
        wanted(tuning) + READ_AHEAD
    };
    let mut of_writing = [0, 0];
    let worth = fused.iter().filter(|one| {
        let seen = &mut of_writing[usize::from(one.legs.same_writing)];
        *seen += 1;
        *seen <= most
    });
    worth.map(|one| one.id).collect()
}

fn traced(
    prepared: &Prepared,
    stages: Vec<TraceStage>,
    evidence: Vec<(&'static str, f32)>,
) -> Trace {
    let analysis = &prepared.analysis;
    let phrases = analysis.phrases.iter().map(|one| one.text.clone());
    Trace {
        language: Some(analysis.language()),
        settings: prepared.tuning,
        phrases: phrases.collect(),
        numbers: analysis.numbers.clone(),
        hidden_versions: prepared.hidden,
        stages,
        evidence,
    }
}

/// How the question was understood; `found` says of each phrase whether a passage holds it.
pub(super) fn understood(
    typed: &TypedQuestion,
    analysis: &Analysis,
    found: &[bool],
) -> UnderstoodQuery {
    let phrases = analysis.phrases.iter().enumerate();
    UnderstoodQuery {
        text: typed.text.trim().to_owned(),
        filters: typed.filters.clone(),
        unclear: typed.unclear.clone(),
        phrases: phrases
            .filter(|(_, phrase)| phrase.required)
            .map(|(at, phrase)| RequiredPhrase {
                text: phrase.text.clone(),
                found: found.get(at).copied().unwrap_or(false),
            })
            .collect(),
    }
}

fn stages(lists: &LegLists, fused: &[Fused], ordered: &Ordered) -> Vec<TraceStage> {
    let settled = &ordered.settled;
    let leg = |stage, list: &[ScoredChunk]| {
        listed(stage, list.iter().map(|one| (one.id, one.score)).collect())
    };
    let removed =
        |stage, ids: Vec<ChunkId>| listed(stage, ids.into_iter().map(|id| (id, 0.0)).collect());
    let duplicates = settled.duplicates.iter().map(|(id, _)| *id);
    let placed = |stage, places: &Places| {
        let scores = places.iter().map(|(id, (_, score))| (*id, *score));
        listed(stage, scores.collect())
    };
    let crossed = ordered.crossed.as_ref();
    let crossed = crossed.map(|crossed| placed("cross_encoder", crossed));
    let mut stages = vec![
        leg("dense", &lists.dense),
        leg("lexical", &lists.lexical),
        leg("sentences", &lists.sentences),
        listed(
            "fused",
            fused.iter().map(|one| (one.id, one.score)).collect(),
        ),
        placed("reranked", &ordered.reranked),
    ];
    stages.extend(crossed);
    stages.extend([
        removed("duplicates_removed", duplicates.collect()),
        removed("over_document_cap", settled.over_cap.clone()),
        listed(
            "returned",
            settled
                .kept
                .iter()
                .map(|(one, _)| (one.id, one.score))
                .collect(),
        ),
    ]);
    stages
}

fn listed(stage: &'static str, mut list: Vec<(ChunkId, f32)>) -> TraceStage {
    list.sort_by(|left, right| {
        right
            .1
            .total_cmp(&left.1)
            .then_with(|| left.0.cmp(&right.0))
    });
    let entry = |(at, (chunk_id, score))| TraceEntry {
        chunk_id,
        rank: at + 1,
        score,
    };
    TraceStage {
        stage,
        entries: list
            .into_iter()
            .enumerate()
            .take(TRACED)
            .map(entry)
            .collect(),
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}
