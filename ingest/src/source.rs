//! Where the pipeline takes a document's text from: memory, or wherever it is kept, a piece at a time.

use async_trait::async_trait;

use crate::{CleanDocument, Span};

/// The text cannot be read any more.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the text of the document cannot be read: {0}")]
pub struct TextError(pub String);

/// Gives pieces of a document's cleaned text, so that a long text need not be in memory while it is embedded.
#[async_trait]
pub trait TextSource: Send + Sync + std::fmt::Debug {
    /// The text at a span of bytes that lies on character boundaries.
    ///
    /// # Errors
    /// [`TextError`] if it cannot be read, or the text has no such span.
    async fn piece(&self, span: Span) -> Result<String, TextError>;
}

#[async_trait]
impl TextSource for CleanDocument {
    async fn piece(&self, span: Span) -> Result<String, TextError> {
        let piece = self.text.get(span.start..span.end);
        piece
            .map(str::to_owned)
            .ok_or_else(|| TextError(format!("it has no bytes {}..{}", span.start, span.end)))
    }
}

/// A piece of a text, looked up by places in the whole.
#[derive(Debug)]
pub(crate) struct Window {
    text: String,
    start: usize,
}

impl Window {
    /// The piece of `source` at this span.
    pub(crate) async fn open(source: &dyn TextSource, span: Span) -> Result<Self, TextError> {
        let text = source.piece(span).await?;
        if text.len() == span.len() {
            Ok(Self {
                text,
                start: span.start,
            })
        } else {
            Err(TextError("it is shorter than it was".to_owned()))
        }
    }

    /// The text that a span within the window covers.
    pub(crate) fn of(&self, span: Span) -> &str {
        &self.text[span.start - self.start..span.end - self.start]
    }
}
