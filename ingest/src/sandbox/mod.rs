//! Reads documents in a child process, so that a bomb, a crash or an endless loop costs one file and nothing else.

mod allowance;
mod child;
mod draw;
mod parent;
mod program;

use serde::{Deserialize, Serialize};

pub use self::child::child_main;
pub use self::draw::{DrawError, Drawing, draw_in_child};
pub use self::parent::parse_in_child;
pub use self::program::ReaderProgram;
use crate::{Block, CleanDocument, ParseError, ParseLimits, ParseProgress, ParseRequest};

/// The hidden subcommand under which a program calls [`child_main`].
const SUBCOMMAND: &str = "parse-child";

/// What the child reads from its standard input.
#[derive(Serialize, Deserialize)]
struct Order {
    request: ParseRequest,
    limits: ParseLimits,
    /// A page to draw instead of a document to read.
    #[serde(default)]
    drawing: Option<Drawing>,
}

/// A line that the child writes to its standard output.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Message {
    Progress(ParseProgress),
    /// Bytes of the text that comes next.
    Length(u64),
    /// A piece of the document's text. Pieces come in order and before the document, which then has no text of its own.
    Text(String),
    /// Some of its blocks, likewise.
    Blocks(Vec<Block>),
    /// A page is given to text recognition, which takes its time.
    Recognizing,
    Document(Box<CleanDocument>),
    Error(ParseError),
    /// So many bytes of a picture follow this line.
    Picture(usize),
    Undrawn(DrawError),
}
