use std::path::Path;

use super::support::{Fixture, document, fixture, open};
use crate::catalog::{Accepted, JobError, Lease, NewDocument, Status};
use crate::model::Password;

const SECRET: &str = "correct-horse-芝麻开门";

fn password() -> Password {
    Password::from(SECRET.to_owned())
}

async fn upload(
    fixture: &Fixture,
    name: &str,
    bytes: &str,
    password: Option<Password>,
) -> Accepted {
    let blob = fixture.catalog.blobs().store(bytes.as_bytes(), 100).await;
    let new = NewDocument {
        password,
        ..NewDocument::new(name, blob.expect("store"))
    };
    let added = fixture.catalog.add_document(fixture.knowledge_base, new);
    added.await.expect("add")
}

/// Whether the password stands anywhere in the files of the data folder.
fn is_on_disk(folder: &Path) -> bool {
    std::fs::read_dir(folder).expect("a folder").any(|entry| {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            return is_on_disk(&path);
        }
        let bytes = std::fs::read(&path).unwrap_or_default();
        bytes
            .windows(SECRET.len())
            .any(|window| window == SECRET.as_bytes())
    })
}

/// Waits until the writing thread has emptied its log; a reader may hold it up for a moment.
async fn forgotten(fixture: &Fixture) {
    let scrubbed = async {
        while is_on_disk(fixture.folder.path()) {
            tokio::task::yield_now().await;
        }
    };
    let waited = tokio::time::timeout(std::time::Duration::from_secs(20), scrubbed).await;
    waited.expect("the password leaves the disk");
}

async fn fail(fixture: &Fixture, lease: &Lease, code: &str) {
    let error = JobError::new(code, "it failed");
    let ended = fixture.catalog.end_job(lease, Some(error)).await;
    ended.expect("ends");
}

#[tokio::test]
async fn a_password_outlives_the_process_and_leaves_the_disk_once_the_file_is_searchable() {
    let fixture = fixture().await;
    upload(&fixture, "a.pdf", "内容", Some(password())).await;
    assert!(is_on_disk(fixture.folder.path()), "kept for the worker");
    let Fixture {
        folder,
        catalog,
        knowledge_base,
    } = fixture;
    drop(catalog);
    let catalog = open(folder.path()).await;
    let fixture = Fixture {
        folder,
        catalog,
        knowledge_base,
    };
    let lease = fixture.lease_one().await;
    assert_eq!(lease.password, Some(password()));
    assert!(!format!("{lease:?}").contains(SECRET), "{lease:?}");
    let (document, chunks) = document(&["一"]);
    let stored = fixture.catalog.texts().save(lease.version, &document);
    stored.expect("text");
    fixture
        .catalog
        .record_read(&lease, &document, true)
        .await
        .expect("read");
    assert!(
        is_on_disk(fixture.folder.path()),
        "a crash may repeat the reading"
    );
    let published = fixture
        .catalog
        .publish(&lease, "twin", document.pages.clone(), chunks.clone())
        .await;
    published.expect("publish");
    forgotten(&fixture).await;
}

#[tokio::test]
async fn a_wrong_password_is_forgotten_and_another_can_be_given_with_the_retry() {
    let fixture = fixture().await;
    let wrong = Password::from("wrong".to_owned());
    let accepted = upload(&fixture, "a.pdf", "内容", Some(wrong)).await;
    let lease = fixture.lease_one().await;
    fail(&fixture, &lease, "password_required").await;
    let again = fixture.catalog.retry_job(accepted.job_id, None).await;
    assert_eq!(again.expect("retry").status, Status::Queued);
    let lease = fixture.lease_one().await;
    assert_eq!(lease.password, None);
    fail(&fixture, &lease, "password_required").await;
    let retried = fixture
        .catalog
        .retry_job(accepted.job_id, Some(password()))
        .await;
    retried.expect("retry");
    assert_eq!(fixture.lease_one().await.password, Some(password()));
}

/// Makes the next document searchable, some of it locked or not.
async fn publish(fixture: &Fixture, locked: bool) -> Lease {
    let lease = fixture.lease_one().await;
    let (mut document, chunks) = document(&["一"]);
    if locked {
        document.warnings.push(wenyuan_ingest::Warning {
            code: "member_locked".to_owned(),
            page: None,
            message: "报价.pdf: locked".to_owned(),
        });
    }
    let stored = fixture.catalog.texts().save(lease.version, &document);
    stored.expect("text");
    let read = fixture.catalog.record_read(&lease, &document, true).await;
    read.expect("read");
    let (catalog, pages) = (&fixture.catalog, document.pages.clone());
    let published = catalog.publish(&lease, "twin", pages, chunks).await;
    published.expect("publish");
    lease
}

#[tokio::test]
async fn a_password_that_comes_later_has_a_document_with_locked_parts_read_anew() {
    let fixture = fixture().await;
    let first = upload(&fixture, "a.eml", "邮件", None).await;
    publish(&fixture, true).await;
    // Without one there is nothing new.
    let same = upload(&fixture, "a.eml", "邮件", None).await;
    assert_eq!((same.job_id, same.status), (first.job_id, Status::Ready));

    let again = upload(&fixture, "a.eml", "邮件", Some(password())).await;
    assert_eq!(
        (again.document_id, again.status),
        (first.document_id, Status::Queued)
    );
    let lease = publish(&fixture, true).await;
    assert_eq!(lease.password, Some(password()));

    let retried = fixture.catalog.retry_job(lease.job, Some(password())).await;
    let retried = retried.expect("retried");
    assert_eq!(retried.status, Status::Queued);
    let lease = publish(&fixture, false).await;
    assert_eq!((lease.job, lease.password), (retried.id, Some(password())));

    // Nothing is locked any more.
    let refused = fixture.catalog.retry_job(lease.job, Some(password())).await;
    assert_eq!(refused.expect_err("refused").code(), "not_retryable");
}

#[tokio::test]
async fn a_password_that_may_be_right_is_kept_for_the_next_try() {
    let fixture = fixture().await;
    let accepted = upload(&fixture, "a.pdf", "内容", Some(password())).await;
    let lease = fixture.lease_one().await;
    fail(&fixture, &lease, "time_limit").await;
    let retried = fixture.catalog.retry_job(accepted.job_id, None).await;
    retried.expect("retry");
    assert_eq!(fixture.lease_one().await.password, Some(password()));
}

#[tokio::test]
async fn a_password_goes_with_what_it_belongs_to() {
    let fixture = fixture().await;
    upload(&fixture, "a.pdf", "一", Some(password())).await;
    upload(&fixture, "a.pdf", "二", None).await;
    forgotten(&fixture).await;
    let accepted = upload(&fixture, "b.pdf", "三", Some(password())).await;
    assert!(is_on_disk(fixture.folder.path()));
    let deleted = fixture
        .catalog
        .delete_document(fixture.knowledge_base, accepted.document_id)
        .await;
    deleted.expect("delete");
    forgotten(&fixture).await;
}

#[tokio::test]
async fn the_same_file_again_with_a_password_is_tried_again_with_it() {
    let fixture = fixture().await;
    let first = upload(&fixture, "a.pdf", "内容", None).await;
    let lease = fixture.lease_one().await;
    fail(&fixture, &lease, "password_required").await;
    let second = upload(&fixture, "a.pdf", "内容", Some(password())).await;
    assert_eq!(
        (second.job_id, second.status),
        (first.job_id, Status::Queued)
    );
    assert_eq!(fixture.lease_one().await.password, Some(password()));
}

#[tokio::test]
async fn a_password_without_end_is_refused_and_not_repeated() {
    let fixture = fixture().await;
    let blob = fixture.catalog.blobs().store(b"x", 100).await;
    let new = NewDocument {
        password: Some(Password::from("s".repeat(1_001))),
        ..NewDocument::new("a.pdf", blob.expect("store"))
    };
    let refused = fixture
        .catalog
        .add_document(fixture.knowledge_base, new)
        .await;
    let told = refused.expect_err("too long").to_string();
    assert!(told.contains("password") && !told.contains("sss"), "{told}");
}
