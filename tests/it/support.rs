//! What the tests share: the real program in a data folder of its own, and the real models where they are installed.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// The starter models' folder, or `None` with a loud word that the test was skipped.
pub(crate) fn models_folder(test: &str) -> Option<PathBuf> {
    let named = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let share =
        || named("XDG_DATA_HOME").or_else(|| named("HOME").map(|home| home.join(".local/share")));
    let folder = named("WENYUAN_MODELS__DIR")
        .or_else(|| share().map(|share| share.join("wenyuan/models")))?;
    if folder.join("use-multilingual-v3/model.onnx").is_file() {
        return Some(folder);
    }
    eprintln!(
        "SKIPPED: {test} needs the starter models in {}; `make models` fetches them",
        folder.display()
    );
    None
}

/// A file of our own corpus.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

/// The program with a fresh data folder.
pub(crate) struct Program {
    data: tempfile::TempDir,
    models: PathBuf,
}

impl Program {
    /// The real program on the real models; `None` (told loudly) where they are not installed.
    pub(crate) fn with_models(test: &str) -> Option<Self> {
        models_folder(test).map(Self::with_models_in)
    }

    /// The same with models from this folder, whatever is in it.
    pub(crate) fn with_models_in(models: PathBuf) -> Self {
        Self {
            data: tempfile::tempdir().expect("a temporary folder"),
            models,
        }
    }

    /// Its data folder.
    pub(crate) fn data(&self) -> &Path {
        self.data.path()
    }

    /// A command on this data folder, in English, away from any settings of the person who runs the tests.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.command_on(&self.data.path().to_string_lossy(), arguments)
    }

    /// The same on another data folder.
    pub(crate) fn command_on(&self, data: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wenyuan"));
        command.args(arguments).args(["--data", data]);
        command.current_dir(self.data.path());
        command
            .env("WENYUAN_MODELS__DIR", &self.models)
            .env("LC_ALL", "C.UTF-8");
        command
    }

    /// Runs it to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments)
            .output()
            .expect("the program starts")
    }

    /// Runs it and reads the JSON object that it prints, whatever its exit status.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let from = printed.find('{').unwrap_or(0);
        serde_json::from_str(&printed[from..]).unwrap_or_else(|error| {
            panic!(
                "{error}: {printed}\n{}",
                String::from_utf8_lossy(&output.stderr)
            )
        })
    }

    /// Takes paths in and returns the outcome of each file by its file name.
    pub(crate) fn ingest(&self, paths: &[&Path]) -> std::collections::BTreeMap<String, Value> {
        let mut arguments = vec!["ingest", "--kb", "test", "--json"];
        let texts: Vec<String> = paths
            .iter()
            .map(|path| path.to_string_lossy().into_owned())
            .collect();
        arguments.extend(texts.iter().map(String::as_str));
        let told = self.json(&arguments);
        let files = told["files"].as_array().cloned().unwrap_or_default();
        files
            .into_iter()
            .map(|file| {
                let path = PathBuf::from(file["path"].as_str().unwrap_or_default());
                (
                    path.file_name()
                        .unwrap_or_default()
                        .to_string_lossy()
                        .into_owned(),
                    file,
                )
            })
            .collect()
    }
}
