//! `wenyuan doctor` on the real program: what it finds in the index, and what it mends.

use std::fs;

use crate::support::Program;

#[test]
fn an_index_that_was_lost_is_found_missing_and_made_again_from_the_stored_texts() {
    let test = "an_index_that_was_lost_is_found_missing_and_made_again_from_the_stored_texts";
    let Some(program) = Program::with_models(test) else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("a.txt"), "年假最多可以累积五天。").expect("a file");
    fs::write(
        folder.path().join("b.txt"),
        "The pump needs oil every month.",
    )
    .expect("a file");
    let path = folder.path().to_string_lossy().into_owned();
    program.json(&["ingest", &path, "--kb", "test", "--json"]);
    let told = |arguments: &[&str]| {
        let output = program.run(arguments);
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
        )
    };
    let (code, printed) = told(&["doctor"]);
    assert_eq!(code, Some(0), "{printed}");
    assert!(
        printed.contains("2 passages, as in the catalog"),
        "{printed}"
    );

    fs::remove_dir_all(program.data().join("index")).expect("the index is removed");
    let (code, printed) = told(&["doctor"]);
    assert_eq!(code, Some(1), "{printed}");
    assert!(
        printed.contains("2 passages missing, 0 unknown"),
        "{printed}"
    );
    let (code, printed) = told(&["doctor", "--index"]);
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.contains("2 documents indexed again"), "{printed}");
    let found = program.json(&["search", "年假", "--kb", "test", "--json"]);
    assert_eq!(found["hits"][0]["document_name"], "a.txt");
}
