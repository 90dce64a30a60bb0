//! Facets: what the documents of a knowledge base have in common, counted.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::catalog::{FacetCount, Facets};
use crate::http::error::{ApiError, ErrorResponse};
use crate::http::extract::InKnowledgeBase;
use crate::http::state::App;

/// A value and how many documents have it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FacetCountResponse {
    /// The value, as filters take it.
    value: String,
    /// Documents with it.
    count: u64,
}

/// What can be filtered on, most frequent first; at most 200 values each.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FacetsResponse {
    /// Formats.
    kinds: Vec<FacetCountResponse>,
    /// Main languages.
    languages: Vec<FacetCountResponse>,
    /// Tags.
    tags: Vec<FacetCountResponse>,
    /// Authors.
    authors: Vec<FacetCountResponse>,
    /// Years in which documents were made, or else last changed.
    years: Vec<FacetCountResponse>,
}

impl From<Facets> for FacetsResponse {
    fn from(facets: Facets) -> Self {
        let told = |counts: Vec<FacetCount>| {
            let counts = counts.into_iter();
            counts
                .map(|one| FacetCountResponse {
                    value: one.value,
                    count: one.count,
                })
                .collect()
        };
        Self {
            kinds: told(facets.kinds),
            languages: told(facets.languages),
            tags: told(facets.tags),
            authors: told(facets.authors),
            years: told(facets.years),
        }
    }
}

/// Counts the documents that can be found by format, language, tag, author and year.
#[utoipa::path(get, path = "/api/v1/knowledge-bases/{kb}/facets", tag = "documents",
    params(("kb" = String, Path, description = "Id or name")), responses(
    (status = 200, body = FacetsResponse),
    (status = 404, description = "`knowledge_base_not_found`", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn get_facets(
    State(app): State<App>,
    InKnowledgeBase(base): InKnowledgeBase,
) -> Result<Json<FacetsResponse>, ApiError> {
    Ok(Json(app.state.catalog.facets(base.id).await?.into()))
}
