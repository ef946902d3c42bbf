//! A stand-in for `llama-server`: a script of that name in its own `PATH` folder, which runs this
//! test binary as a server that behaves like the real one during startup.

use crate::support::program::Home;
use crate::support::upstream::TIMEOUT;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// What the model answers.
pub(crate) const ANSWER: &str = "- 小さなモデルの答え\n";

/// How the stand-in behaves.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mode {
    /// Says a few times that it is loading, and then answers.
    Loads,
    /// Like [`Mode::Loads`], but writes only a first piece of the answer.
    Stalls,
    /// Ends while it loads the model.
    Dies,
    /// Is killed while it loads the model.
    Killed,
    /// Never finishes loading.
    Hangs,
    /// Never listens.
    Deaf,
    /// The first process that is started does not know the name that it was given, so it passes for
    /// somebody else's server. The next one is ours.
    StrangerFirst,
}

/// A home folder with a model file, and a `PATH` with the stand-in.
pub(crate) struct Kit {
    pub(crate) home: Home,
}

impl Kit {
    pub(crate) fn new(mode: Mode) -> Self {
        let kit = Kit { home: Home::new() };
        kit.home.write("小さなモデル.gguf", b"GGUF\x03\0\0\0");
        kit.install(mode);
        kit
    }

    /// Puts the stand-in into `PATH`, or changes how it behaves from its next start on.
    pub(crate) fn install(&self, mode: Mode) {
        let this = std::env::current_exe().unwrap();
        let script = format!(
            "#!/bin/sh\nexport STAND_IN_MODE={mode:?} STAND_IN_LOG='{}' STAND_IN_ARGS=\"$*\"\nexec '{}' --exact llama::stand_in::serves --ignored --nocapture\n",
            self.log_file().display(),
            this.display(),
        );
        // A running script must not be overwritten.
        let (new, program) = (self.home.write("bin/new", script), self.path("bin/llama-server"));
        fs::set_permissions(&new, fs::Permissions::from_mode(0o755)).unwrap();
        fs::rename(new, program).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub(crate) fn gguf(&self) -> String {
        self.path("小さなモデル.gguf").display().to_string()
    }

    pub(crate) fn bin(&self) -> String {
        self.path("bin").display().to_string()
    }

    /// Returns a command that runs the program in this home, with the stand-in on its `PATH` and
    /// the model file in its settings.
    pub(crate) fn kaizodo(&self, args: &[&str]) -> tokio::process::Command {
        let mut command = self.home.kaizodo(args);
        command.env("PATH", self.bin()).env("KAIZODO_GGUF", self.gguf());
        command
    }

    fn log_file(&self) -> PathBuf {
        self.path("llama.log")
    }

    /// Returns what the stand-in has logged: among others, a line for each start and for each
    /// request.
    pub(crate) fn log(&self) -> Vec<String> {
        let text = fs::read_to_string(self.log_file()).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Returns the IDs of the processes that were started, in order.
    pub(crate) fn pids(&self) -> Vec<u32> {
        let log = self.log();
        let starts = log.iter().filter_map(|line| line.strip_prefix("start "));
        starts.map(|line| line.split(' ').next().unwrap().parse().unwrap()).collect()
    }

    /// Returns the number of questions that were asked.
    pub(crate) fn questions(&self) -> usize {
        self.log().iter().filter(|line| line.starts_with("POST /v1/chat/completions")).count()
    }

    /// Waits until the log satisfies `ready`.
    pub(crate) async fn until(&self, what: &str, ready: impl Fn(&Kit) -> bool) {
        let deadline = Instant::now() + TIMEOUT;
        while !ready(self) {
            assert!(Instant::now() < deadline, "waited too long for {what}: {:?}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until no process of the stand-in is alive.
    pub(crate) async fn all_gone(&self) {
        assert!(!self.pids().is_empty(), "none was started");
        self.until("the end of the server", |kit| !kit.pids().into_iter().any(is_alive)).await;
    }
}

/// Returns `true` if a process is running. A zombie, which init has not reaped yet, is not.
pub(crate) fn is_alive(pid: u32) -> bool {
    let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else { return false };
    !stat.rsplit(')').next().unwrap_or_default().trim_start().starts_with('Z')
}

/// Not a test: the stand-in's script runs this.
#[test]
#[ignore = "the server that other tests start"]
fn serves() {
    let Some(mode) = variable("STAND_IN_MODE") else { return };
    let words = variable("STAND_IN_ARGS").unwrap();
    note(&format!("start {} {words}", std::process::id()));
    let key_in_args = words.contains(&variable("LLAMA_API_KEY").unwrap());
    let own_key = variable("OPENAI_API_KEY").is_some();
    note(&format!("key in args {key_in_args}, the user's key {own_key}"));
    let starts =
        fs::read_to_string(log_path()).unwrap().lines().filter(|l| l.starts_with("start ")).count();
    let is_stranger = mode == "StrangerFirst" && starts == 1;
    if mode == "Deaf" {
        std::thread::sleep(Duration::from_secs(600));
    }
    let port = words.split("--port ").nth(1).unwrap().split(' ').next().unwrap();
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).unwrap();
    if mode == "Dies" {
        eprintln!("llama_model_load: 読み込み中");
        eprintln!("llama_model_load: error loading model: tensor data is cut off");
        eprintln!("main: exiting due to model loading error");
        std::process::exit(1);
    }
    if mode == "Killed" {
        eprintln!("load_tensors: loading model tensors");
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL)
            .unwrap();
    }
    let mut health = 0;
    for stream in listener.incoming() {
        let Some((head, stream)) = heard(stream.unwrap()) else { continue };
        let mut words = head.split(' ');
        let (method, path) = (words.next().unwrap(), words.next().unwrap());
        let key = format!("authorization: Bearer {}", variable("LLAMA_API_KEY").unwrap());
        let has_key = head.lines().any(|line| line.eq_ignore_ascii_case(&key));
        if path == "/health" {
            health += 1;
            let is_loading = mode == "Hangs" || health <= 3;
            let loading =
                r#"{"error":{"message":"Loading model","type":"unavailable_error","code":503}}"#;
            let (status, body) = match is_loading {
                true => ("503 Service Unavailable", loading),
                false => ("200 OK", r#"{"status":"ok"}"#),
            };
            reply(stream, status, "application/json", body);
            continue;
        }
        note(&format!("{method} {path} key {has_key}"));
        if !has_key {
            reply(stream, "401 Unauthorized", "application/json", "{}");
        } else if path == "/v1/models" {
            let name = variable("LLAMA_ARG_ALIAS").filter(|_| !is_stranger);
            let name = name.unwrap_or_else(|| "gpt-4o".into());
            let list = format!(r#"{{"data":[{{"id":"{name}","owned_by":"llamacpp"}}]}}"#);
            reply(stream, "200 OK", "application/json", &list);
        } else {
            let text = serde_json::json!({"choices": [{"delta": {"content": ANSWER}}]});
            let end = r#"{"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}"#;
            let mut events = format!("data: {text}\n\n");
            if mode != "Stalls" {
                events += &format!("data: {end}\n\ndata: [DONE]\n\n");
            }
            // A stalled stream is kept open.
            let stream = reply(stream, "200 OK", "text/event-stream", &events);
            if mode == "Stalls" {
                std::mem::forget(stream);
            }
        }
    }
}

fn variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "no setting of the program's")]
    let value = std::env::var(name);
    value.ok()
}

fn log_path() -> String {
    variable("STAND_IN_LOG").unwrap()
}

fn note(line: &str) {
    let mut file = fs::File::options().create(true).append(true).open(log_path()).unwrap();
    file.write_all(format!("{line}\n").as_bytes()).unwrap();
}

/// Reads a request and returns its head. The body is dropped.
fn heard(stream: TcpStream) -> Option<(String, TcpStream)> {
    let (mut lines, mut head) = (BufReader::new(stream), String::new());
    while !head.ends_with("\r\n\r\n") {
        if lines.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let head = head.replace("\r\n", "\n");
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then(|| value.parse().unwrap())
    });
    lines.read_exact(&mut vec![0; length.unwrap_or(0)]).ok()?;
    Some((head, lines.into_inner()))
}

fn reply(mut stream: TcpStream, status: &str, kind: &str, body: &str) -> TcpStream {
    let head = format!(
        "HTTP/1.1 {status}\r\nserver: llama.cpp\r\ncontent-type: {kind}\r\nconnection: close\r\n\r\n"
    );
    // A client that has disconnected does not read the reply.
    let _ = stream.write_all(format!("{head}{body}").as_bytes());
    stream
}
