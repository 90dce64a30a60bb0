//! What is known of a knowledge base and of the folders that were taken into it, before they are looked at again.

use std::collections::HashMap;

use super::scan::Found;
use crate::catalog::FolderFile;
use crate::cli::view::DocumentView;
use crate::model::DocumentId;

/// A file system may give a file that is changed twice in so many nanoseconds the same time.
const RACE: i64 = 2_000_000_000;

/// What is known before the look: documents of the knowledge base, and files remembered under the paths named.
pub(crate) struct Known {
    documents: Vec<DocumentView>,
    by_id: HashMap<DocumentId, usize>,
    by_hash: HashMap<String, usize>,
    by_name: HashMap<String, usize>,
    /// What is remembered, by path.
    pub(super) files: HashMap<String, FolderFile>,
    /// The path of the remembered file that gave a document the name that it still has.
    namesakes: HashMap<DocumentId, String>,
}

impl Known {
    /// Puts it in order.
    pub(crate) fn new(documents: Vec<DocumentView>, files: Vec<FolderFile>) -> Self {
        let by = |key: fn(&DocumentView) -> String| {
            let keys = documents.iter().enumerate();
            keys.map(|(at, document)| (key(document), at)).collect()
        };
        let by_id = documents.iter().enumerate();
        let by_id: HashMap<_, _> = by_id.map(|(at, document)| (document.id, at)).collect();
        let mut namesakes = HashMap::new();
        for file in &files {
            let Some(document) = by_id.get(&file.document).map(|at| &documents[*at]) else {
                continue;
            };
            // Earlier programs noted a document's name for files that merely had the same bytes, too.
            let certain = file.path.ends_with(&format!("/{}", document.name));
            if document.name == file.name && (certain || !namesakes.contains_key(&document.id)) {
                namesakes.insert(document.id, file.path.clone());
            }
        }
        Self {
            namesakes,
            by_id,
            by_hash: by(|document| document.hash.clone()),
            by_name: by(|document| document.name.clone()),
            files: files
                .into_iter()
                .map(|file| (file.path.clone(), file))
                .collect(),
            documents,
        }
    }

    /// What is remembered of a file.
    pub(crate) fn file(&self, found: &Found) -> Option<&FolderFile> {
        self.files.get(found.key.as_deref()?)
    }

    /// A file's hash without reading it, if neither size nor time has changed since it was read.
    ///
    /// A file that was changed just before it was looked at is read again: it may have changed within the same tick.
    pub(crate) fn hash(&self, found: &Found) -> Option<&str> {
        let file = self.file(found)?;
        let settled = file.modified.saturating_add(RACE) <= file.looked_at;
        let same = file.bytes == found.bytes && file.modified == found.modified;
        (settled && same).then_some(file.hash.as_str())
    }

    /// The document that has these bytes.
    pub(crate) fn document_with(&self, hash: &str) -> Option<&DocumentView> {
        self.by_hash.get(hash).map(|at| &self.documents[*at])
    }

    /// The document of that id.
    pub(crate) fn document(&self, id: DocumentId) -> Option<&DocumentView> {
        self.by_id.get(&id).map(|at| &self.documents[*at])
    }

    /// The document of that name.
    pub(super) fn document_named(&self, name: &str) -> Option<&DocumentView> {
        self.by_name.get(name).map(|at| &self.documents[*at])
    }

    /// The document that has its name from a file, where a server has made the name harmless too.
    pub(super) fn named_by(&self, found: &Found) -> Option<&DocumentView> {
        let file = self.file(found)?;
        self.document(file.document)
            .filter(|document| document.name == file.name)
    }

    /// The remembered file that gave a document the name that it still has.
    pub(super) fn namesake(&self, document: &DocumentView) -> Option<&FolderFile> {
        self.files.get(self.namesakes.get(&document.id)?)
    }
}
