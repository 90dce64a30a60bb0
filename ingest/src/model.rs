//! What a document is once it has been read: clean text, its structure, and the chunks cut from it.

use serde::{Deserialize, Serialize};

use crate::Place;

/// A half-open range of bytes in a document's cleaned text, always on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The text that this span covers.
    ///
    /// # Panics
    /// If the span does not belong to `text`.
    #[must_use]
    pub fn of<'a>(&self, text: &'a str) -> &'a str {
        &text[self.start..self.end]
    }

    /// Length in bytes.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.end - self.start
    }

    /// Whether the span covers nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.start == self.end
    }
}

/// A file format, found from the bytes and never from the name alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Portable Document Format.
    Pdf,
    /// Word 97-2003.
    Doc,
    /// Office Open XML word processing.
    Docx,
    /// PowerPoint 97-2003.
    Ppt,
    /// Office Open XML slides.
    Pptx,
    /// Office Open XML or Excel 97-2003 workbooks.
    Xlsx,
    /// OpenDocument text.
    Odt,
    /// OpenDocument spreadsheet.
    Ods,
    /// OpenDocument slides.
    Odp,
    /// Rich Text Format.
    Rtf,
    /// An electronic book.
    Epub,
    /// A web page.
    Html,
    /// Markdown text.
    Markdown,
    /// Plain text in any supported encoding.
    Text,
    /// Values separated by commas, tabs or semicolons.
    Csv,
    /// JSON, or JSON Lines.
    Json,
    /// A message, or a mailbox of them, with what is attached.
    Email,
    /// A picture, read by text recognition.
    Image,
    /// The source of a program.
    Code,
    /// An archive of other files.
    Zip,
}

impl Kind {
    /// The stable name used in the API, the catalog and the index.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Doc => "doc",
            Self::Docx => "docx",
            Self::Ppt => "ppt",
            Self::Pptx => "pptx",
            Self::Xlsx => "xlsx",
            Self::Odt => "odt",
            Self::Ods => "ods",
            Self::Odp => "odp",
            Self::Rtf => "rtf",
            Self::Epub => "epub",
            Self::Html => "html",
            Self::Markdown => "markdown",
            Self::Text => "text",
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Email => "email",
            Self::Image => "image",
            Self::Code => "code",
            Self::Zip => "zip",
        }
    }
}

/// The language that a text is mostly in, as far as retrieval cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    /// Chinese, simplified or undecided.
    #[serde(rename = "zh")]
    Chinese,
    /// Chinese in traditional characters.
    #[serde(rename = "zh-Hant")]
    TraditionalChinese,
    /// English.
    #[serde(rename = "en")]
    English,
    /// Anything else.
    #[serde(rename = "other")]
    Other,
}

impl Language {
    /// The stable name used in the API, the catalog and the index.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Chinese => "zh",
            Self::TraditionalChinese => "zh-Hant",
            Self::English => "en",
            Self::Other => "other",
        }
    }
}

/// What a block of text is; the splitter never joins a table to a paragraph or cuts a heading off its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockKind {
    /// A heading; level 1 is the highest.
    Heading {
        /// 1 to 6.
        level: u8,
    },
    /// Running text.
    Paragraph,
    /// One item of a list.
    ListItem,
    /// A table, as Markdown rows.
    Table,
    /// Preformatted text.
    Code,
}

/// One structural unit of the cleaned text. Blocks are in order and do not overlap; white space lies between them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Where it is.
    pub span: Span,
}

/// Where one page of the original begins and ends in the cleaned text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageSpan {
    /// Page number, from 1.
    pub number: u32,
    /// The page's text; empty for a page without text.
    pub span: Span,
}

/// Something that a reader of the document should know, without being a failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// Stable snake_case name, such as `page_without_text`.
    pub code: String,
    /// Page that it is about, from 1.
    pub page: Option<u32>,
    /// English detail for people.
    pub message: String,
}

/// What a file's own metadata tells, as far as people filter on it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// Who wrote it, as the file says.
    pub author: Option<String>,
    /// When it was written or sent, as `YYYY-MM-DD`.
    pub created: Option<String>,
    /// When it was last changed, as `YYYY-MM-DD`.
    pub modified: Option<String>,
}

/// A document as read: the text that everything else points into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CleanDocument {
    /// The format found.
    pub kind: Kind,
    /// Title from the metadata or the first top heading; the file's name is used when there is none.
    pub title: Option<String>,
    /// What the file says of itself.
    #[serde(default)]
    pub details: Details,
    /// Main language.
    pub language: Language,
    /// Cleaned text, UTF-8, `\n` line ends, NFC.
    pub text: String,
    /// Structure, in order.
    pub blocks: Vec<Block>,
    /// Pages, in order; empty for formats without pages.
    pub pages: Vec<PageSpan>,
    /// Where the text stands on its pages, in the order of the text; empty where nothing is known of that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Place>,
    /// What could not be read, and the like.
    pub warnings: Vec<Warning>,
}

/// A passage cut for retrieval. `text[span]` of the cleaned document is exactly what is shown and quoted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// Position among the document's chunks, from 0.
    pub ordinal: u32,
    /// Bytes of the cleaned text.
    pub span: Span,
    /// The same range in characters, as the API reports it.
    pub chars: Span,
    /// First and last page, from 1.
    pub pages: Option<(u32, u32)>,
    /// Headings above it, highest first.
    pub heading: Vec<String>,
    /// The section around it, for small-to-big.
    pub parent: Span,
    /// Its sentences, in order, as bytes of the cleaned text; they lie inside `span`.
    pub sentences: Vec<Span>,
    /// Length by the embedder's own tokenizer, without title and headings.
    pub tokens: u32,
    /// Language of this passage.
    pub language: Language,
}
