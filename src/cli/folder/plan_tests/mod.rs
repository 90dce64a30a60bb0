//! Plans held against a model of a folder and of a knowledge base, and against single stories.

mod world;

use std::collections::BTreeSet;

use proptest::prelude::*;
use uuid::Uuid;

use self::world::{World, world};
use super::{Action, Change};
use crate::catalog::Status;
use crate::cli::view::{DocumentView, ErrorView};
use crate::model::DocumentId;

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
        (Change::Copy, Change::Changed)
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

#[test]
fn a_file_that_ran_into_a_limit_is_left_until_it_changes_and_one_that_failed_otherwise_is_tried_again()
 {
    let mut world = world(&[("slow.pdf", "S"), ("shut.pdf", "E")]);
    for (name, code) in [
        ("slow.pdf", "time_limit"),
        ("shut.pdf", "password_required"),
    ] {
        let mut documents = world.documents.iter_mut();
        let document = documents.find(|document| document.name == name);
        let document = document.expect("a document");
        document.status = Status::Failed;
        document.error = Some(ErrorView {
            code: code.to_owned(),
            message: String::new(),
            hint: None,
        });
    }
    let slow = world.named("slow.pdf").expect("a document").id;
    let actions = |world: &World| -> Vec<Action> {
        let steps = world.plan().1.steps.into_iter();
        steps.map(|step| step.action).collect()
    };
    assert_eq!(actions(&world), [Action::Upload, Action::Leave(slow)]);
    world.write("slow.pdf", "S, shorter");
    assert_eq!(actions(&world), [Action::Upload, Action::Upload]);
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
