//! Every path, with the handlers behind it and the shapes that go in and out.

mod ask;
mod chunks;
mod dictionary;
mod documents;
mod facets;
mod filter;
mod folder_files;
mod gold;
mod health;
mod index;
mod jobs;
mod knowledge_bases;
mod measure;
mod pages;
mod pictures;
mod retrieval;
mod search;
mod shapes;
mod split;
mod why_not;

use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) use ask::{CitationResponse, DoneResponse, SentenceResponse};
pub(crate) use jobs::JobEventResponse;
pub(crate) use pages::{anything_else, documentation, wrong_method};
pub(crate) use search::HitResponse;
pub(crate) use why_not::WhyNotResponse;

use super::layers::limit_time;
use super::openapi::Document;
use super::state::App;

/// All documented paths; each group keeps the limits of its kind.
pub(crate) fn all(app: &App) -> OpenApiRouter<App> {
    let settings = &app.settings;
    let small_body = DefaultBodyLimit::max(settings.max_json_bytes);
    let upload_body =
        DefaultBodyLimit::max(usize::try_from(settings.max_upload_bytes).unwrap_or(usize::MAX));
    let preview_body =
        DefaultBodyLimit::max(usize::try_from(settings.max_preview_bytes).unwrap_or(usize::MAX));
    let in_time = |limit| from_fn_with_state(limit, limit_time);
    OpenApiRouter::with_openapi(Document::openapi())
        .merge(
            quick()
                .layer(in_time(settings.request_timeout))
                .layer(small_body),
        )
        .merge(
            asking()
                .layer(in_time(settings.answer_timeout))
                .layer(small_body),
        )
        .merge(uploads().layer(upload_body))
        .merge(previews().layer(preview_body))
}

fn quick() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(health::metrics))
        .routes(routes!(
            knowledge_bases::create_knowledge_base,
            knowledge_bases::list_knowledge_bases
        ))
        .routes(routes!(
            knowledge_bases::get_knowledge_base,
            knowledge_bases::change_knowledge_base,
            knowledge_bases::delete_knowledge_base
        ))
        .routes(routes!(
            documents::get_document,
            documents::change_document,
            documents::delete_document
        ))
        .routes(routes!(documents::get_document_content))
        .routes(routes!(documents::get_document_text))
        .routes(routes!(
            folder_files::list_folder_files,
            folder_files::change_folder
        ))
        .routes(routes!(chunks::list_document_chunks))
        .routes(routes!(pictures::get_page_picture))
        .routes(routes!(jobs::get_job))
        .routes(routes!(jobs::follow_job))
        .routes(routes!(jobs::cancel_job))
        .routes(routes!(jobs::retry_job))
        .routes(routes!(facets::get_facets))
        .routes(routes!(
            dictionary::get_dictionary,
            dictionary::put_dictionary
        ))
        .routes(routes!(index::get_index))
        .routes(routes!(index::build_index))
        .routes(routes!(index::switch_index))
        .routes(routes!(index::drop_other_index))
        .routes(routes!(gold::list_gold_questions, gold::add_gold_question))
        .routes(routes!(gold::import_gold_questions))
        .routes(routes!(gold::promote_answer))
        .routes(routes!(gold::remove_gold_question))
        .routes(routes!(measure::forget_calibration))
        .routes(routes!(search::search))
        .routes(routes!(search::search_together))
        .routes(routes!(why_not::why_not))
}

fn asking() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(ask::ask))
        .routes(routes!(measure::evaluate_knowledge_base))
        .routes(routes!(measure::calibrate_knowledge_base))
}

/// Uploads watch over their own time: a large file on a slow line is no error, silence is.
fn uploads() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(
        documents::upload_documents,
        documents::list_documents
    ))
}

/// These watch over their own time as uploads do; reading has its own limit.
fn previews() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(split::split_files))
}

/// Paths that are for people, not for the OpenAPI document.
pub(crate) fn pages() -> axum::Router<App> {
    pages::router()
}
