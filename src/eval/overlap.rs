//! Answer metrics of reading comprehension: exact match, token F1, and whether the answer is contained.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

/// SQuAD's normalization widened to Chinese: NFKC, lower case, no punctuation, no English articles; a Han or kana
/// character is a token of its own, everything else splits at white space.
fn tokens(text: &str) -> Vec<String> {
    let folded: String = text.nfkc().collect::<String>().to_lowercase();
    let mut tokens = Vec::new();
    let mut word = String::new();
    for c in folded.chars() {
        let own = matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}');
        if c.is_alphanumeric() && !own {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            tokens.push(std::mem::take(&mut word));
        }
        if own {
            tokens.push(c.to_string());
        }
    }
    if !word.is_empty() {
        tokens.push(word);
    }
    tokens.retain(|token| !matches!(token.as_str(), "a" | "an" | "the"));
    tokens
}

/// Whether the answer equals any of the right ones.
#[must_use]
pub fn exact(answer: &str, right: &[String]) -> bool {
    let given = tokens(answer);
    right.iter().any(|gold| tokens(gold) == given)
}

/// Whether any of the right answers stands inside the answer, token for token.
#[must_use]
pub fn contains_answer(answer: &str, right: &[String]) -> bool {
    let given = tokens(answer);
    right.iter().map(|gold| tokens(gold)).any(|gold| {
        !gold.is_empty()
            && given
                .windows(gold.len())
                .any(|window| window == gold.as_slice())
    })
}

/// Token F1 against the best of the right answers, 0 to 1.
#[must_use]
pub fn f1(answer: &str, right: &[String]) -> f64 {
    let given = tokens(answer);
    right
        .iter()
        .map(|gold| pair_f1(&given, &tokens(gold)))
        .fold(0.0, f64::max)
}

fn pair_f1(given: &[String], gold: &[String]) -> f64 {
    let mut left: HashMap<&str, usize> = HashMap::new();
    for token in gold {
        *left.entry(token).or_default() += 1;
    }
    let mut common = 0.0;
    for token in given {
        if let Some(count) = left.get_mut(token.as_str()).filter(|count| **count > 0) {
            *count -= 1;
            common += 1.0;
        }
    }
    if common == 0.0 {
        return 0.0;
    }
    let (precision, recall) = (common / given.len() as f64, common / gold.len() as f64);
    2.0 * precision * recall / (precision + recall)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gold(text: &str) -> Vec<String> {
        vec![text.to_owned()]
    }

    #[test]
    fn width_case_punctuation_and_articles_do_not_matter() {
        assert!(exact("The Panthers!", &gold("panthers")));
        assert!(exact("３０８分。", &gold("308 分")));
    }

    #[test]
    fn an_answer_is_contained_only_as_whole_tokens() {
        assert!(contains_answer("他们丢了308分，排名第六", &gold("308")));
        assert!(!contains_answer("in 1308 the war began", &gold("308")));
    }

    #[test]
    fn f1_of_chinese_counts_characters() {
        assert!((f1("年休假五天", &gold("五天")) - 2.0 * 0.4 / 1.4).abs() < 1e-9);
    }
}
