//! GGUF cross-encoders on a BERT of one layer that a script of ours wrote, and on files that are none.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::super::CrossEncoder as _;
use super::super::conformance::keeps_its_promises;
use super::GgufReranker;
use crate::models::{
    CheckedFile, ModelError, ModelSettings, ModelStore, RerankerFiles, RerankerTraits,
};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/rerankers")
}

fn files(path: PathBuf) -> RerankerFiles {
    RerankerFiles {
        name: "tiny".to_owned(),
        folder: path.parent().expect("a folder").to_path_buf(),
        model: CheckedFile {
            path,
            size: 0,
            sha256: String::new(),
        },
        content: "0123456789abcdef0123".to_owned(),
        runtime: None,
        traits: RerankerTraits { max_tokens: 512 },
    }
}

fn tiny() -> GgufReranker {
    GgufReranker::load(&files(fixtures().join("bert.gguf")), Some(0)).expect("our own model")
}

#[derive(Deserialize)]
struct Reckoned {
    question: String,
    passages: Vec<String>,
    scores: Vec<f32>,
}

#[tokio::test]
async fn a_gguf_model_keeps_the_traits_promises() {
    keeps_its_promises(&tiny()).await;
}

#[tokio::test]
async fn scores_are_those_that_other_code_reckons_for_the_pair_as_bert_reads_it() {
    let text = fs_err::read_to_string(fixtures().join("bert.json")).expect("readable");
    let reckoned: Reckoned = serde_json::from_str(&text).expect("our own file");
    let model = tiny();
    assert_eq!(model.max_tokens(), 64, "the window that it was made for");
    let scores = model.rerank(&reckoned.question, &reckoned.passages).await;
    let scores = scores.expect("scores");
    for (score, expected) in scores.iter().zip(&reckoned.scores) {
        assert!(
            (score - expected).abs() < 5e-3,
            "{scores:?} {:?}",
            reckoned.scores
        );
    }
}

#[tokio::test]
async fn many_long_passages_go_in_batches_that_the_context_holds() {
    let model = tiny();
    let passages: Vec<String> = (0..200_usize)
        .map(|at| "石桥由李原修建".repeat(at % 30))
        .collect();
    let scores = model.rerank("石桥谁修建", &passages).await.expect("scores");
    assert_eq!(scores.len(), 200);
    for at in 0..30 {
        let (one, other) = (scores[at], scores[at + 30]);
        assert!(
            (one - other).abs() < 1e-3,
            "the same passage, {one} and {other}"
        );
    }
}

#[test]
fn two_at_once_do_not_stand_in_each_others_way() {
    let loading: Vec<_> = (0..3).map(|_| std::thread::spawn(tiny)).collect();
    for one in loading {
        drop(one.join().expect("it loads"));
    }
}

fn refused(path: PathBuf) -> String {
    match GgufReranker::load(&files(path), Some(0)) {
        Err(error @ ModelError::Load { .. }) => error.to_string(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it loaded"),
    }
}

#[test]
fn a_file_without_a_ranking_head_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("headless.gguf");
    let bytes = fs_err::read(fixtures().join("bert.gguf")).expect("readable");
    let name = b"cls.output.weight";
    let at = bytes.windows(name.len()).position(|window| window == name);
    let mut headless = bytes.clone();
    headless[at.expect("it has a head") + 4] = b'i';
    fs_err::write(&path, headless).expect("writable");
    let told = refused(path);
    assert!(
        told.contains("headless.gguf") && told.contains("ranking head"),
        "{told}"
    );
}

#[test]
fn a_language_model_is_no_reranker() {
    let models = crate::models::installed_folder();
    let store = ModelStore::open(&models, ModelSettings::default()).expect("the built-in catalog");
    let Ok(llm) = store.llm() else {
        eprintln!(
            "SKIPPED: no language model is installed in {}",
            models.display()
        );
        return;
    };
    assert!(refused(llm.path).contains("ranking head"));
}

#[test]
fn a_damaged_file_is_an_error_and_ends_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let bytes = fs_err::read(fixtures().join("bert.gguf")).expect("readable");
    for length in [0, 3, 100, 2_000, bytes.len() - 64] {
        let path = folder.path().join("cut.gguf");
        fs_err::write(&path, &bytes[..length]).expect("writable");
        assert!(refused(path).contains("tiny"), "{length}");
    }
    assert!(refused(folder.path().join("nothing.gguf")).contains("tiny"));
}
