//! Asks the provider and shows the result in one line.

use crate::support::upstream::{Reply, TIMEOUT, Upstream};
use futures::StreamExt;
use kaizodo::perspective::Perspective;
use kaizodo::provider::{
    Chunk, Dialects, Endpoint, OpenAi, Provider, ProviderError, TimeoutExtension,
};
use kaizodo::request::{FIRST_SHARED, Prompt};
use kaizodo::text::Selection;
use std::sync::Arc;

pub(crate) fn prompt(instruction: &str) -> Prompt {
    let selection = Selection {
        uri: "file:///a.md".to_owned(),
        text: "text".to_owned(),
        ..Selection::default()
    };
    Prompt {
        turns: Prompt::first("be brief", "<selection>\ntext\n</selection>", instruction),
        shared: FIRST_SHARED,
        perspective: Arc::new(Perspective { name: "depth".to_owned(), ..Perspective::default() }),
        selection: Arc::new(selection),
        max_tokens: 100,
        ..Prompt::default()
    }
}

pub(crate) fn endpoint(server: &Upstream) -> Endpoint {
    let mut endpoint = Endpoint::new(&server.url()).expect("a loopback URL");
    endpoint.model = Some("m".to_owned());
    endpoint
}

pub(crate) fn provider(server: &Upstream) -> OpenAi {
    OpenAi::new(endpoint(server), Dialects::default()).expect("a sound endpoint")
}

/// Returns everything that a stream yields.
pub(crate) async fn collect(
    provider: &OpenAi,
    prompt: Prompt,
) -> Vec<Result<Chunk, ProviderError>> {
    let all = provider.stream(prompt, TimeoutExtension::default()).collect();
    tokio::time::timeout(TIMEOUT, all).await.expect("the stream ends")
}

/// Summarizes a reply: `text(thinking chars) Reason in/cached/out`, or `!Kind status Cause words`.
pub(crate) async fn outcome(reply: Reply) -> String {
    let server = Upstream::always(reply).await;
    outcome_at(&provider(&server)).await
}

pub(crate) async fn outcome_at(provider: &OpenAi) -> String {
    let mut line = String::new();
    for item in collect(provider, prompt("why?")).await {
        line += &match item {
            Ok(Chunk::Begun) => String::new(),
            Ok(Chunk::Text(text)) => text,
            Ok(Chunk::Thinking(text)) => format!("({})", text.chars().count()),
            Ok(Chunk::Retract(chars)) => format!("<-{chars}"),
            Ok(Chunk::Note(note)) => format!("[{note:?}]"),
            Ok(Chunk::Finish { reason, usage: None, .. }) => format!(" {reason:?}"),
            Ok(Chunk::Finish { reason, usage: Some(u), .. }) => {
                let (a, b, c) = (u.prompt_tokens, u.cached_tokens, u.completion_tokens);
                format!(" {reason:?} {a}/{b}/{c}")
            }
            Err(error) => {
                let status = error.status.map(|s| format!(" {s}")).unwrap_or_default();
                let cause = error.cause.map(|c| format!(" {c:?}")).unwrap_or_default();
                let words = error.detail.map(|d| format!(" {d}")).unwrap_or_default();
                format!("!{:?}{status}{cause}{words}", error.kind)
            }
        };
    }
    line
}
