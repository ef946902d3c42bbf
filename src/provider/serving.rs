//! The kind of a server and how many requests it processes in parallel.

use std::fmt;

/// A server's kind and parallelism, as far as known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Serving {
    /// The kind of server, such as Ollama or a cloud.
    pub kind: ServerKind,
    /// Number of requests that the server processes in parallel; `None` if the server does not
    /// report it.
    pub slots: Option<usize>,
}

/// Kinds of servers, by how they handle prompts with a common prefix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ServerKind {
    /// The kind of server is not known.
    #[default]
    Unknown,
    /// A cloud service that caches the start of a long prompt for later requests.
    Cloud,
    /// Ollama.
    Ollama,
    /// LM Studio.
    LmStudio,
    /// llama.cpp's `llama-server`.
    LlamaCpp,
    /// vLLM.
    Vllm,
}

impl fmt::Display for ServerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ServerKind::Unknown => "?",
            ServerKind::Cloud => "cloud",
            ServerKind::Ollama => "Ollama",
            ServerKind::LmStudio => "LM Studio",
            ServerKind::LlamaCpp => "llama.cpp",
            ServerKind::Vllm => "vLLM",
        })
    }
}

/// Hosts of clouds that document a prompt cache for all of their models.
const CLOUDS: [&str; 6] = [
    "api.openai.com",
    "openai.azure.com",
    "openrouter.ai",
    "api.deepseek.com",
    "api.mistral.ai",
    "generativelanguage.googleapis.com",
];

/// The host that runs Ollama's cloud models, used if Ollama's list names none.
pub(crate) const OLLAMA_CLOUD: &str = "ollama.com";

/// Returns the host to which Ollama forwards the text, if the model's name is that of a cloud
/// model.
pub(crate) fn cloud_by_name(name: &str) -> Option<&'static str> {
    let is_cloud = ["-cloud", ":cloud"].iter().any(|end| name.ends_with(end));
    is_cloud.then_some(OLLAMA_CLOUD)
}

impl ServerKind {
    /// Returns [`Self::Cloud`] if `host` is a known cloud, and [`Self::Unknown`] otherwise. `host`
    /// has no port. Only whole domain names match, so that a similar name is not mistaken for a
    /// cloud.
    pub fn of_host(host: &str) -> Self {
        let host = host.to_ascii_lowercase();
        let is = |cloud: &&str| {
            host.strip_suffix(*cloud).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        if CLOUDS.iter().any(is) { ServerKind::Cloud } else { ServerKind::Unknown }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ollama_s_cloud_models_are_told_by_the_end_of_their_names() {
        for (name, cloud) in [
            ("gpt-oss:120b-cloud", true),
            ("glm-4.6:cloud", true),
            ("cloud", false),
            ("cloud-7b", false),
            ("my-cloud:7b", false),
        ] {
            assert_eq!(cloud_by_name(name).is_some(), cloud, "{name}");
        }
    }

    #[test]
    fn clouds_are_told_by_their_whole_name() {
        for host in
            ["api.openai.com", "API.OpenAI.com", "mine.openai.azure.com", "eu.openrouter.ai"]
        {
            assert_eq!(ServerKind::of_host(host), ServerKind::Cloud, "{host}");
        }
        for host in ["api.openai.com.evil.test", "myopenrouter.ai", "127.0.0.1", "localhost", ""] {
            assert_eq!(ServerKind::of_host(host), ServerKind::Unknown, "{host}");
        }
    }
}
