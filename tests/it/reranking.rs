//! A reranking model with the real program: installed, measured, used only where it gained, and never in the way.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Program, fixture, models_folder};

/// Small models of our own; the first adds much for passages with the character 答.
const RERANKERS: &str = r#"
[[model]]
name = "overlap"
role = "reranker"
about = "shares of the question"
licence = "Apache-2.0"
reranker = { max_tokens = 256 }
files = [
    { path = "model.onnx", format = "onnx" },
    { path = "tokenizer.json", format = "json" },
    { path = "tokenizer_config.json", format = "json" },
    { path = "special_tokens_map.json", format = "json" },
    { path = "config.json", format = "json" },
]

[[model]]
name = "tiny"
role = "reranker"
about = "one layer of BERT"
licence = "Apache-2.0"
reranker = { max_tokens = 64 }
files = [{ path = "bert.gguf", format = "gguf" }]
"#;

const NAMES: [&str; 12] = [
    "青石", "白沙", "柳河", "松山", "云门", "东湖", "西岭", "南浦", "北仓", "金滩", "银杏", "黑水",
];

/// A models folder with the starter embedder, and the rerankers where they are to be installed.
fn models(installed: &Path, folder: &Path) {
    for name in ["use-multilingual-v3", "onnxruntime"] {
        std::os::unix::fs::symlink(installed.join(name), folder.join(name)).expect("a link");
    }
    fs::write(folder.join("catalog.toml"), RERANKERS).expect("a catalog");
}

fn install(folder: &Path, name: &str, files: &[&str]) {
    let place = folder.join(name);
    fs::create_dir(&place).expect("a folder");
    for file in files {
        fs::copy(fixture(&format!("rerankers/{file}")), place.join(file)).expect("a copy");
    }
}

const OVERLAP: [&str; 5] = [
    "model.onnx",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "config.json",
];

fn question(name: &str) -> String {
    format!("{name}石桥由谁主持修建？")
}

/// For each name a passage that has the question's words, and one that has the answer.
fn papers(name: &str) -> [(String, String); 2] {
    let words = format!("{name}石桥由县里主持修建，{name}石桥全长六十四米，桥上行人很多。");
    [
        (format!("{name}-words"), words),
        (format!("{name}-answer"), format!("{name}石桥，答：李原。")),
    ]
}

fn write_all(folder: &Path) -> (String, String) {
    let files = folder.join("papers");
    let set = folder.join("set");
    fs::create_dir(&files).expect("a folder");
    fs::create_dir(&set).expect("a folder");
    let (mut corpus, mut asked) = (Vec::new(), Vec::new());
    for name in NAMES {
        for (id, text) in papers(name) {
            fs::write(files.join(format!("{id}.txt")), &text).expect("a file");
            corpus.push(json!({ "id": id, "title": "", "text": text }).to_string());
        }
        let answer = format!("{name}-answer");
        asked.push(
            json!({ "id": name, "question": question(name), "relevant": [answer] }).to_string(),
        );
    }
    fs::write(set.join("corpus.jsonl"), corpus.join("\n")).expect("a file");
    fs::write(set.join("questions.jsonl"), asked.join("\n")).expect("a file");
    let text = |path: &Path| path.to_string_lossy().into_owned();
    (text(&files), text(&set))
}

/// Runs the program with settings in the environment: its status, what it printed, and what it told beside.
fn told(
    program: &Program,
    settings: &[(&str, &str)],
    arguments: &[&str],
) -> (Option<i32>, String, String) {
    let mut command = program.command(arguments);
    let output = command
        .envs(settings.iter().copied())
        .output()
        .expect("it starts");
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

fn found(program: &Program, settings: &[(&str, &str)], query: &str) -> Value {
    let arguments = ["search", query, "--kb", "bridges", "--json"];
    let (code, printed, beside) = told(program, settings, &arguments);
    assert_eq!(code, Some(0), "{beside}");
    serde_json::from_str(&printed[printed.find('{').expect("an object")..]).expect("JSON")
}

fn first(found: &Value) -> &str {
    found["hits"][0]["document_name"]
        .as_str()
        .unwrap_or_default()
}

fn installed(test: &str) -> Option<(tempfile::TempDir, Program)> {
    let starter = models_folder(test)?;
    let folder = tempfile::tempdir().expect("a temporary folder");
    models(&starter, folder.path());
    let program = Program::with_models_in(folder.path().to_path_buf());
    Some((folder, program))
}

#[test]
fn an_installed_reranker_is_used_once_it_was_measured_to_gain_and_only_there() {
    let test = "an_installed_reranker_is_used_once_it_was_measured_to_gain_and_only_there";
    let Some((folder, program)) = installed(test) else {
        return;
    };
    let (files, set) = write_all(program.data());
    let listed = |key: &str| program.json(&["models", "list", "--json"])["reranking"][key].clone();
    assert_eq!(
        program.json(&["models", "list", "--json"])["reranking"],
        Value::Null
    );
    install(folder.path(), "overlap", &OVERLAP);
    assert_eq!(
        (listed("model"), listed("measured")),
        (json!("overlap"), json!(false))
    );

    program.json(&["ingest", &files, "--kb", "bridges", "--json"]);
    let gold: Vec<String> = NAMES
        .iter()
        .map(|name| {
            let relevant = [format!("{name}-answer.txt")];
            json!({ "question": question(name), "relevant": relevant }).to_string()
        })
        .collect();
    let path = program.data().join("gold.jsonl");
    fs::write(&path, gold.join("\n")).expect("a file");
    let (code, printed, beside) = told(
        &program,
        &[],
        &["gold", "import", &path.to_string_lossy(), "--kb", "bridges"],
    );
    assert_eq!(code, Some(0), "{printed}{beside}");

    let before = found(&program, &[], &question("松山"));
    assert_eq!(first(&before), "松山-words.txt");
    assert!(before.get("reranking").is_none(), "not measured, not used");

    let json_file = program.data().join("tried.json");
    let arguments = [
        "eval",
        "--kb",
        "bridges",
        "--try-reranker",
        "overlap",
        "--json",
        &json_file.to_string_lossy(),
    ];
    let (code, printed, beside) = told(&program, &[], &arguments);
    assert_eq!(code, Some(0), "{printed}{beside}");
    for part in [
        "Chinese questions over Chinese (12 questions",
        "it gains here",
        "rerankers.json",
    ] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    let tried: Value =
        serde_json::from_str(&fs::read_to_string(&json_file).expect("a file")).expect("JSON");
    assert_eq!(tried["languages"][0]["gain"], "gains");
    assert_eq!(listed("languages"), json!(["zh/zh"]));
    let (_, doctor, _) = told(&program, &[], &["doctor"]);
    assert!(
        doctor.contains("overlap: used for Chinese questions over Chinese"),
        "{doctor}"
    );

    let after = found(&program, &[], &question("松山"));
    assert_eq!(first(&after), "松山-answer.txt");
    assert_eq!(after["reranking"]["outcome"], "done");
    assert!(after["hits"][0]["scores"]["cross_encoder"].as_f64() > Some(0.5));
    assert!(after["timings_ms"]["rerank"].is_number());
    assert_eq!(after["evidence"], before["evidence"]);
    let english = found(&program, &[], "Who built the stone bridge?");
    assert_eq!(english["reranking"]["outcome"], "other_languages");
    let none = found(
        &program,
        &[("WENYUAN_RERANK__MODEL", "none")],
        &question("松山"),
    );
    assert_eq!(none["hits"], before["hits"]);

    let (code, printed, beside) = told(
        &program,
        &[],
        &["eval", "--set", &set, "--try-reranker", "overlap"],
    );
    assert_eq!(code, Some(0), "{printed}{beside}");
    assert!(printed.contains("it gains here"), "{printed}");
    let kept = fs::read_to_string(program.data().join("rerankers.json")).expect("a file");
    let kept: Value = serde_json::from_str(&kept).expect("JSON");
    let sets: Vec<&Value> = kept["measurements"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| &one["of"])
        .collect();
    assert_eq!(sets, [&json!("kb bridges"), &json!("set set")]);
}

#[test]
fn a_gguf_reranker_is_chosen_by_name_and_a_broken_or_absent_one_is_never_in_the_way() {
    let test = "a_gguf_reranker_is_chosen_by_name_and_a_broken_or_absent_one_is_never_in_the_way";
    let Some((folder, program)) = installed(test) else {
        return;
    };
    let (files, _) = write_all(program.data());
    install(folder.path(), "overlap", &OVERLAP);
    install(folder.path(), "tiny", &["bert.gguf"]);
    program.json(&["ingest", &files, "--kb", "bridges", "--json"]);
    let (code, printed, _) = told(&program, &[], &["models", "use", "tiny"]);
    assert_eq!(code, Some(0));
    assert!(printed.contains("--try-reranker tiny"), "{printed}");

    let everywhere = ("WENYUAN_RERANK__LANGUAGES", "all");
    let asked = question("云门");
    let plain = found(&program, &[], &asked);
    assert!(plain.get("reranking").is_none());
    let chosen = found(&program, &[everywhere], &asked);
    assert_eq!(
        (
            &chosen["reranking"]["model"],
            &chosen["reranking"]["outcome"]
        ),
        (&json!("tiny"), &json!("done"))
    );
    let named = found(
        &program,
        &[everywhere, ("WENYUAN_RERANK__MODEL", "overlap")],
        &asked,
    );
    assert_eq!(first(&named), "云门-answer.txt");

    let remote = [
        everywhere,
        ("WENYUAN_RERANK__MODEL", "remote"),
        ("WENYUAN_RERANK__URL", "http://127.0.0.1:1/rerank"),
    ];
    let gone = found(&program, &remote, &asked);
    assert_eq!(gone["reranking"]["outcome"], "failed");
    assert_eq!(gone["hits"], plain["hits"]);

    let absent = [everywhere, ("WENYUAN_RERANK__MODEL", "bge-reranker-v2-m3")];
    assert_eq!(found(&program, &absent, &asked)["hits"], plain["hits"]);
    let (code, doctor, _) = told(&program, &absent, &["doctor"]);
    assert!(
        code == Some(1) && doctor.contains("bge-reranker-v2-m3"),
        "{doctor}"
    );

    fs::write(folder.path().join("tiny/bert.gguf"), b"GGUF and no more").expect("writable");
    assert_eq!(
        found(&program, &[everywhere], &asked)["hits"],
        plain["hits"]
    );
    let (code, printed, _) = told(&program, &[], &["models", "check", "tiny"]);
    assert!(
        code == Some(1) && printed.contains("bert.gguf"),
        "{printed}"
    );
    let (code, _, beside) = told(
        &program,
        &[],
        &["eval", "--kb", "bridges", "--try-reranker", "tiny"],
    );
    assert!(code == Some(1) && beside.contains("tiny"), "{beside}");
}
