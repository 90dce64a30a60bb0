//! Pages of documents as pictures.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use wenyuan_ingest::{DrawError, Drawing};

use crate::catalog::Original;
use crate::http::code::ErrorCode;
use crate::http::content::{self, matches_tag};
use crate::http::error::{ApiError, ErrorResponse, Outcome};
use crate::http::extract::{InDocument, Query, within};
use crate::http::state::App;

/// Pixels when the client does not say.
const WIDTH: usize = 1_000;

/// How large.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PictureQuery {
    /// Width in pixels, 200 to 2,000; 1,000 when left out.
    width: Option<usize>,
}

/// What the path names: `.../pages/{picture}`.
#[derive(Debug, Deserialize)]
pub(crate) struct PicturePath {
    picture: String,
}

/// A page as it is printed, as PNG. Boxes of passages and citations are fractions of this picture.
#[utoipa::path(get, path = "/api/v1/knowledge-bases/{kb}/documents/{id}/pages/{picture}", tag = "documents",
    params(("kb" = String, Path, description = "Id or name"), ("id" = String, Path, description = "Document id"),
        ("picture" = String, Path, description = "The page's number, from 1, and `.png`", example = "1.png"),
        PictureQuery),
    responses(
    (status = 200, description = "The page", content_type = "image/png"),
    (status = 304, description = "The client's copy is current"),
    (status = 400, description = "`out_of_range`: the width", body = ErrorResponse),
    (status = 404, description = "`page_not_found`, `no_page_images`: not a PDF, or pdfium is missing",
        body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn get_page_picture(
    State(app): State<App>,
    place: InDocument,
    Path(path): Path<PicturePath>,
    Query(query): Query<PictureQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let widths = Drawing::NARROWEST as usize..=Drawing::WIDEST as usize;
    let width = within("width", query.width, WIDTH, widths)? as u32;
    let page = number(&path.picture)?;
    let catalog = &app.state.catalog;
    let document = catalog.document(place.knowledge_base.id, place.id).await?;
    if document.pages.is_some_and(|pages| page > pages) {
        return Err(missing(&page.to_string()));
    }
    let original = catalog.original(place.knowledge_base.id, place.id).await?;
    let tag = format!("\"{}-{page}-{width}\"", original.hash);
    let unchanged = matches_tag(&headers, &tag);
    let described =
        content::headers([(ETAG, tag), (CACHE_CONTROL, "private, no-cache".to_owned())])?;
    if unchanged {
        return Ok(Outcome::Unchanged.with(described, ()));
    }
    let picture = draw(&app, &original, Drawing { page, width }).await?;
    let fixed = [
        (CONTENT_TYPE, "image/png"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
    ];
    Ok((fixed, described, picture).into_response())
}

/// The page in `12.png`.
fn number(picture: &str) -> Result<u32, ApiError> {
    let page = picture.strip_suffix(".png").unwrap_or(picture);
    page.parse()
        .ok()
        .filter(|page| *page > 0)
        .ok_or_else(|| missing(page))
}

fn missing(page: &str) -> ApiError {
    ApiError::new(ErrorCode::PageNotFound).with("page", page)
}

async fn draw(app: &App, original: &Original, drawing: Drawing) -> Result<Vec<u8>, ApiError> {
    let none = |detail: &str| ApiError::new(ErrorCode::NoPageImages).with("detail", detail);
    app.state
        .ingestor
        .draw(original, drawing)
        .await
        .map_err(|error| match error {
            DrawError::NoSuchPage { page } => missing(&page.to_string()),
            DrawError::NotDrawable => none("not a PDF, or no pdfium"),
            DrawError::Failed(error) => none(error.code()),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_named_by_their_number_from_one() {
        assert_eq!(number("12.png"), Ok(12));
        for wrong in [
            "0.png",
            "-1.png",
            "one.png",
            ".png",
            "1.jpg",
            "99999999999.png",
        ] {
            let error = number(wrong).expect_err(wrong);
            assert_eq!(error.code(), ErrorCode::PageNotFound, "{wrong}");
        }
    }
}
