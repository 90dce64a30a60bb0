//! Pages as pictures, drawn in a child process under the same bounds as reading.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::allowance::Allowance;
use super::parent::attempt;
use super::program::ReaderProgram;
use super::{Message, Order};
use crate::{ParseError, ParseLimits, ParseProgress, ParseRequest};

/// Longest time for one picture, in seconds; less if reading may take less.
const SECONDS: u64 = 30;

/// What to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawing {
    /// Page, from 1.
    pub page: u32,
    /// Width in pixels; brought within [`NARROWEST`](Self::NARROWEST) and [`WIDEST`](Self::WIDEST).
    pub width: u32,
}

impl Drawing {
    /// Narrowest picture, in pixels.
    pub const NARROWEST: u32 = 200;
    /// Widest picture, in pixels.
    pub const WIDEST: u32 = 2_000;

    /// The width within its bounds.
    #[must_use]
    pub fn width(self) -> u32 {
        self.width.clamp(Self::NARROWEST, Self::WIDEST)
    }
}

/// Why a page was not drawn, by what can be done about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum DrawError {
    /// The document is shorter.
    #[error("there is no page {page}")]
    NoSuchPage {
        /// The page asked for.
        page: u32,
    },
    /// Nothing here draws documents of this kind, or the library that does is missing.
    #[error("documents of this kind are not drawn here")]
    NotDrawable,
    /// The file could not be read.
    #[error(transparent)]
    Failed(ParseError),
}

/// Draws a page as PNG in a process of its own. Dropping the future kills it.
///
/// # Errors
/// Any [`DrawError`].
pub async fn draw_in_child(
    program: &ReaderProgram,
    request: ParseRequest,
    limits: &ParseLimits,
    drawing: Drawing,
) -> Result<Vec<u8>, DrawError> {
    let seconds = limits.seconds.min(SECONDS);
    let order = Order {
        request,
        limits: ParseLimits {
            seconds,
            ..limits.clone()
        },
        drawing: Some(drawing),
    };
    let mut silent = |_: ParseProgress| {};
    let allowance = Allowance::new(&order.limits);
    let attempt = attempt(program, &order, &allowance, &mut silent);
    let answer = tokio::time::timeout(Duration::from_secs(seconds), attempt).await;
    let answer = answer.unwrap_or(Err(ParseError::TimeLimit { seconds }));
    match answer.map_err(DrawError::Failed)? {
        (Message::Picture(_), picture) => Ok(picture),
        (Message::Undrawn(error), _) => Err(error),
        (Message::Error(error), _) => Err(DrawError::Failed(error)),
        (
            Message::Progress(_)
            | Message::Length(_)
            | Message::Text(_)
            | Message::Blocks(_)
            | Message::Recognizing
            | Message::Document(_),
            _,
        ) => Err(DrawError::Failed(ParseError::crashed(
            "the drawing process answered something else",
        ))),
    }
}
