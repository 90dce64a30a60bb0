//! A Unigram model (Kudo 2018, <https://arxiv.org/abs/1804.10959>) in a double array: a tenth of the memory that the
//! tokenizers crate needs for a large vocabulary, read in a moment, and with the same pieces.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::value::RawValue;
use tokenizers::{
    AddedToken, DecoderWrapper, Model, NormalizerWrapper, PostProcessorWrapper,
    PreTokenizerWrapper, Token, TokenizerImpl, Trainer,
};
use yada::DoubleArray;
use yada::builder::DoubleArrayBuilder;

/// A tokenizer with this model; its other parts are the crate's.
pub(super) type UnigramTokenizer = TokenizerImpl<
    Unigram,
    NormalizerWrapper,
    PreTokenizerWrapper,
    PostProcessorWrapper,
    DecoderWrapper,
>;

/// How much less likely than the least likely piece an unknown character is.
const UNKNOWN_PENALTY: f64 = 10.0;

#[derive(Deserialize)]
struct TokenizerFile<'a> {
    #[serde(borrow)]
    model: &'a RawValue,
    normalizer: Option<NormalizerWrapper>,
    pre_tokenizer: Option<PreTokenizerWrapper>,
    post_processor: Option<PostProcessorWrapper>,
    #[serde(default)]
    added_tokens: Vec<AddedToken>,
}

#[derive(Deserialize)]
struct Kind<'a> {
    #[serde(rename = "type")]
    kind: Option<&'a str>,
    #[serde(default)]
    byte_fallback: bool,
}

#[derive(Deserialize)]
struct Pieces {
    unk_id: Option<u32>,
    vocab: Vec<(String, f64)>,
}

/// Reads a `tokenizer.json`. `None` if its model is of another kind.
pub(super) fn read(bytes: &[u8]) -> tokenizers::Result<Option<UnigramTokenizer>> {
    let file: TokenizerFile<'_> = serde_json::from_slice(bytes)?;
    let kind: Kind<'_> = serde_json::from_str(file.model.get())?;
    if kind.kind != Some("Unigram") || kind.byte_fallback {
        return Ok(None);
    }
    let model = Unigram::new(serde_json::from_str(file.model.get())?)?;
    let mut tokenizer = TokenizerImpl::new(model);
    tokenizer
        .with_normalizer(file.normalizer)?
        .with_pre_tokenizer(file.pre_tokenizer)
        .with_post_processor(file.post_processor);
    for token in file.added_tokens {
        if token.special {
            tokenizer.add_special_tokens([token])?;
        } else {
            tokenizer.add_tokens([token])?;
        }
    }
    Ok(Some(tokenizer))
}

/// The pieces with their log probabilities.
pub(super) struct Unigram {
    pieces: DoubleArray<Vec<u8>>,
    scores: Vec<f64>,
    unknown: Option<u32>,
    unknown_score: f64,
}

impl Unigram {
    fn new(pieces: Pieces) -> tokenizers::Result<Self> {
        let scores: Vec<f64> = pieces.vocab.iter().map(|(_, score)| *score).collect();
        let lowest = scores.iter().copied().fold(f64::INFINITY, f64::min);
        let unknown = pieces.unk_id.filter(|id| (*id as usize) < scores.len());
        // Of equal pieces the last one counts. The array cannot hold a zero byte, which ends its keys.
        let keys: BTreeMap<String, u32> = (0..)
            .zip(pieces.vocab)
            .map(|(id, (piece, _))| (piece, id))
            .filter(|(piece, _)| !piece.is_empty() && !piece.contains('\0'))
            .collect();
        let keys: Vec<(String, u32)> = keys.into_iter().collect();
        if keys.is_empty() {
            return Err("the vocabulary is empty".into());
        }
        let array = DoubleArrayBuilder::build(&keys)?;
        Ok(Self {
            pieces: DoubleArray::new(array)?,
            scores,
            unknown,
            unknown_score: lowest - UNKNOWN_PENALTY,
        })
    }

    /// The piece that stands for characters which are in no other.
    pub(super) const fn unknown(&self) -> Option<u32> {
        self.unknown
    }

    /// The most likely way to cut the text: ids and ends of its pieces, last piece first.
    pub(super) fn best_path(&self, text: &str) -> tokenizers::Result<Vec<(u32, usize, usize)>> {
        let bytes = text.as_bytes();
        let mut best: Vec<Option<Step>> = vec![None; bytes.len() + 1];
        let zero_from = |start: usize| {
            let found = bytes[start..].iter().position(|byte| *byte == 0);
            found.map_or(bytes.len(), |at| start + at)
        };
        // Pieces are looked for up to the next zero byte, which is looked for once and not at each character.
        let mut zero = zero_from(0);
        for (start, character) in text.char_indices() {
            let before = best[start].as_ref().map_or(0.0, |step| step.score);
            let single = start + character.len_utf8();
            let mut covered = false;
            if start > zero {
                zero = zero_from(start);
            }
            for (id, length) in self.pieces.common_prefix_search(&bytes[start..zero]) {
                let end = start + length;
                covered |= end == single;
                let score = before + self.scores.get(id as usize).copied().unwrap_or(0.0);
                improve(&mut best[end], Step { id, score, start });
            }
            if !covered {
                let id = self.unknown.ok_or("a character is in no piece")?;
                let score = before + self.unknown_score;
                improve(&mut best[single], Step { id, score, start });
            }
        }
        let (mut path, mut end) = (Vec::new(), bytes.len());
        while let Some(step) = best.get(end).and_then(Option::as_ref) {
            path.push((step.id, step.start, end));
            end = step.start;
        }
        Ok(path)
    }
}

/// The best known way to a place in a word, as far as its tokens are only counted.
#[derive(Clone, Copy)]
pub(super) struct CountStep {
    score: f64,
    tokens: u32,
    /// Whether the last token stands for unknown characters.
    unknown: bool,
}

impl Unigram {
    /// Tokens of the most likely way to cut a word without zero bytes; `steps` is room to work in. `None` if a
    /// character is in no piece and the model has no piece for such.
    pub(super) fn count(&self, word: &str, steps: &mut Vec<CountStep>) -> Option<usize> {
        const NOWHERE: CountStep = CountStep {
            score: f64::NEG_INFINITY,
            tokens: 0,
            unknown: false,
        };
        let bytes = word.as_bytes();
        steps.clear();
        steps.resize(bytes.len() + 1, NOWHERE);
        steps[0].score = 0.0;
        for (start, character) in word.char_indices() {
            let before = steps[start];
            let single = start + character.len_utf8();
            let mut covered = false;
            let mut reach = |end: usize, id: u32, score: f64| {
                let step = &mut steps[end];
                if score > step.score {
                    let unknown = Some(id) == self.unknown;
                    *step = CountStep {
                        score,
                        tokens: before.tokens + u32::from(!(unknown && before.unknown)),
                        unknown,
                    };
                }
            };
            for (id, length) in self.pieces.common_prefix_search(&bytes[start..]) {
                covered |= start + length == single;
                let score = self.scores.get(id as usize).copied().unwrap_or(0.0);
                reach(start + length, id, before.score + score);
            }
            if !covered {
                reach(single, self.unknown?, before.score + self.unknown_score);
            }
        }
        Some(steps.last()?.tokens as usize)
    }
}

/// The best known way to a place in the text.
#[derive(Clone)]
struct Step {
    id: u32,
    score: f64,
    start: usize,
}

fn improve(best: &mut Option<Step>, step: Step) {
    if best.as_ref().is_none_or(|known| step.score > known.score) {
        *best = Some(step);
    }
}

impl Model for Unigram {
    type Trainer = NoTrainer;

    fn tokenize(&self, text: &str) -> tokenizers::Result<Vec<Token>> {
        let mut tokens: Vec<Token> = Vec::new();
        for (id, start, end) in self.best_path(text)?.into_iter().rev() {
            match tokens.last_mut() {
                // Unknown characters side by side are one token.
                Some(last) if Some(id) == self.unknown && last.id == id => last.offsets.1 = end,
                // Nobody asks for a token's text.
                _ => tokens.push(Token::new(id, String::new(), (start, end))),
            }
        }
        Ok(tokens)
    }

    fn token_to_id(&self, token: &str) -> Option<u32> {
        if token.contains('\0') {
            return None;
        }
        self.pieces.exact_match_search(token)
    }

    fn id_to_token(&self, _id: u32) -> Option<String> {
        None
    }

    fn get_vocab(&self) -> HashMap<String, u32> {
        HashMap::new()
    }

    fn get_vocab_size(&self) -> usize {
        self.scores.len()
    }

    fn save(&self, _folder: &Path, _prefix: Option<&str>) -> tokenizers::Result<Vec<PathBuf>> {
        Err("this model is only read".into())
    }

    fn get_trainer(&self) -> NoTrainer {
        NoTrainer
    }
}

/// The crate wants to know how a model is trained; this one is not.
pub(super) struct NoTrainer;

impl Trainer for NoTrainer {
    type Model = Unigram;

    fn should_show_progress(&self) -> bool {
        false
    }

    fn train(&self, _model: &mut Unigram) -> tokenizers::Result<Vec<AddedToken>> {
        Err("this model is only read".into())
    }

    fn feed<I, S, F>(&mut self, _texts: I, _process: F) -> tokenizers::Result<()>
    where
        I: Iterator<Item = S> + Send,
        S: AsRef<str> + Send,
        F: Fn(&str) -> tokenizers::Result<Vec<String>> + Sync,
    {
        Err("this model is only read".into())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;
    use tokenizers::Tokenizer;

    use super::{UnigramTokenizer, read};

    /// Pieces of several lengths, some of them ambiguous, one twice.
    const FILE: &str = r#"{
        "added_tokens": [{ "id": 1, "content": "<s>", "special": true, "single_word": false,
            "lstrip": false, "rstrip": false, "normalized": false }],
        "normalizer": { "type": "NFKC" },
        "pre_tokenizer": { "type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true },
        "post_processor": null,
        "model": { "type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0], ["<s>", 0.0], ["▁", -2.0], ["a", -3.0],
            ["b", -3.5], ["ab", -4.0], ["▁ab", -4.5], ["文", -5.0], ["渊", -6.0], ["文渊", -9.0], ["文渊阁", -9.5],
            ["a", -2.5], ["阁", -7.0]] }
    }"#;

    static OURS: LazyLock<UnigramTokenizer> =
        LazyLock::new(|| read(FILE.as_bytes()).expect("whole").expect("Unigram"));
    static THEIRS: LazyLock<Tokenizer> =
        LazyLock::new(|| Tokenizer::from_bytes(FILE).expect("whole"));

    fn both(text: &str) -> (Vec<u32>, Vec<u32>) {
        let ours = OURS.encode_fast(text, true).expect("encodes");
        let theirs = THEIRS.encode_fast(text, true).expect("encodes");
        (ours.get_ids().to_vec(), theirs.get_ids().to_vec())
    }

    proptest! {
        #[test]
        fn a_text_is_cut_as_the_tokenizers_crate_cuts_it(text in "([ab文渊阁 qз]|<s>|<unk>|x\\x00y|\\PC){0,30}") {
            let (ours, theirs) = both(&text);
            prop_assert_eq!(ours, theirs);
        }
    }

    #[test]
    fn a_text_with_many_zero_bytes_is_cut_to_its_end() {
        let (ours, theirs) = both(&"ab\0\0文渊\0".repeat(50));
        assert_eq!(ours, theirs);
    }

    #[test]
    fn a_model_of_another_kind_is_left_to_the_crate() {
        let file = r#"{ "model": { "type": "WordLevel", "vocab": {}, "unk_token": "?" } }"#;
        assert!(read(file.as_bytes()).expect("whole").is_none());
        assert!(read(b"{}").is_err());
        assert!(read(br#"{ "model": { "type": "Unigram", "vocab": [] } }"#).is_err());
    }
}
