//! Settings: defaults, then `wenyuan.toml`, then `WENYUAN_SECTION__KEY`, then flags; every problem reported at once.

mod answer;
mod data;
mod fetch;
mod generate;
mod index;
mod ingest;
mod models;
mod rerank;
mod server;

use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use answer::AnswerConfig;
pub use data::DataConfig;
pub use fetch::FetchConfig;
pub use generate::GenerateConfig;
pub use index::{IndexBackend, IndexConfig};
pub use ingest::IngestConfig;
pub use models::ModelsConfig;
pub use rerank::{RerankBody, RerankConfig, RerankLanguage, RerankLanguages, RerankLanguagesWord};
pub use server::ServerConfig;

/// Everything that can be set. `Default` is what a laptop needs: nobody should have to set anything.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Config {
    /// Where documents live.
    pub data: DataConfig,
    /// The HTTP server.
    pub server: ServerConfig,
    /// Where models live and come from.
    pub models: ModelsConfig,
    /// The vector index.
    pub index: IndexConfig,
    /// Reading and indexing documents.
    pub ingest: IngestConfig,
    /// The model that reads the best passages once more.
    pub rerank: RerankConfig,
    /// Documents from web addresses.
    pub fetch: FetchConfig,
    /// The language model.
    pub generate: GenerateConfig,
    /// How questions are answered.
    pub answer: AnswerConfig,
}

/// All that is wrong with the settings, one line each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", problems.join("\n"))]
pub struct ConfigError {
    /// Each names the setting, what is wrong and what would be right.
    pub problems: Vec<String>,
}

/// What the command line says, which wins over file and environment.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--data`.
    pub data: Option<PathBuf>,
    /// `--listen`.
    pub listen: Option<String>,
}

/// A section that knows what values it can live with.
pub(crate) trait Section: Default + Serialize + DeserializeOwned {
    /// Its name in the file and in `WENYUAN_NAME__KEY`.
    const NAME: &'static str;

    /// Adds a line for each value that cannot work.
    fn problems(&self, into: &mut Vec<String>);
}

impl Config {
    /// Reads all sources. Without `file`, `wenyuan.toml` in the current folder is read if it is there.
    ///
    /// # Errors
    /// Every unknown key, wrong type and impossible value, together.
    pub fn load(file: Option<&Path>, flags: &Flags) -> Result<Self, ConfigError> {
        let mut problems = Vec::new();
        let figment = sources(file, &mut problems);
        let mut config = Self {
            data: section(&figment, &mut problems),
            server: section(&figment, &mut problems),
            models: section(&figment, &mut problems),
            index: section(&figment, &mut problems),
            ingest: section(&figment, &mut problems),
            rerank: section(&figment, &mut problems),
            fetch: section(&figment, &mut problems),
            generate: section(&figment, &mut problems),
            answer: section(&figment, &mut problems),
        };
        unknown_sections(&figment, &mut problems);
        if let Some(data) = &flags.data {
            config.data.dir.clone_from(data);
        }
        if let Some(listen) = &flags.listen {
            config.server.listen.clone_from(listen);
            let mut of_flag = Vec::new();
            config.server.problems(&mut of_flag);
            problems.extend(
                of_flag
                    .into_iter()
                    .filter(|line| line.contains("server.listen")),
            );
        }
        if problems.is_empty() {
            Ok(config)
        } else {
            Err(ConfigError { problems })
        }
    }
}

fn sources(file: Option<&Path>, problems: &mut Vec<String>) -> Figment {
    let path = file.map_or_else(|| PathBuf::from("wenyuan.toml"), Path::to_path_buf);
    if file.is_some() && !path.is_file() {
        problems.push(format!(
            "the settings file {} does not exist; check --config",
            path.display()
        ));
    }
    let from_file = Figment::from(Toml::file_exact(&path));
    let readable = if path.is_file() {
        match from_file.extract::<figment::value::Dict>() {
            Ok(_) => from_file,
            Err(error) => {
                problems.push(format!("{}: {error}", path.display()));
                Figment::new()
            }
        }
    } else {
        Figment::new()
    };
    readable.merge(
        Env::prefixed("WENYUAN_")
            .filter(|key| key.as_str().contains("__"))
            .split("__"),
    )
}

fn section<S: Section>(figment: &Figment, problems: &mut Vec<String>) -> S {
    let merged = Figment::from(Serialized::defaults(S::default())).merge(figment.focus(S::NAME));
    match merged.extract::<S>() {
        Ok(section) => {
            section.problems(problems);
            section
        }
        Err(errors) => {
            problems.extend(errors.into_iter().map(|error| describe::<S>(&error)));
            S::default()
        }
    }
}

fn describe<S: Section>(error: &figment::Error) -> String {
    let path = error.path.join(".");
    let place = if path.is_empty() {
        S::NAME.to_owned()
    } else {
        format!("{}.{path}", S::NAME)
    };
    format!("{place}: {}", error.kind)
}

fn unknown_sections(figment: &Figment, problems: &mut Vec<String>) {
    const KNOWN: [&str; 9] = [
        DataConfig::NAME,
        ServerConfig::NAME,
        ModelsConfig::NAME,
        IndexConfig::NAME,
        IngestConfig::NAME,
        RerankConfig::NAME,
        FetchConfig::NAME,
        GenerateConfig::NAME,
        AnswerConfig::NAME,
    ];
    let Ok(all) = figment.extract::<figment::value::Dict>() else {
        return;
    };
    for name in all.keys().filter(|name| !KNOWN.contains(&name.as_str())) {
        problems.push(format!(
            "[{name}] is no section; there are {}",
            KNOWN.join(", ")
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(toml: &str) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("wenyuan.toml");
        std::fs::write(&file, toml).expect("the settings file");
        Config::load(Some(&file), &Flags::default())
    }

    #[test]
    fn no_setting_is_needed() {
        let config = load("").expect("defaults are valid");
        assert_eq!(config.server.listen, "127.0.0.1:8080");
    }

    #[test]
    fn every_problem_is_named_at_once() {
        let error = load("[server]\nlisten = \"nowhere\"\n[answer]\ntop_k = 0\ncolour = \"red\"\n[wine]\nred = 1\n")
            .expect_err("four mistakes");
        let text = error.to_string();
        for place in ["server.listen", "answer", "colour", "[wine]"] {
            assert!(text.contains(place), "{place} is missing from:\n{text}");
        }
    }

    #[test]
    fn flags_win_over_the_file() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("wenyuan.toml");
        std::fs::write(&file, "[server]\nlisten = \"127.0.0.1:1\"\n").expect("the settings file");
        let flags = Flags {
            data: Some("/elsewhere".into()),
            listen: Some("127.0.0.1:2".into()),
        };
        let config = Config::load(Some(&file), &flags).expect("valid");
        assert_eq!(config.server.listen, "127.0.0.1:2");
        assert_eq!(config.data.dir, PathBuf::from("/elsewhere"));
    }

    #[test]
    fn a_missing_settings_file_that_was_asked_for_is_an_error() {
        let error =
            Config::load(Some(Path::new("/no/such.toml")), &Flags::default()).expect_err("no file");
        assert!(error.to_string().contains("/no/such.toml"));
    }
}
