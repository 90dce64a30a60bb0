//! Cuts folded text into terms.

use rust_stemmers::Stemmer;

use super::parameters::TermKind;
use crate::clean::is_han;

/// Longest code or word that is kept whole, in bytes; what is longer is noise such as encoded data.
const LONGEST: usize = 64;

/// Calls `visit` with each term of a folded text, in order, with repetition.
pub(super) fn visit(text: &str, stemmer: &Stemmer, visit: &mut dyn FnMut(TermKind, &str)) {
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let run = if is_syllabic(first) {
            length(rest, is_syllabic)
        } else if first.is_alphanumeric() {
            code_length(rest)
        } else {
            rest = &rest[first.len_utf8()..];
            continue;
        };
        let (token, after) = rest.split_at(run);
        if is_syllabic(first) {
            syllables(token, visit);
        } else {
            code(token, stemmer, visit);
        }
        rest = after;
    }
}

/// Scripts written without spaces, or in which a part of a word already means something.
fn is_syllabic(character: char) -> bool {
    is_han(character)
        || matches!(character, '\u{3041}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{ac00}'..='\u{d7a3}')
}

fn length(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|character| !belongs(character))
        .unwrap_or(text.len())
}

fn syllables(run: &str, visit: &mut dyn FnMut(TermKind, &str)) {
    let mut before = None;
    for (at, character) in run.char_indices() {
        let end = at + character.len_utf8();
        visit(TermKind::Character, &run[at..end]);
        if let Some(before) = before {
            visit(TermKind::Bigram, &run[before..end]);
        }
        before = Some(at);
    }
}

const fn joins(character: char) -> bool {
    matches!(
        character,
        '-' | '.' | '/' | '_' | ':' | '+' | '#' | '@' | '\'' | ',' | '&'
    )
}

/// Letters and digits of scripts whose words are longer than a character.
pub(super) fn belongs(character: char) -> bool {
    character.is_alphanumeric() && !is_syllabic(character)
}

/// Length of a word or code: letters and digits with single joiners between them.
fn code_length(text: &str) -> usize {
    let mut end = 0;
    let mut joiner = false;
    for (at, character) in text.char_indices() {
        if belongs(character) {
            end = at + character.len_utf8();
            joiner = false;
        } else if joiner || !joins(character) {
            break;
        } else {
            joiner = true;
        }
    }
    end
}

fn code(token: &str, stemmer: &Stemmer, visit: &mut dyn FnMut(TermKind, &str)) {
    if token.contains('\'') {
        // `don't` and `company's`: one word, the possessive dropped.
        let word: String = token.strip_suffix("'s").unwrap_or(token).replace('\'', "");
        return code(&word, stemmer, visit);
    }
    if is_number(token) {
        return visit(TermKind::Number, &token.replace(',', ""));
    }
    if token.contains([',', '&']) && !token.contains('/') {
        return token
            .split([',', '&'])
            .filter(|part| !part.is_empty())
            .for_each(|part| code(part, stemmer, visit));
    }
    let parts = parts(token);
    if parts.len() > 1 && token.len() <= LONGEST {
        visit(TermKind::Number, token);
    }
    for part in parts {
        if part.starts_with(|character: char| character.is_numeric()) {
            visit(TermKind::Number, part);
        } else if part.len() <= LONGEST {
            visit(
                TermKind::Letters,
                &if part.is_ascii() {
                    stemmer.stem(part)
                } else {
                    part.into()
                },
            );
        }
    }
}

/// Digits with a decimal point, or with commas between thousands. Others with commas are several numbers, such as the cells
/// of a row.
fn is_number(token: &str) -> bool {
    let digits = |piece: &str| !piece.is_empty() && piece.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = token.split_once('.').unwrap_or((token, "0"));
    let mut thousands = whole.split(',');
    let first = thousands.next().unwrap_or_default();
    let mut rest = thousands.peekable();
    let grouped = rest.peek().is_some();
    token.contains(['.', ','])
        && digits(fraction)
        && digits(first)
        && (!grouped || first.len() <= 3)
        && rest.all(|piece| piece.len() == 3 && digits(piece))
}

/// The parts of a code: at its joiners, and between letters and digits.
fn parts(token: &str) -> Vec<&str> {
    token
        .split(joins)
        .flat_map(|piece| {
            let mut cuts = vec![0];
            let characters: Vec<(usize, char)> = piece.char_indices().collect();
            cuts.extend(
                characters
                    .windows(2)
                    .filter(|pair| pair[0].1.is_numeric() != pair[1].1.is_numeric())
                    .map(|pair| pair[1].0),
            );
            cuts.push(piece.len());
            cuts.windows(2)
                .map(|cut| &piece[cut[0]..cut[1]])
                .collect::<Vec<_>>()
        })
        .filter(|part| !part.is_empty())
        .collect()
}
