//! Turns a SentencePiece unigram model into the `tokenizers` library's file, so that text is cut exactly as the graph
//! was trained on.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::ConvertError;
use super::wire::{Value, fields};

/// Far above any real vocabulary; keeps a hostile file from filling memory.
const MAX_PIECES: usize = 2_000_000;

const UNKNOWN: u64 = 2;
const CONTROL: u64 = 3;

/// What we need of a SentencePiece model.
#[derive(Debug)]
pub(super) struct SentencePiece {
    pieces: Vec<(String, f32)>,
    charsmap: Vec<u8>,
    unknown: usize,
    begin: usize,
    end: usize,
}

impl SentencePiece {
    /// Reads a serialized `ModelProto`; only unigram models with the usual white space rules are accepted.
    pub(super) fn read(model: &[u8]) -> Result<Self, ConvertError> {
        let mut found = Self {
            pieces: Vec::new(),
            charsmap: Vec::new(),
            unknown: 0,
            begin: 1,
            end: 2,
        };
        for field in fields(model) {
            let field = field?;
            match field.number {
                1 => found.read_piece(field.bytes())?,
                2 => found.read_trainer(field.bytes())?,
                3 => found.read_normalizer(field.bytes())?,
                _ => {}
            }
        }
        let highest = found.unknown.max(found.begin).max(found.end);
        if highest >= found.pieces.len() {
            return Err(ConvertError::Tokenizer(
                "its special pieces lie outside the vocabulary",
            ));
        }
        if found.charsmap.is_empty() {
            return Err(ConvertError::Tokenizer("it has no character map"));
        }
        Ok(found)
    }

    fn read_piece(&mut self, message: &[u8]) -> Result<(), ConvertError> {
        let (mut text, mut score, mut kind) = (String::new(), 0.0, 1);
        for field in fields(message) {
            let field = field?;
            match (field.number, field.value) {
                (1, Value::Bytes(bytes)) => {
                    text = String::from_utf8(bytes.to_vec())
                        .map_err(|_| ConvertError::Tokenizer("a piece is not UTF-8"))?;
                }
                (2, Value::Fixed32(bytes)) => score = f32::from_le_bytes(bytes),
                (3, Value::Varint(value)) => kind = value,
                _ => {}
            }
        }
        if !score.is_finite() {
            return Err(ConvertError::Tokenizer("a piece has no finite score"));
        }
        if self.pieces.len() == MAX_PIECES {
            return Err(ConvertError::Tokenizer("it has too many pieces"));
        }
        if kind == UNKNOWN || kind == CONTROL {
            // SentencePiece never matches these in text; `tokenizers` would. Every space in a text becomes U+2581 before
            // pieces are looked up, so with a space in front nothing that a document says can become a control token.
            text.insert(0, ' ');
        }
        self.pieces.push((text, score));
        Ok(())
    }

    fn read_trainer(&mut self, message: &[u8]) -> Result<(), ConvertError> {
        const UNIGRAM: u64 = 1;
        for field in fields(message) {
            let field = field?;
            let value = field.number_value();
            let id = usize::try_from(value).unwrap_or(usize::MAX);
            match field.number {
                3 if value != UNIGRAM => {
                    return Err(ConvertError::Tokenizer("it is not a unigram model"));
                }
                35 if value != 0 => return Err(ConvertError::Tokenizer("it falls back to bytes")),
                40 => self.unknown = id,
                41 => self.begin = id,
                42 => self.end = id,
                _ => {}
            }
        }
        Ok(())
    }

    fn read_normalizer(&mut self, message: &[u8]) -> Result<(), ConvertError> {
        for field in fields(message) {
            let field = field?;
            match field.number {
                2 => self.charsmap = field.bytes().to_vec(),
                3..=5 if field.number_value() == 0 => {
                    return Err(ConvertError::Tokenizer("it treats white space unusually"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Id of the end token, which also serves as padding: masked, so any id would do.
    pub(super) const fn padding(&self) -> usize {
        self.end
    }

    /// Name of the end token in the vocabulary.
    pub(super) fn padding_name(&self) -> &str {
        self.pieces.get(self.end).map_or("", |(text, _)| text)
    }

    /// The `tokenizer.json`, the same bytes for the same model whatever library versions we are built with.
    pub(super) fn to_tokenizer_json(&self) -> Result<String, ConvertError> {
        let mut json = String::with_capacity(self.pieces.len() * 40 + self.charsmap.len() * 2);
        json.push_str(
            r#"{"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":"#,
        );
        json.push_str(
            r#"{"type":"Sequence","normalizers":[{"type":"Precompiled","precompiled_charsmap":""#,
        );
        STANDARD.encode_string(&self.charsmap, &mut json);
        json.push_str(r#""},{"type":"Replace","pattern":{"Regex":" {2,}"},"content":" "},"#);
        json.push_str(r#"{"type":"Replace","pattern":{"Regex":"\\A | \\z"},"content":""}]},"#);
        let metaspace =
            r#"{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true}"#;
        let (begin, end) = (
            quote(&self.pieces[self.begin].0)?,
            quote(&self.pieces[self.end].0)?,
        );
        let _ = write!(
            json,
            r#""pre_tokenizer":{metaspace},"decoder":{metaspace},"#
        );
        let _ = write!(
            json,
            concat!(
                r#""post_processor":{{"type":"TemplateProcessing","single":[{{"SpecialToken":{{"id":{begin},"type_id":0}}}},"#,
                r#"{{"Sequence":{{"id":"A","type_id":0}}}},{{"SpecialToken":{{"id":{end},"type_id":0}}}}],"pair":["#,
                r#"{{"Sequence":{{"id":"A","type_id":0}}}},{{"Sequence":{{"id":"B","type_id":1}}}}],"special_tokens":{{"#,
                r#"{begin}:{{"id":{begin},"ids":[{begin_id}],"tokens":[{begin}]}},"#,
                r#"{end}:{{"id":{end},"ids":[{end_id}],"tokens":[{end}]}}}}}},"#,
            ),
            begin = begin,
            end = end,
            begin_id = self.begin,
            end_id = self.end,
        );
        let _ = write!(
            json,
            r#""model":{{"type":"Unigram","unk_id":{},"byte_fallback":false,"vocab":["#,
            self.unknown
        );
        for (index, (text, score)) in self.pieces.iter().enumerate() {
            let comma = if index == 0 { "" } else { ",\n" };
            let _ = write!(json, "{comma}[{},{:?}]", quote(text)?, f64::from(*score));
        }
        json.push_str("]}}\n");
        Ok(json)
    }
}

fn quote(text: &str) -> Result<String, ConvertError> {
    serde_json::to_string(text)
        .map_err(|_| ConvertError::Tokenizer("a piece cannot be written as JSON"))
}
