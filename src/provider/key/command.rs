//! The key command of the settings: a program and its arguments, without a shell.

use crate::lang::{Lang, Message};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::fmt;
use std::path::Path;

/// A program and its arguments.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Words")]
pub struct KeyCommand {
    program: String,
    args: Vec<String>,
}

/// The value in the file. If it is not a list, no error quotes it: it may be the key itself.
#[derive(Deserialize)]
#[serde(untagged)]
enum Words {
    List(Vec<String>),
    Other(IgnoredAny),
}

/// Why a key command is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("key_command: {}", self.message(Lang::En))]
pub enum KeyCommandError {
    /// No list of words.
    NoList,
    /// An empty list, or an empty program.
    Empty,
    /// A path that depends on where the server was started: in a repository, it would be the
    /// repository's.
    Relative,
    /// A NUL character, which no argument can contain.
    Nul,
}

impl KeyCommandError {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::NoList, Self::Empty, Self::Relative, Self::Nul];
}

impl Message for KeyCommandError {
    /// Returns the message, which follows the setting's name.
    fn message(&self, lang: Lang) -> String {
        let words = match self {
            KeyCommandError::NoList => lang.pick(
                "プログラムと引数を、[\"pass\", \"show\", \"openai\"] のような配列で書いてください",
                "write a program and its arguments as a list, like [\"pass\", \"show\", \"openai\"]",
            ),
            KeyCommandError::Empty => lang.pick(
                "プログラムの名前がありません。[\"pass\", \"show\", \"openai\"] のように書いてください",
                "it names no program; write it like [\"pass\", \"show\", \"openai\"]",
            ),
            KeyCommandError::Relative => lang.pick(
                "プログラムは、完全なパスか、名前だけで書いてください",
                "write the program's full path, or its name alone",
            ),
            KeyCommandError::Nul => lang.pick("NUL は書けません", "it contains a NUL character"),
        };
        words.to_owned()
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
        if words.iter().any(|word| word.contains('\0')) {
            return Err(KeyCommandError::Nul);
        }
        let mut words = words.into_iter();
        let program =
            words.next().filter(|p| !p.trim().is_empty()).ok_or(KeyCommandError::Empty)?;
        if program.contains(['/', '\\']) && !Path::new(&program).is_absolute() {
            return Err(KeyCommandError::Relative);
        }
        Ok(KeyCommand { program, args: words.collect() })
    }
}

impl KeyCommand {
    pub(crate) fn program(&self) -> &str {
        &self.program
    }

    pub(crate) fn args(&self) -> &[String] {
        &self.args
    }

    /// The program's name, which may be shown; an argument may be a secret's name, or more.
    pub fn name(&self) -> String {
        let name = Path::new(&self.program).file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }
}

impl fmt::Debug for KeyCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyCommand({} and {} arguments)", self.name(), self.args.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[&str]) -> Result<KeyCommand, KeyCommandError> {
        words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>().try_into()
    }

    #[test]
    fn a_program_is_a_name_or_a_full_path() {
        assert_eq!(of(&["pass", "show", "openai"]).unwrap().name(), "pass");
        assert_eq!(of(&["/opt/bin/op", "read"]).unwrap().name(), "op");
        for words in [&[][..], &[""], &[" "]] {
            assert_eq!(of(words), Err(KeyCommandError::Empty));
        }
        for program in ["./get", "../get", "bin/get", "bin\\get"] {
            assert_eq!(of(&[program]), Err(KeyCommandError::Relative), "{program}");
        }
        assert_eq!(of(&["a", "b\0"]), Err(KeyCommandError::Nul));
    }

    #[test]
    fn debug_shows_no_argument() {
        assert_eq!(
            format!("{:?}", of(&["/bin/echo", "sk-canary"]).unwrap()),
            "KeyCommand(echo and 1 arguments)"
        );
    }
}
