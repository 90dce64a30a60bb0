//! A running server as seen by the command line: the HTTP interface's own client.

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use reqwest::{Client, RequestBuilder, Response, multipart};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::language::{chinese, say};
use super::view::{DocumentsView, JobView, UploadView, WarningView};
use crate::app::TakeOptions;
use crate::catalog::{FolderChange, FolderChanged, FolderFile, FolderQuery};
use crate::model::Password;

/// Speaks to one server.
#[derive(Clone)]
pub(crate) struct Remote {
    base: String,
    client: Client,
}

impl Remote {
    /// Checks the address; nothing is sent yet.
    pub(crate) fn new(url: &str) -> Result<Self> {
        if !url.starts_with("http://") && !url.starts_with("https://") {
            bail!(
                "--server {url}: {}",
                say(
                    "give an address as http://127.0.0.1:8080",
                    "请写成 http://127.0.0.1:8080 这样的地址"
                )
            );
        }
        Ok(Self {
            base: url.trim_end_matches('/').to_owned(),
            client: Client::new(),
        })
    }

    /// Makes the knowledge base unless it is there.
    pub(crate) async fn ensure_knowledge_base(&self, name: &str) -> Result<()> {
        let path = knowledge_base_path(name);
        let found = self
            .client
            .get(format!("{}{path}", self.base))
            .send()
            .await
            .with_context(|| self.unreachable())?;
        if found.status().as_u16() == 404 {
            let _: Value = self
                .post("/api/v1/knowledge-bases", &json!({ "name": name }))
                .await?;
            return Ok(());
        }
        let _: Value = self.read(found).await?;
        Ok(())
    }

    /// Removes a knowledge base with all that is in it.
    pub(crate) async fn delete_knowledge_base(&self, name: &str) -> Result<()> {
        self.delete(&knowledge_base_path(name)).await
    }

    /// The knowledge base as the server tells it.
    pub(crate) async fn knowledge_base(&self, name: &str) -> Result<Value> {
        self.get(&knowledge_base_path(name)).await
    }

    /// Sends one file without reading it into memory.
    pub(crate) async fn upload(
        &self,
        knowledge_base: &str,
        (path, name): (&Path, &str),
        options: &TakeOptions,
    ) -> Result<UploadView> {
        let file = tokio::fs::File::open(path)
            .await
            .with_context(|| path.display().to_string())?;
        let length = file
            .metadata()
            .await
            .with_context(|| path.display().to_string())?
            .len();
        let stream = tokio_util::io::ReaderStream::new(file);
        let part = multipart::Part::stream_with_length(reqwest::Body::wrap_stream(stream), length)
            .file_name(name.to_owned());
        let form = multipart::Form::new()
            .text("metadata", metadata(options).to_string())
            .part("file", part);
        self.upload_form(knowledge_base, form).await
    }

    /// Has the server fetch one document from a web address.
    pub(crate) async fn take_url(
        &self,
        knowledge_base: &str,
        url: &str,
        options: &TakeOptions,
    ) -> Result<UploadView> {
        let body = json!({ "url": url, "metadata": metadata(options) });
        let path = format!("{}/documents", knowledge_base_path(knowledge_base));
        first(self.post(&path, &body).await?)
    }

    /// Sends one text with a title of its own.
    pub(crate) async fn upload_text(
        &self,
        knowledge_base: &str,
        name: &str,
        title: &str,
        text: String,
    ) -> Result<UploadView> {
        let part = multipart::Part::text(text).file_name(name.to_owned());
        let metadata = json!({ "title": title }).to_string();
        self.upload_form(
            knowledge_base,
            multipart::Form::new()
                .text("metadata", metadata)
                .part("file", part),
        )
        .await
    }

    async fn upload_form(&self, knowledge_base: &str, form: multipart::Form) -> Result<UploadView> {
        let url = format!(
            "{}{}/documents",
            self.base,
            knowledge_base_path(knowledge_base)
        );
        let response = self.send(self.client.post(url).multipart(form)).await?;
        first(self.read(response).await?)
    }

    /// Where a job stands.
    pub(crate) async fn job(&self, id: &str) -> Result<JobView> {
        self.get(&format!("/api/v1/jobs/{id}")).await
    }

    /// Documents of a knowledge base, a page at a time.
    pub(crate) async fn documents(
        &self,
        knowledge_base: &str,
        cursor: Option<&str>,
    ) -> Result<DocumentsView> {
        let cursor = escaped(cursor.unwrap_or_default());
        let base = knowledge_base_path(knowledge_base);
        self.get(&format!("{base}/documents?limit=1000&cursor={cursor}"))
            .await
    }

    /// What is to be known about a document.
    pub(crate) async fn warnings(
        &self,
        knowledge_base: &str,
        document: &str,
    ) -> Result<Vec<WarningView>> {
        let base = knowledge_base_path(knowledge_base);
        let told: Value = self.get(&format!("{base}/documents/{document}")).await?;
        Ok(serde_json::from_value(told["warnings"].clone())?)
    }

    /// Files remembered of folders.
    pub(crate) async fn folder_files(
        &self,
        knowledge_base: &str,
        query: &FolderQuery,
    ) -> Result<Vec<FolderFile>> {
        #[derive(Deserialize)]
        struct Listed {
            files: Vec<FolderFile>,
        }
        let base = knowledge_base_path(knowledge_base);
        let (machine, prefix) = (escaped(&query.machine), escaped(&query.prefix));
        let mut path = format!(
            "{base}/folder-files?machine={machine}&prefix={prefix}&limit={}",
            query.limit
        );
        if let Some(after) = &query.after {
            path.push_str("&after=");
            path.push_str(&escaped(after));
        }
        let listed: Listed = self.get(&path).await?;
        Ok(listed.files)
    }

    /// Writes what a look at a folder found.
    pub(crate) async fn change_folder(
        &self,
        knowledge_base: &str,
        change: &FolderChange,
    ) -> Result<FolderChanged> {
        let path = format!("{}/folder-files", knowledge_base_path(knowledge_base));
        self.post(&path, &serde_json::to_value(change)?).await
    }

    /// Searches; the body and the result are API.md's.
    pub(crate) async fn search(&self, knowledge_base: &str, body: &Value) -> Result<Value> {
        self.post(
            &format!("{}/search", knowledge_base_path(knowledge_base)),
            body,
        )
        .await
    }

    /// Asks why a passage does not come.
    pub(crate) async fn why_not(&self, knowledge_base: &str, body: &Value) -> Result<Value> {
        let path = format!("{}/why-not", knowledge_base_path(knowledge_base));
        self.post(&path, body).await
    }

    /// Searches the knowledge bases that the body names.
    pub(crate) async fn search_together(&self, body: &Value) -> Result<Value> {
        self.post("/api/v1/search", body).await
    }

    /// Asks without streaming.
    pub(crate) async fn ask(&self, knowledge_base: &str, body: &Value) -> Result<Value> {
        self.post(
            &format!("{}/ask", knowledge_base_path(knowledge_base)),
            body,
        )
        .await
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let response = self
            .send(self.client.get(format!("{}{path}", self.base)))
            .await?;
        self.read(response).await
    }

    /// Posts lines of JSON.
    pub(super) async fn post_lines<T: DeserializeOwned>(
        &self,
        path: &str,
        lines: String,
    ) -> Result<T> {
        let request = self.client.post(format!("{}{path}", self.base));
        let request = request
            .header("content-type", "application/x-ndjson")
            .body(lines);
        let response = self.send(request).await?;
        self.read(response).await
    }

    /// Deletes what has no more to say.
    pub(super) async fn delete(&self, path: &str) -> Result<()> {
        let response = self
            .send(self.client.delete(format!("{}{path}", self.base)))
            .await?;
        if response.status().is_success() {
            return Ok(());
        }
        self.read::<Value>(response).await.map(drop)
    }

    pub(super) async fn post<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T> {
        let response = self
            .send(self.client.post(format!("{}{path}", self.base)).json(body))
            .await?;
        self.read(response).await
    }

    pub(super) async fn put<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T> {
        let request = self.client.put(format!("{}{path}", self.base));
        let response = self.send(request.json(body)).await?;
        self.read(response).await
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response> {
        let language = if chinese() { "zh" } else { "en" };
        request
            .header("accept-language", language)
            .send()
            .await
            .with_context(|| self.unreachable())
    }

    /// A success's body, or the server's own error message and hint.
    async fn read<T: DeserializeOwned>(&self, response: Response) -> Result<T> {
        let status = response.status();
        let body = response.bytes().await.with_context(|| self.unreachable())?;
        if status.is_success() {
            return serde_json::from_slice(&body)
                .context("the server's reply is not what this version understands");
        }
        let error: Value = serde_json::from_slice(&body).unwrap_or_default();
        let message = error["error"]["message"]
            .as_str()
            .unwrap_or("the server gave no reason");
        match error["error"]["hint"]
            .as_str()
            .filter(|hint| !hint.is_empty())
        {
            Some(hint) => bail!("{message}\n{hint}"),
            None => bail!("{message} ({status})"),
        }
    }

    fn unreachable(&self) -> String {
        format!(
            "{} {}",
            self.base,
            say(
                "does not answer; is `wenyuan serve` running there?",
                "没有应答；那里有运行中的 `wenyuan serve` 吗？"
            )
        )
    }
}

/// What became of an upload.
#[derive(Deserialize)]
struct Uploaded {
    documents: Vec<UploadView>,
}

/// The line of the only file.
fn first(uploaded: Uploaded) -> Result<UploadView> {
    let line = uploaded.documents.into_iter().next();
    line.ok_or_else(|| anyhow!("the server took no file"))
}

/// What is said about a file, as the server reads it.
fn metadata(options: &TakeOptions) -> Value {
    let password = options.password.as_ref();
    json!({
        "tags": options.tags,
        "preset": options.preset,
        "password": password.map(Password::reveal),
    })
}

pub(super) fn knowledge_base_path(name: &str) -> String {
    format!("/api/v1/knowledge-bases/{}", escaped(name))
}

/// Names and paths may hold anything: everything but letters and digits is percent-encoded.
pub(super) fn escaped(text: &str) -> String {
    use std::fmt::Write;
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'-' {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_name_with_a_slash_is_one_path_segment() {
        assert_eq!(
            knowledge_base_path("我/a b"),
            "/api/v1/knowledge-bases/%E6%88%91%2Fa%20b"
        );
    }
}
