//! Streams one file over HTTP into a part file that a later attempt, on any mirror, can continue.

use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::StreamExt as _;
use reqwest::header::{CONTENT_RANGE, RANGE};
use reqwest::{Client, ClientBuilder, Response, StatusCode, Url};
use tokio::io::AsyncWriteExt as _;

use super::super::files::{remove_if_there, write_atomically};
use super::super::{FileEntry, ModelEntry, ModelError};
use super::{Pull, PullEvent, SourceError};

/// Attempts in a row that bring nothing before the next mirror is asked.
const BARREN_ATTEMPTS: u32 = 3;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// Longest silence within an answer.
const READ_TIMEOUT: Duration = Duration::from_mins(1);

/// A file somewhere, and what is known of it before it is fetched.
#[derive(Debug, Clone)]
pub(super) struct Remote {
    pub(super) url: Url,
    pub(super) sha256: Option<String>,
    pub(super) size: Option<u64>,
    /// Changes when the file does.
    pub(super) tag: Option<String>,
}

/// How one attempt ended.
enum Attempt {
    Complete,
    /// It broke off; what came is kept.
    Broken(String),
    /// The part does not fit what is there now; begin anew.
    Restart,
}

pub(super) fn client_builder() -> ClientBuilder {
    Client::builder()
        .user_agent(concat!("wenyuan/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(READ_TIMEOUT)
}

/// An error with its causes, since the outermost alone never says what happened.
pub(super) fn explain(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

impl Pull<'_> {
    /// Fetches a file into its part file and returns that. Continues a part that belongs to the same content.
    pub(super) async fn download(
        &self,
        model: &ModelEntry,
        file: &FileEntry,
        remote: &Remote,
        token: Option<&str>,
    ) -> Result<PathBuf, SourceError> {
        let part = self.part_path(model, &file.path)?;
        claim_part(&part, file.sha256(), remote).map_err(ModelError::folder("write", &part))?;
        let client = client_builder()
            .build()
            .map_err(|error| SourceError::Failed(explain(&error)))?;
        let transfer = Transfer {
            pull: self,
            model,
            file,
            remote,
            token,
            client,
            part: &part,
        };
        let mut barren = 0;
        loop {
            let before = transfer.arrived();
            let reason = match self.unless_cancelled(transfer.attempt()).await?? {
                Attempt::Complete => return Ok(part),
                Attempt::Broken(reason) => reason,
                Attempt::Restart => {
                    remove_if_there(&part).map_err(ModelError::folder("remove", &part))?;
                    "the file there has changed".to_owned()
                }
            };
            barren = if transfer.arrived() > before {
                0
            } else {
                barren + 1
            };
            if barren == BARREN_ATTEMPTS {
                return Err(SourceError::Failed(format!("{}: {reason}", remote.url)));
            }
        }
    }
}

/// Keeps a part only if it belongs to the content that is now to be fetched.
fn claim_part(part: &Path, pinned: Option<&str>, remote: &Remote) -> std::io::Result<()> {
    let owner = part.with_added_extension("of");
    let known = pinned
        .or(remote.sha256.as_deref())
        .or(remote.tag.as_deref());
    let content = known.map_or_else(|| remote.url.to_string(), str::to_owned);
    if known.is_none() || fs_err::read_to_string(&owner).ok().as_ref() != Some(&content) {
        remove_if_there(part)?;
        write_atomically(&owner, content.as_bytes())?;
    }
    Ok(())
}

struct Transfer<'a> {
    pull: &'a Pull<'a>,
    model: &'a ModelEntry,
    file: &'a FileEntry,
    remote: &'a Remote,
    token: Option<&'a str>,
    client: Client,
    part: &'a Path,
}

impl Transfer<'_> {
    fn arrived(&self) -> u64 {
        fs_err::metadata(self.part).map_or(0, |metadata| metadata.len())
    }

    async fn attempt(&self) -> Result<Attempt, SourceError> {
        let have = self.arrived();
        let size = self.file.size().or(self.remote.size);
        if have > 0 && size == Some(have) {
            return Ok(Attempt::Complete);
        }
        let mut request = self.client.get(self.remote.url.clone());
        if have > 0 {
            request = request.header(RANGE, format!("bytes={have}-"));
        }
        if let Some(token) = self.token {
            request = request.bearer_auth(token);
        }
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return Ok(Attempt::Broken(explain(&error))),
        };
        match response.status() {
            StatusCode::OK => self.receive(response, 0).await,
            StatusCode::PARTIAL_CONTENT if starts_at(&response) == Some(have) => {
                self.receive(response, have).await
            }
            StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => Ok(Attempt::Restart),
            status => Err(SourceError::Failed(format!(
                "{} answered {status}",
                self.remote.url
            ))),
        }
    }

    /// Writes what comes after the first `from` bytes of the part.
    async fn receive(&self, response: Response, from: u64) -> Result<Attempt, SourceError> {
        let total = response.content_length().map(|left| left + from);
        let size = self.file.size().or(self.remote.size).or(total);
        let file = tokio::fs::OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(from == 0)
            .open(self.part)
            .await;
        let write_error = || ModelError::folder("write", self.part);
        let mut file = file.map_err(write_error())?;
        tokio::io::AsyncSeekExt::seek(&mut file, std::io::SeekFrom::Start(from))
            .await
            .map_err(write_error())?;
        let mut done = from;
        let mut stream = response.bytes_stream();
        let mut broken = None;
        while let Some(chunk) = stream.next().await {
            match chunk {
                Ok(bytes) => {
                    file.write_all(&bytes).await.map_err(write_error())?;
                    done += bytes.len() as u64;
                    self.report(done, size);
                }
                Err(error) => {
                    broken = Some(explain(&error));
                    break;
                }
            }
        }
        file.flush().await.map_err(write_error())?;
        match (broken, size) {
            (Some(reason), _) => Ok(Attempt::Broken(reason)),
            (None, Some(size)) if done < size => Ok(Attempt::Broken(format!(
                "ended after {done} of {size} bytes"
            ))),
            (None, _) => Ok(Attempt::Complete),
        }
    }

    fn report(&self, done: u64, total: Option<u64>) {
        let (model, file) = (
            self.model.name.clone(),
            self.file.path.display().to_string(),
        );
        (self.pull.progress)(PullEvent::Fetching {
            model,
            file,
            done,
            total,
        });
    }
}

/// First byte of a partial answer.
fn starts_at(response: &Response) -> Option<u64> {
    let range = response.headers().get(CONTENT_RANGE)?.to_str().ok()?;
    range
        .strip_prefix("bytes ")?
        .split_once('-')?
        .0
        .parse()
        .ok()
}
