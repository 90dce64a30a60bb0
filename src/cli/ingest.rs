//! `wenyuan ingest`: files and folders into a knowledge base. Only what has changed since the last time is read.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use futures::StreamExt;

use super::addresses;
use super::args::IngestArgs;
use super::costs::Clock;
use super::ended::Ended;
use super::folder::{
    Action, Change, Found, Gone, Known, Ledger, Memory, Plan, Scan, Settling, Step, hash_all, plan,
    scan,
};
use super::language::say;
use super::progress::{Line, Screen};
use super::report::{Outcome, Report};
use super::serve::stop_signal;
use super::target::Target;
use super::view::{JobView, UploadView};
use crate::app::{Parts, TakeOptions};
use crate::catalog::{FolderChange, FolderFile};
use crate::config::Config;
use crate::model::DocumentId;

/// Files on their way at once: as many as are worked on together, so that nothing waits for us.
const IN_FLIGHT: usize = 64;
/// Files remembered together while others are still on their way.
const REMEMBERED_TOGETHER: usize = 200;

/// Runs the command; `false` if any file failed.
pub(crate) async fn run(config: Config, args: IngestArgs) -> Result<bool> {
    let (addresses, paths) = addresses::apart(&args.paths);
    let first = scan(&paths);
    let nothing = first.files.is_empty() && first.folders.is_empty() && addresses.is_empty();
    // Where nothing that was named is there, or a folder to watch is not, a slip of the pen is likely. A folder below
    // that may not be read keeps nobody from watching the rest.
    let mut missing = first.unread.iter();
    let missing = missing.find(|unread| paths.contains(&unread.path));
    if let Some(unread) = missing.filter(|_| nothing || args.watch) {
        bail!("{}: {}", unread.path.display(), unread.reason);
    }
    let empty = first.files.is_empty() && addresses.is_empty();
    if empty && first.unread.is_empty() && !args.watch && !args.prune {
        bail!(say(
            "there are no files in what you named",
            "指定的位置没有文件"
        ));
    }
    let target = Target::open(config, args.place.server.as_deref(), Parts::INDEX_ONLY).await?;
    target.ensure_knowledge_base(&args.place.kb).await?;
    let work = Work {
        ledger: Ledger::new(&target, &args.place.kb),
        target: &target,
        args: &args,
        addresses,
        paths,
    };
    let good = if args.watch {
        work.watching().await
    } else {
        tokio::select! {
            good = work.once(&first) => good,
            () = stop_signal() => {
                work.tell_stopped();
                Ok(false)
            }
        }
    };
    tokio::select! {
        () = target.close() => good,
        // Whoever asks again does not want to wait.
        () = stop_signal() => std::process::exit(130),
    }
}

/// One knowledge base and what is to be done in it.
pub(super) struct Work<'a> {
    pub(super) target: &'a Target,
    pub(super) args: &'a IngestArgs,
    /// Web addresses named; fetched once.
    pub(super) addresses: Vec<String>,
    /// Files and folders named.
    pub(super) paths: Vec<PathBuf>,
    ledger: Ledger<'a>,
}

/// A file that is there, and what is to be done about it.
struct Task<'a> {
    at: usize,
    found: &'a Found,
    step: &'a Step,
}

impl Work<'_> {
    fn tell_stopped(&self) {
        let words = match self.target {
            Target::Local(_) => say(
                "Stopped. What was handed in is kept, and goes on with the next `wenyuan ingest` or `wenyuan serve`.",
                "已停止。已提交的文件不会丢失，下次运行 wenyuan ingest 或 wenyuan serve 时继续。",
            ),
            Target::Remote(_) => say(
                "Stopped. The server goes on with what was handed in.",
                "已停止。已提交的文件由服务端继续处理。",
            ),
        };
        eprintln!("{words}");
    }

    async fn once(&self, scan: &Scan) -> Result<bool> {
        let clock = Clock::start();
        let mut report = self.look(scan, None).await?.0;
        report.outcomes.extend(self.fetch_all().await);
        if self.args.json {
            let (seconds, cpu) = (clock.seconds(), clock.spent(self.target));
            let mut told = report.to_json();
            told["ingest_s"] = serde_json::json!(seconds);
            told["cpu_s"] = serde_json::json!(cpu);
            println!("{told}");
        } else {
            report.print();
        }
        Ok(report.failed() == 0 && !report.unsure)
    }

    /// One look: what has changed is taken in, renamed and, if that is asked for, removed. Whether files that seem to
    /// be gone have still to be confirmed.
    pub(super) async fn look(
        &self,
        scan: &Scan,
        mut settling: Option<&mut Settling>,
    ) -> Result<(Report, bool)> {
        let known = self.ledger.known(scan).await?;
        let hashes = hash_all(scan, &known).await;
        let read: Vec<Option<String>> = hashes
            .iter()
            .map(|hash| hash.as_ref().ok().cloned())
            .collect();
        let mut plan = plan(scan, &read, &known);
        let gone = std::mem::take(&mut plan.gone);
        let (gone, unconfirmed) = match &mut settling {
            Some(settling) => settling.confirm(gone, scan.looked_at),
            None => (gone, false),
        };
        let mut report = Report {
            passed_over: scan.passed_over,
            passed_over_first: scan.passed_over_first.clone(),
            growing: scan.growing.len(),
            ..Report::default()
        };
        self.rename(&plan).await?;
        self.prune(scan, gone, &mut report).await?;
        let given_up = |found: &Found| {
            let settling = settling.as_ref();
            settling.is_some_and(|settling| settling.has_failed(found))
        };
        let skipped: Vec<bool> = scan.files.iter().map(given_up).collect();
        report.outcomes = self
            .take_in((scan, &known), &plan, hashes, &skipped)
            .await?;
        for unread in &scan.unread {
            let error = anyhow::anyhow!(unread.reason.clone());
            let outcome = Outcome::failed(unread.path.clone(), Change::Unchanged, &error);
            report.outcomes.push(outcome);
        }
        Ok((report, unconfirmed))
    }

    async fn rename(&self, plan: &Plan) -> Result<()> {
        let change = FolderChange {
            renames: plan.renames.clone(),
            forgotten: plan.forgotten.clone(),
            seen: plan.aside.clone(),
            ..FolderChange::default()
        };
        self.ledger.write(change).await.map(drop)
    }

    /// Removes documents whose files are gone, if that is asked for and their folder is certainly there.
    async fn prune(&self, scan: &Scan, gone: Vec<Gone>, report: &mut Report) -> Result<()> {
        if !self.args.prune {
            report.gone = gone.len();
            return Ok(());
        }
        let (pruned, kept): (Vec<_>, Vec<_>) =
            gone.into_iter().partition(|gone| scan.is_there(&gone.path));
        report.gone = kept.len();
        report.unsure = !kept.is_empty();
        let change = FolderChange {
            pruned: pruned.into_iter().map(|gone| gone.path).collect(),
            ..FolderChange::default()
        };
        report.removed = self.ledger.write(change).await?.removed;
        Ok(())
    }

    /// Deals with every file, and remembers those that were dealt with.
    async fn take_in(
        &self,
        (scan, known): (&Scan, &Known),
        plan: &Plan,
        hashes: Vec<Result<String>>,
        skipped: &[bool],
    ) -> Result<Vec<Outcome>> {
        let mut outcomes: Vec<Option<Outcome>> = vec![None; scan.files.len()];
        let mut tasks = Vec::new();
        for (at, step) in plan.steps.iter().enumerate() {
            let found = &scan.files[at];
            match (&hashes[at], &step.action) {
                _ if skipped[at] => {}
                (Err(error), _) => {
                    outcomes[at] = Some(Outcome::failed(found.path.clone(), step.change, error));
                }
                // With another preset what is there is cut anew, a password may open parts of it; tags that it lacks are
                // added.
                (Ok(_), Action::Keep(document))
                    if self.args.preset.is_none()
                        && self.args.password.is_none()
                        && self.has_tags(known, *document) =>
                {
                    outcomes[at] = Some(ready(found, *document, step.change));
                }
                (Ok(_), Action::SameAs(_)) => {}
                (
                    Ok(_),
                    Action::Keep(_) | Action::Follow(_) | Action::Leave(_) | Action::Upload,
                ) => {
                    tasks.push(Task { at, found, step });
                }
            }
        }
        let mut memory = Memory::new(scan, plan, &hashes, known);
        for (at, outcome) in outcomes.iter().enumerate() {
            memory.note(at, outcome.as_ref().and_then(Outcome::document));
        }
        let sizes: Vec<u64> = tasks.iter().map(|task| task.found.bytes).collect();
        let screen = Screen::new(scan.files.len(), &sizes);
        let mut working = futures::stream::iter(tasks)
            .map(async |task: Task<'_>| (task.at, self.one(&task, known, &screen).await))
            .buffer_unordered(IN_FLIGHT);
        while let Some((at, outcome)) = working.next().await {
            memory.note(at, outcome.document());
            outcomes[at] = Some(outcome);
            if memory.seen.len() >= REMEMBERED_TOGETHER {
                self.remember(&mut memory.seen).await?;
            }
        }
        drop(working);
        screen.clear();
        for (at, step) in plan.steps.iter().enumerate() {
            if let Action::SameAs(first) = step.action {
                let same = outcomes[first].clone().map(|first| Outcome {
                    path: scan.files[at].path.clone(),
                    change: step.change,
                    ..first
                });
                // The document has its name from the other file.
                let became = same.as_ref().and_then(Outcome::document);
                memory.note(at, became.map(|(document, _name)| (document, None)));
                outcomes[at] = same;
            }
        }
        self.remember(&mut memory.seen).await?;
        Ok(outcomes.into_iter().flatten().collect())
    }

    /// Whether a document has the tags that are to be given to all.
    fn has_tags(&self, known: &Known, document: DocumentId) -> bool {
        let wanted = self.args.tags.iter().map(|tag| tag.trim());
        let mut wanted = wanted.filter(|tag| !tag.is_empty());
        let had = known
            .document(document)
            .map_or(&[][..], |document| &document.tags);
        wanted.all(|tag| had.iter().any(|had| had == tag))
    }

    async fn remember(&self, seen: &mut Vec<FolderFile>) -> Result<()> {
        let change = FolderChange {
            seen: std::mem::take(seen),
            ..FolderChange::default()
        };
        self.ledger.write(change).await.map(drop)
    }

    /// Takes one file to its end.
    async fn one(&self, task: &Task<'_>, known: &Known, screen: &Screen) -> Outcome {
        let mut line = screen.line(task.at, task.found.bytes);
        let path = task.found.path.clone();
        let left = matches!(task.step.action, Action::Leave(_)) && !self.args.retry;
        let ended = match &task.step.action {
            // What was left has told its reason already.
            Action::Leave(_) if !left => self.upload(&path, &task.found.name, &mut line).await,
            Action::Follow(document) | Action::Leave(document) => match known.document(*document) {
                Some(view) => {
                    let job = view.job_id.to_string();
                    let followed = self.follow(&job, &task.found.name, &mut line).await;
                    followed.map(|view| Ended::of_known(*document, view))
                }
                None => Err(anyhow::anyhow!("document {document} is gone")),
            },
            Action::Upload | Action::Keep(_) | Action::SameAs(_) => {
                self.upload(&path, &task.found.name, &mut line).await
            }
        };
        drop(line);
        match ended {
            Ok(ended) => Outcome {
                left,
                ..ended.outcome(path, task.step.change)
            },
            Err(error) => Outcome::failed(path, task.step.change, &error),
        }
    }

    async fn upload(&self, path: &Path, name: &str, line: &mut Line<'_>) -> Result<Ended> {
        let upload = self
            .target
            .upload(&self.args.place.kb, (path, name), self.options())
            .await?;
        self.end(upload, name, line).await
    }

    /// What is said about everything that is handed in.
    pub(super) fn options(&self) -> TakeOptions {
        TakeOptions {
            tags: self.args.tags.clone(),
            password: self.args.password.clone(),
            preset: self.args.preset,
        }
    }

    /// Follows what was handed in to its end.
    pub(super) async fn end(
        &self,
        upload: UploadView,
        name: &str,
        line: &mut Line<'_>,
    ) -> Result<Ended> {
        let Some(job) = upload.job_id else {
            let refused = JobView {
                status: "failed".to_owned(),
                stage: "queued".to_owned(),
                pages_done: 0,
                pages_total: None,
                chunks_done: 0,
                chunks_total: None,
                seconds_left: None,
                waiting_for_turn: false,
                waiting_for_index: false,
                error: upload.error,
            };
            return Ok(Ended {
                document_id: None,
                name: upload.name,
                was_ready: false,
                view: refused,
                warnings: Vec::new(),
            });
        };
        let view = self.follow(&job, name, line).await?;
        let was_ready = upload.known && upload.status == "ready";
        let warnings = match &upload.document_id {
            Some(id) if view.status == "ready" && !was_ready => {
                // Only told: the document is there without them.
                let told = self.target.warnings(&self.args.place.kb, id);
                told.await.unwrap_or_default()
            }
            Some(_) | None => Vec::new(),
        };
        Ok(Ended {
            document_id: upload.document_id,
            name: upload.name,
            was_ready,
            view,
            warnings,
        })
    }

    async fn follow(&self, job: &str, name: &str, line: &mut Line<'_>) -> Result<JobView> {
        let following = self.target.follow(job, |view| line.show(name, view));
        following.await
    }
}

fn ready(found: &Found, document: DocumentId, change: Change) -> Outcome {
    Outcome {
        path: found.path.clone(),
        document_id: Some(document.to_string()),
        document_name: None,
        status: "ready".to_owned(),
        change,
        error_code: None,
        error: None,
        left: false,
        warnings: Vec::new(),
    }
}
