//! What is known about a server before its first answer, from its host and kind and the model's
//! name: a pure table.

use crate::perspective::Effort;
use crate::provider::ServerKind;
use serde_json::{Map, Value, json};

/// The name of the request member that limits the tokens of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    /// `max_tokens`, which nearly all servers accept.
    MaxTokens,
    /// `max_completion_tokens`, OpenAI's newer name and the only one that its reasoning models
    /// accept.
    MaxCompletionTokens,
}

/// How a request tells the server how much the model should reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reasoning {
    /// `reasoning_effort` (OpenAI, Azure, Gemini, Groq, xAI, Mistral, Ollama and others).
    Effort,
    /// `reasoning: {effort}` (OpenRouter).
    Nested,
    /// `thinking: {type}`, and `reasoning_effort` too if the server knows it (DeepSeek).
    Thinking { effort: bool },
    /// `enable_thinking` (Qwen at Alibaba, SiliconFlow).
    Switch,
    /// `reasoning_effort`, and `chat_template_kwargs` for templates that can only switch reasoning
    /// on or off (vLLM, SGLang, llama.cpp, LM Studio, and gateways in front of them).
    Template,
}

/// Returns the name of the token limit to try first. All of OpenAI's own models accept the new
/// name. Elsewhere, it is tried only if the model's name is that of one of OpenAI's reasoning
/// models, and never at OpenRouter.
pub(crate) fn limit(host: &str, model: &str) -> Limit {
    let new = host == "api.openai.com" || host != "openrouter.ai" && wants_new_name(model);
    if new { Limit::MaxCompletionTokens } else { Limit::MaxTokens }
}

/// Returns `true` for OpenAI's reasoning models, from o1 and GPT-5 on.
fn wants_new_name(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let version = |rest: &str| -> Option<u32> {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (digits, after) = rest.split_at_checked(end)?;
        let ends = after.is_empty() || after.starts_with(['-', '.', ':']);
        digits.parse().ok().filter(|_| ends)
    };
    let o_series = name.strip_prefix('o').and_then(version).is_some_and(|n| (1..10).contains(&n));
    // `gpt-35-turbo` is what Azure calls 3.5.
    let gpt = name.strip_prefix("gpt-").and_then(version).is_some_and(|n| (5..35).contains(&n));
    o_series || gpt
}

/// Returns how a request tells this server how much the model should reason. Only the listed hosts
/// and their subdomains match, not hosts whose names merely end alike.
pub(crate) fn reasoning(host: &str, kind: ServerKind) -> Reasoning {
    use Reasoning::{Effort, Nested, Switch, Template, Thinking};
    const HOSTS: [(&str, Reasoning); 23] = [
        ("openrouter.ai", Nested),
        ("api.deepseek.com", Thinking { effort: true }),
        ("api.z.ai", Thinking { effort: false }),
        ("open.bigmodel.cn", Thinking { effort: false }),
        ("api.moonshot.ai", Thinking { effort: false }),
        ("api.moonshot.cn", Thinking { effort: false }),
        ("volces.com", Thinking { effort: false }),
        ("dashscope.aliyuncs.com", Switch),
        ("dashscope-intl.aliyuncs.com", Switch),
        ("api.siliconflow.cn", Switch),
        ("api.siliconflow.com", Switch),
        ("api.openai.com", Effort),
        ("openai.azure.com", Effort),
        ("services.ai.azure.com", Effort),
        ("generativelanguage.googleapis.com", Effort),
        ("api.groq.com", Effort),
        ("api.x.ai", Effort),
        ("api.mistral.ai", Effort),
        ("api.cerebras.ai", Effort),
        ("api.fireworks.ai", Effort),
        ("api.together.xyz", Effort),
        ("api.anthropic.com", Effort),
        ("api.perplexity.ai", Effort),
    ];
    let host = host.to_ascii_lowercase();
    let is = |name: &str| {
        host.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    match kind {
        ServerKind::Ollama => Effort,
        _ => HOSTS.iter().find(|(name, _)| is(name)).map_or(Template, |(_, how)| *how),
    }
}

impl Reasoning {
    /// Returns the request members that set the reasoning effort. `wanted` is the desired effort,
    /// which determines an on/off switch; `taken` is the effort to send, the nearest that the
    /// server accepts. `switch` is `false` if the server rejects the chat template's switch.
    pub(crate) fn members(self, wanted: Effort, taken: Effort, switch: bool) -> Map<String, Value> {
        let (on, level) = (wanted != Effort::None, taken.name());
        let thinking = if on { "enabled" } else { "disabled" };
        let members = match self {
            Reasoning::Effort => json!({"reasoning_effort": level}),
            Reasoning::Nested => json!({"reasoning": {"effort": level}}),
            Reasoning::Thinking { effort: true } if on => {
                json!({"thinking": {"type": thinking}, "reasoning_effort": level})
            }
            Reasoning::Thinking { .. } => json!({"thinking": {"type": thinking}}),
            Reasoning::Switch => json!({"enable_thinking": on}),
            Reasoning::Template if switch => {
                // Templates differ in the switch's name, and ignore other names.
                let switches = json!({"enable_thinking": on, "thinking": on});
                json!({"reasoning_effort": level, "chat_template_kwargs": switches})
            }
            Reasoning::Template => json!({"reasoning_effort": level}),
        };
        match members {
            Value::Object(members) => members,
            _ => Map::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openai_and_its_reasoning_models_want_the_new_name() {
        use Limit::*;
        for (host, model, limit) in [
            ("api.openai.com", "gpt-4o", MaxCompletionTokens),
            ("api.openai.com", "", MaxCompletionTokens),
            ("x.openai.azure.com", "gpt-5-mini", MaxCompletionTokens),
            ("x.openai.azure.com", "o4-mini", MaxCompletionTokens),
            ("x.openai.azure.com", "gpt-4o", MaxTokens),
            ("x.openai.azure.com", "gpt-35-turbo", MaxTokens),
            ("litellm.test", "openai/gpt-5.1", MaxCompletionTokens),
            ("litellm.test", "o3", MaxCompletionTokens),
            ("litellm.test", "gpt-10-mini", MaxCompletionTokens),
            ("openrouter.ai", "openai/gpt-5", MaxTokens),
            ("127.0.0.1:8080", "gpt-oss-20b", MaxTokens),
            ("127.0.0.1:8080", "gpt-5k", MaxTokens),
            ("127.0.0.1:8080", "olmo2:7b", MaxTokens),
            ("127.0.0.1:8080", "o", MaxTokens),
            ("127.0.0.1:8080", "gpt-", MaxTokens),
            ("api.openai.com.evil.test", "m", MaxTokens),
        ] {
            assert_eq!(super::limit(host, model), limit, "{host} {model}");
        }
    }

    #[test]
    fn each_server_is_told_in_its_own_way() {
        let said = |host: &str, wanted: Effort| -> Value {
            Value::Object(reasoning(host, ServerKind::Unknown).members(wanted, wanted, true))
        };
        let read = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
        for (host, none, low) in [
            ("api.openai.com", r#"{"reasoning_effort":"none"}"#, r#"{"reasoning_effort":"low"}"#),
            (
                "openrouter.ai",
                r#"{"reasoning":{"effort":"none"}}"#,
                r#"{"reasoning":{"effort":"low"}}"#,
            ),
            (
                "api.deepseek.com",
                r#"{"thinking":{"type":"disabled"}}"#,
                r#"{"reasoning_effort":"low","thinking":{"type":"enabled"}}"#,
            ),
            (
                "api.z.ai",
                r#"{"thinking":{"type":"disabled"}}"#,
                r#"{"thinking":{"type":"enabled"}}"#,
            ),
            (
                "dashscope.aliyuncs.com",
                r#"{"enable_thinking":false}"#,
                r#"{"enable_thinking":true}"#,
            ),
            (
                "127.0.0.1:8000",
                r#"{"chat_template_kwargs":{"enable_thinking":false,"thinking":false},"reasoning_effort":"none"}"#,
                r#"{"chat_template_kwargs":{"enable_thinking":true,"thinking":true},"reasoning_effort":"low"}"#,
            ),
        ] {
            assert_eq!(said(host, Effort::None), read(none));
            assert_eq!(said(host, Effort::Low), read(low));
        }
        assert_eq!(reasoning("a.openai.azure.com", ServerKind::Cloud), Reasoning::Effort);
        assert_eq!(reasoning("notopenrouter.ai", ServerKind::Unknown), Reasoning::Template);
        let ollama = ServerKind::Ollama;
        assert_eq!(reasoning("127.0.0.1:11434", ollama), Reasoning::Effort);
        let plain = Reasoning::Template.members(Effort::None, Effort::Low, false);
        assert_eq!(Value::Object(plain).to_string(), r#"{"reasoning_effort":"low"}"#);
    }
}
