//! The programs that kaizodo is compared with, each in a separate process.

use super::record::Record;
use super::upstream::Upstream;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program to compare with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rival {
    /// The bare reader, which is the lower bound.
    Reader,
    /// The article's program.
    Article,
    /// The article's program with its merge corrected.
    Corrected,
}

pub(crate) const RIVALS: [Rival; 3] = [Rival::Reader, Rival::Article, Rival::Corrected];

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn python() -> PathBuf {
    root().join(".cache/bench/python/bin/python")
}

impl Rival {
    /// Returns the version of the `openai` package that the programs use.
    pub(crate) fn openai_version() -> String {
        let print = "import openai; print(openai.__version__)";
        let output = Command::new(python()).args(["-c", print]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn command(self) -> Command {
        let script = |name: &str| {
            let mut command = Command::new(python());
            command.arg(root().join("benches/python").join(name));
            command
        };
        match self {
            Rival::Reader => {
                let mut command = Command::new(std::env::current_exe().unwrap());
                command.arg("reader");
                command
            }
            Rival::Article => script("article.py"),
            Rival::Corrected => script("corrected.py"),
        }
    }

    /// Requests `lanes` streams with pieces of `piece` bytes.
    pub(crate) fn run(self, upstream: &Upstream, lanes: usize, piece: usize) -> Record {
        self.ask(&upstream.url(), lanes, piece, "A meeting runs long and decides nothing.")
    }

    /// Like [`Rival::run`], but with any server and text.
    pub(crate) fn ask(self, url: &str, lanes: usize, piece: usize, text: &str) -> Record {
        let mut command = self.command();
        command.args([url, &lanes.to_string(), &piece.to_string(), text]);
        for proxy in ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
            command.env_remove(proxy);
        }
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        serde_json::from_str(&text).unwrap_or_else(|error| {
            panic!("{self:?}: {error}\n{}", String::from_utf8_lossy(&output.stderr))
        })
    }
}

/// Returns `true` if the programs have been installed.
pub(crate) fn is_installed() -> bool {
    Path::new(&python()).exists()
}
