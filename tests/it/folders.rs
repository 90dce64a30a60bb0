//! `wenyuan ingest` on a folder again and again, with the real program and the real models.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::Program;

fn counts(told: &Value) -> [u64; 5] {
    let count = |key: &str| told[key].as_u64().unwrap_or(u64::MAX);
    ["new", "changed", "renamed", "unchanged", "failed"].map(count)
}

fn look(program: &Program, folder: &Path, more: &[&str]) -> Value {
    let folder = folder.to_string_lossy().into_owned();
    let mut arguments = vec!["ingest", &folder, "--kb", "test", "--json"];
    arguments.extend(more);
    program.json(&arguments)
}

#[test]
fn a_folder_taken_in_again_embeds_only_what_changed_and_prunes_only_when_asked() {
    let test = "a_folder_taken_in_again_embeds_only_what_changed_and_prunes_only_when_asked";
    let Some(program) = Program::with_models(test) else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name);
    for (name, text) in [
        ("a.txt", "The pump needs oil every month."),
        ("b.txt", "年假最多可以累积五天。"),
        ("c.txt", "The valve is checked twice a year."),
    ] {
        fs::write(path(name), text).expect("a file");
    }
    let told = look(&program, folder.path(), &[]);
    assert_eq!(counts(&told), [3, 0, 0, 0, 0], "{told}");
    assert_eq!(counts(&look(&program, folder.path(), &[])), [0, 0, 0, 3, 0]);

    fs::write(path("a.txt"), "The pump needs oil every week.").expect("a file");
    fs::create_dir(path("sub")).expect("a folder");
    fs::rename(path("b.txt"), path("sub/假.txt")).expect("moved");
    fs::remove_file(path("c.txt")).expect("removed");
    fs::write(path("d.txt"), "   ").expect("a file");
    let told = look(&program, folder.path(), &[]);
    assert_eq!(counts(&told), [0, 1, 1, 0, 1], "{told}");
    assert_eq!(
        (&told["gone"], told["removed"].as_array().map(Vec::len)),
        (&1.into(), Some(0))
    );

    fs::remove_file(path("d.txt")).expect("removed");
    let told = look(&program, folder.path(), &["--prune"]);
    assert_eq!(counts(&told), [0, 0, 0, 2, 0], "{told}");
    let removed = told["removed"].as_array().cloned().unwrap_or_default();
    let mut names: Vec<&str> = removed
        .iter()
        .filter_map(|one| one["name"].as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["c.txt", "d.txt"]);

    let found = program.json(&["search", "年假", "--kb", "test", "--json"]);
    assert_eq!(found["hits"][0]["document_name"], "sub/假.txt");
    // An empty folder looks like a drive that is not there: nothing is removed.
    fs::remove_dir_all(path("sub")).expect("removed");
    fs::remove_file(path("a.txt")).expect("removed");
    let arguments = [
        "ingest",
        &folder.path().to_string_lossy(),
        "--kb",
        "test",
        "--prune",
    ];
    let refused = program.run(&arguments);
    assert_eq!(refused.status.code(), Some(1));
    let found = program.json(&["search", "pump", "--kb", "test", "--json"]);
    assert_eq!(found["hits"][0]["document_name"], "a.txt");
}

#[test]
fn of_two_files_with_the_same_content_one_may_be_changed_or_removed_and_the_other_is_what_is_found()
{
    let test = "of_two_files_with_the_same_content_one_may_be_changed_or_removed_and_the_other_is_what_is_found";
    let Some(program) = Program::with_models(test) else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name);
    for name in ["a.md", "b.md"] {
        fs::write(path(name), "The vault opens at nine.").expect("a file");
    }
    for name in ["c.md", "d.md"] {
        fs::write(path(name), "Ambrose Finch is the lighthouse keeper.").expect("a file");
    }
    let told = look(&program, folder.path(), &[]);
    assert_eq!(counts(&told), [2, 0, 0, 0, 0], "{told}");
    assert_eq!(told["copies"], 2, "{told}");

    fs::remove_file(path("a.md")).expect("removed");
    fs::write(path("c.md"), "The harbour closes at six.").expect("a file");
    let told = look(&program, folder.path(), &["--prune"]);
    assert_eq!(counts(&told), [1, 0, 2, 0, 0], "{told}");
    fs::write(path("b.md"), "The vault opens at ten now.").expect("a file");
    let told = look(&program, folder.path(), &["--prune"]);
    assert_eq!(counts(&told), [0, 1, 0, 2, 0], "{told}");

    let first = |question: &str| {
        let found = program.json(&["search", question, "--kb", "test", "--json"]);
        let hit = &found["hits"][0];
        (hit["document_name"].clone(), hit["text"].clone())
    };
    let vault = first("When does the vault open?");
    let expected = ("b.md".into(), "The vault opens at ten now.".into());
    assert_eq!(vault, expected);
    assert_eq!(first("lighthouse keeper").0, "d.md");
    let all = program.json(&["search", "vault", "--kb", "test", "--json"]);
    assert!(!all.to_string().contains("nine"), "{all}");
}
