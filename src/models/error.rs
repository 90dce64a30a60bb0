//! What can be wrong with models, said so that a person knows what to do next.

use std::path::PathBuf;

/// Why a model cannot be used or fetched, by what the person can do.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// No model of this kind is installed.
    #[error("no {role} is installed in {folder}; run `wenyuan models pull {advice}`", folder = folder.display())]
    NoneInstalled {
        /// The role that nothing fills.
        role: super::Role,
        /// The models folder.
        folder: PathBuf,
        /// A profile or model that would fill it.
        advice: String,
    },
    /// A file of the model is not there.
    #[error("model `{model}` lacks {file}; run `wenyuan models pull {advice}`", file = file.display())]
    Missing {
        /// Name in the catalog.
        model: String,
        /// Where the file should be.
        file: PathBuf,
        /// A profile or model to pull.
        advice: String,
    },
    /// A file is there, but is not what it should be.
    #[error("model `{model}`: {file} {reason}; run `wenyuan models pull {advice}` to fetch it again", file = file.display())]
    Damaged {
        /// Name in the catalog.
        model: String,
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
        /// A profile or model to pull.
        advice: String,
    },
    /// The catalog has no such model or profile.
    #[error("there is no model or profile `{name}`; known are {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// What could be asked for.
        known: String,
    },
    /// A catalog file cannot be read.
    #[error("the model catalog {file} is not usable: {reason}", file = file.display())]
    Catalog {
        /// The file, or the built-in one's name.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The models folder cannot be read or written.
    #[error("cannot {action} {path}: {source}", path = path.display())]
    Folder {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// No source gave the model.
    #[error("could not fetch model `{model}`:{tried}\n{by_hand}")]
    NotFetched {
        /// Name in the catalog.
        model: String,
        /// One line per source, each beginning with a line break.
        tried: String,
        /// How to install it without a network.
        by_hand: String,
    },
    /// The caller cancelled. What was fetched so far is kept for the next time.
    #[error("cancelled; what was fetched is kept, and the next pull goes on from there")]
    Cancelled,
    /// The runtime library or the model itself refused to load.
    #[error("model `{model}` does not load: {reason}; run `wenyuan models check`")]
    Load {
        /// Name in the catalog.
        model: String,
        /// What the runtime said.
        reason: String,
    },
}

impl ModelError {
    /// Wraps an input/output error with what was tried, for `map_err`.
    pub(super) fn folder(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Folder {
            action,
            path,
            source,
        }
    }
}
