//! Processor time of the window's own threads, which neither other programs nor the trainer lengthen.

use std::fs::read_to_string;

/// Milliseconds that the threads of this process ran so far, those of the engine left out (their names begin
/// with its own); on Linux.
pub fn window_ms() -> Option<f64> {
    let mut sum = 0.0;
    for task in std::fs::read_dir("/proc/self/task").ok()? {
        let task = task.ok()?.path();
        // A thread that has just ended has no files any more.
        let name = read_to_string(task.join("comm")).unwrap_or_default();
        let times = read_to_string(task.join("schedstat")).unwrap_or_default();
        if name.starts_with("supcon-") {
            continue;
        }
        let nanoseconds = times.split(' ').next().and_then(|text| text.parse().ok());
        sum += nanoseconds.unwrap_or(0.0) / 1e6;
    }
    Some(sum)
}

/// Programs that ran or waited to run in the last minute, on average.
pub fn load_average() -> String {
    let text = read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("unknown").to_owned()
}

/// Cores there are.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
