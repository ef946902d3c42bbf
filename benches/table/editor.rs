//! Drives the real server over its pipes like an editor: applies edits to a copy and announces
//! them, answers every request at once, and records when each piece arrives.

mod heard;
mod mirror;

use super::clock;
use super::proc;
use super::profile::{LANE, Profile};
use super::record::Record;
use heard::Heard;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

pub(crate) use heard::Way;

/// Path of the server.
pub(crate) const KAIZODO: &str = env!("CARGO_BIN_EXE_kaizodo");
const SOURCE: &str = "file:///w/memo.md";
/// Maximum number of perspectives of a run: no more perspective files are read.
const A_RUN: usize = 64;

/// The editor's client capabilities.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Can {
    /// Virtual documents, updated by edits.
    pub(crate) edits: bool,
    /// Events of runs in progress reports.
    pub(crate) events: bool,
}

/// An editor with a running server.
pub(crate) struct Editor {
    child: Child,
    heard: Arc<Heard>,
    can: Can,
    /// When the server was started, and when the server had answered `initialize`.
    pub(crate) started: u64,
    pub(crate) ready: u64,
}

/// Settings with limits that no benchmark reaches.
const SETTINGS: &str =
    "lang = \"en\"\n[limits]\nmax_tokens = 1000000\nrun_bytes = 4000000000\nconcurrency = 256\n";

/// Returns a command that runs kaizodo without this machine's settings.
pub(crate) fn kaizodo(home: &Path, url: &str) -> Command {
    let settings = home.join("config/kaizodo");
    std::fs::create_dir_all(&settings).unwrap();
    std::fs::write(settings.join("config.toml"), SETTINGS).unwrap();
    let mut command = Command::new(KAIZODO);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", home).env("LANG", "C.UTF-8");
    for kind in ["CONFIG", "STATE", "DATA", "CACHE"] {
        command.env(format!("XDG_{kind}_HOME"), home.join(kind.to_lowercase()));
    }
    command.env("OPENAI_BASE_URL", url).env("KAIZODO_MODEL", "m").env("KAIZODO_FOCUS", "off");
    command
}

/// Creates perspective files for the user, one for each lane of a run.
pub(crate) fn add_lanes(home: &Path) {
    let folder = home.join("config/kaizodo/perspectives");
    std::fs::create_dir_all(&folder).unwrap();
    for lane in 0..A_RUN {
        let name = lane_file(lane);
        let text = format!(
            "---\nname: {name}\ndescription: One of many.\ntitle: Lane {lane}\n---\n\nAnswer {LANE}{lane:03}.\n"
        );
        std::fs::write(folder.join(format!("{name}.md")), text).unwrap();
    }
}

/// Returns the name of a lane's perspective.
pub(crate) fn lane_file(lane: usize) -> String {
    format!("lane-{lane:03}")
}

impl Editor {
    pub(crate) fn start(home: &Path, url: &str, can: Can) -> Self {
        let started = clock::now();
        let mut child = kaizodo(home, url)
            .arg("lsp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let heard = Arc::new(Heard::new(input));
        let reading = Arc::clone(&heard);
        std::thread::spawn(move || reading.listen(output));
        let mut editor = Self { child, heard, can, started, ready: 0 };
        let (ready, _) = editor.request("initialize", &initialize(can));
        editor.ready = ready;
        editor.notify("initialized", &json!({}));
        editor
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn notify(&self, method: &str, params: &Value) {
        self.heard.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// Sends a request and returns the time and the result of its response.
    pub(crate) fn request(&self, method: &str, params: &Value) -> (u64, Value) {
        let id = self.heard.ask(method, params);
        let (at, answer) = self.heard.answer(id);
        assert!(answer["error"].is_null(), "{method}: {answer}");
        (at, answer["result"].clone())
    }

    pub(crate) fn open(&self, uri: &str, text: &str) {
        let document = json!({"uri": uri, "languageId": "markdown", "version": 1, "text": text});
        self.notify("textDocument/didOpen", &json!({"textDocument": document}));
    }

    /// Runs as many perspectives as there are profiles and waits for all answers.
    pub(crate) fn run(&self, lanes: &[Profile]) -> Record {
        self.begin(lanes.len());
        self.finish(lanes)
    }

    /// Starts runs of `lanes` perspectives in total.
    pub(crate) fn begin(&self, lanes: usize) {
        let runs = lanes.div_ceil(A_RUN);
        let line = |batch| format!("The meeting batch-{batch:03} runs long and decides nothing.\n");
        self.open(SOURCE, &(0..runs).map(line).collect::<String>());
        let argument = |batch| {
            let count = A_RUN.min(lanes - batch * A_RUN);
            let perspectives: Vec<String> = (0..count).map(lane_file).collect();
            json!({"uri": SOURCE, "range": lines(batch, batch + 1), "perspectives": perspectives})
        };
        self.ask(&(0..runs).map(argument).collect::<Vec<_>>());
    }

    /// Runs some perspectives on a text. Returns the prompt tokens of each, and how many of them
    /// the server read from its cache.
    pub(crate) fn tokens(&self, text: &str, perspectives: &[&str]) -> Vec<(u64, u64)> {
        self.open(SOURCE, text);
        let range = lines(0, text.lines().count());
        self.ask(&[json!({"uri": SOURCE, "range": range, "perspectives": perspectives})]);
        self.heard.wait_end();
        self.heard.usage()
    }

    /// Sets the maximum number of tokens of later answers.
    pub(crate) fn limit_tokens(&self, most: u32) {
        let settings = json!({"kaizodo": {"limits": {"max_tokens": most}}});
        self.notify("workspace/didChangeConfiguration", &json!({"settings": settings}));
    }

    /// Starts a run for each argument.
    fn ask(&self, arguments: &[Value]) {
        self.heard.begin(arguments.len(), self.can, proc::cpu(self.pid()));
        let ids: Vec<i64> = arguments
            .iter()
            .map(|argument| {
                self.heard.ask(
                    "workspace/executeCommand",
                    &json!({"command": "kaizodo.run", "arguments": [argument]}),
                )
            })
            .collect();
        for id in ids {
            let (_, answer) = self.heard.answer(id);
            let (run, uri) = (&answer["result"]["run"], &answer["result"]["uri"]);
            self.heard.name_run(run.as_str().unwrap(), uri.as_str().unwrap());
        }
    }

    /// Returns `true` if all runs have ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.heard.has_ended()
    }

    /// Waits until all runs have ended.
    pub(crate) fn finish(&self, lanes: &[Profile]) -> Record {
        self.heard.wait_end();
        let cpu = proc::cpu(self.pid());
        let memory = proc::peak_memory(&self.pid().to_string());
        std::thread::sleep(Duration::from_millis(300));
        if self.can.edits {
            self.check_copies();
        }
        self.heard.record(lanes, A_RUN, cpu, memory)
    }

    /// Checks that the edited copies equal the server's documents.
    fn check_copies(&self) {
        for (uri, copy) in self.heard.copies() {
            let (_, answer) = self.request("workspace/textDocumentContent", &json!({"uri": uri}));
            assert!(answer["text"] == copy, "the edited copy is the panel");
        }
    }

    /// Returns when the pieces of the run were shown in one of the ways, and when they were due.
    pub(crate) fn shown(&self, way: Way, lanes: &[Profile]) -> Shown {
        self.heard.shown(way, lanes, A_RUN)
    }

    /// Returns the size in bytes of all messages of a method, including headers.
    pub(crate) fn bytes_of(&self, method: &str) -> u64 {
        self.heard.bytes_of(method)
    }
}

/// When each piece was shown, and the earliest time at which the tick allowed its message.
pub(crate) struct Shown {
    pub(crate) at: Vec<Vec<u64>>,
    pub(crate) due: Vec<Vec<u64>>,
}

impl Drop for Editor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(from: usize, to: usize) -> Value {
    json!({"start": {"line": from, "character": 0}, "end": {"line": to, "character": 0}})
}

fn initialize(can: Can) -> Value {
    let mut workspace = json!({"applyEdit": true});
    if can.edits {
        workspace["textDocumentContent"] = json!({});
    }
    json!({
        "processId": null, "rootUri": null,
        "capabilities": {
            "general": {"positionEncodings": ["utf-16"]},
            "window": {"workDoneProgress": true, "showDocument": {"support": true}},
            "workspace": workspace,
            "experimental": {"kaizodo": {"events": can.events}},
        },
    })
}
