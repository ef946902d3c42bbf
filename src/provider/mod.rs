//! Where tokens come from. Everything above this layer sees a [`Provider`] and nothing of HTTP.

pub mod cassette;
mod cause;
mod chunk;
mod command_line;
mod endpoint;
mod error;
mod extra_body;
mod first_model;
mod key;
mod limits;
mod llama;
pub mod local;
mod model_file;
mod note;
mod openai;
mod programs;
mod proxy;
mod secret;
pub mod sentence;
mod serving;
mod timeout_extension;
mod transport;
mod unusable;
mod worksheet;

pub use cause::{CassetteError, CassetteErrorKind, Cause, Fewer, Tls, TokenLimit};
pub use chunk::{Chunk, Finish};
pub use command_line::CommandLineError;
pub use endpoint::{Endpoint, EndpointError, base_url};
pub use error::ProviderError;
pub use extra_body::{ExtraBody, ExtraBodyError};
pub use first_model::Nameless;
pub use key::{
    CachedKey, KEY_BYTES, KEY_TIMEOUT, KeyCommand, KeyCommandError, KeyError, KeyErrorKind,
};
pub use limits::Limits;
pub use llama::{Llama, LlamaServer, guard};
pub use model_file::{Gguf, GgufError, Launch, LlamaCommand, LlamaCommandError, LlamaError};
pub use note::Note;
pub use openai::{Dialects, OpenAi};
pub use programs::Programs;
pub use proxy::{Proxies, ProxyError};
pub use secret::{Secret, SecretError};
pub use serving::{ServerKind, Serving};
pub use timeout_extension::TimeoutExtension;
pub use unusable::UnusableProvider;
pub use worksheet::{Worksheet, worksheet};

use crate::lang::Lang;
use crate::request::{Prompt, Sent};
use futures::future::BoxFuture;
use futures::stream::BoxStream;

/// An answer as it comes.
pub type Chunks = BoxStream<'static, Result<Chunk, ProviderError>>;

/// What has to be done before a provider can be asked, for instance starting its server.
pub struct Preparation {
    /// What is being done, for people.
    pub note: String,
    /// Ends when it is done.
    pub done: BoxFuture<'static, Result<(), ProviderError>>,
}

/// A source of answers.
///
/// # Cancel safety
/// Dropping the stream is the only cancel: it ends the request, and with it the connection, unless
/// others share it (HTTP/2).
pub trait Provider: Send + Sync {
    /// Who answers, for people: `api.openai.com`, `Ollama (127.0.0.1:11434)`.
    fn label(&self, lang: Lang) -> String;
    /// The host that is asked; with its port if that is not the scheme's default; `None` if no
    /// request leaves.
    fn host(&self) -> Option<String>;
    /// Whether anything of a prompt leaves this program.
    fn sends(&self) -> bool {
        true
    }
    /// The model for this prompt, for display; empty if no model is asked.
    fn model(&self, prompt: &Prompt) -> String;
    /// A note on the provider for the head of the panel.
    fn note(&self, lang: Lang) -> Option<String> {
        let _ = lang;
        None
    }
    /// The host to which the server passes the text for this prompt's model on, as far as is known.
    fn runs_at(&self, prompt: &Prompt) -> Option<String> {
        let _ = prompt;
        None
    }
    /// What kind of server is asked, as far as is known.
    fn kind(&self) -> ServerKind {
        ServerKind::Unknown
    }
    /// What has to be done before it can be asked; `None` if nothing. A request does it, too; this
    /// lets it be seen.
    fn preparation(&self, lang: Lang) -> Option<Preparation> {
        let _ = lang;
        None
    }
    /// Sends the prompt; the request leaves when the stream is first polled.
    fn stream(&self, prompt: Prompt, extension: TimeoutExtension) -> Chunks;
    /// What [`Provider::stream`] would send for this prompt. Sends nothing.
    fn preview(&self, prompt: Prompt) -> BoxFuture<'static, Sent> {
        drop(prompt);
        Box::pin(std::future::ready(Sent::Nothing))
    }
    /// Opens a connection ahead of requests that may come soon, if opening one takes time. Sends
    /// nothing of the user's, and ignores errors.
    fn preconnect(&self) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}
