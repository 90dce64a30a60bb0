//! The cross-encoder that reads the best passages once more.

use serde::{Deserialize, Serialize};

use super::Section;

/// Where a cross-encoder is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RerankLanguages {
    /// `auto`: where it was measured to gain; `all`: everywhere.
    Word(RerankLanguagesWord),
    /// Where question and passages are both in one of these; `en` stands for everything that is not Chinese.
    Among(Vec<RerankLanguage>),
}

/// See [`RerankLanguages`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RerankLanguagesWord {
    /// Where it was measured to gain.
    Auto,
    /// Everywhere.
    All,
}

/// A language of questions and passages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RerankLanguage {
    /// Chinese.
    Zh,
    /// Everything else.
    En,
}

/// What a remote reranker calls the passages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RerankBody {
    /// Cohere, Jina, vLLM, llama-server.
    #[default]
    Documents,
    /// text-embeddings-inference.
    Texts,
}

/// `[rerank]`
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RerankConfig {
    /// `none`, the name of an installed reranker, or `remote`; unset is the installed one in use, if there is any
    /// (`WENYUAN_RERANK__MODEL`).
    pub model: Option<String>,
    /// `auto` (where it was measured to gain), `all`, or a list of `zh` and `en` (`WENYUAN_RERANK__LANGUAGES`).
    pub languages: RerankLanguages,
    /// Passages that it reads with each question (`WENYUAN_RERANK__CANDIDATES`).
    pub candidates: usize,
    /// Tokens that it reads with each question, as estimated; passages beyond are not read
    /// (`WENYUAN_RERANK__BUDGET_TOKENS`).
    pub budget_tokens: usize,
    /// Longest wait for it in milliseconds; the order then stays as it was (`WENYUAN_RERANK__TIMEOUT_MS`).
    pub timeout_ms: u64,
    /// Layers of a GGUF model on the GPU; unset is as many as fit (`WENYUAN_RERANK__GPU_LAYERS`).
    pub gpu_layers: Option<u32>,
    /// Whole address of a remote reranker (`WENYUAN_RERANK__URL`).
    pub url: String,
    /// Its key; never shown or logged (`WENYUAN_RERANK__API_KEY`).
    #[serde(skip_serializing)]
    pub api_key: Option<String>,
    /// The model's name there (`WENYUAN_RERANK__REMOTE_MODEL`).
    pub remote_model: String,
    /// `documents` for most servers, `texts` for text-embeddings-inference (`WENYUAN_RERANK__REMOTE_BODY`).
    pub remote_body: RerankBody,
}

impl std::fmt::Debug for RerankConfig {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("RerankConfig")
            .field("model", &self.model)
            .field("languages", &self.languages)
            .field("candidates", &self.candidates)
            .field("budget_tokens", &self.budget_tokens)
            .field("timeout_ms", &self.timeout_ms)
            .field("url", &self.url)
            .field("api_key", &self.api_key.as_ref().map(|_| "(set)"))
            .field("remote_model", &self.remote_model)
            .finish_non_exhaustive()
    }
}

impl Default for RerankConfig {
    fn default() -> Self {
        Self {
            model: None,
            languages: RerankLanguages::Word(RerankLanguagesWord::Auto),
            candidates: 20,
            budget_tokens: 8_192,
            timeout_ms: 3_000,
            gpu_layers: None,
            url: String::new(),
            api_key: None,
            remote_model: String::new(),
            remote_body: RerankBody::Documents,
        }
    }
}

impl RerankConfig {
    /// Name that stands for the model behind [`Self::url`].
    pub const REMOTE: &'static str = "remote";
    /// Name that stands for no model.
    pub const NONE: &'static str = "none";
}

impl Section for RerankConfig {
    const NAME: &'static str = "rerank";

    fn problems(&self, into: &mut Vec<String>) {
        let is_address = self.url.starts_with("https://") || self.url.starts_with("http://");
        let wanted = self.model.as_deref() == Some(Self::REMOTE);
        if !is_address && (wanted || !self.url.is_empty()) {
            into.push(format!(
                "rerank.url is {:?}; give the reranker's whole address, as https://rerank.example.org/v1/rerank",
                self.url
            ));
        }
        if self.model.as_deref().is_some_and(str::is_empty) {
            into.push(
                "rerank.model is empty; give `none`, `remote` or the name of an installed reranker"
                    .to_owned(),
            );
        }
        if self.languages == RerankLanguages::Among(Vec::new()) {
            into.push(
                "rerank.languages is empty; to use no reranker set rerank.model to `none`"
                    .to_owned(),
            );
        }
        let ranges = [
            ("candidates", self.candidates as u64, 2..=100),
            ("budget_tokens", self.budget_tokens as u64, 256..=1_000_000),
            ("timeout_ms", self.timeout_ms, 50..=120_000),
        ];
        for (name, value, range) in ranges {
            if !range.contains(&value) {
                let (low, high) = (range.start(), range.end());
                into.push(format!(
                    "rerank.{name} is {value}; it must be {low} to {high}"
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, ConfigError, Flags};

    fn load(toml: &str) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("wenyuan.toml");
        std::fs::write(&file, format!("[rerank]\n{toml}")).expect("the settings file");
        Config::load(Some(&file), &Flags::default())
    }

    #[test]
    fn languages_are_a_word_or_a_list() {
        let languages = |toml| load(toml).expect("settings").rerank.languages;
        assert_eq!(
            languages(""),
            RerankLanguages::Word(RerankLanguagesWord::Auto)
        );
        assert_eq!(
            languages("languages = \"all\""),
            RerankLanguages::Word(RerankLanguagesWord::All)
        );
        let both = RerankLanguages::Among(vec![RerankLanguage::Zh, RerankLanguage::En]);
        assert_eq!(languages("languages = [\"zh\", \"en\"]"), both);
        for odd in [
            "languages = \"some\"",
            "languages = [\"fr\"]",
            "languages = []",
        ] {
            assert!(load(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn a_remote_model_needs_an_address_and_its_key_is_never_shown() {
        for odd in [
            "model = \"remote\"",
            "url = \"rerank.example\"",
            "model = \"\"",
            "candidates = 1",
            "timeout_ms = 1",
        ] {
            assert!(load(odd).is_err(), "{odd}");
        }
        let config = load(
            "model = \"remote\"\nurl = \"https://rerank.example/v1/rerank\"\napi_key = \"secret\"",
        );
        let config = config.expect("settings");
        assert!(!format!("{config:?}").contains("secret"));
        let written = toml::to_string(&config.rerank).expect("settings are TOML");
        assert!(!written.contains("secret"), "{written}");
    }
}
