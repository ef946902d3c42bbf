//! Ends a child process together with the processes that it has started.

/// Kills a child that leads its own process group, and all other processes in the group.
pub(crate) fn kill_group(child: u32) {
    if let Some(group) = i32::try_from(child).ok().and_then(rustix::process::Pid::from_raw) {
        // An error is ignored, because the group may already have exited.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
}
