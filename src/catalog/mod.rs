//! The catalog: knowledge bases, documents, versions, chunks and jobs. With the blobs it is the truth; the index
//! is a projection of it.

mod api;
mod error;
mod types;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use api::*;
pub use error::{CatalogError, Entity};
pub use types::{
    Accepted, ChunkRecord, Document, DocumentChange, DocumentPage, DocumentQuery, Job, JobError,
    KnowledgeBase, KnowledgeBaseChange, NewDocument, NewKnowledgeBase, Original, Progress, Stage,
    Status, Totals, Version,
};
