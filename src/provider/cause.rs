//! Causes of failures that kaizodo itself observed, as data.

use super::{EndpointError, ServerKind};
use std::time::Duration;

/// Why a request got no answer, or an incomplete one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The settings do not let the endpoint be asked.
    Endpoint(Box<EndpointError>),
    /// The cassette does not have the answer.
    Cassette(Box<CassetteError>),
    /// Only a model could answer, and there is none.
    NoModel,
    /// The host's name was not found.
    Dns,
    /// No secure connection could be made.
    Tls(Tls),
    /// A proxy failed or refused.
    Proxy,
    /// The network wants its user to sign in first (RFC 6585, section 6).
    SignIn,
    /// The host refused the connection.
    ConnectionRefused,
    /// No connection was made within the timeout.
    NoConnection,
    /// No response began within this timeout.
    NoAnswer(Duration),
    /// No data arrived for this long.
    Silence(Duration),
    /// Keep-alive data arrived for this long, but no text.
    NoText(Duration),
    /// The section was not complete within this limit.
    TooSlow(Duration),
    /// The connection was reset.
    Reset,
    /// The connection was closed before the end.
    Closed,
    /// The server says that it has not processed the request: HTTP/2's `GOAWAY` and
    /// `REFUSED_STREAM` (RFC 9113, section 8.7). It can be sent again.
    NotTaken,
    /// The stream ended without a finish reason.
    NoEnd,
    /// The server ended the answer with this finish reason, which does not mean a complete answer.
    EndedAs(String),
    /// A web page came instead of an answer; its content type.
    Page(String),
    /// The response was not an event stream; its content type.
    NotAStream(String),
    /// A successful response without a body.
    Empty,
    /// The body has a content encoding that was not requested.
    Encoded(String),
    /// The head of the response has more headers, or more bytes, than any should have.
    HeadTooLong,
    /// An event exceeded this many bytes.
    EventTooLong(usize),
    /// This many events could not be read.
    Holes(u32),
    /// The model finished without writing anything.
    NothingWritten,
    /// The model tried to call a tool, although none was offered.
    WantsTool,
    /// All tokens went into reasoning, or none is known to have become text.
    NoTextAtLimit(TokenLimit),
    /// The request carried no key.
    NoKey,
    /// The account's daily limit is reached, so a short wait does not help.
    DayUsedUp,
    /// One request exceeds the account's tokens per minute.
    MinuteTokens,
    /// The server does not serve this country or region.
    Region,
    /// The account may not use this model.
    NoAccess,
    /// A firewall or a bot check in front of the server turned the request away.
    Wall,
    /// The server has read only a part of the text.
    PromptCut {
        /// Tokens that it read.
        read: u64,
        /// Tokens that the text has at least.
        least: u64,
        /// What the server is.
        kind: ServerKind,
    },
    /// The server redirects: the new host, or `another path`.
    Redirect(String),
    /// The section's text exceeded this many bytes.
    BranchBytes(usize),
    /// The run's texts together exceeded this many bytes.
    RunBytes(usize),
    /// The prompt leaves too few tokens for an answer.
    WindowFull {
        /// The tokens of the model's window.
        window: u32,
        /// What the prompt takes of it.
        prompt: u32,
        /// What is left.
        left: u32,
    },
    /// The server does not accept so high a token limit.
    TokenLimitRejected(u32),
    /// The request had a lower token limit than the settings allow.
    Fewer(Fewer),
    /// The server went on writing beyond the requested limit of this many tokens.
    MoreTokens(u32),
}

/// The token limit at which a model stopped before it wrote any text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenLimit {
    /// The tokens used; `None` if no reasoning was seen.
    pub used: Option<u64>,
    /// The tokens that it was allowed.
    pub allowed: u32,
    /// Whether the perspective sets that limit itself, and not the settings.
    pub is_own: bool,
}

/// The token limit of a request, and why it is lower than in the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fewer {
    /// The limit of tokens that was sent.
    pub tokens: u32,
    /// The model's context window, if that is the limit; `None` if the server's own limit is.
    pub window: Option<u32>,
}

/// Why no secure connection could be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// The certificate has expired.
    Expired,
    /// The certificate is for another name.
    OtherName,
    /// The certificate's issuer is not trusted on this computer.
    UnknownIssuer,
    /// The server does not speak TLS.
    NotSpoken,
    /// Anything else.
    Other,
}

/// The cassette has no answer to a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CassetteError {
    /// The cassette's name.
    pub cassette: String,
    /// The text's file name.
    pub file: String,
    /// The perspective's name.
    pub perspective: String,
    /// Why there is no answer.
    pub kind: CassetteErrorKind,
}

/// Why a cassette has no answer to a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CassetteErrorKind {
    /// The prompt was recorded for another model.
    OtherModel {
        /// The model of the request.
        asked: String,
        /// The model that was recorded.
        recorded: String,
    },
    /// The text and the perspective were recorded with another prompt.
    OtherWording,
    /// Nothing was recorded.
    Nothing,
}
