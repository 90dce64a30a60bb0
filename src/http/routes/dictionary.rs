//! Words of a knowledge base's own, which count as one term in its documents and in questions.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wenyuan_ingest::WordList;

use crate::catalog::OwnWords;
use crate::http::error::{ApiError, ErrorResponse};
use crate::http::extract::{Body, InKnowledgeBase};
use crate::http::state::App;

/// Words to take the place of those that are there.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct DictionaryRequest {
    /// At most 5,000 words of 2 to 32 characters: letters, digits and `- . / _ + # & ' ·` between them. Empty ones are
    /// passed over, and so is what differs from an earlier one in case, width or script only.
    #[schema(example = json!(["小度在家", "麒麟9000S"]))]
    words: Vec<String>,
}

/// The words of a knowledge base.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DictionaryResponse {
    /// As written.
    words: Vec<String>,
    /// Documents that are still being gone through for new words, which are looked for once this is 0.
    documents_waiting: u64,
}

impl From<OwnWords> for DictionaryResponse {
    fn from(own: OwnWords) -> Self {
        Self {
            words: own.words,
            documents_waiting: own.documents_waiting,
        }
    }
}

/// The words of a knowledge base.
#[utoipa::path(get, path = "/api/v1/knowledge-bases/{kb}/dictionary", tag = "knowledge bases",
    params(("kb" = String, Path, description = "Id or name")), responses(
    (status = 200, body = DictionaryResponse),
    (status = 404, description = "`knowledge_base_not_found`", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn get_dictionary(
    State(app): State<App>,
    InKnowledgeBase(base): InKnowledgeBase,
) -> Result<Json<DictionaryResponse>, ApiError> {
    let own = app.state.catalog.own_words(base.id).await?;
    Ok(Json(own.into()))
}

/// Gives a knowledge base other words. Its documents are gone through in the background, without being read or embedded
/// again; searches find what they found meanwhile.
#[utoipa::path(put, path = "/api/v1/knowledge-bases/{kb}/dictionary", tag = "knowledge bases",
    params(("kb" = String, Path, description = "Id or name")), request_body = DictionaryRequest, responses(
    (status = 200, body = DictionaryResponse),
    (status = 400, description = "`too_many_words`, `word_too_short`, `word_too_long`, `word_not_allowed`",
        body = ErrorResponse),
    (status = 404, description = "`knowledge_base_not_found`", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn put_dictionary(
    State(app): State<App>,
    InKnowledgeBase(base): InKnowledgeBase,
    Body(request): Body<DictionaryRequest>,
) -> Result<Json<DictionaryResponse>, ApiError> {
    let list = WordList::new(request.words)?;
    let own = app.state.catalog.set_own_words(base.id, list).await?;
    Ok(Json(own.into()))
}
