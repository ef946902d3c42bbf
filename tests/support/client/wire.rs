//! The pipes: one thread reads and answers, one writes, and one collects the standard error.

use super::documents::{Document, Unit};
use super::replies::Pulls;
use crate::support::artifacts::Keeper;
use crate::support::frame;
use serde_json::Value;
use std::collections::{HashMap, HashSet, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::Child;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use tokio::sync::watch;

/// How a request of the server is answered.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// With this result.
    Result(Value),
    /// With this error.
    Error(Value),
    /// As usual, but only when the test says so.
    Held,
    /// Not at all.
    Never,
}

/// Whether the server's output is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gate {
    Open,
    Shut,
    Closed,
}

/// What has been seen of the server so far.
#[derive(Default)]
pub(crate) struct ClientState {
    /// Answers that have not been taken yet, by request.
    pub(crate) answers: HashMap<i64, Value>,
    /// Requests and notifications that have not been taken yet, except progress.
    pub(crate) inbox: VecDeque<Value>,
    /// Every `$/progress`, as `{token, value}`.
    pub(crate) progress: Vec<Value>,
    /// The open documents.
    pub(crate) documents: HashMap<String, Document>,
    /// What the server did although it must not.
    pub(crate) faults: Vec<String>,
    /// The end of the server's standard error.
    pub(crate) stderr: String,
    pub(super) unit: Unit,
    pub(super) announce: bool,
    pub(super) policy: HashMap<String, Answer>,
    pub(super) over: bool,
    /// Requests that are held back.
    pub(super) held: VecDeque<Value>,
    pub(super) pulls: Pulls,
    answered: HashSet<i64>,
    recent: VecDeque<String>,
}

pub(super) struct Shared {
    state: Mutex<ClientState>,
    changed: watch::Sender<u64>,
    input: Mutex<Option<SyncSender<Vec<u8>>>>,
    gate: (Mutex<Gate>, Condvar),
}

/// Starts the threads for a server's pipes.
pub(super) fn connect(child: &mut Child, home: &Path) -> (Arc<Shared>, watch::Receiver<u64>) {
    let (input, to_write) = sync_channel::<Vec<u8>>(4096);
    let (changed, changes) = watch::channel(0);
    let state = ClientState { announce: true, ..ClientState::default() };
    let shared = Arc::new(Shared {
        state: Mutex::new(state),
        changed,
        input: Mutex::new(Some(input)),
        gate: (Mutex::new(Gate::Open), Condvar::new()),
    });
    let mut stdin = child.stdin.take().unwrap();
    thread::spawn(move || {
        while let Ok(bytes) = to_write.recv() {
            if stdin.write_all(&bytes).and_then(|()| stdin.flush()).is_err() {
                return;
            }
        }
    });
    let stderr = child.stderr.take().unwrap();
    let keeper = shared.clone();
    let log = Keeper::beside(home, "stderr");
    thread::spawn(move || keeper.keep_stderr(stderr, log));
    let stdout = child.stdout.take().unwrap();
    let reader = shared.clone();
    let mut traffic = Keeper::beside(home, "received");
    thread::spawn(move || {
        let output = BufReader::with_capacity(4096, stdout);
        let read = catch_unwind(AssertUnwindSafe(|| reader.read_all(output, &mut traffic)));
        let fault = read.unwrap_or_else(|_| Err("an edit that the text cannot take".to_owned()));
        let mut state = reader.lock();
        state.faults.extend(fault.err());
        state.over = true;
        drop(state);
        reader.touch();
    });
    (shared, changes)
}

impl Shared {
    pub(super) fn lock(&self) -> MutexGuard<'_, ClientState> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    pub(super) fn set_gate(&self, gate: Gate) {
        *self.gate.0.lock().unwrap() = gate;
        self.gate.1.notify_all();
    }

    pub(super) fn close_input(&self) {
        self.input.lock().unwrap().take();
    }

    pub(super) fn write(&self, bytes: Vec<u8>) {
        let input = self.input.lock().unwrap().clone();
        // A server that has ended does not read; the test notices the end elsewhere.
        let _ = input.map(|input| input.send(bytes));
    }

    pub(super) fn send(&self, message: &Value) {
        self.write(frame::framed(message.to_string()));
    }

    pub(super) fn touch(&self) {
        self.changed.send_modify(|n| *n += 1);
    }

    /// Returns the last messages and the standard error, for the message of a panic.
    pub(super) fn seen(&self) -> String {
        let state = self.lock();
        let recent: Vec<_> = state.recent.iter().map(String::as_str).collect();
        format!("last messages of the server:\n{}\nstderr:\n{}", recent.join("\n"), state.stderr)
    }

    fn keep_stderr(&self, mut stderr: impl Read, mut log: Keeper) {
        let mut bytes = [0; 4096];
        while let Ok(n @ 1..) = stderr.read(&mut bytes) {
            log.keep(&bytes[..n]);
            let mut state = self.lock();
            state.stderr.push_str(&String::from_utf8_lossy(&bytes[..n]));
            if state.stderr.len() > 64 * 1024 {
                let kept: String = state.stderr.chars().rev().take(16 * 1024).collect();
                state.stderr = kept.chars().rev().collect();
            }
        }
    }

    /// Reads messages until the output ends. Fails if the output contains anything but messages.
    fn read_all(&self, mut output: impl BufRead, traffic: &mut Keeper) -> Result<(), String> {
        loop {
            let (gate, changed) = &self.gate;
            let gate = changed.wait_while(gate.lock().unwrap(), |gate| *gate == Gate::Shut);
            if *gate.unwrap() == Gate::Closed {
                return Ok(());
            }
            let Some(body) = frame::read(&mut output)? else { return Ok(()) };
            traffic.keep(&body);
            traffic.keep(b"\n");
            let message: Value = serde_json::from_slice(&body).map_err(|e| e.to_string())?;
            self.take(message);
        }
    }

    fn take(&self, message: Value) {
        let mut state = self.lock();
        state.recent.push_back(message.to_string().chars().take(500).collect());
        if state.recent.len() > 30 {
            state.recent.pop_front();
        }
        let replies = match (message.get("method").and_then(Value::as_str), message.get("id")) {
            (Some("$/progress"), None) => {
                state.progress.push(message["params"].clone());
                Vec::new()
            }
            (Some(_), Some(_)) => {
                let replies = state.reply(&message);
                state.inbox.push_back(message);
                replies
            }
            (Some(_), None) => {
                state.inbox.push_back(message);
                Vec::new()
            }
            (None, id) => match id.and_then(Value::as_i64) {
                Some(id) if !state.answered.insert(id) => {
                    state.faults.push(format!("request {id} has a second answer"));
                    Vec::new()
                }
                Some(id) if state.pulls.asked(id) => state.pulled(id, &message),
                Some(id) => {
                    state.answers.insert(id, message);
                    Vec::new()
                }
                // An error that belongs to no request.
                None => {
                    state.inbox.push_back(message);
                    Vec::new()
                }
            },
        };
        drop(state);
        for reply in replies {
            self.send(&reply);
        }
        self.touch();
    }
}
