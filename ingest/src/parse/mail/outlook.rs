//! Messages that Outlook saves ([MS-OXMSG]): the same head, text and attachments as any other message.

use dom_query::Document;

use super::body;
use super::head::Head;
use crate::ParseError;
use crate::clean::{RawBlock, RawDocument};
use crate::parse::compound::{Compound, u16_at, u32_at};
use crate::parse::members::{
    append, below, has_text, read_member, read_member_with, safe_name, shorten_warnings,
};
use crate::parse::summary::{day_of, encoding_of};
use crate::parse::{Context, html};

/// Level of the subject's heading.
const SUBJECT: u8 = 1;
/// Bytes in front of the numbers of a message, by whether it lies in another one.
const OUTER_HEAD: usize = 32;
const INNER_HEAD: usize = 24;

/// Properties by number.
mod property {
    pub(super) const SUBJECT: u16 = 0x0037;
    pub(super) const SUBMITTED: u16 = 0x0039;
    pub(super) const SENDER: u16 = 0x0c1a;
    pub(super) const SENDER_ADDRESS: u16 = 0x5d01;
    pub(super) const OTHER_SENDER_ADDRESS: u16 = 0x0c1f;
    pub(super) const COPIES: u16 = 0x0e03;
    pub(super) const TO: u16 = 0x0e04;
    pub(super) const DELIVERED: u16 = 0x0e06;
    pub(super) const BODY: u16 = 0x1000;
    pub(super) const HTML: u16 = 0x1013;
    pub(super) const DATA: u16 = 0x3701;
    pub(super) const SHORT_NAME: u16 = 0x3704;
    pub(super) const LONG_NAME: u16 = 0x3707;
    pub(super) const DISPLAY_NAME: u16 = 0x3001;
    pub(super) const INTERNET_CODE_PAGE: u16 = 0x3fde;
    pub(super) const CODE_PAGE: u16 = 0x3ffd;
}

/// Reads a message with what is attached to it.
///
/// # Errors
/// A limit of the whole file, or [`ParseError::DamagedFile`] when there is neither head nor body.
pub(super) fn read(bytes: &[u8], context: &mut Context<'_>) -> Result<RawDocument, ParseError> {
    let mut container = Compound::open(bytes, context.limits)?;
    read_at(&mut container, "", OUTER_HEAD, context)
}

fn read_at(
    container: &mut Compound<'_>,
    folder: &str,
    head: usize,
    context: &mut Context<'_>,
) -> Result<RawDocument, ParseError> {
    let attachments = container.storages(
        if folder.is_empty() { "/" } else { folder },
        "__attach_version1.0_",
    );
    let mut message = Storage::open(container, folder, head)?;
    let mut document = message.head()?.into_document();
    let body = message.body()?;
    document
        .blocks
        .extend(body.into_iter().map(|block| below(SUBJECT, block)));
    for (index, attachment) in attachments.into_iter().enumerate() {
        attach(container, &attachment, index + 1, &mut document, context)?;
    }
    if !has_text(&document) {
        return Err(ParseError::damaged("there is no message in it"));
    }
    shorten_warnings(&mut document);
    Ok(document)
}

/// Reads what is attached as a section of its name.
fn attach(
    container: &mut Compound<'_>,
    folder: &str,
    number: usize,
    document: &mut RawDocument,
    context: &mut Context<'_>,
) -> Result<(), ParseError> {
    let mut storage = Storage::open(container, folder, 8)?;
    let mut name = None;
    for property in [
        property::LONG_NAME,
        property::SHORT_NAME,
        property::DISPLAY_NAME,
    ] {
        if name.is_none() {
            name = storage.text(property)?;
        }
    }
    let name = name.map_or_else(|| format!("attachment {number}"), |name| safe_name(&name));
    let member = if let Some(bytes) = storage.bytes(property::DATA)? {
        read_member(&bytes, &name, context)
    } else {
        let message = format!("{folder}/__substg1.0_{:04X}000D", property::DATA);
        read_member_with(&[], context, |context| {
            read_at(container, &message, INNER_HEAD, context)
        })
    };
    append(document, SUBJECT + 1, &name, member).map(drop)
}

/// The properties of a message or an attachment.
struct Storage<'c, 'a> {
    container: &'c mut Compound<'a>,
    folder: &'c str,
    /// Those of fixed length.
    numbers: Vec<u8>,
    encoding: &'static encoding_rs::Encoding,
}

impl<'c, 'a> Storage<'c, 'a> {
    fn open(
        container: &'c mut Compound<'a>,
        folder: &'c str,
        head: usize,
    ) -> Result<Self, ParseError> {
        let mut numbers = container
            .stream(&format!("{folder}/__properties_version1.0"))?
            .unwrap_or_default();
        numbers.drain(..head.min(numbers.len()));
        let mut storage = Self {
            container,
            folder,
            numbers,
            encoding: encoding_rs::WINDOWS_1252,
        };
        let page = [property::CODE_PAGE, property::INTERNET_CODE_PAGE]
            .into_iter()
            .find_map(|number| storage.number(number))
            .and_then(|page| encoding_of(u16::try_from(page).unwrap_or(0)));
        if let Some(encoding) = page {
            storage.encoding = encoding;
        }
        Ok(storage)
    }

    /// A number or a moment, as it is stored.
    fn number(&self, property: u16) -> Option<u64> {
        let entry = self
            .numbers
            .chunks_exact(16)
            .find(|entry| u16_at(entry, 2) == Some(property))?;
        // What is not a moment takes half the room.
        let high = match u16_at(entry, 0)? {
            0x40 => u64::from(u32_at(entry, 12)?),
            _ => 0,
        };
        Some(high << 32 | u64::from(u32_at(entry, 8)?))
    }

    fn value(&mut self, property: u16, kind: u16) -> Result<Option<Vec<u8>>, ParseError> {
        let path = format!("{}/__substg1.0_{property:04X}{kind:04X}", self.folder);
        self.container.stream(&path)
    }

    fn bytes(&mut self, property: u16) -> Result<Option<Vec<u8>>, ParseError> {
        self.value(property, 0x0102)
    }

    fn text(&mut self, property: u16) -> Result<Option<String>, ParseError> {
        let text = if let Some(wide) = self.value(property, 0x001f)? {
            encoding_rs::UTF_16LE
                .decode_without_bom_handling(&wide)
                .0
                .into_owned()
        } else if let Some(narrow) = self.value(property, 0x001e)? {
            self.encoding
                .decode_without_bom_handling(&narrow)
                .0
                .into_owned()
        } else {
            return Ok(None);
        };
        let text = text.trim_end_matches('\0');
        Ok((!text.trim().is_empty()).then(|| text.to_owned()))
    }

    fn head(&mut self) -> Result<Head, ParseError> {
        let sender = self.text(property::SENDER)?;
        let mut address = self.text(property::SENDER_ADDRESS)?;
        if address.is_none() {
            address = self.text(property::OTHER_SENDER_ADDRESS)?;
        }
        // An address within an Exchange organization is a path that nobody knows.
        let address = address.filter(|address| address.contains('@'));
        let from = match (&sender, &address) {
            (Some(sender), Some(address)) if sender != address => {
                Some(format!("{sender} <{address}>"))
            }
            (Some(one), _) | (None, Some(one)) => Some(one.clone()),
            (None, None) => None,
        };
        let day = [property::SUBMITTED, property::DELIVERED]
            .into_iter()
            .find_map(|number| self.number(number))
            .and_then(day_of);
        Ok(Head {
            subject: self.text(property::SUBJECT)?,
            from,
            author: sender.or(address),
            to: self.text(property::TO)?,
            copies: self.text(property::COPIES)?,
            moment: day.clone(),
            day,
        })
    }

    /// The text: the plain form, else the one for a browser.
    fn body(&mut self) -> Result<Vec<RawBlock>, ParseError> {
        if let Some(plain) = self.text(property::BODY)? {
            return Ok(body::blocks(&plain, None));
        }
        let page = match self.bytes(property::HTML)? {
            Some(bytes) => Some(super::mime::text_of(&bytes, None, true)),
            None => self.text(property::HTML)?,
        };
        Ok(page.map_or_else(Vec::new, |page| html::part(&Document::from(page.as_str()))))
    }
}
