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
use serde_json::{Map, Value};

/// The settings sent by an editor.
#[derive(Clone, Debug, PartialEq)]
pub struct EditorSettings {
    /// The accepted settings. An error if a value is invalid, or if a list or name is over its limit.
    pub settings: Result<Settings, SettingsError>,
    /// Keys that were ignored because the client does not guarantee that the user has set them, in
    /// the spelling of the user's settings file.
    pub ignored: Vec<String>,
    /// Whether the user has told the editor to trust the workspace; `true` for editors without
    /// workspace trust. Known even if a setting is invalid; `None` if there are no settings at all
    /// in what the editor sent.
    pub workspace_trusted: Option<bool>,
}

impl EditorSettings {
    /// Parses an editor's settings, which may be nested in a `kaizodo` key. `vouched` says whether
    /// the client guarantees that they come from the user and not from a file in the workspace.
    pub fn read(value: &Value, vouched: bool) -> Self {
        let mut table = match editor_table(value) {
            Ok(table) => table,
            Err(error) => {
                let (settings, ignored) = (Err(error), Vec::new());
                return EditorSettings { settings, ignored, workspace_trusted: None };
            }
        };
        // Editors send null for unset values.
        table.retain(|_, value| !value.is_null());
        // Accepted from any client: a workspace gains nothing by claiming to be trusted, since that
        // is the default.
        let trusted = table.remove("workspaceTrusted") != Some(Value::Bool(false));
        let mut ignored = Vec::new();
        let settings = match vouched {
            true => Settings::from_table(table),
            false => unvouched(table, &mut ignored),
        };
        EditorSettings { settings, ignored, workspace_trusted: Some(trusted) }
    }
}

/// Parses settings that may stem from an untrusted file, and adds the keys that are not allowed to
/// `ignored`.
///
/// # Errors
/// Fails on an invalid value, or a list or name over its limit.
fn unvouched(
    mut table: Map<String, Value>,
    ignored: &mut Vec<String>,
) -> Result<Settings, SettingsError> {
    let mut others = Vec::new();
    table.retain(|key, value| {
        let allowed = ALLOWED.contains(&key.as_str()) || is_harmless(key, value);
        others.extend((!allowed).then(|| snake(key)));
        allowed
    });
    *ignored = names(others.iter().map(String::as_str));
    let mut settings = only_allowed(Settings::from_table(table)?);
    check_bounds(EDITOR, &settings)?;
    ignored.extend(spend_no_more(&mut settings).map(str::to_owned));
    Ok(settings)
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
        let vouched = EditorSettings::read(&sent, true);
        assert_eq!(vouched.ignored, [""; 0]);
        let vouched = vouched.settings.unwrap();
        assert_eq!(vouched.base_url.as_deref(), Some("http://x"));
        assert_eq!(vouched.limits.max_tokens, Some(9));
        let other = EditorSettings::read(&sent, false);
        assert_eq!(other.ignored, ["base_url", "limits"], "null is nothing");
        let lang = Settings::from_json(&json!({"lang": "ja"})).unwrap();
        assert_eq!(other.settings, Ok(lang));
        for provider in ["auto", "openai", "local", "editor", "worksheet"] {
            let other = EditorSettings::read(&json!({"provider": provider}), false);
            assert_eq!(other.settings.unwrap().provider.is_some(), provider == "worksheet");
            assert_eq!(other.ignored.is_empty(), provider == "worksheet");
        }
    }

    #[test]
    fn settings_without_names_are_refused() {
        for bare in [
            json!(["openai", "http://evil"]),
            json!([null, "http://evil", null, null, "m", null, null, ["sh", "-c", "evil"]]),
            json!([[null, "http://evil"]]),
            json!([null]),
            json!("http://evil"),
            json!(3),
            json!(true),
        ] {
            for sent in [bare.clone(), json!({"kaizodo": bare})] {
                for vouched in [true, false] {
                    let refused = EditorSettings::read(&sent, vouched).settings.unwrap_err();
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
            let Ok(read) = EditorSettings::read(&sent, false).settings else { return Ok(()) };
            let Settings { provider, lang, perspectives, sets, .. } = read.clone();
            let only = Settings { provider, lang, perspectives, sets, ..Settings::default() };
            prop_assert_eq!(&read, &only);
            prop_assert!(matches!(provider, None | Some(ProviderChoice::Worksheet)));
            let is_dear = |set: &super::super::PerspectiveSet| {
                !set.models.is_empty() || set.focus == Some(crate::request::FocusMode::Auto)
            };
            prop_assert!(!read.sets.iter().flatten().any(|(_, set)| is_dear(set)));
        }
    }

    #[test]
    fn a_workspace_does_not_fill_the_menu() {
        let sets = |count: usize| {
            let sets: serde_json::Map<_, _> =
                (0..count).map(|n| (n.to_string(), json!([]))).collect();
            json!({"sets": sets})
        };
        let read = |sent: &Value, vouched| EditorSettings::read(sent, vouched).settings;
        assert!(read(&sets(64), false).is_ok());
        assert!(read(&sets(65), false).is_err());
        assert!(read(&sets(65), true).is_ok(), "they are the user's own");
        let long = json!({"lang": "x".repeat(1 << 20)});
        let reason = read(&long, false).unwrap_err().reason;
        assert!(reason.len() < 4000, "{}", reason.len());
    }

    #[test]
    fn a_workspace_asks_no_other_models() {
        let sent = json!({"sets": {"a": {"perspectives": ["time"], "models": ["dear"]}}});
        let read = |vouched| EditorSettings::read(&sent, vouched);
        let models =
            |read: EditorSettings| read.settings.unwrap().sets.unwrap()["a"].models.clone();
        assert_eq!(models(read(true)), ["dear"]);
        assert_eq!(read(false).ignored, ["sets.models"]);
        assert!(models(read(false)).is_empty());
    }

    #[test]
    fn workspace_trust_is_accepted_from_any_client() {
        for vouched in [true, false] {
            let trusts = |value| EditorSettings::read(&value, vouched).workspace_trusted;
            assert_eq!(trusts(json!({"workspaceTrusted": false})), Some(false));
            assert_eq!(trusts(json!({"workspaceTrusted": false, "lang": 5})), Some(false));
            for trusted in [json!({"workspaceTrusted": true}), json!({}), json!(null)] {
                assert_eq!(trusts(trusted), Some(true));
            }
            assert_eq!(trusts(json!([false])), None);
        }
    }

    #[test]
    fn invalid_values_are_errors_from_any_client() {
        let read = EditorSettings::read;
        assert!(read(&json!({"lang": 3}), false).settings.is_err());
        assert!(read(&json!({"modle": "x"}), true).settings.is_err());
        assert_eq!(read(&json!({"modle": "x"}), false).ignored, ["modle"]);
        assert!(read(&json!("?"), false).settings.is_err());
    }
}
