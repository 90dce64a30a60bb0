//! Pictures.

use super::Context;
use crate::ParseError;
use crate::clean::RawDocument;

pub(super) fn read(_bytes: &[u8], _context: &mut Context<'_>) -> Result<RawDocument, ParseError> {
    Err(ParseError::unsupported("a picture"))
}
