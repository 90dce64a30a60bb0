//! A reranker behind an address: Cohere's, Jina's and vLLM's `/rerank`, llama-server's, and that of Hugging Face's
//! text-embeddings-inference.

mod answer;
#[cfg(test)]
mod tests;

use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::RETRY_AFTER;
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url, redirect};
use serde_json::json;

use super::{CrossEncoder, RerankError, cut, is_empty};

/// Tries in all.
const TRIES: u32 = 3;
const FIRST_WAIT: Duration = Duration::from_millis(100);
/// A server that asks for a longer pause than this is busy.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
const CONNECTING: Duration = Duration::from_secs(5);
/// Longest answer; a score takes some hundred bytes, and a server that sends the texts back some thousand.
const MOST_BYTES: usize = 4 << 20;
/// As much of a server's own words as is told.
const MOST_TOLD: usize = 200;

/// What the server calls the passages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RemoteBody {
    /// `documents`, with `model`: Cohere, Jina, vLLM, llama-server.
    #[default]
    Documents,
    /// `texts`: text-embeddings-inference.
    Texts,
}

/// Where a reranker is and how to ask it.
#[derive(Clone)]
pub struct RemoteSettings {
    /// The whole address, such as `https://rerank.example.org/v1/rerank`.
    pub url: String,
    /// The model's name there.
    pub model: String,
    /// Sent as a bearer token; never shown or logged.
    pub api_key: Option<String>,
    /// What the server calls the passages.
    pub body: RemoteBody,
    /// Longest question and passage together, in tokens.
    pub max_tokens: usize,
    /// Longest time for one call, all its tries together.
    pub timeout: Duration,
}

/// A reranker on another machine, which a person named in the settings.
///
/// The key goes to that address alone: redirects are not followed, and no proxy of the environment is used.
pub struct RemoteReranker {
    settings: RemoteSettings,
    url: Url,
    name: String,
    fingerprint: String,
    client: Client,
}

impl RemoteReranker {
    /// Connects to nothing yet.
    ///
    /// # Errors
    /// What is wrong with the address, for a person.
    pub fn new(settings: RemoteSettings) -> Result<Self, String> {
        let url = Url::parse(&settings.url).map_err(|error| error.to_string())?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err("give an address that begins with https:// or http://".to_owned());
        }
        let client = Client::builder()
            .user_agent(concat!("wenyuan/", env!("CARGO_PKG_VERSION")))
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            // An answer is counted as it comes, whatever other crates switch on in the client.
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .connect_timeout(CONNECTING.min(settings.timeout))
            .build()
            .map_err(|error| error.to_string())?;
        let name = if settings.model.is_empty() {
            "remote".to_owned()
        } else {
            settings.model.clone()
        };
        let host = url.host_str().unwrap_or_default();
        let port = url
            .port()
            .map(|port| format!(":{port}"))
            .unwrap_or_default();
        Ok(Self {
            fingerprint: format!("{name}@{host}{port}{}", url.path()),
            name,
            client,
            url,
            settings,
        })
    }

    fn request(&self, question: &str, passages: &[&str]) -> RequestBuilder {
        let body = match self.settings.body {
            RemoteBody::Documents => json!({
                "model": self.settings.model, "query": question, "documents": passages,
                "top_n": passages.len(), "return_documents": false,
            }),
            RemoteBody::Texts => json!({
                "query": question, "texts": passages, "truncate": true, "raw_scores": false,
            }),
        };
        let request = self.client.post(self.url.clone()).json(&body);
        match &self.settings.api_key {
            Some(key) => request.bearer_auth(key),
            None => request,
        }
    }

    async fn tried(&self, question: &str, passages: &[&str]) -> Result<Vec<f32>, RerankError> {
        let mut wait = FIRST_WAIT;
        for _ in 1..TRIES {
            match self.once(question, passages).await {
                Ok(scores) => return Ok(scores),
                Err(Failure { error, pause }) => {
                    let Some(pause) = pause.filter(|pause| *pause <= LONGEST_WAIT) else {
                        return Err(error);
                    };
                    tracing::debug!(%error, model = self.name, "the reranker did not answer; trying again");
                    tokio::time::sleep(pause.max(wait)).await;
                    wait *= 2;
                }
            }
        }
        self.once(question, passages)
            .await
            .map_err(|failure| failure.error)
    }

    async fn once(&self, question: &str, passages: &[&str]) -> Result<Vec<f32>, Failure> {
        let sent = self.request(question, passages).send().await;
        let response = sent.map_err(|error| Failure::passing(&error.without_url()))?;
        let status = response.status();
        let pause = asked_pause(&response);
        let bytes = body(response).await?;
        if status.is_success() {
            return answer::scores(&bytes, passages.len())
                .map_err(|reason| Failure::lasting(RerankError::Unavailable(reason)));
        }
        Err(refusal(status, pause, &bytes))
    }
}

#[async_trait]
impl CrossEncoder for RemoteReranker {
    fn name(&self) -> &str {
        &self.name
    }

    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn max_tokens(&self) -> usize {
        self.settings.max_tokens
    }

    async fn rerank(&self, question: &str, passages: &[String]) -> Result<Vec<f32>, RerankError> {
        if is_empty(passages)? {
            return Ok(Vec::new());
        }
        let most = self.settings.max_tokens;
        let texts: Vec<&str> = passages.iter().map(|text| cut(text, most)).collect();
        let asked = self.tried(cut(question, most), &texts);
        match tokio::time::timeout(self.settings.timeout, asked).await {
            Ok(outcome) => outcome,
            Err(_) => Err(RerankError::Unavailable(
                "it did not answer in time".to_owned(),
            )),
        }
    }
}

/// Why a try failed, and how long to wait before the next one; `None` where that is of no use.
struct Failure {
    error: RerankError,
    pause: Option<Duration>,
}

impl Failure {
    fn passing(error: &reqwest::Error) -> Self {
        let may_pass =
            error.is_connect() || error.is_timeout() || error.is_request() || error.is_body();
        Self {
            error: RerankError::Unavailable(error.to_string()),
            pause: may_pass.then_some(Duration::ZERO),
        }
    }

    const fn lasting(error: RerankError) -> Self {
        Self { error, pause: None }
    }
}

/// What a status other than success says, with the beginning of the server's own words.
fn refusal(status: StatusCode, pause: Option<Duration>, bytes: &[u8]) -> Failure {
    let told: String = String::from_utf8_lossy(bytes)
        .chars()
        .filter(|one| !one.is_control())
        .take(MOST_TOLD)
        .collect();
    let reason = format!("it answered {}: {told}", status.as_u16());
    match status.as_u16() {
        429 => Failure {
            error: RerankError::Overloaded,
            pause: Some(pause.unwrap_or_default()),
        },
        408 | 425 | 500 | 502..=504 => Failure {
            error: RerankError::Unavailable(reason),
            pause: Some(pause.unwrap_or_default()),
        },
        401 | 403 | 404 => Failure::lasting(RerankError::Unavailable(reason)),
        _ => Failure::lasting(RerankError::Refused(reason)),
    }
}

fn asked_pause(response: &Response) -> Option<Duration> {
    let value = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    value.trim().parse().ok().map(Duration::from_secs)
}

/// The whole answer, if it is not too long.
async fn body(mut response: Response) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    loop {
        let piece = response.chunk().await;
        let piece = piece.map_err(|error| Failure::passing(&error.without_url()))?;
        let Some(piece) = piece else {
            return Ok(bytes);
        };
        if bytes.len() + piece.len() > MOST_BYTES {
            return Err(Failure::lasting(RerankError::Unavailable(
                "its answer is too long".to_owned(),
            )));
        }
        bytes.extend_from_slice(&piece);
    }
}
