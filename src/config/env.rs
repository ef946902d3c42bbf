//! The process environment. No other module reads it.

use super::error::{
    FOCUS_VARIABLE, GGUF_VARIABLE, MISNAMED_VARIABLES, MODEL_VARIABLE, PROVIDER_VARIABLE,
};
use super::{ProviderChoice, Settings, SettingsError};
use crate::lang::{Lang, Message};
use crate::perspective::Models;
use crate::provider::{Gguf, Programs, Proxies, Secret, SecretError};
use crate::request::FocusMode;

/// The valid values of `KAIZODO_PROVIDER`.
const PROVIDERS: &str = "`auto`, `openai`, `local`, `worksheet`";

/// The environment variables that kaizodo uses.
#[derive(Clone, Debug, Default)]
pub struct Env {
    /// The API key in `OPENAI_API_KEY`, or why it is invalid; `None` if the variable is unset or
    /// empty.
    pub api_key: Option<Result<Secret, SecretError>>,
    /// Settings from environment variables.
    pub settings: Settings,
    /// The user's language, from the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set, or else
    /// from the settings of Windows.
    pub locale: Lang,
    /// Proxies from environment variables.
    pub proxies: Proxies,
    /// Where programs are looked up: the folders of `PATH`, and the home folder.
    pub programs: Programs,
    /// Error for an environment variable that is ignored because its value is invalid, or because
    /// kaizodo has none of that name.
    pub problem: Option<SettingsError>,
    /// `KAIZODO_LOG`: the filter of the log on stderr, in the syntax of
    /// `tracing_subscriber::EnvFilter`.
    pub log: Option<String>,
    /// Whether the terminal cannot move its cursor: `TERM` is `dumb` or, except on Windows, unset or
    /// empty.
    pub dumb_terminal: bool,
    /// Whether `NO_COLOR` is set and not empty (no-color.org).
    pub no_color: bool,
    /// The pager's command line from `PAGER`, if set. An empty string means no pager.
    pub pager: Option<String>,
    /// Whether `LESS` is set, with the user's options for less.
    pub less_options: bool,
}

/// Returns `true` if an environment variable is set and not empty.
#[expect(clippy::disallowed_methods, reason = "the one home of the environment")]
pub fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

impl Env {
    /// Reads the process environment.
    pub fn read() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the one home of the environment")]
        let value = |name: &str| std::env::var_os(name);
        // A value that is not Unicode is reported as invalid rather than missing.
        let env = Env::from_lookup(|name| match value(name) {
            Some(value) if name != "LANG" || !value.is_empty() => {
                Some(value.to_string_lossy().into_owned())
            }
            _ if name == "LANG" => system_locale(),
            _ => None,
        });
        let home = etcetera::home_dir().ok();
        Env { programs: Programs::new(value("PATH"), home), ..env }
    }

    /// Reads the environment variables that `lookup` returns. Leaves `programs` empty.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let var = |name: &str| lookup(name).filter(|value| !value.trim().is_empty());
        let locale =
            ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| var(name)).unwrap_or_default();
        let (focus, bad_focus) = match var(FOCUS_VARIABLE) {
            None => (None, None),
            Some(value) => match FocusMode::ALL.into_iter().find(|mode| mode.name() == value) {
                Some(mode) => (Some(mode), None),
                None => (None, Some(unknown(FOCUS_VARIABLE, &value, "`auto`, `ask`, `off`"))),
            },
        };
        let models = var(MODEL_VARIABLE).map(|names| names.parse::<Models>()).transpose();
        let bad_models = models.as_ref().err();
        let bad_models =
            bad_models.map(|error| SettingsError::new(MODEL_VARIABLE, None, error.to_string()));
        let gguf = var(GGUF_VARIABLE).map(Gguf::try_from).transpose();
        let bad_gguf = gguf.as_ref().err();
        let bad_gguf =
            bad_gguf.map(|error| SettingsError::new(GGUF_VARIABLE, None, error.message(Lang::En)));
        let gguf = gguf.unwrap_or_default();
        let (provider, problem) = match var(PROVIDER_VARIABLE).as_deref() {
            None => (None, None),
            Some("openai") => (Some(ProviderChoice::OpenAi), None),
            Some("local") => (Some(ProviderChoice::Local), None),
            Some("worksheet") => (Some(ProviderChoice::Worksheet), None),
            Some("auto") => (Some(ProviderChoice::Auto), None),
            Some(other) => (None, Some(unknown(PROVIDER_VARIABLE, other, PROVIDERS))),
        };
        let misnamed = MISNAMED_VARIABLES.into_iter().find(|(name, _)| var(name).is_some());
        let misnamed = misnamed.map(|(name, right)| {
            SettingsError::new(name, None, format!("{right} is read instead"))
        });
        Env {
            api_key: var("OPENAI_API_KEY").map(|key| Secret::new(&key)),
            settings: Settings {
                provider,
                // `OPENAI_BASE_URL` is meant for other programs, too; `KAIZODO_GGUF` is meant for
                // kaizodo.
                base_url: var("OPENAI_BASE_URL").filter(|_| gguf.is_none()),
                gguf,
                model: models.unwrap_or_default(),
                focus,
                ..Settings::default()
            },
            locale: Lang::of_locale(&locale).unwrap_or_default(),
            proxies: Proxies::from_lookup(&lookup),
            programs: Programs::default(),
            problem: problem.or(misnamed).or(bad_focus).or(bad_models).or(bad_gguf),
            log: var("KAIZODO_LOG"),
            dumb_terminal: var("TERM").map_or(!cfg!(windows), |term| term == "dumb"),
            no_color: var("NO_COLOR").is_some(),
            pager: lookup("PAGER"),
            less_options: lookup("LESS").is_some(),
        }
    }
}

/// Returns the locale in the settings of Windows, such as `ja-JP`; `None` elsewhere.
fn system_locale() -> Option<String> {
    #[cfg(windows)]
    {
        let key = windows_registry::CURRENT_USER.open(r"Control Panel\International").ok()?;
        key.get_string("LocaleName").ok()
    }
    #[cfg(not(windows))]
    None
}

fn unknown(variable: &str, value: &str, known: &str) -> SettingsError {
    let value: String = value.chars().take(40).collect();
    let value = value.escape_debug();
    let reason = format!("unknown variant `{value}`, expected one of {known}");
    SettingsError::new(variable, None, reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Message;

    #[test]
    fn empty_variables_are_ignored() {
        let env = Env::from_lookup(|name| match name {
            "OPENAI_API_KEY" | "OPENAI_BASE_URL" => Some(" ".into()),
            "LANG" => Some("ja_JP.UTF-8".into()),
            _ => None,
        });
        assert!(env.api_key.is_none() && env.settings == Settings::default());
        assert_eq!(env.locale, Lang::Ja);
        assert!(env.problem.is_none() && env.log.is_none());
        assert_eq!(env.dumb_terminal, !cfg!(windows));
    }

    #[test]
    fn an_unknown_provider_is_reported_and_ignored() {
        let env = Env::from_lookup(|name| (name == "KAIZODO_PROVIDER").then(|| "gpt".into()));
        assert_eq!(env.settings.provider, None);
        let said = env.problem.unwrap().message(Lang::En);
        assert!(said.contains("KAIZODO_PROVIDER") && said.contains("`gpt`"), "{said}");
    }

    #[test]
    fn a_model_file_goes_before_the_url_that_other_programs_use_too() {
        let of = |file: &str| {
            Env::from_lookup(|name| match name {
                "OPENAI_BASE_URL" => Some("http://127.0.0.1:1".into()),
                "KAIZODO_GGUF" => Some(file.to_owned()),
                _ => None,
            })
        };
        let env = of("~/模型.gguf");
        assert_eq!(env.settings.gguf.unwrap().as_str(), "~/模型.gguf");
        assert!(env.settings.base_url.is_none() && env.problem.is_none());
        let wrong = of("模型.gguf");
        assert!(wrong.settings.base_url.is_some());
        let said = wrong.problem.unwrap().message(Lang::Ja);
        assert!(said.contains("KAIZODO_GGUF") && said.contains("完全なパス"), "{said}");
    }

    #[test]
    fn a_variable_that_is_named_like_ours_is_reported() {
        for (name, right) in MISNAMED_VARIABLES {
            let env = Env::from_lookup(|asked| (asked == name).then(|| "http://x.test".into()));
            assert!(env.settings == Settings::default() && env.api_key.is_none());
            let problem = env.problem.unwrap();
            for lang in [Lang::En, Lang::Ja] {
                let said = problem.message(lang);
                assert!(said.contains(name) && said.contains(right), "{said}");
            }
        }
    }

    #[test]
    fn the_focus_may_be_switched_off() {
        let of = |value: &str| {
            Env::from_lookup(|name| (name == "KAIZODO_FOCUS").then(|| value.to_owned()))
        };
        assert_eq!(of("off").settings.focus, Some(FocusMode::Off));
        let wrong = of("no");
        let said = wrong.problem.unwrap().message(Lang::En);
        assert!(wrong.settings.focus.is_none() && said.contains("`auto`, `ask`, `off`"), "{said}");
    }
}
