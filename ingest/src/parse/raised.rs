//! Raised characters: `10³` written with a 3 that only stands higher must not be read as 103.

/// The text in raised characters; `None` where some have no such form in Unicode, as in "1st" or a mark in brackets.
pub(super) fn raised(text: &str) -> Option<String> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return None;
    }
    trimmed.chars().map(raise).collect()
}

const fn raise(character: char) -> Option<char> {
    Some(match character {
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4' => '⁴',
        '5' => '⁵',
        '6' => '⁶',
        '7' => '⁷',
        '8' => '⁸',
        '9' => '⁹',
        '+' => '⁺',
        '-' | '−' | '–' => '⁻',
        '(' => '⁽',
        ')' => '⁾',
        'n' => 'ⁿ',
        'i' => 'ⁱ',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_raised_and_what_cannot_be_stays() {
        assert_eq!(raised("-6").as_deref(), Some("⁻⁶"));
        assert_eq!(raised(" 3 ").as_deref(), Some("³"));
        assert_eq!(raised("th"), None);
        assert_eq!(raised("[1]"), None);
        assert_eq!(raised(" "), None);
    }
}
