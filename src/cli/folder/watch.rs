//! When a watched folder is looked at again, and what in it has not come to rest.
//!
//! Folders are looked through rather than listened to: that sees every change on every file system, network drives and
//! containers too, needs no limit of the system raised, and costs a bounded share of one core.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::plan::Gone;
use super::scan::{Found, Scan};

/// Pause between two looks at a small folder.
const PAUSE: Duration = Duration::from_secs(1);
/// A pause is at least so many times as long as looking took: 2 % of a core, however large the folder.
const PAUSES: u32 = 50;
/// A file that was not changed for so long is not growing any more.
const SETTLE: Duration = Duration::from_secs(2);

/// Returns when it is time to look again at a folder that took so long to look through.
pub(crate) async fn pause(looking_took: Duration) {
    tokio::time::sleep(PAUSE.max(looking_took * PAUSES)).await;
}

/// Remembers from look to look what has not come to rest.
#[derive(Debug, Default)]
pub(crate) struct Settling {
    /// Size, time, and when the file was first seen with them.
    growing: HashMap<PathBuf, (u64, i64, i64)>,
    /// When a file was first missed.
    missed: HashMap<String, i64>,
    /// Size and time of files that failed.
    failed: HashMap<PathBuf, (u64, i64)>,
}

impl Settling {
    /// Leaves files out that may still be growing: they count as neither there nor gone. Whether there are any.
    pub(crate) fn sift(&mut self, scan: &mut Scan) -> bool {
        let looked_at = scan.looked_at;
        let mut growing = HashMap::new();
        let (at_rest, restless): (Vec<_>, Vec<_>) = std::mem::take(&mut scan.files)
            .into_iter()
            .partition(|file| {
                let since = self.unchanged_since(file, looked_at);
                let rests = at_rest(looked_at, file.modified) || at_rest(looked_at, since);
                if !rests {
                    growing.insert(file.path.clone(), (file.bytes, file.modified, since));
                }
                rests
            });
        scan.files = at_rest;
        scan.growing = restless.into_iter().filter_map(|file| file.key).collect();
        self.growing = growing;
        !self.growing.is_empty()
    }

    /// Notes which files failed in this look: they are not tried again before they change.
    pub(crate) fn note_failures<'a>(
        &mut self,
        scan: &Scan,
        failed: impl Iterator<Item = &'a Path>,
    ) {
        let stamps: HashMap<&Path, (u64, i64)> = scan
            .files
            .iter()
            .map(|file| (file.path.as_path(), (file.bytes, file.modified)))
            .collect();
        let noted = failed.filter_map(|path| Some((path.to_owned(), *stamps.get(path)?)));
        self.failed.extend(noted);
    }

    /// Whether a file failed as it is now.
    pub(crate) fn has_failed(&self, file: &Found) -> bool {
        self.failed.get(&file.path) == Some(&(file.bytes, file.modified))
    }

    fn unchanged_since(&self, file: &Found, looked_at: i64) -> i64 {
        match self.growing.get(&file.path) {
            Some((bytes, modified, since))
                if (*bytes, *modified) == (file.bytes, file.modified) =>
            {
                *since
            }
            Some(_) | None => looked_at,
        }
    }

    /// Those that have been gone for a while: editors take a file away for a moment when they put a new one in its
    /// place. Whether others may follow.
    pub(crate) fn confirm(&mut self, gone: Vec<Gone>, looked_at: i64) -> (Vec<Gone>, bool) {
        let mut missed = HashMap::new();
        let (for_good, others): (Vec<_>, Vec<_>) = gone.into_iter().partition(|gone| {
            let since = self.missed.get(&gone.path).copied().unwrap_or(looked_at);
            missed.insert(gone.path.clone(), since);
            at_rest(looked_at, since)
        });
        self.missed = missed;
        (for_good, !others.is_empty())
    }
}

fn at_rest(now: i64, since: i64) -> bool {
    let settle = i64::try_from(SETTLE.as_nanos()).unwrap_or(i64::MAX);
    since <= now.saturating_sub(settle)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    fn look(at: i64, files: &[(&str, u64, i64)]) -> Scan {
        let files = files.iter().map(|(name, bytes, modified)| Found {
            path: PathBuf::from(name),
            key: Some(format!("/docs/{name}")),
            name: (*name).to_owned(),
            bytes: *bytes,
            modified: modified * SECOND,
        });
        Scan {
            files: files.collect(),
            folders: vec!["/docs/".to_owned()],
            looked_at: at * SECOND,
            ..Scan::default()
        }
    }

    fn gone(path: &str) -> Gone {
        Gone {
            path: path.to_owned(),
            name: path.to_owned(),
        }
    }

    #[test]
    fn a_growing_file_is_left_out_until_it_rests_and_is_not_gone_meanwhile() {
        let mut settling = Settling::default();
        let mut first = look(100, &[("old.txt", 5, 50), ("new.txt", 5, 99)]);
        assert!(settling.sift(&mut first));
        assert_eq!(first.files.len(), 1);
        assert!(first.is_uncertain("/docs/new.txt") && !first.is_uncertain("/docs/old.txt"));
        let mut grown = look(101, &[("old.txt", 5, 50), ("new.txt", 9, 101)]);
        assert!(settling.sift(&mut grown));
        let mut rested = look(103, &[("old.txt", 5, 50), ("new.txt", 9, 101)]);
        assert!(!settling.sift(&mut rested));
        assert_eq!(rested.files.len(), 2);
    }

    #[test]
    fn a_file_from_the_future_rests_once_it_stays_the_same() {
        let mut settling = Settling::default();
        assert!(settling.sift(&mut look(100, &[("a.txt", 5, 5_000)])));
        assert!(settling.sift(&mut look(101, &[("a.txt", 6, 5_000)])));
        assert!(settling.sift(&mut look(102, &[("a.txt", 6, 5_000)])));
        assert!(!settling.sift(&mut look(103, &[("a.txt", 6, 5_000)])));
    }

    #[test]
    fn a_file_that_failed_is_tried_again_when_it_has_changed() {
        let mut settling = Settling::default();
        let scan = look(100, &[("a.txt", 5, 50), ("b.txt", 5, 50)]);
        settling.note_failures(&scan, [Path::new("a.txt")].into_iter());
        assert!(settling.has_failed(&scan.files[0]) && !settling.has_failed(&scan.files[1]));
        let changed = look(110, &[("a.txt", 5, 105)]);
        assert!(!settling.has_failed(&changed.files[0]));
    }

    #[test]
    fn a_file_is_gone_only_when_it_stays_away() {
        let mut settling = Settling::default();
        assert_eq!(
            settling.confirm(vec![gone("a")], 100 * SECOND),
            (vec![], true)
        );
        // An editor has put the new file in its place.
        assert_eq!(settling.confirm(vec![], 101 * SECOND), (vec![], false));
        assert_eq!(
            settling.confirm(vec![gone("a")], 102 * SECOND),
            (vec![], true)
        );
        let confirmed = settling.confirm(vec![gone("a")], 104 * SECOND);
        assert_eq!(confirmed, (vec![gone("a")], false));
    }
}
