//! Specific causes of failures, as data.

use super::{EndpointError, ServerKind};
use std::time::Duration;

/// Why a request got no answer, or an incomplete one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The endpoint cannot be used.
    Endpoint(Box<EndpointError>),
    /// The cassette has no answer to the prompt.
    Cassette(Box<CassetteError>),
    /// Only a model could answer, and there is none.
    NoModel,
    /// The host name could not be resolved.
    Dns,
    /// No secure connection could be made.
    Tls(Tls),
    /// A proxy failed, or refused the request.
    Proxy,
    /// The network requires the user to sign in first (RFC 6585, section 6).
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
    /// The connection was closed before the end of the response.
    Closed,
    /// The server says that it has not processed the request: HTTP/2's `GOAWAY` and
    /// `REFUSED_STREAM` (RFC 9113, section 8.7). The request can be sent again.
    NotTaken,
    /// The stream ended without a finish reason.
    NoEnd,
    /// The server ended the answer with this finish reason, which does not mean a complete answer.
    EndedAs(String),
    /// A web page was returned instead of an answer. Holds its content type.
    Page(String),
    /// The response was not an event stream. Holds its content type.
    NotAStream(String),
    /// A successful response without a body.
    Empty,
    /// The body has this content encoding, which was not requested.
    Encoded(String),
    /// The head of the response has too many headers or too many bytes.
    HeadTooLong,
    /// An event exceeded this many bytes.
    EventTooLong(usize),
    /// This many events could not be read.
    UnreadableEvents(u32),
    /// The model finished without writing anything.
    NothingWritten,
    /// The model tried to call a tool, although none was offered.
    WantsTool,
    /// The token limit was reached before the model wrote any text.
    NoTextAtLimit(TokenLimit),
    /// The request carried no key.
    NoKey,
    /// The account's daily limit is reached, so a short wait does not help.
    DayUsedUp,
    /// The request alone exceeds the account's tokens per minute.
    MinuteTokens,
    /// The server does not serve this country or region.
    Region,
    /// The account may not use this model.
    NoAccess,
    /// A firewall or a bot check in front of the server blocked the request.
    Firewall,
    /// The server read only a part of the text.
    PromptCut {
        /// Number of tokens that the server read.
        read: u64,
        /// Minimum number of tokens in the text.
        least: u64,
        /// The kind of server.
        kind: ServerKind,
    },
    /// The server redirects to this host, or to `another path` if the redirect names no host.
    Redirect(String),
    /// The section's text exceeded this many bytes.
    BranchBytes(usize),
    /// The run's texts exceeded this many bytes in total.
    RunBytes(usize),
    /// The prompt leaves too few tokens of the context window for an answer.
    WindowFull {
        /// Size of the model's context window in tokens.
        window: u32,
        /// Number of tokens that the prompt takes.
        prompt: u32,
        /// Number of tokens that are left for the answer.
        left: u32,
    },
    /// The server rejects this token limit as too high.
    TokenLimitRejected(u32),
    /// The answer reached a token limit that was lower than in the settings.
    ReducedTokenLimit(ReducedTokenLimit),
    /// The model kept writing past the requested limit of this many tokens.
    MoreTokens(u32),
}

/// The token limit at which a model stopped before it wrote any text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenLimit {
    /// Number of tokens used, all of them for reasoning; `None` if the model is not known to have
    /// reasoned.
    pub used: Option<u64>,
    /// Maximum number of tokens that the request allowed.
    pub allowed: u32,
    /// Whether the limit comes from the perspective, rather than from the settings.
    pub is_own: bool,
}

/// The token limit of a request, and why it is lower than in the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReducedTokenLimit {
    /// The token limit that was sent.
    pub tokens: u32,
    /// Size of the model's context window in tokens, if it is the reason; `None` if the server's
    /// own limit is.
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
    /// No answer was recorded for the text and the perspective.
    Nothing,
}
