//! The real embedder on the starter model, where that is installed; and files that are no model, everywhere.

use std::sync::{Arc, OnceLock};

use serde::Deserialize;
use wenyuan_ingest::{Embedder as _, TokenCounter as _};

use super::{EmbedSettings, FastembedEmbedder};
use crate::models::{EmbedderFiles, ModelError, ModelSettings, ModelStore};

#[derive(Deserialize)]
struct Reference {
    vectors: Vec<ReferenceVector>,
}

#[derive(Deserialize)]
struct ReferenceVector {
    text: String,
    vector: Vec<f32>,
}

fn reference() -> Vec<ReferenceVector> {
    let text = include_str!("../../../tests/fixtures/starter_embedder_vectors.json");
    serde_json::from_str::<Reference>(text)
        .expect("our own file")
        .vectors
}

/// The installed starter embedder, or `None` after saying so.
fn files() -> Option<EmbedderFiles> {
    let folder = crate::models::installed_folder();
    let store = ModelStore::open(&folder, ModelSettings::default()).expect("the built-in catalog");
    match store.embedder() {
        Ok(files) if files.name == "use-multilingual-v3" => Some(files),
        Ok(_) | Err(_) => {
            eprintln!(
                "SKIPPED: the starter embedder is not installed in {}",
                folder.display()
            );
            None
        }
    }
}

fn embedder() -> Option<Arc<FastembedEmbedder>> {
    static LOADED: OnceLock<Option<Arc<FastembedEmbedder>>> = OnceLock::new();
    let load = || {
        files().map(|files| {
            FastembedEmbedder::load(files, EmbedSettings::default()).expect("whole files")
        })
    };
    LOADED.get_or_init(|| load().map(Arc::new)).clone()
}

fn cosine(left: &[f32], right: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    dot(left, right) / (dot(left, left) * dot(right, right)).sqrt()
}

#[test]
fn a_word_is_found_in_another_language_and_words_of_grammar_are_worth_little() {
    let Some(embedder) = embedder() else { return };
    let aligner = embedder
        .aligner("Which city has the largest population?")
        .expect("the starter has a table");
    let share = |text: &str| aligner.share(&aligner.nearest(text));
    let (says, other) = (share("人口最多的城市是上海。"), share("大熊猫以竹子为食。"));
    assert!(says > 0.4 && says > 2.0 * other, "{says} {other}");
    assert_eq!(aligner.nearest("。"), vec![0.0; aligner.weights().len()]);
    let worth = |text: &str| embedder.aligner(text).expect("tokens").weights()[0];
    assert!(worth("population") > 2.0 * worth("the"));
    assert!(embedder.aligner("？！").is_none());
}

#[tokio::test]
async fn a_text_by_itself_gets_the_vector_of_the_unconverted_graph() {
    let Some(embedder) = embedder() else { return };
    for expected in reference() {
        let vector = embedder.embed_query(&expected.text).await.expect("embeds");
        assert!(
            cosine(&vector, &expected.vector) > 0.9999,
            "{}",
            expected.text
        );
    }
}

#[tokio::test]
async fn texts_in_a_batch_get_almost_the_same_vectors_in_the_order_given() {
    let Some(embedder) = embedder() else { return };
    let expected = reference();
    let mut texts: Vec<_> = expected
        .iter()
        .map(|reference| reference.text.clone())
        .collect();
    texts.push("一段很长的文字，".repeat(400));
    texts.push(String::new());
    let vectors = embedder
        .embed_passages(texts.clone())
        .await
        .expect("embeds");
    assert_eq!(vectors.len(), texts.len());
    for (vector, expected) in vectors.iter().zip(&expected) {
        assert!(cosine(vector, &expected.vector) > 0.99, "{}", expected.text);
    }
    for vector in &vectors {
        let norm: f32 = vector.iter().map(|value| value * value).sum();
        assert!(vector.len() == embedder.dimension() && (norm - 1.0).abs() < 1e-3);
    }
    assert!(
        embedder
            .embed_passages(Vec::new())
            .await
            .expect("nothing to do")
            .is_empty()
    );
}

#[tokio::test]
async fn a_chinese_question_finds_its_english_passage() {
    let Some(embedder) = embedder() else { return };
    let passages = [
        "The library opens at nine in the morning.",
        "Four bolts hold the pump to its frame.",
    ];
    let passages = embedder
        .embed_passages(passages.map(str::to_owned).to_vec())
        .await
        .expect("embeds");
    let question = embedder
        .embed_query("图书馆几点开门？")
        .await
        .expect("embeds");
    assert!(cosine(&question, &passages[0]) > cosine(&question, &passages[1]) + 0.1);
}

#[tokio::test]
async fn tokens_are_counted_whole_and_control_tokens_in_text_are_plain_text() {
    let Some(embedder) = embedder() else { return };
    assert_eq!(embedder.count(""), 0);
    let once = embedder.count("藏书楼里有四万册书。");
    assert!((5..15).contains(&once), "{once}");
    assert!(embedder.count(&"藏书楼里有四万册书。".repeat(200)) > once * 150);
    assert!(embedder.count("</s>") >= 3);
}

#[test]
fn counts_are_those_of_the_tokenizer_that_the_model_reads_with() {
    let Some(embedder) = embedder() else { return };
    let mut texts: Vec<String> = reference().into_iter().map(|one| one.text).collect();
    texts.extend(
        [
            "职工累计工作已满1年不满10年的，年休假5天；国家法定休假日、休息日不计入年休假的假期。",
            "（一）“十四五”规划……——《办法》：ＡＢＣ！？",
            "The pump’s working pressure is 8.5 bar (123 psi) — see §4.2, “Installation”…\n\nNext\tline.",
            "| 姓名 | 部门 |\n| --- | --- |\n| 张三 | 研发部 |",
            "fn main() {\n    println!(\"{}\", <T>::new());\n}",
            "在歐洲，梵語的學術研究，由德國學者開創。ÄÖÜ naïve Größe Ελληνικά Привет",
            "𠮷野家 e\u{301} 🎉 ½ ①",
        ]
        .map(str::to_owned),
    );
    texts.push(texts.join("\n\n"));
    let mut plain = 0;
    for text in &texts {
        assert_eq!(
            embedder.count(text),
            embedder.tokens.count_encoded(text),
            "{text}"
        );
        if let Some(words) = embedder.tokens.words_plain(text) {
            assert_eq!(words, embedder.tokens.words_encoded(text), "{text}");
        }
        plain += usize::from(embedder.tokens.count_plain(text).is_some());
    }
    assert!(plain * 2 > texts.len(), "most texts are plain");
}

#[tokio::test]
async fn a_dropped_batch_does_not_hold_up_a_question() {
    let Some(embedder) = embedder() else { return };
    let many: Vec<_> = (0..2_000)
        .map(|number| format!("第 {number} 段：这里写了些什么并不要紧。"))
        .collect();
    let passages = tokio::spawn({
        let embedder = Arc::clone(&embedder);
        async move { embedder.embed_passages(many).await }
    });
    tokio::task::yield_now().await;
    embedder.embed_query("谁先来？").await.expect("overtakes");
    passages.abort();
    embedder
        .embed_query("还有人吗？")
        .await
        .expect("the threads are free");
}

/// A copy of the starter embedder in which one file is replaced.
fn spoiled(file: &str, content: &[u8]) -> Option<(tempfile::TempDir, Result<(), ModelError>)> {
    let mut files = files()?;
    let folder = tempfile::tempdir().expect("a folder");
    for name in [
        "model.onnx",
        "weights.bin",
        "tokenizer.json",
        "tokenizer_config.json",
        "special_tokens_map.json",
        "config.json",
    ] {
        fs_err::copy(files.folder.join(name), folder.path().join(name)).expect("readable");
    }
    fs_err::write(folder.path().join(file), content).expect("writable");
    files.folder = folder.path().to_path_buf();
    files.model.path = folder.path().join("model.onnx");
    let loaded = FastembedEmbedder::load(files, EmbedSettings::default()).map(drop);
    Some((folder, loaded))
}

#[test]
fn garbage_in_any_file_is_an_error_that_names_the_model() {
    let garbage: [(&str, &[u8]); 6] = [
        ("model.onnx", b"\x08\x07\x3a\x03abc"),
        ("model.onnx", b""),
        ("weights.bin", b"cut"),
        (
            "tokenizer.json",
            b"{\"model\":{\"type\":\"Unigram\",\"vocab\":[]}}",
        ),
        ("tokenizer.json", b"\xff\xfe not json"),
        ("tokenizer_config.json", b"{}"),
    ];
    for (file, content) in garbage {
        let Some((_folder, loaded)) = spoiled(file, content) else {
            return;
        };
        let text = loaded.expect_err("garbage").to_string();
        assert!(text.contains("use-multilingual-v3"), "{text}");
    }
}
