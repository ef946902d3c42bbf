//! The `key_command` setting.

use crate::lang::{Lang, Message};
use crate::provider::command_line::{CommandLine, CommandLineError};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::fmt;
use std::path::Path;

/// The `key_command` setting: a program that prints the API key, and its arguments.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Words")]
pub struct KeyCommand(CommandLine);

/// The value in the settings file. A value that is not a list is not kept, so that no error can
/// quote it: it may be the key itself.
#[derive(Deserialize)]
#[serde(untagged)]
enum Words {
    List(Vec<String>),
    Other(IgnoredAny),
}

/// Why a key command is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message(Lang::En))]
pub enum KeyCommandError {
    /// The value is not a list of words.
    NoList,
    /// The words are not a valid command line.
    Words(CommandLineError),
}

impl KeyCommandError {
    /// Every error that can occur.
    pub const ALL: [Self; 4] = {
        let [a, b, c] = CommandLineError::ALL;
        [Self::NoList, Self::Words(a), Self::Words(b), Self::Words(c)]
    };
}

impl Message for KeyCommandError {
    /// Returns the message to show after the setting's name.
    fn message(&self, lang: Lang) -> String {
        const EXAMPLE: &str = "[\"pass\", \"show\", \"openai\"]";
        match self {
            KeyCommandError::NoList => lang.pick(
                format!("プログラムと引数を、{EXAMPLE} のような配列で書いてください"),
                format!("write a program and its arguments as a list, like {EXAMPLE}"),
            ),
            KeyCommandError::Words(error) => error.message(EXAMPLE, lang),
        }
    }
}

impl TryFrom<Words> for KeyCommand {
    type Error = KeyCommandError;

    fn try_from(words: Words) -> Result<Self, KeyCommandError> {
        match words {
            Words::List(words) => words.try_into(),
            Words::Other(_) => Err(KeyCommandError::NoList),
        }
    }
}

impl TryFrom<Vec<String>> for KeyCommand {
    type Error = KeyCommandError;

    fn try_from(words: Vec<String>) -> Result<Self, KeyCommandError> {
        words.try_into().map(KeyCommand).map_err(KeyCommandError::Words)
    }
}

impl KeyCommand {
    pub(crate) fn program(&self) -> &str {
        &self.0.program
    }

    pub(crate) fn args(&self) -> &[String] {
        &self.0.args
    }

    /// Returns the program's name, for display. Arguments are not shown, because they may name or
    /// contain a secret.
    pub fn name(&self) -> String {
        let name = Path::new(self.program()).file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }
}

impl fmt::Debug for KeyCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyCommand({} and {} arguments)", self.name(), self.args().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::command_line::tests::full;

    #[test]
    fn neither_its_name_nor_debug_shows_an_argument() {
        let words = vec![full("/bin/echo"), "sk-canary".to_owned()];
        let command = KeyCommand::try_from(words).unwrap();
        assert_eq!(command.name(), "echo");
        assert_eq!(format!("{command:?}"), "KeyCommand(echo and 1 arguments)");
    }
}
