//! From token bytes to text a person may see: whole characters only, and never a stop text.

/// Joins bytes into characters across token borders: a Chinese character may arrive in three tokens.
#[derive(Debug, Default)]
pub(crate) struct CharacterDecoder {
    pending: Vec<u8>,
}

impl CharacterDecoder {
    /// The characters that `bytes` completes. Bytes that can belong to no character are dropped: half a character
    /// says nothing, and U+FFFD in an answer only alarms.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> String {
        self.pending.extend_from_slice(bytes);
        let mut text = String::new();
        let mut rest = self.pending.as_slice();
        loop {
            match std::str::from_utf8(rest) {
                Ok(valid) => {
                    text.push_str(valid);
                    rest = &[];
                }
                Err(error) => {
                    let (valid, after) = rest.split_at(error.valid_up_to());
                    text.push_str(&String::from_utf8_lossy(valid));
                    rest = after;
                    if let Some(broken) = error.error_len() {
                        rest = &rest[broken..];
                        continue;
                    }
                }
            }
            break;
        }
        self.pending = rest.to_vec();
        text
    }
}

/// What may be shown after a piece of text, and whether a stop text came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Released {
    /// Text that can be part of no stop text any more.
    pub(crate) text: String,
    /// A stop text was found; it and all that follows are swallowed.
    pub(crate) stopped: bool,
}

/// Finds stop texts across token borders, holding text back only while it may still become one.
#[derive(Debug)]
pub(crate) struct StopMatcher {
    stops: Vec<String>,
    held: String,
}

impl StopMatcher {
    /// Empty stop texts are ignored: they would end every answer before it begins.
    pub(crate) fn new(stops: impl IntoIterator<Item = String>) -> Self {
        let stops = stops.into_iter().filter(|stop| !stop.is_empty()).collect();
        Self {
            stops,
            held: String::new(),
        }
    }

    /// Adds text; of several stop texts the one that begins first wins.
    pub(crate) fn push(&mut self, text: &str) -> Released {
        self.held.push_str(text);
        let found = self
            .stops
            .iter()
            .filter_map(|stop| self.held.find(stop.as_str()))
            .min();
        if let Some(start) = found {
            self.held.truncate(start);
            return Released {
                text: std::mem::take(&mut self.held),
                stopped: true,
            };
        }
        let keep_from = self.held.len() - self.longest_beginning();
        let kept = self.held.split_off(keep_from);
        Released {
            text: std::mem::replace(&mut self.held, kept),
            stopped: false,
        }
    }

    /// What was held back, when nothing follows it.
    pub(crate) fn finish(&mut self) -> String {
        std::mem::take(&mut self.held)
    }

    /// Bytes at the end of the held text that begin some stop text.
    fn longest_beginning(&self) -> usize {
        let longest = |stop: &String| {
            let most = self.held.len().min(stop.len() - 1);
            (1..=most).rev().find(|&length| {
                stop.is_char_boundary(length)
                    && self.held.as_bytes().ends_with(&stop.as_bytes()[..length])
            })
        };
        self.stops.iter().filter_map(longest).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn run(stops: &[&str], pieces: &[&str]) -> (Vec<String>, bool) {
        let mut matcher = StopMatcher::new(stops.iter().map(ToString::to_string));
        let mut shown = Vec::new();
        for piece in pieces {
            let released = matcher.push(piece);
            shown.push(released.text);
            if released.stopped {
                return (shown, true);
            }
        }
        shown.push(matcher.finish());
        (shown, false)
    }

    #[test]
    fn a_character_split_over_tokens_comes_out_whole() {
        let mut decoder = CharacterDecoder::default();
        let bytes = "问渊".as_bytes();
        assert_eq!(decoder.push(&bytes[..1]), "");
        assert_eq!(decoder.push(&bytes[1..2]), "");
        assert_eq!(decoder.push(&bytes[2..5]), "问");
        assert_eq!(decoder.push(&bytes[5..]), "渊");
    }

    #[test]
    fn broken_bytes_are_dropped_and_do_not_block_what_follows() {
        let mut decoder = CharacterDecoder::default();
        assert_eq!(decoder.push(&[b'a', 0xff, 0xe9, b'b', 0xe9, 0x97]), "ab");
        assert_eq!(decoder.push(&[0xae, b'c']), "问c");
    }

    #[test]
    fn a_stop_text_is_found_across_pieces_and_never_shown() {
        assert_eq!(
            run(&["\n问题"], &["北京。", "\n", "问", "题：下一个"]),
            (
                vec!["北京。".into(), String::new(), String::new(), String::new()],
                true
            )
        );
    }

    #[test]
    fn text_is_held_back_only_while_it_may_become_a_stop() {
        assert_eq!(
            run(&["END"], &["aE", "N", "x", "E"]),
            (
                vec![
                    "a".into(),
                    String::new(),
                    "ENx".into(),
                    String::new(),
                    "E".into()
                ],
                false
            )
        );
    }

    #[test]
    fn the_stop_text_that_begins_first_wins() {
        assert_eq!(run(&["cd", "bcde"], &["abcdef"]), (vec!["a".into()], true));
    }

    #[test]
    fn an_empty_stop_text_is_ignored() {
        assert_eq!(
            run(&[""], &["abc"]),
            (vec!["abc".into(), String::new()], false)
        );
    }

    proptest! {
        #[test]
        fn any_split_of_any_text_decodes_to_the_text(text in "\\PC{0,40}", size in 1_usize..5) {
            let mut decoder = CharacterDecoder::default();
            let joined: String = text.as_bytes().chunks(size).map(|chunk| decoder.push(chunk)).collect();
            prop_assert_eq!(joined, text);
        }

        #[test]
        fn splitting_never_changes_what_is_shown(text in "[ab问答]{0,24}", stop in "[ab问答]{1,4}", size in 1_usize..4) {
            let characters: Vec<char> = text.chars().collect();
            let pieces: Vec<String> = characters.chunks(size).map(|chunk| chunk.iter().collect()).collect();
            let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
            let (shown, stopped) = run(&[&stop], &pieces);
            let expected = text.find(&stop).map_or(text.as_str(), |start| &text[..start]);
            prop_assert_eq!(shown.concat(), expected);
            prop_assert_eq!(stopped, text.contains(&stop));
        }
    }
}
