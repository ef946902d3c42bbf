//! The child: how it is started, what it says, and how it ends.

use crate::provider::Launch;
use parking_lot::Mutex;
use std::io;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{ChildStdin, Command};
use tokio::sync::watch;
use tokio::time::timeout;

/// Tokens of context, unless the user's own arguments say otherwise: room for some pages and an
/// answer, in memory that a small computer has.
const CONTEXT: &str = "16384";
/// Maximum bytes of a line that is kept.
const LINE: usize = 600;
/// How long to wait for the last words of a program that has ended.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Variables by which llama-server would listen elsewhere, ask for other keys or load other models
/// than it is told here. They are meant for servers that the user starts.
const VARIABLES: [&str; 9] = [
    "OPENAI_API_KEY",
    "LLAMA_ARG_API_KEY_FILE",
    "LLAMA_ARG_API_PREFIX",
    "LLAMA_ARG_SSL_KEY_FILE",
    "LLAMA_ARG_SSL_CERT_FILE",
    "LLAMA_ARG_HF_REPO",
    "LLAMA_ARG_MODEL_URL",
    "LLAMA_ARG_MODELS_DIR",
    "LLAMA_ARG_MODELS_PRESET",
];

/// What only we and the child know. Handed over in its environment, which other users cannot read as
/// they can its arguments.
pub(crate) struct Secrets<'a> {
    /// The key that it wants to be asked with.
    pub(crate) key: &'a str,
    /// The name that it gives its model, by which we know it.
    pub(crate) name: &'a str,
}

/// A child that runs until this is dropped, or we end.
pub(crate) struct Process {
    /// The guard ends the child when this is closed.
    _alive: ChildStdin,
    ended: watch::Receiver<Option<Option<i32>>>,
    words: Arc<Mutex<Words>>,
}

/// What the child has said, as far as it tells why it ended.
#[derive(Debug, Default)]
struct Words {
    error: Option<String>,
    last: String,
}

impl Words {
    fn hear(&mut self, line: &[u8]) {
        let line = String::from_utf8_lossy(line).trim().to_owned();
        if line.is_empty() {
            return;
        }
        if self.error.is_none() && line.to_ascii_lowercase().contains("error") {
            self.error = Some(line.clone());
        }
        self.last = line;
    }
}

impl Process {
    /// Starts the child under its guard.
    pub(crate) fn start(launch: &Launch, port: u16, secrets: &Secrets<'_>) -> io::Result<Self> {
        let mut command = Command::new(own_program()?);
        command.arg("guard").arg("--").arg(&launch.program);
        // The user's own arguments come after what they may change, and before what they may not.
        command.args(["--ctx-size", CONTEXT, "--parallel", "1"]).args(&launch.args);
        command.arg("--model").arg(&launch.file);
        command.args(["--host", "127.0.0.1", "--port", &port.to_string(), "--no-webui"]);
        for variable in VARIABLES {
            command.env_remove(variable);
        }
        command.env("LLAMA_API_KEY", secrets.key).env("LLAMA_ARG_ALIAS", secrets.name);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // ^C at a terminal is for us; and from the root, no path can mean the folder that we were
        // started in.
        #[cfg(unix)]
        command.process_group(0).arg0("kaizodo").current_dir("/");
        let mut child = command.spawn()?;
        let alive = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let words = Arc::new(Mutex::new(Words::default()));
        let said = [
            child.stdout.take().map(|out| tokio::spawn(listen(out, Arc::clone(&words)))),
            child.stderr.take().map(|err| tokio::spawn(listen(err, Arc::clone(&words)))),
        ];
        let (tell, ended) = watch::channel(None);
        tokio::spawn(async move {
            let status = child.wait().await;
            let _ =
                timeout(LAST_WORDS, futures::future::join_all(said.into_iter().flatten())).await;
            // Nobody is left to hear it when the process was dropped.
            let _ = tell.send(Some(status.ok().and_then(|status| status.code())));
        });
        Ok(Process { _alive: alive, ended, words })
    }

    /// Whether the child has not ended.
    pub(crate) fn is_alive(&self) -> bool {
        self.ended.borrow().is_none()
    }

    /// Waits for the child's end: its exit status and what it said about it.
    pub(crate) async fn ended(&self) -> (Option<i32>, String) {
        let mut ended = self.ended.clone();
        let status = ended.wait_for(Option::is_some).await.ok().and_then(|status| *status);
        let words = self.words.lock();
        let said = words.error.as_ref().unwrap_or(&words.last).clone();
        (status.flatten(), said)
    }
}

/// Our own program, also where its file has been replaced since.
fn own_program() -> io::Result<std::path::PathBuf> {
    if cfg!(target_os = "linux") { Ok("/proc/self/exe".into()) } else { std::env::current_exe() }
}

/// Reads lines to their end. A program whose output nobody reads would stop.
async fn listen(mut from: impl AsyncRead + Unpin, words: Arc<Mutex<Words>>) {
    let (mut bytes, mut line) = ([0; 4096], Vec::new());
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        for byte in bytes.iter().take(count) {
            match byte {
                b'\n' => words.lock().hear(&std::mem::take(&mut line)),
                byte if line.len() < LINE => line.push(*byte),
                _ => {}
            }
        }
    }
    words.lock().hear(&line);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_error_is_told_and_else_the_last_line() {
        let of = async |text: &str| {
            let words = Arc::new(Mutex::new(Words::default()));
            listen(text.as_bytes(), Arc::clone(&words)).await;
            let words = words.lock();
            words.error.as_ref().unwrap_or(&words.last).clone()
        };
        let broken = "load: 読み込み中\nllama_model_load: error loading model: cut off\nmain: exiting due to an error\n";
        assert_eq!(of(broken).await, "llama_model_load: error loading model: cut off");
        assert_eq!(of("one\ntwo\n\n").await, "two");
        assert_eq!(of("no line end").await, "no line end");
        assert_eq!(of("").await, "");
        assert_eq!(of(&"x".repeat(100_000)).await.len(), LINE);
    }
}
