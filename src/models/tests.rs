//! The catalog and the models folder, without any network.

use std::path::Path;

use tempfile::TempDir;

use super::{
    Catalog, ConvertError, ModelError, ModelSettings, ModelState, ModelStore, Profile, Role,
    convert_embedder,
};

const GGUF: &[u8] =
    b"GGUF\x03\0\0\0\x01\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0 and some weights to cut in half";

/// A folder with two language models, whole.
fn two_models() -> (TempDir, ModelStore) {
    let folder = tempfile::tempdir().expect("a folder");
    let entry = |name: &str, instruct: bool| {
        format!(
            "[[model]]\nname = \"{name}\"\nrole = \"llm\"\nprofiles = [\"gpu\"]\nabout = \"\"\nlicence = \"\"\n\
             llm = {{ instruct = {instruct}, context_tokens = 64, trusted_writer = false }}\n\
             files = [{{ path = \"{name}.gguf\", format = \"gguf\", size = {} }}]\n",
            GGUF.len(),
        )
    };
    let catalog = entry("first", false) + &entry("second", true);
    fs_err::write(folder.path().join("catalog.toml"), catalog).expect("writable");
    for name in ["first", "second"] {
        fs_err::create_dir(folder.path().join(name)).expect("writable");
        fs_err::write(folder.path().join(name).join(format!("{name}.gguf")), GGUF)
            .expect("writable");
    }
    let store = ModelStore::open(folder.path(), ModelSettings::default()).expect("a valid catalog");
    (folder, store)
}

#[test]
fn the_built_in_catalog_is_valid_and_each_profile_can_answer_questions() {
    let catalog = Catalog::load(None).expect("valid");
    for profile in Profile::ALL {
        let models = catalog.select(profile.as_str()).expect("known");
        for role in [Role::Embedder, Role::Llm, Role::Runtime] {
            assert!(
                models.iter().any(|model| model.role == role),
                "{} has no {role}",
                profile.as_str()
            );
        }
        assert!(models.iter().all(|model| !model.sources.is_empty()));
    }
}

#[test]
fn every_file_of_the_starter_profile_is_pinned() {
    let catalog = Catalog::load(None).expect("valid");
    for model in catalog.select("starter").expect("known") {
        for file in &model.files {
            let here = cfg!(all(target_os = "linux", target_arch = "x86_64"));
            assert!(
                !here || (file.sha256().is_some() && file.size().is_some()),
                "{}",
                file.path.display()
            );
        }
    }
}

#[test]
fn an_unknown_name_is_answered_with_the_known_ones() {
    let error = Catalog::load(None)
        .expect("valid")
        .select("startr")
        .expect_err("a slip")
        .to_string();
    assert!(
        error.contains("startr") && error.contains("starter") && error.contains("gemma-3-270m"),
        "{error}"
    );
}

#[test]
fn a_user_catalog_that_leads_out_of_the_folder_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, path) in [
        ("fine", "../../etc/passwd"),
        ("fine", "/etc/passwd"),
        ("../up", "fine"),
        ("starter", "fine"),
    ] {
        let text = format!(
            "[[model]]\nname = \"{name}\"\nrole = \"ocr\"\nabout = \"\"\nlicence = \"\"\n\
             files = [{{ path = \"{path}\", format = \"json\" }}]\n"
        );
        fs_err::write(folder.path().join("catalog.toml"), text).expect("writable");
        let opened = ModelStore::open(folder.path(), ModelSettings::default());
        assert!(
            matches!(opened, Err(ModelError::Catalog { .. })),
            "{name} {path}"
        );
    }
}

#[test]
fn an_empty_folder_says_what_to_pull() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = ModelStore::open(
        folder.path().join("not yet there"),
        ModelSettings::default(),
    )
    .expect("no harm");
    for error in [store.llm().map(drop), store.embedder().map(drop)] {
        let text = error.expect_err("nothing is installed").to_string();
        assert!(text.contains("wenyuan models pull starter"), "{text}");
    }
    assert_eq!(store.pdfium(), None);
    assert!(store.reranker().expect("none is no error").is_none());
    assert!(
        store
            .list()
            .iter()
            .all(|status| status.state == ModelState::Absent && !status.active)
    );
}

#[test]
fn the_first_installed_model_is_used_until_another_is_chosen() {
    let (_folder, store) = two_models();
    assert_eq!(store.llm().expect("installed").name, "first");
    store.use_model("second").expect("installed");
    let chosen = store.llm().expect("installed");
    assert!(chosen.name == "second" && chosen.instruct && chosen.context_tokens == 64);
    assert!(matches!(
        store.use_model("gemma-3-270m"),
        Err(ModelError::Missing { .. })
    ));
    assert_eq!(store.llm().expect("installed").name, "second");
}

fn refused(store: &ModelStore) -> String {
    let error = store.llm().expect_err("not whole");
    assert!(matches!(error, ModelError::Damaged { .. }), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("first.gguf") && text.contains("wenyuan models pull gpu"),
        "{text}"
    );
    text
}

#[test]
fn a_file_cut_in_half_is_refused_by_name_and_size() {
    let (folder, store) = two_models();
    fs_err::write(
        folder.path().join("first/first.gguf"),
        &GGUF[..GGUF.len() / 2],
    )
    .expect("writable");
    assert!(refused(&store).contains("bytes"));
    let states: Vec<_> = store
        .list()
        .iter()
        .map(|status| (status.model.name.clone(), status.state))
        .collect();
    assert!(states.contains(&("first".to_owned(), ModelState::Incomplete)));
}

#[test]
fn a_file_with_other_bytes_than_recorded_is_refused() {
    let (folder, store) = two_models();
    store.llm().expect("whole, and now recorded");
    let mut changed = GGUF.to_vec();
    changed[40] ^= 1;
    let path = folder.path().join("first/first.gguf");
    fs_err::write(&path, changed).expect("writable");
    let file = std::fs::File::options()
        .append(true)
        .open(&path)
        .expect("there");
    file.set_modified(std::time::SystemTime::UNIX_EPOCH)
        .expect("allowed");
    assert!(refused(&store).contains("SHA-256"));
}

#[test]
fn a_folder_in_a_files_place_is_refused() {
    let (folder, store) = two_models();
    fs_err::remove_file(folder.path().join("first/first.gguf")).expect("there");
    fs_err::create_dir(folder.path().join("first/first.gguf")).expect("writable");
    assert!(refused(&store).contains("is not a file"));
}

#[test]
fn garbage_of_the_right_length_is_refused_as_no_model() {
    let (folder, store) = two_models();
    fs_err::write(
        folder.path().join("first/first.gguf"),
        vec![b'x'; GGUF.len()],
    )
    .expect("writable");
    assert!(refused(&store).contains("is not a GGUF file"));
}

#[test]
fn a_graph_cut_anywhere_is_an_error_and_no_panic() {
    // A model with one string input, a tokenizer node and nothing else; what is missing is found out, not assumed.
    for bytes in [
        &b""[..],
        b"\x08\x07",
        b"\x3a\x05abcde",
        b"\x3a\xff\xff\xff\xff\x0f",
        b"PK\x03\x04",
    ] {
        assert!(convert_embedder(bytes).is_err());
    }
    assert!(matches!(
        convert_embedder(b"\x08\x07"),
        Err(ConvertError::Graph(_))
    ));
}

#[test]
fn local_folders_are_read_before_any_source_is_asked() {
    let (folder, _store) = two_models();
    let target = tempfile::tempdir().expect("a folder");
    fs_err::copy(
        folder.path().join("catalog.toml"),
        target.path().join("catalog.toml"),
    )
    .expect("writable");
    let local = Some(folder.path().to_path_buf());
    let settings = ModelSettings {
        local,
        ..ModelSettings::default()
    };
    let store = ModelStore::open(target.path(), settings).expect("a valid catalog");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let cancel = tokio_util::sync::CancellationToken::new();
    runtime
        .block_on(store.pull("second", &|_| {}, &cancel))
        .expect("it is in the local folder");
    assert!(
        store
            .llm()
            .expect("installed")
            .path
            .starts_with(Path::new(target.path()))
    );
}
