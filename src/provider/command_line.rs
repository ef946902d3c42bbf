//! Command lines in the settings: a program and its arguments, run without a shell.

use crate::lang::Lang;
use std::path::Path;

/// A program to run without a shell, and its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CommandLine {
    /// The program's name, or its full path.
    pub(crate) program: String,
    pub(crate) args: Vec<String>,
}

/// Why a list of words is not a valid command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandLineError {
    /// The list is empty, or the program is an empty string.
    Empty,
    /// The program is a relative path. Such a path depends on the working directory: in a
    /// repository, it would name a program of the repository.
    Relative,
    /// A word contains a NUL character, which no argument can contain.
    Nul,
}

impl CommandLineError {
    /// Every error that can occur.
    pub(crate) const ALL: [Self; 3] = [Self::Empty, Self::Relative, Self::Nul];

    /// Returns the error message, which is shown after the name of the setting. `example` is a
    /// valid value of the setting.
    pub(crate) fn message(self, example: &str, lang: Lang) -> String {
        match self {
            CommandLineError::Empty => lang.pick(
                format!("プログラムの名前がありません。{example} のように書いてください"),
                format!("it names no program; write it like {example}"),
            ),
            CommandLineError::Relative => lang
                .pick(
                    "プログラムは、完全なパスか、名前だけで書いてください",
                    "write the program's full path, or its name alone",
                )
                .to_owned(),
            CommandLineError::Nul => lang
                .pick(
                    "引数に NUL 文字（\\0）は使えません",
                    "an argument must not contain a NUL character (\\0)",
                )
                .to_owned(),
        }
    }
}

impl TryFrom<Vec<String>> for CommandLine {
    type Error = CommandLineError;

    fn try_from(words: Vec<String>) -> Result<Self, CommandLineError> {
        if words.iter().any(|word| word.contains('\0')) {
            return Err(CommandLineError::Nul);
        }
        let mut words = words.into_iter();
        let program =
            words.next().filter(|p| !p.trim().is_empty()).ok_or(CommandLineError::Empty)?;
        if program.contains(['/', '\\']) && !Path::new(&program).is_absolute() {
            return Err(CommandLineError::Relative);
        }
        Ok(CommandLine { program, args: words.collect() })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Returns a full path on this system, from one that begins with a slash.
    pub(crate) fn full(path: &str) -> String {
        format!("{}{path}", if cfg!(windows) { "C:" } else { "" })
    }

    fn of(words: &[&str]) -> Result<CommandLine, CommandLineError> {
        words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>().try_into()
    }

    #[test]
    fn a_program_is_a_name_or_a_full_path() {
        assert_eq!(of(&["pass", "show", "openai"]).unwrap().args, ["show", "openai"]);
        let op = full("/opt/bin/op");
        assert_eq!(of(&[&op, "read"]).unwrap().program, op);
        for words in [&[][..], &[""], &[" "]] {
            assert_eq!(of(words), Err(CommandLineError::Empty));
        }
        for program in ["./get", "../get", "bin/get", "bin\\get"] {
            assert_eq!(of(&[program]), Err(CommandLineError::Relative), "{program}");
        }
        assert_eq!(of(&["a", "b\0"]), Err(CommandLineError::Nul));
    }
}
