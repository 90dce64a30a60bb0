//! What became of a file that was handed in.

use std::path::PathBuf;

use super::folder::Change;
use super::report::Outcome;
use super::view::{ErrorView, JobView, WarningView};
use crate::model::DocumentId;

/// A file that was handed in, at its end.
pub(super) struct Ended {
    pub(super) document_id: Option<String>,
    pub(super) name: Option<String>,
    /// Whether its bytes could be found before it came.
    pub(super) was_ready: bool,
    pub(super) view: JobView,
    /// What is to be known about what was read.
    pub(super) warnings: Vec<WarningView>,
}

impl Ended {
    pub(super) fn of_known(document: DocumentId, view: JobView) -> Self {
        Self {
            document_id: Some(document.to_string()),
            name: None,
            was_ready: false,
            view,
            warnings: Vec::new(),
        }
    }

    pub(super) fn outcome(self, path: PathBuf, change: Change) -> Outcome {
        Outcome {
            path,
            document_id: self.document_id,
            document_name: self.name,
            change: match change {
                Change::New | Change::Changed if self.was_ready => Change::Unchanged,
                // Handed in once more, to be cut in another way or opened with a password.
                Change::Unchanged if !self.was_ready => Change::Changed,
                Change::New
                | Change::Changed
                | Change::Renamed
                | Change::Unchanged
                | Change::Copy => change,
            },
            status: self.view.status,
            error_code: self.view.error.as_ref().map(|error| error.code.clone()),
            error: self.view.error.map(ErrorView::told),
            left: false,
            warnings: self.warnings,
        }
    }
}
