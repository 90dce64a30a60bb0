//! Where a command does its work: in this process on the data folder, or through a running server.

use std::path::Path;

use anyhow::Result;
use futures::StreamExt;

use super::language::tongue;
use super::remote::Remote;
use super::view::{DocumentView, DocumentsView, ErrorView, JobView, UploadView, WarningView};
use crate::app::{App, Parts, TakeError, TakeOptions};
use crate::catalog::{
    CatalogError, DocumentQuery, FolderChange, FolderChanged, FolderFile, FolderQuery,
};
use crate::config::Config;
use crate::http::{failure_words, warning_words};
use crate::model::{JobId, KnowledgeBaseId};

/// The two places. Both give the same wire objects.
pub(crate) enum Target {
    /// This process.
    Local(Box<App>),
    /// A server.
    Remote(Remote),
}

impl Target {
    /// Opens the data folder with the parts that the command needs, or names the server.
    pub(crate) async fn open(config: Config, server: Option<&str>, parts: Parts) -> Result<Self> {
        if let Some(url) = server {
            return Ok(Self::Remote(Remote::new(url)?));
        }
        let app = App::open(config, parts).await?;
        super::reindex::remark(&app).await;
        super::lost::remark(&app).await;
        Ok(Self::Local(Box::new(app)))
    }

    /// Makes the knowledge base unless it is there.
    pub(crate) async fn ensure_knowledge_base(&self, name: &str) -> Result<()> {
        match self {
            Self::Local(app) => app
                .ensure_knowledge_base(name)
                .await
                .map(drop)
                .map_err(Into::into),
            Self::Remote(remote) => remote.ensure_knowledge_base(name).await,
        }
    }

    /// Hands one file in; a refusal at the door is in the result, not an error.
    pub(crate) async fn upload(
        &self,
        knowledge_base: &str,
        (path, name): (&Path, &str),
        options: TakeOptions,
    ) -> Result<UploadView> {
        match self {
            Self::Local(app) => {
                let id = self.local_id(app, knowledge_base).await?;
                accepted(app.take_file(id, path, name, options).await)
            }
            Self::Remote(remote) => remote.upload(knowledge_base, (path, name), &options).await,
        }
    }

    /// Has one document fetched from a web address; a refusal is in the result, not an error.
    pub(crate) async fn take_url(
        &self,
        knowledge_base: &str,
        url: &str,
        options: TakeOptions,
    ) -> Result<UploadView> {
        match self {
            Self::Local(app) => {
                let id = self.local_id(app, knowledge_base).await?;
                match app.take_url(id, url, options).await {
                    Ok(taken) => accepted(Ok(taken)),
                    Err(TakeError::Catalog(error)) => accepted(Err(error)),
                    Err(TakeError::Fetch(error)) => {
                        Ok(UploadView::refused(error.code(), error.to_string()))
                    }
                }
            }
            Self::Remote(remote) => remote.take_url(knowledge_base, url, &options).await,
        }
    }

    /// Hands one text in, under a title of its own.
    pub(crate) async fn upload_text(
        &self,
        knowledge_base: &str,
        name: &str,
        title: &str,
        text: &str,
    ) -> Result<UploadView> {
        match self {
            Self::Local(app) => {
                let id = app.catalog.knowledge_base(knowledge_base).await?.id;
                let title = (!title.is_empty()).then(|| title.to_owned());
                accepted(app.take_text(id, name, title, text).await)
            }
            Self::Remote(remote) => {
                remote
                    .upload_text(knowledge_base, name, title, text.to_owned())
                    .await
            }
        }
    }

    /// Documents of a knowledge base, a page at a time.
    pub(crate) async fn documents(
        &self,
        knowledge_base: &str,
        cursor: Option<String>,
    ) -> Result<DocumentsView> {
        match self {
            Self::Local(app) => {
                let id = self.local_id(app, knowledge_base).await?;
                let query = DocumentQuery {
                    cursor,
                    limit: Some(1_000),
                    ..DocumentQuery::default()
                };
                let page = app.catalog.documents(id, query).await?;
                let documents = page.documents.into_iter().map(|document| DocumentView {
                    id: document.id,
                    name: document.name,
                    hash: document.hash,
                    status: document.status,
                    searchable: document.searchable,
                    job_id: document.job_id,
                    tags: document.tags,
                    error: document.error.map(|error| ErrorView {
                        message: failure_words(&error, tongue()),
                        code: error.code,
                        hint: None,
                    }),
                });
                Ok(DocumentsView {
                    documents: documents.collect(),
                    next_cursor: page.next_cursor,
                })
            }
            Self::Remote(remote) => remote.documents(knowledge_base, cursor.as_deref()).await,
        }
    }

    /// What is to be known about a document: parts that could not be read, pages read by OCR.
    pub(crate) async fn warnings(
        &self,
        knowledge_base: &str,
        document: &str,
    ) -> Result<Vec<WarningView>> {
        match self {
            Self::Local(app) => {
                let id = self.local_id(app, knowledge_base).await?;
                let document = app.catalog.document(id, document.parse()?).await?;
                let told = document.warnings.iter().map(|warning| WarningView {
                    code: warning.code.clone(),
                    page: warning.page,
                    message: warning_words(warning, tongue()),
                });
                Ok(told.collect())
            }
            Self::Remote(remote) => remote.warnings(knowledge_base, document).await,
        }
    }

    /// Files remembered of folders.
    pub(crate) async fn folder_files(
        &self,
        knowledge_base: &str,
        query: FolderQuery,
    ) -> Result<Vec<FolderFile>> {
        match self {
            Self::Local(app) => {
                let id = self.local_id(app, knowledge_base).await?;
                Ok(app.catalog.folder_files(id, query).await?)
            }
            Self::Remote(remote) => remote.folder_files(knowledge_base, &query).await,
        }
    }

    /// Writes what a look at a folder found.
    pub(crate) async fn change_folder(
        &self,
        knowledge_base: &str,
        change: FolderChange,
    ) -> Result<FolderChanged> {
        match self {
            Self::Local(app) => {
                let id = self.local_id(app, knowledge_base).await?;
                Ok(app.catalog.change_folder(id, change).await?)
            }
            Self::Remote(remote) => remote.change_folder(knowledge_base, &change).await,
        }
    }

    /// Follows a job to its end.
    pub(crate) async fn follow(
        &self,
        job: &str,
        mut on_change: impl FnMut(&JobView),
    ) -> Result<JobView> {
        match self {
            Self::Local(app) => {
                let mut events = app.ingestor.subscribe(job.parse::<JobId>()?).await?;
                let mut last = None;
                while let Some(event) = events.next().await {
                    let mut view: JobView = serde_json::from_value(serde_json::to_value(&event)?)?;
                    if let (Some(shown), Some(error)) = (&mut view.error, &event.error) {
                        shown.message = failure_words(error, tongue());
                    }
                    on_change(&view);
                    last = Some(view);
                }
                last.ok_or_else(|| anyhow::anyhow!("job {job} told nothing"))
            }
            Self::Remote(remote) => loop {
                let view = remote.job(job).await?;
                on_change(&view);
                if view.is_final() {
                    return Ok(view);
                }
                tokio::time::sleep(std::time::Duration::from_millis(250)).await;
            },
        }
    }

    /// Chunks that can be found in a knowledge base.
    pub(crate) async fn chunks(&self, knowledge_base: &str) -> Result<usize> {
        match self {
            Self::Local(app) => {
                Ok(app.catalog.knowledge_base(knowledge_base).await?.chunks as usize)
            }
            Self::Remote(remote) => {
                let told = remote.knowledge_base(knowledge_base).await?;
                Ok(told["chunks"].as_u64().unwrap_or_default() as usize)
            }
        }
    }

    /// Removes a knowledge base.
    pub(crate) async fn delete_knowledge_base(&self, knowledge_base: &str) -> Result<()> {
        match self {
            Self::Local(app) => {
                let id = self.local_id(app, knowledge_base).await?;
                Ok(app.catalog.delete_knowledge_base(id).await?)
            }
            Self::Remote(remote) => remote.delete_knowledge_base(knowledge_base).await,
        }
    }

    /// Lets running work come to a clean stop.
    pub(crate) async fn close(self) {
        if let Self::Local(app) = self {
            app.close().await;
        }
    }

    pub(super) async fn local_id(
        &self,
        app: &App,
        knowledge_base: &str,
    ) -> Result<KnowledgeBaseId> {
        Ok(app.catalog.knowledge_base(knowledge_base).await?.id)
    }
}

/// What was refused for the file's own sake is a result; what concerns everything is an error.
fn accepted(outcome: Result<crate::catalog::Accepted, CatalogError>) -> Result<UploadView> {
    match outcome {
        Ok(accepted) => Ok(UploadView {
            document_id: Some(accepted.document_id.to_string()),
            job_id: Some(accepted.job_id.to_string()),
            name: Some(accepted.name),
            status: accepted.status.as_str().to_owned(),
            known: accepted.known,
            error: None,
        }),
        Err(
            error @ (CatalogError::Invalid { .. }
            | CatalogError::TooLarge { .. }
            | CatalogError::Conflict { .. }),
        ) => Ok(UploadView::refused(error.code(), error.to_string())),
        Err(error) => Err(error.into()),
    }
}
