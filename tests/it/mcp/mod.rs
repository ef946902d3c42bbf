//! The real binary as a server for agents: JSON-RPC over its pipes, one message per line.

mod client;
mod ends;
mod later;
mod look;
mod refused;

use crate::support::kit::user_message;
use crate::support::upstream::{Reply, Seen, Upstream, answer};
use serde_json::Value;

/// The text that the runs are about.
const THOUGHT: &str = "会議が長くて決まらない。";
/// The title of a run about [`THOUGHT`].
const TITLE: &str = "会議が長くて決まらない";

/// Returns which request this is: one of the four views by its heading, a follow-up question, or
/// the focus.
fn asked(seen: &Seen) -> &'static str {
    let text = user_message(seen);
    let views = ["深さ", "広さ", "構造", "時間"];
    let view = views.into_iter().find(|view| text.contains(&format!("あなたの視点: {view}\n")));
    let is_follow_up = text.contains("質問と同じ言語で答える。");
    view.unwrap_or(if is_follow_up { "質問" } else { "焦点" })
}

/// Starts a model that answers each request with its name, or with the reply given in `special`.
async fn model(special: Vec<(&'static str, Reply)>) -> Upstream {
    Upstream::start(move |seen| {
        let asked = asked(seen);
        let told = special.iter().find(|(name, _)| *name == asked);
        told.map_or_else(|| answer([format!("{asked}の答え。\n")]), |(_, reply)| reply.clone())
    })
    .await
}

/// Returns the Markdown of a tool's result.
fn text(result: &Value) -> &str {
    result["content"][0]["text"].as_str().unwrap()
}

/// Returns the branches of a result's sections, each with its state.
fn states(result: &Value) -> Vec<(String, String)> {
    let sections = result["structuredContent"]["sections"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    sections.iter().map(|s| (text(&s["branch"]), text(&s["state"]))).collect()
}
