//! How long is waited and how much is taken.

use std::time::Duration;

/// The bounds of one request. Every wait and every buffer has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// To connect: DNS, TCP and TLS; and to read the words that come with a refusal.
    pub connect: Duration,
    /// From sending to the response's head, and from there to the first piece of an answer: a
    /// local server may read a long prompt for a minute.
    pub first_byte: Duration,
    /// For an answer that does not come in pieces, from sending to its end.
    pub whole: Duration,
    /// Between two pieces, without so much as a comment.
    pub idle: Duration,
    /// Between two pieces of text, whatever else comes: comments and empty events are a sign of
    /// life, but not for ever.
    pub keep_alive: Duration,
    /// From the model's end to the server's, for the usage that some send last.
    pub after_finish: Duration,
    /// From `[DONE]` to the end of the body, so that the connection can be used again.
    pub drain: Duration,
    /// How long a connection is kept that nothing goes over. Servers close theirs after about as
    /// long: nginx after 75 s, Node after 5.
    pub unused: Duration,
    /// Bytes of one event of the stream, and of an answer that is not a stream.
    pub event_bytes: usize,
    /// Bytes read of the body of a refusal.
    pub refusal_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            first_byte: Duration::from_secs(120),
            whole: Duration::from_secs(600),
            idle: Duration::from_secs(60),
            keep_alive: Duration::from_secs(300),
            after_finish: Duration::from_secs(1),
            drain: Duration::from_millis(250),
            unused: Duration::from_secs(60),
            event_bytes: 4 << 20,
            refusal_bytes: 16 << 10,
        }
    }
}
