//! `wenyuan ingest`: files and folders into a knowledge base, with a progress bar and a table of what failed.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use futures::StreamExt;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde::Serialize;
use tokio::sync::{Semaphore, SemaphorePermit};
use wenyuan_ingest::PresetChoice;

use super::args::IngestArgs;
use super::costs::Clock;
use super::language::say;
use super::target::Target;
use super::view::JobView;
use crate::app::Parts;
use crate::config::Config;

/// Files on their way at once: as many as are worked on together, so that nothing waits for us.
const IN_FLIGHT: usize = 64;
/// Files with a line of their own; the others only count.
const LINES: usize = 8;

/// What became of one file.
#[derive(Debug, Serialize)]
struct Outcome {
    path: PathBuf,
    document_id: Option<String>,
    status: String,
    error_code: Option<String>,
    error: Option<String>,
}

/// Runs the command; `false` if any file failed.
pub(crate) async fn run(config: Config, args: IngestArgs) -> Result<bool> {
    let files = files_of(&args.paths)?;
    if files.is_empty() {
        bail!(say(
            "there are no files in what you named",
            "指定的位置没有文件"
        ));
    }
    let target = Target::open(config, args.place.server.as_deref(), Parts::WITHOUT_MODEL).await?;
    target.ensure_knowledge_base(&args.place.kb).await?;
    let clock = Clock::start();
    let bars = MultiProgress::new();
    let total = bars.add(ProgressBar::new(files.len() as u64));
    total.set_style(style(
        "{pos}/{len} [{wide_bar}] {elapsed_precise} · {eta_precise}",
    ));
    let upload = Upload {
        target: &target,
        knowledge_base: &args.place.kb,
        preset: args.preset,
    };
    let screen = Screen {
        bars,
        total,
        lines: Semaphore::new(LINES),
    };
    let mut ended: Vec<(usize, Outcome)> = futures::stream::iter(files.into_iter().enumerate())
        .map(async |(at, (path, name))| (at, one(&upload, path, name, &screen).await))
        .buffer_unordered(IN_FLIGHT)
        .collect()
        .await;
    ended.sort_by_key(|(at, _)| *at);
    let outcomes: Vec<Outcome> = ended.into_iter().map(|(_, outcome)| outcome).collect();
    screen.total.finish_and_clear();
    let (seconds, cpu) = (clock.seconds(), clock.spent(&target));
    target.close().await;
    let failed = outcomes
        .iter()
        .filter(|outcome| outcome.status != "ready")
        .count();
    if args.json {
        println!(
            "{}",
            serde_json::json!({ "files": outcomes, "failed": failed, "ingest_s": seconds, "cpu_s": cpu })
        );
    } else {
        print_table(&outcomes, failed);
    }
    Ok(failed == 0)
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// Where files go, and how.
struct Upload<'a> {
    target: &'a Target,
    knowledge_base: &'a str,
    preset: Option<PresetChoice>,
}

/// Where progress is drawn.
struct Screen {
    bars: MultiProgress,
    total: ProgressBar,
    lines: Semaphore,
}

/// A file's line, once it is being worked on and there is room for one.
struct Line<'a> {
    screen: &'a Screen,
    drawn: Option<(ProgressBar, SemaphorePermit<'a>)>,
}

impl Line<'_> {
    fn show(&mut self, text: String) {
        if self.drawn.is_none()
            && let Ok(place) = self.screen.lines.try_acquire()
        {
            let bar = self
                .screen
                .bars
                .insert_before(&self.screen.total, ProgressBar::new_spinner());
            bar.set_style(style("  {wide_msg}"));
            self.drawn = Some((bar, place));
        }
        if let Some((bar, _)) = &self.drawn {
            bar.set_message(text);
        }
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        if let Some((bar, _)) = &self.drawn {
            bar.finish_and_clear();
        }
        self.screen.total.inc(1);
    }
}

async fn one(upload: &Upload<'_>, path: PathBuf, name: String, screen: &Screen) -> Outcome {
    let mut line = Line {
        screen,
        drawn: None,
    };
    let ended = follow(upload, &path, &name, &mut line).await;
    drop(line);
    let (document_id, view) = match ended {
        Ok(ended) => ended,
        Err(error) => {
            let message = format!("{error:#}");
            return Outcome {
                path,
                document_id: None,
                status: "failed".to_owned(),
                error_code: None,
                error: Some(message),
            };
        }
    };
    Outcome {
        path,
        document_id,
        status: view.status,
        error_code: view.error.as_ref().map(|error| error.code.clone()),
        error: view.error.map(|error| error.message),
    }
}

async fn follow(
    upload: &Upload<'_>,
    path: &Path,
    name: &str,
    line: &mut Line<'_>,
) -> Result<(Option<String>, JobView)> {
    let Upload {
        target,
        knowledge_base,
        preset,
    } = *upload;
    let taken = target.upload(knowledge_base, path, name, preset).await?;
    let Some(job) = taken.job_id else {
        let refused = JobView {
            status: "failed".to_owned(),
            stage: "queued".to_owned(),
            pages_done: 0,
            pages_total: None,
            chunks_done: 0,
            chunks_total: None,
            error: taken.error,
        };
        return Ok((None, refused));
    };
    let view = target
        .follow(&job, |view| {
            if view.stage != "queued" {
                line.show(told(name, view));
            }
        })
        .await?;
    Ok((taken.document_id, view))
}

fn told(name: &str, view: &JobView) -> String {
    let stage = match view.stage.as_str() {
        "reading" => say("reading", "读取"),
        "splitting" => say("splitting", "切分"),
        "embedding" => say("indexing", "建索引"),
        "publishing" => say("publishing", "发布"),
        _ => say("waiting", "等待"),
    };
    let counted = match (view.stage.as_str(), view.pages_total, view.chunks_total) {
        ("reading", Some(pages), _) => {
            format!(" {}/{pages} {}", view.pages_done, say("pages", "页"))
        }
        ("embedding", _, Some(chunks)) => {
            format!(" {}/{chunks} {}", view.chunks_done, say("passages", "段"))
        }
        _ => String::new(),
    };
    format!("{name} · {stage}{counted}")
}

fn print_table(outcomes: &[Outcome], failed: usize) {
    println!(
        "{} {}",
        outcomes.len() - failed,
        say("ready", "个文件已就绪")
    );
    if failed == 0 {
        return;
    }
    println!("{failed} {}", say("failed:", "个文件失败："));
    for outcome in outcomes.iter().filter(|outcome| outcome.status != "ready") {
        let code = outcome.error_code.as_deref().unwrap_or(&outcome.status);
        println!(
            "  {}\n    {code}: {}",
            outcome.path.display(),
            outcome.error.as_deref().unwrap_or("-")
        );
    }
}

/// Every file under the paths with the name it gets: relative to the folder named, so that two `readme.md` stay apart.
/// Hidden files and folders are passed over; links are not followed out of a folder.
fn files_of(paths: &[PathBuf]) -> Result<Vec<(PathBuf, String)>> {
    let mut files = Vec::new();
    for path in paths {
        let found = std::fs::metadata(path).with_context(|| path.display().to_string())?;
        if found.is_file() {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            files.push((path.clone(), name));
            continue;
        }
        let mut folders = VecDeque::from([path.clone()]);
        while let Some(folder) = folders.pop_front() {
            let entries =
                std::fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
            let mut entries: Vec<_> = entries
                .collect::<Result<_, _>>()
                .with_context(|| folder.display().to_string())?;
            entries.sort_by_key(std::fs::DirEntry::file_name);
            for entry in entries {
                let kind = entry
                    .file_type()
                    .with_context(|| entry.path().display().to_string())?;
                if entry.file_name().to_string_lossy().starts_with('.') {
                    continue;
                }
                if kind.is_dir() {
                    folders.push_back(entry.path());
                } else if kind.is_file() {
                    let entry_path = entry.path();
                    let relative = entry_path.strip_prefix(path).unwrap_or(&entry_path);
                    files.push((entry_path.clone(), relative.to_string_lossy().into_owned()));
                }
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_its_files_with_relative_names_and_hidden_ones_are_passed_over() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir_all(folder.path().join("章一/.git")).expect("folders");
        for name in ["b.txt", "章一/a.txt", "章一/.git/config", ".hidden"] {
            std::fs::write(folder.path().join(name), "x").expect("a file");
        }
        let found = files_of(&[folder.path().to_path_buf()]).expect("readable");
        let names: Vec<&str> = found.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names, ["b.txt", "章一/a.txt"]);
    }

    #[test]
    fn a_path_that_does_not_exist_is_named() {
        let error = files_of(&[PathBuf::from("/no/such/file.pdf")]).expect_err("no file");
        assert!(format!("{error:#}").contains("/no/such/file.pdf"));
    }
}
