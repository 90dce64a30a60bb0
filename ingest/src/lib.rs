//! Bytes in, chunks out: detection, parsing, cleaning and splitting, with no server, index or model inside.

mod clean;
mod decode;
mod detect;
mod embedder;
mod error;
mod known;
mod lexical;
mod limits;
mod model;
mod parse;
mod pipeline;
mod places;
mod recognize;
mod sandbox;
mod sink;
mod source;
mod split;
mod vectors;

pub use decode::{Decoded, decode};
pub use detect::detect;
pub use embedder::{Aligner, EmbedError, Embedder, TokenCounter};
pub use error::ParseError;
pub use known::{KnownVectors, NothingKnown, TextMark};
pub use lexical::{
    AVERAGE_LENGTH, B, Dictionary, K1, Lexicon, SparseVector, TermKind, WordError, WordList, hash,
    is_function_word,
};
pub use limits::{ParseLimits, ParseProgress, ParseRequest};
pub use model::{
    Block, BlockKind, Chunk, CleanDocument, Details, Kind, Language, PageSpan, Span, Warning,
};
pub use parse::{parse_here, parse_recognizing};
pub use pipeline::{
    IndexError, IndexProgress, IndexRequest, PipelineSettings, index_document, lexical_terms,
    point_id,
};
pub use places::{Area, PageBox, Place, boxes};
pub use recognize::{
    Corner, OpenRecognizer, Picture, RecognizeError, RecognizerFiles, TextLine, TextRecognizer,
};
pub use sandbox::{DrawError, Drawing, ReaderProgram, child_main, draw_in_child, parse_in_child};
pub use sink::{ChunkSink, Point, PointPayload, SinkError};
pub use source::{TextError, TextSource};
pub use split::{Preset, PresetChoice, SplitSettings, UnknownPreset, sentences, split, split_as};
