//! What is done to a valid file.

use std::fmt::Write as _;
use std::io::{Cursor, Read, Write};

use proptest::prelude::*;
use proptest::sample::Index;

use crate::files::Seed;

/// The most that a file may grow to; what is longer is cut.
const LONGEST: usize = 200_000;
/// The most of a packed part that is looked at.
const LONGEST_PART: u64 = 1 << 20;

/// Pieces that mean something in some format.
const TOKENS: &[&[u8]] = &[
    b"<",
    b">",
    b"&",
    b"]]>",
    b"<!--",
    b"<!DOCTYPE x [<!ENTITY a \"b\">]>",
    b"&a;",
    b"&#x110000;",
    b"</",
    b"/>",
    b"\0",
    b"\xff",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\r",
    b"\n\n",
    b"\t",
    b"\"",
    b"'",
    b",",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\\u-32768 ",
    b"\\bin99999999 ",
    b"\\uc9999 ",
    b"-1",
    b"99999999999999999999",
    b"2147483648",
    b"1e400",
    b"NaN",
    b"/Kids[3 0 R]",
    b"3 0 R",
    b"endobj",
    b"stream\n",
    b"PK\x01\x02",
    b"PK\x05\x06",
    b"=?utf-8?q?=ff?=",
    b"--part",
    "\u{301}".as_bytes(),
    "\u{202e}".as_bytes(),
    "\u{feff}\u{200d}𠮷".as_bytes(),
];

/// One change.
#[derive(Debug, Clone)]
enum Mutation {
    Flip {
        at: Index,
        mask: u8,
    },
    Set {
        at: Index,
        byte: u8,
    },
    Remove {
        from: Index,
        length: usize,
    },
    End {
        at: Index,
    },
    Repeat {
        from: Index,
        length: usize,
        times: usize,
    },
    Move {
        from: Index,
        length: usize,
        to: Index,
    },
    /// From another file of the same family.
    Splice {
        other: Index,
        from: Index,
        length: usize,
        to: Index,
    },
    Token {
        at: Index,
        token: Index,
        over: bool,
    },
    /// In place of the first run of digits after a place.
    Number {
        at: Index,
        value: Index,
    },
}

/// A file to begin with, what is done to it, and whether that is done to a packed part.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    seed: Index,
    part: Option<Index>,
    mutations: Vec<Mutation>,
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let at = any::<Index>;
    let length = || prop_oneof![3 => 1_usize..16, 2 => 1_usize..400];
    prop_oneof![
        3 => (at(), 0_u32..8).prop_map(|(at, bit)| Mutation::Flip { at, mask: 1 << bit }),
        2 => (at(), any::<u8>()).prop_map(|(at, byte)| Mutation::Set { at, byte }),
        3 => (at(), length()).prop_map(|(from, length)| Mutation::Remove { from, length }),
        1 => at().prop_map(|at| Mutation::End { at }),
        2 => (at(), length(), prop_oneof![4 => 1_usize..8, 1 => 1_usize..2_000])
            .prop_map(|(from, length, times)| Mutation::Repeat { from, length, times }),
        2 => (at(), length(), at()).prop_map(|(from, length, to)| Mutation::Move { from, length, to }),
        2 => (at(), at(), length(), at())
            .prop_map(|(other, from, length, to)| Mutation::Splice { other, from, length, to }),
        4 => (at(), at(), any::<bool>()).prop_map(|(at, token, over)| Mutation::Token { at, token, over }),
        3 => (at(), at()).prop_map(|(at, value)| Mutation::Number { at, value }),
    ]
}

/// Files with one to twelve changes; most packed files are changed inside.
pub(crate) fn cases() -> impl Strategy<Value = Case> {
    let part = prop_oneof![1 => Just(None), 4 => any::<Index>().prop_map(Some)];
    let mutations = prop::collection::vec(mutation(), 1..12);
    (any::<Index>(), part, mutations).prop_map(|(seed, part, mutations)| Case {
        seed,
        part,
        mutations,
    })
}

impl Case {
    /// The name and the bytes that come of it.
    pub(crate) fn apply(&self, seeds: &[Seed]) -> (String, Vec<u8>) {
        let seed = self.seed.get(seeds);
        let inside = self
            .part
            .and_then(|part| inside(&seed.bytes, part, |bytes| self.change(bytes, seeds)));
        let mut bytes = inside.unwrap_or_else(|| self.change(seed.bytes.clone(), seeds));
        if self.part.is_some() && seed.bytes.starts_with(b"%PDF") {
            list_objects(&mut bytes);
        }
        (seed.name.clone(), bytes)
    }

    fn change(&self, mut bytes: Vec<u8>, seeds: &[Seed]) -> Vec<u8> {
        for mutation in &self.mutations {
            if bytes.is_empty() {
                break;
            }
            mutation.apply(&mut bytes, seeds);
            bytes.truncate(LONGEST);
        }
        bytes
    }
}

impl Mutation {
    fn apply(&self, bytes: &mut Vec<u8>, seeds: &[Seed]) {
        let piece = |from: &Index, length: usize, of: &[u8]| {
            let start = from.index(of.len());
            of[start..(start + length).min(of.len())].to_vec()
        };
        match self {
            Self::Flip { at, mask } => {
                let at = at.index(bytes.len());
                bytes[at] ^= mask;
            }
            Self::Set { at, byte } => {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            Self::Remove { from, length } => {
                let start = from.index(bytes.len());
                let end = (start + length).min(bytes.len());
                bytes.drain(start..end);
            }
            Self::End { at } => bytes.truncate(at.index(bytes.len())),
            Self::Repeat {
                from,
                length,
                times,
            } => {
                let again = piece(from, *length, bytes).repeat(*times);
                let at = from.index(bytes.len());
                bytes.splice(at..at, again);
            }
            Self::Move { from, length, to } => {
                let moved = piece(from, *length, bytes);
                let at = to.index(bytes.len());
                bytes.splice(at..at, moved);
            }
            Self::Splice {
                other,
                from,
                length,
                to,
            } => {
                let other = &other.get(seeds).bytes;
                let spliced = piece(from, *length, other);
                let at = to.index(bytes.len());
                bytes.splice(at..at, spliced);
            }
            Self::Token { at, token, over } => {
                let (at, token) = (at.index(bytes.len()), *token.get(TOKENS));
                let end = if *over {
                    (at + token.len()).min(bytes.len())
                } else {
                    at
                };
                bytes.splice(at..end, token.iter().copied());
            }
            Self::Number { at, value } => {
                const VALUES: [&str; 9] = [
                    "0",
                    "-1",
                    "1",
                    "255",
                    "65536",
                    "2147483647",
                    "4294967296",
                    "1000000",
                    "18446744073709551616",
                ];
                let from = at.index(bytes.len());
                let digits = |byte: &u8| byte.is_ascii_digit();
                let Some(start) = bytes[from..]
                    .iter()
                    .position(digits)
                    .map(|found| from + found)
                else {
                    return;
                };
                let length = bytes[start..]
                    .iter()
                    .take_while(|byte| digits(byte))
                    .count();
                bytes.splice(start..start + length, value.get(&VALUES).bytes());
            }
        }
    }
}

/// Puts the table of a PDF right again, without which most changes would be seen by nothing but the search for it.
fn list_objects(bytes: &mut Vec<u8>) {
    let objects: Vec<(u32, usize)> = bytes
        .windows(6)
        .enumerate()
        .filter(|(_, window)| *window == b" 0 obj")
        .filter_map(|(end, _)| {
            let before = bytes[..end].iter().rev();
            let start = end - before.take_while(|byte| byte.is_ascii_digit()).count();
            let number = std::str::from_utf8(&bytes[start..end]).ok()?;
            Some((number.parse().ok()?, start))
        })
        .filter(|(number, _)| (1..500).contains(number))
        .collect();
    let size = objects
        .iter()
        .map(|(number, _)| number + 1)
        .max()
        .unwrap_or(1);
    let mut table = format!("\nxref\n0 1\n{:010} 65535 f \n", 0);
    for (number, place) in objects {
        let _ = write!(table, "{number} 1\n{place:010} 00000 n \n");
    }
    let _ = write!(
        table,
        "trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{}\n%%EOF\n",
        bytes.len() + 1
    );
    bytes.extend(table.into_bytes());
}

/// A zip container with one of its parts changed and packed again; `None` if it is none.
fn inside(bytes: &[u8], part: Index, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Option<Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    if archive.is_empty() {
        return None;
    }
    let chosen = part.index(archive.len());
    let mut change = Some(change);
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..archive.len() {
        let mut entry = archive.by_index(number).ok()?;
        let (name, mut content) = (entry.name().ok()?.into_owned(), Vec::new());
        entry
            .by_ref()
            .take(LONGEST_PART)
            .read_to_end(&mut content)
            .ok()?;
        if number == chosen
            && let Some(change) = change.take()
        {
            content = change(content);
        }
        writer
            .start_file(name, zip::write::SimpleFileOptions::default())
            .ok()?;
        writer.write_all(&content).ok()?;
    }
    Some(writer.finish().ok()?.into_inner())
}
