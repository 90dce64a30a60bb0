//! What became of the files of one look at folders, for people and for programs.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::folder::Change;
use super::language::say;
use super::view::WarningView;
use crate::catalog::RemovedDocument;
use crate::model::DocumentId;

/// Files that are named with what was not read of them.
const SHOWN_FILES: usize = 20;
/// So much is told of each.
const SHOWN_LOSSES: usize = 5;

/// What became of one file.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Outcome {
    /// The file.
    pub(crate) path: PathBuf,
    /// Its document, unless it was refused at the door.
    pub(crate) document_id: Option<String>,
    /// Its document's name, if it was handed in.
    pub(crate) document_name: Option<String>,
    /// `ready`, `failed` or `cancelled`.
    pub(crate) status: String,
    /// What it was; a failed one is counted as failed, whatever it was.
    pub(crate) change: Change,
    /// Why it failed, for programs.
    pub(crate) error_code: Option<String>,
    /// Why it failed.
    pub(crate) error: Option<String>,
    /// Whether it was not tried this time, as it ran into a limit before.
    pub(crate) left: bool,
    /// What is to be known about what was read.
    pub(crate) warnings: Vec<WarningView>,
}

impl Outcome {
    /// One that never came so far as to have a job.
    pub(crate) fn failed(path: PathBuf, change: Change, error: &anyhow::Error) -> Self {
        Self {
            path,
            document_id: None,
            document_name: None,
            status: "failed".to_owned(),
            change,
            error_code: None,
            error: Some(format!("{error:#}")),
            left: false,
            warnings: Vec::new(),
        }
    }

    /// Its document and, if it was handed in, the name that it got.
    pub(crate) fn document(&self) -> Option<(DocumentId, Option<&str>)> {
        let id = self.document_id.as_deref()?.parse().ok()?;
        Some((id, self.document_name.as_deref()))
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.status == "ready"
    }
}

/// One look.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Files, in the order in which they were found.
    pub(crate) outcomes: Vec<Outcome>,
    /// Documents removed, since their files are gone.
    pub(crate) removed: Vec<RemovedDocument>,
    /// Documents whose files are gone and that were not removed.
    pub(crate) gone: usize,
    /// Whether they were kept although pruning was asked for, since their folder is empty as if it were not mounted.
    pub(crate) unsure: bool,
    /// Hidden files, links and the like, which are never taken in.
    pub(crate) passed_over: usize,
    /// The first of them.
    pub(crate) passed_over_first: Vec<PathBuf>,
    /// Files that may still be growing; they are taken in once they rest.
    pub(crate) growing: usize,
}

impl Report {
    /// How many were of this kind and are ready.
    fn count(&self, change: Change) -> usize {
        let ready = self.outcomes.iter().filter(|outcome| outcome.is_ready());
        ready.filter(|outcome| outcome.change == change).count()
    }

    /// How many failed.
    pub(crate) fn failed(&self) -> usize {
        let failed = self.outcomes.iter().filter(|outcome| !outcome.is_ready());
        failed.count()
    }

    /// Whether anything happened at all.
    pub(crate) fn is_quiet(&self) -> bool {
        self.removed.is_empty()
            && self.failed() == 0
            && self.count(Change::Unchanged) + self.count(Change::Copy) == self.outcomes.len()
    }

    /// One JSON object.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "files": self.outcomes,
            "new": self.count(Change::New),
            "changed": self.count(Change::Changed),
            "renamed": self.count(Change::Renamed),
            "unchanged": self.count(Change::Unchanged),
            "copies": self.count(Change::Copy),
            "removed": self.removed,
            "gone": self.gone,
            "gone_with_their_folder": self.unsure,
            "failed": self.failed(),
            "passed_over": self.passed_over,
            "growing": self.growing,
        })
    }

    /// The table with the reasons of what failed.
    pub(crate) fn print(&self) {
        let counts = [
            (say("new", "新增"), self.count(Change::New)),
            (say("changed", "已更新"), self.count(Change::Changed)),
            (say("renamed", "已改名"), self.count(Change::Renamed)),
            (say("unchanged", "未变"), self.count(Change::Unchanged)),
            (say("removed", "已移除"), self.removed.len()),
            (say("failed", "失败"), self.failed()),
        ];
        for (name, count) in counts {
            println!("{count:>8}  {name}");
        }
        let copies = self.count(Change::Copy);
        if copies > 0 {
            println!(
                "{copies:>8}  {}",
                say(
                    "the same as another file: one document for both",
                    "与另一个文件内容相同，合为一份文档"
                )
            );
            let is_copy = |outcome: &&Outcome| outcome.change == Change::Copy && outcome.is_ready();
            for copy in self.outcomes.iter().filter(is_copy).take(SHOWN_FILES) {
                let first = copy.document_name.as_deref().unwrap_or("-");
                println!("{:>10}{} = {first}", "", shown(&copy.path));
            }
        }
        for removed in &self.removed {
            println!("  {} {}", say("removed:", "已移除："), removed.name);
        }
        if self.passed_over > 0 {
            let some = self.passed_over_first.iter().map(|path| shown(path));
            let more = self.passed_over > self.passed_over_first.len();
            println!(
                "{} {}{}{}",
                self.passed_over,
                say(
                    "hidden or unfinished files, folders and links were passed over: ",
                    "个隐藏或未完成的文件、文件夹或链接已跳过："
                ),
                some.collect::<Vec<_>>().join(say(", ", "、")),
                if more { " …" } else { "" },
            );
        }
        if self.growing > 0 {
            println!(
                "{} {}",
                self.growing,
                say(
                    "files were changed just now and are taken in once they rest",
                    "个文件刚刚有改动，稳定后再收入"
                )
            );
        }
        self.print_gone();
        self.print_warnings();
        let failed = self.failed();
        if failed > 0 {
            let total = self.outcomes.len();
            println!(
                "{failed} {} {total} {}",
                say("of", "/"),
                say("failed:", "个文件失败：")
            );
        }
        for outcome in self.outcomes.iter().filter(|outcome| !outcome.is_ready()) {
            outcome.print_failure();
        }
        let left = self.outcomes.iter().filter(|outcome| outcome.left).count();
        if left > 0 {
            println!(
                "{left} {}",
                say(
                    "of them ran into a limit before and have not changed, so they were not tried again; --retry tries them.",
                    "个文件上次超出了上限且没有变化，这次没有重试；加 --retry 可重试。"
                )
            );
        }
    }

    /// What could not be read of documents that were read.
    fn print_warnings(&self) {
        let lossy = |outcome: &&Outcome| outcome.losses().next().is_some();
        let total = self.outcomes.iter().filter(lossy).count();
        if total > 0 {
            println!(
                "{total} {}",
                say(
                    "files were taken in, but not all of them could be read:",
                    "个文件已收入，但有些内容没有读到："
                )
            );
        }
        for outcome in self.outcomes.iter().filter(lossy).take(SHOWN_FILES) {
            outcome.print_losses();
        }
        if total > SHOWN_FILES {
            println!(
                "  … {} {}",
                total - SHOWN_FILES,
                say(
                    "more; --json names all",
                    "个文件未列出；加 --json 可查看全部"
                )
            );
        }
    }

    /// What is said of documents whose files are gone and that stay.
    pub(crate) fn print_gone(&self) {
        if self.gone > 0 {
            let hint = if self.unsure {
                say(
                    "documents were not pruned: their folder is empty, as if its drive were not mounted",
                    "个文档未清理：所在文件夹为空，可能是磁盘没有挂载",
                )
            } else {
                say(
                    "documents whose files are gone were kept; --prune removes them",
                    "个文档的原文件已不在，文档仍保留；加 --prune 可移除",
                )
            };
            println!("{} {hint}", self.gone);
        }
    }

    /// A line for each thing that happened: what `--watch` prints.
    pub(crate) fn print_changes(&self) {
        for outcome in &self.outcomes {
            let what = match outcome.change {
                _ if !outcome.is_ready() => {
                    outcome.print_failure();
                    continue;
                }
                Change::Unchanged | Change::Copy => continue,
                Change::New => say("new", "新增"),
                Change::Changed => say("changed", "已更新"),
                Change::Renamed => say("renamed", "已改名"),
            };
            println!("{}  {what}  {}", clock(), shown(&outcome.path));
            outcome.print_losses();
        }
        for removed in &self.removed {
            println!(
                "{}  {}  {}",
                clock(),
                say("removed", "已移除"),
                removed.name
            );
        }
    }
}

impl Outcome {
    fn losses(&self) -> impl Iterator<Item = &WarningView> {
        self.warnings.iter().filter(|one| one.tells_of_loss())
    }

    /// The file, if anything of it was not read, with the first things that were not.
    fn print_losses(&self) {
        let count = self.losses().count();
        if count == 0 {
            return;
        }
        println!("  {}", shown(&self.path));
        for loss in self.losses().take(SHOWN_LOSSES) {
            println!("    {}: {}", loss.code, loss.message);
        }
        if count > SHOWN_LOSSES {
            println!("    … {}", count - SHOWN_LOSSES);
        }
    }

    fn print_failure(&self) {
        let code = self.error_code.as_deref().unwrap_or(&self.status);
        println!(
            "  {}\n    {code}: {}",
            shown(&self.path),
            self.error.as_deref().unwrap_or("-")
        );
    }
}

/// A path in one line: a name may hold line breaks and what moves the cursor.
fn shown(path: &Path) -> String {
    let mut text = String::new();
    for character in path.to_string_lossy().chars() {
        if character.is_control() {
            text.extend(character.escape_default());
        } else {
            text.push(character);
        }
    }
    text
}

/// The time of day.
fn clock() -> String {
    jiff::Zoned::now().strftime("%H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_shown_in_one_line() {
        let path = Path::new("章一/a\nb\u{1b}[2J.txt");
        assert_eq!(shown(path), "章一/a\\nb\\u{1b}[2J.txt");
    }
}
