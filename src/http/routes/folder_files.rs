//! Folders that are taken in again and again: which of their files became which documents, for the command line.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::catalog::{
    DocumentRename, FolderChange, FolderChanged, FolderFile, FolderQuery, MOST_FOLDER_FILES,
};
use crate::http::error::{ApiError, ErrorResponse};
use crate::http::extract::{Body, InKnowledgeBase, Query, within};
use crate::http::state::App;
use crate::model::DocumentId;

/// Which files to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FolderFilesQuery {
    /// The machine whose files they are, by whatever name it gives itself.
    machine: String,
    /// Only paths that begin with this: a folder with its separator at the end, or one file.
    prefix: String,
    /// Only paths after this one: `next_after` of the page before.
    after: Option<String>,
    /// Most files to return, 1 to 1,000, which is also what is meant when it is left out.
    limit: Option<usize>,
}

/// A file that became a document, as it was when it was last looked at.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct FolderFileShape {
    /// Its absolute path on its machine.
    path: String,
    /// The document's name that was made from it.
    name: String,
    /// Its size.
    bytes: u64,
    /// When it was last changed, in nanoseconds since 1970 by its machine's clock.
    modified: i64,
    /// When size and time were read, by the same clock.
    looked_at: i64,
    /// BLAKE3 of its bytes, in hex.
    hash: String,
    /// The document with these bytes.
    #[schema(value_type = String)]
    document_id: DocumentId,
}

impl From<FolderFile> for FolderFileShape {
    fn from(file: FolderFile) -> Self {
        Self {
            path: file.path,
            name: file.name,
            bytes: file.bytes,
            modified: file.modified,
            looked_at: file.looked_at,
            hash: file.hash,
            document_id: file.document,
        }
    }
}

impl From<FolderFileShape> for FolderFile {
    fn from(file: FolderFileShape) -> Self {
        Self {
            path: file.path,
            name: file.name,
            bytes: file.bytes,
            modified: file.modified,
            looked_at: file.looked_at,
            hash: file.hash,
            document: file.document_id,
        }
    }
}

/// Some files, by path.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FolderFilesResponse {
    /// The files.
    files: Vec<FolderFileShape>,
    /// Where the next page begins; null at the end.
    next_after: Option<String>,
}

/// A document that follows its file to another name.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct RenameRequest {
    /// The document.
    #[schema(value_type = String)]
    document_id: DocumentId,
    /// Its new name.
    name: String,
    /// The document that has that name now and whose file was overwritten: it goes.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    replaces: Option<DocumentId>,
}

/// What a look at a folder found; each list has at most 1,000 entries.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ChangeFolderRequest {
    /// The machine whose folder it is.
    machine: String,
    /// Documents to rename, all at one stroke, so that two may swap names.
    #[serde(default)]
    renames: Vec<RenameRequest>,
    /// Files as they are now.
    #[serde(default)]
    seen: Vec<FolderFileShape>,
    /// Paths that need not be remembered any more; their documents stay.
    #[serde(default)]
    forgotten: Vec<String>,
    /// Paths whose files are gone: their documents go too, unless other files are known that they came from, or they
    /// have other bytes by now.
    #[serde(default)]
    pruned: Vec<String>,
}

/// A document that was removed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RemovedResponse {
    /// It was this one.
    #[schema(value_type = String)]
    document_id: DocumentId,
    /// Its name.
    name: String,
}

/// What became of the change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangedFolderResponse {
    /// Documents renamed.
    renamed: u64,
    /// Documents removed: pruned ones only.
    removed: Vec<RemovedResponse>,
}

impl From<FolderChanged> for ChangedFolderResponse {
    fn from(changed: FolderChanged) -> Self {
        let removed = changed.removed.into_iter();
        Self {
            renamed: changed.renamed,
            removed: removed
                .map(|one| RemovedResponse {
                    document_id: one.id,
                    name: one.name,
                })
                .collect(),
        }
    }
}

/// Lists files that were taken in from folders, as they were when they were last looked at.
#[utoipa::path(get, path = "/api/v1/knowledge-bases/{kb}/folder-files", tag = "documents",
    params(("kb" = String, Path, description = "Id or name"), FolderFilesQuery), responses(
    (status = 200, body = FolderFilesResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn list_folder_files(
    State(app): State<App>,
    InKnowledgeBase(base): InKnowledgeBase,
    Query(query): Query<FolderFilesQuery>,
) -> Result<Json<FolderFilesResponse>, ApiError> {
    let limit = within(
        "limit",
        query.limit,
        MOST_FOLDER_FILES,
        1..=MOST_FOLDER_FILES,
    )?;
    let query = FolderQuery {
        machine: query.machine,
        prefix: query.prefix,
        after: query.after,
        limit,
    };
    let files = app.state.catalog.folder_files(base.id, query).await?;
    let next_after = files.last().filter(|_| files.len() == limit);
    Ok(Json(FolderFilesResponse {
        next_after: next_after.map(|last| last.path.clone()),
        files: files.into_iter().map(Into::into).collect(),
    }))
}

/// Writes what a look at a folder found: files as they are, documents that follow their files to other names, and
/// files that are gone. All of it or nothing.
#[utoipa::path(post, path = "/api/v1/knowledge-bases/{kb}/folder-files", tag = "documents",
    params(("kb" = String, Path, description = "Id or name")),
    request_body = ChangeFolderRequest, responses(
    (status = 200, body = ChangedFolderResponse),
    (status = 409, description = "`name_taken`", body = ErrorResponse),
    (status = "default", body = ErrorResponse),
))]
pub(crate) async fn change_folder(
    State(app): State<App>,
    InKnowledgeBase(base): InKnowledgeBase,
    Body(request): Body<ChangeFolderRequest>,
) -> Result<Json<ChangedFolderResponse>, ApiError> {
    let renames = request.renames.into_iter().map(|rename| DocumentRename {
        document: rename.document_id,
        name: rename.name,
        replaces: rename.replaces,
    });
    let change = FolderChange {
        machine: request.machine,
        renames: renames.collect(),
        seen: request.seen.into_iter().map(Into::into).collect(),
        forgotten: request.forgotten,
        pruned: request.pruned,
    };
    let changed = app.state.catalog.change_folder(base.id, change).await?;
    Ok(Json(changed.into()))
}
