//! ONNX cross-encoders on graphs of our own making, where ONNX Runtime is installed.

use std::path::{Path, PathBuf};

use super::super::conformance::{PASSAGES, QUESTION, keeps_its_promises};
use super::super::{CrossEncoder as _, RerankError};
use super::OnnxReranker;
use crate::models::{
    CheckedFile, ModelError, ModelSettings, ModelStore, RerankerFiles, RerankerTraits,
};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/rerankers")
}

/// A folder with the tokenizer and this graph, or `None` after saying that there is no runtime.
fn files(graph: &str) -> Option<(tempfile::TempDir, RerankerFiles)> {
    let models = crate::models::installed_folder();
    let store = ModelStore::open(&models, ModelSettings::default()).expect("the built-in catalog");
    let Ok(runtime) = store.onnx_runtime() else {
        eprintln!(
            "SKIPPED: ONNX Runtime is not installed in {}",
            models.display()
        );
        return None;
    };
    let folder = tempfile::tempdir().expect("a folder");
    for name in [
        "tokenizer.json",
        "tokenizer_config.json",
        "special_tokens_map.json",
        "config.json",
    ] {
        fs_err::copy(fixtures().join(name), folder.path().join(name)).expect("readable");
    }
    let path = folder.path().join("model.onnx");
    fs_err::copy(fixtures().join(graph), &path).expect("readable");
    let files = RerankerFiles {
        name: "overlap".to_owned(),
        model: CheckedFile {
            path,
            size: 0,
            sha256: String::new(),
        },
        content: "0123456789abcdef0123".to_owned(),
        folder: folder.path().to_path_buf(),
        runtime: Some(runtime),
        traits: RerankerTraits { max_tokens: 64 },
    };
    Some((folder, files))
}

#[tokio::test]
async fn an_onnx_model_keeps_the_traits_promises() {
    let Some((_folder, files)) = files("model.onnx") else {
        return;
    };
    keeps_its_promises(&OnnxReranker::load(&files).expect("a sound graph")).await;
}

#[tokio::test]
async fn scores_are_the_sigmoid_of_the_logits() {
    let Some((_folder, files)) = files("model.onnx") else {
        return;
    };
    let model = OnnxReranker::load(&files).expect("a sound graph");
    assert_eq!(model.fingerprint(), "overlap@0123456789abcdef/64");
    let passages = PASSAGES.map(str::to_owned);
    let scores = model.rerank(QUESTION, &passages).await.expect("scores");
    // Five characters are asked for: one, four and none of them are held. The logit is 8 times the share, less 6.
    for (score, held) in scores.iter().zip([1.0_f32, 4.0, 0.0, 0.0]) {
        let expected = 1.0 / (1.0 + (6.0 - 8.0 * held / 5.0).exp());
        assert!((score - expected).abs() < 1e-4, "{scores:?}");
    }
}

#[tokio::test]
async fn many_passages_of_any_length_come_back_in_their_order() {
    let Some((_folder, files)) = files("model.onnx") else {
        return;
    };
    let model = OnnxReranker::load(&files).expect("a sound graph");
    let passages: Vec<String> = (0..120_usize)
        .map(|at| "里".repeat(at * 7 % 90) + if at % 3 == 0 { "石桥谁修建" } else { "" })
        .collect();
    let scores = model.rerank(QUESTION, &passages).await.expect("scores");
    for (at, score) in scores.iter().enumerate() {
        // The window cuts what stands at the end of the longest.
        let seen = at % 3 == 0 && at * 7 % 90 < 40;
        assert!(!seen || *score > 0.8, "{at} {score}");
        assert!(at % 3 == 0 || *score < 0.1, "{at} {score}");
    }
}

fn refused(graph: &str, spoil: impl FnOnce(&Path)) -> Option<String> {
    let (folder, files) = files(graph)?;
    spoil(folder.path());
    match OnnxReranker::load(&files) {
        Err(error @ ModelError::Load { .. }) => Some(error.to_string()),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("{graph} loaded"),
    }
}

#[test]
fn graphs_that_are_no_rerankers_are_refused_before_they_run() {
    let Some(flat) = refused("flat.onnx", |_| {}) else {
        return;
    };
    assert!(flat.contains("a row for each pair"), "{flat}");
    let renamed = refused("model.onnx", |folder| {
        let path = folder.join("model.onnx");
        let bytes = fs_err::read(&path).expect("readable");
        let mut other = bytes.clone();
        for at in 0..bytes.len() - 6 {
            if &bytes[at..at + 6] == b"logits" {
                other[at..at + 6].copy_from_slice(b"scores");
            }
        }
        fs_err::write(&path, other).expect("writable");
    });
    let renamed = renamed.expect("there is a runtime");
    assert!(
        renamed.contains("`logits`") && renamed.contains("scores"),
        "{renamed}"
    );
}

#[test]
fn a_graph_that_does_not_say_its_shape_is_found_out_by_a_first_pair_and_ends_nothing() {
    let Some(silent) = refused("silent.onnx", |_| {}) else {
        return;
    };
    assert!(silent.contains("overlap"), "{silent}");
}

#[test]
fn garbage_in_any_file_is_an_error_that_names_the_model() {
    let garbage: [(&str, &[u8]); 5] = [
        ("model.onnx", b""),
        ("model.onnx", b"\x08\x07\x3a\x03abc"),
        ("tokenizer.json", b"{\"model\":{\"type\":\"WordLevel\"}}"),
        ("tokenizer_config.json", b"{}"),
        ("config.json", b"\xff\xfe"),
    ];
    for (file, content) in garbage {
        let spoil = |folder: &Path| fs_err::write(folder.join(file), content).expect("writable");
        let Some(told) = refused("model.onnx", spoil) else {
            return;
        };
        assert!(told.contains("overlap"), "{told}");
    }
}

#[tokio::test]
async fn leaving_frees_the_thread_for_the_next_question() {
    let Some((_folder, files)) = files("model.onnx") else {
        return;
    };
    let model = OnnxReranker::load(&files).expect("a sound graph");
    let many: Vec<String> = (0..256).map(|_| "石桥".repeat(40)).collect();
    for _ in 0..20 {
        let call = model.rerank(QUESTION, &many);
        let left = tokio::time::timeout(std::time::Duration::from_micros(200), call).await;
        assert!(!matches!(left, Ok(Err(RerankError::Unavailable(_)))));
    }
    // Those who left may still stand in line until the thread has looked at them.
    let mut found = Err(RerankError::Overloaded);
    for _ in 0..200 {
        found = model.rerank(QUESTION, &["石桥".to_owned()]).await;
        if found != Err(RerankError::Overloaded) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert_eq!(found.expect("its turn").len(), 1);
}
