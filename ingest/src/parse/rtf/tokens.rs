//! Cuts a file into groups, control words, control symbols and bytes.

/// The longest control word that the specification allows, with room to spare.
const LONGEST_WORD: usize = 40;

/// A piece of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// `{`
    Open,
    /// `}`
    Close,
    /// A backslash, letters, and a number if there is one.
    Word(&'a str, Option<i32>),
    /// A backslash and one other character.
    Symbol(u8),
    /// A byte of text, as it stands or escaped by its number.
    Byte(u8),
}

/// The tokens of a file, in order.
pub(super) struct Tokens<'a> {
    rest: &'a [u8],
}

impl<'a> Tokens<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    fn word(&mut self) -> Token<'a> {
        let letters = self
            .rest
            .iter()
            .take(LONGEST_WORD)
            .take_while(|byte| byte.is_ascii_alphabetic())
            .count();
        let (word, rest) = self.rest.split_at(letters);
        let sign =
            usize::from(rest.first() == Some(&b'-') && rest.get(1).is_some_and(u8::is_ascii_digit));
        let digits = rest[sign..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let number = std::str::from_utf8(&rest[..sign + digits])
            .ok()
            .filter(|_| digits > 0)
            .map(|number| number.parse().unwrap_or(i32::MAX));
        self.rest = &rest[sign + digits..];
        // One blank belongs to the word.
        if self.rest.first() == Some(&b' ') {
            self.rest = &self.rest[1..];
        }
        let word = std::str::from_utf8(word).unwrap_or_default();
        if word == "bin" {
            let length = usize::try_from(number.unwrap_or(0)).unwrap_or(0);
            self.rest = &self.rest[length.min(self.rest.len())..];
        }
        Token::Word(word, number)
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let (&first, rest) = self.rest.split_first()?;
            self.rest = rest;
            match first {
                b'{' => return Some(Token::Open),
                b'}' => return Some(Token::Close),
                b'\r' | b'\n' | 0 => {}
                b'\\' => break,
                byte => return Some(Token::Byte(byte)),
            }
        }
        let &next = self.rest.first()?;
        if next.is_ascii_alphabetic() {
            return Some(self.word());
        }
        self.rest = &self.rest[1..];
        if next != b'\'' {
            return Some(Token::Symbol(next));
        }
        let digits = self
            .rest
            .get(..2)
            .and_then(|two| std::str::from_utf8(two).ok());
        Some(
            match digits.and_then(|two| u8::from_str_radix(two, 16).ok()) {
                Some(byte) => {
                    self.rest = &self.rest[2..];
                    Token::Byte(byte)
                }
                None => Token::Symbol(next),
            },
        )
    }
}
