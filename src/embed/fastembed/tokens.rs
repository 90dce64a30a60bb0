//! The embedder's tokenizer, once per process: a large vocabulary takes 100 MB, and every session would hold its own.

use std::fmt::Write as _;
use std::panic::catch_unwind;

use serde_json::{Value, json};
use tokenizers::models::wordlevel::WordLevel;
use tokenizers::{AddedToken, Encoding, Tokenizer, TruncationDirection};

use super::count::Counting;
use super::session::{read, refuse};
use super::unigram::{self, UnigramTokenizer};
use crate::embed::batch::estimate_tokens;
use crate::models::{EmbedderFiles, ModelError};

/// Turns text into token ids. Shared by all sessions and by whoever counts tokens.
pub(super) struct Tokens {
    tokenizer: AnyTokenizer,
    /// Counts plain text faster, where the tokenizer is of the kind that it knows.
    counting: Option<Counting>,
    /// Ids of a text at most, control tokens included.
    limit: usize,
    /// Control tokens around a text.
    control: usize,
    padding: u32,
}

impl Tokens {
    /// Reads the tokenizer's four files as fastembed does.
    pub(super) fn load(files: &EmbedderFiles) -> Result<Self, ModelError> {
        let config = json_file(files, "config.json")?;
        let settings = json_file(files, "tokenizer_config.json")?;
        let lacks = |what| refuse(files, format!("its tokenizer_config.json has no {what}"));
        let longest = settings["model_max_length"]
            .as_f64()
            .ok_or_else(|| lacks("model_max_length"))?;
        let padding = &settings["pad_token"];
        let padding = padding.as_str().or_else(|| padding["content"].as_str());
        let padding = padding.ok_or_else(|| lacks("pad_token"))?;
        let bytes = read(&files.folder, "tokenizer.json")?;
        let special = special_tokens(&json_file(files, "special_tokens_map.json")?);
        let loaded = catch_unwind(|| AnyTokenizer::read(bytes, special));
        let tokenizer = loaded
            .map_err(|_| refuse(files, "its tokenizer is malformed"))?
            .map_err(|error| refuse(files, error))?;
        let named = tokenizer.token_to_id(padding);
        let configured = config["pad_token_id"].as_u64();
        let configured = configured.and_then(|id| u32::try_from(id).ok());
        // Texts are encoded on the sessions' own threads; more threads would only wake each other.
        tokenizers::parallelism::set_parallelism(false);
        let bare = tokenizer
            .encode("", true)
            .map_err(|error| refuse(files, error))?;
        Ok(Self {
            counting: match &tokenizer {
                AnyTokenizer::Unigram(unigram) => Counting::of(unigram),
                AnyTokenizer::Other(_) => None,
            },
            tokenizer,
            limit: files.traits.max_tokens.min(longest as usize),
            control: bare.len(),
            padding: configured.or(named).unwrap_or(0),
        })
    }

    /// Tokens of the whole text, without control tokens.
    pub(super) fn count(&self, text: &str) -> usize {
        self.count_plain(text)
            .unwrap_or_else(|| self.count_encoded(text))
    }

    /// The same without building tokens; `None` for text that is not plain.
    pub(super) fn count_plain(&self, text: &str) -> Option<usize> {
        match &self.tokenizer {
            AnyTokenizer::Unigram(unigram) => self.counting.as_ref()?.count(unigram, text),
            AnyTokenizer::Other(_) => None,
        }
    }

    /// The same by building the tokens.
    pub(super) fn count_encoded(&self, text: &str) -> usize {
        match self.tokenizer.encode(text, false) {
            Ok(encoding) => encoding.len(),
            Err(_) => estimate_tokens(text),
        }
    }

    /// The ids of a text's known tokens that have a letter or a digit, in order; none of a text that cannot be read.
    pub(super) fn words(&self, text: &str) -> Vec<u32> {
        self.words_plain(text)
            .unwrap_or_else(|| self.words_encoded(text))
    }

    /// The same in a fraction of the time; `None` for text that is not plain.
    pub(super) fn words_plain(&self, text: &str) -> Option<Vec<u32>> {
        match &self.tokenizer {
            AnyTokenizer::Unigram(unigram) => self.counting.as_ref()?.words(unigram, text),
            AnyTokenizer::Other(_) => None,
        }
    }

    /// The same by the crate's own way, which keeps track of every character's origin.
    pub(super) fn words_encoded(&self, text: &str) -> Vec<u32> {
        // The fast way does not tell where in the text a token stands.
        let encoded = match &self.tokenizer {
            AnyTokenizer::Unigram(tokenizer) => tokenizer.encode(text, false),
            AnyTokenizer::Other(tokenizer) => tokenizer.encode(text, false),
        };
        let unknown = match &self.tokenizer {
            AnyTokenizer::Unigram(tokenizer) => tokenizer.get_model().unknown(),
            AnyTokenizer::Other(_) => None,
        };
        let Ok(encoding) = encoded else {
            return Vec::new();
        };
        let said = |(start, end): (usize, usize)| {
            text.get(start..end)
                .is_some_and(|token| token.contains(char::is_alphanumeric))
        };
        // A blank that stands for itself has the place of what follows it.
        let blank = self.tokenizer.token_to_id("▁");
        let tokens = encoding.get_ids().iter().zip(encoding.get_offsets());
        tokens
            .filter(|(id, place)| ![blank, unknown].contains(&Some(**id)) && said(**place))
            .map(|(id, _)| *id)
            .collect()
    }

    /// The ids that the model reads: cut to its window, control tokens around them.
    pub(super) fn encode(&self, text: &str) -> tokenizers::Result<Encoding> {
        let mut encoding = self.tokenizer.encode(text, false)?;
        let room = self.limit.saturating_sub(self.control);
        encoding.truncate(room, 0, TruncationDirection::Right);
        self.tokenizer.frame(encoding)
    }

    /// The files of a tokenizer that reads ids written as numbers: what fastembed gets in place of the model's own.
    pub(super) fn carrier(&self) -> fastembed::TokenizerFiles {
        let tokenizer = json!({
            "added_tokens": [],
            "pre_tokenizer": { "type": "WhitespaceSplit" },
            "model": { "type": "WordLevel", "vocab": {}, "unk_token": "?" },
        });
        let settings = json!({ "model_max_length": self.limit, "pad_token": "-" });
        fastembed::TokenizerFiles {
            tokenizer_file: tokenizer.to_string().into_bytes(),
            config_file: json!({ "pad_token_id": self.padding })
                .to_string()
                .into_bytes(),
            special_tokens_map_file: b"{}".to_vec(),
            tokenizer_config_file: settings.to_string().into_bytes(),
        }
    }
}

/// The tokenizers crate's own, or the one that takes less memory.
enum AnyTokenizer {
    Unigram(Box<UnigramTokenizer>),
    Other(Box<Tokenizer>),
}

impl AnyTokenizer {
    /// Reads a tokenizer that neither cuts texts nor fills them up.
    fn read(bytes: Vec<u8>, special: Vec<AddedToken>) -> tokenizers::Result<Self> {
        if let Some(mut tokenizer) = unigram::read(&bytes)? {
            tokenizer.add_special_tokens(special)?;
            return Ok(Self::Unigram(Box::new(tokenizer)));
        }
        let mut tokenizer = Tokenizer::from_bytes(bytes)?;
        tokenizer.with_padding(None).with_truncation(None)?;
        tokenizer.add_special_tokens(special)?;
        Ok(Self::Other(Box::new(tokenizer)))
    }

    fn encode(&self, text: &str, control: bool) -> tokenizers::Result<Encoding> {
        match self {
            Self::Unigram(tokenizer) => tokenizer.encode_fast(text, control),
            Self::Other(tokenizer) => tokenizer.encode_fast(text, control),
        }
    }

    /// Puts control tokens around.
    fn frame(&self, encoding: Encoding) -> tokenizers::Result<Encoding> {
        match self {
            Self::Unigram(tokenizer) => tokenizer.post_process(encoding, None, true),
            Self::Other(tokenizer) => tokenizer.post_process(encoding, None, true),
        }
    }

    fn token_to_id(&self, token: &str) -> Option<u32> {
        match self {
            Self::Unigram(tokenizer) => tokenizer.token_to_id(token),
            Self::Other(tokenizer) => tokenizer.token_to_id(token),
        }
    }
}

/// Texts as numbers, and the vocabulary of just these numbers for the carrier.
pub(super) struct Numbers {
    pub(super) lines: Vec<String>,
    pub(super) vocabulary: WordLevel,
}

impl Numbers {
    pub(super) fn of(texts: &[Encoding]) -> tokenizers::Result<Self> {
        let line = |encoding: &Encoding| {
            let ids = encoding.get_ids();
            ids.iter()
                .fold(String::with_capacity(ids.len() * 7), |mut line, id| {
                    // Writing to a string cannot fail.
                    let _ = write!(line, "{id} ");
                    line
                })
        };
        let ids = texts.iter().flat_map(Encoding::get_ids);
        let vocabulary = WordLevel::builder()
            .vocab(ids.map(|id| (id.to_string(), *id)).collect())
            .build()?;
        Ok(Self {
            lines: texts.iter().map(line).collect(),
            vocabulary,
        })
    }
}

fn json_file(files: &EmbedderFiles, name: &str) -> Result<Value, ModelError> {
    let bytes = read(&files.folder, name)?;
    serde_json::from_slice(&bytes).map_err(|error| refuse(files, format!("{name}: {error}")))
}

fn special_tokens(map: &Value) -> Vec<AddedToken> {
    let tokens = map.as_object().into_iter().flat_map(|map| map.values());
    let token = |value: &Value| {
        if let Some(content) = value.as_str() {
            return Some(AddedToken::from(content, true));
        }
        let flag = |name| value[name].as_bool().unwrap_or(false);
        let content = value["content"].as_str()?;
        Some(
            AddedToken::from(content, true)
                .single_word(flag("single_word"))
                .lstrip(flag("lstrip"))
                .rstrip(flag("rstrip"))
                .normalized(flag("normalized")),
        )
    };
    tokens.filter_map(token).collect()
}
