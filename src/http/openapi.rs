//! The OpenAPI document: what is said about the whole; each path speaks for itself in `routes`.

use serde_json::Value;
use utoipa::OpenApi;

/// The frame that the paths are put into.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Wenyuan 文渊",
        description = "A knowledge base that answers from your own documents and shows the passage behind every \
            sentence.\n\nEverything is JSON in UTF-8; ids are opaque. A knowledge base is named by id or by \
            percent-encoded name. Offsets count characters (Unicode scalar values) of a document's cleaned text. \
            Errors are `{\"error\":{\"code\",\"message\",\"hint\",\"request_id\"}}`, in Chinese or English as \
            `Accept-Language` asks; 429 comes with `Retry-After` in seconds.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    tags(
        (name = "knowledge bases", description = "Make, list, rename and delete knowledge bases."),
        (name = "documents", description = "Upload documents and look at them."),
        (name = "jobs", description = "Follow, stop and retry the reading of documents."),
        (name = "questions", description = "Search, and ask."),
        (name = "quality", description = "Measure a knowledge base by questions whose answers are known, and fit it."),
        (name = "index", description = "Which embedding model the index was made with, and a change to another one."),
        (name = "server", description = "Whether the server is well."),
    ),
)]
pub(crate) struct Document;

/// The document as it is sent. It is our own and always serializes; an empty one would fail its test.
pub(crate) fn to_json(document: &utoipa::openapi::OpenApi) -> Value {
    serde_json::to_value(document).unwrap_or_default()
}
