//! Encoded words (RFC 2047) of one text: joined before they are decoded, since many writers cut characters in two.

use std::borrow::Cow;
use std::fmt::Write as _;

use mail_parser::decoders::base64::base64_decode;

/// Longest word, in bytes; RFC 2047 allows 75, and writers take more.
const LONGEST: usize = 4000;

/// An encoded word: where it lies in the text, and its three fields.
struct Word<'a> {
    start: usize,
    end: usize,
    charset: &'a str,
    base64: bool,
    text: &'a str,
}

/// The headers with each run of encoded words of one charset as one word.
pub(super) fn joined(headers: &str) -> Cow<'_, str> {
    let words = words(headers);
    let mut out = String::new();
    let mut copied = 0;
    let mut at = 0;
    while at < words.len() {
        let run = run_length(headers, &words[at..]);
        let charset = known(words[at].charset);
        if run > 1 || charset != words[at].charset {
            let (first, last) = (&words[at], &words[at + run - 1]);
            out.push_str(&headers[copied..first.start]);
            out.push_str("=?");
            out.push_str(charset);
            out.push_str("?Q?");
            for word in &words[at..at + run] {
                push_quoted(&mut out, word);
            }
            out.push_str("?=");
            copied = last.end;
        }
        at += run;
    }
    if copied == 0 {
        return Cow::Borrowed(headers);
    }
    out.push_str(&headers[copied..]);
    Cow::Owned(out)
}

/// A charset by a name that the library knows: some Chinese writers use those of their own system.
fn known(charset: &str) -> &str {
    match charset.to_ascii_lowercase().as_str() {
        "eucgb2312_cn" | "euc_cn" | "euc-cn" | "cp936" | "ms936" | "x-gbk" => "gb18030",
        _ => charset,
    }
}

/// How many words from the first on are of one charset, with nothing but white space between them.
fn run_length(headers: &str, words: &[Word<'_>]) -> usize {
    let follows = |pair: &[Word<'_>]| {
        let between = &headers[pair[0].end..pair[1].start];
        pair[0].charset.eq_ignore_ascii_case(pair[1].charset) && between.trim().is_empty()
    };
    1 + words.windows(2).take_while(|pair| follows(pair)).count()
}

fn push_quoted(out: &mut String, word: &Word<'_>) {
    if !word.base64 {
        out.push_str(word.text);
        return;
    }
    for byte in base64_decode(word.text.as_bytes()).unwrap_or_default() {
        // Writing to a string cannot fail.
        let _ = write!(out, "={byte:02X}");
    }
}

fn words(headers: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(found) = headers[at..].find("=?") {
        let start = at + found;
        match word(headers, start) {
            Some(word) => {
                at = word.end;
                words.push(word);
            }
            None => at = start + 2,
        }
    }
    words
}

/// The encoded word that begins at `start`.
fn word(headers: &str, start: usize) -> Option<Word<'_>> {
    let inside = &headers[start + 2..];
    let inside = &inside[..inside.floor_char_boundary(LONGEST)];
    let line = &inside[..inside.find(['\n', '\r']).unwrap_or(inside.len())];
    let mut fields = line.splitn(3, '?');
    let (charset, encoding, rest) = (fields.next()?, fields.next()?, fields.next()?);
    let text = &rest[..rest.find("?=")?];
    let base64 = match encoding {
        "B" | "b" => true,
        "Q" | "q" => false,
        _ => return None,
    };
    let plain = !charset.is_empty() && charset.bytes().all(|byte| byte.is_ascii_graphic());
    let end = start + 2 + charset.len() + 1 + encoding.len() + 1 + text.len() + 2;
    plain.then_some(Word {
        start,
        end,
        charset,
        base64,
        text,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_character_cut_in_two_is_joined() {
        // 会议 in GBK is BB E1 D2 E9, cut after the third byte.
        assert_eq!(
            joined("Subject: =?GBK?B?u+HS?=\r\n =?gbk?Q?=E9?= end"),
            "Subject: =?GBK?Q?=BB=E1=D2=E9?= end"
        );
    }

    #[test]
    fn a_charset_by_a_systems_own_name_is_known() {
        assert_eq!(
            joined("Subject: =?eucgb2312_cn?B?u+HS6Q==?="),
            "Subject: =?gb18030?Q?=BB=E1=D2=E9?="
        );
    }

    #[test]
    fn words_apart_or_alone_stay() {
        for text in [
            "Subject: =?UTF-8?B?5Lya?= and =?UTF-8?B?5Lya?=",
            "Subject: =?UTF-8?B?5Lya?= =?GBK?B?u+E=?=",
            "Subject: =?UTF-8?X?5Lya?= =? =?=",
        ] {
            assert_eq!(joined(text), text);
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_joined(text in "(=\\?|\\?=|\\?[BQ]\\?|utf-8|\\PC|\n){0,40}") {
            let _ = joined(&text);
        }
    }
}
