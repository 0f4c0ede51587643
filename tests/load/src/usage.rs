//! Decides how much processor time a process has had; known on Linux only.

use std::fs;
use std::time::Duration;

/// The time that the threads of a process have run, as long as they live; `None` where nobody tells.
pub(crate) fn processor_time(process: u32) -> Option<Duration> {
    let mut total = 0_u64;
    for thread in fs::read_dir(format!("/proc/{process}/task")).ok()? {
        // A thread may have ended since it was listed.
        let Ok(text) = fs::read_to_string(thread.ok()?.path().join("schedstat")) else {
            continue;
        };
        total += text.split(' ').next()?.parse::<u64>().ok()?;
    }
    Some(Duration::from_nanos(total))
}
