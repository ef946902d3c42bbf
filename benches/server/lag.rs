//! From a model server's sending of a piece to the client's having it, beside a slow section.

use super::{Sample, Table};
use crate::support::client::Client;
use crate::upstream::{Reply, SSE_DONE, Seen, Step, Upstream, sse_finish, sse_text};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const TITLES: [&str; 3] = ["広さ", "構造", "時間"];
const NAMES: [&str; 3] = ["breadth", "structure", "time"];
const PIECES: usize = 200;
const RUNS: usize = 5;

/// When each piece of the three fast sections was there, and when each section was complete.
#[derive(Default)]
struct Receipts {
    pieces: [Vec<Instant>; 3],
    complete: [Option<Instant>; 3],
}

impl Receipts {
    /// Notes what a section's text holds now that it did not hold before.
    fn note(&mut self, section: usize, text: &str, complete: bool) {
        let pieces = &mut self.pieces[section];
        while text.contains(&piece(pieces.len())) {
            pieces.push(Instant::now());
        }
        if complete && self.complete[section].is_none() {
            self.complete[section] = Some(Instant::now());
        }
    }

    fn are_whole(&self) -> bool {
        self.complete.iter().all(Option::is_some)
    }
}

fn piece(n: usize) -> String {
    format!("<{n}>")
}

fn paced(ms: u64) -> Reply {
    let reply = Reply::stream::<&[u8]>([]);
    let reply = (0..PIECES).fold(reply, |reply, n| {
        reply.step(Step::Wait(Duration::from_millis(ms))).write(sse_text(&piece(n)))
    });
    reply.write(format!("{}{SSE_DONE}", sse_finish("stop")))
}

/// Which fast section a request is for.
fn fast(seen: &Seen) -> Option<usize> {
    let text = seen.body_text();
    TITLES.iter().position(|title| text.contains(&format!("視点: {title}\\n")))
}

pub(super) fn measure(table: &mut Table) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let (mut edits, mut events) = (Lags::default(), Lags::default());
    runtime.unwrap().block_on(async {
        for _ in 0..RUNS {
            one_run(&mut edits, &mut events).await;
        }
    });
    for (way, lags) in [("edits", edits), ("events", events)] {
        let pieces = Sample::of_times(lags.pieces);
        let whole = Sample::of_times(lags.complete);
        table.row(
            &format!(
                "sent by the model to shown by {way}, three sections at 5 ms beside one at 200 ms"
            ),
            &format!("median {:.1}, p99 {:.1} ms", pieces.at(0.5), pieces.at(0.99)),
            None,
        );
        table.row(
            &format!("a section's last byte to its being complete by {way}"),
            &format!("median {:.1}, max {:.1} ms", whole.at(0.5), whole.at(1.0)),
            Some(("at most 100 ms", whole.at(1.0) <= 100.0)),
        );
    }
}

#[derive(Default)]
struct Lags {
    pieces: Vec<Duration>,
    complete: Vec<Duration>,
}

impl Lags {
    fn take(&mut self, receipts: &Receipts, upstream: &[Seen]) {
        for seen in upstream {
            let Some(section) = fast(seen) else { continue };
            let pieces = receipts.pieces[section].iter().zip(&seen.writes);
            self.pieces.extend(pieces.map(|(shown, sent)| shown.saturating_duration_since(*sent)));
            let last = seen.writes.last().unwrap();
            self.complete
                .push(receipts.complete[section].unwrap().saturating_duration_since(*last));
        }
    }
}

async fn one_run(edits: &mut Lags, events: &mut Lags) {
    let upstream = Upstream::start(|seen| paced(if fast(seen).is_some() { 5 } else { 200 })).await;
    let base = upstream.url();
    let mut client = Client::start(&["lsp"], &[("OPENAI_BASE_URL", &base), ("KAIZODO_MODEL", "m")]);
    client.initialize_with(super::initialize_params()).await;
    client.open("file:///w/memo.md", "markdown", "会議が長くて決まらない。\n");
    let range = json!({"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}});
    let argument = json!({"uri": "file:///w/memo.md", "range": range});
    let params = json!({"command": "kaizodo.run", "arguments": [argument]});
    let run = client.request("workspace/executeCommand", params).await.unwrap();
    let uri = run["uri"].as_str().unwrap().to_owned();
    client.open_virtual(&uri).await;

    let (mut by_edits, mut by_events) = (Receipts::default(), Receipts::default());
    let (mut heard, mut texts, mut ended) = (0, [const { String::new() }; 3], [false; 3]);
    client
        .wait_for("three complete sections", |state| {
            let text = &state.documents[&uri].text;
            for (at, title) in TITLES.iter().enumerate() {
                let section = section(text, title);
                by_edits.note(at, section, section.contains("\n`m` · "));
            }
            for progress in &state.progress[heard..] {
                for event in progress["value"]["events"].as_array().into_iter().flatten() {
                    hear(event, &mut texts, &mut ended);
                }
            }
            heard = state.progress.len();
            for at in 0..3 {
                by_events.note(at, &texts[at], ended[at]);
            }
            (by_edits.are_whole() && by_events.are_whole()).then_some(())
        })
        .await;
    edits.take(&by_edits, &upstream.seen());
    events.take(&by_events, &upstream.seen());
}

fn section<'a>(text: &'a str, title: &str) -> &'a str {
    let Some((_, rest)) = text.split_once(&format!("\n## {title}\n")) else { return "" };
    rest.split_once("\n## ").map_or(rest, |(section, _)| section)
}

fn hear(event: &Value, texts: &mut [String; 3], ended: &mut [bool; 3]) {
    let Some(at) = NAMES.iter().position(|name| event["branch"] == *name) else { return };
    match event["event"].as_str() {
        Some("delta") => texts[at].push_str(event["text"].as_str().unwrap()),
        Some("branch_ended") => ended[at] = true,
        _ => {}
    }
}
