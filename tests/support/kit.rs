//! What the tests share: a memo to select text in, a model server with a reply for each section,
//! runs and their panels.

use crate::support::artifacts::CANARY;
use crate::support::client::{Client, Unit};
use crate::support::upstream::{Reply, Seen, Step, Upstream, sse_text};
use kaizodo::event::{Event, Stamped};
use kaizodo::panel::{Panel, title_of};
use serde_json::{Value, json};
use std::time::Duration;

/// The document that the runs are about.
pub(crate) const MEMO: &str = "file:///w/memo.md";
/// The text of [`MEMO`], unless a test has a text of its own.
pub(crate) const TEXT: &str = "会議が長くて決まらない。\n";
/// The titles of the sections of a Japanese run, in order.
pub(crate) const JA: [&str; 4] = ["深さ", "広さ", "構造", "時間"];
/// The titles of the sections of an English run, in order.
pub(crate) const EN: [&str; 4] = ["Depth", "Breadth", "Structure", "Time"];
/// The branches of the sections, in order.
pub(crate) const NAMES: [&str; 4] = ["depth", "breadth", "structure", "time"];

/// Returns the capabilities of a client that supports everything, including our own extension.
pub(crate) fn capabilities() -> Value {
    json!({
        "general": {"positionEncodings": ["utf-16"]},
        "window": {"workDoneProgress": true, "showDocument": {"support": true}},
        "workspace": {"textDocumentContent": {}, "applyEdit": true},
        "experimental": {"kaizodo": {"events": true}},
    })
}

/// Like [`capabilities`], for a client that vouches that its settings come from the user alone.
pub(crate) fn vouching() -> Value {
    let mut can = capabilities();
    can["experimental"]["kaizodo"]["userSettings"] = json!(true);
    can
}

/// Starts a server that asks `upstream` with the tests' key.
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

/// Starts a server that asks `upstream`, initializes it and opens the memo.
pub(crate) async fn start(upstream: &Upstream, capabilities: Value) -> Client {
    let mut client = launch(upstream, &[]);
    client.initialize(capabilities).await;
    client.open(MEMO, "markdown", TEXT);
    client
}

/// Returns the range between two places, each a line and a column.
pub(crate) fn range(start: (u32, u32), end: (u32, u32)) -> Value {
    let place = |(line, character)| json!({"line": line, "character": character});
    json!({"start": place(start), "end": place(end)})
}

/// Returns the range of a piece of a text.
pub(crate) fn range_of(text: &str, piece: &str, unit: Unit) -> Value {
    let start = text.find(piece).expect("a piece of the text");
    json!({"start": unit.place(text, start), "end": unit.place(text, start + piece.len())})
}

/// Executes a command and returns its answer.
pub(crate) async fn command(
    client: &mut Client,
    name: &str,
    argument: Value,
) -> Result<Value, Value> {
    client
        .request("workspace/executeCommand", json!({"command": name, "arguments": [argument]}))
        .await
}

/// Returns the code actions for a range of the memo.
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

/// Starts a run with the given argument of the command.
pub(crate) async fn run_with(client: &mut Client, argument: Value) -> Run {
    let answer = command(client, "kaizodo.run", argument).await.unwrap();
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    Run { id: text("run"), uri: text("uri") }
}

/// Starts a run and opens its panel, as an editor does that is asked to show the panel.
pub(crate) async fn shown_run(client: &mut Client) -> Run {
    let run = run(client).await;
    client.open_virtual(&run.uri).await;
    run
}

impl Run {
    /// Returns every event so far, from the server's own record.
    pub(crate) async fn events(&self, client: &mut Client) -> Vec<Stamped> {
        let params = json!({"run": self.id, "from": 1});
        let answer = client.request("kaizodo/run/events", params).await.unwrap();
        serde_json::from_value(answer["events"].clone()).unwrap()
    }

    /// Waits until the run has ended `times` times, and returns every event.
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

    /// Returns the panel's text, built from the events so that the client's own copy is not
    /// touched.
    pub(crate) async fn panel(&self, client: &mut Client) -> String {
        fold(&self.events(client).await)
    }

    /// Cancels the run or one branch. Returns how many branches were cancelled.
    pub(crate) async fn cancel(&self, client: &mut Client, branch: Option<&str>) -> u64 {
        let argument = json!({"run": self.id, "branch": branch});
        let answer = command(client, "kaizodo.cancel", argument).await.unwrap();
        answer["cancelled"].as_u64().unwrap()
    }
}

/// Returns the panel's text that results from events. Its title comes from the memo's text.
pub(crate) fn fold(events: &[Stamped]) -> String {
    fold_titled(&title_of(TEXT), events)
}

/// Like [`fold`], with the title of another selection.
pub(crate) fn fold_titled(title: &str, events: &[Stamped]) -> String {
    for (at, stamped) in events.iter().enumerate() {
        assert_eq!(stamped.seq, at as u64 + 1, "a gap in the events");
    }
    let mut panel = Panel::new(title, kaizodo::lang::Lang::En);
    panel.apply_all(events);
    panel.text()
}

/// Returns the events in the values of a progress, in the order in which they came.
pub(crate) fn events_in(values: &[Value]) -> Vec<Stamped> {
    let events =
        values.iter().flat_map(|value| value["events"].as_array().cloned().unwrap_or_default());
    events.map(|event| serde_json::from_value(event).unwrap()).collect()
}

/// Returns one section of a panel's text, including the heading.
pub(crate) fn section<'a>(text: &'a str, title: &str) -> &'a str {
    let heading = format!("\n## {title}\n");
    let start = text.find(&heading).unwrap_or_else(|| panic!("no section {title} in {text:?}")) + 1;
    let rest = &text[start..];
    // The total of the whole run belongs to no section.
    let end = rest.find("\n## ").or_else(|| rest.rfind("\nΣ "));
    end.map_or(rest, |end| &rest[..=end])
}

/// Returns `true` if a section exists and contains these words: to wait for a panel that may be
/// new.
pub(crate) fn is_in_section(text: &str, title: &str, words: &str) -> bool {
    text.contains(&format!("\n## {title}\n")) && section(text, title).contains(words)
}

/// Returns the user message of a request: the last message, because some models have no system
/// role.
pub(crate) fn user_message(seen: &Seen) -> String {
    let json = seen.json();
    let last = json["messages"].as_array().and_then(|messages| messages.last());
    last.and_then(|message| message["content"].as_str()).unwrap_or_default().to_owned()
}

/// Returns `true` if a request continues an answer: with a question about it or with marks on it.
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

/// Returns the index of the section that a request is for.
pub(crate) fn section_of(seen: &Seen) -> usize {
    let text = user_message(seen);
    let is = |at: &usize| {
        text.contains(&format!("あなたの視点: {}\n", JA[*at]))
            || text.contains(&format!("Your side of the text: {}\n", EN[*at]))
    };
    (0..4).find(is).unwrap_or_else(|| panic!("no section's request: {text}"))
}

/// Starts an upstream with one reply for each section.
pub(crate) async fn by_section(replies: [Reply; 4]) -> Upstream {
    Upstream::start(move |seen| replies[section_of(seen)].clone()).await
}

/// Returns the last request for a section among those that were seen.
pub(crate) fn request_for(seen: &[Seen], section: usize) -> &Seen {
    seen.iter().rfind(|seen| section_of(seen) == section).expect("a request for the section")
}

/// Returns a stream that sends a text and then stays silent forever.
pub(crate) fn stuck(text: &str) -> Reply {
    Reply::stream([sse_text(text)]).end(crate::support::upstream::End::Open)
}

/// Adds texts to a stream, each after a wait of `ms` milliseconds.
pub(crate) fn paced(reply: Reply, texts: impl IntoIterator<Item = String>, ms: u64) -> Reply {
    texts.into_iter().fold(reply, |reply, text| {
        reply.step(Step::Wait(Duration::from_millis(ms))).write(sse_text(&text))
    })
}

/// Adds the end of a complete answer.
pub(crate) fn finished(reply: Reply) -> Reply {
    use crate::support::upstream::{SSE_DONE, sse_finish, sse_usage};
    reply.write(sse_finish("stop")).write(sse_usage(10, 4, 3)).write(SSE_DONE)
}

/// Returns an event stream whose body is empty until pieces are added.
pub(crate) fn stream() -> Reply {
    Reply::stream::<&[u8]>([])
}

/// Returns the server's answer to a request about a document, such as `documentSymbol`.
pub(crate) async fn about(client: &mut Client, method: &str, uri: &str) -> Value {
    let params = json!({"textDocument": {"uri": uri}});
    client.request(&format!("textDocument/{method}"), params).await.unwrap()
}

/// Returns the text of a range whose columns count UTF-16 code units.
pub(crate) fn text_at<'a>(text: &'a str, range: &Value) -> &'a str {
    let byte = |end: &str| Unit::Utf16.byte(text, &range[end]);
    &text[byte("start")..byte("end")]
}
