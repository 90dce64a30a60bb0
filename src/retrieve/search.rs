//! One search from end to end: analyse, embed, collect the legs, fuse, read, judge.

use std::time::{Duration, Instant};

use super::evidence::Judged;
use super::fuse::{Fused, Scale, fuse};
use super::plan::{LegLists, Legwork};
use super::question::Analysis;
use super::rank::{Settled, hit, settle};
use super::response::{SearchResponse, SearchTimings, Trace, TraceEntry, TraceStage};
use super::scope::scope;
use super::threshold::agreed;
use super::{
    Passage, RequiredPhrase, RetrieveError, Retriever, SearchMode, SearchRequest, TypedQuestion,
    UnderstoodQuery, Withheld,
};
use crate::model::{ChunkId, KnowledgeBaseId};
use crate::store::{Filter, ScoredChunk};

/// How long a count of the index may be used.
const SIZE_LASTS: Duration = Duration::from_secs(30);

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
    request.question = typed.question()?;
    let analysis = Analysis::of(&request.question);
    let nothing = || SearchResponse {
        query: understood(&typed, &analysis, &[]),
        ..SearchResponse::default()
    };
    if request.knowledge_bases.is_empty() || request.top_k == 0 {
        return Ok(nothing());
    }
    let narrowed = [std::mem::take(&mut request.filter), typed.filter()];
    let scope = scope(&*retriever.passages, &request.knowledge_bases, &narrowed).await?;
    let Some(scope) = scope else {
        return Ok(nothing());
    };
    let (vector, hidden, threshold, chunks) = tokio::try_join!(
        embed(retriever, &request),
        async {
            Ok(retriever
                .passages
                .hidden_versions(&request.knowledge_bases)
                .await?)
        },
        fitted_threshold(retriever, &request.knowledge_bases),
        size(retriever),
    )?;
    let embedded = started.elapsed();
    let legwork = Legwork {
        store: &*retriever.store,
        analysis: &analysis,
        vector,
        filter: withheld.narrow(scope.without_versions(&hidden)),
        mode: request.mode,
    };
    let (candidates, lists) = legwork.collect().await?;
    let searched = started.elapsed();
    let scale = Scale {
        writing: analysis.writing,
        terms: analysis.terms.indices.len(),
        names: analysis.names.indices.len(),
        chunks,
    };
    let mut fused = fuse(&candidates, scale);
    if request.mode == SearchMode::Dense {
        by_meaning(&mut fused);
    }
    let ranked = started.elapsed();
    let ids = worth_reading(&fused, &analysis, request.top_k);
    let passages = retriever.passages.passages(&ids).await?;
    let loaded = started.elapsed();
    let wanted = request.top_k.max(super::evidence::PASSAGES_READ);
    let settled = settle(&fused, passages, &analysis.phrases, wanted);
    let read: Vec<&Passage> = settled.kept.iter().map(|(_, passage)| passage).collect();
    let judged = Judged {
        question: &analysis,
        scale,
        threshold,
    };
    let (evidence, features) = retriever.model.judge(&judged, &fused, &read);
    let hits: Vec<_> = settled
        .kept
        .iter()
        .take(request.top_k)
        .map(|(fused, passage)| hit(fused, passage))
        .collect();
    let trace = request.explain.then(|| Trace {
        language: Some(analysis.language()),
        phrases: analysis
            .phrases
            .iter()
            .map(|one| one.text.clone())
            .collect(),
        numbers: analysis.numbers.clone(),
        hidden_versions: hidden.len(),
        stages: stages(&lists, &fused, &settled),
        evidence: features,
    });
    let total = started.elapsed();
    let timings = SearchTimings {
        embed: milliseconds(embedded),
        search: milliseconds(searched.saturating_sub(embedded)),
        load: milliseconds(loaded.saturating_sub(ranked)),
        rank: milliseconds(ranked.saturating_sub(searched) + total.saturating_sub(loaded)),
        total: milliseconds(total),
    };
    Ok(SearchResponse {
        query: understood(&typed, &analysis, &settled.found),
        hits,
        evidence,
        timings,
        trace,
    })
}

/// The best passages; all of them where a phrase must be found in their texts.
fn worth_reading(fused: &[Fused], analysis: &Analysis, top_k: usize) -> Vec<ChunkId> {
    let strict = analysis.phrases.iter().any(|phrase| phrase.required);
    let most = if strict {
        fused.len()
    } else {
        top_k + READ_AHEAD
    };
    fused.iter().take(most).map(|fused| fused.id).collect()
}

/// How the question was understood; `found` says of each phrase whether a passage holds it.
fn understood(typed: &TypedQuestion, analysis: &Analysis, found: &[bool]) -> UnderstoodQuery {
    let phrases = analysis.phrases.iter().enumerate();
    UnderstoodQuery {
        text: typed.text.trim().to_owned(),
        filters: typed.filters.clone(),
        phrases: phrases
            .filter(|(_, phrase)| phrase.required)
            .map(|(at, phrase)| RequiredPhrase {
                text: phrase.text.clone(),
                found: found.get(at).copied().unwrap_or(false),
            })
            .collect(),
    }
}

async fn embed(
    retriever: &Retriever,
    request: &SearchRequest,
) -> Result<Option<Vec<f32>>, RetrieveError> {
    match request.mode {
        SearchMode::Lexical => Ok(None),
        SearchMode::Hybrid | SearchMode::Dense => Ok(Some(
            retriever
                .embedder
                .embed_query(request.question.as_str())
                .await?,
        )),
    }
}

/// The threshold that was fitted to all of these knowledge bases; `None` stands for the built-in one.
async fn fitted_threshold(
    retriever: &Retriever,
    bases: &[KnowledgeBaseId],
) -> Result<Option<f32>, RetrieveError> {
    let found = retriever.passages.thresholds(bases).await?;
    Ok(agreed(&found, retriever.model.fingerprint()))
}

async fn size(retriever: &Retriever) -> Result<usize, RetrieveError> {
    let known = *retriever
        .size
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some((counted, chunks)) = known
        && counted.elapsed() < SIZE_LASTS
    {
        return Ok(chunks);
    }
    let chunks = retriever.store.count(&Filter::default()).await?;
    *retriever
        .size
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner) = Some((Instant::now(), chunks));
    Ok(chunks)
}

/// Without words there is nothing to estimate for them: the vectors alone decide.
fn by_meaning(fused: &mut [Fused]) {
    for one in &mut *fused {
        one.score = one.legs.dense().unwrap_or(0.0);
    }
    fused.sort_by(|left, right| {
        right
            .score
            .total_cmp(&left.score)
            .then_with(|| left.id.cmp(&right.id))
    });
}

fn stages(lists: &LegLists, fused: &[Fused], settled: &Settled) -> Vec<TraceStage> {
    let leg = |stage, list: &[ScoredChunk]| {
        listed(stage, list.iter().map(|one| (one.id, one.score)).collect())
    };
    vec![
        leg("dense", &lists.dense),
        leg("lexical", &lists.lexical),
        leg("sentences", &lists.sentences),
        listed(
            "fused",
            fused.iter().map(|one| (one.id, one.score)).collect(),
        ),
        listed(
            "duplicates_removed",
            settled.duplicates.iter().map(|id| (*id, 0.0)).collect(),
        ),
        listed(
            "returned",
            settled
                .kept
                .iter()
                .map(|(one, _)| (one.id, one.score))
                .collect(),
        ),
    ]
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
