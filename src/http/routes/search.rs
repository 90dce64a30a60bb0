//! Search: passages for a question, with every stage's score.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::chunks::RangeResponse;
use super::filter::FilterRequest;
use super::retrieval::{RetrievalResponse, checked, top_k};
use crate::catalog::KnowledgeBase;
use crate::http::error::{ApiError, ErrorResponse};
use crate::http::extract::{Body, InKnowledgeBase};
use crate::http::state::App;
use crate::model::{ChunkId, DocumentId, KnowledgeBaseId, Question};
use crate::retrieve::{
    Evidence, Explained, Hit, Reranking, RetrievalChange, SearchMode, SearchRequest as Search,
    SearchResponse as Found, SearchTimings, StageScores, Trace, UnderstoodQuery,
};

/// A search.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct SearchRequest {
    /// What is looked for: a question or words; at most 4,000 characters. `type:pdf`, `tag:`, `author:`, `lang:`,
    /// `name:`, `title:`, `heading:`, `after:2024`, `before:2024-06`, `year:` and `page:3-5` in it (in Chinese as well:
    /// `类型:pdf`, `标签:`, `作者:`, `语言:`, `文件:`, `标题:`, `章节:`, `年份:`, `页:`) are filters, and what stands in
    /// quotation marks must be found as it stands.
    #[schema(example = "年假可以累积到下一年吗？")]
    query: String,
    /// Most passages to return, 1 to 100; by default the knowledge base's number, or else 10.
    #[serde(default, alias = "topk", alias = "topK")]
    top_k: Option<usize>,
    /// Where to look.
    // A filter lost to a slip of the pen would let answers in from elsewhere.
    #[serde(default, alias = "filters")]
    filter: Option<FilterRequest>,
    /// hybrid (meaning and words), dense (meaning) or lexical (words); by default the knowledge base's, or else hybrid.
    #[serde(default)]
    #[schema(value_type = String, example = "hybrid")]
    mode: Option<SearchMode>,
    /// Settings for this search alone: a field left out stays as the knowledge base has it, `null` is the default.
    #[serde(default)]
    #[schema(value_type = Option<RetrievalResponse>)]
    settings: Option<RetrievalChange>,
    /// Whether to show every stage's list, and of each hit its rank and score at every stage and the words it holds.
    #[serde(default)]
    explain: bool,
}

/// A passage found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HitResponse {
    /// The passage's id.
    #[schema(value_type = String)]
    chunk_id: ChunkId,
    /// The document.
    #[schema(value_type = String)]
    document_id: DocumentId,
    /// The knowledge base that it is in.
    #[schema(value_type = String)]
    knowledge_base_id: KnowledgeBaseId,
    /// The knowledge base's name, where several were searched.
    #[serde(skip_serializing_if = "Option::is_none")]
    knowledge_base: Option<String>,
    /// The document's name.
    document_name: String,
    /// The document's title, where it has one.
    title: Option<String>,
    /// First page, from 1.
    page: Option<u32>,
    /// Headings above it, highest first.
    heading: Vec<String>,
    /// zh, zh-Hant, en or other.
    language: &'static str,
    /// The passage, exactly as in the cleaned text.
    text: String,
    /// First character in the cleaned text.
    start: usize,
    /// One past the last character.
    end: usize,
    /// Its place among the document's passages, from 0.
    ordinal: u32,
    /// The section around it, as characters of the cleaned text: what to show as its context.
    parent: RangeResponse,
    /// What the hits are ordered by.
    score: f32,
    /// Each stage's score: dense, lexical, fused, rerank; null for a stage that did not see it. `cross_encoder`, in [0, 1],
    /// is there where a reranking model read it.
    #[schema(value_type = Object)]
    scores: StageScores,
    /// Its sentences.
    sentences: Vec<RangeResponse>,
    /// With `explain`: `stages` (`stage` dense, lexical, sentences, fused, final, and before the last, where a reranking
    /// model ran, reranked as it was before and cross_encoder; `rank` from 1 or null; `score`),
    /// `matched_terms` (`text`, `score`, `share` of the BM25 score), `matched_ranges` (characters of the cleaned text) and
    /// `joined_with` (ids of hits directly before or after it, which a model reads in one piece with it).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    explain: Option<Explained>,
}

impl From<Hit> for HitResponse {
    fn from(hit: Hit) -> Self {
        Self {
            chunk_id: hit.chunk_id,
            document_id: hit.document_id,
            knowledge_base_id: hit.knowledge_base_id,
            knowledge_base: None,
            document_name: hit.document_name,
            title: hit.title,
            page: hit.page,
            heading: hit.heading,
            language: hit.language.as_str(),
            text: hit.text,
            start: hit.start,
            end: hit.end,
            ordinal: hit.ordinal,
            parent: RangeResponse {
                start: hit.parent.start,
                end: hit.parent.end,
            },
            score: hit.score,
            scores: hit.scores,
            sentences: hit
                .sentences
                .iter()
                .map(|span| RangeResponse {
                    start: span.start,
                    end: span.end,
                })
                .collect(),
            explain: hit.explain,
        }
    }
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SearchResponse {
    /// How the query was understood: `text` without the filters typed in it, `filters` (`key`, `value`, `written`) and
    /// `phrases` in quotation marks (`text`, `found`). Where no passage holds a phrase the hits are those without it.
    #[schema(value_type = Object)]
    query: UnderstoodQuery,
    /// Best first.
    hits: Vec<HitResponse>,
    /// Milliseconds: embed, search, load, rank, total; and rerank, where a reranking model was asked.
    #[schema(value_type = Object)]
    timings_ms: SearchTimings,
    /// What became of the reranking model's turn, where there is one: `model`, `languages` (of the question and of the best
    /// passage), `outcome` (done, other_languages, timed_out, failed or resting; the order is as it was but for the
    /// first) and `passages`, how many it read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    reranking: Option<Reranking>,
    /// How likely the passages hold an answer: `answerability` in [0, 1] and `verdict`, sufficient or insufficient.
    #[schema(value_type = Object)]
    evidence: Evidence,
    /// Every stage's list, with `explain`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    trace: Option<Trace>,
}

impl From<Found> for SearchResponse {
    fn from(found: Found) -> Self {
        Self {
            query: found.query,
            hits: found.hits.into_iter().map(Into::into).collect(),
            timings_ms: found.timings,
            reranking: found.reranking,
            evidence: found.evidence,
            trace: found.trace,
        }
    }
}

impl SearchRequest {
    /// The search in these knowledge bases.
    pub(super) fn within(self, bases: &[KnowledgeBase]) -> Result<Search, ApiError> {
        Ok(Search {
            question: Question::try_from(self.query.as_str())?,
            knowledge_bases: bases.iter().map(|base| base.id).collect(),
            top_k: top_k(self.top_k, 10, 100)?,
            filter: self.filter.unwrap_or_default().try_into()?,
            mode: self.mode,
            settings: checked(self.settings.unwrap_or_default())?,
            explain: self.explain,
        })
    }
}

/// Finds the passages that bear on a question, best first.
#[utoipa::path(post, path = "/api/v1/knowledge-bases/{kb}/search", tag = "questions",
    params(("kb" = String, Path, description = "Id or name")), request_body = SearchRequest, responses(
    (status = 200, body = SearchResponse),
    (status = 400, description = "`empty_question`, `only_filters`, `question_too_long`, `out_of_range`",
        body = ErrorResponse),
    (status = 503, description = "`index_unavailable`, `embedder_unavailable`", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn search(
    State(app): State<App>,
    InKnowledgeBase(base): InKnowledgeBase,
    Body(request): Body<SearchRequest>,
) -> Result<Json<SearchResponse>, ApiError> {
    let search = request.within(&[base])?;
    Ok(Json(app.state.retriever.search(search).await?.into()))
}

/// A search in several knowledge bases.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct SearchTogetherRequest {
    /// 1 to 50 knowledge bases, by id or name.
    knowledge_bases: Vec<String>,
    #[serde(flatten)]
    search: SearchRequest,
}

/// Finds the passages of several knowledge bases that bear on a question, best first; each names its own.
#[utoipa::path(post, path = "/api/v1/search", tag = "questions", request_body = SearchTogetherRequest, responses(
    (status = 200, body = SearchResponse),
    (status = 400, description = "`empty_question`, `only_filters`, `question_too_long`, `out_of_range`",
        body = ErrorResponse),
    (status = 404, description = "`knowledge_base_not_found`", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn search_together(
    State(app): State<App>,
    Body(request): Body<SearchTogetherRequest>,
) -> Result<Json<SearchResponse>, ApiError> {
    let catalog = &app.state.catalog;
    let bases = catalog
        .knowledge_bases_together(&request.knowledge_bases)
        .await?;
    let search = request.search.within(&bases)?;
    let mut found: SearchResponse = app.state.retriever.search(search).await?.into();
    for hit in &mut found.hits {
        let base = bases.iter().find(|base| base.id == hit.knowledge_base_id);
        hit.knowledge_base = base.map(|base| base.name.clone());
    }
    Ok(Json(found))
}
