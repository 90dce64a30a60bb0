//! One search from end to end: analyse, embed, collect the legs, fuse, read, judge.

use std::time::{Duration, Instant};

use super::fuse::{Fused, Scale, fuse};
use super::plan::{LegLists, Legwork, base_filter};
use super::question::Analysis;
use super::rank::{hit, settle};
use super::response::{SearchResponse, SearchTimings, Trace, TraceEntry, TraceStage};
use super::{Passage, RetrieveError, Retriever, SearchMode, SearchRequest};
use crate::model::ChunkId;
use crate::store::{Filter, ScoredChunk};

/// How long a count of the index may be used.
const SIZE_LASTS: Duration = Duration::from_secs(30);

/// Passages read from the catalog beyond those wanted, since duplicates fall away and phrases move some up.
const READ_AHEAD: usize = 20;

/// Entries that a trace keeps of each stage.
const TRACED: usize = 200;

pub(super) async fn run(
    retriever: &Retriever,
    request: SearchRequest,
) -> Result<SearchResponse, RetrieveError> {
    if request.knowledge_bases.is_empty() || request.top_k == 0 {
        return Ok(SearchResponse::default());
    }
    let started = Instant::now();
    let Some(request) = with_tags_resolved(retriever, request).await? else {
        return Ok(SearchResponse::default());
    };
    let analysis = Analysis::of(&request.question);
    let (vector, hidden, chunks) = tokio::try_join!(
        embed(retriever, &request),
        async {
            Ok(retriever
                .passages
                .hidden_versions(&request.knowledge_bases)
                .await?)
        },
        size(retriever),
    )?;
    let embedded = started.elapsed();
    let filter = base_filter(&request.knowledge_bases, &request.filter, &hidden);
    let legwork = Legwork {
        store: &*retriever.store,
        analysis: &analysis,
        vector,
        filter,
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
    let ids: Vec<ChunkId> = fused
        .iter()
        .take(request.top_k + READ_AHEAD)
        .map(|fused| fused.id)
        .collect();
    let ranked = started.elapsed();
    let passages = retriever.passages.passages(&ids).await?;
    let loaded = started.elapsed();
    let (kept, duplicates) = settle(
        &fused,
        passages,
        &analysis.phrases,
        request.top_k.max(super::evidence::PASSAGES_READ),
    );
    let read: Vec<&Passage> = kept.iter().map(|(_, passage)| passage).collect();
    let (evidence, features) = retriever.model.judge(&analysis, scale, &fused, &read);
    let hits: Vec<_> = kept
        .iter()
        .take(request.top_k)
        .map(|(fused, passage)| hit(fused, passage))
        .collect();
    let trace = request.explain.then(|| Trace {
        language: Some(analysis.language()),
        phrases: analysis.phrases.clone(),
        numbers: analysis.numbers.clone(),
        hidden_versions: hidden.len(),
        stages: stages(&lists, &fused, &duplicates, &kept),
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
        hits,
        evidence,
        timings,
        trace,
    })
}

/// Tags change without the index knowing: they are turned into the documents that carry them now. `None` if none does.
async fn with_tags_resolved(
    retriever: &Retriever,
    mut request: SearchRequest,
) -> Result<Option<SearchRequest>, RetrieveError> {
    if request.filter.tags.is_empty() {
        return Ok(Some(request));
    }
    let tags = std::mem::take(&mut request.filter.tags);
    let mut tagged = retriever
        .passages
        .documents_tagged(&request.knowledge_bases, &tags)
        .await?;
    let asked = &request.filter.documents;
    tagged.retain(|document| asked.is_empty() || asked.contains(document));
    request.filter.documents = tagged;
    Ok((!request.filter.documents.is_empty()).then_some(request))
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

fn stages(
    lists: &LegLists,
    fused: &[Fused],
    duplicates: &[ChunkId],
    kept: &[(Fused, Passage)],
) -> Vec<TraceStage> {
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
            duplicates.iter().map(|id| (*id, 0.0)).collect(),
        ),
        listed(
            "returned",
            kept.iter().map(|(one, _)| (one.id, one.score)).collect(),
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
