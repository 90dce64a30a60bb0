//! `wenyuan ingest --watch`: looks again whenever something changes.

use std::time::Instant;

use anyhow::Result;

use super::folder::{Scan, Settling, pause, scan};
use super::ingest::Work;
use super::language::say;
use super::report::Report;
use super::serve::stop_signal;

impl Work<'_> {
    /// Looks again whenever something changes, until it is told to stop.
    pub(super) async fn watching(&self) -> Result<bool> {
        let mut settling = Settling::default();
        let mut before: Option<Scan> = None;
        let (mut first, mut gone) = (true, 0);
        let looking = async {
            loop {
                let (began, paths) = (Instant::now(), self.paths.clone());
                let scanned = tokio::task::spawn_blocking(move || scan(&paths)).await?;
                let took = began.elapsed();
                let mut seen = async |mut scan: Scan| {
                    let mut restless = settling.sift(&mut scan);
                    if before
                        .as_ref()
                        .is_some_and(|before| scan.looks_like(before))
                    {
                        return Ok(());
                    }
                    let (mut report, unconfirmed) = self.look(&scan, Some(&mut settling)).await?;
                    if first {
                        report.outcomes.extend(self.fetch_all().await);
                    }
                    restless |= unconfirmed;
                    let failed = report.outcomes.iter().filter(|outcome| !outcome.is_ready());
                    settling.note_failures(&scan, failed.map(|outcome| outcome.path.as_path()));
                    self.tell(&report, first);
                    if report.gone > gone && !first && !self.args.json {
                        report.print_gone();
                    }
                    gone = report.gone;
                    before = (!restless).then_some(scan);
                    Ok(())
                };
                match seen(scanned).await {
                    Ok(()) => first = false,
                    // Without a first look there is nothing to watch for; later a server may restart, or a drive come
                    // back.
                    Err(error) if first => return Err(error),
                    Err(error) => eprintln!("{error:#}"),
                }
                pause(took).await;
            }
        };
        tokio::select! {
            ended = looking => ended,
            () = stop_signal() => {
                if !self.args.json {
                    println!("{}", say("Stopped watching.", "已停止监视。"));
                }
                Ok(true)
            }
        }
    }

    fn tell(&self, report: &Report, first: bool) {
        match (self.args.json, first) {
            (true, _) if first || !report.is_quiet() => println!("{}", report.to_json()),
            (true, _) => {}
            (false, true) => {
                report.print();
                let hint = say("Watching; Ctrl-C stops.", "正在监视；按 Ctrl-C 停止。");
                println!("{hint}");
            }
            (false, false) => report.print_changes(),
        }
    }
}
