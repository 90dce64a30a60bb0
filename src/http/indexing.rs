//! The words for a change of embedder: Chinese message and hint, English message and hint; and what its errors are called.

use super::code::ErrorCode;
use super::error::ApiError;
use super::language::Tongue;
use crate::jobs::{EmbedderError, IndexChangeError};

pub(super) const EMBEDDER_NOT_INSTALLED: [&str; 4] = [
    "向量模型“{name}”没有安装，或文件已损坏。",
    "请运行 wenyuan models pull {name}；wenyuan models list 可列出全部模型。",
    "The embedding model “{name}” is not installed, or its files are damaged.",
    "Run `wenyuan models pull {name}`; `wenyuan models list` shows all models.",
];

pub(super) const EMBEDDER_MISMATCH: [&str; 4] = [
    "索引由向量模型 {collection} 建立，现有的模型是 {embedder}，两者的向量不能混用。",
    "请重新安装建立索引时的模型，或用 wenyuan reindex --embedder 名称 另建索引。",
    "The index was made with the embedding model {collection}; the one that is there is {embedder}. Their vectors cannot be mixed.",
    "Install the first one again, or build another index with `wenyuan reindex --embedder NAME`.",
];

pub(super) const EMBEDDER_IN_USE: [&str; 4] = [
    "正在使用的索引就是“{name}”的。",
    "无需重建；要换模型请另选一个。",
    "The index in use is that of “{name}” already.",
    "There is nothing to build; choose another model to change.",
];

pub(super) const INDEX_CHANGE_UNDER_WAY: [&str; 4] = [
    "除正在使用的索引外，已有“{name}”的索引。",
    "请先切换到它，或将它删除（DELETE /api/v1/index/other），再为别的模型建立索引。",
    "There is an index of “{name}” beside the one in use already.",
    "Switch to it or drop it (DELETE /api/v1/index/other) before you build one for another model.",
];

pub(super) const INDEX_NOT_READY: [&str; 4] = [
    "新索引还缺 {detail} 个文档，暂不能切换。",
    "请等它补齐；GET /api/v1/index 可查看进度和无法补入的文档。",
    "{detail} documents are missing in that index; it cannot be switched to yet.",
    "Wait until they are in it; GET /api/v1/index shows the progress, and documents that cannot be brought in.",
];

pub(super) const NO_OTHER_INDEX: [&str; 4] = [
    "除正在使用的索引外，没有别的索引。",
    "请先用 POST /api/v1/index/build 为另一个模型建立索引。",
    "There is no index beside the one in use.",
    "Build one for another model first, with POST /api/v1/index/build.",
];

impl ApiError {
    pub(super) fn mismatch(collection: &str, embedder: &str) -> Self {
        Self::new(ErrorCode::EmbedderMismatch)
            .with("collection", collection)
            .with("embedder", embedder)
    }
}

/// Why the index was not changed and what to do, for the command line.
pub(crate) fn change_refused(error: IndexChangeError, tongue: Tongue) -> String {
    let [message, hint] = ApiError::from(error).sentences(tongue);
    format!("{message} {hint}")
}

impl From<IndexChangeError> for ApiError {
    fn from(error: IndexChangeError) -> Self {
        match error {
            IndexChangeError::Embedder(EmbedderError::NotInstalled { model }) => {
                Self::new(ErrorCode::EmbedderNotInstalled).with("name", model)
            }
            IndexChangeError::Embedder(EmbedderError::Mismatch {
                collection,
                embedder,
            }) => Self::mismatch(&collection, &embedder),
            IndexChangeError::Embedder(EmbedderError::Broken { .. }) => {
                Self::caused_by(ErrorCode::EmbedderUnavailable, &error)
            }
            IndexChangeError::InUse { model } => {
                Self::new(ErrorCode::EmbedderInUse).with("name", model)
            }
            IndexChangeError::UnderWay { model } => {
                Self::new(ErrorCode::IndexChangeUnderWay).with("name", model)
            }
            IndexChangeError::Incomplete { missing } => {
                Self::new(ErrorCode::IndexNotReady).with("detail", missing)
            }
            IndexChangeError::Catalog(error) => error.into(),
            IndexChangeError::Store(error) => error.into(),
        }
    }
}
