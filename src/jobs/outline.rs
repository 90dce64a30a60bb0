//! What a job keeps of a document once it is cut: the text itself is read from where it is stored.

use async_trait::async_trait;
use wenyuan_ingest::{CleanDocument, Kind, PageSpan, Span, TextError, TextSource};

use crate::catalog::Texts;
use crate::model::VersionId;

/// A document without its text.
#[derive(Debug)]
pub(super) struct Outline {
    pub(super) kind: Kind,
    pub(super) title: Option<String>,
    pub(super) pages: Vec<PageSpan>,
}

impl From<CleanDocument> for Outline {
    fn from(document: CleanDocument) -> Self {
        Self {
            kind: document.kind,
            title: document.title,
            pages: document.pages,
        }
    }
}

/// The stored text of a version.
#[derive(Debug)]
pub(super) struct StoredText {
    pub(super) texts: Texts,
    pub(super) version: VersionId,
}

#[async_trait]
impl TextSource for StoredText {
    async fn piece(&self, span: Span) -> Result<String, TextError> {
        let (texts, version) = (self.texts.clone(), self.version);
        let reading = tokio::task::spawn_blocking(move || texts.bytes(version, span));
        match reading.await {
            Ok(read) => read.map_err(|error| TextError(error.to_string())),
            // The program ends: that is no fault of the document's.
            Err(error) if error.is_cancelled() => std::future::pending().await,
            Err(error) => Err(TextError(error.to_string())),
        }
    }
}
