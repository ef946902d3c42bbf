//! Specific causes of failures, as data.

use super::{EndpointError, KeyPlace, ServerKind};
use std::time::Duration;

/// Why a request got no answer, or an incomplete one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// No request can be sent to the endpoint.
    Endpoint(Box<EndpointError>),
    /// The cassette has no answer to the prompt.
    Cassette(Box<CassetteError>),
    /// The prompt is a follow-up question, which only a model can answer, and no model is
    /// available.
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
    /// No data arrived from the server for this long.
    Silence(Duration),
    /// Data arrived for this long, but neither text nor reasoning.
    NoText(Duration),
    /// The section was not complete within this time limit.
    TooSlow(Duration),
    /// The connection was reset.
    Reset,
    /// The connection was closed before the end of the response.
    Closed,
    /// The server says that it has not processed the request: HTTP/2's `GOAWAY` and
    /// `REFUSED_STREAM` (RFC 9113, section 8.7). It is safe to send the request again.
    NotProcessed,
    /// The stream ended without a finish reason.
    NoEnd,
    /// The server ended the answer with this finish reason, which does not mean a complete answer.
    EndedAs(String),
    /// A web page was returned instead of an answer. Holds its content type.
    Page(String),
    /// The response was not an event stream. Holds its content type.
    NotAStream(String),
    /// The response was successful, but its body was empty.
    Empty,
    /// The response body has this content encoding, which was not requested.
    Encoded(String),
    /// The response has too many headers, or its headers have too many bytes.
    HeadTooLong,
    /// An event of the stream exceeded this limit in bytes.
    EventTooLong(usize),
    /// This many events of the stream could not be parsed.
    UnreadableEvents(u32),
    /// The model finished without writing anything.
    NothingWritten,
    /// The model tried to call a tool, although none was offered.
    WantsTool,
    /// The token limit was reached before the model wrote any text.
    NoTextAtLimit(TokenLimit),
    /// The request carried no key.
    NoKey,
    /// The server rejected the key that comes from this place.
    KeyRejected(KeyPlace),
    /// The account's daily limit is reached, so a short wait does not help.
    DayUsedUp,
    /// The request alone exceeds the account's limit on tokens per minute.
    MinuteTokens,
    /// The server is not available in this country or region.
    Region,
    /// The account may not use this model.
    NoAccess,
    /// A firewall or a bot check in front of the server blocked the request.
    Firewall,
    /// The server truncated the prompt, and answered without having read the rest.
    PromptCut {
        /// Number of tokens that the server read.
        read: u64,
        /// Lower bound on the number of tokens in the prompt.
        least: u64,
        /// The kind of server, which determines the advice in the message.
        kind: ServerKind,
    },
    /// The server redirects to this host, or to `another path` if the redirect names no host.
    Redirect(String),
    /// The section's text or its reasoning exceeded this limit in bytes.
    BranchBytes(usize),
    /// All sections of the run together exceeded this limit in bytes.
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
    /// The model kept writing far past the requested limit of this many tokens.
    MoreTokens(u32),
}

/// The token limit at which a model stopped before it wrote any text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenLimit {
    /// Number of tokens used, all of them for reasoning; `None` if the model is not known to have
    /// reasoned.
    pub used: Option<u64>,
    /// The token limit in the request.
    pub allowed: u32,
    /// Whether the limit comes from the perspective, rather than from the settings.
    pub is_own: bool,
}

/// The token limit of a request, and why it is lower than in the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReducedTokenLimit {
    /// The token limit that was sent.
    pub tokens: u32,
    /// What the limit comes from.
    pub reason: TokenLimitReason,
}

/// Why a token limit is lower than in the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenLimitReason {
    /// The model's context window has this many tokens.
    Window(u32),
    /// The server allows no more for an answer of this model.
    Server,
    /// The account's balance pays for no more at the moment.
    Balance,
    /// The account may use no more tokens per minute.
    MinuteTokens,
}

/// Why no secure connection could be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// The certificate has expired.
    Expired,
    /// The certificate is for another host name.
    OtherName,
    /// The certificate's issuer is not trusted on this computer.
    UnknownIssuer,
    /// The server does not speak TLS.
    NotSpoken,
    /// Any other failure of TLS.
    Other,
}

/// Error for a cassette that has no answer to a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CassetteError {
    /// Display name of the cassette.
    pub cassette: String,
    /// Name of the file that the prompt's text comes from.
    pub file: String,
    /// Name of the prompt's perspective.
    pub perspective: String,
    /// Why there is no answer.
    pub kind: CassetteErrorKind,
}

/// Why a cassette has no answer to a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CassetteErrorKind {
    /// The prompt was recorded, but with another model.
    OtherModel {
        /// The model that the prompt is for.
        asked: String,
        /// The model whose answer was recorded.
        recorded: String,
    },
    /// An answer was recorded for the same text and perspective, but the prompt was worded
    /// differently.
    OtherWording,
    /// No answer was recorded for the text and the perspective.
    Nothing,
}
