//! A command as a whole process: how long it took, and the most memory it held.

use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How often the kernel is asked for the peak: it keeps the highest, and forgets it at exit.
const EVERY: Duration = Duration::from_millis(2);

/// What a process took.
pub(crate) struct Took {
    pub(crate) time: Duration,
    /// The highest resident set that was seen, in bytes; what rises in the last 2 ms is missed.
    pub(crate) peak: u64,
    pub(crate) status: ExitStatus,
}

/// Runs a command to its end, its output thrown away.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<Took> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let since = Instant::now();
    let mut child = command.spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let watcher = std::thread::spawn(move || {
        let mut peak = 0;
        while let Ok(text) = std::fs::read_to_string(&status) {
            // A process that has ended, but was not waited for, has no memory to tell of.
            let Some(now) = high_water(&text) else { break };
            peak = now.max(peak);
            std::thread::sleep(EVERY);
        }
        peak
    });
    let status = child.wait()?;
    let time = since.elapsed();
    let peak = watcher.join().unwrap_or_default();
    Ok(Took { time, peak, status })
}

/// `VmHWM:   12345 kB`, in bytes.
fn high_water(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}
