//! The settings that an untrusted file may contain: a repository's file, or a workspace's file that
//! an editor passes on.
//!
//! This is an allowlist, so that new settings are excluded by default. Only the user may decide
//! where text is sent, what is executed, what is written and what it costs.

use super::{Language, PerspectiveSet, Settings, SettingsError};
use crate::request::FocusMode;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The keys that an untrusted file may set.
pub(crate) const ALLOWED: [&str; 3] = ["lang", "perspectives", "sets"];

/// Maximum number of rejected keys that are listed.
const NAMES_MAX: usize = 24;
/// Maximum number of sets, and of names in a list.
const ENTRIES_MAX: usize = 64;
/// Maximum length in bytes of the name of a set or a perspective.
const NAME_BYTES: usize = 200;
/// Maximum length in characters of an error message about a value.
const REASON_CHARS: usize = 200;
/// Maximum length in characters of a key that is shown.
const NAME_CHARS: usize = 40;

/// The values of the [`ALLOWED`] keys.
#[derive(Deserialize)]
struct Allowed {
    lang: Option<Language>,
    perspectives: Option<Vec<String>>,
    sets: Option<BTreeMap<String, PerspectiveSet>>,
}

/// Parses an untrusted TOML file. Returns the allowed settings, and the names of all other keys.
///
/// # Errors
/// Fails on a syntax error, an invalid value, or a list or name over its limit.
pub fn allowed_from_toml(
    origin: &str,
    text: &str,
) -> Result<(Settings, Vec<String>), SettingsError> {
    let wrong = |error| {
        let error = SettingsError::of_toml(origin, text, &error);
        // The reason may quote a value of any length.
        SettingsError { reason: error.reason.chars().take(REASON_CHARS).collect(), ..error }
    };
    let table: toml::Table = toml::from_str(text).map_err(wrong)?;
    let others = names(table.keys().map(String::as_str).filter(|key| !ALLOWED.contains(key)));
    // Parsed again from the text, because a table has no line numbers.
    let Allowed { lang, perspectives, sets } = toml::from_str(text).map_err(wrong)?;
    let mut settings = Settings { lang, perspectives, sets, ..Settings::default() };
    check_bounds(origin, &settings)?;
    let spends = spend_no_more(&mut settings);
    Ok((settings, others.into_iter().chain(spends.map(str::to_owned)).collect()))
}

/// Rejects settings with lists or names that are too long for a menu.
///
/// # Errors
/// Fails if a limit is exceeded, and says which one.
pub(crate) fn check_bounds(origin: &str, settings: &Settings) -> Result<(), SettingsError> {
    let lists = settings
        .perspectives
        .iter()
        .chain(settings.sets.iter().flat_map(|s| s.values().map(|set| &set.perspectives)));
    let sets = settings.sets.iter().flatten().map(|(name, _)| name);
    let too_many = settings.sets.as_ref().is_some_and(|sets| sets.len() > ENTRIES_MAX)
        || lists.clone().any(|list| list.len() > ENTRIES_MAX);
    let reason = if too_many {
        format!("more than {ENTRIES_MAX} entries")
    } else if lists.flatten().chain(sets).any(|name| name.len() > NAME_BYTES) {
        format!("a name of more than {NAME_BYTES} bytes")
    } else {
        return Ok(());
    };
    Err(SettingsError::new(origin, None, reason))
}

/// The key within a set that an untrusted file may not use.
const SET_MODELS: &str = "sets.models";

/// Removes settings that could raise costs from the sets of an untrusted file. `focus = "auto"` is
/// removed because a focus costs one more request, which an untrusted file may waive but not
/// demand. The sets' models are removed because they decide who gets the text, and how often.
/// Returns the key `sets.models` if any models were removed.
pub(crate) fn spend_no_more(settings: &mut Settings) -> Option<&'static str> {
    let mut has_models = false;
    for set in settings.sets.iter_mut().flat_map(BTreeMap::values_mut) {
        set.focus = set.focus.filter(|mode| *mode != FocusMode::Auto);
        has_models |= !std::mem::take(&mut set.models).is_empty();
    }
    has_models.then_some(SET_MODELS)
}

/// Returns key names for display: sorted, escaped and truncated, since they are untrusted.
pub(crate) fn names<'a>(keys: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut names: Vec<_> = keys.map(shown).collect();
    names.sort();
    names.dedup();
    if names.len() > NAMES_MAX {
        names.truncate(NAMES_MAX);
        names.push("…".to_owned());
    }
    names
}

fn shown(key: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    match key.chars().count() {
        1..=NAME_CHARS if key.chars().all(plain) => key.to_owned(),
        _ => {
            let cut: String = key.chars().take(NAME_CHARS).collect();
            format!("\"{}\"", cut.escape_debug())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_listed_is_allowed() {
        let text = "lang = 'ja'\nperspectives = ['depth']\n[sets]\na = ['time']\n";
        let (kept, others) = allowed_from_toml("c", text).unwrap();
        assert_eq!((kept, others.len()), (Settings::from_toml("c", text).unwrap(), 0));
        // Every other key of the settings in both spellings, and some that do not exist yet.
        for key in [
            "base_url",
            "baseUrl",
            "provider",
            "model",
            "effort",
            "context",
            "extra_body",
            "extraBody",
            "headers",
            "query",
            "allow_insecure_hosts",
            "allowInsecureHosts",
            "limits",
            "timeouts",
            "prices",
            "api_key",
            "key_command",
            "keyCommand",
            "gguf",
            "llama_server",
            "llamaServer",
            "proxy",
            "journal",
            "offer",
            "log",
            "anything",
        ] {
            for value in ["'x'", "{ a = 1 }", "[1]"] {
                let text = format!("{key} = {value}\nlang = 'en'\n");
                let (kept, others) = allowed_from_toml("c", &text).unwrap();
                assert_eq!(others, [key]);
                let lang = Some(Language::En);
                assert_eq!(kept, Settings { lang, ..Settings::default() });
            }
        }
    }

    #[test]
    fn a_set_of_a_stranger_has_no_models_and_no_focus_of_its_own() {
        let text =
            "sets.a = { perspectives = ['time'], focus = 'auto', models = ['dear', 'other'] }";
        let (kept, others) = allowed_from_toml("c", text).unwrap();
        assert_eq!(others, ["sets.models"]);
        let set = &kept.sets.unwrap()["a"];
        assert_eq!(
            (set.models.len(), set.focus, &*set.perspectives),
            (0, None, &["time".to_owned()][..])
        );
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, line) in [
            ("base_url = 'x'\nlang = 3\n", 2),
            ("base_url = 'x'\n\nlang = \n", 3),
            ("sets = { a = 'b' }", 1),
        ] {
            assert_eq!(allowed_from_toml("c", text).unwrap_err().line, Some(line), "{text}");
        }
    }

    #[test]
    fn lists_and_names_have_bounds() {
        let lists = |count: usize| {
            let names = vec!["'time'"; count].join(", ");
            let sets: String = (0..count).map(|n| format!("s{n} = ['time']\n")).collect();
            [
                format!("perspectives = [{names}]"),
                format!("sets.a = [{names}]"),
                format!("[sets]\n{sets}"),
            ]
        };
        let reason = |text: &str| allowed_from_toml("c", text).map_err(|error| error.reason);
        for text in lists(ENTRIES_MAX) {
            assert!(reason(&text).is_ok(), "{text}");
        }
        for text in lists(ENTRIES_MAX + 1) {
            assert_eq!(reason(&text).unwrap_err(), "more than 64 entries");
        }
        for (name, is_well) in [("x".repeat(NAME_BYTES), true), ("x".repeat(NAME_BYTES + 1), false)]
        {
            for text in [format!("perspectives = ['{name}']"), format!("sets.{name} = []")] {
                assert_eq!(reason(&text).is_ok(), is_well);
            }
        }
    }

    #[test]
    fn shown_names_are_escaped_and_truncated() {
        let shown = |key: &str| names(std::iter::once(key)).remove(0);
        assert_eq!(shown("a\n## b"), "\"a\\n## b\"");
        assert_eq!(shown(""), "\"\"");
        assert_eq!(shown("](command:x)"), "\"](command:x)\"");
        let many: Vec<_> = (0..99).map(|n| format!("{n}{}", "x".repeat(999))).collect();
        let told = names(many.iter().map(String::as_str));
        assert_eq!(told.len(), NAMES_MAX + 1);
        assert!(told.iter().all(|name| name.chars().count() <= NAME_CHARS + 2));
    }
}
