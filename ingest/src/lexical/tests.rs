//! What must be found by what.

use proptest::prelude::*;

use super::*;

fn terms(text: &str) -> Vec<String> {
    Lexicon::shared().terms(text)
}

#[test]
fn traditional_full_width_and_accented_texts_fold_onto_their_plain_forms() {
    assert!(Lexicon::shared().folder.len() > 2000);
    assert_eq!(terms("職工帶薪年休假條例"), terms("职工带薪年休假条例"));
    assert_eq!(terms("ＡＢＣ１２３"), terms("abc123"));
    assert_eq!(terms("Café naïve"), terms("cafe naive"));
    assert_eq!(terms("Batteries"), terms("battery"));
}

#[test]
fn codes_and_numbers_are_found_whole_and_in_parts() {
    let code = terms("GB/T 19001-2016");
    for term in ["n:gb/t", "l:gb", "n:19001-2016", "n:19001", "n:2016"] {
        assert!(code.contains(&term.to_owned()), "{term} in {code:?}");
    }
    assert!(terms("RFC-2616").contains(&"n:rfc-2616".to_owned()));
    assert!(
        terms("RFC 2616")
            .iter()
            .all(|term| terms("RFC-2616").contains(term))
    );
    assert_eq!(terms("3.14"), ["n:3.14"]);
    assert_eq!(terms("1,200元"), ["n:1200", "c:元"]);
    assert_eq!(terms("2024年"), ["n:2024", "c:年"]);
}

#[test]
fn chinese_gives_characters_and_bigrams() {
    let found = terms("年休假");
    for term in ["c:年", "b:年休", "b:休假"] {
        assert!(found.contains(&term.to_owned()), "{term} in {found:?}");
    }
}

#[test]
fn a_question_meets_the_passage_that_holds_its_words() {
    let question = Lexicon::shared().query_vector("年假有几天？");
    let score = |text: &str| {
        let passage = Lexicon::shared().document_vector("员工手册", "", text);
        question
            .indices
            .iter()
            .zip(&question.values)
            .filter_map(|(term, weight)| {
                Some(passage.values[passage.indices.binary_search(term).ok()?] * weight)
            })
            .sum::<f32>()
    };
    assert!(score("员工每年有五天年假。") > score("设备保修两年。"));
}

#[test]
fn hashes_never_change() {
    assert_eq!(hash(""), 0xcbf2_9ce4 ^ 0x8422_2325);
    assert_eq!(hash("c:年"), hash("c:年"));
}

proptest! {
    #[test]
    fn vectors_are_sorted_unique_and_finite(text in "\\PC{0,200}") {
        let vector = Lexicon::shared().document_vector("题", "h", &text);
        prop_assert!(vector.indices.windows(2).all(|pair| pair[0] < pair[1]));
        prop_assert_eq!(vector.indices.len(), vector.values.len());
        prop_assert!(vector.values.iter().all(|value| value.is_finite() && *value > 0.0));
    }
}
