//! What the catalog says of authors, dates, names and tags: in lists, for searches, and counted.

use std::collections::BTreeSet;

use wenyuan_ingest::{Details, Language};

use super::support::{Fixture, document, fixture};
use crate::catalog::{DocumentChange, DocumentQuery, FacetCount};
use crate::model::DocumentId;
use crate::retrieve::{SearchFilter, Selection, period};

/// Author, created, modified and pages of a document to be published.
struct Told(&'static str, &'static str, &'static str, usize);

impl Fixture {
    async fn told(&self, name: &str, told: Told) -> DocumentId {
        let accepted = self.upload(name, name).await;
        let lease = self.lease_one().await;
        let passages: Vec<String> = (0..told.3).map(|page| format!("{name} {page}")).collect();
        let passages: Vec<&str> = passages.iter().map(String::as_str).collect();
        let (mut read, chunks) = document(&passages);
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        read.title = None;
        read.details = Details {
            author: some(told.0),
            created: some(told.1),
            modified: some(told.2),
        };
        if name.is_ascii() {
            read.language = Language::English;
        }
        let stored = self.catalog.texts().save(lease.version, &read);
        stored.expect("text");
        self.catalog
            .record_read(&lease, &read, true)
            .await
            .expect("read");
        self.catalog
            .publish(&lease, "twin", read.pages.clone(), chunks.clone())
            .await
            .expect("publish");
        accepted.document_id
    }

    async fn retell(&self, id: DocumentId, name: Option<&str>, tags: &[&str]) {
        let change = DocumentChange {
            name: name.map(ToOwned::to_owned),
            tags: Some(tags.iter().map(ToString::to_string).collect()),
            ..DocumentChange::default()
        };
        self.catalog
            .change_document(self.knowledge_base, id, change)
            .await
            .expect("change");
    }

    pub(super) async fn matching(&self, filter: SearchFilter) -> BTreeSet<DocumentId> {
        let found = self
            .catalog
            .documents_matching(&[self.knowledge_base], &filter)
            .await
            .expect("a selection");
        match found {
            Selection::Only(documents) => documents.into_iter().collect(),
            Selection::AllBut(_) | Selection::TooMany => panic!("{found:?}"),
        }
    }

    async fn listed(&self, query: DocumentQuery) -> Vec<String> {
        let page = self
            .catalog
            .documents(self.knowledge_base, query)
            .await
            .expect("a page");
        let names = page.documents.into_iter().map(|document| document.name);
        names.collect()
    }
}

/// Three searchable documents, and one that is not yet.
async fn library() -> (Fixture, [DocumentId; 3]) {
    let fixture = fixture().await;
    let handbook = Told("王小明, 李華", "2021-05-06", "2023-01-02", 3);
    let handbook = fixture.told("制度/员工手册.docx", handbook).await;
    let report = fixture
        .told("Annual Report.pdf", Told("Ann Lee", "", "2023-12-31", 40))
        .await;
    let notes = fixture.told("notes.md", Told("", "", "", 1)).await;
    fixture.upload("手册 waiting.txt", "waiting").await;
    (fixture, [handbook, report, notes])
}

pub(super) fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn searches_are_narrowed_to_the_documents_that_match_now() {
    let (fixture, [handbook, report, notes]) = library().await;
    let day = |text: &str| period(text).map(|(first, _)| first);
    let none = SearchFilter::default;
    let cases = [
        (
            SearchFilter {
                authors: words(&["李华"]),
                ..none()
            },
            vec![handbook],
        ),
        (
            SearchFilter {
                authors: words(&["ＡＮＮ", "王小明"]),
                ..none()
            },
            vec![handbook, report],
        ),
        (
            SearchFilter {
                names: words(&["員工手冊"]),
                ..none()
            },
            vec![handbook],
        ),
        (
            SearchFilter {
                titles: words(&["report annual"]),
                ..none()
            },
            vec![report],
        ),
        (
            SearchFilter {
                titles: words(&["annual accounts"]),
                ..none()
            },
            vec![],
        ),
        (
            SearchFilter {
                created_after: day("2023"),
                ..none()
            },
            vec![report],
        ),
        (
            SearchFilter {
                created_before: day("2021-05-06"),
                ..none()
            },
            vec![handbook],
        ),
        (
            SearchFilter {
                created_before: day("2021-05-05"),
                ..none()
            },
            vec![],
        ),
        (
            SearchFilter {
                page_count: Some((1, 3)),
                ..none()
            },
            vec![handbook, notes],
        ),
        (
            SearchFilter {
                page_count: Some((2, 50)),
                authors: words(&["lee"]),
                ..none()
            },
            vec![report],
        ),
    ];
    for (filter, wanted) in cases {
        let wanted: BTreeSet<_> = wanted.into_iter().collect();
        assert_eq!(fixture.matching(filter.clone()).await, wanted, "{filter:?}");
    }
}

#[tokio::test]
async fn changed_names_and_tags_and_deletions_count_at_once() {
    let (fixture, [handbook, report, _]) = library().await;
    let tagged = || SearchFilter {
        tags: words(&["人事"]),
        ..SearchFilter::default()
    };
    assert!(fixture.matching(tagged()).await.is_empty());
    fixture
        .retell(handbook, Some("旧手册.docx"), &["人事"])
        .await;
    fixture.retell(report, None, &["人事", "2023"]).await;
    assert_eq!(
        fixture.matching(tagged()).await,
        BTreeSet::from([handbook, report])
    );
    let named = SearchFilter {
        names: words(&["员工"]),
        ..SearchFilter::default()
    };
    assert!(fixture.matching(named).await.is_empty());
    fixture
        .catalog
        .delete_document(fixture.knowledge_base, report)
        .await
        .expect("delete");
    assert_eq!(fixture.matching(tagged()).await, BTreeSet::from([handbook]));
}

#[tokio::test]
async fn a_list_is_narrowed_by_what_it_shows() {
    let (fixture, [handbook, ..]) = library().await;
    fixture.retell(handbook, None, &["人事"]).await;
    let query = DocumentQuery::default;
    let some = |text: &str| Some(text.to_owned());
    let cases = [
        (
            DocumentQuery {
                text: some("手冊"),
                ..query()
            },
            vec!["手册 waiting.txt", "制度/员工手册.docx"],
        ),
        (
            DocumentQuery {
                text: some(" ANNUAL "),
                ..query()
            },
            vec!["Annual Report.pdf"],
        ),
        (
            DocumentQuery {
                text: some("100%_"),
                ..query()
            },
            vec![],
        ),
        (
            DocumentQuery {
                tag: some("人事"),
                ..query()
            },
            vec!["制度/员工手册.docx"],
        ),
        (
            DocumentQuery {
                author: some("lee"),
                ..query()
            },
            vec!["Annual Report.pdf"],
        ),
        (
            DocumentQuery {
                language: some("en"),
                ..query()
            },
            vec!["notes.md", "Annual Report.pdf"],
        ),
        (
            DocumentQuery {
                kind: some("pdf"),
                ..query()
            },
            vec![],
        ),
        (
            DocumentQuery {
                text: some("手册"),
                language: some("zh"),
                ..query()
            },
            vec!["制度/员工手册.docx"],
        ),
    ];
    for (query, wanted) in cases {
        assert_eq!(fixture.listed(query.clone()).await, wanted, "{query:?}");
    }
    let first = DocumentQuery {
        limit: Some(1),
        text: some("手册"),
        ..query()
    };
    let page = fixture
        .catalog
        .documents(fixture.knowledge_base, first.clone())
        .await
        .expect("a page");
    let second = DocumentQuery {
        cursor: page.next_cursor,
        ..first
    };
    assert_eq!(
        fixture.listed(second).await,
        ["制度/员工手册.docx"],
        "pages of a narrowed list go on"
    );
}

#[tokio::test]
async fn facets_count_searchable_documents_most_frequent_first() {
    let (fixture, [handbook, report, _]) = library().await;
    fixture.retell(handbook, None, &["人事"]).await;
    fixture.retell(report, None, &["人事", "财务"]).await;
    let told = |counts: &[FacetCount]| -> Vec<String> {
        let told = counts
            .iter()
            .map(|one| format!("{} {}", one.value, one.count));
        told.collect()
    };
    let facets = fixture
        .catalog
        .facets(fixture.knowledge_base)
        .await
        .expect("facets");
    assert_eq!(told(&facets.kinds), ["text 3"]);
    assert_eq!(told(&facets.languages), ["en 2", "zh 1"]);
    assert_eq!(told(&facets.tags), ["人事 2", "财务 1"]);
    assert_eq!(told(&facets.authors), ["Ann Lee 1", "王小明, 李華 1"]);
    assert_eq!(told(&facets.years), ["2021 1", "2023 1"]);
    fixture
        .catalog
        .delete_document(fixture.knowledge_base, report)
        .await
        .expect("delete");
    let facets = fixture
        .catalog
        .facets(fixture.knowledge_base)
        .await
        .expect("facets");
    assert_eq!(
        (told(&facets.tags), told(&facets.years)),
        (vec!["人事 1".to_owned()], vec!["2021 1".to_owned()])
    );
}

#[tokio::test]
async fn a_document_tells_what_its_file_says_of_itself() {
    let (fixture, [handbook, _, notes]) = library().await;
    let shown = fixture
        .catalog
        .document(fixture.knowledge_base, handbook)
        .await
        .expect("a document");
    assert_eq!(
        (
            shown.author.as_deref(),
            shown.created.as_deref(),
            shown.modified.as_deref()
        ),
        (Some("王小明, 李華"), Some("2021-05-06"), Some("2023-01-02"))
    );
    let shown = fixture
        .catalog
        .document(fixture.knowledge_base, notes)
        .await
        .expect("a document");
    assert_eq!(
        (shown.author, shown.created, shown.modified),
        (None, None, None)
    );
}

#[tokio::test]
async fn knowledge_bases_searched_together_count_once_each_and_must_exist() {
    let fixture = fixture().await;
    let catalog = &fixture.catalog;
    let other = super::support::knowledge_base(catalog, "另一个")
        .await
        .expect("a base");
    let together = |names: &[&str]| {
        let names = words(names);
        async move { catalog.knowledge_bases_together(&names).await }
    };
    let found = together(&["测试", "另一个", &other.id.to_string()])
        .await
        .expect("bases");
    assert_eq!(found.len(), 2, "one named twice counts once");
    assert_eq!(
        together(&["没有"]).await.expect_err("none").code(),
        "knowledge_base_not_found"
    );
    together(&[]).await.expect_err("nothing to search");
}
