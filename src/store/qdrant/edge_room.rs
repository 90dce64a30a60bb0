//! What decides how an index is gathered: how its segments share the disk, and how much memory is free.

use std::path::Path;

use sysinfo::{MemoryRefreshKind, RefreshKind, System};
use walkdir::WalkDir;

/// Where edge keeps the segments of a shard.
const SEGMENTS_FOLDER: &str = "segments";

/// Share of the largest segment in the bytes that all segments of the shard in `folder` take on disk, in [0, 1]; 0 where
/// there are none. An estimate: a segment that is written to has room in its files.
pub(super) fn share_of_largest(folder: &Path) -> f64 {
    let segments = WalkDir::new(folder.join(SEGMENTS_FOLDER)).max_depth(1);
    let segments = segments.min_depth(1).into_iter().flatten();
    let sizes: Vec<u64> = segments.map(|segment| bytes_in(segment.path())).collect();
    let all: u64 = sizes.iter().sum();
    match sizes.into_iter().max() {
        Some(largest) if all > 0 => largest as f64 / all as f64,
        Some(_) | None => 0.0,
    }
}

fn bytes_in(folder: &Path) -> u64 {
    let entries = WalkDir::new(folder).into_iter().flatten();
    let files = entries.filter(|entry| entry.file_type().is_file());
    let sizes = files.filter_map(|entry| entry.metadata().ok());
    sizes.map(|metadata| metadata.len()).sum()
}

/// Bytes of memory that this process could take without anything being swapped out, the limit of its container minded;
/// `None` where the system does not tell.
pub(super) fn free_memory() -> Option<u64> {
    let ram = MemoryRefreshKind::nothing().with_ram();
    let system = System::new_with_specifics(RefreshKind::nothing().with_memory(ram));
    let limit = system.cgroup_limits().map(|limits| limits.free_memory);
    let free = system.available_memory();
    (free > 0).then(|| limit.map_or(free, |limit| limit.min(free)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_segment_is_told_by_what_it_takes_on_disk() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        assert!(share_of_largest(folder.path()).abs() < f64::EPSILON);
        for (name, bytes) in [
            ("one/vectors/chunk_0", 600),
            ("one/graph", 150),
            ("two/x", 250),
        ] {
            let path = folder.path().join(SEGMENTS_FOLDER).join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
            std::fs::write(path, vec![0; bytes]).expect("a file");
        }
        let share = share_of_largest(folder.path());
        assert!((0.7..0.8).contains(&share), "{share}");
    }
}
