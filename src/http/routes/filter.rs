//! Filters as they come in, and what they must be.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::ToSchema;
use wenyuan_ingest::{Kind, Language};

use crate::http::code::ErrorCode;
use crate::http::error::ApiError;
use crate::model::DocumentId;
use crate::retrieve::{SearchFilter, period};

/// Most values in one list of a filter, and characters in one value.
const MOST_VALUES: usize = 1_000;
const MOST_CHARS: usize = 500;

/// Narrows a search. What is left out does not narrow; a field that does not exist is an error.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct FilterRequest {
    /// Only these documents.
    #[schema(value_type = Vec<String>)]
    documents: Vec<DocumentId>,
    /// Only these formats: pdf, docx, html, markdown, text and so on.
    #[schema(value_type = Vec<String>)]
    kinds: Vec<Kind>,
    /// Only passages in these languages: zh, zh-Hant, en, other.
    #[schema(value_type = Vec<String>)]
    languages: Vec<Language>,
    /// Only documents with any of these tags.
    tags: Vec<String>,
    /// Only documents whose name has any of these in it. Case, width and script do not matter here or below.
    names: Vec<String>,
    /// Only documents whose author has any of these in it.
    authors: Vec<String>,
    /// Only documents whose title has all words of any of these.
    titles: Vec<String>,
    /// Only passages under headings that have all words of any of these.
    headings: Vec<String>,
    /// Only documents that date themselves at or after the beginning of this day, month or year: made, or else last
    /// changed.
    #[schema(example = "2024-06-01")]
    created_after: Option<String>,
    /// Only documents that date themselves at or before the end of this day, month or year.
    #[schema(example = "2024-12-31")]
    created_before: Option<String>,
    /// Only documents with so many pages: least and most.
    page_count: Option<(u32, u32)>,
    /// Only documents added at or after this moment.
    #[schema(value_type = Option<String>, format = DateTime)]
    added_after: Option<Timestamp>,
    /// Only documents added at or before this moment.
    #[schema(value_type = Option<String>, format = DateTime)]
    added_before: Option<Timestamp>,
    /// Only passages that begin on these pages: first and last, from 1.
    pages: Option<(u32, u32)>,
}

impl TryFrom<FilterRequest> for SearchFilter {
    type Error = ApiError;

    fn try_from(filter: FilterRequest) -> Result<Self, ApiError> {
        filter.check()?;
        let (created_after, _) = days("filter.created_after", filter.created_after)?.unzip();
        let (_, created_before) = days("filter.created_before", filter.created_before)?.unzip();
        Ok(Self {
            documents: filter.documents,
            kinds: filter.kinds,
            languages: filter.languages,
            tags: filter.tags,
            names: filter.names,
            authors: filter.authors,
            titles: filter.titles,
            headings: filter.headings,
            created_after,
            created_before,
            page_count: filter.page_count,
            added_after: filter.added_after.map(Timestamp::as_second),
            added_before: filter.added_before.map(Timestamp::as_second),
            pages: filter.pages,
        })
    }
}

impl FilterRequest {
    fn check(&self) -> Result<(), ApiError> {
        let lists = [
            ("filter.tags", &self.tags),
            ("filter.names", &self.names),
            ("filter.authors", &self.authors),
            ("filter.titles", &self.titles),
            ("filter.headings", &self.headings),
        ];
        for (name, list) in lists {
            let long = list.iter().any(|value| value.chars().count() > MOST_CHARS);
            if long || list.len() > MOST_VALUES {
                let detail = format!("at most {MOST_VALUES} values of {MOST_CHARS} characters");
                return Err(invalid(name, detail));
            }
        }
        if self.documents.len() > MOST_VALUES {
            let detail = format!("at most {MOST_VALUES} documents");
            return Err(invalid("filter.documents", detail));
        }
        Ok(())
    }
}

fn days(name: &'static str, given: Option<String>) -> Result<Option<(Date, Date)>, ApiError> {
    let Some(text) = given.filter(|text| !text.trim().is_empty()) else {
        return Ok(None);
    };
    match period(&text) {
        Some(days) => Ok(Some(days)),
        None => Err(invalid(
            name,
            format!("“{text}”: 2024, 2024-06, 2024-06-01"),
        )),
    }
}

fn invalid(name: &'static str, detail: String) -> ApiError {
    ApiError::new(ErrorCode::InvalidParameter)
        .with("name", name)
        .with("detail", detail)
}
