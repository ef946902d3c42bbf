//! What a run would send, to be shown before anything is sent. The types are plain data and cannot
//! send requests.

use super::Order;
use crate::event::{BranchId, Role, Source, Usd};
use crate::lang::Lang;
use serde::Serialize;

/// The requests of a run that was not started.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Preview {
    /// A short title of the run, taken from the selection.
    pub title: String,
    /// The document and range of the selection, which are not sent.
    pub source: Source,
    /// The language of the answers.
    pub lang: Lang,
    /// Display name of the provider that would be asked; empty if there is none.
    pub provider: String,
    /// The host that requests would be sent to, with its port if that is not the scheme's default;
    /// `None` if no server is asked.
    pub host: Option<String>,
    /// Whether the selection is a passage of an earlier answer. The texts that led to it are then
    /// sent, too.
    #[serde(skip)]
    pub of_answer: bool,
    /// The selection's text as it would be sent.
    pub text: String,
    /// The context as it would be sent with the selection; `None` if no context is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// Notes for the user, one sentence each, for example about changes to the text before it is
    /// sent.
    pub notes: Vec<String>,
    /// URLs that would be requested first, to find out the server's models and kind. These requests
    /// do not contain the text.
    pub before: Vec<String>,
    /// The order in which the requests would be sent.
    pub leave: Order,
    /// An estimate of the requests' tokens and cost; `None` if no model is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimate: Option<Estimate>,
    /// The planned request of each section, in the order of the sections.
    pub sections: Vec<Planned>,
    /// Patterns for documents that are never sent.
    pub never_send: Vec<String>,
}

/// An estimate of the tokens and the cost of a run's requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Estimate {
    /// Approximate number of tokens of all prompts, including `view_tokens`.
    pub prompt_tokens: u64,
    /// Maximum number of tokens of the views' answers in the prompt of the focus. The answers are
    /// usually much shorter.
    #[serde(skip_serializing_if = "is_zero")]
    pub view_tokens: u64,
    /// Maximum number of tokens that the models may write in all answers.
    pub completion_tokens: u64,
    /// Maximum cost of the requests; `None` if it is zero or a price is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Usd>,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// The request that one section would send.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Planned {
    /// The section's branch.
    pub branch: BranchId,
    /// The section's heading.
    pub title: String,
    /// Whether the section is a view or the focus. The request of the focus is sent when the views
    /// have ended and contains their answers; in the preview, placeholders in brackets stand for
    /// them.
    #[serde(skip_serializing_if = "Role::is_view")]
    pub role: Role,
    /// What the section's request asks about the text. Only this part of the request differs
    /// between sections.
    pub question: String,
    /// The models to fall back to if the first cannot answer, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fallbacks: Vec<String>,
    /// What would be sent for the section.
    #[serde(flatten)]
    pub sent: Sent,
}

/// What would be sent for a section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sent {
    /// Nothing is sent, because the provider sends no requests.
    Nothing,
    /// An HTTP request.
    Request(Outgoing),
    /// A request to one of the editor's own models, as JSON.
    Editor(String),
    /// Nothing is sent, because the request would be refused. Contains the message for the user.
    Refused(String),
}

/// An HTTP request as it would be sent, without the API key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outgoing {
    /// The HTTP method.
    pub method: String,
    /// The URL. In its query, a value is shown only if it is known to contain no secret.
    pub url: String,
    /// The names of the headers, sorted. Their values are omitted, because they may contain the API
    /// key or other secrets.
    pub headers: Vec<String>,
    /// The body, exactly as it would be sent.
    pub body: String,
}
