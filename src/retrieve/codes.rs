//! Codes that a question names: part numbers, error codes, file numbers. A passage that does not hold the very code is about
//! another thing, however near it is.

use std::collections::HashSet;

use wenyuan_ingest::{Lexicon, hash};

use super::words::is_han;

/// Most codes that are looked for.
const MOST: usize = 8;

/// Words of a question that is nothing but codes and numbers, at most.
const MOST_WORDS: usize = 6;

/// What may stand between the parts of a code, where another writes a hyphen or nothing.
const fn separates(character: char) -> bool {
    matches!(
        character,
        '-' | '_' | '.' | '/' | ' ' | ',' | ':' | '+' | '@' | '‐' | '–' | '—' | '−'
    )
}

/// One thing that is looked for exactly.
#[derive(Debug, Clone, PartialEq)]
struct Sought {
    /// Its letters and digits, folded.
    code: Vec<char>,
    /// The term of the date or amount that it is.
    value: Option<u32>,
}

/// What a question names exactly.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Codes {
    sought: Vec<Sought>,
    /// Whether the question is nothing else.
    alone: bool,
}

impl Codes {
    /// Those of a question. In a question of nothing else every number is one too.
    pub(crate) fn of(question: &str) -> Self {
        let folded = Lexicon::shared().fold(question);
        let alone = is_nothing_else(&folded);
        let words = folded
            .split(|character: char| is_han(character) || character.is_whitespace())
            .flat_map(|word| {
                let between =
                    |character: char| !(character.is_alphanumeric() || separates(character));
                word.split(between)
            })
            .flat_map(apart);
        let mut sought: Vec<Sought> = Vec::new();
        for word in words {
            let number = !word.contains(char::is_alphabetic);
            let belongs = |one: &char| one.is_alphanumeric() || number && *one == '.';
            let trimmed = word.trim_matches(|one: char| !one.is_alphanumeric());
            let code: Vec<char> = trimmed.chars().filter(belongs).collect();
            let names = if alone {
                !code.is_empty()
            } else {
                is_code(&code)
            };
            if names && sought.len() < MOST && sought.iter().all(|other| other.code != code) {
                let value = value_of(word).map(|value| hash(&format!("n:{value}")));
                sought.push(Sought { code, value });
            }
        }
        Self { sought, alone }
    }

    /// Whether the question is nothing but codes and numbers: such a question is in no language, and its words can stand in
    /// passages of any.
    pub(crate) const fn alone(&self) -> bool {
        self.alone
    }

    /// Whether there are none.
    pub(crate) const fn is_empty(&self) -> bool {
        self.sought.is_empty()
    }

    /// How many there are, eight at most.
    pub(crate) const fn len(&self) -> usize {
        self.sought.len()
    }

    /// Which of them a text holds, in order.
    pub(crate) fn found_in(&self, text: &str) -> Vec<bool> {
        let folded: Vec<char> = Lexicon::shared().fold(text).chars().collect();
        let mut values = HashSet::new();
        if self.sought.iter().any(|one| one.value.is_some()) {
            Lexicon::shared().visit(text, |_kind, id| {
                values.insert(id);
            });
        }
        let found = self.sought.iter().map(|one| {
            one.value.is_some_and(|value| values.contains(&value)) || holds(&folded, &one.code)
        });
        found.collect()
    }
}

/// The codes of a word without blanks: `F-305/F-306` names two. Dates, amounts and addresses are one.
fn apart(word: &str) -> Vec<&str> {
    let grouped = || {
        let mut groups = word
            .split('.')
            .next()
            .unwrap_or_default()
            .split(',')
            .skip(1);
        groups.all(|group| group.len() == 3)
    };
    if word.contains('@') {
        vec![word]
    } else if word.contains(char::is_alphabetic) {
        word.split([',', '/', ':', '+']).collect()
    } else if grouped() {
        vec![word]
    } else {
        word.split(',').collect()
    }
}

/// The date or amount that a whole word is, in its one spelling.
fn value_of(word: &str) -> Option<String> {
    if word.contains(char::is_alphabetic) {
        return None;
    }
    let value = Lexicon::shared().values(word).into_iter().next()?;
    let date = value.len() == "2024-03-05".len() && value.contains('-');
    let plain = word.replace(',', "");
    let rest = plain.strip_prefix(value.as_str());
    let amount =
        rest.is_some_and(|rest| rest.trim_end_matches('0').trim_end_matches('.').is_empty());
    (date || amount).then_some(value)
}

/// Letters, then a digit somewhere: what begins with a digit is a quantity, and quarters, fiscal years and versions are
/// written in many ways.
fn is_code(code: &[char]) -> bool {
    let text: String = code.iter().collect();
    let digits = text.find(|character: char| character.is_ascii_digit());
    let Some(digits) = digits.filter(|at| *at > 0) else {
        return false;
    };
    let (letters, _) = text.split_at(digits);
    let period = matches!(letters, "fy" | "cy" | "q" | "h" | "v");
    text.is_ascii() && !period
}

/// Whether every word has a digit, or is an address.
fn is_nothing_else(folded: &str) -> bool {
    let telling = |word: &&str| word.contains(char::is_alphanumeric);
    let words: Vec<&str> = folded.split_whitespace().filter(telling).collect();
    let exact = |word: &&str| {
        let address = word.contains("::") || word.contains("://");
        word.is_ascii() && !address && word.contains(|one: char| one.is_ascii_digit() || one == '@')
    };
    (1..=MOST_WORDS).contains(&words.len()) && words.iter().all(exact)
}

/// Whether a folded text has the letters and digits of a code one after the other, with at most two separators between two
/// of them, and as a whole: `F-20` is not in `F-201`, nor `474` in `474,000`. A number is taken apart by less: `12` is not `1.2`.
fn holds(text: &[char], code: &[char]) -> bool {
    let part = |at: usize| text.get(at).is_some_and(char::is_ascii_alphanumeric);
    let digit = |at: usize| text.get(at).is_some_and(char::is_ascii_digit);
    let number = code.iter().all(|one| one.is_ascii_digit() || *one == '.');
    let joins = |one: char| match (number, code.len()) {
        (false, _) => separates(one),
        (true, 0..=3) => false,
        (true, 4..=5) => one == ',',
        (true, _) => matches!(one, ',' | '-' | ' '),
    };
    let Some(first) = code.first() else {
        return false;
    };
    let starts = text.iter().enumerate().filter(|(_, one)| *one == first);
    starts.into_iter().any(|(start, _)| {
        let joined = start.checked_sub(1).is_some_and(part);
        let point = |at: usize| matches!(text.get(at), Some(',' | '.'));
        let inside = number && start >= 2 && point(start - 1) && digit(start - 2);
        if joined || inside {
            return false;
        }
        let mut at = start + 1;
        for wanted in &code[1..] {
            for _ in 0..2 {
                let between = text.get(at).copied().filter(|one| joins(*one));
                at += usize::from(between.is_some_and(|one| one != *wanted));
            }
            if text.get(at) != Some(wanted) {
                return false;
            }
            at += 1;
        }
        let goes_on = number && text.get(at) == Some(&',') && digit(at + 1);
        !part(at) && !goes_on
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn codes(question: &str) -> Vec<String> {
        let sought = Codes::of(question).sought.into_iter();
        sought.map(|one| one.code.into_iter().collect()).collect()
    }

    fn finds(question: &str, text: &str) -> bool {
        let codes = Codes::of(question);
        !codes.is_empty() && codes.found_in(text).into_iter().all(|found| found)
    }

    #[test]
    fn codes_are_told_from_quantities_and_periods() {
        assert_eq!(codes("LX-100C的扬程是多少？"), ["lx100c"]);
        assert_eq!(
            codes("What does error F-305 (or E17) mean?"),
            ["f305", "e17"]
        );
        assert_eq!(codes("LX-100C，LX-80A哪个扬程高"), ["lx100c", "lx80a"]);
        assert_eq!(codes("F-305/F-306 的区别，C++11"), ["f305", "f306"]);
        for none in [
            "Q1-2024营收",
            "营收在 FY2023 的 Q2 是多少",
            "the 2nd of 16GB in 2024-03-05",
            "员工手册 v2",
            "第12周例会谁主持",
            "5km 是多远",
        ] {
            assert_eq!(codes(none), Vec::<String>::new(), "{none}");
        }
    }

    #[test]
    fn a_question_of_nothing_but_codes_and_numbers_is_told_from_others() {
        for alone in [
            "MS-35",
            "oc3",
            "138 0013 8000",
            "474,000",
            "２０２４０２１２",
            "zhuge@yuanshan.example",
            "2024/3/5",
        ] {
            assert!(Codes::of(alone).alone(), "{alone}");
        }
        for other in ["VPN", "LX-80A 的扬程", "May 2024", "", "？！", "12个月"] {
            assert!(!Codes::of(other).alone(), "{other}");
        }
    }

    #[test]
    fn a_code_is_found_whole_and_however_its_parts_are_joined() {
        for text in [
            "HC-2024-0315",
            "合同编号hc 2024 0315，",
            "HC20240315",
            "（ＨＣ—２０２４—０３１５）",
        ] {
            assert!(finds("HC-2024-0315", text), "{text}");
        }
        assert!(finds("oc3", "故障 OC3：过流") && !finds("oc3", "OC31 and OC"));
        assert!(!finds("F-20", "error F-201") && !finds("E1", "E17"));
        assert!(
            finds("474,000", "合计 474,000.00 元")
                && !finds("474", "474,000")
                && !finds("000", "474,000")
        );
        assert!(finds("2024-03-05", "签订于2024年3月5日") && !finds("2024-03-05", "2024年3月15日"));
        assert!(!finds("22", "2022") && !finds("12", "1.2") && !finds("1.5", "15 天"));
        assert!(finds("Fig.3 shows", "Fig. 3") && finds("1.5", "放大 1.5 倍"));
        assert!(!finds("INC-2024-05", "5 incidents") && !finds("2.05", "5 天"));
        assert!(finds("E17，E18", "E17 过流，E18 过压"));
    }

    proptest! {
        #[test]
        fn any_question_is_read_and_a_code_is_found_in_itself(question in "\\PC{0,40}", code in "[A-Z]{1,3}-?[0-9]{2,5}[A-Z]?") {
            let _ = Codes::of(&question).found_in(&question);
            prop_assert!(finds(&code, &code), "{}", code);
        }
    }
}
