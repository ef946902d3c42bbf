//! Starts the child process, reads its output, and waits for its exit.

use super::guard::exit_status;
use crate::provider::Launch;
use parking_lot::Mutex;
use std::io;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{ChildStdin, Command};
use tokio::sync::watch;
use tokio::time::timeout;

/// Context size in tokens, unless the user's arguments set another one: enough for a few pages and
/// an answer, and small enough for the memory of a small computer.
const CONTEXT: &str = "16384";
/// Maximum number of bytes that are kept of a line of output.
const LINE: usize = 600;
/// How long to wait for the last output of a program that has exited.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// CREATE_NEW_PROCESS_GROUP: the new process and those that it starts ignore ^C.
#[cfg(windows)]
const NEW_PROCESS_GROUP: u32 = 0x200;

/// Environment variables that are removed from the child's environment: the user's API key, and
/// variables that would make llama-server listen elsewhere, require other keys or load other models
/// than kaizodo tells it to. The latter are meant for servers that the user starts.
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

/// Secrets shared only with the child process. Passed in the child's environment, which, unlike its
/// arguments, other users cannot read.
pub(crate) struct ChildCredentials<'a> {
    /// The API key that the child requires in requests.
    pub(crate) key: &'a str,
    /// The random name under which the child lists its model. It proves that a response comes from
    /// the child.
    pub(crate) name: &'a str,
}

/// A child process that runs until this value is dropped or kaizodo exits.
pub(crate) struct Process {
    /// The guard's standard input. When it is closed, the guard kills the child.
    _alive: ChildStdin,
    has_exited: Arc<AtomicBool>,
    /// The exit status, once the last output has been read, too.
    ended: watch::Receiver<Option<Option<i32>>>,
    words: Arc<Mutex<Words>>,
}

/// Lines of the child's output that may tell why it exited.
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
    /// Starts the child under its guard. The child listens on `port` of 127.0.0.1.
    pub(crate) fn start(
        launch: &Launch,
        port: u16,
        identity: &ChildCredentials<'_>,
    ) -> io::Result<Self> {
        let mut command = Command::new(own_program()?);
        command.arg("guard").arg("--").arg(&launch.program);
        // The user's arguments follow those that they may override, and precede those that they may
        // not.
        command.args(["--ctx-size", CONTEXT, "--parallel", "1"]).args(&launch.args);
        command.arg("--model").arg(&launch.file);
        command.args(["--host", "127.0.0.1", "--port", &port.to_string(), "--no-webui"]);
        for variable in VARIABLES {
            command.env_remove(variable);
        }
        command.env("LLAMA_API_KEY", identity.key).env("LLAMA_ARG_ALIAS", identity.name);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // In a separate process group, ^C at a terminal reaches kaizodo only. With `/` as the
        // working directory, no path can refer to the folder that kaizodo was started in.
        #[cfg(unix)]
        command.process_group(0).arg0("kaizodo").current_dir("/");
        #[cfg(windows)]
        command.creation_flags(NEW_PROCESS_GROUP);
        let mut child = command.spawn()?;
        let alive = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let words = Arc::new(Mutex::new(Words::default()));
        let said = [
            child.stdout.take().map(|out| tokio::spawn(listen(out, Arc::clone(&words)))),
            child.stderr.take().map(|err| tokio::spawn(listen(err, Arc::clone(&words)))),
        ];
        let (tell, ended) = watch::channel(None);
        let has_exited = Arc::new(AtomicBool::new(false));
        let exited = Arc::clone(&has_exited);
        tokio::spawn(async move {
            let status = child.wait().await;
            exited.store(true, Ordering::Release);
            let _ =
                timeout(LAST_WORDS, futures::future::join_all(said.into_iter().flatten())).await;
            // Fails if the `Process` was dropped, so that there is no receiver.
            let _ = tell.send(Some(status.ok().and_then(exit_status)));
        });
        Ok(Process { _alive: alive, has_exited, ended, words })
    }

    /// Returns `true` if the child has not exited.
    pub(crate) fn is_alive(&self) -> bool {
        !self.has_exited.load(Ordering::Acquire)
    }

    /// Waits until the child exits. Returns its exit status, if there is one, and the first line of
    /// its output that mentions an error, or else the last line.
    pub(crate) async fn ended(&self) -> (Option<i32>, String) {
        let mut ended = self.ended.clone();
        let status = ended.wait_for(Option::is_some).await.ok().and_then(|status| *status);
        let words = self.words.lock();
        let said = words.error.as_ref().unwrap_or(&words.last).clone();
        (status.flatten(), said)
    }
}

/// Returns the path of this program. On Linux, it works even if the file has been replaced.
fn own_program() -> io::Result<std::path::PathBuf> {
    if cfg!(target_os = "linux") { Ok("/proc/self/exe".into()) } else { std::env::current_exe() }
}

/// Reads a child's output to its end into `words`. The child would block if its output were not
/// read.
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
