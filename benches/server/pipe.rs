//! A client without threads: what it measures is the server, the pipes and nothing else.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const URI: &str = "file:///w/memo.md";

/// A server and its pipes.
pub(crate) struct Pipe {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    last_id: i64,
    lines: usize,
}

impl Pipe {
    pub(crate) fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_kaizodo"))
            .arg("lsp")
            .env("XDG_CONFIG_HOME", "/nonexistent")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, input, output, last_id: 0, lines: 0 }
    }

    pub(crate) fn initialize(&mut self) {
        self.request("initialize", &super::initialize_params());
        self.send(&json!({"jsonrpc": "2.0", "method": "initialized", "params": {}}));
    }

    /// Opens a document of which code actions are asked for from now on.
    pub(crate) fn open(&mut self, text: &str) {
        self.lines = text.lines().count();
        let document = json!({"uri": URI, "languageId": "markdown", "version": 1, "text": text});
        let params = json!({"textDocument": document});
        self.send(&json!({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": params}));
    }

    /// Asks for the actions of the whole document.
    pub(crate) fn code_action(&mut self) {
        let range = json!({
            "start": {"line": 0, "character": 0}, "end": {"line": self.lines, "character": 0},
        });
        let params =
            json!({"textDocument": {"uri": URI}, "range": range, "context": {"diagnostics": []}});
        let answer = self.request("textDocument/codeAction", &params);
        assert_eq!(answer["result"].as_array().map(Vec::len), Some(1), "{answer}");
    }

    /// What the process holds of the computer's memory: all, and its share, in MB.
    pub(crate) fn memory(&self) -> Option<(f64, f64)> {
        let text =
            std::fs::read_to_string(format!("/proc/{}/smaps_rollup", self.child.id())).ok()?;
        let kilobytes = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<f64>().ok()
        };
        Some((kilobytes("Rss:")? * 1024.0 / 1e6, kilobytes("Pss:")? * 1024.0 / 1e6))
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        let frame = format!("Content-Length: {}\r\n\r\n{body}", body.len());
        self.input.write_all(frame.as_bytes()).unwrap();
    }

    fn request(&mut self, method: &str, params: &Value) -> Value {
        self.last_id += 1;
        let id = self.last_id;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        loop {
            let message = self.read();
            if message["id"] == id {
                return message;
            }
        }
    }

    fn read(&mut self) -> Value {
        let mut header = String::new();
        self.output.read_line(&mut header).unwrap();
        let length = header.trim().strip_prefix("Content-Length: ").unwrap().parse().unwrap();
        self.output.read_line(&mut String::new()).unwrap();
        let mut body = vec![0; length];
        self.output.read_exact(&mut body).unwrap();
        serde_json::from_slice(&body).unwrap()
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
