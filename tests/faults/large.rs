//! Memory use for one large message from an editor, of every shape.

use crate::bench::editor;
use crate::support::frame::framed;
use crate::support::kit::MEMO;
use crate::support::upstream::*;
use serde_json::json;

/// Size of a message in bytes.
const BYTES: usize = 80 << 20;

/// Returns the peak memory of a process in bytes.
fn peak(pid: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() << 10
}

/// Returns a message of this method, filled with as many copies of `piece` as fit.
fn message(method: &str, before: &str, piece: &str, after: &str) -> Vec<u8> {
    let pieces = vec![piece; BYTES / piece.len()].join("");
    let pieces = pieces.trim_end_matches(',');
    let body =
        format!(r#"{{"jsonrpc":"2.0","method":"{method}","params":{before}{pieces}{after}}}"#);
    framed(body)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f75_one_message_takes_no_more_than_four_times_its_size() {
    let upstream = Upstream::always(answer(["x"])).await;
    let document = r#"{"textDocument":{"uri":"file:///w/large.md","languageId":"markdown","version":1,"text":""#;
    let changes = format!(r#"{{"textDocument":{{"uri":"{MEMO}","version":9}},"contentChanges":["#);
    let change = r#"{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":0}},"text":"x"},"#;
    let action = format!(
        r#"{{"textDocument":{{"uri":"{MEMO}"}},"range":{{"start":{{"line":0,"character":0}},"end":{{"line":0,"character":1}}}},"context":{{"diagnostics":["#
    );
    let kinds: [(&str, &str, &str, &str, &str); 6] = [
        ("a document", "textDocument/didOpen", document, "a line of text\\n", "\"}}"),
        ("changes", "textDocument/didChange", &changes, change, "]}"),
        ("diagnostics", "textDocument/codeAction", &action, r#"{"a":{"b":[1,2]}},"#, "]}}"),
        (
            "numbers",
            "workspace/executeCommand",
            r#"{"command":"kaizodo.run","arguments":["#,
            "1,",
            "]}",
        ),
        ("settings", "workspace/didChangeConfiguration", r#"{"settings":["#, r#"{"a":1},"#, "]}"),
        ("what nobody knows", "$/other", "[", "[[]],", "]"),
    ];
    for (kind, method, before, piece, after) in kinds {
        let mut client = editor(&upstream.url(), "", &[]).await;
        let idle = peak(client.pid());
        client.raw(message(method, before, piece, after));
        // The server answers, so it has read everything before.
        let listed = client.request("kaizodo/journal/list", json!({})).await.unwrap();
        assert!(listed["runs"].is_array());
        let taken = peak(client.pid()) - idle;
        println!("{kind}: {} MiB", taken >> 20);
        assert!(taken <= 4 * BYTES, "{kind}: {} MiB", taken >> 20);
        assert_eq!(client.shut_down().await, Some(0));
    }
}
