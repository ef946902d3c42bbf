//! One layer of settings, as people write it in TOML or an editor sends it in JSON.

use super::error::{EDITOR, Mistake, SettingsError, bounded};
use super::{Config, PerspectiveSet, Prices, ProviderChoice};
use crate::event::Usd;
use crate::lang::{Lang, Message};
use crate::perspective::{Effort, Models};
use crate::privacy::{NeverSend, SecretPolicy};
use crate::provider::{ExtraBody, Gguf, GgufError, KeyCommand, LlamaCommand};
use crate::request::{FocusMode, Schedule};
use crate::text::ContextMode;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::time::Duration;

/// The settings of one layer. A value that is not set is taken from the layers below.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "each key is the field of the same name in Config")]
pub struct Settings {
    pub provider: Option<ProviderChoice>,
    #[serde(alias = "baseUrl")]
    pub base_url: Option<String>,
    pub gguf: Option<Gguf>,
    #[serde(alias = "llamaServer")]
    pub llama_server: Option<LlamaCommand>,
    pub model: Option<Models>,
    pub effort: Option<Effort>,
    #[serde(alias = "extraBody")]
    pub extra_body: Option<ExtraBody>,
    #[serde(alias = "keyCommand")]
    pub key_command: Option<KeyCommand>,
    pub headers: Option<BTreeMap<String, String>>,
    pub query: Option<BTreeMap<String, String>>,
    #[serde(alias = "allowInsecureHosts")]
    pub allow_insecure_hosts: Option<Vec<String>>,
    pub lang: Option<Language>,
    pub perspectives: Option<Vec<String>>,
    pub sets: Option<BTreeMap<String, PerspectiveSet>>,
    pub offer: Option<Vec<String>>,
    pub focus: Option<FocusMode>,
    pub schedule: Option<Schedule>,
    pub context: Option<ContextMode>,
    pub secrets: Option<SecretPolicy>,
    #[serde(alias = "neverSend")]
    pub never_send: Option<NeverSend>,
    pub prices: Option<Prices>,
    pub limits: Limits,
    pub timeouts: Timeouts,
    pub retries: Retries,
    pub journal: Journal,
}

/// The value of the setting `lang`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// The language of the selection.
    Auto,
    /// Japanese.
    Ja,
    /// English.
    En,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
/// Keys of the `[limits]` table. Each sets the matching limit in [`Config`].
pub struct Limits {
    #[serde(alias = "selectionBytes")]
    pub selection_bytes: Option<usize>,
    #[serde(alias = "branchBytes")]
    pub branch_bytes: Option<usize>,
    #[serde(alias = "runBytes")]
    pub run_bytes: Option<usize>,
    #[serde(alias = "runCost")]
    pub run_cost: Option<Usd>,
    #[serde(alias = "maxTokens")]
    pub max_tokens: Option<u32>,
    pub concurrency: Option<usize>,
    #[serde(alias = "eventBytes")]
    pub event_bytes: Option<usize>,
    #[serde(alias = "refusalBytes")]
    pub refusal_bytes: Option<usize>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
/// Keys of the `[timeouts]` table, in milliseconds. Each sets the matching timeout in [`Config`].
pub struct Timeouts {
    #[serde(alias = "connectMs")]
    pub connect_ms: Option<u64>,
    #[serde(alias = "firstByteMs")]
    pub first_byte_ms: Option<u64>,
    #[serde(alias = "idleMs")]
    pub idle_ms: Option<u64>,
    #[serde(alias = "totalMs")]
    pub total_ms: Option<u64>,
    #[serde(alias = "focusWaitMs")]
    pub focus_wait_ms: Option<u64>,
    #[serde(alias = "keepAliveMs")]
    pub keep_alive_ms: Option<u64>,
    #[serde(alias = "afterFinishMs")]
    pub after_finish_ms: Option<u64>,
    #[serde(alias = "drainMs")]
    pub drain_ms: Option<u64>,
    #[serde(alias = "unusedMs")]
    pub unused_ms: Option<u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
/// Keys of the `[retries]` table, with times in milliseconds. Each sets the matching value in
/// [`Config`].
pub struct Retries {
    pub attempts: Option<u8>,
    #[serde(alias = "waitMs")]
    pub wait_ms: Option<u64>,
    #[serde(alias = "backoffMs")]
    pub backoff_ms: Option<u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
/// Keys of the `[journal]` table. Each sets the matching value in [`Config`].
pub struct Journal {
    pub enabled: Option<bool>,
    pub selection: Option<bool>,
    pub reasoning: Option<bool>,
    #[serde(alias = "keepDays")]
    pub keep_days: Option<u32>,
    #[serde(alias = "keepBytes")]
    pub keep_bytes: Option<u64>,
}

impl Language {
    /// Returns the name that is used in settings.
    pub fn name(self) -> &'static str {
        match self {
            Language::Auto => "auto",
            Language::Ja => "ja",
            Language::En => "en",
        }
    }
}

impl Settings {
    /// Parses the text of a TOML file.
    ///
    /// # Errors
    /// Fails if the text is invalid; the error says what is wrong, and in which lines.
    pub fn from_toml(origin: &str, text: &str) -> Result<Self, SettingsError> {
        let read = toml::from_str(text).map_err(|first| {
            let told = |error: &toml::de::Error| {
                let error = SettingsError::of_toml(origin, text, error);
                Mistake { line: error.line, reason: error.reason }
            };
            let mut all = super::mistakes::all::<Self>(text, told).into_iter();
            let Mistake { line, reason } = all.next().unwrap_or_else(|| told(&first));
            SettingsError { more: all.collect(), ..SettingsError::new(origin, line, reason) }
        });
        read.and_then(|settings: Settings| settings.one_server(origin))
    }

    /// Parses the settings that an editor sends, which may be nested in a `kaizodo` key. `null` is
    /// an empty layer.
    ///
    /// # Errors
    /// Fails if the value is neither an object nor `null`, or if a key or a value in it is invalid.
    pub fn from_json(value: &Value) -> Result<Self, SettingsError> {
        Settings::from_table(editor_table(value)?)
    }

    /// Parses the settings in an editor's object; see [`editor_table`].
    ///
    /// # Errors
    /// Fails if a key or a value is invalid.
    pub(super) fn from_table(table: Map<String, Value>) -> Result<Self, SettingsError> {
        let mut value = Value::Object(table);
        // Editors send null for unset values.
        drop_nulls(&mut value);
        serde_path_to_error::deserialize(value)
            .map_err(invalid_json)
            .and_then(|settings: Settings| settings.one_server(EDITOR))
    }

    /// Rejects a layer that names two servers, because it does not say where text may go.
    fn one_server(self, origin: &str) -> Result<Self, SettingsError> {
        match (&self.gguf, &self.base_url) {
            (Some(_), Some(_)) => {
                Err(SettingsError::new(origin, None, GgufError::Two.message(Lang::En)))
            }
            _ => Ok(self),
        }
    }

    /// Writes these settings over those of lower layers, except for what says who is asked, which
    /// `destination.rs` merges.
    pub(super) fn write_over(&self, config: &mut Config) {
        fn set<T: Clone>(from: &Option<T>, to: &mut T) {
            if let Some(value) = from {
                *to = value.clone();
            }
        }
        fn set_option<T: Clone>(from: &Option<T>, to: &mut Option<T>) {
            if from.is_some() {
                to.clone_from(from);
            }
        }
        fn set_time(from: Option<u64>, to: &mut Duration) {
            if let Some(ms) = from {
                *to = Duration::from_millis(ms);
            }
        }
        set(&self.llama_server, &mut config.llama_server);
        if let Some((first, others)) = self.model.as_ref().and_then(|m| m.names().split_first()) {
            config.model = Some(first.clone());
            config.fallbacks = others.to_vec();
        }
        set_option(&self.effort, &mut config.limits.budget.effort);
        set(&self.extra_body, &mut config.extra_body);
        set_option(&self.key_command, &mut config.key_command);
        set(&self.headers, &mut config.headers);
        set(&self.query, &mut config.query);
        set(&self.allow_insecure_hosts, &mut config.allow_insecure_hosts);
        if let Some(lang) = self.lang {
            config.lang = match lang {
                Language::Auto => None,
                Language::Ja => Some(Lang::Ja),
                Language::En => Some(Lang::En),
            };
        }
        set(&self.perspectives, &mut config.perspectives);
        // By name, so that no layer takes away the sets of a lower one.
        config.sets.extend(self.sets.clone().unwrap_or_default());
        set(&self.offer, &mut config.offer);
        set(&self.focus, &mut config.focus);
        set(&self.schedule, &mut config.schedule);
        set(&self.context, &mut config.context);
        set(&self.secrets, &mut config.secrets);
        set(&self.never_send, &mut config.never_send);
        set(&self.prices, &mut config.prices);
        set(&self.limits.selection_bytes, &mut config.limits.selection_bytes);
        set_option(&self.limits.run_cost, &mut config.limits.run_cost);
        let (budget, request) = (&mut config.limits.budget, &mut config.request);
        set(&self.limits.branch_bytes, &mut budget.branch_bytes);
        set(&self.limits.run_bytes, &mut budget.run_bytes);
        set(&self.limits.max_tokens, &mut budget.max_tokens);
        set(&self.limits.concurrency, &mut budget.concurrency);
        set(&self.limits.event_bytes, &mut request.event_bytes);
        set(&self.limits.refusal_bytes, &mut request.refusal_bytes);
        set_time(self.timeouts.total_ms, &mut budget.total);
        set_time(self.timeouts.total_ms, &mut request.whole);
        set_time(self.timeouts.focus_wait_ms, &mut budget.focus_wait);
        set_time(self.timeouts.connect_ms, &mut request.connect);
        set_time(self.timeouts.first_byte_ms, &mut request.first_byte);
        set_time(self.timeouts.idle_ms, &mut request.idle);
        set_time(self.timeouts.keep_alive_ms, &mut request.keep_alive);
        set_time(self.timeouts.after_finish_ms, &mut request.after_finish);
        set_time(self.timeouts.drain_ms, &mut request.drain);
        set_time(self.timeouts.unused_ms, &mut request.unused);
        set(&self.retries.attempts, &mut budget.retries.attempts);
        set_time(self.retries.wait_ms, &mut budget.retries.wait);
        set_time(self.retries.backoff_ms, &mut budget.retries.backoff);
        set(&self.journal.enabled, &mut config.journal.enabled);
        set(&self.journal.selection, &mut config.journal.selection);
        set(&self.journal.reasoning, &mut config.journal.reasoning);
        set(&self.journal.keep_days, &mut config.journal.keep_days);
        set(&self.journal.keep_bytes, &mut config.journal.keep_bytes);
    }
}

/// Returns the object with an editor's settings, which may be nested in a `kaizodo` key; an empty one
/// for `null` and for an empty list.
///
/// # Errors
/// Fails for anything else. serde would accept any list, and take its items for the keys in their
/// order, so that no key is there for a list of allowed keys to find.
pub(super) fn editor_table(value: &Value) -> Result<Map<String, Value>, SettingsError> {
    let value = value.get("kaizodo").unwrap_or(value);
    // Lua's empty table is both, and Neovim writes it as a list.
    if value.as_array().is_some_and(Vec::is_empty) {
        return Ok(Map::new());
    }
    let table: Option<_> = serde_path_to_error::deserialize(value).map_err(invalid_json)?;
    Ok(table.unwrap_or_default())
}

fn invalid_json(error: serde_path_to_error::Error<serde_json::Error>) -> SettingsError {
    // The path of the root is a dot.
    SettingsError::new(EDITOR, None, bounded(error.to_string().trim_start_matches(".: ")))
}

fn drop_nulls(value: &mut Value) {
    if let Value::Object(map) = value {
        map.retain(|_, v| !v.is_null());
        map.values_mut().for_each(drop_nulls);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn later_layers_win_and_silence_leaves_things_alone() {
        let user = Settings::from_toml(
            "config.toml",
            "model = \"a\"\nlang = \"ja\"\nschedule = \"in_turn\"\n[limits]\nconcurrency = 2\n",
        )
        .unwrap();
        let editor = Settings::from_json(
            &json!({"kaizodo": {"model": "b", "baseUrl": null, "limits": {"maxTokens": 9}}}),
        )
        .unwrap();
        let config = Config::from_layers([&user, &editor], Lang::En);
        assert_eq!(config.model.as_deref(), Some("b"));
        assert_eq!((config.lang, config.base_url), (Some(Lang::Ja), None));
        assert_eq!(config.schedule, Schedule::InTurn);
        assert_eq!((config.limits.budget.concurrency, config.limits.budget.max_tokens), (2, 9));
    }

    #[test]
    fn the_last_layer_that_names_a_server_or_a_model_file_is_the_one_that_counts() {
        let of = |text: &str| Settings::from_toml("c", text).unwrap();
        let (file, url) = (of("gguf = '~/小さい.gguf'"), of("base_url = 'http://127.0.0.1:1'"));
        let named = |layers: [&Settings; 2]| {
            let config = Config::from_layers(layers, Lang::En);
            (config.gguf.map(|gguf| gguf.as_str().to_owned()), config.base_url)
        };
        assert_eq!(named([&url, &file]), (Some("~/小さい.gguf".into()), None));
        assert_eq!(named([&file, &url]), (None, Some("http://127.0.0.1:1".into())));
        assert_eq!(named([&file, &of("lang = 'ja'")]).1, None);
        let both = "base_url = 'http://127.0.0.1:1'\ngguf = '~/m.gguf'";
        let error = Settings::from_toml("c", both).unwrap_err();
        assert!(error.message(Lang::Ja).contains("どちらか一方だけ"), "{error}");
        let both = json!({"baseUrl": "http://127.0.0.1:1", "gguf": "~/m.gguf"});
        assert!(Settings::from_json(&both).is_err());
        for (text, ja, en) in [
            ("gguf = 'm.gguf'", "完全なパスか、~/ から", "full path"),
            ("gguf = ''", "パスが空です", "is empty"),
            ("llama_server = './x'", "プログラムは、完全なパスか", "the program's full path"),
            ("llama_server = 3", "llama_server: プログラムか", "llama_server: expected a program"),
            ("llama_server = []", "プログラムの名前がありません", "names no program"),
        ] {
            let error = Settings::from_toml("c", text).unwrap_err();
            let said = [Lang::Ja, Lang::En].map(|lang| error.message(lang));
            assert!(said[0].contains(ja) && said[1].contains(en), "{said:?}");
        }
    }

    #[test]
    fn a_model_may_be_a_list_that_a_higher_layer_replaces_as_a_whole() {
        let of = |text: &str| Settings::from_toml("c", text).unwrap();
        let user = of("model = ['a', 'b', 'c']");
        let config = Config::from_layers([&user], Lang::En);
        assert_eq!((config.model.as_deref(), config.fallbacks.len()), (Some("a"), 2));
        let config = Config::from_layers([&user, &of("model = 'd'")], Lang::En);
        assert_eq!((config.model.as_deref(), config.fallbacks.len()), (Some("d"), 0));
        let config = Config::from_layers([&user, &of("model = ''")], Lang::En);
        assert_eq!(config.model.as_deref(), Some("a"), "nothing is said");
        let error = Settings::from_toml("c", "lang = 'ja'\nmodel = [1]").unwrap_err();
        let said = [error.message(Lang::En), error.message(Lang::Ja)];
        assert!(
            said[0].contains("a list of names") && said[1].contains("モデルの名前"),
            "{said:?}"
        );
        let names: Vec<_> = (0..9).map(|n| format!("'{n}'")).collect();
        let error =
            Settings::from_toml("c", &format!("model = [{}]", names.join(","))).unwrap_err();
        assert!(error.message(Lang::Ja).contains("8 個まで"), "{}", error.message(Lang::Ja));
    }

    #[test]
    fn both_shapes_and_nothing_are_taken() {
        for value in [json!({"lang": "ja"}), json!({"kaizodo": {"lang": "ja"}})] {
            assert_eq!(Settings::from_json(&value).unwrap().lang, Some(Language::Ja));
        }
        for value in [json!(null), json!({}), json!([]), json!({"kaizodo": null})] {
            assert_eq!(Settings::from_json(&value).unwrap(), Settings::default());
        }
        for value in
            [json!(["openai", "http://x"]), json!([null]), json!("x"), json!({"kaizodo": [null]})]
        {
            let said = Settings::from_json(&value).unwrap_err().message(Lang::En);
            assert!(said.contains("expected a table, found "), "{said}");
        }
    }

    #[test]
    fn a_pattern_that_is_wrong_is_said_with_its_line() {
        let text = "lang = \"ja\"\nnever_send = [\"[a\"]\n";
        let error = Settings::from_toml("c", text).unwrap_err();
        assert_eq!(error.line, Some(2));
        assert!(error.reason.contains("never_send: `[a`"), "{error}");
        let home = Settings::from_toml("c", "never_send = ['~/private/*']").unwrap_err();
        let said = [Lang::En, Lang::Ja].map(|lang| home.message(lang));
        assert!(said[0].contains("never_send: `~/private/*`: a pattern cannot begin"), "{said:?}");
        assert!(said[1].contains("never_send: `~/private/*`: ホームフォルダー"), "{said:?}");
        let settings = Settings::from_toml("c", "secrets = \"refuse\"\nnever_send = [\"*.md\"]\n");
        let config = Config::from_layers([&settings.unwrap()], Lang::En);
        assert_eq!(config.secrets, SecretPolicy::Refuse);
        assert_eq!(config.never_send.holds("file:///a.md"), Some("*.md"));
        assert_eq!(config.never_send.holds("file:///.env"), None);
    }

    #[test]
    fn a_key_command_is_a_list_of_words_and_never_quoted() {
        let of = |text: &str| Settings::from_toml("c", text);
        let settings = of("key_command = [\"pass\", \"show\", \"openai\"]").unwrap();
        assert_eq!(settings.key_command.unwrap().name(), "pass");
        for (text, en, ja) in [
            ("key_command = \"sk-canary\"", "as a list, like", "のような配列で"),
            ("key_command = [3]", "as a list, like", "のような配列で"),
            ("key_command = []", "names no program", "プログラムの名前がありません"),
            ("key_command = [\"./canary\"]", "full path", "完全なパス"),
        ] {
            let error = of(text).unwrap_err();
            let said = [error.message(Lang::En), error.message(Lang::Ja)];
            assert!(said[0].contains(en) && said[1].contains(ja), "{said:?}");
            assert!(error.line == Some(1) && !said.concat().contains("canary"), "{said:?}");
        }
        let error = Settings::from_json(&json!({"keyCommand": "sk-canary"})).unwrap_err();
        assert!(!error.message(Lang::En).contains("canary"), "{error}");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let error =
            Settings::from_toml("~/config.toml", "lang = \"ja\"\nmodle = \"x\"\n").unwrap_err();
        let message = error.message(Lang::En);
        assert!(
            message.contains("~/config.toml")
                && message.contains("modle")
                && message.contains("line 2"),
            "{message}"
        );
        let error = Settings::from_toml("c", "[headers]\napi-key = 'sk-canary\n").unwrap_err();
        assert_eq!(error.line, Some(2));
        assert!(!error.message(Lang::Ja).contains("canary"), "{error}");
        assert!(Settings::from_json(&json!({"model": 3})).is_err());
    }
}
