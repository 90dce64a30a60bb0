//! What is handed in as a document, and what becomes of it.

use serde::Serialize;
use wenyuan_ingest::PresetChoice;

use super::{Status, StoredBlob};
use crate::model::{DocumentId, JobId, Password};

/// A document to be taken in. The blob is already stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDocument {
    /// 1 to 500 characters without control characters; folders in it are kept.
    pub name: String,
    /// A title to use in place of the one found in the text; `None` keeps what was given for the name before.
    pub title: Option<String>,
    /// The original.
    pub blob: StoredBlob,
    /// The user's tags.
    pub tags: Vec<String>,
    /// How it is to be cut; `None` keeps what was asked for the name or the bytes before, else finds out.
    pub preset: Option<PresetChoice>,
    /// The web address that it was fetched from: a document fetched from there before gets a new version, whatever its
    /// name; another document of the same name is left alone.
    pub source_url: Option<String>,
    /// Opens the original, where that is protected.
    pub password: Option<Password>,
}

impl NewDocument {
    /// A file under its name, with nothing else said about it.
    #[must_use]
    pub fn new(name: impl Into<String>, blob: StoredBlob) -> Self {
        Self {
            name: name.into(),
            title: None,
            blob,
            tags: Vec::new(),
            preset: None,
            source_url: None,
            password: None,
        }
    }
}

/// What became of an upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Accepted {
    /// The document; an existing one if the bytes or the name are known.
    pub document_id: DocumentId,
    /// The job to follow.
    pub job_id: JobId,
    /// The document's name: the existing one if the same bytes are there under another name.
    pub name: String,
    /// Where it stands: `ready` if the same bytes are searchable already.
    pub status: Status,
    /// Whether these bytes were in the knowledge base already.
    pub known: bool,
}
