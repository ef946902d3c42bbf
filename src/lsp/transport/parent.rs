//! The editor's process, as `initialize` names it (LSP 3.17, `InitializeParams.processId`).

/// Whether a process lives. One that belongs to somebody else does.
#[cfg(unix)]
pub(crate) fn is_alive(pid: i32) -> bool {
    rustix::process::Pid::from_raw(pid)
        .is_some_and(|pid| rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
}

/// Elsewhere the editor's end is seen by the end of the input alone.
#[cfg(not(unix))]
pub(crate) fn is_alive(_pid: i32) -> bool {
    true
}

/// The process to watch: the one that is named, if it lives. A sandboxed editor names a process of
/// its own world, which may not be one of ours.
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
