//! What a server does with several requests, as far as that is known.

use super::local::LocalKind;

/// What is known of how a server works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Serving {
    /// What it is.
    pub kind: Kind,
    /// Requests that it works on together, where it says so.
    pub slots: Option<usize>,
}

/// Kinds of servers, by what they do with prompts that begin alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Nothing is known.
    #[default]
    Unknown,
    /// A cloud that keeps what it has read of a long prompt, for the requests that follow.
    Cloud,
    /// A server of the user's own.
    Local(LocalKind),
}

/// Clouds that document such a cache, and whose models all have it.
const CLOUDS: [&str; 6] = [
    "api.openai.com",
    "openai.azure.com",
    "openrouter.ai",
    "api.deepseek.com",
    "api.mistral.ai",
    "generativelanguage.googleapis.com",
];

impl Kind {
    /// What the name of a host tells, without its port. A name that only looks alike tells nothing.
    pub fn of_host(host: &str) -> Self {
        let host = host.to_ascii_lowercase();
        let is = |cloud: &&str| {
            host.strip_suffix(*cloud).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        if CLOUDS.iter().any(is) { Kind::Cloud } else { Kind::Unknown }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clouds_are_told_by_their_whole_name() {
        for host in
            ["api.openai.com", "API.OpenAI.com", "mine.openai.azure.com", "eu.openrouter.ai"]
        {
            assert_eq!(Kind::of_host(host), Kind::Cloud, "{host}");
        }
        for host in ["api.openai.com.evil.test", "myopenrouter.ai", "127.0.0.1", "localhost", ""] {
            assert_eq!(Kind::of_host(host), Kind::Unknown, "{host}");
        }
    }
}
