//! Plans held against a model of a folder and of a knowledge base, and against single stories.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use proptest::prelude::*;
use uuid::Uuid;

use super::scan::{Found, Scan};
use super::{Action, Change, Known, Plan, plan};
use crate::catalog::{FolderFile, Status};
use crate::cli::view::DocumentView;
use crate::model::{DocumentId, JobId};

const SECOND: i64 = 1_000_000_000;

/// A folder, and what a knowledge base keeps of it: what the catalog promises, in a few lines.
#[derive(Default)]
struct World {
    /// Contents by name.
    folder: BTreeMap<String, String>,
    changed_at: BTreeMap<String, i64>,
    documents: Vec<DocumentView>,
    files: BTreeMap<String, FolderFile>,
    now: i64,
    uploads: usize,
    made: u128,
}

impl World {
    fn write(&mut self, name: &str, content: &str) {
        self.now += 10 * SECOND;
        self.folder.insert(name.to_owned(), content.to_owned());
        self.changed_at.insert(name.to_owned(), self.now);
    }

    fn remove(&mut self, name: &str) {
        self.folder.remove(name);
    }

    /// A moved file keeps its time.
    fn rename(&mut self, from: &str, to: &str) {
        if let Some(content) = self.folder.remove(from) {
            let time = self.changed_at[from];
            self.folder.insert(to.to_owned(), content);
            self.changed_at.insert(to.to_owned(), time);
        }
    }

    fn scan(&self) -> Scan {
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

    fn known(&self) -> Known {
        let files = self.files.values().cloned().collect();
        Known::new(self.documents.clone(), files)
    }

    fn plan(&self) -> (Scan, Plan) {
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
    fn look(&mut self, prune: bool) -> HashMap<String, Change> {
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
                Action::Keep(document) | Action::Follow(document) => Some(*document),
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

    fn contents(&self) -> BTreeSet<String> {
        self.folder.values().cloned().collect()
    }

    fn hashes(&self) -> BTreeSet<String> {
        self.documents
            .iter()
            .map(|document| document.hash.clone())
            .collect()
    }

    fn named(&self, name: &str) -> Option<&DocumentView> {
        self.documents.iter().find(|document| document.name == name)
    }
}

fn world(files: &[(&str, &str)]) -> World {
    let mut world = World::default();
    for (name, content) in files {
        world.write(name, content);
    }
    world.look(false);
    world.uploads = 0;
    world
}

#[test]
fn an_unchanged_folder_needs_nothing_and_no_file_is_read() {
    let mut world = world(&[("a.txt", "A"), ("b.txt", "B"), ("copy.txt", "A")]);
    let known = world.known();
    assert!(
        world
            .scan()
            .files
            .iter()
            .all(|found| known.hash(found).is_some())
    );
    let changes = world.look(true);
    assert!(changes.values().all(|change| *change == Change::Unchanged));
    assert_eq!((world.uploads, world.documents.len()), (0, 2));
}

#[test]
fn a_moved_file_renames_its_document_and_keeps_it() {
    let mut world = world(&[("a.txt", "A"), ("b.txt", "B")]);
    let id = world.named("a.txt").expect("a document").id;
    world.rename("a.txt", "archive/old.txt");
    assert_eq!(world.look(false)["archive/old.txt"], Change::Renamed);
    assert_eq!(
        world.named("archive/old.txt").map(|document| document.id),
        Some(id)
    );
    assert_eq!((world.uploads, world.documents.len()), (0, 2));
    assert_eq!(world.look(true)["archive/old.txt"], Change::Unchanged);
}

#[test]
fn two_files_that_swap_their_names_swap_the_names_of_their_documents() {
    let mut world = world(&[("a.txt", "A"), ("b.txt", "B")]);
    world.rename("a.txt", "c.txt");
    world.rename("b.txt", "a.txt");
    world.rename("c.txt", "b.txt");
    world.look(false);
    assert_eq!(world.named("a.txt").expect("a document").hash, "B");
    assert_eq!(world.named("b.txt").expect("a document").hash, "A");
    assert_eq!(world.uploads, 0);
}

#[test]
fn a_copy_stays_one_document_and_takes_the_name_over_when_the_first_file_goes() {
    let mut world = world(&[("a.txt", "A")]);
    world.write("z.txt", "A");
    assert_eq!(world.look(true)["z.txt"], Change::Unchanged);
    assert!(world.named("a.txt").is_some() && world.documents.len() == 1);
    world.remove("a.txt");
    assert_eq!(world.look(true)["z.txt"], Change::Renamed);
    assert!(world.named("z.txt").is_some() && world.documents.len() == 1);
}

#[test]
fn of_two_files_with_the_same_bytes_the_other_takes_the_name_over_though_it_was_noted_with_the_name_of_the_first()
 {
    let mut world = world(&[("a.txt", "A")]);
    world.write("z.txt", "A");
    world.look(false);
    for file in world.files.values_mut() {
        "a.txt".clone_into(&mut file.name);
    }
    world.write("a.txt", "A2");
    let changes = world.look(false);
    assert_eq!(
        (changes["a.txt"], changes["z.txt"]),
        (Change::New, Change::Renamed)
    );
    assert_eq!(world.hashes(), world.contents());
}

#[test]
fn a_file_moved_over_another_one_takes_its_place() {
    let mut world = world(&[("a.txt", "A"), ("b.txt", "B")]);
    world.rename("a.txt", "b.txt");
    world.look(false);
    assert_eq!(world.hashes(), BTreeSet::from(["A".to_owned()]));
    assert!(world.named("b.txt").is_some());
}

#[test]
fn copied_and_then_changed_both_contents_are_there() {
    let mut world = world(&[("a.txt", "A")]);
    world.write("b.txt", "A");
    world.write("a.txt", "A2");
    let changes = world.look(false);
    assert_eq!(
        (changes["a.txt"], changes["b.txt"]),
        (Change::New, Change::Renamed)
    );
    assert_eq!(world.hashes(), world.contents());
}

#[test]
fn of_two_files_with_the_same_new_bytes_the_one_with_a_document_is_handed_in() {
    let mut world = world(&[("b.txt", "B")]);
    world.write("a.txt", "new");
    world.write("b.txt", "new");
    let changes = world.look(false);
    assert_eq!(
        (changes["a.txt"], changes["b.txt"]),
        (Change::Unchanged, Change::Changed)
    );
    assert_eq!((world.uploads, world.documents.len()), (1, 1));
}

#[test]
fn a_document_that_a_person_renamed_keeps_that_name() {
    let mut world = world(&[("a.txt", "A")]);
    world.documents[0].name = "合同".to_owned();
    world.rename("a.txt", "b.txt");
    assert_eq!(world.look(true)["b.txt"], Change::Unchanged);
    assert!(world.named("合同").is_some() && world.documents.len() == 1);
}

#[test]
fn what_was_not_taken_from_the_folder_is_never_gone() {
    let mut world = world(&[("a.txt", "A")]);
    world.documents.push(DocumentView {
        id: DocumentId(Uuid::from_u128(99)),
        name: "uploaded.txt".to_owned(),
        hash: "U".to_owned(),
        ..world.documents[0].clone()
    });
    world.remove("a.txt");
    let (_, plan) = world.plan();
    let gone: Vec<&str> = plan.gone.iter().map(|gone| gone.name.as_str()).collect();
    assert_eq!(gone, ["a.txt"]);
}

proptest! {
    #[test]
    fn whatever_happens_in_a_folder_every_content_has_its_document_and_nothing_is_taken_in_twice(
        steps in proptest::collection::vec((0_u8..6, 0_usize..5, 0_usize..5, 0_u8..6), 1..50)
    ) {
        let names = ["a.txt", "b.txt", "c/d.txt", "c/e.txt", "f.txt"];
        let mut world = World::default();
        for (what, one, other, content) in steps {
            let (name, content) = (names[one], format!("content {content}"));
            match what {
                0 | 1 => world.write(name, &content),
                2 => world.rename(name, names[other]),
                3 => world.remove(name),
                4 => drop(world.look(false)),
                _ => drop(world.look(true)),
            }
            if what == 4 {
                prop_assert!(world.hashes().is_superset(&world.contents()));
            }
        }
        world.look(true);
        world.look(true);
        prop_assert_eq!(world.hashes(), world.contents());
        world.uploads = 0;
        let changes = world.look(true);
        prop_assert!(changes.values().all(|change| *change == Change::Unchanged));
        prop_assert_eq!(world.uploads, 0);
    }
}
