//! Where tokens come from. Everything above this layer sees a [`Provider`] and nothing of HTTP.

mod cause;
mod endpoint;
mod key;
mod limits;
pub mod local;
mod openai;
mod secret;
pub mod sentence;
mod serving;
mod transport;
mod unusable;
mod worksheet;

pub use cause::{Cause, Tls};
pub use endpoint::{ConfigError, Endpoint, base_url};
pub use key::{AskedKey, BadKeyCommand, KEY_BYTES, KEY_PATIENCE, KeyCommand, KeyError, KeyFault};
pub use limits::Limits;
pub use openai::OpenAi;
pub use secret::{Secret, SecretError};
pub use serving::{Kind, Serving};
pub use unusable::Unusable;
pub use worksheet::{Worksheet, worksheet};

use crate::event::{FailureKind, Usage};
use crate::lang::Lang;
use crate::perspective::Prompt;
use crate::preview::Sent;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use std::time::Duration;

/// A source of answers.
///
/// # Cancel safety
/// Dropping the stream is the only cancel: it closes the connection.
pub trait Provider: Send + Sync {
    /// Who answers, for people: `api.openai.com`, `Ollama (127.0.0.1:11434)`.
    fn label(&self, lang: Lang) -> String;
    /// The host that is asked, with its port where it is not the scheme's own; `None` where none is.
    fn host(&self) -> Option<String>;
    /// The model that is asked for this prompt, as people are shown it.
    fn model(&self, prompt: &Prompt) -> String;
    /// Sends the prompt; the request leaves when the stream is first polled.
    fn stream(&self, prompt: Prompt) -> BoxStream<'static, Result<Chunk, ProviderError>>;
    /// As [`Provider::stream`]. Where that can be told before the first chunk, `begun` is called
    /// when the server begins to answer.
    fn stream_and_tell(
        &self,
        prompt: Prompt,
        begun: Begun,
    ) -> BoxStream<'static, Result<Chunk, ProviderError>> {
        drop(begun);
        self.stream(prompt)
    }
    /// What [`Provider::stream`] would send for this prompt, to be looked at; nothing is sent.
    fn preview(&self, prompt: Prompt) -> BoxFuture<'static, Sent> {
        drop(prompt);
        Box::pin(std::future::ready(Sent::Nothing))
    }
    /// Opens a connection, for requests that may come soon, where opening one takes time. Nothing
    /// of the user's is sent, and whether it succeeds is told to nobody.
    fn warm(&self) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// Hears of the beginning of an answer.
pub type Begun = Box<dyn FnOnce() + Send>;

/// A piece of an answer. Empty texts are never sent on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chunk {
    /// Answer text.
    Text(String),
    /// Reasoning text, in characters (Unicode scalar values).
    Thinking(u32),
    /// The model said that it has finished; nothing follows.
    Finish {
        /// Why it finished.
        reason: Finish,
        /// What it cost.
        usage: Option<Usage>,
        /// A closing sentence of the provider's own.
        note: Option<String>,
    },
}

/// Why a model stopped writing. A stream that ends without one of these was cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// It had said everything.
    Stop,
    /// The token limit.
    Length,
    /// The content filter.
    Filtered,
    /// It wanted to call a tool.
    Tool,
}

/// What went wrong between us and the model, as data. The sentence for people is made above,
/// where the language is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind:?} from {} (status {status:?}, {cause:?}): {}", host.as_deref().unwrap_or("?"), detail.as_deref().unwrap_or(""))]
pub struct ProviderError {
    /// What kind of failure it is.
    pub kind: FailureKind,
    /// The host that was asked, with its port where it is not the scheme's own.
    pub host: Option<String>,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// How long the server asked us to wait.
    pub retry_after: Option<Duration>,
    /// What kaizodo itself saw, where no status says it.
    pub cause: Option<Cause>,
    /// The server's own words, or the transport's: one line, bounded, without key or URL query.
    pub detail: Option<String>,
}

impl ProviderError {
    /// An error of this kind and nothing more.
    pub fn new(kind: FailureKind, host: Option<String>) -> Self {
        ProviderError { kind, host, status: None, retry_after: None, cause: None, detail: None }
    }

    /// The same, for this cause.
    pub fn because(self, cause: Cause) -> Self {
        ProviderError { cause: Some(cause), ..self }
    }
}
