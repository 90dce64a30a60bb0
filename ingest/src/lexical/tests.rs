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
    assert_eq!(terms("1,286,000.50"), ["n:1286000.50"]);
    assert_eq!(
        terms("900,20231121,7"),
        ["n:900", "n:20231121", "n:7"],
        "cells of a row"
    );
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
fn words_that_only_join_others_are_not_asked_for_unless_there_is_nothing_else() {
    let asked = |question: &str| Lexicon::shared().query_vector(question).indices;
    assert_eq!(
        asked("How much sales tax was on the receipt?"),
        asked("sales tax receipt")
    );
    assert_eq!(asked("the who").len(), 2);
    assert_eq!(asked("IT support for US offices").len(), 4);
    let passage = Lexicon::shared().document_vector("", "", "the tax was on it");
    assert_eq!(passage.indices.len(), 5, "passages keep every word");
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

mod own_words {
    use super::*;

    fn words(dictionary: &Dictionary, text: &str) -> Vec<String> {
        let terms = dictionary.terms(text).into_iter();
        terms
            .filter(|term| TermKind::of(term) == TermKind::Word)
            .collect()
    }

    #[test]
    fn a_word_of_a_dictionary_is_one_term_whatever_its_script_width_and_case() {
        let own = Dictionary::of(&["小度在家", "麒麟9000S"]);
        assert_eq!(words(&own, "把小度在家放在桌上。"), ["w:小度在家"]);
        assert_eq!(words(&own, "麒麟９０００ｓ芯片"), ["w:麒麟9000s"]);
        assert_eq!(words(&own, "小度不在家"), Vec::<String>::new());
        assert_eq!(words(&Dictionary::of(&["國際化"]), "国际化"), ["w:国际化"]);
    }

    #[test]
    fn a_word_in_letters_is_not_found_within_a_longer_one() {
        let own = Dictionary::of(&["K8s", "C++"]);
        assert_eq!(words(&own, "K8s集群，用C++写"), ["w:k8s", "w:c++"]);
        assert!(words(&own, "K8sx and AK8s").is_empty());
    }

    #[test]
    fn words_within_words_are_found_as_well() {
        let own = Dictionary::of(&["云盘", "蓝鲸云盘", "盘古"]);
        assert_eq!(
            words(&own, "蓝鲸云盘古"),
            ["w:蓝鲸云盘", "w:云盘", "w:盘古"]
        );
    }

    #[test]
    fn a_passage_with_the_word_gains_on_one_that_has_its_parts_only() {
        let own = Dictionary::of(&["小度在家"]);
        let whole = "小度在家恢复出厂设置：长按静音键十秒。";
        let parts = "小孩在家时，温度调小。在家恢复设置：小度数。";
        let score = |words: &Dictionary, text: &str| {
            let (question, passage) = (
                words.query_vector("小度在家"),
                words.document_vector("", "", text),
            );
            let terms = question.indices.iter().zip(&question.values);
            terms
                .filter_map(|(term, weight)| {
                    Some(passage.values[passage.indices.binary_search(term).ok()?] * weight)
                })
                .sum::<f32>()
        };
        let none = Dictionary::default();
        let lead = |words: &Dictionary| score(words, whole) - score(words, parts);
        assert!(lead(&own) > lead(&none), "{} {}", lead(&own), lead(&none));
        assert!((score(&own, parts) - score(&none, parts)).abs() < 1e-6);
    }

    #[test]
    fn what_is_no_word_is_refused_by_name_and_what_is_there_already_passed_over() {
        let list = WordList::new(["小度在家", " 小度在家 ", "", "C++", "c++"]).expect("words");
        assert_eq!(list.as_slice(), ["小度在家", "C++"]);
        for (word, refused) in [
            (
                "年",
                WordError::TooShort {
                    word: "年".to_owned(),
                },
            ),
            (
                "小 度",
                WordError::Characters {
                    word: "小 度".to_owned(),
                },
            ),
            (
                "。。",
                WordError::Characters {
                    word: "。。".to_owned(),
                },
            ),
            (
                "2024",
                WordError::Characters {
                    word: "2024".to_owned(),
                },
            ),
        ] {
            assert_eq!(WordList::new([word]), Err(refused));
        }
        let long = "长".repeat(33);
        assert!(
            matches!(WordList::new([&long]), Err(WordError::TooLong { word }) if word.chars().count() == 32)
        );
        let many = (0..=WordList::MOST).map(|number| format!("词{number}"));
        assert_eq!(
            WordList::new(many),
            Err(WordError::TooMany { count: 5_001 })
        );
    }

    proptest! {
        #[test]
        fn a_dictionary_takes_no_term_away(text in "[小度在家云盘a-c0-9 ，]{0,60}", list in prop::collection::vec("[小度在家云盘ab]{2,4}", 0..6)) {
            let own = Dictionary::of(&list);
            let (plain, with) = (Lexicon::shared().terms(&text), own.terms(&text));
            prop_assert_eq!(&with[..plain.len()], &plain[..]);
            for word in &list {
                if word.chars().all(|character| !character.is_ascii()) && text.contains(word.as_str()) {
                    let term = format!("w:{word}");
                    prop_assert!(with.contains(&term));
                }
            }
        }
    }
}
