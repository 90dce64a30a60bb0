//! How long questions about many documents take.

use std::time::Instant;

use super::filters::words;
use super::support::fixture;
use crate::retrieve::SearchFilter;

/// `cargo test --release ten_thousand -- --ignored --nocapture` tells how long they take.
#[tokio::test]
#[ignore = "a measurement"]
async fn facets_and_filters_of_ten_thousand_documents() {
    let fixture = fixture().await;
    let (base, count) = (fixture.knowledge_base.0.into_bytes(), 10_000);
    fixture
        .catalog
        .database()
        .write(move |connection| {
            for number in 0..count {
                let id = uuid::Uuid::now_v7().into_bytes();
                let version = uuid::Uuid::now_v7().into_bytes();
                connection.execute(
                    "INSERT INTO documents (id, knowledge_base, name, tags, current, latest, created_at)
                     VALUES (?, ?, ?, ?, ?, ?, 0)",
                    rusqlite::params![id, base, format!("制度/第 {number} 号员工手册.pdf"),
                        format!("[\"标签{}\",\"共同\"]", number % 100), version, version],
                )?;
                connection.execute(
                    "INSERT INTO versions (id, document, knowledge_base, state, hash, bytes, kind, language, pages,
                        created_at, author, created) VALUES (?, ?, ?, 'visible', ?, 1, 'pdf', 'zh', 3, 0, ?, ?)",
                    rusqlite::params![version, id, base, format!("{number:064}"), format!("作者 {}", number % 500),
                        format!("{}-01-02", 1990 + number % 35)],
                )?;
            }
            Ok(())
        })
        .await
        .expect("documents");
    for _ in 0..3 {
        let began = Instant::now();
        fixture
            .catalog
            .facets(fixture.knowledge_base)
            .await
            .expect("facets");
        let facets = began.elapsed();
        let filter = SearchFilter {
            authors: words(&["作者 17"]),
            titles: words(&["員工手冊"]),
            ..SearchFilter::default()
        };
        let began = Instant::now();
        let found = fixture.matching(filter).await;
        println!(
            "facets {facets:?}, matching {:?} ({} documents)",
            began.elapsed(),
            found.len()
        );
    }
}
