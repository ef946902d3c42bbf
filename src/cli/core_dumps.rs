//! Protects the process's memory, which holds the key and the selections.

/// Prevents other processes of the same user from reading this one's memory and environment
/// (`/proc/<pid>/mem`, `/proc/<pid>/environ`, `ptrace`), and disables core dumps. Debug builds do
/// not call this, so that debuggers and profilers can attach.
pub(crate) fn keep_private() {
    // Best effort: a failure is ignored.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;
    use rustix::process::{DumpableBehavior, dumpable_behavior};
    use std::process::Command;

    /// Run by [`nobody_else_reads_the_memory`] in a separate process.
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
