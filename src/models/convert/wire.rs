//! Reads and writes protobuf at the wire level, because the files come from elsewhere and most fields are none of our
//! business: what we do not edit is copied byte for byte.

/// Why bytes are not a protobuf message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// A field runs past the end of the message.
    #[error("a field runs past the end")]
    Truncated,
    /// A number has more than 64 bits, or a field number is 0 or too large.
    #[error("a number is malformed")]
    Number,
    /// Groups and reserved wire types.
    #[error("wire type {0} is not supported")]
    WireType(u8),
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Varint(u64),
    Fixed64([u8; 8]),
    Bytes(&'a [u8]),
    Fixed32([u8; 4]),
}

/// One field; `raw` is key and value together, for copying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field<'a> {
    pub(super) number: u32,
    pub(super) value: Value<'a>,
    pub(super) raw: &'a [u8],
}

impl<'a> Field<'a> {
    /// The bytes of a length-delimited field; empty for any other kind.
    pub(super) fn bytes(&self) -> &'a [u8] {
        match self.value {
            Value::Bytes(bytes) => bytes,
            Value::Varint(_) | Value::Fixed64(_) | Value::Fixed32(_) => &[],
        }
    }

    /// The number in a varint field; 0 for any other kind.
    pub(super) fn number_value(&self) -> u64 {
        match self.value {
            Value::Varint(number) => number,
            Value::Bytes(_) | Value::Fixed64(_) | Value::Fixed32(_) => 0,
        }
    }
}

/// The fields of a message in order. After an error the iterator ends.
#[derive(Debug, Clone)]
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

/// Reads the fields of one message. Nested messages are read by calling this on a field's bytes.
pub(super) const fn fields(message: &[u8]) -> Fields<'_> {
    Fields { rest: message }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, WireError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let whole = self.rest;
        let read = read_field(whole);
        match read {
            Ok((field, rest)) => {
                self.rest = rest;
                Some(Ok(field))
            }
            Err(error) => {
                self.rest = &[];
                Some(Err(error))
            }
        }
    }
}

fn read_field(whole: &[u8]) -> Result<(Field<'_>, &[u8]), WireError> {
    let (key, rest) = read_varint(whole)?;
    let number = u32::try_from(key >> 3).map_err(|_| WireError::Number)?;
    if number == 0 {
        return Err(WireError::Number);
    }
    let (value, rest) = match (key & 7) as u8 {
        0 => {
            let (number, rest) = read_varint(rest)?;
            (Value::Varint(number), rest)
        }
        1 => {
            let (bytes, rest) = rest.split_first_chunk::<8>().ok_or(WireError::Truncated)?;
            (Value::Fixed64(*bytes), rest)
        }
        2 => {
            let (length, rest) = read_varint(rest)?;
            let length = usize::try_from(length).map_err(|_| WireError::Truncated)?;
            let (bytes, rest) = rest.split_at_checked(length).ok_or(WireError::Truncated)?;
            (Value::Bytes(bytes), rest)
        }
        5 => {
            let (bytes, rest) = rest.split_first_chunk::<4>().ok_or(WireError::Truncated)?;
            (Value::Fixed32(*bytes), rest)
        }
        other => return Err(WireError::WireType(other)),
    };
    let raw = &whole[..whole.len() - rest.len()];
    Ok((Field { number, value, raw }, rest))
}

pub(super) fn read_varint(bytes: &[u8]) -> Result<(u64, &[u8]), WireError> {
    let mut number = 0_u64;
    for (index, byte) in bytes.iter().enumerate().take(10) {
        let bits = u64::from(byte & 0x7f);
        if index == 9 && bits > 1 {
            return Err(WireError::Number);
        }
        number |= bits << (7 * index);
        if byte & 0x80 == 0 {
            return Ok((number, &bytes[index + 1..]));
        }
    }
    Err(if bytes.len() < 10 {
        WireError::Truncated
    } else {
        WireError::Number
    })
}

/// A message under construction.
#[derive(Debug, Default)]
pub(super) struct Message(Vec<u8>);

impl Message {
    pub(super) fn varint(mut self, number: u32, value: u64) -> Self {
        self.push_varint(u64::from(number) << 3);
        self.push_varint(value);
        self
    }

    pub(super) fn bytes(mut self, number: u32, value: &[u8]) -> Self {
        self.push_varint(u64::from(number) << 3 | 2);
        self.push_varint(value.len() as u64);
        self.0.extend_from_slice(value);
        self
    }

    pub(super) fn message(self, number: u32, value: &Self) -> Self {
        self.bytes(number, &value.0)
    }

    /// Appends a field copied from another message.
    pub(super) fn copy(mut self, field: &Field<'_>) -> Self {
        self.0.extend_from_slice(field.raw);
        self
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn push_varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Message, Value, WireError, fields};

    #[test]
    fn what_is_written_is_read_back() {
        let inner = Message::default().bytes(3, "文渊".as_bytes());
        let written = Message::default()
            .varint(1, u64::MAX)
            .message(200, &inner)
            .into_bytes();
        let read: Vec<_> = fields(&written)
            .collect::<Result<_, _>>()
            .expect("our own message");
        assert_eq!(read[0].value, Value::Varint(u64::MAX));
        assert_eq!(read[1].number, 200);
        let nested = fields(read[1].bytes())
            .next()
            .expect("one field")
            .expect("whole");
        assert_eq!(nested.bytes(), "文渊".as_bytes());
    }

    #[test]
    fn a_message_cut_anywhere_is_an_error_or_a_shorter_message() {
        let whole = Message::default()
            .varint(1, 300)
            .bytes(2, b"0123456789")
            .into_bytes();
        for end in 0..whole.len() {
            let read: Result<Vec<_>, _> = fields(&whole[..end]).collect();
            assert!(read.is_err() || end == 0 || end == 3, "cut at {end}");
        }
    }

    #[test]
    fn a_number_of_more_than_64_bits_is_refused() {
        let bytes = [
            8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
        ];
        assert_eq!(fields(&bytes).next(), Some(Err(WireError::Number)));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let copied = fields(&bytes).flatten().fold(Message::default(), |message, field| message.copy(&field));
            prop_assert!(bytes.starts_with(&copied.into_bytes()));
        }
    }
}
