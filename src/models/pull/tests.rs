//! Pulls from hubs that misbehave, all on this machine.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::Response;
use futures::{FutureExt as _, StreamExt as _, stream};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::PullEvent;
use crate::models::files::hexadecimal;
use crate::models::{ModelError, ModelSettings, ModelStore};

const FILE_BYTES: usize = 300_000;

/// A hub with one repository, which can break off its first answers.
#[derive(Default)]
struct Hub {
    files: HashMap<String, Vec<u8>>,
    /// Answers that end early, still to give.
    broken: AtomicUsize,
    /// Answers that stop in the middle and never go on, still to give.
    stalled: AtomicUsize,
    /// Announces this checksum instead of the right one.
    announces: Option<String>,
    asked: Mutex<Vec<String>>,
}

impl Hub {
    fn with(path: &str, content: Vec<u8>) -> Self {
        Self {
            files: HashMap::from([(path.to_owned(), content)]),
            ..Self::default()
        }
    }

    /// Serves until the test ends; returns the address.
    async fn serve(self) -> (String, Arc<Self>) {
        let hub = Arc::new(self);
        let router = Router::new().fallback(answer).with_state(Arc::clone(&hub));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("bound");
        tokio::spawn(async move { axum::serve(listener, router).await });
        (format!("http://{address}"), hub)
    }

    fn asked(&self) -> Vec<String> {
        self.asked
            .lock()
            .expect("no test panics while holding it")
            .clone()
    }

    fn take(counter: &AtomicUsize) -> bool {
        counter
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            })
            .is_ok()
    }
}

async fn answer(State(hub): State<Arc<Hub>>, request: Request) -> Response {
    let range = request
        .headers()
        .get(header::RANGE)
        .and_then(|range| range.to_str().ok());
    let from: usize = range
        .and_then(|range| {
            range
                .strip_prefix("bytes=")?
                .strip_suffix('-')?
                .parse()
                .ok()
        })
        .unwrap_or(0);
    let line = format!("{} {} {from}", request.method(), request.uri().path());
    hub.asked
        .lock()
        .expect("no test panics while holding it")
        .push(line);
    let response = Response::builder();
    let Some(content) = hub.files.get(request.uri().path()) else {
        return response
            .status(StatusCode::NOT_FOUND)
            .body(Body::empty())
            .expect("valid");
    };
    let sha256 = hub
        .announces
        .clone()
        .unwrap_or_else(|| hexadecimal(&Sha256::digest(content)));
    if request.method() == Method::HEAD {
        let response = response
            .status(StatusCode::FOUND)
            .header("x-linked-etag", format!("\"{sha256}\""));
        return response
            .header("x-linked-size", content.len())
            .body(Body::empty())
            .expect("valid");
    }
    let rest = content[from..].to_vec();
    let response = match range {
        Some(_) => response.status(StatusCode::PARTIAL_CONTENT).header(
            header::CONTENT_RANGE,
            format!("bytes {from}-{}/{}", content.len() - 1, content.len()),
        ),
        None => response,
    };
    let response = response.header(header::CONTENT_LENGTH, rest.len());
    let half = Bytes::copy_from_slice(&rest[..rest.len() / 2]);
    let first = stream::iter([Ok::<_, std::io::Error>(half)]);
    let body = if Hub::take(&hub.broken) {
        // The pause lets the first half out before the connection goes.
        let pulled = async { tokio::task::yield_now().await }
            .map(|()| Err(std::io::Error::other("cable pulled")));
        Body::from_stream(first.chain(stream::once(pulled)))
    } else if Hub::take(&hub.stalled) {
        Body::from_stream(first.chain(stream::pending()))
    } else {
        Body::from(rest)
    };
    response.body(body).expect("valid")
}

/// Bytes that pass for a GGUF file.
fn gguf() -> Vec<u8> {
    let mut bytes = b"GGUF\x03\0\0\0\x01\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0".to_vec();
    bytes.extend((bytes.len()..FILE_BYTES).map(|at| (at % 251) as u8));
    bytes
}

const REMOTE: &str = "/team/tiny/resolve/main/tiny-Q4.gguf";

fn store(folder: &TempDir, hubs: &[&str]) -> ModelStore {
    let catalog = r#"
        [[model]]
        name = "tiny"
        role = "llm"
        about = "for tests"
        licence = "none"
        llm = { instruct = true, context_tokens = 64, trusted_writer = false }
        files = [{ path = "tiny.gguf", format = "gguf" }]
        sources = [{ kind = "huggingface", repository = "team/tiny", rename = { "tiny.gguf" = "tiny-Q4.gguf" } }]
    "#;
    fs_err::write(folder.path().join("catalog.toml"), catalog).expect("writable");
    let hub = hubs.iter().map(|&hub| hub.to_owned()).collect();
    ModelStore::open(
        folder.path(),
        ModelSettings {
            hub,
            ..ModelSettings::default()
        },
    )
    .expect("a valid catalog")
}

async fn pull(store: &ModelStore) -> Result<(), ModelError> {
    store.pull("tiny", &|_| {}, &CancellationToken::new()).await
}

#[tokio::test]
async fn a_download_that_breaks_off_goes_on_where_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let hub = Hub {
        broken: AtomicUsize::new(2),
        ..Hub::with(REMOTE, gguf())
    };
    let (address, hub) = hub.serve().await;
    let store = store(&folder, &[&address]);
    pull(&store).await.expect("the third answer is whole");
    assert_eq!(
        fs_err::read(store.llm_named("tiny").expect("installed").path).expect("readable"),
        gguf()
    );
    let asked = hub.asked();
    assert_eq!(asked[1], format!("GET {REMOTE} 0"));
    assert_eq!(asked[2], format!("GET {REMOTE} {}", FILE_BYTES / 2));
    assert_eq!(asked[3], format!("GET {REMOTE} {}", FILE_BYTES * 3 / 4));
}

#[tokio::test]
async fn a_cancelled_pull_is_continued_by_the_next_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let hub = Hub {
        stalled: AtomicUsize::new(1),
        ..Hub::with(REMOTE, gguf())
    };
    let (address, hub) = hub.serve().await;
    let store = store(&folder, &[&address]);
    let cancel = CancellationToken::new();
    let stop_at_half = |event| {
        if matches!(event, PullEvent::Fetching { done, .. } if done == FILE_BYTES as u64 / 2) {
            cancel.cancel();
        }
    };
    let cancelled = store.pull("tiny", &stop_at_half, &cancel).await;
    assert!(matches!(cancelled, Err(ModelError::Cancelled)));
    assert!(
        store.llm_named("tiny").is_err(),
        "half a file must not be in place"
    );
    pull(&store)
        .await
        .expect("the second pull is not disturbed");
    let last = hub.asked().pop().expect("asked");
    let from: usize = last
        .rsplit(' ')
        .next()
        .and_then(|text| text.parse().ok())
        .expect("a number");
    assert!(from > 0, "{last}");
}

#[tokio::test]
async fn a_whole_model_is_not_fetched_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let (address, hub) = Hub::with(REMOTE, gguf()).serve().await;
    let store = store(&folder, &[&address]);
    pull(&store).await.expect("fetched");
    let before = hub.asked().len();
    pull(&store).await.expect("there already");
    assert_eq!(hub.asked().len(), before);
}

#[tokio::test]
async fn what_does_not_match_its_checksum_is_fetched_from_the_next_mirror() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut wrong = gguf();
    wrong[FILE_BYTES - 1] ^= 1;
    let bad = Hub {
        announces: Some(hexadecimal(&Sha256::digest(gguf()))),
        ..Hub::with(REMOTE, wrong)
    };
    let (bad, _) = bad.serve().await;
    let (good, _) = Hub::with(REMOTE, gguf()).serve().await;
    let store = store(&folder, &[&bad, &good]);
    pull(&store).await.expect("the second mirror is honest");
    assert_eq!(
        fs_err::read(store.llm_named("tiny").expect("installed").path).expect("readable"),
        gguf()
    );
}

#[tokio::test]
async fn a_mirror_without_the_file_is_passed_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let (empty, _) = Hub::default().serve().await;
    let (good, _) = Hub::with(REMOTE, gguf()).serve().await;
    pull(&store(&folder, &[&empty, &good]))
        .await
        .expect("the second mirror has it");
}

#[tokio::test]
async fn without_a_network_the_error_says_which_file_to_put_where() {
    let folder = tempfile::tempdir().expect("a folder");
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let address = format!("http://{}", closed.local_addr().expect("bound"));
    drop(closed);
    let error = pull(&store(&folder, &[&address]))
        .await
        .expect_err("nobody answers")
        .to_string();
    for part in [
        "tiny-Q4.gguf as tiny.gguf",
        "team/tiny",
        &folder.path().join("tiny").display().to_string(),
    ] {
        assert!(error.contains(part), "{part} is not in: {error}");
    }
}

#[tokio::test]
async fn a_file_changed_after_the_pull_fails_the_check() {
    let folder = tempfile::tempdir().expect("a folder");
    let (address, _) = Hub::with(REMOTE, gguf()).serve().await;
    let store = store(&folder, &[&address]);
    pull(&store).await.expect("fetched");
    let mut changed = gguf();
    changed[1_000] ^= 1;
    fs_err::write(folder.path().join("tiny/tiny.gguf"), changed).expect("writable");
    let checked = store.check("tiny").expect("known").remove(0);
    assert!(
        matches!(checked, Err(ModelError::Damaged { .. })),
        "{checked:?}"
    );
    assert!(store.llm_named("tiny").is_err());
}

#[tokio::test]
async fn two_pulls_at_once_fetch_a_file_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let (address, hub) = Hub::with(REMOTE, gguf()).serve().await;
    let store = store(&folder, &[&address]);
    let (first, second) = tokio::join!(pull(&store), pull(&store));
    first.and(second).expect("both end well");
    assert_eq!(
        hub.asked()
            .iter()
            .filter(|line| line.starts_with("GET"))
            .count(),
        1
    );
}

#[tokio::test]
async fn modelscope_is_asked_in_its_own_way() {
    let folder = tempfile::tempdir().expect("a folder");
    let listing = format!(
        r#"{{"Code":200,"Data":{{"Files":[{{"Path":"tiny-Q4.gguf","Size":{FILE_BYTES},"Sha256":"{}"}}]}}}}"#,
        hexadecimal(&Sha256::digest(gguf())),
    );
    let mut hub = Hub::with("/models/team/tiny/resolve/master/tiny-Q4.gguf", gguf());
    hub.files.insert(
        "/api/v1/models/team/tiny/repo/files".to_owned(),
        listing.into_bytes(),
    );
    let (address, _) = hub.serve().await;
    drop(store(&folder, &[]));
    let path = folder.path().join("catalog.toml");
    let catalog = fs_err::read_to_string(&path)
        .expect("readable")
        .replace("huggingface", "modelscope");
    fs_err::write(&path, catalog).expect("writable");
    let settings = ModelSettings {
        modelscope: vec![address],
        ..ModelSettings::default()
    };
    let store = ModelStore::open(folder.path(), settings).expect("a valid catalog");
    pull(&store).await.expect("fetched");
    store.llm_named("tiny").expect("installed");
}
