//! Gold questions and calibrations.

use super::support::{Fixture, fixture, knowledge_base};
use crate::catalog::{CatalogError, ExpectedBy, GoldQuestion, NewGoldQuestion, Origin};
use crate::model::{GoldId, Question};
use crate::retrieve::{Calibration, PassageSource, Threshold};

fn by(document: &str, passage: Option<&str>) -> ExpectedBy {
    ExpectedBy {
        document: document.to_owned(),
        passage: passage.map(str::to_owned),
    }
}

fn new(question: &str, expected: Vec<ExpectedBy>) -> NewGoldQuestion {
    NewGoldQuestion {
        question: Question::try_from(question).expect("a question"),
        answerable: !expected.is_empty(),
        expected,
        origin: Origin::Typed,
    }
}

impl Fixture {
    async fn gold(
        &self,
        question: &str,
        expected: Vec<ExpectedBy>,
    ) -> Result<GoldQuestion, CatalogError> {
        self.catalog
            .add_gold_question(self.knowledge_base, new(question, expected))
            .await
    }

    async fn published(&self, name: &str, text: &str) {
        self.upload(name, text).await;
        self.publish_next(&[text]).await;
    }
}

#[tokio::test]
async fn a_gold_question_names_its_document_by_name_id_or_name_without_ending() {
    let fixture = fixture().await;
    fixture.published("灯塔.txt", "灯塔高三十七米。").await;
    let by_name = fixture
        .gold("灯塔多高？", vec![by("灯塔.txt", None)])
        .await
        .expect("added");
    let id = by_name.expected[0].document_id;
    for named in [id.to_string(), "灯塔".to_owned()] {
        let added = fixture
            .gold("多高的灯塔？", vec![by(&named, Some(" 三十七米 "))])
            .await
            .expect("added");
        assert_eq!(added.expected[0].document_id, id);
        assert_eq!(added.expected[0].document_name, "灯塔.txt");
        assert_eq!(added.expected[0].passage.as_deref(), Some("三十七米"));
    }
    let missing = fixture
        .gold("谁？", vec![by("船坞.txt", None)])
        .await
        .expect_err("no such document");
    assert_eq!(missing.code(), "document_not_found");
}

#[tokio::test]
async fn a_beginning_that_two_documents_share_names_neither() {
    let fixture = fixture().await;
    fixture.published("a.txt", "一。").await;
    fixture.published("a.md", "二。").await;
    assert!(fixture.gold("谁？", vec![by("a", None)]).await.is_err());
}

#[tokio::test]
async fn the_same_question_is_there_once_with_what_was_said_last() {
    let fixture = fixture().await;
    fixture.published("a.txt", "一。").await;
    let first = fixture
        .gold("How High?", vec![by("a.txt", None)])
        .await
        .expect("added");
    let second = fixture
        .gold("how high?", Vec::new())
        .await
        .expect("replaced");
    assert_eq!(first.id, second.id);
    let page = fixture
        .catalog
        .gold_questions(fixture.knowledge_base, None, 10)
        .await
        .expect("a page");
    assert_eq!((page.total, page.gold_questions.len()), (1, 1));
    assert!(!page.gold_questions[0].answerable);
}

#[tokio::test]
async fn what_is_expected_must_agree_with_whether_there_is_an_answer() {
    let fixture = fixture().await;
    fixture.published("a.txt", "一。").await;
    let mut contradictory = new("谁？", vec![by("a.txt", None)]);
    contradictory.answerable = false;
    let mut empty = new("谁？", Vec::new());
    empty.answerable = true;
    let long = new("谁？", vec![by("a.txt", Some(&"长".repeat(8_001)))]);
    let many = new("谁？", vec![by("a.txt", None); 51]);
    for wrong in [contradictory, empty, long, many] {
        let error = fixture
            .catalog
            .add_gold_question(fixture.knowledge_base, wrong)
            .await
            .expect_err("refused");
        assert_eq!(error.code(), "invalid_request");
    }
}

#[tokio::test]
async fn a_document_that_went_and_came_back_under_its_name_is_expected_still() {
    let fixture = fixture().await;
    fixture.published("a.txt", "一。").await;
    fixture
        .gold("谁？", vec![by("a.txt", Some("一"))])
        .await
        .expect("added");
    let before = fixture
        .catalog
        .gold_set(fixture.knowledge_base)
        .await
        .expect("a set");
    let id = before.questions[0].expected[0].document_id;
    fixture
        .catalog
        .delete_document(fixture.knowledge_base, id)
        .await
        .expect("deleted");
    let gone = fixture
        .catalog
        .gold_set(fixture.knowledge_base)
        .await
        .expect("a set");
    assert_eq!((gone.questions.len(), gone.lost.len()), (0, 1));
    fixture.published("a.txt", "一。二。").await;
    let back = fixture
        .catalog
        .gold_set(fixture.knowledge_base)
        .await
        .expect("a set");
    assert_eq!((back.questions.len(), back.lost.len()), (1, 0));
    assert_ne!(back.questions[0].expected[0].document_id, id);
}

#[tokio::test]
async fn pages_of_gold_questions_follow_each_other_without_gaps() {
    let fixture = fixture().await;
    for at in 0..5 {
        fixture
            .gold(&format!("第 {at} 问？"), Vec::new())
            .await
            .expect("added");
    }
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let page = fixture
            .catalog
            .gold_questions(fixture.knowledge_base, cursor, 2)
            .await
            .expect("a page");
        seen.extend(page.gold_questions.into_iter().map(|gold| gold.question));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(
        seen,
        [
            "第 0 问？",
            "第 1 问？",
            "第 2 问？",
            "第 3 问？",
            "第 4 问？"
        ]
    );
}

#[tokio::test]
async fn a_gold_question_is_removed_once_and_only_from_its_own_knowledge_base() {
    let fixture = fixture().await;
    let gold = fixture.gold("谁？", Vec::new()).await.expect("added");
    let other = knowledge_base(&fixture.catalog, "另一个")
        .await
        .expect("made")
        .id;
    let remove = |base, id: GoldId| fixture.catalog.remove_gold_question(base, id);
    assert_eq!(
        remove(other, gold.id).await.expect_err("not there").code(),
        "gold_question_not_found"
    );
    remove(fixture.knowledge_base, gold.id)
        .await
        .expect("removed");
    assert!(remove(fixture.knowledge_base, gold.id).await.is_err());
}

fn calibration(value: f32) -> Calibration {
    Calibration {
        threshold: Threshold {
            value,
            model: "model".to_owned(),
        },
        built_in: 0.2,
        made: 40,
        written: 0,
        gold: 0,
        refused: 0.7,
        refused_interval: [0.6, 0.8],
        lost: 0.04,
        lost_interval: [0.0, 0.1],
        refused_built_in: 0.5,
        lost_built_in: 0.01,
    }
}

#[tokio::test]
async fn a_calibration_is_kept_replaced_and_forgotten() {
    let fixture = fixture().await;
    let base = fixture.knowledge_base;
    let threshold = || async {
        fixture
            .catalog
            .thresholds(&[base])
            .await
            .expect("read")
            .remove(0)
    };
    assert_eq!(threshold().await, None);
    for value in [0.3, 0.25] {
        fixture
            .catalog
            .keep_calibration(base, calibration(value))
            .await
            .expect("kept");
        assert_eq!(threshold().await, Some(calibration(value).threshold));
    }
    let all = fixture.catalog.calibrations().await.expect("read");
    assert_eq!(all[&base].calibration, calibration(0.25));
    assert!(
        fixture
            .catalog
            .forget_calibration(base)
            .await
            .expect("forgotten")
    );
    assert!(
        !fixture
            .catalog
            .forget_calibration(base)
            .await
            .expect("nothing left")
    );
    assert_eq!(threshold().await, None);
}

#[tokio::test]
async fn a_deleted_knowledge_base_leaves_no_questions_behind() {
    let fixture = fixture().await;
    fixture.gold("谁？", Vec::new()).await.expect("added");
    let base = fixture.knowledge_base;
    fixture
        .catalog
        .keep_calibration(base, calibration(0.3))
        .await
        .expect("kept");
    fixture
        .catalog
        .delete_knowledge_base(base)
        .await
        .expect("deleted");
    assert!(
        fixture
            .catalog
            .calibrations()
            .await
            .expect("read")
            .is_empty()
    );
    assert!(fixture.catalog.gold_set(base).await.is_err());
}
