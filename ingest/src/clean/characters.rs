//! Characters: one form for each, and none that cannot be seen.

use unicode_normalization::UnicodeNormalization;

/// Whether a character is Han.
pub(crate) const fn is_han(character: char) -> bool {
    matches!(character, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{20000}'..='\u{323af}' | '\u{f900}'..='\u{faff}' | '〇' | '々')
}

/// Whether a character is set without spaces around it: Han, kana, and their punctuation.
pub(crate) const fn is_cjk(character: char) -> bool {
    is_han(character)
        || matches!(character, '\u{3001}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{ff01}'..='\u{ff60}')
        || matches!(character, '“' | '”' | '‘' | '’' | '…' | '—')
}

/// Brings text into NFC with `\n` line ends, without control and invisible characters, typographic ligatures
/// resolved. Runs of blanks become one blank unless `code`; lines have none at their ends.
pub(crate) fn normalize(text: &str, code: bool) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut characters = text.nfc().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' => {
                if characters.peek() != Some(&'\n') {
                    push_line_end(&mut clean);
                }
            }
            '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                push_line_end(&mut clean);
            }
            '\t' if code => clean.push('\t'),
            // Before what is invisible: a tab is a control character, and the only thing between two words.
            character if character.is_whitespace() => {
                if code || !clean.ends_with([' ', '\n']) && !clean.is_empty() {
                    clean.push(' ');
                }
            }
            character if is_invisible(character) => {}
            character => match resolve(character) {
                Some(plain) => clean.push_str(plain),
                None => push_radical(&mut clean, character),
            },
        }
    }
    let kept = clean.trim_end_matches(' ').len();
    clean.truncate(kept);
    // What was left out may have stood between characters that combine.
    if unicode_normalization::is_nfc(&clean) {
        clean
    } else {
        clean.nfc().collect()
    }
}

fn push_line_end(clean: &mut String) {
    let kept = clean.trim_end_matches([' ', '\t']).len();
    clean.truncate(kept);
    // At most one empty line in a row.
    if !clean.ends_with("\n\n") {
        clean.push('\n');
    }
}

/// Control, formatting and filler characters that carry no text. Joiners and variation selectors do.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffc}' | '\u{fffe}' | '\u{ffff}')
}

/// Characters that only picture others.
const fn resolve(character: char) -> Option<&'static str> {
    Some(match character {
        'ﬀ' => "ff",
        'ﬁ' => "fi",
        'ﬂ' => "fl",
        'ﬃ' => "ffi",
        'ﬄ' => "ffl",
        'ﬅ' | 'ﬆ' => "st",
        '\u{f0b7}' | '\u{f0a7}' | '\u{f06c}' | '\u{f09f}' => "•",
        _ => return None,
    })
}

/// Fonts that confuse radicals with the characters of the same shape are common in Chinese PDFs.
fn push_radical(clean: &mut String, character: char) {
    if matches!(character, '\u{2f00}'..='\u{2fd5}') {
        clean.extend(std::iter::once(character).nfkc());
    } else {
        clean.push(character);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn blanks_line_ends_and_ligatures_are_brought_into_one_form() {
        assert_eq!(
            normalize("a\u{a0} \tb \r\nef\u{fb01}cient\u{200b}\r⼈⼯", false),
            "a b\nefficient\n人工"
        );
        assert_eq!(
            normalize("if x:\n    y\t= 1  \n", true),
            "if x:\n    y\t= 1\n"
        );
        assert_eq!(
            normalize("A.\tPURPOSE\n\t姓名\t张三", false),
            "A. PURPOSE\n姓名 张三"
        );
        assert_eq!(normalize("cafe\u{301}", false), "café");
    }

    proptest! {
        #[test]
        fn cleaning_is_stable_and_keeps_every_letter(text in "\\PC{0,120}|[a-c \t\r\n\u{301}\u{4e00}-\u{4e10}]{0,60}", code in any::<bool>()) {
            let once = normalize(&text, code);
            prop_assert!(unicode_normalization::is_nfc(&once));
            prop_assert_eq!(normalize(&once, code), once.clone());
            prop_assert!(!once.contains('\r'));
            let letters = |text: &str| text.nfkc().filter(|character| is_han(*character)).count();
            prop_assert_eq!(letters(&once), letters(&text));
        }
    }
}
