//! What kaizodo itself saw go wrong, as data: no server said it in words.

use super::{EndpointError, ServerKind};
use std::time::Duration;

/// Why a request got no answer, or no whole one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The settings do not let the endpoint be asked.
    Endpoint(Box<EndpointError>),
    /// The cassette does not have the answer.
    Cassette(Box<CassetteError>),
    /// Only a model could answer, and none is there.
    NoModel,
    /// The host's name was not found.
    Dns,
    /// No secure connection could be made.
    Tls(Tls),
    /// A proxy stood in the way.
    Proxy,
    /// The network wants its user to sign in first (RFC 6585, section 6).
    SignIn,
    /// The host refused the connection.
    ConnectionRefused,
    /// No connection came about within the limit.
    NoConnection,
    /// No response began within the limit.
    NoAnswer(Duration),
    /// Nothing came for as long.
    Silence(Duration),
    /// Signs of life came for as long, and no text.
    NoText(Duration),
    /// The section was not complete within its limit.
    TooSlow(Duration),
    /// The connection was reset.
    Reset,
    /// The connection was closed before the end.
    Closed,
    /// The server says that it has not begun on the request: HTTP/2's `GOAWAY` and
    /// `REFUSED_STREAM` (RFC 9113, section 8.7). It can be sent again.
    NotTaken,
    /// The stream ended as if it were complete, and the model had not said so.
    NoEnd,
    /// The server ended the answer with this finish reason, which does not mean a complete answer.
    EndedAs(String),
    /// A web page came in place of an answer; its content type.
    Page(String),
    /// Something else than an event stream came; its content type.
    NotAStream(String),
    /// A success without a body.
    Empty,
    /// The body is encoded in a way that was not asked for.
    Encoded(String),
    /// The head of the response has more headers, or more bytes, than any should have.
    HeadTooLong,
    /// So many bytes came without an end of the event.
    EventTooLong(usize),
    /// So many events could not be read.
    Holes(u32),
    /// The model said that it had finished, and had written nothing.
    NothingWritten,
    /// The model wanted to call a tool, and was offered none.
    WantsTool,
    /// All tokens went into reasoning, or none is known to have become text.
    NoTextAtLimit(TokenLimit),
    /// The request carried no key.
    NoKey,
    /// The account's day is used up, and no wait of seconds helps.
    DayUsedUp,
    /// One request is larger than what the account may use in a minute.
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
    /// The server sends to another place: its host, or `another path`.
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
    /// The server does not take so high a limit of tokens.
    TokenLimitRejected(u32),
    /// The answer was asked for with fewer tokens than the settings allow.
    Fewer(Fewer),
    /// The server went on writing beyond the requested limit of this many tokens.
    MoreTokens(u32),
}

/// Where a model stopped that had not written any text yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenLimit {
    /// The tokens used; `None` if no reasoning was seen.
    pub used: Option<u64>,
    /// The tokens that it was allowed.
    pub allowed: u32,
    /// Whether the perspective sets that limit itself, and not the settings.
    pub is_own: bool,
}

/// How many tokens an answer was asked for with, and why not as many as the settings allow.
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
    /// What answers does not speak TLS.
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
