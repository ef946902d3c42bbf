//! The [`Provider`] trait, which hides HTTP from the layers above, and its implementations.

pub mod cassette;
mod cause;
mod chunk;
mod command_line;
pub mod discovery;
mod endpoint;
mod error;
mod extra_body;
mod first_model;
mod key;
mod limits;
mod llama;
mod model_file;
pub mod models;
mod note;
mod openai;
#[cfg(unix)]
mod process_group;
mod programs;
mod proxy;
mod secret;
pub mod sentence;
mod serving;
mod transport;
mod unusable;
mod worksheet;

pub use cause::{
    CassetteError, CassetteErrorKind, Cause, ReducedTokenLimit, Tls, TokenLimit, TokenLimitReason,
};
pub use chunk::{Chunk, Finish};
pub use command_line::CommandLineError;
pub use endpoint::{Endpoint, EndpointError, base_url};
pub use error::ProviderError;
pub use extra_body::{ExtraBody, ExtraBodyError};
pub use first_model::FirstModelProvider;
pub use key::{
    CachedKey, KEY_BYTES, KEY_TIMEOUT, KeyCommand, KeyCommandError, KeyError, KeyErrorKind,
    KeyPlace,
};
pub use limits::{Limits, TimeoutExtension};
pub use llama::{Llama, LlamaServer, guard};
pub use model_file::{Gguf, GgufError, Launch, LlamaCommand, LlamaCommandError, LlamaError};
pub use note::RequestNote;
pub use openai::{Dialects, OpenAi};
pub(crate) use openai::{ParsedFinish, parse_finish};
pub use programs::Programs;
pub use proxy::{Proxies, ProxyError};
pub use secret::{Secret, SecretError};
pub use serving::{ServerKind, Serving};
pub use unusable::UnusableProvider;
pub use worksheet::{Worksheet, worksheet};

use crate::lang::Lang;
use crate::request::{Prompt, Sent};
use futures::future::BoxFuture;
use futures::stream::BoxStream;

/// The stream of an answer's chunks. Its last item is [`Chunk::Finish`] or an error.
pub type Chunks = BoxStream<'static, Result<Chunk, ProviderError>>;

/// Work to be done before a provider can answer, for example starting its server.
pub struct Preparation {
    /// Description of the work, for display.
    pub note: String,
    /// Completes when the work is done or has failed.
    pub done: BoxFuture<'static, Result<(), ProviderError>>,
}

/// A source of answers, such as a model server or a file of recorded answers.
///
/// # Cancel safety
/// Dropping the stream is the only way to cancel a request. It also closes the connection, unless
/// other requests share the connection (HTTP/2).
pub trait Provider: Send + Sync {
    /// Returns the display name, such as `api.openai.com` or `Ollama (127.0.0.1:11434)`.
    fn label(&self, lang: Lang) -> String;
    /// Returns the host that requests are sent to, with its port unless that is the scheme's
    /// default. `None` if no requests are sent.
    fn host(&self) -> Option<String>;
    /// Returns `true` if any part of a prompt leaves this program.
    fn sends(&self) -> bool {
        true
    }
    /// Returns `true` if a model answers, even if its name is not known.
    fn asks_model(&self) -> bool {
        true
    }
    /// Returns the model for `prompt`, for display; empty if no model is used or the model is not
    /// known yet.
    fn model(&self, prompt: &Prompt) -> String;
    /// Returns a note about the provider for the head of the panel.
    fn note(&self, lang: Lang) -> Option<String> {
        let _ = lang;
        None
    }
    /// Returns the host to which the server forwards requests for the model of `prompt`. `None` if
    /// the server is not known to forward them.
    fn runs_at(&self, prompt: &Prompt) -> Option<String> {
        let _ = prompt;
        None
    }
    /// Returns the kind of server that requests are sent to; [`ServerKind::Unknown`] if the kind is
    /// not known.
    fn kind(&self) -> ServerKind {
        ServerKind::Unknown
    }
    /// Returns the work to be done before the provider can answer; `None` if there is none.
    /// [`Provider::stream`] does this work, too, but does not report it.
    fn preparation(&self, lang: Lang) -> Option<Preparation> {
        let _ = lang;
        None
    }
    /// Returns the answer to a prompt as a stream. The request is sent when the stream is first
    /// polled. `extension` extends the request's timeouts while the server is busy with other
    /// requests.
    fn stream(&self, prompt: Prompt, extension: TimeoutExtension) -> Chunks;
    /// Returns what [`Provider::stream`] would send for this prompt. Sends nothing.
    fn preview(&self, prompt: Prompt) -> BoxFuture<'static, Sent> {
        drop(prompt);
        Box::pin(std::future::ready(Sent::Nothing))
    }
    /// Opens a connection in advance for requests that may follow soon, if opening one takes time.
    /// Sends no user data, and ignores errors.
    fn preconnect(&self) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}
