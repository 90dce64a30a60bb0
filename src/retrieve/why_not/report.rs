//! What is asked and what is told.

use serde::Serialize;

use super::super::{
    Evidence, Passage, RetrievalSettings, SearchMode, SearchRequest, Standing, Tuning,
    UnderstoodQuery,
};
use crate::model::{ChunkId, DocumentId};

/// What should have come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// Any passage of this document.
    Document(DocumentId),
    /// This passage.
    Chunk(ChunkId),
    /// A passage that has these words, or most of them.
    Text(String),
}

/// A search, and what it should have found.
#[derive(Debug, Clone, PartialEq)]
pub struct WhyNotRequest {
    /// The search as it was, or would be, made.
    pub search: SearchRequest,
    /// What should have come.
    pub expected: Expected,
}

/// What became of the passage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// It comes.
    Found,
    /// It comes, but the question is judged to have no answer in what comes.
    Refused,
    /// Its document cannot be found yet, or not any more in this version.
    NotReady,
    /// There is no such document or passage here.
    #[default]
    Unknown,
    /// A filter leaves it out.
    Filtered,
    /// No passage has the words.
    NotSplitThere,
    /// Neither leg listed it.
    LostBeforeFusion,
    /// A leg alone had it among the first, both together do not.
    LostInFusion,
    /// It was among the first before the cross-encoder read it, and is not any more.
    LostInReranking,
    /// No stage had it among the first.
    OutsideTopK,
    /// Another passage says the same and was kept in its place.
    Duplicate,
    /// Its document has as many hits as it may.
    OverDocumentCap,
    /// It lacks a phrase in quotation marks that others hold.
    PhraseMissing,
}

impl Finding {
    /// The stage that decided.
    #[must_use]
    pub const fn stage(self) -> &'static str {
        match self {
            Self::Found => "final",
            Self::Refused => "evidence",
            Self::NotReady => "ingestion",
            Self::Unknown => "catalog",
            Self::Filtered => "filter",
            Self::NotSplitThere => "split",
            Self::LostBeforeFusion => "legs",
            Self::LostInFusion | Self::OutsideTopK => "fused",
            Self::LostInReranking => "cross_encoder",
            Self::Duplicate => "duplicates",
            Self::OverDocumentCap => "document_cap",
            Self::PhraseMissing => "phrases",
        }
    }
}

/// One particular of why.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// It is this hit, from 1.
    Found {
        /// Which.
        rank: usize,
    },
    /// What comes is judged too thin for an answer.
    Refused {
        /// In [0, 1].
        answerability: f32,
        /// What it would have to reach, in [0, 1].
        threshold: f32,
    },
    /// There is no such document or passage in these knowledge bases.
    Unknown,
    /// The document waits, is read, failed or was cancelled; see [`WhyNot::standing`].
    NotSearchable,
    /// The passage belongs to a version that is not, or no longer, the visible one.
    OldVersion,
    /// The document has no passages.
    NoPassages,
    /// No passage has the words; the nearest has this share of them.
    TextNowhere {
        /// In [0, 1].
        best: f32,
    },
    /// A condition leaves it out: a field of the filter, or a filter typed in the question as it was written.
    ExcludedBy {
        /// The field's name, or the typed filter's.
        field: &'static str,
        /// As it was typed; `None` for the filter of the request.
        written: Option<String>,
    },
    /// The conditions leave it out together, none of them alone.
    ExcludedTogether,
    /// Further down in a leg than the leg goes.
    TooDeep {
        /// `dense` or `lexical`.
        stage: &'static str,
        /// From 1; `None` beyond the first thousand.
        rank: Option<usize>,
        /// How far the leg goes.
        limit: usize,
    },
    /// It has no word of the question.
    NoWords,
    /// It is in another script, where only names and numbers are compared, and has none of them.
    OtherWriting,
    /// A leg alone had it among the first.
    LegHadIt {
        /// `dense` or `lexical`.
        stage: &'static str,
        /// From 1.
        rank: usize,
    },
    /// Everything together ranks it below those shown.
    Below {
        /// From 1.
        rank: usize,
        /// How many are shown.
        top_k: usize,
    },
    /// The cross-encoder put others before it.
    Reranked {
        /// Its rank before, from 1.
        before: usize,
        /// Its rank after.
        after: usize,
    },
    /// A passage that says the same was kept in its place.
    Twin {
        /// That one's rank.
        rank: usize,
        /// That one's document.
        name: String,
        /// Whether it is among those shown.
        shown: bool,
    },
    /// The document has as many hits as it may.
    DocumentFull {
        /// The document.
        name: String,
        /// How many it may.
        most: usize,
    },
    /// It lacks this phrase.
    LacksPhrase {
        /// Without its marks.
        text: String,
    },
}

/// What was tried and helps.
#[derive(Debug, Clone, PartialEq)]
pub enum RemedyKind {
    /// More hits.
    LargerTopK(usize),
    /// Another weight of meaning against words.
    MeaningWeight(f32),
    /// Other legs.
    Mode(SearchMode),
    /// Without these conditions.
    WithoutFilter(Vec<Reason>),
    /// Without quotation marks.
    WithoutPhrase,
    /// More hits of one document; `None` is as many as come.
    PerDocument(Option<usize>),
    /// In this document alone.
    OnlyThisDocument(DocumentId),
}

/// Something that brings the passage.
#[derive(Debug, Clone, PartialEq)]
pub struct Remedy {
    /// What.
    pub kind: RemedyKind,
    /// The rank that the passage has then, from 1.
    pub rank: usize,
}

impl Remedy {
    /// The settings to try or to keep, if it is a matter of settings that can be kept.
    #[must_use]
    pub fn settings(&self) -> Option<RetrievalSettings> {
        let none = RetrievalSettings::default();
        let settings = match self.kind {
            RemedyKind::LargerTopK(count) => RetrievalSettings {
                top_k: Some(count),
                ..none
            },
            RemedyKind::MeaningWeight(weight) => RetrievalSettings {
                meaning_weight: Some(weight),
                ..none
            },
            RemedyKind::Mode(mode) => RetrievalSettings {
                mode: Some(mode),
                ..none
            },
            RemedyKind::PerDocument(Some(most)) => RetrievalSettings {
                per_document: Some(most),
                ..none
            },
            RemedyKind::WithoutFilter(_)
            | RemedyKind::WithoutPhrase
            | RemedyKind::PerDocument(None)
            | RemedyKind::OnlyThisDocument(_) => return None,
        };
        settings.checked().ok()
    }
}

/// The passage at one stage, against the last one that the stage let through.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StageStanding {
    /// `dense`, `lexical`, `sentences`, `fused`, `reranked` (by the light reranker and phrases) or `final`; before the last,
    /// where a cross-encoder ran, `cross_encoder`.
    pub stage: &'static str,
    /// From 1, in the first three among passages in the same writing; `None` where it is not listed within reach.
    pub rank: Option<usize>,
    /// Its score there.
    pub score: Option<f32>,
    /// The last rank that passes; `None` where all did.
    pub cutoff_rank: Option<usize>,
    /// The score of that one.
    pub cutoff_score: Option<f32>,
}

/// Why a passage does not come, or that it does.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WhyNot {
    /// How the question was understood.
    pub query: UnderstoodQuery,
    /// What the search went by.
    pub settings: Tuning,
    /// What became of the passage.
    pub finding: Finding,
    /// The passage: of those that fit what was expected, the one that came furthest.
    pub expected: Option<Passage>,
    /// The document, where there is no passage to show.
    pub standing: Option<Standing>,
    /// The stages that ran, in order.
    pub stages: Vec<StageStanding>,
    /// Why, in particulars.
    pub reasons: Vec<Reason>,
    /// What brings it; each was tried.
    pub remedies: Vec<Remedy>,
    /// The verdict on what comes.
    pub evidence: Option<Evidence>,
}

impl WhyNot {
    pub(super) fn lost(mut self, finding: Finding, reasons: Vec<Reason>) -> Self {
        self.finding = finding;
        self.reasons = reasons;
        self
    }
}
