//! Makes the starter embedder's published file loadable by a plain ONNX Runtime: the SentencePiece operator inside its
//! graph belongs to an extension library that we do not ship, so it becomes a `tokenizers` file beside the graph. Its token
//! table becomes one tensor, and the large tensors a file, which is mapped and not copied.

mod graph;
mod rows;
mod sentencepiece;
mod table;
#[cfg(test)]
mod table_tests;
mod weights;
mod wire;

use serde_json::json;

pub use rows::{TokenTable, token_table};
pub use weights::FILE as WEIGHTS_FILE;
pub use wire::WireError;

use sentencepiece::SentencePiece;

/// Longest input of the converted model, in tokens. The network itself has no limit; its training texts were short.
const MAX_TOKENS: usize = 512;

/// Why a file could not be converted. The file is then not the one we know, or damaged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConvertError {
    /// The bytes are not protobuf.
    #[error("it is not a whole ONNX file: {0}")]
    Wire(#[from] WireError),
    /// The graph is not of the expected form.
    #[error("its graph has an unexpected form: {0}")]
    Graph(&'static str),
    /// The tokenizer inside is not of the expected form.
    #[error("its tokenizer has an unexpected form: {0}")]
    Tokenizer(&'static str),
}

/// A converted embedder: file names and contents.
#[derive(Debug)]
pub struct Converted {
    /// The files, ready to be written beside each other.
    pub files: Vec<(&'static str, Vec<u8>)>,
}

/// Takes the `SentencepieceTokenizer` out of an embedder's graph.
///
/// The same input gives the same bytes, so the results can be pinned by checksum. The input need not be trusted.
pub fn convert_embedder(onnx: &[u8]) -> Result<Converted, ConvertError> {
    let cut = graph::cut_tokenizer(onnx)?;
    let joined = table::join(cut.model, cut.ids)?;
    let (model, weights) = weights::move_out(&joined)?;
    let pieces = SentencePiece::read(cut.sentencepiece)?;
    let tokenizer = pieces.to_tokenizer_json()?;
    let config = json!({ "pad_token_id": pieces.padding() });
    let pad_token = serde_json::to_string(pieces.padding_name())
        .map_err(|_| ConvertError::Tokenizer("a piece cannot be written as JSON"))?;
    let tokenizer_config =
        format!("{{\"model_max_length\":{MAX_TOKENS},\"pad_token\":{pad_token}}}\n");
    Ok(Converted {
        files: vec![
            ("model.onnx", model),
            (weights::FILE, weights),
            ("tokenizer.json", tokenizer.into_bytes()),
            ("tokenizer_config.json", tokenizer_config.into_bytes()),
            ("special_tokens_map.json", b"{}\n".to_vec()),
            ("config.json", format!("{config}\n").into_bytes()),
        ],
    })
}
