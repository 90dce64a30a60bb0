//! A model of a folder and of a knowledge base.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use uuid::Uuid;

use crate::catalog::{FolderFile, Status};
use crate::cli::folder::scan::{Found, Scan};
use crate::cli::folder::{Action, Change, Known, Plan, plan};
use crate::cli::view::DocumentView;
use crate::model::{DocumentId, JobId};

const SECOND: i64 = 1_000_000_000;

/// A folder, and what a knowledge base keeps of it: what the catalog promises, in a few lines.
#[derive(Default)]
pub(super) struct World {
    /// Contents by name.
    folder: BTreeMap<String, String>,
    changed_at: BTreeMap<String, i64>,
    pub(super) documents: Vec<DocumentView>,
    pub(super) files: BTreeMap<String, FolderFile>,
    now: i64,
    pub(super) uploads: usize,
    made: u128,
}

impl World {
    pub(super) fn write(&mut self, name: &str, content: &str) {
        self.now += 10 * SECOND;
        self.folder.insert(name.to_owned(), content.to_owned());
        self.changed_at.insert(name.to_owned(), self.now);
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.folder.remove(name);
    }

    /// A moved file keeps its time.
    pub(super) fn rename(&mut self, from: &str, to: &str) {
        if let Some(content) = self.folder.remove(from) {
            let time = self.changed_at[from];
            self.folder.insert(to.to_owned(), content);
            self.changed_at.insert(to.to_owned(), time);
        }
    }

    pub(super) fn scan(&self) -> Scan {
        let files = self.folder.iter().map(|(name, content)| Found {
            path: PathBuf::from(name),
            key: Some(format!("/docs/{name}")),
            name: name.clone(),
            bytes: content.len() as u64,
            modified: self.changed_at[name],
        });
        Scan {
            files: files.collect(),
            folders: vec!["/docs/".to_owned()],
            looked_at: self.now,
            ..Scan::default()
        }
    }

    pub(super) fn known(&self) -> Known {
        let files = self.files.values().cloned().collect();
        Known::new(self.documents.clone(), files)
    }

    pub(super) fn plan(&self) -> (Scan, Plan) {
        let (scan, known) = (self.scan(), self.known());
        let hashes: Vec<Option<String>> = scan
            .files
            .iter()
            .map(|found| {
                let content = self.folder[&found.name].clone();
                // What is remembered without reading must be what reading gives.
                assert!(
                    known.hash(found).is_none_or(|hash| hash == content),
                    "{}",
                    found.name
                );
                Some(content)
            })
            .collect();
        let plan = plan(&scan, &hashes, &known);
        (scan, plan)
    }

    /// Does what the plan says, as `ingest` and the catalog would.
    pub(super) fn look(&mut self, prune: bool) -> HashMap<String, Change> {
        self.now += 10 * SECOND;
        let (scan, plan) = self.plan();
        self.follow_renames(&plan);
        if prune {
            for gone in &plan.gone {
                let file = self.files.remove(&gone.path).expect("it was remembered");
                let elsewhere = self
                    .files
                    .values()
                    .any(|other| other.document == file.document);
                self.documents.retain(|document| {
                    document.id != file.document || elsewhere || document.hash != file.hash
                });
            }
        }
        let mut changes = HashMap::new();
        let mut became: Vec<Option<DocumentId>> = Vec::new();
        for (at, step) in plan.steps.iter().enumerate() {
            let found = &scan.files[at];
            changes.insert(found.name.clone(), step.change);
            became.push(match &step.action {
                Action::Keep(document) | Action::Follow(document) | Action::Leave(document) => {
                    Some(*document)
                }
                Action::SameAs(_) => None,
                Action::Upload => Some(self.upload(&found.name)),
            });
        }
        for (at, step) in plan.steps.iter().enumerate() {
            if let Action::SameAs(leader) = step.action {
                became[at] = became[leader];
            }
        }
        for (at, document) in became.into_iter().enumerate() {
            let document = document.expect("a document");
            self.remember(&scan, at, document, plan.steps[at].change);
        }
        changes
    }

    fn follow_renames(&mut self, plan: &Plan) {
        for rename in &plan.renames {
            if let Some(replaced) = rename.replaces {
                self.documents.retain(|document| document.id != replaced);
                self.files.retain(|_, file| file.document != replaced);
            }
        }
        for rename in &plan.renames {
            let mut documents = self.documents.iter_mut();
            let document = documents.find(|document| document.id == rename.document);
            document.expect("a document").name.clone_from(&rename.name);
        }
        let names: BTreeSet<&String> = self
            .documents
            .iter()
            .map(|document| &document.name)
            .collect();
        assert_eq!(
            names.len(),
            self.documents.len(),
            "two documents of one name"
        );
        for path in &plan.forgotten {
            self.files.remove(path);
        }
        let aside = plan.aside.iter();
        self.files
            .extend(aside.map(|file| (file.path.clone(), file.clone())));
    }

    fn upload(&mut self, name: &str) -> DocumentId {
        self.uploads += 1;
        let content = self.folder[name].clone();
        assert!(
            self.documents
                .iter()
                .all(|document| document.hash != content),
            "{name} is there already"
        );
        if let Some(document) = self
            .documents
            .iter_mut()
            .find(|document| document.name == name)
        {
            document.hash = content;
            return document.id;
        }
        self.made += 1;
        let id = DocumentId(Uuid::from_u128(self.made));
        self.documents.push(DocumentView {
            id,
            name: name.to_owned(),
            hash: content,
            status: Status::Ready,
            searchable: true,
            job_id: JobId(id.0),
            tags: Vec::new(),
            error: None,
        });
        id
    }

    fn remember(&mut self, scan: &Scan, at: usize, document: DocumentId, change: Change) {
        let found = &scan.files[at];
        let key = found.key.clone().expect("a key");
        let kept = self.documents.iter().find(|known| known.id == document);
        let before = self.files.get(&key).filter(|before| {
            before.document == document
                && kept.is_some_and(|kept| kept.name == before.name)
                && change != Change::Renamed
        });
        let name = before.map_or_else(|| found.name.clone(), |before| before.name.clone());
        let file = FolderFile {
            path: key.clone(),
            name,
            bytes: found.bytes,
            modified: found.modified,
            looked_at: scan.looked_at,
            hash: self.folder[&found.name].clone(),
            document,
        };
        self.files.insert(key, file);
    }

    pub(super) fn contents(&self) -> BTreeSet<String> {
        self.folder.values().cloned().collect()
    }

    pub(super) fn hashes(&self) -> BTreeSet<String> {
        self.documents
            .iter()
            .map(|document| document.hash.clone())
            .collect()
    }

    pub(super) fn named(&self, name: &str) -> Option<&DocumentView> {
        self.documents.iter().find(|document| document.name == name)
    }
}

/// One whose files were taken in.
pub(super) fn world(files: &[(&str, &str)]) -> World {
    let mut world = World::default();
    for (name, content) in files {
        world.write(name, content);
    }
    world.look(false);
    world.uploads = 0;
    world
}
