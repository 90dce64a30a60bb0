//! What is to be done about the files of a folder, worked out before anything is touched.

use std::collections::{HashMap, HashSet};

use super::known::Known;
use super::scan::{Found, Scan};
use crate::catalog::{DocumentRename, FolderFile, Status};
use crate::cli::view::DocumentView;
use crate::model::DocumentId;

/// Stands behind a path that another document has taken; no path that a system gives holds two separators in a row.
const ASIDE: &str = "//";
const MOST_NAME_CHARS: usize = 500;

/// What became of a file, as the result table counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    /// A document that was not there.
    New,
    /// A new version of a document.
    Changed,
    /// A document that followed its file to another name.
    Renamed,
    /// Nothing was to be done, or its bytes are there under another name.
    Unchanged,
    /// Another file of the same look has the same bytes: one document for both.
    Copy,
}

/// How a file is dealt with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// Its document is ready.
    Keep(DocumentId),
    /// Its document is on its way already.
    Follow(DocumentId),
    /// Its document ran into a limit as it is, and would again.
    Leave(DocumentId),
    /// Its bytes are handed in.
    Upload,
    /// Its bytes are those of another file of this look, which is handed in.
    SameAs(usize),
}

/// One file's part of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// What is done.
    pub(crate) action: Action,
    /// What it will have been.
    pub(crate) change: Change,
}

/// A document whose file is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gone {
    /// Where it was.
    pub(crate) path: String,
    /// The document's name.
    pub(crate) name: String,
}

/// Everything that is to be done.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// For each file.
    pub(crate) steps: Vec<Step>,
    /// Documents that follow their files.
    pub(crate) renames: Vec<DocumentRename>,
    /// Paths that need not be remembered any more.
    pub(crate) forgotten: Vec<String>,
    /// Documents whose files are gone: removed only if that is asked for.
    pub(crate) gone: Vec<Gone>,
    /// What is remembered of gone documents whose path another one has taken.
    pub(crate) aside: Vec<FolderFile>,
}

/// Works out the plan for files whose hashes are known; those that could not be read are `None`.
pub(crate) fn plan(scan: &Scan, hashes: &[Option<String>], known: &Known) -> Plan {
    let mut live: HashMap<DocumentId, Vec<usize>> = HashMap::new();
    for (at, hash) in hashes.iter().enumerate() {
        if let Some(document) = hash.as_deref().and_then(|hash| known.document_with(hash)) {
            live.entry(document.id).or_default().push(at);
        }
    }
    let keys = scan.files.iter().enumerate();
    let places: HashMap<&str, usize> = keys
        .filter_map(|(at, file)| Some((file.key.as_deref()?, at)))
        .collect();
    let look = Look {
        scan,
        hashes,
        known,
        live,
        places,
    };
    let renames = look.renames();
    let mut plan = Plan {
        steps: look.steps(&renames),
        ..Plan::default()
    };
    look.find_gone(&renames, &mut plan);
    plan.renames = renames.into_values().collect();
    plan.renames
        .sort_by(|left, right| left.name.cmp(&right.name));
    plan
}

struct Look<'a> {
    scan: &'a Scan,
    hashes: &'a [Option<String>],
    known: &'a Known,
    /// Files that have a document's bytes now.
    live: HashMap<DocumentId, Vec<usize>>,
    /// Files by their absolute paths.
    places: HashMap<&'a str, usize>,
}

impl Look<'_> {
    /// Whether the file at a remembered path certainly has other bytes now, or is not there any more.
    fn has_lost(&self, file: &FolderFile) -> bool {
        match self.places.get(file.path.as_str()) {
            Some(at) => self.hashes[*at]
                .as_ref()
                .is_some_and(|hash| *hash != file.hash),
            None => self.scan.covers(&file.path) && !self.scan.is_uncertain(&file.path),
        }
    }

    /// Documents whose named file is gone while another one has their bytes.
    fn renames(&self) -> HashMap<DocumentId, DocumentRename> {
        let mut renames = HashMap::new();
        for (id, files) in &self.live {
            let Some(document) = self.known.document(*id) else {
                continue;
            };
            let named = |at: &usize| self.scan.files[*at].name == document.name;
            let lost = |file: &FolderFile| self.has_lost(file);
            if files.iter().any(named) || !self.known.namesake(document).is_some_and(lost) {
                continue;
            }
            let nameable = files
                .iter()
                .find(|at| is_a_name(&self.scan.files[**at].name));
            if let Some(first) = nameable {
                let rename = DocumentRename {
                    document: *id,
                    name: self.scan.files[*first].name.clone(),
                    replaces: None,
                };
                renames.insert(*id, rename);
            }
        }
        self.without_conflicts(renames)
    }

    /// A name that is taken must become free at the same stroke, or its file have been overwritten.
    fn without_conflicts(
        &self,
        mut renames: HashMap<DocumentId, DocumentRename>,
    ) -> HashMap<DocumentId, DocumentRename> {
        loop {
            let blocked = renames.values().find_map(|rename| {
                let holder = self.known.document_named(&rename.name)?;
                let moves = renames.contains_key(&holder.id);
                (!moves && !self.is_overwritten(holder)).then_some(rename.document)
            });
            match blocked {
                Some(document) => drop(renames.remove(&document)),
                None => break,
            }
        }
        let moving: HashSet<DocumentId> = renames.keys().copied().collect();
        for rename in renames.values_mut() {
            let holder = self.known.document_named(&rename.name);
            rename.replaces = holder
                .map(|holder| holder.id)
                .filter(|holder| !moving.contains(holder));
        }
        renames
    }

    /// Whether a document's file has other bytes now and no file has its bytes.
    fn is_overwritten(&self, document: &DocumentView) -> bool {
        let overwritten = |file: &FolderFile| {
            let path = file.path.split(ASIDE).next().unwrap_or_default();
            self.places.contains_key(path) && self.has_lost(file)
        };
        !self.live.contains_key(&document.id)
            && self.known.namesake(document).is_some_and(overwritten)
    }

    fn steps(&self, renames: &HashMap<DocumentId, DocumentRename>) -> Vec<Step> {
        let leaders = self.leaders(renames);
        let step = |(at, hash): (usize, &Option<String>)| {
            let file = &self.scan.files[at];
            // What could not be read is handed in all the same, so that it fails with the reason.
            let Some(hash) = hash.as_deref() else {
                return upload(Change::New);
            };
            if let Some(document) = self.known.document_with(hash) {
                let moved = renames.get(&document.id);
                return for_known(document, moved.is_some_and(|to| to.name == file.name));
            }
            match leaders.get(hash) {
                Some(leader) if *leader != at => Step {
                    action: Action::SameAs(*leader),
                    change: Change::Copy,
                },
                Some(_) | None if self.holder(file, renames).is_some() => upload(Change::Changed),
                Some(_) | None => upload(Change::New),
            }
        };
        self.hashes.iter().enumerate().map(step).collect()
    }

    /// Of several files with the same new bytes the one that is handed in: if possible one whose document is there.
    fn leaders(&self, renames: &HashMap<DocumentId, DocumentRename>) -> HashMap<&str, usize> {
        let mut leaders: HashMap<&str, (usize, bool)> = HashMap::new();
        for (at, hash) in self.hashes.iter().enumerate() {
            let Some(hash) = hash.as_deref() else {
                continue;
            };
            let holds = self.holder(&self.scan.files[at], renames).is_some();
            let leader = leaders.entry(hash).or_insert((at, holds));
            if holds && !leader.1 {
                *leader = (at, holds);
            }
        }
        let places = leaders.into_iter();
        places.map(|(hash, (at, _))| (hash, at)).collect()
    }

    /// The document that gets a new version if the file is handed in.
    fn holder(
        &self,
        file: &Found,
        renames: &HashMap<DocumentId, DocumentRename>,
    ) -> Option<&DocumentView> {
        let named = self.known.document_named(&file.name);
        let holder = named.or_else(|| self.known.named_by(file))?;
        (!renames.contains_key(&holder.id)).then_some(holder)
    }

    /// Files that are remembered and have gone, or have become copies of others.
    fn find_gone(&self, renames: &HashMap<DocumentId, DocumentRename>, plan: &mut Plan) {
        let replaced: HashSet<DocumentId> = renames
            .values()
            .filter_map(|rename| rename.replaces)
            .collect();
        let handed_in = plan.steps.iter().enumerate();
        let handed_in = handed_in.filter(|(_, step)| step.action == Action::Upload);
        let updated: HashSet<DocumentId> = handed_in
            .filter_map(|(at, _)| self.holder(&self.scan.files[at], renames))
            .map(|holder| holder.id)
            .collect();
        let mut files: Vec<&FolderFile> = self.known.files.values().collect();
        files.sort_by(|left, right| left.path.cmp(&right.path));
        for file in files {
            let at = self.places.get(file.path.as_str());
            // A file whose document gets a new version is not gone; one that became another document's is.
            let left = at.is_some_and(|at| match plan.steps[*at].action {
                Action::Keep(now) | Action::Follow(now) | Action::Leave(now) => {
                    now != file.document
                }
                Action::SameAs(_) => true,
                Action::Upload => {
                    let hash = self.hashes[*at].as_deref();
                    let now = hash.and_then(|hash| self.known.document_with(hash));
                    let now = now.or_else(|| self.holder(&self.scan.files[*at], renames));
                    now.is_none_or(|now| now.id != file.document)
                }
            });
            if (at.is_some() && !left) || !self.has_lost(file) || replaced.contains(&file.document)
            {
                continue;
            }
            let lives = self.live.contains_key(&file.document) || updated.contains(&file.document);
            match self.known.document(file.document) {
                // Written anew for the document that it belongs to now.
                Some(_) if lives && at.is_some() => {}
                Some(_) if lives => plan.forgotten.push(file.path.clone()),
                Some(document) if document.hash == file.hash => {
                    let mut path = file.path.clone();
                    if at.is_some() {
                        plan.forgotten.push(path.clone());
                        path = format!("{path}{ASIDE}{}", document.id);
                        plan.aside.push(FolderFile {
                            path: path.clone(),
                            ..file.clone()
                        });
                    }
                    let name = document.name.clone();
                    plan.gone.push(Gone { path, name });
                }
                // Its document has other bytes by now, or went.
                Some(_) | None if at.is_none() => plan.forgotten.push(file.path.clone()),
                Some(_) | None => {}
            }
        }
    }
}

/// Whether a document may be given this name; others get theirs when they are handed in.
fn is_a_name(name: &str) -> bool {
    !name.is_empty()
        && name.chars().count() <= MOST_NAME_CHARS
        && !name.chars().any(char::is_control)
}

const fn upload(change: Change) -> Step {
    Step {
        action: Action::Upload,
        change,
    }
}

/// What is left to do for a file whose bytes are there.
fn for_known(document: &DocumentView, renamed: bool) -> Step {
    let change = match (renamed, document.status, document.searchable) {
        (true, _, _) => Change::Renamed,
        (false, Status::Ready, _) => Change::Unchanged,
        (false, _, true) => Change::Changed,
        (false, _, false) => Change::New,
    };
    let action = match document.status {
        Status::Ready => Action::Keep(document.id),
        Status::Queued | Status::Running => Action::Follow(document.id),
        Status::Failed if document.ran_into_a_limit() => Action::Leave(document.id),
        // Tried again.
        Status::Failed | Status::Cancelled => Action::Upload,
    };
    Step { action, change }
}
