//! What every backend must let pass.

use uuid::Uuid;
use wenyuan_ingest::{Language, Lexicon, Point};

use super::fixtures::{
    ask_where, at, base, chunks, document, ids, point_where, terms, version, write,
};
use crate::store::{Condition, Field, Filter, QueryVector, StoreError, VectorStore};

/// Chunks that differ in every field: 0 to 3 in base 1, 4 and 5 in base 2; 5 has no page.
fn corpus() -> Vec<Point> {
    let languages = [
        Language::Chinese,
        Language::TraditionalChinese,
        Language::English,
        Language::Other,
        Language::Chinese,
        Language::English,
    ];
    let points = (0_u128..6).zip(languages).map(|(number, language)| {
        point_where(number, |payload| {
            payload.knowledge_base = base(1 + number / 4).0;
            payload.document = document(number / 2).0;
            payload.version = version(number).0;
            payload.language = language;
            payload.kind = if number % 2 == 0 { "pdf" } else { "markdown" }.to_owned();
            payload.tags = match number {
                0 => vec!["法规".to_owned()],
                1 => vec!["法规".to_owned(), "2024".to_owned()],
                2 => vec!["draft".to_owned()],
                _ => Vec::new(),
            };
            payload.headings = match number {
                0 => Lexicon::shared().distinct_terms("休假制度\n年假"),
                1 => Lexicon::shared().distinct_terms("休假制度\n病假"),
                2 => Lexicon::shared().distinct_terms("Annual holidays"),
                _ => Vec::new(),
            };
            payload.page = (number != 5).then(|| 10 * u32::try_from(number).unwrap_or(0) + 1);
            payload.added_at = 1_000_000_000 + i64::try_from(number).unwrap_or(0) * 86_400;
        })
    });
    points.collect()
}

fn must(conditions: impl Into<Vec<Condition>>) -> Filter {
    Filter {
        must: conditions.into(),
        must_not: Vec::new(),
    }
}

fn must_not(condition: Condition) -> Filter {
    Filter {
        must: Vec::new(),
        must_not: vec![condition],
    }
}

fn any(field: Field, values: &[&str]) -> Condition {
    Condition::Any(field, values.iter().map(ToString::to_string).collect())
}

/// Every way of asking must agree on what passes.
async fn assert_passes(store: &dyn VectorStore, filter: Filter, wanted: &[u128]) {
    let wanted = chunks(wanted.iter().copied());
    let listed = store.ids(&filter, None, 100).await.expect("ids");
    assert_eq!(listed, wanted, "ids under {filter:?}");
    let counted = store.count(&filter).await.expect("a count");
    assert_eq!(counted, wanted.len(), "count under {filter:?}");
    for vector in [
        QueryVector::Passage(at(0.0)),
        QueryVector::BestSentence(at(0.0)),
        QueryVector::Lexical(terms(&[7])),
    ] {
        let found = ask_where(store, vector, filter.clone()).await;
        assert_eq!(ids(&found), wanted, "hits under {filter:?}");
    }
}

fn word_cases() -> Vec<(Condition, Vec<u128>, Vec<u128>)> {
    let id = |id: Uuid| id.to_string();
    vec![
        (
            any(Field::KnowledgeBase, &[&id(base(2).0)]),
            vec![4, 5],
            vec![0, 1, 2, 3],
        ),
        (
            any(Field::Document, &[&id(document(1).0)]),
            vec![2, 3],
            vec![0, 1, 4, 5],
        ),
        (
            any(Field::Version, &[&id(version(3).0)]),
            vec![3],
            vec![0, 1, 2, 4, 5],
        ),
        (any(Field::Language, &["zh"]), vec![0, 4], vec![1, 2, 3, 5]),
        (
            any(Field::Language, &["zh-Hant"]),
            vec![1],
            vec![0, 2, 3, 4, 5],
        ),
        (
            any(Field::Kind, &["markdown"]),
            vec![1, 3, 5],
            vec![0, 2, 4],
        ),
        (any(Field::Tag, &["法规"]), vec![0, 1], vec![2, 3, 4, 5]),
        (any(Field::Tag, &["法律"]), vec![], vec![0, 1, 2, 3, 4, 5]),
        (
            any(Field::Heading, &["b:年假"]),
            vec![0],
            vec![1, 2, 3, 4, 5],
        ),
    ]
}

pub(super) async fn every_word_field_can_be_filtered_on(store: &dyn VectorStore) {
    write(store, corpus()).await;
    for (condition, passing, _) in word_cases() {
        assert_passes(store, must([condition]), &passing).await;
    }
}

pub(super) async fn every_word_field_can_be_excluded(store: &dyn VectorStore) {
    write(store, corpus()).await;
    for (condition, _, others) in word_cases() {
        assert_passes(store, must_not(condition), &others).await;
    }
    let filter = Filter::in_knowledge_bases(&[base(1)]).without_versions(&[version(0), version(2)]);
    assert_passes(store, filter, &[1, 3]).await;
    assert_passes(
        store,
        Filter::default().without_versions(&[]),
        &[0, 1, 2, 3, 4, 5],
    )
    .await;
}

pub(super) async fn any_of_several_values_is_enough(store: &dyn VectorStore) {
    write(store, corpus()).await;
    let languages = any(Field::Language, &["zh", "zh-Hant", "fr"]);
    assert_passes(store, must([languages]), &[0, 1, 4]).await;
    let filter = Filter::default().in_documents(&[document(0), document(2)]);
    assert_passes(store, filter, &[0, 1, 4, 5]).await;
}

pub(super) async fn any_of_several_tags_is_enough(store: &dyn VectorStore) {
    write(store, corpus()).await;
    assert_passes(store, must([any(Field::Tag, &["2024", "draft"])]), &[1, 2]).await;
    let both = [any(Field::Tag, &["2024"]), any(Field::Tag, &["法规"])];
    assert_passes(store, must(both), &[1]).await;
}

/// Passes what has every term of this text in its headings.
fn headed(text: &str) -> Filter {
    let terms = Lexicon::shared().distinct_terms(text);
    let holds = |term: String| any(Field::Heading, &[&term]);
    must(terms.into_iter().map(holds).collect::<Vec<_>>())
}

pub(super) async fn words_of_headings_can_be_filtered_on(store: &dyn VectorStore) {
    write(store, corpus()).await;
    assert_passes(store, headed("休假"), &[0, 1]).await;
    assert_passes(store, headed("休假 年假"), &[0]).await;
    assert_passes(store, headed("HOLIDAY"), &[2]).await;
    assert_passes(store, headed("事假"), &[]).await;
}

pub(super) async fn a_chunk_without_headings_has_no_word_of_them(store: &dyn VectorStore) {
    write(store, corpus()).await;
    let some = any(Field::Heading, &["b:休假", "l:holiday"]);
    assert_passes(store, must([some.clone()]), &[0, 1, 2]).await;
    assert_passes(store, must_not(some), &[3, 4, 5]).await;
}

pub(super) async fn one_of_several_filters_is_enough(store: &dyn VectorStore) {
    write(store, corpus()).await;
    let choice = Condition::AnyOf(vec![headed("年假"), headed("annual holidays")]);
    assert_passes(store, must([choice.clone()]), &[0, 2]).await;
    assert_passes(store, must_not(choice.clone()), &[1, 3, 4, 5]).await;
    let narrowed = [choice, any(Field::Language, &["en"])];
    assert_passes(store, must(narrowed), &[2]).await;
    let excluding = Condition::AnyOf(vec![
        must_not(any(Field::KnowledgeBase, &[&base(1).to_string()])),
        headed("病假"),
    ]);
    assert_passes(store, must([excluding]), &[1, 4, 5]).await;
}

pub(super) async fn a_choice_of_nothing_passes_nothing(store: &dyn VectorStore) {
    write(store, corpus()).await;
    let everything = [0, 1, 2, 3, 4, 5];
    let never = must([any(Field::Tag, &[])]);
    assert_passes(store, must([Condition::AnyOf(Vec::new())]), &[]).await;
    assert_passes(store, must([Condition::AnyOf(vec![never.clone()])]), &[]).await;
    assert_passes(store, must_not(Condition::AnyOf(Vec::new())), &everything).await;
    let all = Condition::AnyOf(vec![never, Filter::default()]);
    assert_passes(store, must([all]), &everything).await;
}

pub(super) async fn pages_can_be_listed_and_ranged_over(store: &dyn VectorStore) {
    write(store, corpus()).await;
    assert_passes(
        store,
        must([any(Field::Page, &["11", "31", "iv"])]),
        &[1, 3],
    )
    .await;
    let range = |low, high| must([Condition::Range(Field::Page, low, high)]);
    assert_passes(store, range(Some(11), Some(31)), &[1, 2, 3]).await;
    assert_passes(store, range(Some(12), Some(30)), &[2]).await;
    assert_passes(store, range(None, Some(11)), &[0, 1]).await;
    assert_passes(store, range(Some(41), None), &[4]).await;
    assert_passes(store, range(Some(31), Some(11)), &[]).await;
}

pub(super) async fn dates_can_be_ranged_over(store: &dyn VectorStore) {
    write(store, corpus()).await;
    let day = |number: i64| Some(1_000_000_000 + number * 86_400);
    let between = Condition::Range(Field::AddedAt, day(1), day(2));
    assert_passes(store, must([between.clone()]), &[1, 2]).await;
    assert_passes(store, must_not(between), &[0, 3, 4, 5]).await;
    let open = Condition::Range(Field::AddedAt, None, None);
    assert_passes(store, must([open]), &[0, 1, 2, 3, 4, 5]).await;
}

pub(super) async fn a_chunk_without_a_page_lies_in_no_range(store: &dyn VectorStore) {
    write(store, corpus()).await;
    let everywhere = Condition::Range(Field::Page, Some(0), None);
    assert_passes(store, must([everywhere.clone()]), &[0, 1, 2, 3, 4]).await;
    assert_passes(store, must_not(everywhere), &[5]).await;
    let open = Condition::Range(Field::Page, None, None);
    assert_passes(store, must([open]), &[0, 1, 2, 3, 4]).await;
}

pub(super) async fn ids_can_be_chosen_and_excluded(store: &dyn VectorStore) {
    write(store, corpus()).await;
    let some = Condition::Ids(chunks([1, 4, 77]));
    assert_passes(store, must([some.clone()]), &[1, 4]).await;
    assert_passes(store, must_not(some), &[0, 2, 3, 5]).await;
}

pub(super) async fn all_conditions_must_hold(store: &dyn VectorStore) {
    write(store, corpus()).await;
    let filter = Filter {
        must: vec![
            any(Field::Kind, &["pdf"]),
            Condition::Range(Field::Page, Some(1), Some(41)),
            Condition::Ids(chunks([0, 2, 4])),
        ],
        must_not: vec![any(Field::Tag, &["draft"]), any(Field::Language, &["en"])],
    };
    assert_passes(store, filter, &[0, 4]).await;
}

pub(super) async fn an_empty_list_of_values_passes_nothing(store: &dyn VectorStore) {
    write(store, corpus()).await;
    for field in Field::ALL {
        assert_passes(store, must([any(field, &[])]), &[]).await;
    }
    assert_passes(store, Filter::in_knowledge_bases(&[]), &[]).await;
    assert_passes(store, Filter::default().among(Vec::new()), &[]).await;
    assert_passes(store, must([any(Field::Page, &["iv"])]), &[]).await;
}

pub(super) async fn an_excluded_empty_list_excludes_nothing(store: &dyn VectorStore) {
    write(store, corpus()).await;
    for field in Field::ALL {
        assert_passes(store, must_not(any(field, &[])), &[0, 1, 2, 3, 4, 5]).await;
    }
    assert_passes(
        store,
        must_not(Condition::Ids(Vec::new())),
        &[0, 1, 2, 3, 4, 5],
    )
    .await;
}

pub(super) async fn a_range_over_words_is_refused(store: &dyn VectorStore) {
    let filter = must([Condition::Range(Field::Language, Some(1), None)]);
    let refused = store.count(&filter).await;
    assert!(
        matches!(refused, Err(StoreError::Rejected(_))),
        "{refused:?}"
    );
    let refused = store.remove(&filter).await;
    assert!(
        matches!(refused, Err(StoreError::Rejected(_))),
        "{refused:?}"
    );
}

pub(super) async fn counting_agrees_with_the_filter_itself(store: &dyn VectorStore) {
    let corpus = corpus();
    write(store, corpus.clone()).await;
    for (condition, ..) in word_cases() {
        let filter = Filter {
            must: vec![condition],
            must_not: vec![Condition::Range(Field::Page, None, Some(11))],
        };
        let passing = corpus
            .iter()
            .filter(|point| filter.passes(crate::model::ChunkId(point.id), &point.payload));
        let passing: Vec<_> = passing.map(|point| point.payload.ordinal.into()).collect();
        assert_passes(store, filter, &passing).await;
    }
}
