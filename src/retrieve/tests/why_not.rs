//! Every way of losing a passage, and what helps.

use uuid::Uuid;

use super::super::{
    Expected, Finding, ReadingFailure, Reason, RemedyKind, SearchFilter, SearchMode, WhyNot,
};
use super::world::{World, document, search};
use crate::model::ChunkId;
use wenyuan_ingest::Language;

const QUESTION: &str = "石桥由谁主持修建？";
const BRIDGE: &str = "石桥由工匠李原主持修建，全长六十四米。";

fn ranks(report: &WhyNot) -> Vec<(Option<usize>, &'static str)> {
    report
        .stages
        .iter()
        .map(|stage| (stage.rank, stage.stage))
        .collect()
}

fn modes(report: &WhyNot) -> Vec<SearchMode> {
    let mode = |kind: &RemedyKind| {
        let RemedyKind::Mode(mode) = kind else {
            return None;
        };
        Some(*mode)
    };
    report
        .remedies
        .iter()
        .filter_map(|remedy| mode(&remedy.kind))
        .collect()
}

#[tokio::test]
async fn what_comes_is_said_to_come() {
    let mut world = World::new();
    let id = world.add(1, BRIDGE, 0.9).await;
    world.add(2, "图书馆周一闭馆。", 0.2).await;
    for expected in [
        Expected::Chunk(id),
        Expected::Document(document(1)),
        Expected::Text("李原主持 修建".to_owned()),
        Expected::Text("工匠李原，主持了修建".to_owned()),
    ] {
        let report = world.why_not(search(QUESTION, 10), expected).await;
        assert_eq!(report.finding, Finding::Found, "{report:?}");
        assert_eq!(report.reasons, [Reason::Found { rank: 1 }]);
        assert_eq!(report.expected.map(|passage| passage.chunk), Some(id));
        assert!(report.remedies.is_empty());
    }
}

#[tokio::test]
async fn a_question_that_is_refused_all_the_same_is_told_apart() {
    let mut world = World::new();
    let id = world.add(1, "图书馆周一闭馆。", 0.05).await;
    let report = world
        .why_not(search(QUESTION, 10), Expected::Chunk(id))
        .await;
    assert_eq!(report.finding, Finding::Refused);
    assert!(
        matches!(report.reasons[1], Reason::Refused { answerability, threshold } if answerability < threshold)
    );
}

#[tokio::test]
async fn what_is_not_here_and_what_is_not_ready_is_told_before_any_search() {
    let mut world = World::new();
    world.add(1, BRIDGE, 0.9).await;
    let nobody = Expected::Document(document(5));
    let report = world.why_not(search(QUESTION, 10), nobody).await;
    assert_eq!(
        (report.finding, report.finding.stage()),
        (Finding::Unknown, "catalog")
    );
    let nothing = Expected::Chunk(ChunkId(Uuid::from_u128(77)));
    assert_eq!(
        world.why_not(search(QUESTION, 10), nothing).await.finding,
        Finding::Unknown
    );

    let failure = ReadingFailure {
        code: "password_required".to_owned(),
        message: "It is protected.".to_owned(),
        args: serde_json::Map::new(),
    };
    world.stands(2, false, "failed", Some(failure.clone()));
    let report = world
        .why_not(search(QUESTION, 10), Expected::Document(document(2)))
        .await;
    assert_eq!(
        (report.finding, report.reasons),
        (Finding::NotReady, vec![Reason::NotSearchable])
    );
    assert_eq!(report.standing.and_then(|one| one.failure), Some(failure));

    let old = world.hide(1, "石桥从前由谁主持修建。");
    let report = world
        .why_not(search(QUESTION, 10), Expected::Chunk(old))
        .await;
    assert_eq!(
        (report.finding, report.reasons),
        (Finding::NotReady, vec![Reason::OldVersion])
    );

    world.stands(3, true, "ready", None);
    let report = world
        .why_not(search(QUESTION, 10), Expected::Document(document(3)))
        .await;
    assert_eq!(report.reasons, [Reason::NoPassages]);
}

#[tokio::test]
async fn words_that_no_passage_has_were_not_split_there() {
    let mut world = World::new();
    world.add(1, BRIDGE, 0.9).await;
    let text = Expected::Text("年假最多可以累积五天".to_owned());
    let report = world.why_not(search(QUESTION, 10), text).await;
    assert_eq!(
        (report.finding, report.finding.stage()),
        (Finding::NotSplitThere, "split")
    );
    assert!(matches!(report.reasons[..], [Reason::TextNowhere { best }] if best < 0.6));
}

#[tokio::test]
async fn the_condition_that_leaves_it_out_is_named_and_left_away_as_a_remedy() {
    let mut world = World::new();
    let id = world.add(1, BRIDGE, 0.9).await;
    let mut request = search(QUESTION, 10);
    request.filter = SearchFilter {
        languages: vec![Language::English],
        names: vec!["1.txt".to_owned()],
        ..SearchFilter::default()
    };
    let report = world.why_not(request, Expected::Chunk(id)).await;
    let by = |field, written: Option<&str>| Reason::ExcludedBy {
        field,
        written: written.map(ToOwned::to_owned),
    };
    assert_eq!(report.finding, Finding::Filtered);
    assert_eq!(report.reasons, [by("languages", None)]);
    assert_eq!(
        report.remedies[0].kind,
        RemedyKind::WithoutFilter(report.reasons.clone())
    );
    assert_eq!(report.remedies[0].rank, 1);

    let typed = search("文件:2.txt 石桥由谁主持修建？", 10);
    let report = world.why_not(typed, Expected::Chunk(id)).await;
    assert_eq!(report.reasons, [by("name", Some("文件:2.txt"))]);
    assert_eq!(report.remedies.len(), 1);
}

#[tokio::test]
async fn a_passage_that_no_leg_lists_is_told_how_deep_it_lies() {
    let mut world = World::new();
    for number in 0..70 {
        let text = format!("石桥由第{number}位工匠主持修建。");
        world.add(1, &text, 0.9).await;
    }
    let id = world.add(2, "李原造了它。", 0.1).await;
    let report = world
        .why_not(search(QUESTION, 10), Expected::Chunk(id))
        .await;
    assert_eq!(
        (report.finding, report.finding.stage()),
        (Finding::LostBeforeFusion, "legs")
    );
    let deep = Reason::TooDeep {
        stage: "dense",
        rank: Some(71),
        limit: 64,
    };
    assert_eq!(report.reasons, [deep, Reason::NoWords]);
    let wanted = [
        (Some(71), "dense"),
        (None, "lexical"),
        (None, "sentences"),
        (None, "fused"),
        (None, "reranked"),
        (None, "final"),
    ];
    assert_eq!(ranks(&report), wanted);
    let dense = report.stages[0];
    assert_eq!(dense.cutoff_rank, Some(64));
    assert!(dense.cutoff_score > dense.score, "{dense:?}");
    let kinds: Vec<_> = report.remedies.iter().map(|remedy| &remedy.kind).collect();
    assert_eq!(
        kinds,
        [&RemedyKind::OnlyThisDocument(document(2))],
        "nothing else brings it"
    );
}

#[tokio::test]
async fn a_passage_in_another_script_is_told_that_words_cannot_bring_it() {
    let mut world = World::new();
    for number in 0..70 {
        let text = format!("A stone bridge, number {number}.");
        world.add(1, &text, 0.9).await;
    }
    let id = world.add(2, "Somebody built it.", 0.1).await;
    let report = world
        .why_not(search(QUESTION, 10), Expected::Chunk(id))
        .await;
    assert_eq!(report.reasons[1], Reason::OtherWriting);
}

#[tokio::test]
async fn what_fusion_loses_comes_with_another_weight_another_mode_or_more_hits() {
    let mut world = World::new();
    let id = world.add(1, BRIDGE, 0.1).await;
    world
        .add(2, "县里最老的石桥由清河县主持，修建得早。", 0.95)
        .await;
    let report = world
        .why_not(search(QUESTION, 1), Expected::Chunk(id))
        .await;
    assert_eq!(
        (report.finding, report.finding.stage()),
        (Finding::LostInFusion, "fused")
    );
    let alone = Reason::LegHadIt {
        stage: "lexical",
        rank: 1,
    };
    assert_eq!(report.reasons, [alone, Reason::Below { rank: 2, top_k: 1 }]);
    let last = report.stages.last().expect("the last stage");
    assert_eq!((last.rank, last.cutoff_rank), (Some(2), Some(1)));
    assert!(last.cutoff_score > last.score);
    assert_eq!(report.remedies[0].kind, RemedyKind::LargerTopK(2));
    let RemedyKind::MeaningWeight(weight) = report.remedies[1].kind else {
        panic!("{:?}", report.remedies)
    };
    assert_eq!(modes(&report), [SearchMode::Lexical]);

    let mut request = search(QUESTION, 1);
    request.settings.meaning_weight = Some(Some(weight));
    let again = world.why_not(request, Expected::Chunk(id)).await;
    assert!(
        matches!(again.finding, Finding::Found | Finding::Refused),
        "what is told helps"
    );
}

#[tokio::test]
async fn the_first_in_another_script_is_not_called_the_first() {
    let mut world = World::new();
    for number in 0..5 {
        let text = format!("石桥由谁主持修建，第{number}说。");
        world.add(1, &text, 0.9).await;
    }
    let id = world.add(2, "Somebody built it.", 0.2).await;
    let report = world
        .why_not(search(QUESTION, 2), Expected::Chunk(id))
        .await;
    assert_eq!(report.finding, Finding::OutsideTopK, "{:?}", report.reasons);
    assert_eq!(
        report.stages[0].rank,
        Some(1),
        "among passages in its script"
    );
}

#[tokio::test]
async fn a_passage_below_those_shown_is_told_its_rank() {
    let mut world = World::new();
    for number in 0..5 {
        let text = format!("石桥由谁主持修建，第{number}说。");
        world.add(1, &text, 0.9).await;
    }
    let id = world.add(2, "石桥在清河上。", 0.3).await;
    let report = world
        .why_not(search(QUESTION, 3), Expected::Document(document(2)))
        .await;
    assert_eq!(report.finding, Finding::OutsideTopK);
    assert_eq!(report.reasons, [Reason::Below { rank: 6, top_k: 3 }]);
    assert_eq!(report.expected.map(|passage| passage.chunk), Some(id));
    assert_eq!(report.remedies[0].kind, RemedyKind::LargerTopK(6));
    assert_eq!(report.remedies[0].rank, 6);
}

#[tokio::test]
async fn of_two_that_say_the_same_the_other_one_is_named() {
    let mut world = World::new();
    world.add(1, BRIDGE, 0.9).await;
    let id = world.add(2, BRIDGE, 0.8).await;
    let report = world
        .why_not(search(QUESTION, 10), Expected::Chunk(id))
        .await;
    assert_eq!(report.finding, Finding::Duplicate);
    let twin = Reason::Twin {
        rank: 1,
        name: "1.txt".to_owned(),
        shown: true,
    };
    assert_eq!(report.reasons, [twin]);
}

#[tokio::test]
async fn a_full_document_needs_a_larger_number_for_each() {
    let mut world = World::new();
    let mut last = None;
    for (cosine, text) in [
        (0.9, BRIDGE),
        (0.8, "石桥由谁主持修建，县志没有写明。"),
        (0.7, "修建石桥的人姓李。"),
    ] {
        last = Some(world.add(1, text, cosine).await);
    }
    let mut request = search(QUESTION, 10);
    request.settings.per_document = Some(Some(1));
    let report = world
        .why_not(request, Expected::Chunk(last.expect("a passage")))
        .await;
    assert_eq!(
        (report.finding, report.finding.stage()),
        (Finding::OverDocumentCap, "document_cap")
    );
    assert_eq!(report.remedies[0].kind, RemedyKind::PerDocument(Some(3)));
    let settings = report.remedies[0].settings().expect("settings");
    assert_eq!(settings.per_document, Some(3));
}

#[tokio::test]
async fn a_quoted_phrase_that_it_lacks_is_named() {
    let mut world = World::new();
    world.add(1, BRIDGE, 0.5).await;
    let id = world.add(2, "石桥的修建由李氏主持。", 0.9).await;
    let request = search("“工匠李原”主持修建了石桥吗？", 10);
    let report = world.why_not(request, Expected::Chunk(id)).await;
    assert_eq!(report.finding, Finding::PhraseMissing);
    assert_eq!(
        report.reasons,
        [Reason::LacksPhrase {
            text: "工匠李原".to_owned()
        }]
    );
    assert_eq!(report.remedies[0].kind, RemedyKind::WithoutPhrase);
}
