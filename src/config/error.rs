//! Errors in a layer of the settings, which is then ignored.

use super::reason::explain;
use crate::lang::{Lang, Message};

/// Maximum length in bytes of the reason why a setting cannot be read.
const REASON_BYTES: usize = 1000;

/// The value of [`SettingsError::origin`] in errors about the editor's settings.
pub(crate) const EDITOR: &str = "editor settings";

/// Name of the environment variable that selects the provider. Like the variables below, also the
/// value of [`SettingsError::origin`] in errors about the variable.
pub(crate) const PROVIDER_VARIABLE: &str = "KAIZODO_PROVIDER";
/// Name of the environment variable that lists one or more models.
pub(crate) const MODEL_VARIABLE: &str = "KAIZODO_MODEL";
/// Name of the environment variable that holds the path of a model file.
pub(crate) const GGUF_VARIABLE: &str = "KAIZODO_GGUF";
/// Name of the environment variable that sets whether runs have a focus.
pub(crate) const FOCUS_VARIABLE: &str = "KAIZODO_FOCUS";
/// Names of environment variables that do not exist although users expect them, each with the
/// variable to set instead.
pub(super) const MISNAMED_VARIABLES: [(&str, &str); 2] =
    [("KAIZODO_BASE_URL", "OPENAI_BASE_URL"), ("KAIZODO_API_KEY", "OPENAI_API_KEY")];

/// Why a layer of the settings was ignored.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{}", self.message(Lang::En))]
pub struct SettingsError {
    /// Where the error is: the settings file, the environment variable, or `editor settings`.
    pub origin: String,
    /// Line number in the file (1-based), if known.
    pub line: Option<usize>,
    /// What is wrong, without the line's text, which may contain an API key.
    pub reason: String,
    /// Further mistakes in the same origin.
    pub more: Vec<Mistake>,
    /// What became of settings that were read from this origin before.
    pub earlier: EarlierSettings,
}

/// What happens to the settings that were last read from an origin that can no longer be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EarlierSettings {
    /// There are none.
    Absent,
    /// They stay in force, but nothing is sent to other computers: what the origin now says about
    /// where text is sent is unknown.
    KeptLocalOnly,
    /// They stay in force, and text is sent as before: the origin has no say in where.
    Kept,
}

/// One of several mistakes in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mistake {
    /// Line number in the file (1-based), if known.
    pub line: Option<usize>,
    /// What is wrong, without the line's text.
    pub reason: String,
}

/// Removes quoted values from `reason` and truncates it for display, because a value or the name of
/// a key may be megabytes long.
pub(super) fn bounded(reason: &str) -> String {
    match unquoted(reason) {
        reason if reason.len() > REASON_BYTES => {
            let end = reason.floor_char_boundary(REASON_BYTES);
            format!("{}…", reason.get(..end).unwrap_or_default())
        }
        reason => reason,
    }
}

impl SettingsError {
    /// Creates an error that reports a single mistake.
    pub(crate) fn new(origin: &str, line: Option<usize>, reason: String) -> Self {
        let (origin, more) = (origin.to_owned(), Vec::new());
        SettingsError { origin, line, reason, more, earlier: EarlierSettings::Absent }
    }

    pub(crate) fn of_toml(origin: &str, text: &str, error: &toml::de::Error) -> Self {
        let before = error.span().and_then(|at| text.get(..at.start));
        let line = before.map(|before| before.matches('\n').count() + 1);
        let reason = bounded(&error.message().split_whitespace().collect::<Vec<_>>().join(" "));
        SettingsError::new(origin, line, reason)
    }

    /// Splits the error into one error for each mistake, for callers that can show one error per
    /// line.
    pub fn each(&self) -> impl Iterator<Item = SettingsError> {
        let first = Mistake { line: self.line, reason: self.reason.clone() };
        let all = std::iter::once(first).chain(self.more.iter().cloned());
        all.map(|Mistake { line, reason }| SettingsError {
            earlier: self.earlier,
            ..SettingsError::new(&self.origin, line, reason)
        })
    }
}

impl Message for SettingsError {
    fn message(&self, lang: Lang) -> String {
        let SettingsError { origin, line, reason, more, earlier } = self;
        let misnamed = MISNAMED_VARIABLES.iter().find(|(name, _)| name == origin);
        if let Some((name, right)) = misnamed {
            return lang.pick(
                format!("環境変数 {name} はありません。これを削除し、代わりに {right} を設定してください。それまで、ほかのコンピューターには何も送りません。"),
                format!("kaizodo has no environment variable {name}. Unset it and set {right} instead; until then, nothing is sent to other computers."),
            );
        }
        let mut reason = explain(reason, lang);
        for Mistake { line, reason: other } in more {
            let other = explain(other, lang);
            reason += &match line {
                Some(line) => {
                    lang.pick(format!(" {line} 行目: {other}"), format!(" Line {line}: {other}"))
                }
                None => format!(" {other}"),
            };
        }
        let (ja, en) = match (origin.as_str(), line) {
            (EDITOR, _) => ("エディターの設定".to_owned(), "The editor settings".to_owned()),
            (PROVIDER_VARIABLE | MODEL_VARIABLE | GGUF_VARIABLE | FOCUS_VARIABLE, _) => {
                return lang.pick(
                    format!("環境変数 {origin} は使いません: {reason}"),
                    format!("The environment variable {origin} is not used: {reason}"),
                );
            }
            (file, Some(line)) => (
                format!("設定 {file} の {line} 行目"),
                format!("The settings in {file}, line {line},"),
            ),
            (file, None) => (format!("設定 {file} "), format!("The settings in {file}")),
        };
        match earlier {
            EarlierSettings::Absent => lang.pick(
                format!("{ja}を読めないので、そこに書かれた設定は使いません: {reason}"),
                format!("{en} cannot be read and are not used: {reason}"),
            ),
            EarlierSettings::KeptLocalOnly => lang.pick(
                format!("{ja}を読めないので、前回読み込めた設定を引き続き使い、修正されるまでほかのコンピューターには何も送りません: {reason}"),
                format!("{en} cannot be read, so the earlier settings stay in force, and nothing is sent to other computers until this is fixed: {reason}"),
            ),
            EarlierSettings::Kept => lang.pick(
                format!("{ja}を読めないので、前回読み込めた設定を引き続き使います: {reason}"),
                format!("{en} cannot be read, so the earlier settings stay in force: {reason}"),
            ),
        }
    }
}

/// Removes the string that an `invalid type` message quotes, because it may be an API key. A string
/// of less than eight bytes stays.
fn unquoted(reason: &str) -> String {
    const SHORT: usize = 8;
    let Some((before, rest)) = reason.split_once("invalid type: string \"") else {
        return reason.to_owned();
    };
    match rest.rsplit_once("\", expected ") {
        Some((text, expected)) if text.len() >= SHORT => {
            format!("{before}invalid type: string, expected {expected}")
        }
        _ => reason.to_owned(),
    }
}
