//! Follows groups and their properties, and makes blocks of the text in them.

use std::collections::HashMap;

use encoding_rs::Encoding;

use super::encodings::{character_set, code_page};
use super::words::{Place, destination, special};
use crate::clean::RawBlock;
use crate::parse::structure::heading_level;
use crate::parse::table::Table;
use crate::{BlockKind, Details};

/// Groups deeper than this share their properties.
const DEEPEST: usize = 512;

/// The properties of a group.
#[derive(Clone, Copy)]
struct Group {
    place: Place,
    encoding: &'static Encoding,
    /// Characters that stand after a Unicode one for readers that do not know it.
    fallback: usize,
    hidden: bool,
}

/// Collects blocks while tokens come in.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a state of its own that words of the format turn on and off"
)]
pub(super) struct Reader {
    group: Group,
    outer: Vec<Group>,
    /// Groups that are open beyond the deepest that is kept.
    deeper: usize,
    page: &'static Encoding,
    fonts: HashMap<i32, &'static Encoding>,
    font: i32,
    /// Bytes whose characters may not be complete.
    bytes: Vec<u8>,
    skip: usize,
    surrogate: Option<u16>,
    /// A `\\*` came: an unknown destination is skipped.
    optional: bool,
    text: String,
    note: String,
    level: Option<u8>,
    in_table: bool,
    table: Table,
    rows: bool,
    blocks: Vec<RawBlock>,
    title: String,
    author: String,
    /// Years, months and days.
    created: [i32; 3],
    modified: [i32; 3],
    budget: usize,
    full: bool,
}

impl Reader {
    pub(super) fn new(most: u64) -> Self {
        Self {
            group: Group {
                place: Place::Body,
                encoding: encoding_rs::WINDOWS_1252,
                fallback: 1,
                hidden: false,
            },
            outer: Vec::new(),
            deeper: 0,
            page: encoding_rs::WINDOWS_1252,
            fonts: HashMap::new(),
            font: 0,
            bytes: Vec::new(),
            skip: 0,
            surrogate: None,
            optional: false,
            text: String::new(),
            note: String::new(),
            level: None,
            in_table: false,
            table: Table::default(),
            rows: false,
            blocks: Vec::new(),
            title: String::new(),
            author: String::new(),
            created: [0; 3],
            modified: [0; 3],
            budget: usize::try_from(most).unwrap_or(usize::MAX),
            full: false,
        }
    }

    /// Whether more text came than is allowed.
    pub(super) const fn is_full(&self) -> bool {
        self.full
    }

    pub(super) fn open(&mut self) {
        self.flush();
        self.skip = 0;
        if self.outer.len() < DEEPEST {
            self.outer.push(self.group);
        } else {
            self.deeper += 1;
        }
    }

    pub(super) fn close(&mut self) {
        self.flush();
        self.skip = 0;
        self.optional = false;
        if self.deeper > 0 {
            self.deeper -= 1;
        } else if let Some(outer) = self.outer.pop() {
            self.group = outer;
        }
    }

    pub(super) fn byte(&mut self, byte: u8) {
        self.optional = false;
        if self.skip > 0 {
            self.skip -= 1;
        } else if self.group.place != Place::Nowhere && self.group.place != Place::Fonts {
            self.bytes.push(byte);
        }
    }

    pub(super) fn symbol(&mut self, symbol: u8) {
        let character = match symbol {
            b'*' => {
                self.optional = true;
                return;
            }
            b'~' => '\u{a0}',
            b'_' => '-',
            b'\\' | b'{' | b'}' => return self.byte(symbol),
            b'\r' | b'\n' => return self.end_paragraph(),
            _ => return,
        };
        self.character(character);
    }

    pub(super) fn word(&mut self, word: &str, number: Option<i32>) {
        let optional = std::mem::take(&mut self.optional);
        if self.skip > 0 && word != "u" {
            self.skip -= 1;
            return;
        }
        if let Some(place) = destination(word, self.group.place) {
            self.flush();
            self.group.place = place;
            return;
        }
        if word != "u" {
            self.flush();
        }
        match word {
            "u" => self.unicode(number.unwrap_or(0)),
            "uc" => self.group.fallback = usize::try_from(number.unwrap_or(1)).unwrap_or(1).min(16),
            "ansicpg" => {
                self.page = code_page(number.unwrap_or(1252));
                self.group.encoding = self.page;
            }
            "mac" => self.page = encoding_rs::MACINTOSH,
            "f" if self.group.place == Place::Fonts => self.font = number.unwrap_or(0),
            "fcharset" if self.group.place == Place::Fonts => {
                if let Some(encoding) = character_set(number.unwrap_or(0)) {
                    self.fonts.insert(self.font, encoding);
                }
            }
            "f" => {
                let font = number.unwrap_or(0);
                self.group.encoding = self.fonts.get(&font).copied().unwrap_or(self.page);
            }
            "plain" => {
                self.group.hidden = false;
                self.group.encoding = self.page;
            }
            "v" => self.group.hidden = number != Some(0),
            "par" | "sect" | "page" => self.end_paragraph(),
            "line" | "lbr" => self.character('\n'),
            "tab" => self.character(' '),
            "pard" => {
                self.in_table = false;
                self.level = None;
            }
            "intbl" => self.in_table = true,
            "trowd" => self.end_rows_unless_table(),
            "outlinelevel" => {
                self.level = u8::try_from(number.unwrap_or(9))
                    .ok()
                    .filter(|&level| level < 6)
                    .map(|level| level + 1);
            }
            "cell" | "nestcell" => self.end_cell(),
            "row" | "nestrow" => self.table.end_row(),
            "yr" | "mo" | "dy" => self.date(word, number.unwrap_or(0)),
            _ => match special(word) {
                Some(character) => self.character(character),
                None if optional => self.group.place = Place::Nowhere,
                None => {}
            },
        }
    }

    fn date(&mut self, word: &str, number: i32) {
        let date = match self.group.place {
            Place::Created => &mut self.created,
            Place::Modified => &mut self.modified,
            Place::Body
            | Place::Note
            | Place::Title
            | Place::Author
            | Place::Fonts
            | Place::Info
            | Place::Nowhere => return,
        };
        date[usize::from(word != "yr") + usize::from(word == "dy")] = number;
    }

    fn unicode(&mut self, number: i32) {
        self.flush();
        self.skip = self.group.fallback;
        let unit = number as u16;
        let decoded = match self.surrogate.take() {
            Some(high) => char::decode_utf16([high, unit]).next(),
            None if (0xd800..0xdc00).contains(&unit) => {
                self.surrogate = Some(unit);
                return;
            }
            None => char::decode_utf16([unit]).next(),
        };
        if let Some(Ok(character)) = decoded {
            self.character(character);
        }
    }

    fn character(&mut self, character: char) {
        self.flush();
        self.push(character.encode_utf8(&mut [0; 4]));
    }

    /// Decodes the bytes that have come: in one go, so that characters of several bytes stay whole.
    fn flush(&mut self) {
        if self.bytes.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.bytes);
        let (text, _) = self.group.encoding.decode_without_bom_handling(&bytes);
        self.push(&text);
        self.bytes = bytes;
        self.bytes.clear();
    }

    fn push(&mut self, text: &str) {
        if self.group.hidden {
            return;
        }
        let target = match self.group.place {
            Place::Body => &mut self.text,
            Place::Note => &mut self.note,
            Place::Title => &mut self.title,
            Place::Author => &mut self.author,
            Place::Created | Place::Modified | Place::Fonts | Place::Info | Place::Nowhere => {
                return;
            }
        };
        match self.budget.checked_sub(text.len()) {
            Some(left) => self.budget = left,
            None => self.full = true,
        }
        target.push_str(text);
    }

    fn end_paragraph(&mut self) {
        self.flush();
        match self.group.place {
            Place::Note => self.note.push('\n'),
            Place::Body if self.in_table => self.text.push(' '),
            Place::Body => {
                self.end_rows();
                self.emit();
            }
            Place::Title
            | Place::Author
            | Place::Created
            | Place::Modified
            | Place::Fonts
            | Place::Info
            | Place::Nowhere => {}
        }
    }

    fn emit(&mut self) {
        let text = std::mem::take(&mut self.text);
        let text = text.trim();
        if !text.is_empty() {
            let kind = match self.level.or_else(|| heading_level(text)) {
                Some(level) => BlockKind::Heading { level },
                None => BlockKind::Paragraph,
            };
            self.blocks.push(RawBlock::new(kind, text));
        }
        let note = std::mem::take(&mut self.note);
        if !note.trim().is_empty() {
            self.blocks
                .push(RawBlock::new(BlockKind::Paragraph, note.trim()));
        }
    }

    fn end_cell(&mut self) {
        self.flush();
        let text = std::mem::take(&mut self.text);
        self.table.cell(&text);
        self.rows = true;
    }

    /// A row begins: what stood before it and is no cell is a paragraph.
    fn end_rows_unless_table(&mut self) {
        if !self.rows && !self.text.trim().is_empty() {
            self.emit();
        }
    }

    fn end_rows(&mut self) {
        if std::mem::take(&mut self.rows) {
            let mut table = std::mem::take(&mut self.table);
            table.end_row();
            self.blocks.extend(table.into_blocks());
        }
    }

    /// Everything that was read.
    pub(super) fn finish(mut self) -> (Vec<RawBlock>, Option<String>, Details) {
        self.flush();
        self.end_rows();
        self.emit();
        let some = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let date = |[year, month, day]: [i32; 3]| {
            (year > 0).then(|| format!("{year:04}-{month:02}-{day:02}"))
        };
        let details = Details {
            author: some(self.author),
            created: date(self.created),
            modified: date(self.modified),
        };
        (self.blocks, some(self.title), details)
    }
}
