//! The choice of who answers, and the settings that it needs.

use crate::config::{Change, Config, DEFAULT_MODEL, ProviderChoice};
use crate::lang::Lang;
use crate::perspective::short_model_name;
use crate::provider::discovery::FoundServer;
use crate::provider::{Endpoint, Gguf};
use toml::Value;

/// The user's choice of the provider that answers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Choice {
    /// A server that was found on this computer.
    Local {
        /// Display name of the server.
        label: String,
        /// URL of the server.
        base_url: String,
        /// Whether the server was found first. `provider = "local"` selects the server that is
        /// found first.
        is_first: bool,
        /// Names of the server's chat models.
        models: Vec<String>,
        /// The model to use; `None` for the server's first model.
        model: Option<String>,
    },
    /// OpenAI, with the API key in the environment variable `OPENAI_API_KEY`.
    OpenAi {
        /// The model to use; `None` for the default model.
        model: Option<String>,
    },
    /// A server compatible with OpenAI, at a given URL.
    Server {
        /// Base URL of the server.
        base_url: String,
        /// The model to use; `None` for the server's first model.
        model: Option<String>,
        /// Name of the environment variable that holds the API key; `None` for `OPENAI_API_KEY`.
        key_from: Option<String>,
    },
    /// A model file (GGUF), served by llama-server on this computer.
    ModelFile(Gguf),
    /// No model: the built-in worksheet.
    Worksheet,
}

impl Choice {
    /// Creates the choice for a server that was found on this computer, with the server's first
    /// model.
    pub(crate) fn found(found: &FoundServer, is_first: bool) -> Self {
        Choice::Local {
            label: found.endpoint.label.clone(),
            base_url: origin(&found.endpoint),
            is_first,
            models: found.models.clone(),
            model: found.models.first().cloned(),
        }
    }

    /// Returns the changes to the settings that put this choice into effect. `now` is the base URL
    /// that the settings use.
    pub(crate) fn changes(&self, now: Option<&str>) -> Vec<Change> {
        let set = |key, value: &str| Change { key, value: Some(Value::String(value.to_owned())) };
        let unset = |key| Change { key, value: None };
        let model = |model: &Option<String>| model.as_ref().map(|model| set("model", model));
        let mut changes = match self {
            Choice::Local { is_first: true, model: name, .. } => {
                let mut changes = vec![set("provider", "local"), unset("gguf")];
                changes.extend(model(name));
                changes
            }
            Choice::Local { base_url, model: name, .. } => {
                let mut changes =
                    vec![set("provider", "openai"), unset("gguf"), set("base_url", base_url)];
                changes.extend(model(name));
                changes
            }
            Choice::OpenAi { model: name } => {
                let mut changes = vec![set("provider", "openai"), unset("gguf"), unset("base_url")];
                changes.push(model(name).unwrap_or_else(|| set("model", DEFAULT_MODEL)));
                changes
            }
            Choice::Server { base_url, model: name, key_from } => {
                let mut changes =
                    vec![set("provider", "openai"), unset("gguf"), set("base_url", base_url)];
                // A model in the settings is one of the server before.
                let moves = (now != Some(base_url)).then(|| unset("model"));
                changes.extend(model(name).or(moves));
                let command = key_from.as_ref().map(|name| printing(name));
                let command = command.map(|words| words.into_iter().map(Value::String).collect());
                changes.push(Change { key: "key_command", value: command.map(Value::Array) });
                changes
            }
            Choice::ModelFile(gguf) => {
                vec![set("provider", "local"), unset("base_url"), set("gguf", gguf.as_str())]
            }
            Choice::Worksheet => vec![set("provider", "worksheet")],
        };
        // A key is only meant for the server that it was set up for.
        if !matches!(self, Choice::Server { .. } | Choice::Worksheet) {
            changes.push(unset("key_command"));
        }
        // In a new file, the provider comes first.
        changes.sort_by_key(|change| change.key != "provider");
        changes
    }

    /// Returns the name of the environment variable that holds the API key, if it is not
    /// `OPENAI_API_KEY`.
    pub(crate) fn key_from(&self) -> Option<&str> {
        match self {
            Choice::Server { key_from, .. } => key_from.as_deref(),
            _ => None,
        }
    }

    /// Returns `true` if the choice would send the headers and query parameters in `config`, the
    /// settings that are in force for them, to a different server, or remove the base URL that they
    /// belong to.
    pub(crate) fn is_elsewhere(&self, config: &Config) -> bool {
        let now = config.base_url.as_ref();
        match self {
            Choice::Server { base_url, .. } => now != Some(base_url),
            Choice::OpenAi { .. } => !self.is_in_use(config),
            Choice::Local { base_url, is_first, .. } => !is_first && now != Some(base_url),
            Choice::ModelFile(_) => now.is_some(),
            Choice::Worksheet => false,
        }
    }

    /// Returns `true` if `config` already makes this choice. For [`Choice::Server`] and
    /// [`Choice::ModelFile`], any URL or file counts.
    pub(crate) fn is_in_use(&self, config: &Config) -> bool {
        let (base_url, gguf) = (config.base_url.as_ref(), config.gguf.as_ref());
        match self {
            Choice::Local { is_first, base_url: own, .. } => {
                let is_local = config.provider == ProviderChoice::Local && gguf.is_none();
                is_local && *is_first || base_url == Some(own)
            }
            // A key alone selects OpenAI, too.
            Choice::OpenAi { .. } => {
                matches!(config.provider, ProviderChoice::OpenAi | ProviderChoice::Auto)
                    && base_url.is_none()
                    && gguf.is_none()
            }
            Choice::Server { .. } => base_url.is_some(),
            Choice::ModelFile(_) => gguf.is_some(),
            Choice::Worksheet => config.provider == ProviderChoice::Worksheet,
        }
    }

    /// Returns a short description of the choice, for the list that the user picks from.
    pub(crate) fn words(&self, lang: Lang) -> String {
        match self {
            Choice::Local { label, models, .. } => {
                let names = models
                    .iter()
                    .take(3)
                    .map(|model| short_model_name(model))
                    .collect::<Vec<_>>()
                    .join(", ");
                let dots = if models.len() > 3 { ", …" } else { "" };
                format!("{label} · {names}{dots}")
            }
            Choice::OpenAi { .. } => lang.pick(
                "OpenAI（環境変数 OPENAI_API_KEY のキーを使う）".to_owned(),
                "OpenAI, with the key in OPENAI_API_KEY".to_owned(),
            ),
            Choice::Server { .. } => lang.pick(
                "OpenAI 互換のサーバー（URL を入力する）".to_owned(),
                "An OpenAI-compatible server, at a URL you enter".to_owned(),
            ),
            Choice::ModelFile(_) => lang.pick(
                "自分のモデルのファイル（GGUF。llama-server で動かす）".to_owned(),
                "Your own model file (GGUF), served by llama-server".to_owned(),
            ),
            Choice::Worksheet => lang.pick(
                "モデルを使わない（内蔵のワークシート）".to_owned(),
                "No model: the built-in worksheet".to_owned(),
            ),
        }
    }
}

/// Returns the URL of a server that was found, as people write it.
fn origin(endpoint: &Endpoint) -> String {
    format!("http://{}", endpoint.host())
}

/// Returns the command that prints a variable. Thus the settings contain the variable's name and
/// never the key.
fn printing(variable: &str) -> Vec<String> {
    match cfg!(windows) {
        true => {
            let words = ["powershell", "-NoProfile", "-Command"].map(str::to_owned);
            words.into_iter().chain([format!("$env:{variable}")]).collect()
        }
        false => vec!["printenv".to_owned(), variable.to_owned()],
    }
}

/// Returns `true` if `name` is a valid name of an environment variable. Only such a name may become
/// part of a command.
pub(crate) fn is_variable(name: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.is_empty() && name.chars().all(is_word) && !name.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Settings, edited};

    #[test]
    fn the_settings_name_who_was_chosen_and_no_key() {
        let gguf = Gguf::try_from("~/小さい.gguf".to_owned()).unwrap();
        let server = Choice::Server {
            base_url: "https://openrouter.ai/api/v1".into(),
            model: Some("a/b".into()),
            key_from: Some("OPENROUTER_API_KEY".into()),
        };
        let key = match cfg!(windows) {
            true => {
                r#"key_command = ["powershell", "-NoProfile", "-Command", "$env:OPENROUTER_API_KEY"]"#
            }
            false => r#"key_command = ["printenv", "OPENROUTER_API_KEY"]"#,
        };
        for (choice, expected) in [
            (Choice::Worksheet, "provider = \"worksheet\"\n"),
            (Choice::OpenAi { model: None }, "provider = \"openai\"\nmodel = \"gpt-5-mini\"\n"),
            (Choice::ModelFile(gguf), "provider = \"local\"\ngguf = \"~/小さい.gguf\"\n"),
            (
                server,
                &format!(
                    "provider = \"openai\"\nbase_url = \"https://openrouter.ai/api/v1\"\nmodel = \"a/b\"\n{key}\n"
                ),
            ),
        ] {
            assert_eq!(edited("", &choice.changes(None)).unwrap().0, expected);
        }
        let other =
            Choice::Server { base_url: "http://box/v1".into(), model: None, key_from: None };
        let (after, _) = edited("model = \"gpt-5-mini\"\n", &other.changes(None)).unwrap();
        assert!(after.starts_with("# model = "), "the server's first model is asked: {after}");
        let same = other.changes(Some("http://box/v1"));
        let (after, _) = edited("model = \"gpt-5-mini\"\n", &same).unwrap();
        assert!(after.starts_with("model = "), "it is this server's own: {after}");
        let key = Choice::OpenAi { model: None };
        assert!(key.is_in_use(&Config::default()), "a key alone names it");
        let other = Config { provider: ProviderChoice::Local, ..Config::default() };
        assert!(!key.is_in_use(&other));
        let config = |text: &str| {
            let file = Settings::from_toml("c", text).unwrap();
            Config::from_layers([&file], Lang::En)
        };
        let file = Choice::ModelFile(Gguf::try_from("/m.gguf".to_owned()).unwrap());
        for (text, elsewhere) in [
            ("", [false, false]),
            ("provider = 'openai'", [false, false]),
            ("base_url = 'http://box/v1'", [true, true]),
            ("gguf = '/m.gguf'", [true, false]),
            ("provider = 'local'", [true, false]),
        ] {
            let is = [&key, &file].map(|choice| choice.is_elsewhere(&config(text)));
            assert_eq!(is, elsewhere, "{text}");
        }
        assert!(is_variable("OPENROUTER_API_KEY"));
        assert!(!["", "1A", "A B", "A;B", "キー", "sk-canary"].into_iter().any(is_variable));
    }
}
