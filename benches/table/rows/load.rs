//! Measures response times: under full streaming load, and for a large document.

use super::{BOTH, Bench};
use crate::clock::{ms, now};
use crate::echo::Echo;
use crate::editor::{Can, Editor, add_lanes};
use crate::profile::Profile;
use crate::record::at;
use crate::report::Who;
use serde_json::{Value, json};
use std::time::Duration;
use tempfile::TempDir;

const DOCUMENT: &str = "file:///w/typed.md";

/// Measures a change and a code action while 64 branches stream at full speed.
pub(super) fn replies(bench: &mut Bench) {
    let lanes = vec![Profile::flood(bench.size(20_000, 3_000), 1); 64];
    let home = TempDir::new().unwrap();
    bench.upstream.play(&lanes);
    add_lanes(home.path());
    let editor = Editor::start(home.path(), &bench.upstream.url(), BOTH);
    editor.open(DOCUMENT, "The meeting is long.\n");
    editor.begin(lanes.len());
    let mut echo = Echo::start();
    let (mut times, mut echoes) = (Vec::new(), Vec::new());
    for version in 2..2 + bench.size(500, 100) {
        let sent = now();
        change(&editor, version, 0);
        let (answered, _) = code_action(&editor, 0);
        times.push(ms(answered - sent));
        std::thread::sleep(Duration::from_millis(5));
        echoes.push(echo.ask());
    }
    let streaming = !editor.has_ended();
    editor.finish(&lanes);
    assert!(streaming, "the streams went on until the last reply");
    let what = "didChange and code action, sent to replied, while 64 branches stream at full speed, median / p99 ms";
    for (who, times) in [(Who::Ours, times), (Who::Limit, echoes)] {
        bench.table.put(what, "p99 ≤ 2", who, &[at(0.5, &times), at(0.99, &times)]);
    }
}

/// Measures typing in a document of 100 MB.
pub(super) fn large_document(bench: &mut Bench) {
    let line = "The weekly meeting runs long and ends without a decision, again and again.\n";
    let bytes = bench.size(100_000_000, 10_000_000);
    let lines = bytes / line.len();
    let home = TempDir::new().unwrap();
    let editor =
        Editor::start(home.path(), "http://127.0.0.1:9/v1", Can { edits: true, events: true });
    editor.open(DOCUMENT, &line.repeat(lines));
    code_action(&editor, 0);
    let mut times = Vec::new();
    for typed in 0..1_000 {
        let at_line = (typed * 7_919) % lines;
        let sent = now();
        change(&editor, typed + 2, at_line);
        let (answered, _) = code_action(&editor, at_line);
        times.push(ms(answered - sent));
    }
    let what = "didChange in a document of 100 MB and a code action there, sent to replied, median / p99 ms";
    bench.table.put(what, "p99 ≤ 1", Who::Ours, &[at(0.5, &times), at(0.99, &times)]);
}

fn change(editor: &Editor, version: usize, line: usize) {
    let place = json!({"line": line, "character": 3});
    editor.notify(
        "textDocument/didChange",
        &json!({
            "textDocument": {"uri": DOCUMENT, "version": version},
            "contentChanges": [{"range": {"start": place, "end": place}, "text": "x"}],
        }),
    );
}

fn code_action(editor: &Editor, line: usize) -> (u64, Value) {
    let (at, actions) = editor.request(
        "textDocument/codeAction",
        &json!({
            "textDocument": {"uri": DOCUMENT}, "context": {"diagnostics": []},
            "range": {"start": {"line": line, "character": 0}, "end": {"line": line, "character": 9}},
        }),
    );
    assert_eq!(actions.as_array().map(Vec::len), Some(1), "{actions}");
    (at, actions)
}
