//! Settings sent by an editor, which may stem from an untrusted file in the workspace.
//!
//! Most editors merge workspace files (`.zed/settings.json`, `.helix/languages.toml`,
//! `.dir-locals.el`, `.vscode/settings.json`) into the settings they send, without saying where a
//! value comes from. So keys that only the user may set are accepted only from a client that
//! vouches for its settings, that is, guarantees that the user has set them.

use super::allowed::{ALLOWED, check_bounds, names, spend_no_more};
use super::error::EDITOR;
use super::settings::editor_table;
use super::{ProviderChoice, Settings, SettingsError};
use serde_json::Value;

/// The settings sent by an editor.
#[derive(Clone, Debug, PartialEq)]
pub struct EditorSettings {
    /// The accepted settings.
    pub settings: Settings,
    /// Keys that were ignored because the client does not guarantee that the user has set them, in
    /// the spelling of the user's settings file.
    pub ignored: Vec<String>,
    /// Whether the user has told the editor to trust the workspace; `true` for editors without
    /// workspace trust.
    pub workspace_trusted: bool,
}

impl Default for EditorSettings {
    fn default() -> Self {
        EditorSettings {
            settings: Settings::default(),
            ignored: Vec::new(),
            workspace_trusted: true,
        }
    }
}

impl EditorSettings {
    /// Parses an editor's settings, which may be nested in a `kaizodo` key. `vouched` says whether
    /// the client guarantees that they come from the user and not from a file in the workspace.
    ///
    /// # Errors
    /// Fails if the value is neither an object nor `null`, on an invalid value in it, or a list or name over its limit.
    pub fn read(value: &Value, vouched: bool) -> Result<Self, SettingsError> {
        let mut table = editor_table(value)?;
        let mut read = EditorSettings::default();
        // Editors send null for unset values.
        table.retain(|_, value| !value.is_null());
        // Accepted from any client: a workspace gains nothing by claiming to be trusted, since that
        // is the default.
        read.workspace_trusted = table.remove("workspaceTrusted") != Some(Value::Bool(false));
        if vouched {
            read.settings = Settings::from_table(table)?;
            return Ok(read);
        }
        let mut ignored = Vec::new();
        table.retain(|key, value| {
            let allowed = ALLOWED.contains(&key.as_str()) || is_harmless(key, value);
            ignored.extend((!allowed).then(|| snake(key)));
            allowed
        });
        read.ignored = names(ignored.iter().map(String::as_str));
        read.settings = only_allowed(Settings::from_table(table)?);
        check_bounds(EDITOR, &read.settings)?;
        read.ignored.extend(spend_no_more(&mut read.settings).map(str::to_owned));
        Ok(read)
    }
}

/// Returns only the settings that any client may set. The keys were filtered before they were
/// parsed; this does not depend on how a value is parsed.
fn only_allowed(settings: Settings) -> Settings {
    let Settings { provider, lang, perspectives, sets, .. } = settings;
    let provider = provider.filter(|choice| *choice == ProviderChoice::Worksheet);
    Settings { provider, lang, perspectives, sets, ..Settings::default() }
}

/// Returns `true` if a setting is safe from any source: the worksheet sends nothing anywhere.
fn is_harmless(key: &str, value: &Value) -> bool {
    key == "provider" && value == "worksheet"
}

/// Converts `baseUrl` to `base_url`.
fn snake(key: &str) -> String {
    let mut out = String::new();
    for c in key.chars() {
        if c.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn only_a_client_that_vouches_says_where_text_goes() {
        let sent = json!({"kaizodo": {
            "baseUrl": "http://x", "lang": "ja", "headers": null, "limits": {"maxTokens": 9},
        }});
        let vouched = EditorSettings::read(&sent, true).unwrap();
        assert_eq!(vouched.settings.base_url.as_deref(), Some("http://x"));
        assert_eq!((vouched.settings.limits.max_tokens, vouched.ignored.len()), (Some(9), 0));
        let other = EditorSettings::read(&sent, false).unwrap();
        assert_eq!(other.ignored, ["base_url", "limits"], "null is nothing");
        let lang = Settings::from_json(&json!({"lang": "ja"})).unwrap();
        assert_eq!(other.settings, lang);
        for provider in ["auto", "openai", "local", "editor", "worksheet"] {
            let other = EditorSettings::read(&json!({"provider": provider}), false).unwrap();
            assert_eq!(other.settings.provider.is_some(), provider == "worksheet");
            assert_eq!(other.ignored.is_empty(), provider == "worksheet");
        }
    }

    #[test]
    fn settings_without_names_are_refused() {
        for bare in [
            json!(["openai", "http://evil"]),
            json!([null, "http://evil", null, null, "m", null, null, ["sh", "-c", "evil"]]),
            json!([[null, "http://evil"]]),
            json!([]),
            json!("http://evil"),
            json!(3),
            json!(true),
        ] {
            for sent in [bare.clone(), json!({"kaizodo": bare})] {
                for vouched in [true, false] {
                    let refused = EditorSettings::read(&sent, vouched).unwrap_err();
                    assert!(refused.reason.contains("expected a map"), "{sent}: {refused}");
                }
            }
        }
    }

    /// Returns JSON of any form, with names and values of settings in it.
    fn sent() -> impl Strategy<Value = Value> {
        const KEYS: &[&str] = &[
            "kaizodo",
            "provider",
            "baseUrl",
            "base_url",
            "keyCommand",
            "model",
            "lang",
            "perspectives",
            "sets",
            "models",
            "focus",
            "limits",
            "runCost",
            "neverSend",
            "x",
        ];
        const TEXTS: &[&str] =
            &["openai", "editor", "worksheet", "http://evil", "sh", "ja", "auto", "time"];
        let leaf = prop_oneof![
            2 => Just(Value::Null),
            4 => prop::sample::select(TEXTS).prop_map(Value::from),
            1 => any::<bool>().prop_map(Value::from),
            1 => (0u32..9).prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 9, |inner| {
            let pair = (prop::sample::select(KEYS), inner.clone());
            prop_oneof![
                prop::collection::vec(inner, 0..9).prop_map(Value::from),
                prop::collection::vec(pair, 0..4).prop_map(|pairs| pairs.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn whatever_a_workspace_sends_sets_only_what_is_allowed(sent in sent()) {
            let Ok(read) = EditorSettings::read(&sent, false) else { return Ok(()) };
            let Settings { provider, lang, perspectives, sets, .. } = read.settings.clone();
            let only = Settings { provider, lang, perspectives, sets, ..Settings::default() };
            prop_assert_eq!(&read.settings, &only);
            prop_assert!(matches!(provider, None | Some(ProviderChoice::Worksheet)));
            let is_dear = |set: &super::super::PerspectiveSet| {
                !set.models.is_empty() || set.focus == Some(crate::request::FocusMode::Auto)
            };
            prop_assert!(!read.settings.sets.iter().flatten().any(|(_, set)| is_dear(set)));
        }
    }

    #[test]
    fn a_workspace_does_not_fill_the_menu() {
        let sets = |count: usize| {
            let sets: serde_json::Map<_, _> =
                (0..count).map(|n| (n.to_string(), json!([]))).collect();
            json!({"sets": sets})
        };
        assert!(EditorSettings::read(&sets(64), false).is_ok());
        assert!(EditorSettings::read(&sets(65), false).is_err());
        assert!(EditorSettings::read(&sets(65), true).is_ok(), "they are the user's own");
        let long = json!({"lang": "x".repeat(1 << 20)});
        let reason = EditorSettings::read(&long, false).unwrap_err().reason;
        assert!(reason.len() < 4000, "{}", reason.len());
    }

    #[test]
    fn a_workspace_asks_no_other_models() {
        let sent = json!({"sets": {"a": {"perspectives": ["time"], "models": ["dear"]}}});
        let read = |vouched| EditorSettings::read(&sent, vouched).unwrap();
        assert_eq!(read(true).settings.sets.unwrap()["a"].models, ["dear"]);
        assert_eq!(read(false).ignored, ["sets.models"]);
        assert!(read(false).settings.sets.unwrap()["a"].models.is_empty());
    }

    #[test]
    fn workspace_trust_is_accepted_from_any_client() {
        for vouched in [true, false] {
            let trusts = |value| EditorSettings::read(&value, vouched).unwrap().workspace_trusted;
            assert!(!trusts(json!({"workspaceTrusted": false})));
            assert!(trusts(json!({"workspaceTrusted": true})) && trusts(json!({})));
            assert!(trusts(json!(null)));
        }
    }

    #[test]
    fn invalid_values_are_errors_from_any_client() {
        assert!(EditorSettings::read(&json!({"lang": 3}), false).is_err());
        assert!(EditorSettings::read(&json!({"modle": "x"}), true).is_err());
        assert_eq!(EditorSettings::read(&json!({"modle": "x"}), false).unwrap().ignored, ["modle"]);
        assert!(EditorSettings::read(&json!("?"), false).is_err());
    }
}
