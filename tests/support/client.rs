//! A simulated editor, which talks to the real binary over real pipes.
//!
//! Separate threads read and write, so that the server gets its answers whatever the test is doing.
//! Every wait has a time limit, and reports what was seen if the limit is reached.

mod documents;
mod heard;
mod process;
mod replies;
mod wire;

pub(crate) use documents::{Document, Unit};
pub(crate) use wire::Answer;

use super::artifacts;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::time::timeout;
use wire::{ClientState, Gate, Shared};

/// Time limit for anything that should take no time, generous enough for a busy machine.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(60);

/// A running server and the editor's side of the connection. Dropping the client kills the server.
pub(crate) struct Client {
    shared: Arc<Shared>,
    changes: watch::Receiver<u64>,
    child: Child,
    home: TempDir,
    next_id: i64,
}

impl Client {
    /// Starts the server in a new home folder. The server inherits only `PATH` from the test, and
    /// gets the variables in `env`.
    pub(crate) fn start(args: &[&str], env: &[(&str, &str)]) -> Self {
        Self::start_at_home(args, env, |_| {})
    }

    /// Like [`Client::start`], but calls `ready` to prepare the home folder first.
    pub(crate) fn start_at_home(
        args: &[&str],
        env: &[(&str, &str)],
        ready: impl FnOnce(&Path),
    ) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kaizodo"));
        command.args(args);
        Self::start_as(command, env, ready)
    }

    /// Like [`Client::start_at_home`], but starts the server with `command`.
    pub(crate) fn start_as(
        mut command: Command,
        env: &[(&str, &str)],
        ready: impl FnOnce(&Path),
    ) -> Self {
        let home = artifacts::home();
        ready(home.path());
        command
            .env_clear()
            .env("KAIZODO_FOCUS", "off")
            .envs(std::env::vars_os().filter(|(name, _)| name == "PATH"))
            // The search for the key should cover as much output as possible.
            .envs(artifacts::folder().map(|_| ("KAIZODO_LOG", "trace")))
            .env("HOME", home.path())
            .env("XDG_CONFIG_HOME", home.path().join("config"))
            .env("XDG_STATE_HOME", home.path().join("state"))
            .envs(env.iter().copied())
            .current_dir(home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if env.iter().any(|(_, value)| *value == artifacts::CANARY) {
            artifacts::key_given(home.path());
        }
        let mut child = command.spawn().unwrap();
        let (shared, changes) = wire::connect(&mut child, home.path());
        Self { shared, changes, child, home, next_id: 0 }
    }

    /// Returns the server's home folder, in which the server creates `config` and `state` as
    /// needed.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Returns the ID of the server's process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    // Messages to the server

    /// Writes bytes as they are.
    pub(crate) fn raw(&self, bytes: impl Into<Vec<u8>>) {
        self.shared.write(bytes.into());
    }

    /// Writes a message.
    pub(crate) fn send(&self, message: &Value) {
        self.shared.send(message);
    }

    /// Sends a notification.
    pub(crate) fn notify(&self, method: &str, params: Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// Sends a request without waiting for the answer. Returns the request's ID.
    pub(crate) fn send_request(&mut self, method: &str, params: Value) -> i64 {
        self.next_id += 1;
        let id = self.next_id;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        id
    }

    /// Waits for the answer to a request and returns its result or its error.
    pub(crate) async fn answer(&mut self, id: i64) -> Result<Value, Value> {
        let answer = self
            .wait_for(&format!("the answer to request {id}"), |state| state.answers.remove(&id))
            .await;
        match answer.get("error") {
            Some(error) => Err(error.clone()),
            None => Ok(answer["result"].clone()),
        }
    }

    /// Sends a request and waits for its answer.
    pub(crate) async fn request(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.send_request(method, params);
        self.answer(id).await
    }

    /// Initializes the server with the client's capabilities. Returns the `initialize` result.
    pub(crate) async fn initialize(&mut self, capabilities: Value) -> Value {
        let params = json!({
            "processId": std::process::id(), "rootUri": null, "capabilities": capabilities,
        });
        self.initialize_with(params).await
    }

    /// Like [`Client::initialize`], but with all parameters given.
    pub(crate) async fn initialize_with(&mut self, params: Value) -> Value {
        let result = self.request("initialize", params).await.unwrap();
        let encoding = &result["capabilities"]["positionEncoding"];
        self.shared.lock().unit = Unit::named(encoding.as_str().unwrap_or("utf-16"));
        self.notify("initialized", json!({}));
        result
    }

    /// Shuts the server down as an editor does. Returns the exit status.
    pub(crate) async fn shut_down(&mut self) -> Option<i32> {
        self.request("shutdown", json!(null)).await.unwrap();
        self.send(&json!({"jsonrpc": "2.0", "method": "exit"}));
        self.exit_status(TIMEOUT).await
    }

    // Documents

    /// Opens a document. The server's edits are applied to the document from now on.
    pub(crate) fn open(&self, uri: &str, language_id: &str, text: &str) {
        let document = Document::new(language_id, text);
        let params = document.did_open(uri);
        self.shared.lock().documents.insert(uri.to_owned(), document);
        self.notify("textDocument/didOpen", params);
    }

    /// Requests a virtual document's text and opens the document, as an editor does to show it.
    /// From now on, the text is pulled again whenever the server asks for a refresh.
    pub(crate) async fn open_virtual(&mut self, uri: &str) -> String {
        let request = self.shared.lock().pull(uri);
        self.send(&request);
        self.wait_document(uri, |_| true).await
    }

    /// Returns how often the whole text of a virtual document was pulled.
    pub(crate) fn pulls(&self, uri: &str) -> usize {
        self.shared.lock().pulls.counts.get(uri).copied().unwrap_or_default()
    }

    /// Replaces a range, as if the user had typed, and notifies the server.
    pub(crate) fn edit(&self, uri: &str, range: &Value, text: &str) {
        let edit = json!({"range": range, "newText": text});
        let params = {
            let mut state = self.shared.lock();
            let unit = state.unit;
            let document = state.documents.get_mut(uri).expect("an open document");
            document.apply(uri, &[edit], unit)
        };
        self.notify("textDocument/didChange", params);
    }

    /// Closes a document.
    pub(crate) fn close(&self, uri: &str) {
        self.shared.lock().documents.remove(uri);
        self.notify("textDocument/didClose", json!({"textDocument": {"uri": uri}}));
    }

    /// Returns the URIs of the open documents.
    pub(crate) fn document_uris(&self) -> Vec<String> {
        self.shared.lock().documents.keys().cloned().collect()
    }

    /// Returns the text of a document as the user sees it now.
    pub(crate) fn document(&self, uri: &str) -> Option<String> {
        self.shared.lock().documents.get(uri).map(|document| document.text.clone())
    }

    /// Waits until `is` accepts the text of a document, and returns the text.
    pub(crate) async fn wait_document(&mut self, uri: &str, is: impl Fn(&str) -> bool) -> String {
        self.wait_for(&format!("the right text of {uri}"), |state| {
            state.documents.get(uri).map(|d| d.text.clone()).filter(|text| is(text))
        })
        .await
    }

    // What has been seen

    /// Waits until `take` finds what it looks for in what has been seen so far, and returns it.
    pub(crate) async fn wait_for<T>(
        &mut self,
        what: &str,
        mut take: impl FnMut(&mut ClientState) -> Option<T>,
    ) -> T {
        let shared = self.shared.clone();
        let found = async {
            loop {
                self.changes.mark_unchanged();
                let (taken, over) = {
                    let mut state = shared.lock();
                    (take(&mut state), state.over)
                };
                if let Some(taken) = taken {
                    return Some(taken);
                }
                if over || self.changes.changed().await.is_err() {
                    return None;
                }
            }
        };
        match timeout(TIMEOUT, found).await {
            Ok(Some(taken)) => taken,
            Ok(None) => panic!("the server's output ended before {what}\n{}", shared.seen()),
            Err(_) => panic!("{what} did not come in {TIMEOUT:?}\n{}", shared.seen()),
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.kill();
        self.shared.set_gate(Gate::Closed);
        let faults = std::mem::take(&mut self.shared.lock().faults);
        if !std::thread::panicking() {
            assert!(faults.is_empty(), "{faults:#?}\n{}", self.shared.seen());
        }
    }
}
