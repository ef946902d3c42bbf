//! What these tests share: a memo to select in, a model server by sections, runs and their panels.

use crate::support::artifacts::CANARY;
use crate::support::client::{Client, Unit};
use crate::support::upstream::{Reply, Seen, Step, Upstream, sse_text};
use kaizodo::event::{Event, Stamped};
use kaizodo::panel::{Panel, title_of};
use serde_json::{Value, json};
use std::time::Duration;

/// The document that is asked about.
pub(crate) const MEMO: &str = "file:///w/memo.md";
/// Its text, where a test has no text of its own.
pub(crate) const TEXT: &str = "会議が長くて決まらない。\n";
/// The sections of a Japanese run, in their order.
pub(crate) const JA: [&str; 4] = ["深さ", "広さ", "構造", "時間"];
/// The sections of an English run.
pub(crate) const EN: [&str; 4] = ["Depth", "Breadth", "Structure", "Time"];
/// The sections' branches.
pub(crate) const NAMES: [&str; 4] = ["depth", "breadth", "structure", "time"];

/// The client's word on all that it can do, our own extension included.
pub(crate) fn capabilities() -> Value {
    json!({
        "general": {"positionEncodings": ["utf-16"]},
        "window": {"workDoneProgress": true, "showDocument": {"support": true}},
        "workspace": {"textDocumentContent": {}, "applyEdit": true},
        "experimental": {"kaizodo": {"events": true}},
    })
}

/// The same of a client whose settings are the user's alone.
pub(crate) fn vouching() -> Value {
    let mut can = capabilities();
    can["experimental"]["kaizodo"]["userSettings"] = json!(true);
    can
}

/// Starts a server that asks this upstream with the tests' key.
pub(crate) fn launch(upstream: &Upstream, env: &[(&str, &str)]) -> Client {
    let base = upstream.url();
    let mut all = vec![
        ("OPENAI_BASE_URL", base.as_str()),
        ("KAIZODO_MODEL", "m"),
        ("OPENAI_API_KEY", CANARY),
    ];
    all.extend(env);
    Client::start(&["lsp"], &all)
}

/// Starts a server that asks this upstream, with the memo open.
pub(crate) async fn start(upstream: &Upstream, capabilities: Value) -> Client {
    let mut client = launch(upstream, &[]);
    client.initialize(capabilities).await;
    client.open(MEMO, "markdown", TEXT);
    client
}

/// A range from line and column to line and column.
pub(crate) fn range(start: (u32, u32), end: (u32, u32)) -> Value {
    let place = |(line, character)| json!({"line": line, "character": character});
    json!({"start": place(start), "end": place(end)})
}

/// Where a piece of a text is.
pub(crate) fn range_of(text: &str, piece: &str, unit: Unit) -> Value {
    let start = text.find(piece).expect("a piece of the text");
    json!({"start": unit.place(text, start), "end": unit.place(text, start + piece.len())})
}

/// Asks for a command and gives its answer.
pub(crate) async fn command(
    client: &mut Client,
    name: &str,
    argument: Value,
) -> Result<Value, Value> {
    client
        .request("workspace/executeCommand", json!({"command": name, "arguments": [argument]}))
        .await
}

/// The code actions of a range of the memo.
pub(crate) async fn actions(client: &mut Client, range: &Value, context: Value) -> Vec<Value> {
    let params = json!({"textDocument": {"uri": MEMO}, "range": range, "context": context});
    let answer = client.request("textDocument/codeAction", params).await.unwrap();
    answer.as_array().cloned().unwrap_or_default()
}

/// A run that was started.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) id: String,
    pub(crate) uri: String,
}

/// Starts a run about the memo's first line.
pub(crate) async fn run(client: &mut Client) -> Run {
    run_with(client, json!({"uri": MEMO, "range": range((0, 0), (1, 0))})).await
}

/// Starts a run with an argument of one's own.
pub(crate) async fn run_with(client: &mut Client, argument: Value) -> Run {
    let answer = command(client, "kaizodo.run", argument).await.unwrap();
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    Run { id: text("run"), uri: text("uri") }
}

/// Starts a run and opens its panel, as an editor does that is told to show it.
pub(crate) async fn shown_run(client: &mut Client) -> Run {
    let run = run(client).await;
    client.open_virtual(&run.uri).await;
    run
}

impl Run {
    /// Every event until now, from the server's own record.
    pub(crate) async fn events(&self, client: &mut Client) -> Vec<Stamped> {
        let params = json!({"run": self.id, "from": 1});
        let answer = client.request("kaizodo/run/events", params).await.unwrap();
        serde_json::from_value(answer["events"].clone()).unwrap()
    }

    /// Waits for the run's `run_ended` number `times` and gives every event.
    pub(crate) async fn ended(&self, client: &mut Client, times: usize) -> Vec<Stamped> {
        for _ in 0..2000 {
            let events = self.events(client).await;
            let ends = events.iter().filter(|e| matches!(e.event, Event::RunEnded { .. })).count();
            if ends >= times {
                return events;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the run does not end: {:#?}", self.events(client).await);
    }

    /// The panel's text, asked for in a way that leaves the client's own copy alone.
    pub(crate) async fn panel(&self, client: &mut Client) -> String {
        fold(&self.events(client).await)
    }

    /// Cancels the run or one branch and gives how many branches were meant.
    pub(crate) async fn cancel(&self, client: &mut Client, branch: Option<&str>) -> u64 {
        let argument = json!({"run": self.id, "branch": branch});
        let answer = command(client, "kaizodo.cancel", argument).await.unwrap();
        answer["cancelled"].as_u64().unwrap()
    }
}

/// The text that events make of a panel. Its title comes from the memo's text.
pub(crate) fn fold(events: &[Stamped]) -> String {
    fold_titled(&title_of(TEXT), events)
}

/// As [`fold`], for another selection.
pub(crate) fn fold_titled(title: &str, events: &[Stamped]) -> String {
    for (at, stamped) in events.iter().enumerate() {
        assert_eq!(stamped.seq, at as u64 + 1, "a gap in the events");
    }
    let mut panel = Panel::new(title, kaizodo::lang::Lang::En);
    panel.apply_all(events);
    panel.text()
}

/// The events in a progress's values, in the order in which they came.
pub(crate) fn events_in(values: &[Value]) -> Vec<Stamped> {
    let events =
        values.iter().flat_map(|value| value["events"].as_array().cloned().unwrap_or_default());
    events.map(|event| serde_json::from_value(event).unwrap()).collect()
}

/// One section of a panel's text, heading included.
pub(crate) fn section<'a>(text: &'a str, title: &str) -> &'a str {
    let heading = format!("\n## {title}\n");
    let start = text.find(&heading).unwrap_or_else(|| panic!("no section {title} in {text:?}")) + 1;
    let rest = &text[start..];
    // What the whole run came to belongs to no section.
    let end = rest.find("\n## ").or_else(|| rest.rfind("\nΣ "));
    end.map_or(rest, |end| &rest[..=end])
}

/// Whether a section is there and holds these words: to wait for them in a panel that may be new.
pub(crate) fn is_in_section(text: &str, title: &str, words: &str) -> bool {
    text.contains(&format!("\n## {title}\n")) && section(text, title).contains(words)
}

/// The user message of a request: its last, since not every model has a system role.
pub(crate) fn user_message(seen: &Seen) -> String {
    let json = seen.json();
    let last = json["messages"].as_array().and_then(|messages| messages.last());
    last.and_then(|message| message["content"].as_str()).unwrap_or_default().to_owned()
}

/// Whether a request goes on from an answer: with a question about it, or with marks on it.
pub(crate) fn is_follow_up(seen: &Seen) -> bool {
    let text = user_message(seen);
    let said = [
        "質問と同じ言語で答える。",
        "in the language of the question.",
        "項目に印を付けた。",
        "marked items",
    ];
    said.iter().any(|words| text.contains(words))
}

/// Which section a request is for, from 0.
pub(crate) fn section_of(seen: &Seen) -> usize {
    let text = user_message(seen);
    let is = |at: &usize| {
        text.contains(&format!("あなたの視点: {}\n", JA[*at]))
            || text.contains(&format!("Your side of the text: {}\n", EN[*at]))
    };
    (0..4).find(is).unwrap_or_else(|| panic!("no section's request: {text}"))
}

/// An upstream with one reply for each section.
pub(crate) async fn by_section(replies: [Reply; 4]) -> Upstream {
    Upstream::start(move |seen| replies[section_of(seen)].clone()).await
}

/// The request for a section, among those that were seen.
pub(crate) fn request_for(seen: &[Seen], section: usize) -> &Seen {
    seen.iter().rfind(|seen| section_of(seen) == section).expect("a request for the section")
}

/// A stream that says something and then is silent for good.
pub(crate) fn stuck(text: &str) -> Reply {
    Reply::stream([sse_text(text)]).end(crate::support::upstream::End::Open)
}

/// Waits of `ms` before each piece of a stream.
pub(crate) fn paced(reply: Reply, texts: impl IntoIterator<Item = String>, ms: u64) -> Reply {
    texts.into_iter().fold(reply, |reply, text| {
        reply.step(Step::Wait(Duration::from_millis(ms))).write(sse_text(&text))
    })
}

/// Adds the end of a good answer.
pub(crate) fn finished(reply: Reply) -> Reply {
    use crate::support::upstream::{SSE_DONE, sse_finish, sse_usage};
    reply.write(sse_finish("stop")).write(sse_usage(10, 4, 3)).write(SSE_DONE)
}

/// The body of an event stream, empty until pieces are added.
pub(crate) fn stream() -> Reply {
    Reply::stream::<&[u8]>([])
}

/// What the server answers about a document, e.g. to `documentSymbol`.
pub(crate) async fn about(client: &mut Client, method: &str, uri: &str) -> Value {
    let params = json!({"textDocument": {"uri": uri}});
    client.request(&format!("textDocument/{method}"), params).await.unwrap()
}

/// The text of a range that counts as UTF-16 does.
pub(crate) fn text_at<'a>(text: &'a str, range: &Value) -> &'a str {
    let byte = |end: &str| Unit::Utf16.byte(text, &range[end]);
    &text[byte("start")..byte("end")]
}
