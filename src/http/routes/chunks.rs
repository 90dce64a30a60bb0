//! The passages of a document, with where they lie.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wenyuan_ingest::PageBox;

use crate::catalog::ChunkRecord;
use crate::http::error::{ApiError, ErrorResponse};
use crate::http::extract::{InDocument, Query, within};
use crate::http::state::App;
use crate::model::ChunkId;

/// Which passages.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListChunksQuery {
    /// Ordinal to begin with; 0 when left out.
    from: Option<u32>,
    /// Most passages to return, 1 to 1,000; 100 when left out.
    limit: Option<usize>,
}

/// A range of characters of the cleaned text.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RangeResponse {
    /// First character.
    pub(crate) start: usize,
    /// One past the last character.
    pub(crate) end: usize,
}

/// A rectangle to highlight, as fractions of the page's width and height as shown, from the top left.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BoxResponse {
    /// Page, from 1.
    page: u32,
    /// Left edge.
    x0: f32,
    /// Upper edge.
    y0: f32,
    /// Right edge.
    x1: f32,
    /// Lower edge.
    y1: f32,
}

impl From<PageBox> for BoxResponse {
    fn from(found: PageBox) -> Self {
        Self {
            page: found.page,
            x0: found.x0,
            y0: found.y0,
            x1: found.x1,
            y1: found.y1,
        }
    }
}

/// A passage.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChunkResponse {
    /// Its id.
    #[schema(value_type = String)]
    id: ChunkId,
    /// Its place in the document, from 0.
    ordinal: u32,
    /// First character in the cleaned text.
    start: usize,
    /// One past the last character.
    end: usize,
    /// First page, from 1.
    page: Option<u32>,
    /// First and last page, from 1.
    pages: Option<(u32, u32)>,
    /// Rectangles on the pages; empty where the original has no known places.
    boxes: Vec<BoxResponse>,
    /// Headings above it, highest first.
    heading: Vec<String>,
    /// The passage.
    text: String,
    /// Its sentences.
    sentences: Vec<RangeResponse>,
    /// Length in the embedder's tokens.
    tokens: u32,
    /// zh, zh-Hant, en or other.
    language: &'static str,
}

/// Some passages, in order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChunksResponse {
    /// The passages.
    chunks: Vec<ChunkResponse>,
    /// `from` of the next page; null at the end.
    next_from: Option<u32>,
}

impl From<(ChunkRecord, Vec<PageBox>)> for ChunkResponse {
    fn from((record, boxes): (ChunkRecord, Vec<PageBox>)) -> Self {
        let sentences = sentences(&record);
        let chunk = record.chunk;
        Self {
            id: record.id,
            ordinal: chunk.ordinal,
            start: chunk.chars.start,
            end: chunk.chars.end,
            page: chunk.pages.map(|(first, _)| first),
            pages: chunk.pages,
            boxes: boxes.into_iter().map(Into::into).collect(),
            heading: chunk.heading,
            text: record.text,
            sentences,
            tokens: chunk.tokens,
            language: chunk.language.as_str(),
        }
    }
}

/// Sentences from bytes to characters. One that does not lie in the passage is left out.
fn sentences(record: &ChunkRecord) -> Vec<RangeResponse> {
    let chunk = &record.chunk;
    let characters = |byte: usize| {
        let before = record.text.get(..byte.checked_sub(chunk.span.start)?)?;
        Some(chunk.chars.start + before.chars().count())
    };
    let ranges = chunk.sentences.iter();
    ranges
        .filter_map(|span| {
            Some(RangeResponse {
                start: characters(span.start)?,
                end: characters(span.end)?,
            })
        })
        .collect()
}

/// The passages that a document was cut into, a page at a time.
#[utoipa::path(get, path = "/api/v1/knowledge-bases/{kb}/documents/{id}/chunks", tag = "documents",
    params(("kb" = String, Path, description = "Id or name"), ("id" = String, Path, description = "Document id"),
        ListChunksQuery),
    responses(
    (status = 200, body = ChunksResponse),
    (status = 404, description = "`content_not_found`: not read yet", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn list_document_chunks(
    State(app): State<App>,
    place: InDocument,
    Query(query): Query<ListChunksQuery>,
) -> Result<Json<ChunksResponse>, ApiError> {
    let limit = within("limit", query.limit, 100, 1..=1_000)?;
    let from = query.from.unwrap_or(0);
    let found = app
        .state
        .catalog
        .chunks(place.knowledge_base.id, place.id, from, limit)
        .await?;
    let full = found.len() == limit;
    let next_from = found
        .last()
        .filter(|_| full)
        .map(|last| last.chunk.ordinal + 1);
    let boxes = app.state.catalog.boxes(&found).await?;
    Ok(Json(ChunksResponse {
        chunks: found.into_iter().zip(boxes).map(Into::into).collect(),
        next_from,
    }))
}
