//! What a run would send, to be shown before anything is sent. Plain data that cannot send itself.

use super::Order;
use crate::event::{BranchId, Role, Source, Usd};
use crate::lang::Lang;
use serde::Serialize;

/// The requests of a run that was not started.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Preview {
    /// A short title, from the selection.
    pub title: String,
    /// Where the selection is. It is not sent.
    pub source: Source,
    /// The language of the answers.
    pub lang: Lang,
    /// Display name of the server that would be asked; empty if there is none.
    pub provider: String,
    /// The host, with its port if that is not the scheme's default; `None` if no server is asked.
    pub host: Option<String>,
    /// The selection's text as it would be sent.
    pub text: String,
    /// The context, as it would be sent with the selection; `None` if none is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// Notes for the user, for example on what was done to the text: plain sentences.
    pub notes: Vec<String>,
    /// URLs that would be requested first, without text: the server's models and kind.
    pub before: Vec<String>,
    /// The order in which the requests would be sent.
    pub leave: Order,
    /// The tokens and the cost of the requests; `None` if no model is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimate: Option<Estimate>,
    /// One request for each section, in their order.
    pub sections: Vec<Planned>,
    /// The patterns of documents that are never sent.
    pub never_send: Vec<String>,
}

/// An estimate of the tokens and the cost of a run's requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Estimate {
    /// Approximate number of tokens of all prompts. The prompt of the focus counts with as much of
    /// the views' answers as it may contain.
    pub prompt_tokens: u64,
    /// Maximum number of tokens that the models may write.
    pub completion_tokens: u64,
    /// Maximum cost; `None` if it is zero or a price is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Usd>,
}

/// The request that one section would send.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Planned {
    /// The section's branch.
    pub branch: BranchId,
    /// The section's heading.
    pub title: String,
    /// A view or the focus. The focus is sent when the views have ended, and holds their answers;
    /// here each has a placeholder in brackets.
    #[serde(default, skip_serializing_if = "Role::is_view")]
    pub role: Role,
    /// What the section's request asks, after the text: the part that differs between sections.
    pub question: String,
    /// The models to fall back to if the first cannot answer, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallbacks: Vec<String>,
    /// What the section would send.
    #[serde(flatten)]
    pub sent: Sent,
}

/// What a section would send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sent {
    /// Nothing is sent.
    Nothing,
    /// An HTTP request.
    Request(Outgoing),
    /// A request to one of the editor's own models, as JSON.
    Editor(String),
    /// Nothing is sent, for this reason.
    Refused(String),
}

/// An HTTP request, without the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outgoing {
    /// The HTTP method.
    pub method: String,
    /// The URL. In its query, a value is shown only if it is known to contain no secret.
    pub url: String,
    /// The names of the headers, sorted. Their values are left out: they may hold the key or other
    /// secrets.
    pub headers: Vec<String>,
    /// The exact body.
    pub body: String,
}
