//! Progress of an ingestion on the screen: files, pages, passages, and the time that is left.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::language::say;
use super::view::JobView;

/// Files with a line of their own; the others only count.
const LINES: usize = 8;
/// Before so much time has passed a pace says nothing.
const LEAST: Duration = Duration::from_secs(2);

/// Where progress is drawn.
pub(crate) struct Screen {
    bars: MultiProgress,
    total: ProgressBar,
    lines: Semaphore,
    tally: Mutex<Tally>,
}

/// How far all files are together.
struct Tally {
    began: Instant,
    /// Files that have not been handed in yet.
    waiting: usize,
    bytes_left: u64,
    bytes_done: u64,
    pages: u64,
    chunks: u64,
    jobs: HashMap<usize, JobView>,
}

impl Screen {
    /// For so many files, some of which need nothing, and the bytes of the others.
    pub(crate) fn new(files: usize, work: &[u64]) -> Self {
        let bars = MultiProgress::new();
        let total = bars.add(ProgressBar::new(files as u64));
        total.set_style(style(&format!(
            "{{pos}}/{{len}} {} [{{wide_bar}}] {{msg}} · {{elapsed_precise}}",
            say("files", "个文件")
        )));
        total.set_position((files - work.len()) as u64);
        Self {
            bars,
            total,
            lines: Semaphore::new(LINES),
            tally: Mutex::new(Tally {
                began: Instant::now(),
                waiting: work.len(),
                bytes_left: work.iter().sum(),
                bytes_done: 0,
                pages: 0,
                chunks: 0,
                jobs: HashMap::new(),
            }),
        }
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A line for a file of so many bytes, which begins now.
    pub(crate) fn line(&self, file: usize, bytes: u64) -> Line<'_> {
        let mut tally = self.tally();
        tally.waiting = tally.waiting.saturating_sub(1);
        Line {
            screen: self,
            file,
            bytes,
            drawn: None,
        }
    }

    fn tell(&self) {
        let told = self.tally().told(Instant::now());
        self.total.set_message(told);
    }

    /// Takes everything off the screen.
    pub(crate) fn clear(&self) {
        self.total.finish_and_clear();
    }
}

/// A file's line, once it is being worked on and there is room for one.
pub(crate) struct Line<'a> {
    screen: &'a Screen,
    file: usize,
    bytes: u64,
    drawn: Option<(ProgressBar, SemaphorePermit<'a>)>,
}

impl Line<'_> {
    /// Shows how far the file is.
    pub(crate) fn show(&mut self, name: &str, view: &JobView) {
        self.screen.tally().jobs.insert(self.file, view.clone());
        self.screen.tell();
        if view.stage == "queued" {
            return;
        }
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
            bar.set_message(told(name, view));
        }
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        if let Some((bar, _)) = &self.drawn {
            bar.finish_and_clear();
        }
        {
            let mut tally = self.screen.tally();
            if let Some(view) = tally.jobs.remove(&self.file) {
                tally.pages += u64::from(view.pages_done);
                tally.chunks += u64::from(view.chunks_done);
            }
            tally.bytes_left = tally.bytes_left.saturating_sub(self.bytes);
            tally.bytes_done += self.bytes;
        }
        self.screen.total.inc(1);
        self.screen.tell();
    }
}

impl Tally {
    /// Seconds left: those of the slowest job once every file is handed in, before that by the pace so far.
    fn seconds_left(&self, now: Instant) -> Option<u64> {
        if self.waiting == 0 {
            let known: Option<Vec<u64>> = self.jobs.values().map(|job| job.seconds_left).collect();
            if let Some(slowest) = known.and_then(|known| known.into_iter().max()) {
                return Some(slowest);
            }
        }
        let passed = now.saturating_duration_since(self.began);
        if self.bytes_done == 0 || passed < LEAST {
            return None;
        }
        let per_byte = passed.as_secs_f64() / self.bytes_done as f64;
        Some((self.bytes_left as f64 * per_byte).ceil() as u64)
    }

    fn told(&self, now: Instant) -> String {
        let pages = self.jobs.values().map(|job| u64::from(job.pages_done));
        let pages = self.pages + pages.sum::<u64>();
        let chunks = self.jobs.values().map(|job| u64::from(job.chunks_done));
        let chunks = self.chunks + chunks.sum::<u64>();
        let mut told = format!("{chunks} {}", say("passages", "段"));
        if pages > 0 {
            told = format!("{pages} {} · {told}", say("pages", "页"));
        }
        if let Some(seconds) = self.seconds_left(now) {
            told = format!("{told} · {} {}", time(seconds), say("left", "后完成"));
        }
        told
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
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
    let left = view.seconds_left.map(time);
    let left = left.map_or_else(String::new, |left| {
        format!(" · {left} {}", say("left", "后完成"))
    });
    let waits = if view.waiting_for_index {
        say(
            " · waiting while the index is put in order",
            " · 等待整理索引",
        )
    } else if view.waiting_for_turn {
        say(" · waiting for its turn", " · 排队等待")
    } else {
        ""
    };
    format!("{name} · {stage}{counted}{waits}{left}")
}

/// A time in the two largest units that are not zero.
fn time(seconds: u64) -> String {
    match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds:02} s"),
        (hours, minutes, _) => format!("{hours} h {minutes:02} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(waiting: usize, bytes: (u64, u64)) -> Tally {
        Tally {
            began: Instant::now(),
            waiting,
            bytes_left: bytes.1,
            bytes_done: bytes.0,
            pages: 0,
            chunks: 0,
            jobs: HashMap::new(),
        }
    }

    fn job(seconds_left: Option<u64>) -> JobView {
        serde_json::from_value(serde_json::json!({
            "status": "running", "stage": "embedding", "seconds_left": seconds_left
        }))
        .expect("a job")
    }

    #[test]
    fn a_file_that_waits_says_for_what() {
        let goes_on = job(Some(5));
        let (mut turn, mut index) = (goes_on.clone(), goes_on.clone());
        turn.waiting_for_turn = true;
        index.waiting_for_index = true;
        let [goes_on, turn, index] = [goes_on, turn, index].map(|view| told("a.txt", &view));
        assert!(turn.len() > goes_on.len() + 5 && index.len() > goes_on.len() + 5);
        assert_ne!(turn, index);
    }

    #[test]
    fn while_files_wait_the_pace_so_far_counts_and_before_there_is_one_nothing_is_said() {
        let tally = tally(3, (100, 300));
        assert_eq!(tally.seconds_left(tally.began), None);
        assert_eq!(
            tally.seconds_left(tally.began + Duration::from_secs(10)),
            Some(30)
        );
    }

    #[test]
    fn once_every_file_is_handed_in_the_slowest_job_counts() {
        let mut tally = tally(0, (0, 300));
        tally.jobs.insert(0, job(Some(5)));
        tally.jobs.insert(1, job(Some(40)));
        assert_eq!(tally.seconds_left(tally.began), Some(40));
        tally.jobs.insert(2, job(None));
        assert_eq!(tally.seconds_left(tally.began), None);
    }

    #[test]
    fn times_are_told_in_two_units() {
        assert_eq!(
            [59, 61, 3_720].map(time),
            ["59 s", "1 min 01 s", "1 h 02 min"]
        );
    }
}
