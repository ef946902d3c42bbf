//! The process's memory, which holds the key and the selections.

/// Keeps other processes of the same user from reading this one's memory and environment
/// (`/proc/<pid>/mem`, `/proc/<pid>/environ`, `ptrace`), and keeps both out of core files. A debug
/// build does not, so that debuggers and profilers can attach to it.
pub(crate) fn keep_private() {
    // Where the system does not know this, it is as it was.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;
    use rustix::process::{DumpableBehavior, dumpable_behavior};
    use std::process::Command;

    /// Run by [`nobody_else_reads_the_memory`] in a process of its own.
    #[test]
    #[ignore = "it changes the whole process"]
    fn in_a_process_of_its_own() {
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::Dumpable);
        keep_private();
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
    }

    #[test]
    fn nobody_else_reads_the_memory() {
        let name = "cli::core_dumps::tests::in_a_process_of_its_own";
        let mut child = Command::new(std::env::current_exe().unwrap());
        let output = child.args(["--exact", name, "--ignored"]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
    }
}
