//! The benchmark cases. Inputs are fixed, and each operation is checked to have an effect.

use crate::frame;
use kaizodo::config::Env;
use kaizodo::event::{BranchId, Event, RunId, SectionTitle, Source};
use kaizodo::lang::Lang;
use kaizodo::panel::{Panel, View};
use kaizodo::text::{Encoding, Range16};
use serde_json::{Value, json};
use std::hint::black_box;
use std::io::Cursor;
use tokio::io::AsyncReadExt;

pub(crate) struct Case {
    /// Name in the baseline.
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    /// Number of operations in the longer of the two counts.
    pub(crate) times: u64,
    pub(crate) run: fn(u64),
}

/// All cases. The cases of a pair do the same with small and with large inputs.
pub(crate) const CASES: &[Case] = &[
    Case {
        name: "fold-small",
        what: "a piece of answer into a panel of 10 kB",
        times: 20_000,
        run: |n| fold(10_000, n),
    },
    Case {
        name: "fold-large",
        what: "the same into a panel of 1 MB",
        times: 20_000,
        run: |n| fold(1_000_000, n),
    },
    Case {
        name: "fold-signs",
        what: "a piece of signs that may begin an address, into a panel of 10 kB",
        times: 20_000,
        run: signs,
    },
    Case {
        name: "edit-small",
        what: "an edit for eight pieces, panel of 10 kB",
        times: 2_000,
        run: |n| edit(10_000, n),
    },
    Case {
        name: "edit-large",
        what: "the same, panel of 1 MB",
        times: 2_000,
        run: |n| edit(1_000_000, n),
    },
    Case {
        name: "frame",
        what: "a message of 2 kB, from bytes to its handler",
        times: 400,
        run: frames,
    },
    Case {
        name: "request",
        what: "a request and its answer, from bytes to bytes",
        times: 400,
        run: requests,
    },
    Case {
        name: "change-small",
        what: "a key press in a document of 10 kB",
        times: 400,
        run: |n| changes(10_000, n),
    },
    Case {
        name: "change-large",
        what: "the same in one of 10 MB",
        times: 400,
        run: |n| changes(10_000_000, n),
    },
];

const NAMES: [&str; 4] = ["depth", "breadth", "structure", "time"];
/// Pieces as models write them: words, Japanese, Markdown syntax, line breaks.
const PIECES: [&str; 8] =
    [" the", " meeting", "会議が", "長い。", "\n- ", "**決定**", " (2", " hours)\n"];
const URI: &str = "file:///w/notes.md";

fn branch(at: u64) -> BranchId {
    BranchId(NAMES[usize::try_from(at).unwrap() % NAMES.len()].into())
}

/// Returns a panel with four sections of `bytes` bytes in total.
fn panel(bytes: usize) -> Panel {
    let title = |name: &str| SectionTitle {
        branch: BranchId(name.into()),
        title: name.into(),
        role: Default::default(),
    };
    let mut panel = Panel::new("notes", Lang::En);
    panel.apply(&Event::RunStarted {
        run: RunId("r".into()),
        at: jiff::Timestamp::UNIX_EPOCH,
        title: "notes".into(),
        source: Source { uri: URI.into(), range: Range16::default() },
        lang: Lang::En,
        provider: "p".into(),
        without_model: false,
        sections: NAMES.map(title).to_vec(),
        notes: vec![],
        origin: None,
        selection: None,
        context: Default::default(),
    });
    let text = PIECES.concat().repeat(bytes / 4 / PIECES.concat().len());
    for at in 0..4 {
        panel.apply(&Event::BranchStarted { branch: branch(at), model: "m".into() });
        panel.apply(&Event::Delta { branch: branch(at), text: text.clone() });
    }
    panel
}

/// Returns interleaved pieces of four answers, one event each.
fn deltas() -> Vec<Event> {
    let piece = |at: u64| PIECES[usize::try_from(at / 4).unwrap() % PIECES.len()].to_owned();
    (0..32).map(|at| Event::Delta { branch: branch(at), text: piece(at) }).collect()
}

fn fold(bytes: usize, times: u64) {
    let (mut panel, events) = (panel(bytes), deltas());
    for event in events.iter().cycle().take(usize::try_from(times).unwrap()) {
        panel.apply(black_box(event));
    }
    assert!(panel.text().len() >= bytes / 2);
}

fn signs(times: u64) {
    let mut panel = panel(10_000);
    let event = Event::Delta { branch: branch(0), text: "@@@@@".into() };
    (0..times).for_each(|_| panel.apply(black_box(&event)));
    assert!(panel.text().len() >= 5_000);
}

fn edit(bytes: usize, times: u64) {
    let (mut panel, events) = (panel(bytes), deltas());
    let mut view = View::new(&panel);
    let mut events = events.iter().cycle();
    for _ in 0..times {
        events.by_ref().take(8).for_each(|event| panel.apply(event));
        assert!(!black_box(view.catch_up(&panel, Encoding::Utf16)).is_empty());
    }
}

fn frames(times: u64) {
    // An unknown method, which gets no further than the dispatch.
    let padding = "会議 meeting ".repeat(128);
    serve(10_000, times, |_| json!({"method": "$/somebody/elses", "params": {"text": padding}}));
}

fn requests(times: u64) {
    let params = json!({
        "textDocument": {"uri": URI}, "context": {"diagnostics": []},
        "range": {"start": {"line": 1, "character": 0}, "end": {"line": 3, "character": 0}},
    });
    let request = |id| json!({"id": id, "method": "textDocument/codeAction", "params": params});
    let written = serve(10_000, times, request);
    assert!(written as u64 > 200 * times, "{written} bytes");
}

fn changes(bytes: usize, times: u64) {
    serve(bytes, times, |version| {
        let place = json!({"line": version % 97, "character": version % 5});
        let change = json!({"range": {"start": place, "end": place}, "text": "あ"});
        let document = json!({"uri": URI, "version": version + 2});
        let params = json!({"textDocument": document, "contentChanges": [change]});
        json!({"method": "textDocument/didChange", "params": params})
    });
}

/// Runs a server on a session of `times` messages about a document of `bytes` bytes, and returns
/// the number of bytes it wrote.
fn serve(bytes: usize, times: u64, message: impl Fn(u64) -> Value) -> usize {
    let mut input = Vec::new();
    let mut send = |mut message: Value| {
        message["jsonrpc"] = json!("2.0");
        input.extend(frame::framed(message.to_string()));
    };
    let line = "会議が長くて決まらない。 The meeting runs long.\n";
    let text = line.repeat(bytes / line.len());
    let document = json!({"uri": URI, "languageId": "markdown", "version": 1, "text": text});
    send(
        json!({"id": "first", "method": "initialize", "params": {"processId": null, "rootUri": null, "capabilities": {}}}),
    );
    send(json!({"method": "textDocument/didOpen", "params": {"textDocument": document}}));
    (0..times).for_each(|at| send(message(at)));
    send(json!({"id": "last", "method": "shutdown"}));
    send(json!({"method": "exit"}));
    // A single thread keeps the order of tasks deterministic.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (mut reader, writer) = tokio::io::duplex(64 << 20);
    let env = Env::from_lookup(|_| None);
    let setup = kaizodo::session::Setup::load(env, None, &Default::default());
    let exit = runtime.block_on(kaizodo::lsp::serve(Cursor::new(input), writer, &setup));
    assert_eq!(exit.code(), 0);
    // This drops the writing end together with its tasks, so that reading ends.
    drop(runtime);
    let mut output = Vec::new();
    futures::executor::block_on(reader.read_to_end(&mut output)).unwrap();
    output.len()
}
