//! The whole HTTP interface over twins of the models and a real catalog and worker, driven without a socket.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, Response};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;
use wenyuan::answer::Answerer;
use wenyuan::catalog::{Catalog, DataFolder};
use wenyuan::embed::HashingEmbedder;
use wenyuan::generate::Generator;
use wenyuan::generate::scripted::ScriptedGenerator;
use wenyuan::http::{HttpSettings, HttpState, ReadinessCheck, router};
use wenyuan::jobs::{Ingestor, IngestorSettings};
use wenyuan::retrieve::{CrossEncoding, Retriever};
use wenyuan::store::{Live, MemoryStore, VectorStore};
use wenyuan::telemetry::Metrics;
use wenyuan_ingest::Embedder;

use crate::shelf::Shelf;

const DIMENSION: usize = 64;
pub(crate) const BOUNDARY: &str = "wenyuan-test-boundary";

/// A server with an empty catalog.
pub(crate) struct TestApp {
    router: Router,
    folder: TempDir,
}

/// What came back, whole.
pub(crate) struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Reply {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).expect("UTF-8")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("a plain header"))
    }

    /// The code of the error, and its status.
    pub(crate) fn error(&self) -> (u16, String) {
        (
            self.status,
            self.json()["error"]["code"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        )
    }

    /// Names and data of server-sent events, in order.
    pub(crate) fn events(&self) -> Vec<(String, Value)> {
        let text = self.text();
        let blocks = text.split("\n\n").filter(|block| !block.trim().is_empty());
        blocks
            .filter_map(|block| {
                let line = |field: &str| {
                    block
                        .lines()
                        .find_map(|line| line.strip_prefix(field))
                        .map(str::trim)
                };
                Some((
                    line("event:")?.to_owned(),
                    serde_json::from_str(line("data:")?).expect("JSON"),
                ))
            })
            .collect()
    }
}

impl TestApp {
    /// The usual limits; the model says one sentence.
    pub(crate) async fn start() -> Self {
        let generator = ScriptedGenerator::saying("年假最多可以累积五天。");
        Self::with(HttpSettings::default(), Some(Arc::new(generator))).await
    }

    pub(crate) async fn with_settings(settings: HttpSettings) -> Self {
        Self::with(settings, None).await
    }

    /// Without a language model, with a reranking model.
    pub(crate) async fn reranking(cross: CrossEncoding) -> Self {
        Self::made_of(HttpSettings::default(), None, Some(cross)).await
    }

    pub(crate) async fn with(
        settings: HttpSettings,
        generator: Option<Arc<dyn Generator>>,
    ) -> Self {
        Self::made_of(settings, generator, None).await
    }

    async fn made_of(
        settings: HttpSettings,
        generator: Option<Arc<dyn Generator>>,
        cross: Option<CrossEncoding>,
    ) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let catalog = Catalog::open(DataFolder::lock(folder.path()).expect("a lock"))
            .await
            .expect("a catalog");
        let embedder: Arc<dyn Embedder> = Arc::new(HashingEmbedder::new(DIMENSION));
        let store: Arc<dyn VectorStore> = Arc::new(MemoryStore::new(DIMENSION));
        let mut worker = IngestorSettings::new(env!("CARGO_BIN_EXE_wenyuan").into());
        worker.limits.pdfium = pdfium();
        let live = Live::new(embedder, store);
        let ingestor = Ingestor::start(
            catalog.clone(),
            live.clone(),
            Arc::new(Shelf::default()),
            worker,
        )
        .await
        .expect("a worker");
        let plain = Retriever::new(live.clone(), Arc::new(catalog.clone()));
        let retriever = match cross {
            Some(cross) => plain.with_cross_encoder(cross),
            None => plain,
        };
        let state = HttpState {
            answerer: Answerer::new(retriever.clone(), generator.clone()),
            readiness: vec![
                ReadinessCheck::models(live.clone(), generator.clone()),
                ReadinessCheck::index(live),
                ReadinessCheck::catalog(catalog.clone()),
            ],
            model: generator.map(|generator| generator.describe().name.as_str().into()),
            metrics: Metrics::install(),
            catalog,
            ingestor,
            retriever,
        };
        Self {
            router: router(state, settings),
            folder,
        }
    }

    /// The whole interface, to be served on a socket.
    pub(crate) fn router(&self) -> Router {
        self.router.clone()
    }

    /// Sends a request and returns the response before its body.
    pub(crate) async fn open(&self, request: Request<Body>) -> Response<Body> {
        self.router
            .clone()
            .oneshot(request)
            .await
            .expect("a router never fails")
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.open(request).await;
        let (parts, body) = response.into_parts();
        let read = tokio::time::timeout(Duration::from_secs(60), body.collect()).await;
        let bytes = read
            .expect("the body ends")
            .expect("the body is whole")
            .to_bytes()
            .to_vec();
        Reply {
            status: parts.status.as_u16(),
            headers: parts.headers,
            bytes,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(Request::get(path).body(Body::empty()).expect("a request"))
            .await
    }

    pub(crate) async fn json(&self, method: &str, path: &str, body: &Value) -> Reply {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json");
        self.send(
            request
                .body(Body::from(body.to_string()))
                .expect("a request"),
        )
        .await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.json("POST", path, body).await
    }

    /// Makes a knowledge base named `kb` and returns its path.
    pub(crate) async fn knowledge_base(&self) -> String {
        let made = self
            .post("/api/v1/knowledge-bases", &json!({ "name": "kb" }))
            .await;
        assert_eq!(made.status, 201, "{}", made.text());
        "/api/v1/knowledge-bases/kb".to_owned()
    }

    /// Uploads parts as they are given.
    pub(crate) async fn upload(&self, base: &str, parts: &[Vec<u8>]) -> Reply {
        self.form(&format!("{base}/documents"), "en", parts).await
    }

    /// Sends parts as they are given, for a reader of this language.
    pub(crate) async fn form(&self, path: &str, language: &str, parts: &[Vec<u8>]) -> Reply {
        let mut body = parts.concat();
        body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        let request = Request::post(path)
            .header(
                "content-type",
                format!("multipart/form-data; boundary={BOUNDARY}"),
            )
            .header("accept-language", language);
        self.send(request.body(Body::from(body)).expect("a request"))
            .await
    }

    /// Follows a job to its end; its last event.
    pub(crate) async fn ended(&self, job: &Value) -> Value {
        let job = job.as_str().expect("a job");
        let path = format!("/api/v1/jobs/{job}/events");
        let events = self.get(&path).await.events();
        events.last().expect("events").1.clone()
    }

    /// Files in the data folder that are neither kept nor removed.
    pub(crate) fn files_left(&self) -> usize {
        let incoming = self.folder.path().join("blobs/incoming");
        std::fs::read_dir(incoming).expect("a folder").count()
    }

    /// Uploads one text and waits until it can be found; its line of the response.
    pub(crate) async fn ready(&self, base: &str, name: &str, text: &str) -> Value {
        self.ready_file(base, name, text.as_bytes()).await
    }

    /// The same with a file of any kind.
    pub(crate) async fn ready_file(&self, base: &str, name: &str, bytes: &[u8]) -> Value {
        let reply = self.upload(base, &[file(name.as_bytes(), bytes)]).await;
        assert_eq!(reply.status, 202, "{}", reply.text());
        let line = reply.json()["documents"][0].clone();
        let last = self.ended(&line["job_id"]).await;
        assert_eq!(last["status"], "ready", "{last}");
        line
    }
}

/// pdfium's library, where the environment names one.
pub(crate) fn pdfium() -> Option<PathBuf> {
    std::env::var_os("WENYUAN_PDFIUM")
        .map(PathBuf::from)
        .filter(|path| path.exists())
}

/// A `file` part under a name in whatever bytes.
pub(crate) fn file(name: &[u8], content: &[u8]) -> Vec<u8> {
    let mut part =
        format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"")
            .into_bytes();
    part.extend_from_slice(name);
    part.extend_from_slice(b"\"\r\ncontent-type: application/octet-stream\r\n\r\n");
    part.extend_from_slice(content);
    part.extend_from_slice(b"\r\n");
    part
}

/// A part without a file name.
pub(crate) fn field(name: &str, content: &str) -> Vec<u8> {
    format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{content}\r\n")
        .into_bytes()
}

/// The names of an object's fields, sorted.
pub(crate) fn keys(value: &Value) -> Vec<String> {
    let mut keys: Vec<String> = value
        .as_object()
        .expect("an object")
        .keys()
        .cloned()
        .collect();
    keys.sort();
    keys
}
