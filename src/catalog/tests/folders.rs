//! What the catalog promises about folders that are taken in again and again.

use super::support::{Fixture, fixture, knowledge_base};
use crate::catalog::{
    CatalogError, DocumentRename, FolderChange, FolderChanged, FolderFile, FolderQuery,
};
use crate::model::DocumentId;

fn file(path: &str, content: &str, document: DocumentId) -> FolderFile {
    FolderFile {
        path: format!("/docs/{path}"),
        name: path.to_owned(),
        bytes: content.len() as u64,
        modified: 5,
        looked_at: 9,
        hash: blake3::hash(content.as_bytes()).to_hex().to_string(),
        document,
    }
}

fn rename(document: DocumentId, name: &str, replaces: Option<DocumentId>) -> DocumentRename {
    DocumentRename {
        document,
        name: name.to_owned(),
        replaces,
    }
}

impl Fixture {
    async fn take(&self, path: &str, content: &str) -> DocumentId {
        let document = self.upload(path, content).await.document_id;
        let seen = vec![file(path, content, document)];
        let change = FolderChange {
            seen,
            ..FolderChange::default()
        };
        self.change(change).await.expect("remembered");
        document
    }

    async fn change(&self, change: FolderChange) -> Result<FolderChanged, CatalogError> {
        let change = FolderChange {
            machine: "here".to_owned(),
            ..change
        };
        self.catalog
            .change_folder(self.knowledge_base, change)
            .await
    }

    async fn paths(&self, machine: &str, prefix: &str, limit: usize) -> Vec<String> {
        let mut paths: Vec<String> = Vec::new();
        loop {
            let query = FolderQuery {
                machine: machine.to_owned(),
                prefix: prefix.to_owned(),
                after: paths.last().cloned(),
                limit,
            };
            let page = self.catalog.folder_files(self.knowledge_base, query).await;
            let page = page.expect("files");
            let ended = page.len() < limit;
            paths.extend(page.into_iter().map(|file| file.path));
            if ended {
                return paths;
            }
        }
    }

    async fn name(&self, id: DocumentId) -> Option<String> {
        let found = self.catalog.document(self.knowledge_base, id).await;
        found.ok().map(|document| document.name)
    }
}

fn pruned(paths: &[&str]) -> FolderChange {
    FolderChange {
        pruned: paths.iter().map(|path| format!("/docs/{path}")).collect(),
        ..FolderChange::default()
    }
}

#[tokio::test]
async fn files_are_remembered_by_machine_and_path_a_page_at_a_time() {
    let fixture = fixture().await;
    for number in 0..7 {
        fixture
            .take(&format!("{number}.txt"), &number.to_string())
            .await;
    }
    fixture.take("sub/章.txt", "章").await;
    assert_eq!(fixture.paths("here", "/docs/", 3).await.len(), 8);
    assert_eq!(
        fixture.paths("here", "/docs/sub/", 3).await,
        ["/docs/sub/章.txt"]
    );
    assert_eq!(fixture.paths("here", "/docs", 100).await.len(), 8);
    assert!(fixture.paths("there", "/docs/", 3).await.is_empty());
    let other = knowledge_base(&fixture.catalog, "别的")
        .await
        .expect("made");
    let query = FolderQuery {
        machine: "here".to_owned(),
        prefix: "/docs/".to_owned(),
        after: None,
        limit: 3,
    };
    let elsewhere = fixture.catalog.folder_files(other.id, query).await;
    assert!(elsewhere.expect("files").is_empty());
}

#[tokio::test]
async fn documents_swap_their_names_at_one_stroke_and_keep_their_ids() {
    let fixture = fixture().await;
    let (a, b) = (
        fixture.take("a.txt", "A").await,
        fixture.take("b.txt", "B").await,
    );
    let change = FolderChange {
        renames: vec![rename(a, "b.txt", None), rename(b, "a.txt", None)],
        ..FolderChange::default()
    };
    assert_eq!(fixture.change(change).await.expect("swapped").renamed, 2);
    assert_eq!(fixture.name(a).await.as_deref(), Some("b.txt"));
    assert_eq!(fixture.name(b).await.as_deref(), Some("a.txt"));
}

#[tokio::test]
async fn a_name_that_is_taken_undoes_the_whole_change() {
    let fixture = fixture().await;
    let (a, b) = (
        fixture.take("a.txt", "A").await,
        fixture.take("b.txt", "B").await,
    );
    let c = fixture.take("c.txt", "C").await;
    let change = FolderChange {
        renames: vec![rename(a, "free.txt", None), rename(b, "c.txt", None)],
        ..FolderChange::default()
    };
    assert_eq!(
        fixture.change(change).await.expect_err("taken").code(),
        "name_taken"
    );
    for (id, name) in [(a, "a.txt"), (b, "b.txt"), (c, "c.txt")] {
        assert_eq!(fixture.name(id).await.as_deref(), Some(name));
    }
    // Unless its file was overwritten.
    let change = FolderChange {
        renames: vec![rename(b, "c.txt", Some(c))],
        ..FolderChange::default()
    };
    fixture.change(change).await.expect("replaced");
    assert_eq!(fixture.name(b).await.as_deref(), Some("c.txt"));
    assert_eq!(fixture.name(c).await, None);
}

#[tokio::test]
async fn pruning_removes_what_came_from_the_path_and_nothing_else() {
    let fixture = fixture().await;
    let gone = fixture.take("gone.txt", "G").await;
    let copied = fixture.take("one.txt", "C").await;
    let copy = FolderChange {
        seen: vec![file("two.txt", "C", copied)],
        ..FolderChange::default()
    };
    fixture.change(copy).await.expect("remembered");
    let changed = fixture.take("changed.txt", "old").await;
    fixture.upload("changed.txt", "new, from the page").await;
    let uploaded = fixture.upload("uploaded.txt", "U").await.document_id;
    let paths = ["gone.txt", "one.txt", "changed.txt", "uploaded.txt"];
    let done = fixture.change(pruned(&paths)).await.expect("pruned");
    let removed: Vec<_> = done.removed.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(removed, ["gone.txt"]);
    assert_eq!(fixture.name(gone).await, None);
    for kept in [copied, changed, uploaded] {
        assert!(fixture.name(kept).await.is_some());
    }
    assert_eq!(fixture.paths("here", "/docs/", 10).await, ["/docs/two.txt"]);
    let last = fixture.change(pruned(&["two.txt"])).await.expect("pruned");
    assert_eq!(last.removed.len(), 1);
}

#[tokio::test]
async fn files_of_a_deleted_document_are_forgotten_with_it() {
    let fixture = fixture().await;
    let id = fixture.take("a.txt", "A").await;
    let deleted = fixture.catalog.delete_document(fixture.knowledge_base, id);
    deleted.await.expect("deleted");
    assert!(fixture.paths("here", "/docs/", 10).await.is_empty());
    // Rows and all.
    for version in fixture
        .catalog
        .discarded(10, std::time::Duration::ZERO)
        .await
        .expect("list")
    {
        fixture
            .catalog
            .points_removed(version.id)
            .await
            .expect("points");
        fixture
            .catalog
            .remove_version(version.id)
            .await
            .expect("rows");
    }
    let again = fixture.take("a.txt", "A").await;
    assert_ne!(again, id);
    assert_eq!(fixture.paths("here", "/docs/", 10).await.len(), 1);
}

#[tokio::test]
async fn what_a_stranger_could_send_is_refused_in_words() {
    let fixture = fixture().await;
    let id = fixture.take("a.txt", "A").await;
    let long = "长".repeat(5_000);
    let bad_hash = FolderFile {
        hash: "no hash".to_owned(),
        ..file("b.txt", "B", id)
    };
    let changes = [
        FolderChange {
            seen: vec![file(&long, "B", id)],
            ..FolderChange::default()
        },
        FolderChange {
            seen: vec![bad_hash],
            ..FolderChange::default()
        },
        FolderChange {
            renames: vec![rename(id, "a\nb", None)],
            ..FolderChange::default()
        },
        pruned(&["x"; 1_001]),
    ];
    for change in changes {
        let refused = fixture.change(change).await.expect_err("refused");
        assert!(
            matches!(refused, CatalogError::Invalid { .. }),
            "{refused:?}"
        );
    }
    assert_eq!(fixture.name(id).await.as_deref(), Some("a.txt"));
}

#[tokio::test]
async fn waiting_running_and_failed_documents_are_counted_by_knowledge_base() {
    let fixture = fixture().await;
    for number in 0..3 {
        fixture
            .upload(&format!("{number}.txt"), &number.to_string())
            .await;
    }
    let lease = fixture.lease_one().await;
    let error = crate::catalog::JobError::new("no_text", "no text");
    fixture
        .catalog
        .end_job(&lease, Some(error))
        .await
        .expect("ended");
    fixture.lease_one().await;
    let loads = fixture.catalog.workloads().await.expect("loads");
    let load = loads[&fixture.knowledge_base];
    assert_eq!((load.queued, load.running, load.failed), (1, 1, 1));
    assert_eq!(fixture.catalog.waiting().await.expect("waiting").len(), 1);
}
