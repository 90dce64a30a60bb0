//! What this process has used, read from `/proc`; zero where there is none.

use std::path::Path;

/// Most memory resident at any time, in MiB.
#[must_use]
pub fn peak_rss_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}

/// Linux reports in hundredths of a second to every program, whatever the kernel's own tick.
const TICKS_PER_SECOND: f64 = 100.0;

/// Processor time of this process and of the children that it has waited for, in seconds.
#[must_use]
pub fn cpu_seconds() -> f64 {
    times(Path::new("/proc/self/stat"), 0, 4)
}

/// Processor time of the children that this process has waited for, in seconds.
#[must_use]
pub fn children_cpu_seconds() -> f64 {
    times(Path::new("/proc/self/stat"), 2, 2)
}

/// Processor time of this process's running threads whose names begin with `prefix`, in seconds.
#[must_use]
pub fn threads_cpu_seconds(prefix: &str) -> f64 {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten();
    threads
        .flatten()
        .map(|thread| thread.path())
        .filter(|thread| {
            std::fs::read_to_string(thread.join("comm")).is_ok_and(|name| name.starts_with(prefix))
        })
        .map(|thread| times(&thread.join("stat"), 0, 2))
        .sum()
}

/// Sums `count` of the four times in a `stat` file, from `first` on: own user and system, children's user and system.
fn times(stat: &Path, first: usize, count: usize) -> f64 {
    /// Fields between the name and the first time.
    const BEFORE: usize = 11;
    let stat = std::fs::read_to_string(stat).unwrap_or_default();
    // The program's name, in brackets, may hold blanks; the numbers come after it.
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = after_name
        .split_whitespace()
        .skip(BEFORE + first)
        .take(count)
        .filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / TICKS_PER_SECOND
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_running_process_has_used_memory() {
        assert!(peak_rss_mb() > 1.0);
        assert!(cpu_seconds() >= children_cpu_seconds());
    }

    #[test]
    fn only_threads_of_that_name_are_counted() {
        assert!(threads_cpu_seconds("") >= 0.0);
        assert!(threads_cpu_seconds("no thread has this name").abs() < f64::EPSILON);
    }
}
