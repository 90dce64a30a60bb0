//! Numbers that articles and sections begin with: `第十二条`, `Article 5`, `1.2.3`. A number counts only where it follows
//! the one before it, so that a reference or a quantity at the start of a line is no article.

/// Components of a number at most, as in `1.2.3.4.5.6`.
const DEPTH: usize = 6;
/// Numbers that may be missing between an article and the next, lost in reading or repealed.
const GAP: u32 = 5;
/// What stands for the letters of annexes (`A.1`), above all numbers of chapters.
const LETTERS: u32 = 10_000;

/// Words before a number in English rules.
const WORDS: [&str; 6] = ["article", "section", "clause", "rule", "art.", "§"];

/// Follows the numbering of a document from its beginning.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    articles: Vec<u32>,
    named: Vec<u32>,
    dotted: Vec<u32>,
}

impl Numbering {
    /// The number at the start of a line, as it is written, if the next article or section begins there.
    pub(super) fn next<'a>(&mut self, line: &'a str) -> Option<&'a str> {
        let line = line.trim_start();
        let first = line.chars().next()?;
        let (track, number, end) = if first == '第' {
            let (number, end) = article(line)?;
            (&mut self.articles, number, end)
        } else if first.is_ascii_digit() {
            let (number, end) = dotted(line)?;
            (&mut self.dotted, number, end)
        } else if first.is_ascii_alphabetic() || first == '§' {
            if let Some((number, end)) = named(line) {
                (&mut self.named, number, end)
            } else {
                let (number, end) = annexed(line)?;
                (&mut self.dotted, number, end)
            }
        } else {
            return None;
        };
        if !follows(track, &number) {
            return None;
        }
        *track = number;
        Some(&line[..end])
    }
}

/// Whether a number can come after another: the next one of its level, the first one of a deeper level, or a new count.
fn follows(before: &[u32], next: &[u32]) -> bool {
    let starts = |rest: &[u32]| rest.iter().all(|&part| part <= 2);
    let fresh = |rest: &[u32]| rest.iter().all(|&part| part == 1);
    if before.is_empty() || fresh(next) || next[0] >= LETTERS && fresh(&next[1..]) {
        return true;
    }
    let same = before
        .iter()
        .zip(next)
        .take_while(|(one, other)| one == other)
        .count();
    match (before.get(same), next.get(same)) {
        (_, None) => false,
        (None, Some(_)) => starts(&next[same..]),
        (Some(&one), Some(&other)) => {
            other > one && other - one <= GAP && starts(&next[same + 1..])
        }
    }
}

/// `第十二条`, `第12条`, `第十二条之一`.
fn article(line: &str) -> Option<(Vec<u32>, usize)> {
    let rest = line.strip_prefix('第')?.trim_start_matches(' ');
    let (number, after) = counted(rest)?;
    let mut after = after.strip_prefix(['条', '條'])?;
    let mut number = vec![number];
    if let Some((inserted, beyond)) = after.strip_prefix('之').and_then(counted) {
        number.push(inserted);
        after = beyond;
    }
    // `第十二条规定的情形` goes on in running text.
    let goes_on = after
        .chars()
        .next()
        .is_some_and(|next| "规規所的第和与與或至到及中款项項、，,。；;".contains(next));
    (!goes_on).then(|| (number, line.len() - after.len()))
}

/// A Chinese or Arabic number of a few digits, and what follows it.
fn counted(text: &str) -> Option<(u32, &str)> {
    let (mut total, mut digits, mut length, mut count) = (0_u32, 0_u32, 0, 0);
    for character in text.chars() {
        if character == ' ' && count > 0 {
            length += 1;
            continue;
        }
        if let Some(digit) = digit(character) {
            digits = digits.checked_mul(10)?.checked_add(digit)?;
        } else if let Some(unit) = unit(character) {
            total = total.checked_add(digits.max(1).checked_mul(unit)?)?;
            digits = 0;
        } else {
            break;
        }
        count += 1;
        length += character.len_utf8();
        if count > 9 {
            return None;
        }
    }
    (count > 0).then(|| {
        (
            total.saturating_add(digits),
            text[length..].trim_start_matches(' '),
        )
    })
}

fn digit(character: char) -> Option<u32> {
    if character == '两' {
        return Some(2);
    }
    character.to_digit(10).or_else(|| {
        let place = "〇一二三四五六七八九"
            .chars()
            .position(|known| known == character);
        let zero = (character == '零').then_some(0);
        place.or(zero).and_then(|place| u32::try_from(place).ok())
    })
}

const fn unit(character: char) -> Option<u32> {
    match character {
        '十' => Some(10),
        '百' => Some(100),
        '千' => Some(1000),
        _ => None,
    }
}

/// `Article 5`, `Section 3.2`, `§ 7`: with a title, a text that begins like one, or nothing after it.
fn named(line: &str) -> Option<(Vec<u32>, usize)> {
    let word = WORDS.iter().find(|word| {
        line.get(..word.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(word))
    })?;
    let rest = &line[word.len()..];
    let number = rest.trim_start_matches(' ');
    if number.len() == rest.len() && *word != "§" {
        return None;
    }
    let (parts, after) = components(number)?;
    let goes_on = match after.chars().next() {
        None | Some('.' | ':' | '：' | ')' | '—' | '–' | '-') => false,
        Some(' ' | '\u{3000}') => {
            let next = after.trim_start().chars().next();
            next.is_some_and(|next| next.is_lowercase() || next.is_ascii_digit() || next == ',')
        }
        Some(_) => true,
    };
    (!goes_on).then(|| (parts, line.len() - after.len()))
}

/// `1.2.3 Title`: at least two components, and a title or text that begins like one.
fn dotted(line: &str) -> Option<(Vec<u32>, usize)> {
    let (parts, after) = components(line)?;
    (parts.len() >= 2 && is_titled(after, parts.len() >= 3))
        .then(|| (parts, line.len() - after.len()))
}

/// `A.1 Title`, as annexes are numbered.
fn annexed(line: &str) -> Option<(Vec<u32>, usize)> {
    let letter = line.chars().next().filter(char::is_ascii_uppercase)?;
    let (mut parts, after) = components(line.get(1..)?.strip_prefix('.')?)?;
    parts.insert(0, LETTERS + u32::from(letter));
    is_titled(after, false).then(|| (parts, line.len() - after.len()))
}

/// Whether what follows a number begins like a title. `2.5 bar` and `3.5元` do not; a long number needs no blank.
fn is_titled(after: &str, long: bool) -> bool {
    let after = after.strip_prefix(['.', '．', '、']).unwrap_or(after);
    let Some(next) = after.chars().next() else {
        return true;
    };
    if !next.is_whitespace() {
        return long && crate::clean::is_han(next);
    }
    let next = after.trim_start().chars().next();
    next.is_some_and(|next| {
        next.is_alphabetic() && !next.is_lowercase()
            || matches!(next, '“' | '"' | '《' | '(' | '（')
    })
}

/// Numbers between dots, of three digits at most, and what follows them. A dot at their end is not one of theirs.
fn components(text: &str) -> Option<(Vec<u32>, &str)> {
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || digits > 3 || parts.len() == DEPTH {
            return None;
        }
        parts.push(rest[..digits].parse().ok()?);
        rest = &rest[digits..];
        match rest.strip_prefix(['.', '．']) {
            Some(next) if next.starts_with(|next: char| next.is_ascii_digit()) => rest = next,
            Some(_) | None => return Some((parts, rest)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'a>(lines: &[&'a str]) -> Vec<Option<&'a str>> {
        let mut numbering = Numbering::default();
        lines.iter().map(|line| numbering.next(line)).collect()
    }

    #[test]
    fn articles_are_found_and_references_to_them_are_not() {
        assert_eq!(
            found(&[
                "第九条 用人单位应当",
                "第十条　职工",
                "第十条之一【补充】",
                "第十一条规定的情形除外。",
                "第十一条为了维护秩序，",
                "第四十条 很久以后",
                "第 12 条 数字",
                "第一百零五条 太远",
                "第一条 附件重新编号",
                "第二次会议",
            ]),
            [
                Some("第九条"),
                Some("第十条"),
                Some("第十条之一"),
                None,
                Some("第十一条"),
                None,
                Some("第 12 条"),
                None,
                Some("第一条"),
                None
            ]
        );
    }

    #[test]
    fn sections_are_found_and_quantities_are_not() {
        assert_eq!(
            found(&[
                "1.1 Safety",
                "1.2 Installation",
                "2.5 bar is normal.",
                "1.2.1 Oil",
                "3.14 is pi",
                "1.3 检查油位",
                "2023.5.1 The date",
                "2.1. Repair",
                "1.5元一斤",
                "2.1.1检查",
                "A.1 Forms",
                "A.2 More",
            ]),
            [
                Some("1.1"),
                Some("1.2"),
                None,
                Some("1.2.1"),
                None,
                Some("1.3"),
                None,
                Some("2.1"),
                None,
                Some("2.1.1"),
                Some("A.1"),
                Some("A.2")
            ]
        );
        assert_eq!(
            found(&[
                "Article 1",
                "ARTICLE 2: Purpose",
                "Article 3 of the treaty",
                "Article 3 The Council shall",
                "Section 1.1 Scope",
                "§ 1 Geltung",
            ]),
            [
                Some("Article 1"),
                Some("ARTICLE 2"),
                None,
                Some("Article 3"),
                Some("Section 1.1"),
                Some("§ 1")
            ]
        );
    }

    proptest::proptest! {
        #[test]
        fn any_line_is_looked_at_without_a_panic(lines in proptest::collection::vec("第?[ 一十百零0-9.条之A-Z§a-z]{0,14}", 0..8)) {
            let borrowed: Vec<&str> = lines.iter().map(String::as_str).collect();
            for (line, label) in lines.iter().zip(found(&borrowed)) {
                proptest::prop_assert!(label.is_none_or(|label| line.trim_start().starts_with(label) && !label.is_empty()));
            }
        }
    }
}
