//! What the editor does by itself when the server sends a request.

use super::documents::Document;
use super::wire::{Answer, ClientState};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Requests for the whole text of virtual documents.
#[derive(Default)]
pub(super) struct Pulls {
    /// Requests under way, with the document of each.
    asked: HashMap<i64, String>,
    /// How often each document was pulled.
    pub(super) counts: HashMap<String, usize>,
    last: i64,
}

impl Pulls {
    /// Returns `true` if a request is a pull. Pulls have IDs below 0, the tests' requests above 0.
    pub(super) fn asked(&self, id: i64) -> bool {
        self.asked.contains_key(&id)
    }
}

impl ClientState {
    /// Returns `true` if a request of this method is held back.
    pub(crate) fn is_held(&self, method: &str) -> bool {
        self.held.iter().any(|request| request["method"] == method)
    }

    /// Returns the request for a virtual document's text. The answer opens or updates the document.
    pub(super) fn pull(&mut self, uri: &str) -> Value {
        self.pulls.last -= 1;
        self.pulls.asked.insert(self.pulls.last, uri.to_owned());
        json!({
            "jsonrpc": "2.0", "id": self.pulls.last,
            "method": "workspace/textDocumentContent", "params": {"uri": uri},
        })
    }

    /// Shows the text that was pulled, and returns the messages to send because of it.
    pub(super) fn pulled(&mut self, id: i64, answer: &Value) -> Vec<Value> {
        let Some(uri) = self.pulls.asked.remove(&id) else { return Vec::new() };
        let Some(text) = answer["result"]["text"].as_str() else {
            // After a shutdown every request is invalid (LSP 3.17), including requests under way.
            if answer["error"]["code"] != -32600 {
                self.faults.push(format!("{uri} could not be pulled: {answer}"));
            }
            return Vec::new();
        };
        *self.pulls.counts.entry(uri.clone()).or_default() += 1;
        let (method, params) = match self.documents.get_mut(&uri) {
            Some(document) => ("textDocument/didChange", document.replace(&uri, text)),
            None => {
                let document = Document::new("markdown", text);
                let params = document.did_open(&uri);
                self.documents.insert(uri, document);
                ("textDocument/didOpen", params)
            }
        };
        vec![json!({"jsonrpc": "2.0", "method": method, "params": params})]
    }

    /// Returns what the editor sends at once in reply to a request of the server.
    pub(super) fn reply(&mut self, request: &Value) -> Vec<Value> {
        let method = request["method"].as_str().unwrap_or_default();
        if method == "workspace/applyEdit" && self.is_held(method) {
            self.faults.push("an edit was sent while another had no answer".to_owned());
        }
        match self.policy.get(method) {
            Some(Answer::Never) => Vec::new(),
            Some(Answer::Held) => {
                self.held.push_back(request.clone());
                Vec::new()
            }
            Some(Answer::Result(result)) => vec![respond(request, "result", result.clone())],
            Some(Answer::Error(error)) => vec![respond(request, "error", error.clone())],
            None => self.usual_reply(request),
        }
    }

    /// Returns what a well-behaved editor sends: notifications of changes, its answer, and a pull.
    pub(super) fn usual_reply(&mut self, request: &Value) -> Vec<Value> {
        let params = &request["params"];
        let result = match request["method"].as_str().unwrap_or_default() {
            "workspace/applyEdit" => {
                let changes = self.apply(&params["edit"]);
                let applied = respond(request, "result", json!({"applied": changes.is_some()}));
                let announced = changes.into_iter().flatten().filter(|_| self.announce).map(|params| {
                    json!({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": params})
                });
                return announced.chain([applied]).collect();
            }
            "workspace/textDocumentContent/refresh" => {
                let uri = params["uri"].as_str().unwrap_or_default();
                let pull = self.documents.contains_key(uri).then(|| self.pull(uri));
                return [respond(request, "result", Value::Null)].into_iter().chain(pull).collect();
            }
            "window/showDocument" => json!({"success": true}),
            "workspace/configuration" => {
                json!(vec![Value::Null; params["items"].as_array().map_or(0, Vec::len)])
            }
            "window/workDoneProgress/create"
            | "client/registerCapability"
            | "client/unregisterCapability"
            | "workspace/codeLens/refresh"
            | "window/showMessageRequest" => Value::Null,
            other => {
                let error = json!({"code": -32601, "message": format!("no {other} here")});
                return vec![respond(request, "error", error)];
            }
        };
        vec![respond(request, "result", result)]
    }

    /// Applies a workspace edit as a whole or not at all. Returns the `didChange` parameters.
    fn apply(&mut self, edit: &Value) -> Option<Vec<Value>> {
        let mut edits: Vec<(String, Value, Vec<Value>)> = Vec::new();
        for change in edit["documentChanges"].as_array().into_iter().flatten() {
            let document = &change["textDocument"];
            let uri = document["uri"].as_str()?.to_owned();
            edits.push((uri, document["version"].clone(), change["edits"].as_array()?.clone()));
        }
        for (uri, changes) in edit["changes"].as_object().into_iter().flatten() {
            edits.push((uri.clone(), Value::Null, changes.as_array()?.clone()));
        }
        let fits = |(uri, version, _): &(String, Value, Vec<Value>)| {
            self.documents.get(uri).is_some_and(|d| version.is_null() || *version == d.version)
        };
        if !edits.iter().all(fits) {
            return None;
        }
        let mut changes = Vec::new();
        for (uri, _, edits) in edits {
            changes.push(self.documents.get_mut(&uri)?.apply(&uri, &edits, self.unit));
        }
        Some(changes)
    }
}

fn respond(request: &Value, kind: &str, value: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": request["id"], kind: value})
}
