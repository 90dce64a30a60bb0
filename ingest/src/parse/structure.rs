//! What a bare line says about its own role: headings and list items known by their wording.

/// The level of a heading that shows itself by its numbering alone, such as `第三章 工资` or `Chapter 4`.
///
/// Cautious: a wrong heading cuts a text apart, a missed one costs little.
pub(crate) fn heading_level(line: &str) -> Option<u8> {
    let line = line.trim();
    let characters = line.chars().count();
    if characters == 0 || characters > 48 || line.ends_with(ends_sentence) {
        return None;
    }
    chinese_division(line).or_else(|| english_division(line))
}

/// `一、总则`: a heading only where the next line is no such item too.
pub(crate) fn is_enumerated_title(line: &str) -> bool {
    let line = line.trim();
    let digits = line
        .chars()
        .take_while(|&character| is_chinese_digit(character))
        .count();
    let rest = line.chars().nth(digits);
    (1..=3).contains(&digits)
        && rest == Some('、')
        && line.chars().count() <= 26
        && !line.ends_with(ends_sentence)
        && !line.contains(['，', '。', '；'])
}

/// The text of a list item without its bullet; `None` for other lines. Numbers stay with their text.
pub(crate) fn bullet(line: &str) -> Option<&str> {
    let mut characters = line.chars();
    let first = characters.next()?;
    let rest = characters.as_str();
    let strong = matches!(
        first,
        '•' | '●'
            | '○'
            | '▪'
            | '■'
            | '◆'
            | '‣'
            | '◦'
            | '·'
            | '➢'
            | '✓'
            | '\u{f0b7}'
            | '\u{f0a7}'
            | '\u{f06c}'
    );
    let weak = matches!(first, '-' | '*' | '–' | '—') && rest.starts_with(' ');
    ((strong || weak) && !rest.trim().is_empty()).then(|| rest.trim())
}

/// Whether a line begins with the name of a field, as those of forms do: `姓名：张三`, `Tenant: Eve Frank`.
pub(crate) fn begins_field(line: &str) -> bool {
    const LONGEST: usize = 16;
    let line = line.trim_start();
    let Some((at, colon)) = line
        .char_indices()
        .find(|(_, one)| matches!(one, '：' | ':'))
    else {
        return false;
    };
    let (name, value) = (&line[..at], &line[at + colon.len_utf8()..]);
    let part_of_text =
        |one: char| ends_sentence(one) || matches!(one, '、' | '“' | '”' | '"' | '(' | '（');
    let latin = name
        .chars()
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic());
    let capital = name.chars().next().is_some_and(char::is_uppercase);
    name.chars().filter(|one| one.is_alphabetic()).count() >= 2
        && name.chars().count() <= LONGEST
        && !name.contains(part_of_text)
        && (!latin || capital)
        && !value.trim().is_empty()
        && !value.starts_with('/')
}

/// Whether a line begins like a numbered item: `1. `, `(2)`, `（三）`, `第五条`.
pub(crate) fn begins_item(line: &str) -> bool {
    let line = line.trim_start();
    if article(line) {
        return true;
    }
    let (open, body) = line
        .strip_prefix(['(', '（'])
        .map_or((false, line), |rest| (true, rest));
    let digits: usize = body
        .chars()
        .take_while(|&character| character.is_ascii_digit() || is_chinese_digit(character))
        .count();
    if digits == 0 || digits > 3 {
        return false;
    }
    let mut rest = body.chars().skip(digits);
    match (rest.next(), rest.next()) {
        (Some(')' | '）'), _) => true,
        (Some('、'), _) => !open,
        (Some('.' | '．'), Some(next)) => !open && (next.is_whitespace() || !next.is_ascii()),
        _ => false,
    }
}

/// `第十二条`, the unit of Chinese statutes.
fn article(line: &str) -> bool {
    let Some(rest) = line.strip_prefix('第') else {
        return false;
    };
    let digits: usize = rest
        .chars()
        .take_while(|&c| is_number(c))
        .map(char::len_utf8)
        .sum();
    digits > 0 && rest[digits..].starts_with('条')
}

fn chinese_division(line: &str) -> Option<u8> {
    let rest = line.strip_prefix('第')?;
    let digits: usize = rest
        .chars()
        .take_while(|&character| is_number(character) || character == ' ')
        .map(char::len_utf8)
        .sum();
    if digits == 0 || digits > 24 {
        return None;
    }
    let mut rest = rest[digits..].chars();
    let level = match rest.next()? {
        '编' | '編' | '卷' | '篇' | '部' => 1,
        '章' => 2,
        '节' | '節' => 3,
        _ => return None,
    };
    // `第三章规定的` goes on in running text; a title is apart or short.
    match rest.next() {
        None | Some(' ' | '　' | '\t' | '：' | ':' | '、') => Some(level),
        Some(_) => {
            (line.chars().count() <= 20 && !line.contains(['，', ',', '的'])).then_some(level)
        }
    }
}

fn english_division(line: &str) -> Option<u8> {
    let (word, rest) = line.split_once(' ')?;
    let level = match word.to_ascii_lowercase().as_str() {
        "part" => 1,
        "chapter" | "appendix" => 2,
        "section" => 3,
        _ => return None,
    };
    let number = rest
        .split([' ', ':', '.', '—', '-'])
        .next()
        .unwrap_or_default();
    let numbered = !number.is_empty()
        && (number.chars().all(|c| c.is_ascii_digit())
            || number.chars().all(|c| "IVXLC".contains(c))
            || number.len() == 1 && number.chars().all(|c| c.is_ascii_uppercase()));
    let titled = line.chars().next().is_some_and(char::is_uppercase) && !line.contains(", ");
    (numbered && titled).then_some(level)
}

pub(crate) fn ends_sentence(character: char) -> bool {
    matches!(
        character,
        '。' | '！' | '？' | '；' | '，' | '、' | '：' | '…' | '.' | '!' | '?' | ';' | ',' | ':'
    )
}

fn is_number(character: char) -> bool {
    character.is_ascii_digit() || is_chinese_digit(character)
}

fn is_chinese_digit(character: char) -> bool {
    "一二三四五六七八九十百千零〇两".contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_forms_begin_with_their_names() {
        for line in [
            "姓名：张三",
            "Tenant: Eve Frank",
            "第二页：出库单B002",
            " 入职 日期: 2024-05-01",
        ] {
            assert!(begins_field(line), "{line}");
        }
        for line in [
            "10:30 会议开始",
            "https://example.org",
            "users: you must agree",
            "他说，大家好：请坐",
            "注意：",
            "没有冒号的一行",
        ] {
            assert!(!begins_field(line), "{line}");
        }
    }

    #[test]
    fn numbered_titles_are_headings_and_sentences_are_not() {
        assert_eq!(heading_level("第三章 工资与福利"), Some(2));
        assert_eq!(heading_level("第一编　总则"), Some(1));
        assert_eq!(heading_level("第十二节劳动合同"), Some(3));
        assert_eq!(heading_level("Chapter 4: Maintenance"), Some(2));
        assert_eq!(
            heading_level("第三章规定的情形除外，由部门负责人决定"),
            None
        );
        assert_eq!(heading_level("第十二条 用人单位应当"), None);
        assert_eq!(heading_level("Part of the reason is money"), None);
        assert_eq!(heading_level("Section 3 applies, of course"), None);
    }

    #[test]
    fn items_are_known_by_their_numbers() {
        for line in [
            "1. Turn it off",
            "（三）迟到",
            "第五条 年休假",
            "2、检查电源",
            "(4) Wait",
        ] {
            assert!(begins_item(line), "{line}");
        }
        for line in ["3.14 is pi", "2024年", "1.5 mm", "第五次会议"] {
            assert!(!begins_item(line), "{line}");
        }
    }
}
