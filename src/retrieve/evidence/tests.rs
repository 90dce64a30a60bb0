//! Verdicts that hang on more than words and vectors.

use wenyuan_ingest::{Dictionary, Language};

use super::super::across::tests::Glossary;
use super::super::fuse::Legs;
use super::super::question::Analysis;
use super::super::rank::tests::{fused, passage};
use super::*;
use crate::model::Question;

/// The verdict on passages of these texts, in the question's writing or not, with these cosines; a search by words alone has
/// none.
fn judged<C: Into<Option<f32>> + Copy>(question: &str, texts: &[(&str, bool, C)]) -> Evidence {
    judged_by(question, texts, None)
}

/// The same where words can be compared across languages.
fn judged_by<C: Into<Option<f32>> + Copy>(
    question: &str,
    texts: &[(&str, bool, C)],
    aligner: Option<Glossary>,
) -> Evidence {
    let question = Question::try_from(question).expect("a question");
    let analysis = Analysis::of(&question, Dictionary::default());
    let wanted = Wanted::of(&analysis).across(|| Some(Box::new(aligner?)));
    let mut found = Vec::new();
    let mut passages = Vec::new();
    for (number, (text, same_writing, cosine)) in (1..).zip(texts) {
        let legs = Legs {
            same_writing: *same_writing,
            passage: (*cosine).into(),
            sentence: (*cosine).into(),
            lexical: same_writing.then_some(10.0),
        };
        found.push(Fused {
            legs,
            ..fused(number, 1.0 / number as f32)
        });
        let mut passage = passage(number, text);
        if text.is_ascii() {
            passage.language = Language::English;
        }
        passages.push(passage);
    }
    let judged = Judged {
        wanted: &wanted,
        coverages: &HashMap::new(),
        duplicates: &[],
        scale: Scale {
            writing: analysis.writing,
            terms: analysis.distinct,
            names: analysis.names.indices.len(),
            chunks: 100,
            meaning_weight: None,
            exact: analysis.codes.alone(),
        },
        threshold: None,
    };
    let read: Vec<&Passage> = passages.iter().collect();
    EvidenceModel::built_in()
        .judge(&judged, &found, &read)
        .evidence
}

#[test]
fn a_single_passage_in_another_language_that_is_far_from_the_question_is_no_answer() {
    let text = "遗失停车票须付二十五元。";
    let asked = |cosine| judged("What is the capital of France?", &[(text, false, cosine)]);
    assert_eq!(asked(0.1).verdict, Verdict::Insufficient);
    assert_eq!(asked(0.45).verdict, Verdict::Sufficient);
}

#[test]
fn a_question_of_nothing_but_codes_is_answered_where_they_stand() {
    let row = ("| 轴承 | MS-35 | 12 件 |", true, 0.1);
    let other = ("Ms. Okonkwo has 35 files.", true, 0.4);
    assert_eq!(judged("MS-35", &[other, row]).verdict, Verdict::Sufficient);
    assert_eq!(judged("ms35", &[row]).verdict, Verdict::Sufficient);
    assert_eq!(
        judged("MS-36", &[row, other]).verdict,
        Verdict::Insufficient
    );
}

#[test]
fn of_several_codes_half_must_stand_in_the_passages_read() {
    let row = ("| E17 | 过流 |", true, 0.1);
    assert_eq!(judged("E17，E18", &[row]).verdict, Verdict::Sufficient);
    let row = ("分机 8000", true, 0.4);
    assert_eq!(
        judged("138 0013 8000", &[row]).verdict,
        Verdict::Insufficient
    );
}

#[test]
fn a_search_by_words_alone_puts_no_passage_in_another_language_first_that_it_knows_nothing_of() {
    let question = "2024 年的利润是多少？";
    let own = ("今天天气很好。", true, None);
    let other = ("It rained a lot in 2024.", false, None);
    let found = judged::<Option<f32>>(question, &[own, other, other, other, other]);
    assert_eq!(found.verdict, Verdict::Insufficient);
    assert!(found.same_writing);
}

#[test]
fn a_code_that_stands_nowhere_counts_against_its_neighbours() {
    let asked = |question: &str| {
        let pump = ("LX-80A 泵的扬程是 80 米。", true, 0.6);
        judged(question, &[pump]).answerability
    };
    let (known, unknown) = (
        asked("LX-80A 泵的扬程是多少？"),
        asked("LX-100C 泵的扬程是多少？"),
    );
    assert!(known > 0.5 && unknown < known / 2.0, "{known} {unknown}");
}

#[test]
fn a_passage_in_another_language_whose_words_come_near_the_question_is_likelier_to_answer() {
    let texts = [
        ("The hall was finished in 1776.", false, 0.3),
        ("It rained.", false, 0.2),
    ];
    let answerability = |hall| {
        let glossary = Glossary(vec![(0.7, hall), (0.7, "finished")]);
        judged_by("文渊阁何时建成？", &texts, Some(glossary)).answerability
    };
    let (both, one) = (answerability("hall"), answerability("library"));
    assert!(both > one, "{both} {one}");
    // Among many it is what the others say that this is held against.
    let others: Vec<String> = (0..80)
        .map(|day| format!("Rain finished on {day}."))
        .collect();
    let others = others.iter().map(|text| (text.as_str(), false, 0.2));
    let many: Vec<_> = texts[..1].iter().copied().chain(others).collect();
    let among_many = |hall| {
        let glossary = Glossary(vec![(0.7, hall), (0.7, "finished")]);
        judged_by("文渊阁何时建成？", &many, Some(glossary)).answerability
    };
    let (both, one) = (among_many("hall"), among_many("library"));
    assert!(both > one, "{both} {one}");
}

#[test]
fn what_a_copy_of_the_best_passage_says_is_not_what_the_others_say() {
    let glossary = Glossary(vec![(0.8, "hall")]);
    let question = Question::try_from("文渊阁何时建成？").expect("a question");
    let analysis = Analysis::of(&question, Dictionary::default());
    let wanted = Wanted::of(&analysis).across(|| Some(Box::new(glossary)));
    let read: Vec<(ChunkId, Coverage)> = ["The hall.", "The hall!", "Rain."]
        .into_iter()
        .zip(1..)
        .map(|(text, number)| {
            let mut passage = passage(number, text);
            passage.language = Language::English;
            (passage.chunk, Coverage::of(&wanted, &passage))
        })
        .collect();
    let all: HashMap<ChunkId, &Coverage> = read.iter().map(|(id, one)| (*id, one)).collect();
    let (best, copy) = (read[0].0, read[1].0);
    let said = Said::of(&all, best, &HashSet::from([copy, best]));
    assert_eq!((said.best, said.others), (Some(0.8), vec![0.0]));
}
