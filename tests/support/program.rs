//! Runs the program in a home folder of its own, isolated from the environment of the test.

use crate::support::artifacts;
use crate::support::upstream::{Reply, TIMEOUT, Upstream, answer};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

pub(crate) use crate::support::artifacts::CANARY;

/// A user's home folder.
pub(crate) struct Home(TempDir);

/// How the program ended and what it printed.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Home {
    pub(crate) fn new() -> Self {
        Home(artifacts::home())
    }

    /// Keeps what a program printed in this home, for the search after all tests.
    pub(crate) fn keep(&self, name: &str, printed: &[u8]) {
        artifacts::Keeper::beside(self.0.path(), name).keep(printed);
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file below the home folder and returns its path.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Returns a command that runs the program in this home, with a minimal environment.
    pub(crate) fn kaizodo(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kaizodo"));
        command.args(args).current_dir(self.0.path());
        command
            .env_clear()
            .env("KAIZODO_FOCUS", "off")
            .env("HOME", self.0.path())
            .env("LANG", "en_US.UTF-8");
        // Windows needs this variable to find its socket libraries.
        #[expect(clippy::disallowed_methods, reason = "no setting of the program's")]
        let root = std::env::var_os("SystemRoot");
        if let Some(root) = root {
            command.env("SystemRoot", root);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.kill_on_drop(true);
        command
    }

    /// Like [`Home::kaizodo`], but the program asks `server` with the tests' key.
    pub(crate) fn asking(&self, server: &Upstream, args: &[&str]) -> Command {
        artifacts::key_given(self.0.path());
        let mut command = self.kaizodo(args);
        command.env("OPENAI_BASE_URL", server.url()).env("KAIZODO_MODEL", "m");
        command.env("OPENAI_API_KEY", CANARY);
        command
    }
}

/// Runs a command to its end.
pub(crate) async fn end(command: &mut Command) -> Ended {
    end_with(command, "").await
}

/// Runs a command to its end, with `text` on standard input.
pub(crate) async fn end_with(command: &mut Command, text: &str) -> Ended {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A program that does not read its standard input closes it.
    let _ = stdin.write_all(text.as_bytes()).await;
    drop(stdin);
    let output = tokio::time::timeout(2 * TIMEOUT, child.wait_with_output()).await;
    let output = output.expect("the program ends").unwrap();
    if let Some(home) = command.as_std().get_current_dir() {
        artifacts::Keeper::beside(home, "stdout").keep(&output.stdout);
        artifacts::Keeper::beside(home, "stderr").keep(&output.stderr);
    }
    Ended {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// For each perspective, a text that occurs in its request and in no other.
pub(crate) const ASKED: [&str; 4] = [
    "Your side of the text: Depth",
    "Your side of the text: Breadth",
    "Your side of the text: Structure",
    "Your side of the text: Time",
];

/// Starts a server with replies for some perspectives; the others get a short answer.
pub(crate) async fn server(special: Vec<(&'static str, Reply)>) -> Upstream {
    let rest = ASKED.map(|asked| {
        (asked, answer([format!("- {} is said\n", &asked["Your side of the text: ".len()..][..1])]))
    });
    Upstream::rules(special.into_iter().chain(rest).collect()).await
}
