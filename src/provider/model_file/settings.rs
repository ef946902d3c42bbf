//! The settings for a model file and the program that serves it.

use super::LLAMA_SERVER;
use crate::lang::{Lang, Message};
use crate::provider::command_line::{CommandLine, CommandLineError};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The `gguf` setting, the path of a model file: a full path, or one that begins with `~/` for the
/// home folder.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Gguf(String);

/// Why the `gguf` setting is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message(Lang::En))]
pub enum GgufError {
    /// The path is empty.
    Empty,
    /// The path is relative, so it depends on the working directory.
    Relative,
    /// `base_url` is set in the same settings.
    Two,
}

impl TryFrom<String> for Gguf {
    type Error = GgufError;

    fn try_from(text: String) -> Result<Self, GgufError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(GgufError::Empty);
        }
        if below_home(text).is_none() && !Path::new(text).is_absolute() {
            return Err(GgufError::Relative);
        }
        Ok(Gguf(text.to_owned()))
    }
}

impl Gguf {
    /// Returns the path as written in the settings.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the path of the file, with `~` replaced by the home folder, if `home` is known.
    pub fn path(&self, home: Option<&Path>) -> PathBuf {
        match below_home(&self.0).zip(home) {
            Some((rest, home)) => home.join(rest),
            None => PathBuf::from(&self.0),
        }
    }
}

fn below_home(text: &str) -> Option<&str> {
    text.strip_prefix("~/").or_else(|| text.strip_prefix("~\\"))
}

impl GgufError {
    /// Every error that can occur.
    pub const ALL: [Self; 3] = [Self::Empty, Self::Relative, Self::Two];
}

impl Message for GgufError {
    /// Returns the message to show after the setting's name.
    fn message(&self, lang: Lang) -> String {
        let words = match self {
            GgufError::Empty => {
                lang.pick("モデルのファイルのパスが空です", "the path of the model file is empty")
            }
            GgufError::Relative => lang.pick(
                "モデルのファイルは、完全なパスか、~/ から始まるパスで書いてください",
                "write the model file's full path, or one that begins with ~/",
            ),
            GgufError::Two => lang.pick(
                "gguf と base_url は、どちらか一方だけを書いてください",
                "set either gguf or base_url, not both",
            ),
        };
        words.to_owned()
    }
}

/// The `llama_server` setting: the program that serves a model file, and the user's additional
/// arguments.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Words")]
pub struct LlamaCommand(CommandLine);

/// The value in the settings file: a program, or a program and its arguments.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a program, or a list of a program and its arguments")]
enum Words {
    One(String),
    List(Vec<String>),
}

/// Why the `llama_server` setting is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message(Lang::En))]
pub enum LlamaCommandError {
    /// The words are not a valid command line.
    Words(CommandLineError),
    /// The command line contains an argument that the user cannot set, because it changes how
    /// kaizodo reaches the server.
    Ours,
}

/// Arguments that would override the key and the name in the server's environment, or change how
/// kaizodo reaches the server.
const OURS: [&str; 7] = [
    "--alias",
    "-a",
    "--api-key",
    "--api-key-file",
    "--api-prefix",
    "--ssl-key-file",
    "--ssl-cert-file",
];

impl LlamaCommandError {
    /// Every error that can occur.
    pub const ALL: [Self; 4] = {
        let [a, b, c] = CommandLineError::ALL;
        [Self::Words(a), Self::Words(b), Self::Words(c), Self::Ours]
    };
}

impl Message for LlamaCommandError {
    /// Returns the message to show after the setting's name.
    fn message(&self, lang: Lang) -> String {
        const EXAMPLE: &str = "[\"llama-server\", \"--ctx-size\", \"32768\"]";
        match self {
            LlamaCommandError::Words(error) => error.message(EXAMPLE, lang),
            LlamaCommandError::Ours => lang
                .pick(
                    "--alias、--api-key、--api-key-file、--api-prefix、--ssl-… は、kaizodo が決めるので書けません",
                    "--alias, --api-key, --api-key-file, --api-prefix and --ssl-… are chosen by kaizodo and cannot be set",
                )
                .to_owned(),
        }
    }
}

impl Default for LlamaCommand {
    fn default() -> Self {
        LlamaCommand(CommandLine { program: LLAMA_SERVER.to_owned(), args: Vec::new() })
    }
}

impl TryFrom<Words> for LlamaCommand {
    type Error = LlamaCommandError;

    fn try_from(words: Words) -> Result<Self, LlamaCommandError> {
        let words = match words {
            Words::One(program) => vec![program],
            Words::List(words) => words,
        };
        let command = CommandLine::try_from(words).map_err(LlamaCommandError::Words)?;
        let is_ours = |word: &String| {
            let name = word.split_once('=').map_or(word.as_str(), |(name, _)| name);
            OURS.contains(&name)
        };
        match command.args.iter().any(is_ours) {
            true => Err(LlamaCommandError::Ours),
            false => Ok(LlamaCommand(command)),
        }
    }
}

impl LlamaCommand {
    /// Returns the program's name or full path.
    pub fn program(&self) -> &str {
        &self.0.program
    }

    pub(crate) fn args(&self) -> &[String] {
        &self.0.args
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::command_line::tests::full;

    #[test]
    fn a_file_has_a_full_path() {
        let of = |text: &str| Gguf::try_from(text.to_owned());
        let file = full("/m/小さなモデル.gguf");
        assert_eq!(of(&format!(" {file} ")).unwrap().as_str(), file);
        let home = Some(Path::new("/h"));
        assert_eq!(of("~/m.gguf").unwrap().path(home), Path::new("/h/m.gguf"));
        for text in ["m.gguf", "./m.gguf", "../m.gguf", "~"] {
            assert_eq!(of(text), Err(GgufError::Relative), "{text}");
        }
        assert_eq!(of(" "), Err(GgufError::Empty));
    }

    #[test]
    fn a_program_is_a_name_or_a_full_path_with_arguments_or_without() {
        let of = |text: &str| serde_json::from_str::<LlamaCommand>(text);
        let server = full("/opt/llama-server");
        assert_eq!(of(&format!("\"{server}\"")).unwrap().program(), server);
        let many = of(r#"["llama-server", "-ngl", "99"]"#).unwrap();
        assert_eq!((many.program(), many.args().len()), ("llama-server", 2));
        for wrong in [
            r#""""#,
            r#""./llama-server""#,
            "3",
            r#"["llama-server", "--alias", "x"]"#,
            r#"["llama-server", "--api-key=x"]"#,
        ] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }
}
