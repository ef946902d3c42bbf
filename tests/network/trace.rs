//! Runs the program under strace and returns the addresses that it contacted.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Once;
use tempfile::TempDir;

/// The system calls that contact an address, and `execve`, which shows that tracing works.
const CALLS: &str = "trace=execve,connect,sendto,sendmsg,sendmmsg";

/// The network that the program sees.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Network {
    /// This computer's network.
    Own,
    /// A network namespace without a network.
    None,
}

/// A traced start of the program.
pub(crate) struct Trace {
    folder: TempDir,
    network: Network,
}

impl Trace {
    /// Prepares tracing. Returns `None` if the system does not allow tracing, which is printed
    /// once.
    pub(crate) fn start(network: Network) -> Option<Self> {
        let trace = Trace { folder: tempfile::tempdir().unwrap(), network };
        let mut command = trace.tracer();
        command.arg("true").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if command.status().is_ok_and(|status| status.success()) {
            return Some(trace);
        }
        static SAID: Once = Once::new();
        SAID.call_once(|| {
            // Not with `eprintln!`, whose output the test runner captures.
            let _ = std::io::stderr().write_all(
                b"network: skipped, since strace or a network namespace is not to be had here\n",
            );
        });
        None
    }

    fn log(&self) -> std::path::PathBuf {
        self.folder.path().join("calls")
    }

    fn tracer(&self) -> Command {
        let mut command = match self.network {
            Network::Own => Command::new("strace"),
            Network::None => {
                let mut command = Command::new("unshare");
                command.args(["--map-root-user", "--net", "strace"]);
                command
            }
        };
        command.args(["--follow-forks", "-qq", "-e", CALLS, "-o"]).arg(self.log());
        command
    }

    /// Returns a command that runs the program with these arguments under strace.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = self.tracer();
        command.arg(env!("CARGO_BIN_EXE_kaizodo")).args(args);
        command
    }

    /// Runs the program to its end, in a home folder of its own and with only `PATH` and `env` as
    /// environment.
    pub(crate) async fn run(&self, args: &[&str], env: &[(&str, &str)]) {
        let mut command = self.command(args);
        command
            .env_clear()
            .env("KAIZODO_FOCUS", "off")
            .envs(std::env::vars_os().filter(|(name, _)| name == "PATH"));
        command.env("HOME", self.folder.path()).envs(env.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = tokio::process::Command::from(command).kill_on_drop(true).spawn().unwrap();
        let ended = tokio::time::timeout(crate::support::client::TIMEOUT, child.wait()).await;
        assert!(ended.expect("it ends").unwrap().code().is_some(), "{args:?}");
    }

    /// Returns the network addresses that the program, which has ended, connected or sent to.
    pub(crate) fn contacts(&self) -> BTreeSet<String> {
        let log = std::fs::read_to_string(self.log()).unwrap();
        assert!(log.contains("execve(") && log.contains("kaizodo"), "nothing was traced: {log}");
        contacts(&log)
    }
}

/// Finds every `{sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("1.2.3.4")}`, and its
/// IPv6 counterpart, in the output of strace.
fn contacts(log: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for sockaddr in log.split("sa_family=AF_INET").skip(1) {
        let inside = sockaddr.split('}').next().unwrap();
        let port = inside.split("_port=htons(").nth(1).unwrap().split(')').next().unwrap();
        let host = inside.split('"').nth(1).unwrap();
        found.insert(format!("{host}:{port}"));
    }
    found
}

#[test]
fn addresses_are_read_off_calls() {
    let log = r#"
1 connect(9, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("10.0.0.1")}, 16 <unfinished ...>
2 connect(8, {sa_family=AF_UNIX, sun_path="/run/x"}, 110) = -1 ENOENT (No such file or directory)
1 sendmmsg(7, [{msg_hdr={msg_name={sa_family=AF_INET6, sin6_port=htons(53), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "::1", &sin6_addr), sin6_scope_id=0}, msg_namelen=28}}], 1, 0) = 1
"#;
    let expected = ["10.0.0.1:443", "::1:53"].map(str::to_owned);
    assert_eq!(contacts(log), BTreeSet::from(expected));
}
