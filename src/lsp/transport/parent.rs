//! Watches the editor's process (LSP 3.17, `InitializeParams.processId`).

/// Returns `true` if a process exists, even if it belongs to another user.
#[cfg(unix)]
pub(crate) fn is_alive(pid: i32) -> bool {
    rustix::process::Pid::from_raw(pid)
        .is_some_and(|pid| rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
}

/// Always returns `true`: on this platform, only the end of the input reveals that the editor has
/// exited.
#[cfg(not(unix))]
pub(crate) fn is_alive(_pid: i32) -> bool {
    true
}

/// Returns the editor's PID from the parameters of `initialize`, if that process exists. A
/// sandboxed editor sends a PID of its own namespace, which may not exist here.
pub(crate) fn named_by(params: Option<&serde_json::Value>) -> Option<i32> {
    let pid = params?.get("processId")?.as_i64()?;
    i32::try_from(pid).ok().filter(|pid| *pid > 0 && is_alive(*pid))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_a_living_process_is_watched() {
        let own = i32::try_from(std::process::id()).unwrap();
        assert_eq!(named_by(Some(&json!({"processId": own}))), Some(own));
        for none in [json!(null), json!(0), json!(-1), json!(i32::MAX), json!("x"), json!(1e18)] {
            assert_eq!(named_by(Some(&json!({ "processId": none }))), None);
        }
        assert_eq!(named_by(None), None);
    }
}
