//! House rules that no lint knows: the direction of dependencies and the size of files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Which modules each module of `src/` may name as `crate::…`. ARCHITECTURE.md shows the same table.
const MAY_USE: [(&str, &[&str]); 24] = [
    ("model", &[]),
    ("telemetry", &[]),
    ("models", &[]),
    ("names", &[]),
    ("fetch", &["names"]),
    ("store", &["model"]),
    ("batch", &[]),
    ("embed", &["model", "models", "batch"]),
    ("generate", &["model", "models"]),
    ("ocr", &["models"]),
    ("rerank", &["models", "batch"]),
    ("retrieve", &["model", "store", "rerank"]),
    ("answer", &["model", "generate", "retrieve"]),
    ("catalog", &["model", "retrieve"]),
    (
        "chains",
        &["model", "store", "generate", "retrieve", "answer"],
    ),
    ("config", &[]),
    ("jobs", &["model", "store", "retrieve", "catalog"]),
    ("app", &["*"]),
    ("eval", &["model", "generate", "retrieve", "catalog"]),
    (
        "http",
        &[
            "model",
            "store",
            "generate",
            "retrieve",
            "answer",
            "catalog",
            "jobs",
            "eval",
            "telemetry",
            "fetch",
            "names",
        ],
    ),
    ("cli", &["*"]),
    ("main", &["*"]),
    ("lib", &["*"]),
    ("testing", &["*"]),
];

const MOST_LINES: usize = 400;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(under: &Path, extensions: &[&str], found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(under) else {
        return;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if path.is_dir()
            && !["node_modules", "dist", "target", "snapshots"].contains(&name.as_str())
        {
            files(&path, extensions, found);
        } else if path
            .extension()
            .is_some_and(|extension| extensions.iter().any(|known| extension == *known))
        {
            found.push(path);
        }
    }
}

fn module_of(path: &Path) -> String {
    let relative = path
        .strip_prefix(root().join("src"))
        .expect("a file under src");
    let first = relative
        .components()
        .next()
        .expect("a name")
        .as_os_str()
        .to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

fn modules_named(source: &str) -> Vec<String> {
    let code = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let mut named = Vec::new();
    for line in code {
        for rest in line.split("crate::").skip(1) {
            let list = rest.strip_prefix('{').map_or(rest, |list| list);
            let several = rest.starts_with('{');
            for item in list.split(if several { ',' } else { '\0' }) {
                let name: String = item
                    .trim()
                    .chars()
                    .take_while(|c| c.is_ascii_lowercase() || *c == '_')
                    .collect();
                named.push(name);
            }
        }
    }
    named
}

#[test]
fn dependencies_between_modules_point_one_way() {
    let allowed: BTreeMap<_, _> = MAY_USE.into_iter().collect();
    let mut found = Vec::new();
    files(&root().join("src"), &["rs"], &mut found);
    let mut wrong = Vec::new();
    // A test may build its surroundings from anything.
    let is_test = |path: &PathBuf| {
        path.components().any(|part| part.as_os_str() == "tests")
            || path
                .file_stem()
                .is_some_and(|name| name.to_string_lossy().ends_with("tests"))
    };
    for path in found.into_iter().filter(|path| !is_test(path)) {
        let module = module_of(&path);
        let Some(may_use) = allowed.get(module.as_str()) else {
            wrong.push(format!(
                "{module} is not in the table of tidy.rs and ARCHITECTURE.md"
            ));
            continue;
        };
        if may_use.contains(&"*") {
            continue;
        }
        let source = fs::read_to_string(&path).expect("readable source");
        let product = source.split("#[cfg(test)]").next().unwrap_or_default();
        for used in modules_named(product) {
            if used != module
                && allowed.contains_key(used.as_str())
                && !may_use.contains(&used.as_str())
            {
                wrong.push(format!(
                    "{} uses {used}, which lies above or beside it",
                    path.display()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_ingest_crate_knows_no_server_index_or_model() {
    let manifest = fs::read_to_string(root().join("ingest/Cargo.toml")).expect("the manifest");
    for foreign in ["axum", "qdrant", "fastembed", "ort ", "llama", "rusqlite"] {
        assert!(
            !manifest.contains(foreign),
            "ingest must not depend on {foreign}"
        );
    }
}

#[test]
fn no_source_file_is_longer_than_four_hundred_lines() {
    let mut found = Vec::new();
    for folder in ["src", "ingest", "tests", "web/src", "benches"] {
        files(
            &root().join(folder),
            &["rs", "ts", "tsx", "mjs", "css"],
            &mut found,
        );
    }
    let long: Vec<String> = found
        .iter()
        .map(|path| {
            (
                path,
                fs::read_to_string(path).unwrap_or_default().lines().count(),
            )
        })
        .filter(|(_, lines)| *lines > MOST_LINES)
        .map(|(path, lines)| format!("{lines} lines: {}", path.display()))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn no_committed_file_names_a_package_registry() {
    let lock = root().join("web/package-lock.json");
    if let Ok(text) = fs::read_to_string(lock) {
        assert!(
            !text.contains("\"resolved\""),
            "web/package-lock.json holds download addresses"
        );
    }
}
