//! From bytes to paragraphs, some kilobytes at a time.

use std::collections::VecDeque;
use std::io::{self, Read};

use encoding_rs::{Decoder, Encoding};

use crate::clean::group_paragraphs;
use crate::decode::judge;
use crate::{ParseError, Warning};

/// Bytes that are decoded together.
const WINDOW: usize = 64 << 10;

/// Longest line, and longest paragraph of several lines, in bytes. What is longer is parted: it is in memory more than once.
const LONGEST: usize = 1 << 20;

/// Characters that end a line.
const LINE_ENDS: [char; 6] = ['\n', '\r', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'];

/// The paragraphs of a text, in order.
pub(super) struct Paragraphs<R> {
    lines: Lines<R>,
    ready: VecDeque<String>,
}

impl<R: Read> Paragraphs<R> {
    pub(super) fn new(source: R, encoding: &'static Encoding) -> Self {
        Self {
            lines: Lines {
                source,
                encoding,
                decoder: encoding.new_decoder_with_bom_removal(),
                text: String::new(),
                given: 0,
                searched: 0,
                ended: false,
                failure: None,
                characters: 0,
                bad: 0,
            },
            ready: VecDeque::new(),
        }
    }

    /// Once all paragraphs have come: a warning if some of the bytes were no text, an error if many were.
    pub(super) fn judge(self) -> Result<Option<Warning>, ParseError> {
        if let Some(error) = self.lines.failure {
            return Err(ParseError::damaged(format!(
                "the stored file cannot be read: {error}"
            )));
        }
        judge(self.lines.bad, self.lines.characters, self.lines.encoding)
    }

    /// Lines up to the next empty one.
    fn group(&mut self) -> Vec<String> {
        let (mut group, mut bytes) = (Vec::new(), 0);
        for line in self.lines.by_ref() {
            if !line.trim().is_empty() {
                bytes += line.len() + 1;
                group.push(line);
            } else if !group.is_empty() {
                break;
            }
            if bytes >= LONGEST {
                break;
            }
        }
        group
    }
}

impl<R: Read> Iterator for Paragraphs<R> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        if self.ready.is_empty() {
            let group = self.group();
            let lines: Vec<&str> = group.iter().map(String::as_str).collect();
            if !lines.is_empty() {
                self.ready.extend(group_paragraphs(&lines));
            }
        }
        self.ready.pop_front()
    }
}

/// The lines of a text, without their ends.
struct Lines<R> {
    source: R,
    encoding: &'static Encoding,
    decoder: Decoder,
    text: String,
    /// Bytes of `text` that were given as lines.
    given: usize,
    /// Bytes of `text` before which no line ends that was not given.
    searched: usize,
    ended: bool,
    failure: Option<io::Error>,
    characters: usize,
    /// Places that could not be decoded.
    bad: usize,
}

impl<R: Read> Iterator for Lines<R> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        loop {
            let found = self.text[self.searched..].find(LINE_ENDS);
            let line_end = found.map(|offset| self.searched + offset);
            if let Some(end) = line_end
                && (self.ended || self.text[end..].len() > 1)
            {
                return Some(self.give(end, ends_with_two(&self.text[end..])));
            }
            self.searched = line_end.unwrap_or(self.text.len());
            if self.text.len() - self.given > LONGEST {
                return Some(self.give(self.part(), 0));
            }
            if self.ended {
                let rest = self.text.len();
                return (rest > self.given).then(|| self.give(rest, 0));
            }
            self.fill();
        }
    }
}

/// Bytes of the line end that `text` begins with.
fn ends_with_two(text: &str) -> usize {
    if text.starts_with("\r\n") {
        2
    } else {
        text.chars().next().map_or(0, char::len_utf8)
    }
}

impl<R: Read> Lines<R> {
    /// The text up to `end`, and what follows begins after `skipped` more bytes.
    fn give(&mut self, end: usize, skipped: usize) -> String {
        let line = self.text[self.given..end].to_owned();
        self.given = end + skipped;
        self.searched = self.given;
        line
    }

    /// Where a line that is too long is parted: behind a sentence or a word, if there are any.
    fn part(&self) -> usize {
        let most = self.text.floor_char_boundary(self.given + LONGEST);
        let part = &self.text[self.given..most];
        let good = |character: char| {
            character.is_whitespace() || matches!(character, '。' | '！' | '？' | '；')
        };
        let at = part.rfind(good).map_or(part.len(), |at| {
            at + part[at..].chars().next().map_or(0, char::len_utf8)
        });
        self.given + at
    }

    /// Decodes some more bytes.
    fn fill(&mut self) {
        self.text.drain(..self.given);
        self.searched -= self.given;
        self.given = 0;
        let mut bytes = vec![0; WINDOW];
        let read = loop {
            match self.source.read(&mut bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        let read = read.unwrap_or_else(|error| {
            self.failure = Some(error);
            0
        });
        self.ended = read == 0;
        let before = self.text.len();
        let room = self.decoder.max_utf8_buffer_length(read);
        self.text.reserve(room.unwrap_or(WINDOW * 4));
        // With room for the longest outcome, everything is taken at once.
        let _ = self
            .decoder
            .decode_to_string(&bytes[..read], &mut self.text, self.ended);
        let fresh = &self.text[before..];
        self.characters += fresh.chars().count();
        self.bad += fresh.matches('\u{fffd}').count();
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::{GB18030, UTF_8};
    use proptest::prelude::*;

    use super::*;

    /// Gives a few bytes at a time, so that characters and line ends are cut.
    struct Trickle<'a>(&'a [u8], usize);

    impl Read for Trickle<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let taken = self.1.min(buffer.len()).min(self.0.len());
            buffer[..taken].copy_from_slice(&self.0[..taken]);
            self.0 = &self.0[taken..];
            Ok(taken)
        }
    }

    fn lines(bytes: &[u8], encoding: &'static Encoding, step: usize) -> Vec<String> {
        Paragraphs::new(Trickle(bytes, step), encoding)
            .lines
            .collect()
    }

    #[test]
    fn a_line_without_end_is_parted_behind_a_sentence_and_loses_nothing() {
        let text = "一句话。".repeat(LONGEST / 6);
        let parts: Vec<String> = Paragraphs::new(text.as_bytes(), UTF_8).collect();
        assert!(parts.len() > 1 && parts.iter().all(|part| part.len() <= LONGEST));
        assert!(parts.iter().all(|part| part.ends_with('。')));
        assert_eq!(parts.concat(), text);
    }

    #[test]
    fn many_lines_without_an_empty_one_come_in_paragraphs_of_a_size() {
        let text = "a line of a log that says nothing at all\n".repeat(LONGEST / 10);
        let longest = Paragraphs::new(text.as_bytes(), UTF_8)
            .map(|part| part.len())
            .max();
        assert!(longest.is_some_and(|longest| longest <= LONGEST + 100));
    }

    #[test]
    fn other_encodings_are_decoded_across_cuts() {
        let (bytes, _, _) = GB18030.encode("第一行\r\n第二行𠀀\n");
        assert_eq!(lines(&bytes, GB18030, 1), ["第一行", "第二行𠀀"]);
    }

    proptest! {
        #[test]
        fn lines_do_not_depend_on_how_the_bytes_come(text in "[a\u{4e00}\u{301}\n\r\u{c}\u{85}\u{2028} ]{0,40}", step in 1_usize..7) {
            let joined = text.replace("\r\n", "\n").replace(LINE_ENDS, "\n");
            let expected: Vec<&str> = joined.lines().collect();
            prop_assert_eq!(lines(text.as_bytes(), UTF_8, step), expected);
        }
    }
}
