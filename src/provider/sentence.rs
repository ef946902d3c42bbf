//! Converts errors into messages for people: what happened, at which host, and what to do next.

mod broken;
mod config;
mod limit;
mod llama;
mod notes;
mod refused;
mod unreached;

pub use llama::starting;
pub use notes::{note, passed_over, runs_elsewhere};

use super::{Cause, ProviderError};
use crate::event::{Failure, FailureKind};
use crate::lang::{Lang, Message};
use std::time::Duration;

/// Maximum number of characters that are quoted from a server's message.
const QUOTE: usize = 200;

/// Converts an error into a failure, with a message in the language `lang`. `model` is the model
/// that the request was for. `kept` is `true` if part of the answer arrived and is kept.
pub fn failure(error: &ProviderError, model: &str, kept: bool, lang: Lang) -> Failure {
    let mut message = sentence(error, model, kept, lang);
    if let Some(words) = error.detail.as_deref().and_then(short) {
        message += &lang.pick(format!("詳細: {words}"), format!(" Detail: {words}"));
    }
    Failure {
        kind: error.kind,
        message,
        host: error.host.clone(),
        status: error.status,
        retry_after_ms: error.retry_after.map(millis),
    }
}

/// The facts that messages are made of.
struct Facts<'a> {
    lang: Lang,
    host: &'a str,
    model: &'a str,
    code: Option<u16>,
    /// The status as a suffix, such as ` (401)`; empty if there is none.
    status: String,
    cause: Option<&'a Cause>,
    /// Whether some of the answer's text has arrived.
    kept: bool,
}

fn sentence(error: &ProviderError, model: &str, kept: bool, lang: Lang) -> String {
    let mark = |status| lang.pick(format!("（{status}）"), format!(" ({status})"));
    let facts = Facts {
        lang,
        host: error.host.as_deref().unwrap_or(lang.pick("サーバー", "the server")),
        model,
        code: error.status,
        status: error.status.map(mark).unwrap_or_default(),
        cause: error.cause.as_ref(),
        kept,
    };
    match &error.cause {
        Some(Cause::Endpoint(error)) => return error.message(lang),
        Some(Cause::Cassette(error)) => return error.message(lang),
        _ => {}
    }
    if let Some(said) = limit::too_little_room(&facts).or_else(|| limit::reduced_limit(&facts)) {
        return said;
    }
    match error.kind {
        FailureKind::Unauthorized => refused::unauthorized(&facts),
        FailureKind::Forbidden => refused::forbidden(&facts),
        FailureKind::Quota => refused::quota(&facts),
        FailureKind::NotFound => refused::not_found(&facts),
        FailureKind::TooLarge => match facts.cause {
            Some(Cause::PromptCut { read, least, kind }) => {
                limit::truncated_prompt(&facts, *read, *least, *kind)
            }
            _ => refused::too_large(&facts),
        },
        FailureKind::BadRequest => refused::bad_request(&facts),
        FailureKind::RateLimited => refused::rate_limited(&facts, error.retry_after.map(millis)),
        FailureKind::Unreachable => unreached::unreachable(&facts),
        FailureKind::Server => broken::server(&facts),
        FailureKind::Timeout => limit::timeout(&facts),
        FailureKind::BadResponse => broken::bad_response(&facts),
        FailureKind::Interrupted => broken::interrupted(&facts),
        FailureKind::Provider => broken::provider(&facts),
        FailureKind::Length => limit::length(&facts),
        FailureKind::Filtered => broken::filtered(&facts),
        FailureKind::Limit => limit::limit(&facts),
        FailureKind::TooFewViews => lang
            .pick(
                "焦点を書くには、視点の答えが二つ以上要ります。視点をやり直してから、この節をやり直してください。",
                "The focus needs answers from at least two views. Retry a view, then retry this section.",
            )
            .to_owned(),
        FailureKind::Configuration if error.cause == Some(Cause::NoModel) => lang
            .pick(
                "この質問に答えるモデルがありません。`kaizodo setup` を実行するか Ollama を起動してから、この節をやり直してください。",
                "There is no model to answer this question. Run `kaizodo setup` or start Ollama, then retry this section.",
            )
            .to_owned(),
        // Any other invalid setting has a cause that was handled above.
        FailureKind::Configuration | FailureKind::Internal => broken::internal(&facts),
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Shortens a message of the server or the transport. Returns `None` if it is empty.
fn short(detail: &str) -> Option<String> {
    let mut words: String = detail.trim().chars().take(QUOTE).collect();
    if words.len() < detail.trim().len() {
        words.push('…');
    }
    (!words.is_empty()).then_some(words)
}

#[cfg(test)]
mod tests;
