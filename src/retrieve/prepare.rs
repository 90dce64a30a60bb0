//! A question made ready to be looked for: taken apart, embedded, and with everything decided that a search goes by.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::coverage::Wanted;
use super::evidence::Judged;
use super::fuse::{Fused, Legs, Scale, fuse};
use super::plan::{LegLists, Legwork};
use super::question::Analysis;
use super::rank::{Rules, Settled};
use super::scope::scope;
use super::search::wanted;
use super::threshold::agreed;
use super::{
    RetrievalSettings, RetrieveError, Retriever, SearchFilter, SearchMode, SearchRequest, Tuning,
    Withheld,
};
use crate::model::{ChunkId, Question};
use crate::store::Filter;

/// How long a count of the index may be used.
const SIZE_LASTS: Duration = Duration::from_secs(30);

/// A question made ready.
#[derive(Clone)]
pub(super) struct Prepared {
    pub(super) analysis: Analysis,
    pub(super) tuning: Tuning,
    /// The question's vector; `None` where only words count.
    pub(super) vector: Option<Vec<f32>>,
    /// What every query shares.
    pub(super) filter: Filter,
    /// Versions kept out by it.
    pub(super) hidden: usize,
    /// Chunks in the index.
    pub(super) chunks: usize,
    /// The threshold of the evidence gate that was fitted to where is looked.
    pub(super) threshold: Option<f32>,
}

impl Prepared {
    /// Makes a question ready to be looked for in what all of `narrowed` leave; `None` if that is nothing.
    pub(super) async fn new(
        retriever: &Retriever,
        request: &SearchRequest,
        question: &Question,
        narrowed: &[SearchFilter],
        withheld: &Withheld,
    ) -> Result<Option<Self>, RetrieveError> {
        let bases = &request.knowledge_bases;
        let passages = &*retriever.passages;
        let (scope, theirs, words) = tokio::try_join!(
            scope(passages, bases, narrowed),
            async { Ok(passages.retrieval_settings(bases).await?) },
            async { Ok(passages.dictionary(bases).await?) },
        )?;
        let settings = request
            .settings
            .applied_to(RetrievalSettings::agreed(&theirs));
        let analysis = Analysis::of(question, words);
        let weight = scale(&analysis, 0).dense_weight();
        let tuning = Tuning::of(settings, request.mode, request.top_k, weight);
        let (Some(scope), 1..) = (scope, tuning.top_k) else {
            return Ok(None);
        };
        let (vector, hidden, threshold, chunks) = tokio::try_join!(
            embed(retriever, question, tuning.mode),
            async { Ok(passages.hidden_versions(bases).await?) },
            async {
                let fitted = passages.thresholds(bases).await?;
                Ok(agreed(&fitted, retriever.model.fingerprint()))
            },
            size(retriever),
        )?;
        Ok(Some(Self {
            analysis,
            tuning,
            vector,
            filter: withheld.narrow(scope.without_versions(&hidden)),
            hidden: hidden.len(),
            chunks,
            threshold,
        }))
    }

    /// The question against the index.
    pub(super) fn legwork<'a>(&'a self, retriever: &'a Retriever) -> Legwork<'a> {
        Legwork {
            store: &*retriever.store,
            analysis: &self.analysis,
            vector: self.vector.clone(),
            filter: self.filter.clone(),
            mode: self.tuning.mode,
        }
    }

    /// Every leg's scores for what any leg found.
    pub(super) async fn collect(
        &self,
        retriever: &Retriever,
    ) -> Result<(HashMap<ChunkId, Legs>, LegLists), RetrieveError> {
        self.legwork(retriever).collect().await
    }

    /// What scores are to be expected, and what they weigh.
    pub(super) fn scale(&self) -> Scale {
        Scale {
            meaning_weight: Some(self.tuning.meaning_weight),
            ..scale(&self.analysis, self.chunks)
        }
    }

    /// What passages are read for. What they say in other languages counts where meaning does.
    pub(super) fn asked(&self, retriever: &Retriever) -> Wanted<'_> {
        let meaning = self.vector.is_some();
        let (embedder, question) = (Arc::clone(&retriever.embedder), self.analysis.text.clone());
        Wanted::of(&self.analysis)
            .across(move || meaning.then(|| embedder.aligner(&question)).flatten())
    }

    /// What the verdict goes by.
    pub(super) fn judged<'a>(&self, wanted: &'a Wanted<'a>, settled: &'a Settled) -> Judged<'a> {
        Judged {
            wanted,
            coverages: &settled.coverages,
            duplicates: &settled.duplicates[..settled.early_duplicates],
            scale: self.scale(),
            threshold: self.threshold,
        }
    }

    /// What decides the last ordering. Only where both kinds of leg run has the reranker been fitted.
    pub(super) fn rules<'a>(&'a self, retriever: &Retriever, asked: &'a Wanted<'a>) -> Rules<'a> {
        Rules {
            phrases: &self.analysis.phrases,
            reranker: (self.tuning.mode == SearchMode::Hybrid).then_some((
                retriever.reranker,
                asked,
                self.scale(),
            )),
            wanted: wanted(self.tuning),
            per_document: self.tuning.per_document,
        }
    }

    /// The candidates in order.
    pub(super) fn ordered(&self, candidates: &HashMap<ChunkId, Legs>) -> Vec<Fused> {
        let mut fused = fuse(candidates, self.scale());
        if self.tuning.mode == SearchMode::Dense {
            by_meaning(&mut fused);
        }
        fused
    }
}

fn scale(analysis: &Analysis, chunks: usize) -> Scale {
    Scale {
        writing: analysis.writing,
        terms: analysis.distinct,
        names: analysis.names.indices.len(),
        chunks,
        meaning_weight: None,
        exact: analysis.codes.alone(),
    }
}

/// Without words there is nothing to estimate for them: the vectors alone decide.
fn by_meaning(fused: &mut [Fused]) {
    for one in &mut *fused {
        one.score = one.legs.dense().unwrap_or(0.0);
        one.sum = one.score;
    }
    fused.sort_by(|left, right| {
        right
            .score
            .total_cmp(&left.score)
            .then_with(|| left.id.cmp(&right.id))
    });
}

/// The question's vector, where the mode has any use for it.
pub(super) async fn embed(
    retriever: &Retriever,
    question: &Question,
    mode: SearchMode,
) -> Result<Option<Vec<f32>>, RetrieveError> {
    match mode {
        SearchMode::Lexical => Ok(None),
        SearchMode::Hybrid | SearchMode::Dense => Ok(Some(
            retriever.embedder.embed_query(question.as_str()).await?,
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
