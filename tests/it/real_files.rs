//! From real files to cited answers, through the real program with the real models.

use super::support::{Program, fixture};

const FILES: [&str; 5] = [
    "handbook-zh-font-not-embedded.pdf",
    "weather-station-zh-font-embedded.pdf",
    "compressor-manual-en.docx",
    "tea-guide-zh.html",
    "library-rules-zh-gbk.txt",
];

fn with_files(test: &str) -> Option<Program> {
    let program = Program::with_models(test)?;
    let paths = FILES.map(fixture);
    let paths: Vec<_> = paths.iter().map(std::path::PathBuf::as_path).collect();
    for (name, outcome) in program.ingest(&paths) {
        assert_eq!(outcome["status"], "ready", "{name}: {outcome}");
    }
    Some(program)
}

#[test]
fn questions_in_both_languages_are_answered_with_quotes_that_stand_in_the_right_file() {
    let Some(program) = with_files("answers from real files") else {
        return;
    };
    let questions = [
        ("满五年不满十年的员工，年休假是几天？", FILES[0], "十二天"),
        (
            "What is the working pressure of the compressor?",
            FILES[2],
            "8.5 bar",
        ),
        ("每张借书证一次最多可以借阅几册图书？", FILES[4], "八册"),
        ("风速仪的轴承多久更换一次？", FILES[1], "十八个月"),
    ];
    for (question, file, fact) in questions {
        let answer = program.json(&["ask", question, "--kb", "test", "--json"]);
        assert_eq!(answer["refused"], false, "{question}: {answer}");
        let text = answer["answer"].as_str().unwrap_or_default();
        assert!(text.contains(fact), "{question}: {text}");
        let citations = answer["citations"].as_array().cloned().unwrap_or_default();
        let right = citations.iter().any(|citation| {
            citation["document_name"] == file
                && citation["quote"]
                    .as_str()
                    .unwrap_or_default()
                    .contains(fact)
        });
        assert!(right, "{question}: {answer}");
    }
}

#[test]
fn a_question_in_one_language_finds_the_passage_in_the_other() {
    let Some(program) = with_files("search across languages") else {
        return;
    };
    let found = program.json(&["search", "压缩机的工作压力是多少", "--kb", "test", "--json"]);
    assert_eq!(found["hits"][0]["document_name"], FILES[2], "{found}");
}

#[test]
fn a_question_that_the_files_do_not_answer_is_refused_in_its_own_language() {
    let Some(program) = with_files("refusal") else {
        return;
    };
    for (question, words) in [
        (
            "Who won the football world cup in 1998?",
            "Not in these documents",
        ),
        ("一九九八年世界杯足球赛的冠军是谁？", "文档"),
    ] {
        let answer = program.json(&["ask", question, "--kb", "test", "--json"]);
        assert_eq!(answer["refused"], true, "{question}: {answer}");
        assert!(
            answer["answer"]
                .as_str()
                .unwrap_or_default()
                .contains(words),
            "{answer}"
        );
    }
}

#[test]
fn the_same_file_again_changes_nothing_and_a_changed_one_replaces_its_old_version() {
    let Some(program) = Program::with_models("versions") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rules.txt");
    std::fs::write(&path, "The lift is inspected every nine months.").expect("written");
    let first = program.ingest(&[&path]);
    let again = program.ingest(&[&path]);
    assert_eq!(
        first["rules.txt"]["document_id"],
        again["rules.txt"]["document_id"]
    );
    std::fs::write(&path, "The lift is inspected every four months.").expect("written");
    let changed = program.ingest(&[&path]);
    assert_eq!(
        first["rules.txt"]["document_id"],
        changed["rules.txt"]["document_id"]
    );
    let found = program.json(&[
        "search",
        "how often is the lift inspected",
        "--kb",
        "test",
        "--json",
    ]);
    let hits = found["hits"].as_array().cloned().unwrap_or_default();
    assert_eq!(hits.len(), 1, "{found}");
    assert!(
        hits[0]["text"]
            .as_str()
            .unwrap_or_default()
            .contains("four")
    );
}
