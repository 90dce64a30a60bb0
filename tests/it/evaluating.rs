//! `eval`, `gold` and `calibrate` as commands: the real program on the real models.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::Program;

const TOPICS: [(&str, &str); 6] = [
    (
        "lighthouse",
        "The lighthouse of Marrow Point stands 37 metres high. Its lamp was lit in 1893 by Anna Petersen. Two keepers climb the 214 steps every evening.",
    ),
    (
        "cellar",
        "The kelp cellar is a half buried store behind the school. It is kept at 4 degrees all summer. The keys hang in the house of Jonas Wick.",
    ),
    (
        "ferry",
        "The night ferry leaves the northern pier at 22 o'clock. It carries 18 cars and 140 people to Sandholm. Dogs travel for half the price.",
    ),
    (
        "library",
        "The harbour library lends 6 books for 3 weeks. Maria Lund opened its reading room in 1921. Charts may not leave the building.",
    ),
    (
        "pool",
        "The tidal pool opens in May and closes in October. Its water is changed 2 times a day by the sea. Children under 10 swim with a grown person.",
    ),
    (
        "market",
        "The fish market begins at 5 in the morning on the western quay. Cod is sold by the crate of 20 kilos. The bell of Saint Olaf ends the bidding.",
    ),
];

fn set(folder: &Path) {
    let corpus =
        TOPICS.map(|(id, text)| json!({ "id": id, "title": "", "text": text }).to_string());
    fs::write(folder.join("corpus.jsonl"), corpus.join("\n")).expect("written");
    let questions = [
        json!({ "id": "1", "question": "How high is the lighthouse of Marrow Point?", "relevant": ["lighthouse"] }),
        json!({ "id": "2", "question": "When does the night ferry leave?", "relevant": ["ferry"] }),
        json!({ "id": "3", "question": "How many books does the harbour library lend?", "relevant": ["library"] }),
        json!({ "id": "4", "question": "Who painted the ceiling of the opera in Milan?", "answerable": false }),
    ];
    let questions = questions.map(|one| one.to_string());
    fs::write(folder.join("questions.jsonl"), questions.join("\n")).expect("written");
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).expect("a file")).expect("JSON")
}

#[test]
fn a_run_on_a_data_set_carries_intervals_and_can_be_compared() {
    let Some(program) = Program::with_models("eval of a data set") else {
        return;
    };
    let folder = program.data().join("set");
    fs::create_dir(&folder).expect("a folder");
    set(&folder);
    let (old, html) = (
        program.data().join("old.json"),
        program.data().join("page.html"),
    );
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let printed = program.json(&[
        "eval",
        "--set",
        &text(&folder),
        "--json",
        &text(&old),
        "--html",
        &text(&html),
    ]);
    assert_eq!(printed["questions"], 4);
    assert!(printed["intervals"]["recall_at_1"].is_array() && printed.get("results").is_none());
    let written = read(&old);
    assert_eq!(written["results"].as_array().map(Vec::len), Some(4));
    let page = fs::read_to_string(&html).expect("a page");
    assert!(page.contains("<svg") && !page.contains("<script"));

    let mut worse = written.clone();
    for one in worse["results"].as_array_mut().expect("a list") {
        one["rank"] = Value::Null;
        one["refused"] = json!(one["answerable"].as_bool().expect("a flag"));
    }
    let new = program.data().join("new.json");
    fs::write(&new, worse.to_string()).expect("written");
    let same = program.run(&["eval", "--compare", &text(&old), &text(&old), "--gate"]);
    assert!(same.status.success());
    let lost = program.run(&["eval", "--compare", &text(&old), &text(&new), "--gate"]);
    let told = String::from_utf8_lossy(&lost.stdout).into_owned();
    assert_eq!(lost.status.code(), Some(1), "{told}");
    let (first, figures) = (
        told.find("Lost (").expect("lost ones"),
        told.find("Figures").expect("figures"),
    );
    assert!(
        first < told.find("Won (").expect("won ones") && first < figures,
        "{told}"
    );
    let without_gate = program.run(&["eval", "--compare", &text(&old), &text(&new)]);
    assert!(without_gate.status.success());
}

#[test]
fn a_knowledge_base_is_measured_calibrated_and_cut_anew_only_through_the_gate() {
    let Some(program) = Program::with_models("eval of a knowledge base") else {
        return;
    };
    let folder = program.data().join("set");
    fs::create_dir(&folder).expect("a folder");
    set(&folder);
    let papers = program.data().join("papers");
    fs::create_dir(&papers).expect("a folder");
    for (name, body) in TOPICS {
        fs::write(papers.join(format!("{name}.txt")), body).expect("written");
        // Pages of other things, so that there is enough to make questions of.
        let more = (1..=4).map(|at| format!("The {name} keeps a log of {at}{at} pages. Its {name} master number {at} was born in 19{at}7 in Eastby. "));
        fs::write(
            papers.join(format!("{name}-log.txt")),
            more.collect::<String>(),
        )
        .expect("written");
    }
    let data = program.data().join("own").to_string_lossy().into_owned();
    let run = |arguments: &[&str]| {
        let output = program
            .command_on(&data, arguments)
            .output()
            .expect("it starts");
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        let wrong = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), told, wrong)
    };
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let ingested = run(&["ingest", &text(&papers), "--kb", "harbour"]);
    assert_eq!(ingested.0, Some(0), "{}", ingested.2);

    // Documents are named as the set names them, without folder and ending.
    let imported = run(&[
        "gold",
        "import",
        &text(&folder.join("questions.jsonl")),
        "--kb",
        "harbour",
    ]);
    assert!(imported.1.contains("imported"), "{imported:?}");
    let added = run(&[
        "gold",
        "add",
        "Who hangs up the keys of the kelp cellar?",
        "--kb",
        "harbour",
        "--document",
        "cellar",
        "--passage",
        "The keys hang in the house of Jonas Wick.",
    ]);
    assert_eq!(added.0, Some(0), "{}", added.2);
    let listed = run(&["gold", "list", "--kb", "harbour", "--json"]);
    let listed: Value = serde_json::from_str(&listed.1).expect("JSON");
    assert!(
        !listed["gold_questions"]
            .as_array()
            .expect("a list")
            .is_empty()
    );

    let report = program.data().join("kb.json");
    let evaluated = run(&["eval", "--kb", "harbour", "--json", &text(&report)]);
    assert_eq!(evaluated.0, Some(0), "{}", evaluated.2);
    let written = read(&report);
    assert_eq!(written["set"], "harbour");
    let against = run(&[
        "eval",
        "--kb",
        "harbour",
        "--against",
        &text(&report),
        "--gate",
    ]);
    assert_eq!(against.0, Some(0), "{}", against.2);

    let calibrated = run(&["calibrate", "--kb", "harbour", "--questions", "30"]);
    assert!(
        calibrated.1.contains("of unanswerable, loses"),
        "{calibrated:?}"
    );
    assert_eq!(run(&["calibrate", "--kb", "harbour", "--reset"]).0, Some(0));

    let tried = run(&[
        "eval",
        "--kb",
        "harbour",
        "--try-preset",
        "qa",
        "--activate",
        "--gate",
    ]);
    assert_eq!(tried.0, Some(0), "{tried:?}");
    assert!(tried.1.contains("cut as tried"), "{}", tried.1);
    let smaller = run(&["eval", "--kb", "harbour", "--try-chunk-tokens", "64"]);
    assert_eq!(smaller.0, Some(0), "{smaller:?}");
}
