//! A provider that asks the editor's own models through the client. Each prompt is one request to
//! the client. The answer's text arrives in notifications, and a notification to the client cancels
//! the request.

use super::client::{AskModel, CancelModel, Client};
use super::params::insert;
use crate::config::Config;
use crate::event::{FailureKind, Usage};
use crate::lang::Lang;
use crate::provider::{
    Cause, Chunk, Chunks, Finish, ParsedFinish, Provider, ProviderError, TimeoutExtension,
    parse_finish,
};
use crate::request::{Prompt, Sent, Speaker};
use futures::future::BoxFuture;
use futures::stream::{self, StreamExt};
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;

/// How much longer than a section's own time limit to wait for the client. The section's limit
/// should expire first.
const BEYOND: Duration = Duration::from_secs(5);

/// Provider that asks the editor's own models through the client.
pub(crate) struct EditorModels {
    client: Client,
    answers: Arc<PendingAnswers>,
    /// The model named in the settings.
    model: Option<String>,
    /// Maximum total time for one answer.
    timeout: Duration,
    /// Maximum time without new text.
    silence: Duration,
}

impl EditorModels {
    pub(crate) fn new(client: Client, answers: Arc<PendingAnswers>, config: &Config) -> Self {
        let timeout = config.limits.budget.total.saturating_add(BEYOND);
        let (model, silence) = (config.model.clone(), config.request.first_byte);
        EditorModels { client, answers, model, timeout, silence }
    }
}

impl Provider for EditorModels {
    fn label(&self, lang: Lang) -> String {
        lang.pick("エディターのモデル", "the editor's models").to_owned()
    }

    fn host(&self) -> Option<String> {
        None
    }

    fn model(&self, prompt: &Prompt) -> String {
        prompt.model.clone().or_else(|| self.model.clone()).unwrap_or_default()
    }

    fn stream(&self, prompt: Prompt, _: TimeoutExtension) -> Chunks {
        let asked = self.answers.ask();
        let params = self.params(&prompt, asked.id());
        let client = self.client.clone();
        let stop = Stop { client: client.clone(), id: asked.id().to_owned(), over: false };
        let (timeout, silence) = (self.timeout, self.silence);
        let answer = async move { client.ask::<AskModel>(params, timeout).await };
        let state = IncomingAnswer { asked, answer: Box::pin(answer), stop, silence };
        stream::unfold(Some(state), |state| async move { state?.next().await }).boxed()
    }

    fn preview(&self, prompt: Prompt) -> BoxFuture<'static, Sent> {
        // The ID is assigned only when the prompt is sent.
        Box::pin(std::future::ready(Sent::Editor(self.params(&prompt, "…").to_string())))
    }
}

impl EditorModels {
    /// Returns the parameters of the request for `prompt`.
    fn params(&self, prompt: &Prompt, id: &str) -> Value {
        let mut params = json!({
            "id": id,
            "model": prompt.model.as_ref().or(self.model.as_ref()),
            "system": prompt.said_by(Speaker::System),
            "user": prompt.said_by(Speaker::User),
            "maxTokens": prompt.max_tokens,
        });
        if prompt.is_follow_up {
            insert(&mut params, "messages", conversation(prompt));
        }
        params
    }
}

/// Returns all turns except the system messages, in order.
fn conversation(prompt: &Prompt) -> Value {
    let said = prompt.turns.iter().filter(|turn| turn.speaker != Speaker::System);
    said.map(|turn| json!({"role": turn.speaker.role(), "content": &*turn.text})).collect()
}

/// A guard that notifies the client if the answer is dropped before its end.
struct Stop {
    client: Client,
    id: String,
    over: bool,
}

impl Drop for Stop {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        let (client, id) = (self.client.clone(), std::mem::take(&mut self.id));
        // Outside the runtime, the process is exiting, and the connection ends with it.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { client.notify::<CancelModel>(json!({"id": id})).await });
        }
    }
}

/// An answer that is being received.
struct IncomingAnswer {
    asked: PendingAnswer,
    answer: BoxFuture<'static, Result<Value, String>>,
    stop: Stop,
    silence: Duration,
}

type Step = Option<(Result<Chunk, ProviderError>, Option<IncomingAnswer>)>;

impl IncomingAnswer {
    async fn next(mut self) -> Step {
        tokio::select! {
            // Text that arrived before the client's response must be read before it.
            biased;
            text = self.asked.text() => match text {
                Some(text) => Some((Ok(Chunk::Text(text)), Some(self))),
                None => self.fail(FailureKind::Limit, Some("the client sent faster than it could be shown".into())),
            },
            answer = &mut self.answer => {
                self.stop.over = true;
                match answer {
                    Ok(value) => Some((finish(&value), None)),
                    Err(detail) => self.fail(FailureKind::Provider, Some(detail)),
                }
            }
            () = tokio::time::sleep(self.silence) => {
                let error = ProviderError::new(FailureKind::Timeout, None);
                Some((Err(error.because(Cause::NoAnswer(self.silence))), None))
            }
        }
    }

    fn fail(self, kind: FailureKind, detail: Option<String>) -> Step {
        let detail = detail.map(|d| d.chars().filter(|c| !c.is_control()).take(500).collect());
        Some((Err(ProviderError { detail, ..ProviderError::new(kind, None) }), None))
    }
}

/// Interprets the client's answer when a model has finished. A client that gives no reason has
/// finished; an answer with an unknown finish reason counts as unfinished, so that a partial answer
/// is never presented as complete.
fn finish(value: &Value) -> Result<Chunk, ProviderError> {
    // Read apart, so that odd token counts do not hide the reason.
    let usage = value.get("usage").and_then(|usage| Usage::deserialize(usage).ok());
    let word = value.get("finish").and_then(Value::as_str).unwrap_or_default();
    let reason = match parse_finish(word) {
        None => Finish::Stop,
        Some(ParsedFinish::Known(reason)) => reason,
        Some(ParsedFinish::Error) => return Err(ProviderError::new(FailureKind::Provider, None)),
        Some(ParsedFinish::Incomplete(word)) => {
            let error = ProviderError::new(FailureKind::Interrupted, None);
            return Err(error.because(Cause::EndedAs(word)));
        }
    };
    Ok(Chunk::Finish { reason, usage })
}

/// Capacity of the queue for the chunks of one answer.
const PIECES: usize = 4096;

/// The answers that the client is still sending, by ID.
#[derive(Default)]
pub(crate) struct PendingAnswers {
    pending: Mutex<HashMap<String, mpsc::Sender<String>>>,
    next: AtomicU64,
}

/// An answer that the client is still sending. Dropping this value unregisters the answer; later
/// chunks are ignored.
pub(crate) struct PendingAnswer {
    id: String,
    texts: mpsc::Receiver<String>,
    answers: Arc<PendingAnswers>,
}

impl PendingAnswers {
    /// Registers an answer under a new ID. The answer stays registered until the returned value is
    /// dropped or its queue overflows.
    pub(crate) fn ask(self: &Arc<Self>) -> PendingAnswer {
        let id = format!("kaizodo-{}", self.next.fetch_add(1, Ordering::Relaxed));
        let (sender, texts) = mpsc::channel(PIECES);
        self.pending.lock().insert(id.clone(), sender);
        PendingAnswer { id, texts, answers: Arc::clone(self) }
    }

    /// Queues a chunk of an answer's text. Never blocks: if the queue is full, the answer is
    /// abandoned. Unknown IDs are ignored.
    pub(crate) fn delta(&self, id: &str, text: String) {
        let mut pending = self.pending.lock();
        if pending.get(id).is_some_and(|sender| sender.try_send(text).is_err()) {
            pending.remove(id);
        }
    }
}

impl PendingAnswer {
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Waits for the next chunk of the answer's text. Returns `None` if the answer was abandoned
    /// because its queue was full.
    ///
    /// # Cancel safety
    /// No chunk is lost if the future is dropped.
    pub(crate) async fn text(&mut self) -> Option<String> {
        self.texts.recv().await
    }
}

impl Drop for PendingAnswer {
    fn drop(&mut self) {
        self.answers.pending.lock().remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(value: &Value) -> Result<(Finish, bool), FailureKind> {
        match finish(value) {
            Ok(Chunk::Finish { reason, usage }) => Ok((reason, usage.is_some())),
            Ok(_) => panic!("an end"),
            Err(error) => Err(error.kind),
        }
    }

    #[test]
    fn only_a_reason_that_says_so_makes_an_answer_whole() {
        let usage = json!({"prompt_tokens": 1, "completion_tokens": 2});
        for (value, expected) in [
            (json!({"finish": "stop", "usage": usage}), Ok((Finish::Stop, true))),
            (json!({}), Ok((Finish::Stop, false))),
            (Value::Null, Ok((Finish::Stop, false))),
            (json!({"finish": "length", "usage": {"x": 1.5}}), Ok((Finish::Length, false))),
            (json!({"finish": "max_tokens"}), Ok((Finish::Length, false))),
            (json!({"finish": "filtered"}), Ok((Finish::Filtered, false))),
            (json!({"finish": "content_filter"}), Ok((Finish::Filtered, false))),
            (json!({"finish": "error"}), Err(FailureKind::Provider)),
            (json!({"finish": "aborted"}), Err(FailureKind::Interrupted)),
        ] {
            assert_eq!(told(&value), expected, "{value}");
        }
    }
}
