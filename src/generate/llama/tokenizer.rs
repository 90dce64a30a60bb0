//! Prompt segments to tokens, such that only our own words can become turn markers or other special tokens.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;

use crate::generate::Segment;

/// Longer texts are counted in pieces: a document must not hold one C++ call for seconds.
const COUNTED_AT_ONCE: usize = 64 * 1024;
/// No vocabulary's longest token has more bytes; a longer text cannot fit whatever it says.
const MOST_BYTES_PER_TOKEN: usize = 256;

/// The model's vocabulary, usable from any thread.
#[derive(Clone)]
pub(super) struct Tokenizer {
    model: Arc<LlamaModel>,
    markers: Arc<Markers>,
    bos: Option<LlamaToken>,
}

/// Special tokens by their text.
struct Markers {
    by_text: HashMap<String, LlamaToken>,
    tokens: BTreeSet<LlamaToken>,
    /// Lengths of the texts in bytes, longest first.
    lengths: Vec<usize>,
}

impl Tokenizer {
    /// `template` is the chat template: what it writes as a token is a marker, even where the file calls it a word.
    pub(super) fn new(model: Arc<LlamaModel>, template: Option<&str>) -> Self {
        let markers = Arc::new(Markers::find(&model, template.unwrap_or_default()));
        let vocab = model.vocab();
        let bos = Some(vocab.bos()).filter(|bos| vocab.should_add_bos() && bos.0 >= 0);
        Self {
            model,
            markers,
            bos,
        }
    }

    /// Tokens in a text, special tokens off; exact up to 64 KiB, off by at most one per 64 KiB beyond.
    pub(super) fn count(&self, text: &str) -> usize {
        let mut rest = text;
        let mut count = 0;
        while !rest.is_empty() {
            let piece = rest.floor_char_boundary(COUNTED_AT_ONCE.min(rest.len()));
            count += self.plain(&rest[..piece]).len();
            rest = &rest[piece..];
        }
        count
    }

    /// The whole prompt, beginning as the model wants it to. `Err` is an estimate of the tokens in a prompt so long
    /// that it cannot fit `limit` tokens and was not read.
    pub(super) fn encode(&self, segments: &[Segment], limit: usize) -> Result<Vec<i32>, usize> {
        let bytes: usize = segments.iter().map(|segment| text_of(segment).len()).sum();
        if bytes > limit.saturating_mul(MOST_BYTES_PER_TOKEN) {
            return Err(bytes / 4);
        }
        let mut tokens: Vec<LlamaToken> = self.bos.into_iter().collect();
        // Neighbouring plain text is tokenized in one piece: models learned "▁Paris", not "▁" and then "Paris".
        let mut run = String::new();
        for segment in segments {
            match segment {
                Segment::Data(text) => run.push_str(text),
                Segment::Trusted(text) => self.encode_trusted(text, &mut run, &mut tokens),
            }
        }
        tokens.extend(self.plain(&run));
        if tokens.is_empty() {
            tokens.push(self.model.vocab().bos());
        }
        Ok(tokens.into_iter().map(|token| token.0).collect())
    }

    fn encode_trusted(&self, text: &str, run: &mut String, tokens: &mut Vec<LlamaToken>) {
        let mut rest = text;
        while let Some((before, token, after)) = self.markers.next(rest) {
            run.push_str(before);
            tokens.extend(self.plain(run));
            run.clear();
            // Templates write the beginning-of-text token themselves; twice would confuse the model.
            let repeated = self.bos == Some(token) && tokens.as_slice() == [token];
            if !repeated {
                tokens.push(token);
            }
            rest = after;
        }
        run.push_str(rest);
    }

    /// Tokens of text in which nothing is special.
    fn plain(&self, text: &str) -> Vec<LlamaToken> {
        if text.is_empty() {
            return Vec::new();
        }
        let tokens = self.model.vocab().tokenize(text.as_bytes(), false, false);
        if !tokens
            .iter()
            .any(|token| self.markers.tokens.contains(token))
        {
            return tokens;
        }
        // Some files mark their turn tokens as words, and llama.cpp then parses them in any text: cut them in two.
        match self.markers.next(text) {
            Some((before, _, after)) => {
                let marker_start = before.len();
                let first = text[marker_start..]
                    .chars()
                    .next()
                    .map_or(1, char::len_utf8);
                let (head, tail) = text.split_at(marker_start + first);
                debug_assert!(tail.ends_with(after));
                [self.plain(head), self.plain(tail)].concat()
            }
            None => tokens
                .into_iter()
                .filter(|token| !self.markers.tokens.contains(token))
                .collect(),
        }
    }
}

impl Markers {
    fn find(model: &LlamaModel, template: &str) -> Self {
        let vocab = model.vocab();
        let mut by_text = HashMap::new();
        for token in vocab.tokens() {
            let Some(text) = vocab.text(token).and_then(|text| text.to_str().ok()) else {
                continue;
            };
            let written_by_template =
                text.len() > 2 && text.starts_with(['<', '[']) && template.contains(text);
            if !text.is_empty()
                && (written_by_template || vocab.is_control(token) || vocab.is_eog(token))
            {
                by_text.insert(text.to_owned(), token);
            }
        }
        let lengths: BTreeSet<usize> = by_text.keys().map(String::len).collect();
        Self {
            tokens: by_text.values().copied().collect(),
            lengths: lengths.into_iter().rev().collect(),
            by_text,
        }
    }

    /// The first marker in a text, the longest of those that begin there, and the text on both sides.
    fn next<'a>(&self, text: &'a str) -> Option<(&'a str, LlamaToken, &'a str)> {
        text.char_indices().find_map(|(start, _)| {
            self.lengths.iter().find_map(|length| {
                let token = self.by_text.get(text.get(start..start + length)?)?;
                Some((&text[..start], *token, &text[start + length..]))
            })
        })
    }
}

fn text_of(segment: &Segment) -> &str {
    match segment {
        Segment::Trusted(text) | Segment::Data(text) => text,
    }
}
