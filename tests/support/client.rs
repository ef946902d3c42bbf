//! An editor, as far as the server can tell: the real binary over real pipes.
//!
//! Threads read and write, so that the server is answered whatever the test is doing. Every wait
//! has a limit and says, when it is reached, what was seen.

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

/// How long anything may take that should take no time, on a busy machine.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(60);

/// A running server and the editor's side of it. Dropping it ends the server.
pub(crate) struct Client {
    shared: Arc<Shared>,
    changes: watch::Receiver<u64>,
    child: Child,
    home: TempDir,
    next_id: i64,
}

impl Client {
    /// Starts the server in a home of its own and an environment that holds `env`, `PATH` and
    /// nothing else.
    pub(crate) fn start(args: &[&str], env: &[(&str, &str)]) -> Self {
        Self::start_at_home(args, env, |_| {})
    }

    /// As [`Client::start`], in a home that is made ready first.
    pub(crate) fn start_at_home(
        args: &[&str],
        env: &[(&str, &str)],
        ready: impl FnOnce(&Path),
    ) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kaizodo"));
        command.args(args);
        Self::start_as(command, env, ready)
    }

    /// As [`Client::start_at_home`], by a command that starts the server.
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
            // What is searched afterwards should hold as much as there can be.
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

    /// The server's home folder, with `config` and `state` in it as it needs them.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// The server's process.
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

    /// Sends a request and gives its id, without waiting for the answer.
    pub(crate) fn send_request(&mut self, method: &str, params: Value) -> i64 {
        self.next_id += 1;
        let id = self.next_id;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        id
    }

    /// Waits for the answer to a request: its result or its error.
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

    /// Agrees with the server on what both can and gives the `initialize` result.
    pub(crate) async fn initialize(&mut self, capabilities: Value) -> Value {
        let params = json!({
            "processId": std::process::id(), "rootUri": null, "capabilities": capabilities,
        });
        self.initialize_with(params).await
    }

    /// As [`Client::initialize`], with every parameter given.
    pub(crate) async fn initialize_with(&mut self, params: Value) -> Value {
        let result = self.request("initialize", params).await.unwrap();
        let encoding = &result["capabilities"]["positionEncoding"];
        self.shared.lock().unit = Unit::named(encoding.as_str().unwrap_or("utf-16"));
        self.notify("initialized", json!({}));
        result
    }

    /// Ends the server as an editor does and gives its exit status.
    pub(crate) async fn shut_down(&mut self) -> Option<i32> {
        self.request("shutdown", json!(null)).await.unwrap();
        self.send(&json!({"jsonrpc": "2.0", "method": "exit"}));
        self.exit_status(TIMEOUT).await
    }

    // Documents

    /// Opens a document: its edits are applied from now on.
    pub(crate) fn open(&self, uri: &str, language_id: &str, text: &str) {
        let document = Document::new(language_id, text);
        let params = document.did_open(uri);
        self.shared.lock().documents.insert(uri.to_owned(), document);
        self.notify("textDocument/didOpen", params);
    }

    /// Asks for a virtual document's text and opens it, as an editor does that shows it. From now
    /// on it is pulled again whenever the server says that it should be.
    pub(crate) async fn open_virtual(&mut self, uri: &str) -> String {
        let request = self.shared.lock().pull(uri);
        self.send(&request);
        self.wait_document(uri, |_| true).await
    }

    /// How often the whole text of a virtual document was pulled.
    pub(crate) fn pulls(&self, uri: &str) -> usize {
        self.shared.lock().pulls.counts.get(uri).copied().unwrap_or_default()
    }

    /// Types: replaces a range and tells the server.
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

    /// The documents that are open.
    pub(crate) fn document_uris(&self) -> Vec<String> {
        self.shared.lock().documents.keys().cloned().collect()
    }

    /// The text of a document as the user sees it now.
    pub(crate) fn document(&self, uri: &str) -> Option<String> {
        self.shared.lock().documents.get(uri).map(|document| document.text.clone())
    }

    /// Waits until a document's text is as it should be, and gives it.
    pub(crate) async fn wait_document(&mut self, uri: &str, is: impl Fn(&str) -> bool) -> String {
        self.wait_for(&format!("the right text of {uri}"), |state| {
            state.documents.get(uri).map(|d| d.text.clone()).filter(|text| is(text))
        })
        .await
    }

    // What has been seen

    /// Waits until something can be taken from what has been seen.
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
