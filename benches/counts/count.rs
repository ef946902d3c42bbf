//! Counts a case's instructions with valgrind's callgrind, without those of the process around it.

use super::cases::Case;
use std::process::Command;

/// Returns the instructions per operation: the difference between few and many operations, divided
/// by their number, so that setup does not count. `None` if valgrind is missing.
pub(crate) fn count(case: &Case) -> Option<u64> {
    let (few, many) = (case.times / 4, case.times);
    let (base, all) = (instructions(case.name, few)?, instructions(case.name, many)?);
    Some((all - base) / (many - few))
}

fn instructions(name: &str, times: u64) -> Option<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe().unwrap())
        .args(["--case", name, &times.to_string()])
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {text}");
    let line = text.lines().find_map(|line| line.split_once("Collected : "));
    line.map(|(_, count)| count.trim().parse().unwrap())
}

/// Describes what counts depend on: the compiler, and the vector instructions that libraries use.
pub(crate) fn machine() -> String {
    let output = Command::new("rustc").arg("--version").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let text = text.unwrap_or_default();
    let compiler = text.split(" (").next().unwrap_or_default().trim();
    format!("{compiler} for {}{}", std::env::consts::ARCH, vectors())
}

#[cfg(target_arch = "x86_64")]
fn vectors() -> &'static str {
    if std::arch::is_x86_feature_detected!("avx2") { " with AVX2" } else { "" }
}

#[cfg(not(target_arch = "x86_64"))]
fn vectors() -> &'static str {
    ""
}
