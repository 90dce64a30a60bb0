//! What is to be remembered of the files of one look.

use anyhow::Result;

use super::{Change, Known, Plan, Scan};
use crate::catalog::FolderFile;
use crate::model::DocumentId;

/// Files of one look and the documents that they became.
pub(crate) struct Memory<'a> {
    scan: &'a Scan,
    plan: &'a Plan,
    hashes: &'a [Result<String>],
    known: &'a Known,
    /// To be written down.
    pub(crate) seen: Vec<FolderFile>,
}

impl<'a> Memory<'a> {
    /// Of nothing yet.
    pub(crate) const fn new(
        scan: &'a Scan,
        plan: &'a Plan,
        hashes: &'a [Result<String>],
        known: &'a Known,
    ) -> Self {
        Self {
            scan,
            plan,
            hashes,
            known,
            seen: Vec::new(),
        }
    }

    /// Notes the document that a file became, and its name if it was handed in, unless that is remembered already.
    pub(crate) fn note(&mut self, at: usize, became: Option<(DocumentId, Option<&str>)>) {
        let found = &self.scan.files[at];
        let (Some((document, given)), Some(key), Ok(hash)) = (became, &found.key, &self.hashes[at])
        else {
            return;
        };
        let before = self.known.file(found);
        let before = before.filter(|before| before.document == document);
        // A document keeps the name that this file gave it, whichever folder is named this time.
        let named = before.filter(|before| {
            let kept = self.known.document(document);
            kept.is_some_and(|kept| kept.name == before.name)
                && self.plan.steps[at].change != Change::Renamed
        });
        let name = match (given, named) {
            (Some(given), _) => given,
            (None, Some(before)) => &before.name,
            (None, None) => &found.name,
        };
        let remembered = before.is_some_and(|before| before.name == name);
        if remembered && self.known.hash(found) == Some(hash.as_str()) {
            return;
        }
        self.seen.push(FolderFile {
            path: key.clone(),
            name: name.to_owned(),
            bytes: found.bytes,
            modified: found.modified,
            looked_at: self.scan.looked_at,
            hash: hash.clone(),
            document,
        });
    }
}
