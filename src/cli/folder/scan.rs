//! What lies in the paths named: every file with what tells whether it has changed, without reading any.

use std::collections::{HashSet, VecDeque};
use std::path::{MAIN_SEPARATOR, Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::apart::{number_namesakes, tell_apart};
use crate::cli::language::{say, unreadable};
use crate::names::safe_file_name;

/// A file that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// As it was named, or below the folder that was.
    pub(crate) path: PathBuf,
    /// The one absolute path that it is remembered by; `None` if it is not UTF-8.
    pub(crate) key: Option<String>,
    /// The name that its document gets: relative to the folder named, so that two `readme.md` stay apart.
    pub(crate) name: String,
    /// Size.
    pub(crate) bytes: u64,
    /// When its bytes, its name or its rights were last changed, in nanoseconds since 1970.
    pub(crate) modified: i64,
}

/// What could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unread {
    /// File or folder.
    pub(crate) path: PathBuf,
    /// Its absolute path.
    pub(crate) key: String,
    /// Why.
    pub(crate) reason: String,
}

/// Everything under the paths named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Scan {
    /// Files, folder by folder.
    pub(crate) files: Vec<Found>,
    /// What could not be looked at: nothing under it counts as gone.
    pub(crate) unread: Vec<Unread>,
    /// Absolute paths of files that may still be growing: they are not in `files`, and not gone.
    pub(crate) growing: HashSet<String>,
    /// Hidden and unfinished files and folders, links, and what is neither file nor folder: never taken in.
    pub(crate) passed_over: usize,
    /// The first of them, as they are named below the folder that was.
    pub(crate) passed_over_first: Vec<PathBuf>,
    /// Folders named, absolute with a separator at the end.
    pub(crate) folders: Vec<String>,
    /// When it was made, in nanoseconds since 1970.
    pub(crate) looked_at: i64,
}

impl Scan {
    fn pass_over(&mut self, path: PathBuf) {
        const NAMED: usize = 5;
        self.passed_over += 1;
        if self.passed_over_first.len() < NAMED {
            self.passed_over_first.push(path);
        }
    }

    /// Whether nothing has changed since an earlier look, as far as names, sizes and times tell.
    pub(crate) fn looks_like(&self, before: &Self) -> bool {
        self.files == before.files && self.unread == before.unread && self.growing == before.growing
    }

    /// Whether a path lies in one of the folders named.
    pub(crate) fn covers(&self, key: &str) -> bool {
        self.folders.iter().any(|folder| key.starts_with(folder))
    }

    /// Whether the folder named that a path lies in holds anything: an empty one may be a drive that is not mounted.
    pub(crate) fn is_there(&self, key: &str) -> bool {
        let holds_any = |folder: &str| {
            let files = self.files.iter().filter_map(|file| file.key.as_ref());
            files
                .chain(&self.growing)
                .any(|file| file.starts_with(folder))
        };
        let mut folders = self.folders.iter();
        folders.any(|folder| key.starts_with(folder) && holds_any(folder))
    }

    /// Whether nothing certain is known of a path: it is growing, or lies where something could not be looked at.
    pub(crate) fn is_uncertain(&self, key: &str) -> bool {
        let under = |unread: &Unread| {
            key.strip_prefix(unread.key.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(MAIN_SEPARATOR))
        };
        self.growing.contains(key) || self.unread.iter().any(under)
    }
}

/// Looks through the paths. Hidden files and what editors and downloads leave lying are passed over in folders; links
/// are not followed out of a folder.
pub(crate) fn scan(paths: &[PathBuf]) -> Scan {
    let mut scan = Scan {
        looked_at: nanoseconds(SystemTime::now()),
        ..Scan::default()
    };
    for path in paths {
        let looked =
            std::fs::metadata(path).and_then(|found| Ok((found, std::fs::canonicalize(path)?)));
        let (found, whole) = match looked {
            Ok(looked) => looked,
            Err(error) => {
                scan.unread.push(not_there(path, &error));
                continue;
            }
        };
        if found.is_dir() {
            walk(path, &whole, &mut scan);
        } else {
            let name = path.file_name().unwrap_or_default();
            let name = name.to_string_lossy();
            scan.files.push(file(path.clone(), &whole, &name, &found));
        }
    }
    // A folder named twice, or within another one, is still one folder.
    let mut seen = HashSet::new();
    scan.files
        .retain(|file| file.key.as_ref().is_none_or(|key| seen.insert(key.clone())));
    tell_apart(&mut scan.files, paths);
    number_namesakes(&mut scan.files);
    scan
}

fn walk(root: &Path, whole: &Path, scan: &mut Scan) {
    scan.folders.push(format!(
        "{}{MAIN_SEPARATOR}",
        whole.to_string_lossy().trim_end_matches(MAIN_SEPARATOR)
    ));
    let mut folders = VecDeque::from([PathBuf::new()]);
    while let Some(folder) = folders.pop_front() {
        let entries = std::fs::read_dir(root.join(&folder));
        let entries = entries.and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => {
                scan.unread.push(unread(root, whole, &folder, &error));
                continue;
            }
        };
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let relative = folder.join(entry.file_name());
            if is_passed_over(&entry.file_name().to_string_lossy()) {
                scan.pass_over(relative);
                continue;
            }
            // Of the entry itself, not of what a link leads to.
            match entry.metadata() {
                Ok(metadata) if metadata.is_dir() => folders.push_back(relative),
                Ok(metadata) if metadata.is_file() => {
                    let (path, whole) = (root.join(&relative), whole.join(&relative));
                    let name = relative.to_string_lossy();
                    scan.files.push(file(path, &whole, &name, &metadata));
                }
                Ok(_) => scan.pass_over(relative),
                // It went between listing and looking.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => scan.unread.push(unread(root, whole, &relative, &error)),
            }
        }
    }
}

/// A path named that is not there, or an address of a kind that is not fetched.
fn not_there(path: &Path, error: &std::io::Error) -> Unread {
    let named = path.to_string_lossy();
    let key = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    Unread {
        path: path.to_owned(),
        key: key.to_string_lossy().into_owned(),
        reason: if named.contains("://") {
            say(
                "only addresses that begin with http:// or https:// are fetched",
                "只能抓取以 http:// 或 https:// 开头的网址",
            )
            .to_owned()
        } else {
            unreadable(error)
        },
    }
}

fn unread(root: &Path, whole: &Path, relative: &Path, error: &std::io::Error) -> Unread {
    let key = whole.join(relative).to_string_lossy().into_owned();
    Unread {
        path: root.join(relative),
        key: key.trim_end_matches(MAIN_SEPARATOR).to_owned(),
        reason: unreadable(error),
    }
}

fn file(path: PathBuf, whole: &Path, name: &str, metadata: &std::fs::Metadata) -> Found {
    Found {
        path,
        key: whole.to_str().map(ToOwned::to_owned),
        // As a server keeps names, so that they can be compared.
        name: safe_file_name(name).unwrap_or_else(|| "-".to_owned()),
        bytes: metadata.len(),
        modified: changed_at(metadata),
    }
}

/// The time that programs can set, or the one that they cannot where there is one and it is later: a file that was
/// put in the place of another one of the same size and time shows there.
fn changed_at(metadata: &std::fs::Metadata) -> i64 {
    let modified = metadata.modified().map_or(0, nanoseconds);
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let seconds = metadata.ctime().saturating_mul(1_000_000_000);
        modified.max(seconds.saturating_add(metadata.ctime_nsec()))
    }
    #[cfg(not(unix))]
    modified
}

/// Nanoseconds since 1970, negative before; the ends of time for what lies beyond.
pub(crate) fn nanoseconds(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => {
            i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, i64::wrapping_neg)
        }
    }
}

/// Hidden files, backups and locks of editors and office programs, and downloads that are not whole.
fn is_passed_over(name: &str) -> bool {
    let unfinished = [".part", ".partial", ".crdownload", ".download"];
    name.starts_with('.')
        || name.starts_with("~$")
        || name.ends_with('~')
        || (name.len() > 1 && name.starts_with('#') && name.ends_with('#'))
        || unfinished.iter().any(|ending| name.ends_with(ending))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::cli::folder) fn folder_with(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for name in names {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
            std::fs::write(path, "x").expect("a file");
        }
        folder
    }

    pub(in crate::cli::folder) fn names(scan: &Scan) -> Vec<&str> {
        scan.files.iter().map(|file| file.name.as_str()).collect()
    }

    #[test]
    fn a_folder_gives_its_files_with_relative_names_and_hidden_ones_are_passed_over() {
        let folder = folder_with(&["b.txt", "章一/a.txt", "章一/.git/config", ".hidden"]);
        let found = scan(&[folder.path().to_path_buf()]);
        assert_eq!(names(&found), ["b.txt", "章一/a.txt"]);
        assert_eq!(found.passed_over, 2);
        assert!(
            found
                .files
                .iter()
                .all(|file| file.bytes == 1 && file.modified > 0)
        );
        let key = found.files[1].key.as_deref().expect("UTF-8");
        assert!(found.covers(key) && Path::new(key).is_absolute());
    }

    #[test]
    fn a_path_that_is_not_there_is_named_and_keeps_nothing_else_from_being_read() {
        let named = [
            PathBuf::from("/no/such/file.pdf"),
            PathBuf::from("ftp://example.org/a.pdf"),
        ];
        let found = scan(&named);
        assert!(found.files.is_empty() && found.is_uncertain("/no/such/file.pdf"));
        let unread: Vec<_> = found.unread.iter().map(|unread| &unread.path).collect();
        assert_eq!(unread, [&named[0], &named[1]]);
        assert!(
            found.unread[1].reason.contains("https://"),
            "{:?}",
            found.unread
        );
        let here = scan(&[named[0].clone(), PathBuf::from(file!())]);
        assert_eq!((here.files.len(), here.unread.len()), (1, 1));
    }

    #[test]
    fn what_editors_and_downloads_leave_lying_is_passed_over() {
        let names_left = [
            "a.txt~",
            "~$合同.docx",
            "#a.txt#",
            "film.mp4.part",
            "x.crdownload",
            "#1 plan.txt",
        ];
        let folder = folder_with(&names_left);
        let found = scan(&[folder.path().to_path_buf()]);
        assert_eq!(names(&found), ["#1 plan.txt"]);
        let named = folder.path().join("a.txt~");
        assert_eq!(names(&scan(&[named])), ["a.txt~"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_put_in_the_place_of_another_one_of_the_same_size_and_time_shows() {
        let folder = folder_with(&["a.txt", "b.txt"]);
        let path = |name| folder.path().join(name);
        let time = std::fs::FileTimes::new().set_modified(UNIX_EPOCH);
        for name in ["a.txt", "b.txt"] {
            let file = std::fs::File::options().write(true).open(path(name));
            file.expect("a file").set_times(time).expect("set");
        }
        let before = scan(&[folder.path().to_path_buf()]);
        std::fs::rename(path("b.txt"), path("a.txt")).expect("moved");
        let after = scan(&[folder.path().to_path_buf()]);
        assert!(after.files[0].modified > before.files[0].modified);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_a_folder_is_not_followed() {
        let (folder, elsewhere) = (folder_with(&["a.txt"]), folder_with(&["secret.txt"]));
        std::os::unix::fs::symlink(elsewhere.path(), folder.path().join("link")).expect("a link");
        let secret = elsewhere.path().join("secret.txt");
        std::os::unix::fs::symlink(secret, folder.path().join("link.txt")).expect("a link");
        let found = scan(&[folder.path().to_path_buf()]);
        assert_eq!((names(&found), found.passed_over), (vec!["a.txt"], 2));
    }

    #[test]
    fn a_folder_that_is_empty_is_not_surely_there() {
        let folder = folder_with(&["full/a.txt", "empty/.hidden"]);
        let paths = ["full", "empty"].map(|name| folder.path().join(name));
        let found = scan(&paths);
        let under = |at: usize| format!("{}gone.txt", found.folders[at]);
        assert!(found.is_there(&under(0)) && !found.is_there(&under(1)));
    }

    #[test]
    fn what_lies_under_an_unread_folder_is_uncertain() {
        let found = Scan {
            unread: vec![Unread {
                path: PathBuf::from("docs/secret"),
                key: "/docs/secret".to_owned(),
                reason: "permission denied".to_owned(),
            }],
            folders: vec!["/docs/".to_owned()],
            ..Scan::default()
        };
        assert!(found.is_uncertain("/docs/secret/a.txt") && found.is_uncertain("/docs/secret"));
        assert!(!found.is_uncertain("/docs/secrets.txt") && !found.covers("/docs2/a.txt"));
    }
}
