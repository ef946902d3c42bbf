//! What an editor sends: a layer of settings, of which a workspace's file may be the author.
//!
//! Most editors mix what a workspace's file says into what they send (`.zed/settings.json`,
//! `.helix/languages.toml`, `.dir-locals.el`, `.vscode/settings.json`), and nothing in a message
//! tells whose word it is. So the keys that are the user's alone are taken from a client only
//! where it vouches for all that it sends.

use super::allowed::{ALLOWED, check_bounds, names, spend_no_more};
use super::settings::EDITOR;
use super::{Settings, SettingsError};
use serde_json::Value;

/// The editor's layer.
#[derive(Clone, Debug, PartialEq)]
pub struct EditorSettings {
    /// What is taken.
    pub settings: Settings,
    /// Keys that were left out, since the client does not vouch for them; spelled as in the user's
    /// file, where they belong.
    pub ignored: Vec<String>,
    /// Whether the user has told the editor to trust the folder that is open; an editor that does
    /// not say so knows no such thing.
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
    /// Reads what an editor sends: the settings themselves, or with `kaizodo` around them.
    /// Nothing, or nothing of ours, is an empty layer.
    ///
    /// # Errors
    /// What is wrong.
    pub fn read(value: &Value, vouched: bool) -> Result<Self, SettingsError> {
        let mut value = value.get("kaizodo").unwrap_or(value).clone();
        let mut read = EditorSettings::default();
        if let Value::Object(table) = &mut value {
            // Editors send null for what is not set.
            table.retain(|_, value| !value.is_null());
            // A workspace gains nothing by claiming to be trusted: that is what is believed anyway.
            read.workspace_trusted = table.remove("workspaceTrusted") != Some(Value::Bool(false));
            if !vouched {
                let mut ignored = Vec::new();
                table.retain(|key, value| {
                    let allowed = ALLOWED.contains(&key.as_str()) || is_harmless(key, value);
                    ignored.extend((!allowed).then(|| snake(key)));
                    allowed
                });
                read.ignored = names(ignored.iter().map(String::as_str));
            }
        }
        read.settings = Settings::from_json(&value)?;
        if !vouched {
            check_bounds(EDITOR, &read.settings)?;
            spend_no_more(&mut read.settings);
        }
        Ok(read)
    }
}

/// The worksheet sends nothing anywhere.
fn is_harmless(key: &str, value: &Value) -> bool {
    key == "provider" && value == "worksheet"
}

/// `baseUrl` as `base_url`.
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
    fn restricted_mode_is_heard_from_everybody() {
        for vouched in [true, false] {
            let trusts = |value| EditorSettings::read(&value, vouched).unwrap().workspace_trusted;
            assert!(!trusts(json!({"workspaceTrusted": false})));
            assert!(trusts(json!({"workspaceTrusted": true})) && trusts(json!({})));
            assert!(trusts(json!(null)));
        }
    }

    #[test]
    fn what_is_wrong_is_wrong_whoever_sends_it() {
        assert!(EditorSettings::read(&json!({"lang": 3}), false).is_err());
        assert!(EditorSettings::read(&json!({"modle": "x"}), true).is_err());
        assert_eq!(EditorSettings::read(&json!({"modle": "x"}), false).unwrap().ignored, ["modle"]);
        assert!(EditorSettings::read(&json!("?"), false).is_err());
    }
}
