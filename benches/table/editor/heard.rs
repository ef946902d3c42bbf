//! Records the server's messages with their times, and replies to its requests like an editor.

use super::mirror::{Mirror, TextEdit};
use super::{Can, Shown};
use crate::clock;
use crate::frame;
use crate::profile::Profile;
use crate::record::Record;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::io::{BufReader, Write};
use std::process::{ChildStdin, ChildStdout};
use std::sync::{Condvar, Mutex, MutexGuard};

/// How text reaches the editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// By edits of the virtual document, every 50 ms.
    Edits,
    /// By events in progress reports, every 100 ms.
    Events,
}

pub(super) struct Heard {
    input: Mutex<ChildStdin>,
    state: Mutex<HeardState>,
    news: Condvar,
}

#[derive(Default)]
struct HeardState {
    last_id: i64,
    answers: HashMap<i64, (u64, Value)>,
    pulls: HashMap<i64, String>,
    copies: HashMap<String, Mirror>,
    bytes: BTreeMap<String, u64>,
    can_edit: bool,
    /// Runs and panel URIs, in the order of the requests.
    runs: Vec<(String, String)>,
    wanted: usize,
    ended: usize,
    start: u64,
    start_cpu: u64,
    last: u64,
    by_edits: Vec<Piece>,
    by_events: Vec<Piece>,
    times: HashMap<(bool, String), u64>,
    usage: Vec<(u64, u64)>,
}

/// Text that arrived for a section.
struct Piece {
    at: u64,
    /// When the previous message of the same way and run arrived.
    before: u64,
    what: What,
}

enum What {
    Mark { lane: usize, place: usize },
    Text { run: String, branch: String, bytes: usize },
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Progress<'a> {
    #[serde(borrow)]
    value: ProgressValue<'a>,
}

#[derive(Deserialize)]
struct ProgressValue<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    run: Cow<'a, str>,
    #[serde(borrow, default)]
    events: Vec<Event<'a>>,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow)]
    event: Cow<'a, str>,
    #[serde(borrow, default)]
    branch: Cow<'a, str>,
    #[serde(borrow, default)]
    text: Cow<'a, str>,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Usage {
    prompt_tokens: u64,
    #[serde(default)]
    cached_tokens: u64,
}

impl Heard {
    pub(super) fn new(input: ChildStdin) -> Self {
        Heard { input: Mutex::new(input), state: Mutex::default(), news: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, HeardState> {
        self.state.lock().unwrap()
    }

    pub(super) fn send(&self, message: &Value) {
        let bytes = frame::framed(message.to_string());
        // A server that has ended is noticed when its response is awaited.
        let _ = self.input.lock().unwrap().write_all(&bytes);
    }

    pub(super) fn ask(&self, method: &str, params: &Value) -> i64 {
        let id = {
            let mut state = self.state();
            state.last_id += 1;
            state.last_id
        };
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        id
    }

    pub(super) fn answer(&self, id: i64) -> (u64, Value) {
        let mut state = self.state();
        loop {
            if let Some(answer) = state.answers.remove(&id) {
                return answer;
            }
            state = self.news.wait(state).unwrap();
        }
    }

    /// Reads messages until the server ends.
    pub(super) fn listen(&self, output: ChildStdout) {
        let mut output = BufReader::with_capacity(1 << 18, output);
        while let Some(body) = frame::read(&mut output).unwrap() {
            let at = clock::now();
            let message: Message<'_> = serde_json::from_slice(&body).unwrap();
            for reply in self.state().take(at, &body, &message) {
                self.send(&reply);
            }
            self.news.notify_all();
        }
    }

    pub(super) fn begin(&self, runs: usize, can: Can, cpu: u64) {
        let mut state = self.state();
        let last_id = state.last_id;
        *state = HeardState {
            last_id,
            can_edit: can.edits,
            wanted: runs,
            start: clock::now(),
            start_cpu: cpu,
            ..HeardState::default()
        };
    }

    pub(super) fn name_run(&self, run: &str, uri: &str) {
        self.state().runs.push((run.to_owned(), uri.to_owned()));
    }

    pub(super) fn has_ended(&self) -> bool {
        let state = self.state();
        state.ended == state.wanted && state.copies_ended()
    }

    /// Waits until every run has ended, both in its progress and in its copy.
    pub(super) fn wait_end(&self) {
        let mut state = self.state();
        while state.ended < state.wanted || !state.copies_ended() {
            state = self.news.wait(state).unwrap();
        }
    }

    pub(super) fn copies(&self) -> Vec<(String, String)> {
        let state = self.state();
        state.copies.iter().map(|(uri, copy)| (uri.clone(), copy.text.to_string())).collect()
    }

    pub(super) fn usage(&self) -> Vec<(u64, u64)> {
        self.state().usage.clone()
    }

    pub(super) fn bytes_of(&self, method: &str) -> u64 {
        self.state().bytes.get(method).copied().unwrap_or_default()
    }

    pub(super) fn record(&self, lanes: &[Profile], a_run: usize, cpu: u64, rss: u64) -> Record {
        let way = if self.state().can_edit { Way::Edits } else { Way::Events };
        let visible = self.shown(way, lanes, a_run).at;
        let state = self.state();
        let shows = ["workspace/applyEdit", "$/progress"];
        Record {
            ready: state.start,
            start: state.start,
            end: state.last,
            cpu: cpu - state.start_cpu,
            rss,
            handed: shows.iter().filter_map(|method| state.bytes.get(*method)).sum(),
            visible,
        }
    }

    pub(super) fn shown(&self, way: Way, lanes: &[Profile], a_run: usize) -> Shown {
        let state = self.state();
        let (pieces, tick) = match way {
            Way::Edits => (&state.by_edits, 50_000_000),
            Way::Events => (&state.by_events, 100_000_000),
        };
        let mut shown = Shown { at: vec![vec![]; lanes.len()], due: vec![vec![]; lanes.len()] };
        let mut bytes = vec![0; lanes.len()];
        for Piece { at, before, what } in pieces {
            let (lane, upto) = match what {
                Mark { lane, place } => (*lane, place + 1),
                Text { run, branch, bytes: more } => {
                    let batch = state.runs.iter().position(|(r, _)| r == run).unwrap();
                    let place: usize = branch.strip_prefix("lane-").unwrap().parse().unwrap();
                    let lane = batch * a_run + place;
                    bytes[lane] += more;
                    (lane, bytes[lane] / lanes[lane].piece_len())
                }
            };
            while shown.at[lane].len() < upto {
                shown.at[lane].push(*at);
                shown.due[lane].push(before + tick);
            }
        }
        shown
    }
}

use What::{Mark, Text};

impl HeardState {
    fn copies_ended(&self) -> bool {
        // The last line of a running section shows its state.
        let running = |copy: &Mirror| {
            let text = copy.text.to_string();
            text.contains("\n_… ")
        };
        !self.can_edit || (self.copies.len() == self.wanted && !self.copies.values().any(running))
    }

    /// Handles a message and returns the replies to send.
    fn take(&mut self, at: u64, body: &[u8], message: &Message<'_>) -> Vec<Value> {
        let method = message.method.as_deref().unwrap_or_default();
        let id: Option<Value> = message.id.map(|id| serde_json::from_str(id.get()).unwrap());
        *self.bytes.entry(method.to_owned()).or_default() +=
            (frame::header(body.len()).len() + body.len()) as u64;
        let params = message.params.map(RawValue::get).unwrap_or("null");
        match (method, id) {
            ("", Some(id)) => self.take_answer(at, &id, body),
            ("$/progress", _) => {
                self.take_progress(at, params);
                vec![]
            }
            ("workspace/applyEdit", Some(id)) => self.take_edit(at, &id, params),
            ("window/showDocument", Some(id)) => {
                let params: Value = serde_json::from_str(params).unwrap();
                let uri = params["uri"].as_str().unwrap();
                let mut replies =
                    vec![json!({"jsonrpc": "2.0", "id": id, "result": {"success": true}})];
                if uri.starts_with("kaizodo:") {
                    replies.push(self.pull(uri));
                }
                replies
            }
            ("workspace/textDocumentContent/refresh", Some(id)) => {
                let params: Value = serde_json::from_str(params).unwrap();
                let pull = self.pull(params["uri"].as_str().unwrap());
                vec![json!({"jsonrpc": "2.0", "id": id, "result": null}), pull]
            }
            ("workspace/configuration", Some(id)) => {
                vec![json!({"jsonrpc": "2.0", "id": id, "result": [null]})]
            }
            (_, Some(id)) => vec![json!({"jsonrpc": "2.0", "id": id, "result": null})],
            _ => vec![],
        }
    }

    fn pull(&mut self, uri: &str) -> Value {
        self.last_id += 1;
        self.pulls.insert(self.last_id, uri.to_owned());
        json!({
            "jsonrpc": "2.0", "id": self.last_id,
            "method": "workspace/textDocumentContent", "params": {"uri": uri},
        })
    }

    fn take_answer(&mut self, at: u64, id: &Value, body: &[u8]) -> Vec<Value> {
        let id = id.as_i64().unwrap();
        let answer: Value = serde_json::from_slice(body).unwrap();
        let Some(uri) = self.pulls.remove(&id) else {
            self.answers.insert(id, (at, answer));
            return vec![];
        };
        let text = answer["result"]["text"].as_str().unwrap();
        crate::profile::marks(text).for_each(|(lane, place)| {
            self.by_edits.push(Piece { at, before: 0, what: Mark { lane, place } });
        });
        self.last = at;
        let (method, params) = match self.copies.get_mut(&uri) {
            None => {
                self.copies.insert(uri.clone(), Mirror::new(text));
                let document =
                    json!({"uri": uri, "languageId": "markdown", "version": 1, "text": text});
                ("textDocument/didOpen", json!({"textDocument": document}))
            }
            Some(copy) => {
                copy.text = ropey::Rope::from_str(text);
                copy.version += 1;
                let document = json!({"uri": uri, "version": copy.version});
                let params = json!({"textDocument": document, "contentChanges": [{"text": text}]});
                ("textDocument/didChange", params)
            }
        };
        vec![json!({"jsonrpc": "2.0", "method": method, "params": params})]
    }

    fn take_edit(&mut self, at: u64, id: &Value, params: &str) -> Vec<Value> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Params {
            edit: Edit,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Edit {
            document_changes: Vec<DocumentChange>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct DocumentChange {
            text_document: Document,
            edits: Vec<TextEdit>,
        }
        #[derive(Deserialize)]
        struct Document {
            uri: String,
        }
        let params: Params = serde_json::from_str(params).unwrap();
        let change = params.edit.document_changes.into_iter().next().unwrap();
        let uri = change.text_document.uri;
        let before = self.times.insert((true, uri.clone()), at).unwrap_or_default();
        let copy = self.copies.get_mut(&uri).unwrap();
        let by_edits = &mut self.by_edits;
        let params = copy.apply(&uri, change.edits, |lane, place| {
            by_edits.push(Piece { at, before, what: Mark { lane, place } });
        });
        self.last = at;
        vec![
            json!({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": params}),
            json!({"jsonrpc": "2.0", "id": id, "result": {"applied": true}}),
        ]
    }

    fn take_progress(&mut self, at: u64, params: &str) {
        let Progress { value } = serde_json::from_str(params).unwrap();
        let run = value.run.into_owned();
        let before = self.times.insert((false, run.clone()), at).unwrap_or_default();
        for event in value.events.iter().filter(|event| event.event == "delta") {
            let (branch, bytes) = (event.branch.clone().into_owned(), event.text.len());
            let what = Text { run: run.clone(), branch, bytes };
            self.by_events.push(Piece { at, before, what });
        }
        let usage = value.events.iter().filter_map(|event| event.usage.as_ref());
        self.usage.extend(usage.map(|usage| (usage.prompt_tokens, usage.cached_tokens)));
        if value.kind == "end" {
            self.ended += 1;
            self.last = at;
        }
    }
}
