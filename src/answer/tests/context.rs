//! What a capable model reads around the passages found, and that all of it is cited to the character.

use super::super::{AnswerMode, Support};
use super::world::{World, ask, base_model};
use crate::generate::scripted::ScriptedGenerator;

const PASSAGES: [&str; 4] = [
    "清河石桥的来历，县志里有记载。石桥是县里最老的桥，历代知县都修过它，最后一次大修在清末。",
    "主持修建的是工匠李原。",
    "他请来七十名石匠，用了三年。",
    "图书馆周一闭馆，其余日子早上九点开门。",
];

/// The cleaned text that the passages were cut from.
fn text() -> String {
    PASSAGES.join("\n\n")
}

fn slice(start: usize, end: usize) -> String {
    text().chars().skip(start).take(end - start).collect()
}

#[tokio::test]
async fn a_model_reads_a_passage_with_its_section_and_what_it_takes_from_there_is_cited_exactly() {
    let world = World::cut(&PASSAGES).await;
    let prompt = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let heard = std::sync::Arc::clone(&prompt);
    let model = ScriptedGenerator::new(move |asked| {
        *heard.lock().expect("no panic") = asked.to_owned();
        "他请来七十名石匠，用了三年。".to_owned()
    });
    let mut request = ask("清河石桥的来历是什么？");
    request.top_k = crate::retrieve::TopK::Exactly(1);
    let answer = world.answer(Some(model), request).await;
    let [reading] = &answer.context[..] else {
        panic!("one piece: {:?}", answer.context);
    };
    assert_eq!((reading.found.len(), reading.added.len()), (1, 2));
    let read = slice(reading.start, reading.end);
    assert_eq!(read, PASSAGES[..3].join("\n\n"));
    assert!(prompt.lock().expect("no panic").contains(&read));
    assert_eq!(
        answer.sentences[0].support,
        Support::Supported,
        "{answer:?}"
    );
    let [citation] = &answer.citations[..] else {
        panic!("one citation: {:?}", answer.citations);
    };
    assert_eq!(citation.quote, slice(citation.start, citation.end));
    assert_eq!(citation.quote, PASSAGES[2]);
    assert_eq!(citation.chunk_id, reading.added[1]);
    assert!(!citation.boxes.is_empty(), "it can be highlighted");
}

#[tokio::test]
async fn a_small_model_and_quotes_keep_to_what_was_found() {
    let world = World::cut(&PASSAGES).await;
    let mut quoted = ask("清河石桥的来历是什么？");
    quoted.top_k = crate::retrieve::TopK::Exactly(1);
    quoted.mode = AnswerMode::Quote;
    let mut asked = ask("清河石桥的来历是什么？");
    asked.top_k = crate::retrieve::TopK::Exactly(1);
    for answer in [
        world.answer(None, quoted).await,
        world.answer(Some(base_model("七十名石匠")), asked).await,
    ] {
        assert!(answer.context.is_empty());
        let inside = answer
            .citations
            .iter()
            .all(|one| PASSAGES[0].contains(&one.quote));
        assert!(inside && !answer.citations.is_empty(), "{answer:?}");
    }
}
