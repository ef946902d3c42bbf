//! Models of the editor's own, asked through the client: one request to it for each prompt, its
//! text back in notifications, and a word to it when nobody waits any more.

use super::{AskModel, CancelModel, Outbox};
use crate::config::Config;
use crate::event::{FailureKind, Usage};
use crate::lang::Lang;
use crate::lsp::models::{Asked, Models};
use crate::provider::{Cause, Chunk, Chunks, Finish, Patience, Provider, ProviderError};
use crate::request::{Prompt, Sent};
use futures::future::BoxFuture;
use futures::stream::{self, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// What the client is waited for beyond a section's own time, which should be what ends it.
const BEYOND: Duration = Duration::from_secs(5);

/// The editor's models.
pub(crate) struct EditorModels {
    outbox: Outbox,
    models: Arc<Models>,
    /// The model that the settings name.
    model: Option<String>,
    /// How long one answer may take in all.
    patience: Duration,
    /// How long a model may write nothing.
    silence: Duration,
}

impl EditorModels {
    pub(crate) fn new(outbox: Outbox, models: Arc<Models>, config: &Config) -> Self {
        let patience = config.limits.budget.total.saturating_add(BEYOND);
        let (model, silence) = (config.model.clone(), config.request.first_byte);
        EditorModels { outbox, models, model, patience, silence }
    }
}

/// The client's answer when a model has finished.
#[derive(Debug, Default, Deserialize)]
struct Answer {
    #[serde(default)]
    finish: Option<String>,
    #[serde(default)]
    usage: Option<Usage>,
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

    fn stream(&self, prompt: Prompt, _: Patience) -> Chunks {
        let asked = self.models.ask();
        let params = self.params(&prompt, asked.id());
        let outbox = self.outbox.clone();
        let stop = Stop { outbox: outbox.clone(), id: asked.id().to_owned(), over: false };
        let (patience, silence) = (self.patience, self.silence);
        let answer = async move { outbox.ask::<AskModel>(params, patience).await };
        let state = State { asked, answer: Box::pin(answer), stop, silence };
        stream::unfold(Some(state), |state| async move { state?.next().await }).boxed()
    }

    fn preview(&self, prompt: Prompt) -> BoxFuture<'static, Sent> {
        // The name of the question is given when it is asked.
        Box::pin(std::future::ready(Sent::Editor(self.params(&prompt, "…").to_string())))
    }
}

impl EditorModels {
    /// What the client is asked.
    fn params(&self, prompt: &Prompt, id: &str) -> Value {
        json!({
            "id": id,
            "model": prompt.model.as_ref().or(self.model.as_ref()),
            "system": &*prompt.system,
            "user": format!("{}\n\n{}", prompt.shared, prompt.instruction),
            "maxTokens": prompt.max_tokens,
        })
    }
}

/// Tells the client when the answer is dropped before its end.
struct Stop {
    outbox: Outbox,
    id: String,
    over: bool,
}

impl Drop for Stop {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        let (outbox, id) = (self.outbox.clone(), std::mem::take(&mut self.id));
        // Outside of the runtime the process is ending, and the client with it.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { outbox.notify::<CancelModel>(json!({"id": id})).await });
        }
    }
}

/// One answer on its way.
struct State {
    asked: Asked,
    answer: BoxFuture<'static, Result<Value, String>>,
    stop: Stop,
    silence: Duration,
}

type Step = Option<(Result<Chunk, ProviderError>, Option<State>)>;

impl State {
    async fn next(mut self) -> Step {
        tokio::select! {
            // What came before the answer is read before it.
            biased;
            text = self.asked.text() => match text {
                Some(text) => Some((Ok(Chunk::Text(text)), Some(self))),
                None => self.fail(FailureKind::Limit, Some("the client sent faster than it could be shown".into())),
            },
            answer = &mut self.answer => {
                self.stop.over = true;
                match answer {
                    Ok(value) => Some((finish(value), None)),
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

fn finish(value: Value) -> Result<Chunk, ProviderError> {
    let Answer { finish, usage } = serde_json::from_value(value).unwrap_or_default();
    let reason = match finish.as_deref() {
        Some("length") => Finish::Length,
        Some("filtered") => Finish::Filtered,
        _ => Finish::Stop,
    };
    Ok(Chunk::Finish { reason, usage })
}
