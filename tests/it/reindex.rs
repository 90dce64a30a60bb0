//! A change of embedder with the real program: the starter model, and the same files under another name as the second.

use std::fs;
use std::path::Path;

use crate::support::{Program, models_folder};

const SECOND: &str = r#"
[[model]]
name = "second"
role = "embedder"
about = "the starter's files with another window"
licence = "Apache-2.0"
embedder = { dimension = 512, max_tokens = 128, pooling = "mean" }
files = [
    { path = "model.onnx", format = "onnx" },
    { path = "weights.bin", format = "weights" },
    { path = "tokenizer.json", format = "json" },
    { path = "tokenizer_config.json", format = "json" },
    { path = "special_tokens_map.json", format = "json" },
    { path = "config.json", format = "json" },
]
"#;
const FIRST: &str = "use-multilingual-v3";

/// A models folder with two embedders.
fn two_embedders(installed: &Path, folder: &Path) {
    for name in [FIRST, "onnxruntime"] {
        std::os::unix::fs::symlink(installed.join(name), folder.join(name)).expect("a link");
    }
    let second = folder.join("second");
    fs::create_dir(&second).expect("a folder");
    for file in fs::read_dir(installed.join(FIRST))
        .expect("files")
        .flatten()
    {
        if file.file_name() != "installed.json" {
            // Tensors beside the graph must lie in its folder: a link is refused.
            fs::copy(file.path(), second.join(file.file_name())).expect("a copy");
        }
    }
    fs::write(folder.join("catalog.toml"), SECOND).expect("a catalog");
}

#[test]
fn an_index_keeps_its_embedder_until_another_one_is_built_and_switched_to() {
    let test = "an_index_keeps_its_embedder_until_another_one_is_built_and_switched_to";
    let Some(installed) = models_folder(test) else {
        return;
    };
    let models = tempfile::tempdir().expect("a temporary folder");
    two_embedders(&installed, models.path());
    let program = Program::with_models_in(models.path().to_path_buf());
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("a.txt"), "年假最多可以累积五天。").expect("a file");
    let path = folder.path().to_string_lossy().into_owned();
    program.json(&["ingest", &path, "--kb", "test", "--json"]);
    let search = ["search", "年假累积几天", "--kb", "test", "--json"];
    let expected = program.json(&search)["hits"][0]["chunk_id"].clone();

    program.run(&["models", "use", "second"]);
    let output = program.run(&search);
    let remark = String::from_utf8_lossy(&output.stderr).into_owned();
    for part in [
        FIRST,
        "second",
        "wenyuan reindex --embedder second",
        "wenyuan models use",
    ] {
        assert!(remark.contains(part), "{part}: {remark}");
    }
    assert_eq!(program.json(&search)["hits"][0]["chunk_id"], expected);

    let told = program.json(&["reindex", "--embedder", "second", "--switch", "--json"]);
    assert_eq!(told["active"]["model"], "second", "{told}");
    assert_eq!(told["other"]["model"], FIRST, "{told}");
    assert_eq!(program.json(&search)["hits"][0]["chunk_id"], expected);
    let told = program.json(&["reindex", "--roll-back", "--json"]);
    assert_eq!(told["active"]["model"], FIRST, "{told}");
    program.json(&["reindex", "--drop", "--json"]);

    fs::remove_file(models.path().join(FIRST)).expect("the first model is removed");
    let refused = program.run(&search);
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{told}");
    for part in [FIRST, "wenyuan reindex --embedder second"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let told = program.json(&["reindex", "--embedder", "second", "--json"]);
    assert_eq!(told["active"]["model"], "second", "{told}");
    assert_eq!(told["active"]["complete"], true, "{told}");
    assert_eq!(program.json(&search)["hits"][0]["chunk_id"], expected);
}
