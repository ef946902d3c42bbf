//! What a run would send, to be looked at before anything is: plain data with no way to send it.

use super::Order;
use crate::event::{BranchId, Role, Source};
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
    /// The host; with its port if that is not the scheme's default; `None` if no server is asked.
    pub host: Option<String>,
    /// The selection's text as it would be sent.
    pub text: String,
    /// The context, as it would be sent with the selection; `None` if none is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// What was done to the text, and what else the user should know: plain sentences.
    pub notes: Vec<String>,
    /// Addresses that would be asked before, without text: the server's models, what it is.
    pub before: Vec<String>,
    /// How the requests would leave.
    pub leave: Order,
    /// One request for each section, in their order.
    pub sections: Vec<Planned>,
    /// The patterns of documents that are never sent.
    pub never_send: Vec<String>,
}

/// One section's request.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Planned {
    /// The section.
    pub branch: BranchId,
    /// Its heading.
    pub title: String,
    /// Whether it is a view, or the focus: the focus leaves when the views have ended, and holds what
    /// they wrote, for which a line in brackets stands here.
    #[serde(default, skip_serializing_if = "Role::is_view")]
    pub role: Role,
    /// What its request asks, after the text: the part that is no other section's.
    pub question: String,
    /// What would leave.
    #[serde(flatten)]
    pub sent: Sent,
}

/// What would leave this program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sent {
    /// Nothing.
    Nothing,
    /// A request over HTTP.
    Request(Outgoing),
    /// A question that the editor puts to a model of its own; its JSON.
    Editor(String),
    /// Nothing, for this reason.
    Refused(String),
}

/// A request over HTTP. The key is not in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outgoing {
    /// Its method.
    pub method: String,
    /// Its URL. Of a query only the names are shown, unless a value is known to hold nothing secret.
    pub url: String,
    /// The names of its headers, sorted. Values are the key, the user's own, or nothing to tell.
    pub headers: Vec<String>,
    /// Its body, to the byte.
    pub body: String,
}
