//! Bytes in, chunks out: detection, parsing, cleaning and splitting, with no server, index or model inside.

mod embedder;
mod lexical;
mod model;
mod sink;

pub use embedder::{EmbedError, Embedder, TokenCounter};
pub use lexical::SparseVector;
pub use model::{
    Block, BlockKind, Chunk, CleanDocument, Kind, Language, PageSpan, Span, Warning,
};
pub use sink::{ChunkSink, Point, PointPayload, SinkError};
