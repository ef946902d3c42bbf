//! What can be typed. The doc comments are the English help; the Japanese stands in [`ja`].

mod error;
mod facts;
mod follow_up;
mod ja;
mod journal;
mod short;

pub(crate) use error::explain;
pub(crate) use facts::roff as facts_in_roff;
pub(crate) use follow_up::{AskArgs, RetryArgs};
pub(crate) use journal::JournalCommand;
pub(crate) use short::in_full;

use crate::cli::look::Color;
use crate::config::{Language, ProviderChoice, Settings};
use crate::lang::Lang;
use crate::perspective::Models;
use crate::privacy::SecretPolicy;
use crate::request::FocusMode;
use crate::session::RunOptions;
use crate::text::ContextMode;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use serde::de::value::Error as ValueError;
use serde::de::{DeserializeOwned, IntoDeserializer};
use std::ffi::OsString;
use std::net::IpAddr;
use std::path::PathBuf;

/// 解像度 (resolution): look at a text from several perspectives at once.
#[derive(Debug, Parser)]
#[command(name = "kaizodo", version, about, disable_help_subcommand = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Ask about a file, some of its lines, or standard input; `kaizodo FILE` and `… | kaizodo` are short for it
    Run(RunArgs),
    /// Ask for sections of a saved run again: all that are incomplete, or those you name
    Retry(RetryArgs),
    /// Ask a question about the answers of a saved run, or about one of them
    Ask(AskArgs),
    /// Run the language server for an editor, over stdin and stdout
    Lsp {
        /// Accepted for editors that pass it; stdio is the only transport
        #[arg(long)]
        stdio: bool,
    },
    /// Run a Model Context Protocol (MCP) server for an agent, over stdin and stdout
    Mcp,
    /// Serve the web page and the HTTP API on this computer
    Serve(ServeArgs),
    /// Watch a recorded run: real answers at the pace of a model; no model is asked
    Demo(DemoArgs),
    /// Show which model or server would answer and why, and check that it works
    Doctor {
        /// Print the result as one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Choose who answers, try it, and save it in your settings
    Setup(SetupArgs),
    /// Measure the quality of the answers about each text in a folder
    Eval(EvalArgs),
    /// List the perspectives, or show the file of one
    #[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
    Perspectives {
        /// Print the result as one JSON array
        #[arg(long)]
        json: bool,
        #[command(subcommand)]
        command: Option<PerspectivesCommand>,
    },
    /// Show what is in a repository's .kaizodo folder and, if you agree, trust it
    Trust(TrustArgs),
    /// List, search, show, replay, pin and remove saved runs
    #[command(subcommand, disable_help_subcommand = true)]
    Journal(JournalCommand),
    /// Run a program until standard input ends
    #[command(hide = true)]
    Guard {
        /// The program
        program: OsString,
        /// Its arguments
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// Print a completion script: `source <(kaizodo completions bash)`
    Completions {
        /// bash, zsh, fish, elvish or powershell
        #[arg(hide_possible_values = true)]
        shell: Shell,
    },
    /// Print a manual page: `kaizodo man | man -l -`
    Man {
        /// The command whose page to print, for example `run`
        command: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum PerspectivesCommand {
    /// Print the file of a perspective, to save it as your own and change it
    Show {
        /// The perspective, by name or title; `focus` for the focus
        name: String,
    },
}

/// Who is to answer; without any of the first five, `setup` asks on the terminal.
#[derive(Debug, clap::Args)]
pub(crate) struct SetupArgs {
    /// Use a model server that is running on this computer
    #[arg(long, group = "who")]
    pub(crate) local: bool,
    /// Use OpenAI, with the key in OPENAI_API_KEY
    #[arg(long, group = "who")]
    pub(crate) openai: bool,
    /// Use the server at this base URL, which must be compatible with OpenAI's
    #[arg(long, group = "who", value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// Use this model file, served by llama-server
    #[arg(long, group = "who", value_name = "FILE")]
    pub(crate) gguf: Option<PathBuf>,
    /// Use no model: the built-in worksheet
    #[arg(long, group = "who")]
    pub(crate) worksheet: bool,
    /// The model to ask (default: the server's first)
    #[arg(long, short, conflicts_with_all = ["gguf", "worksheet"])]
    pub(crate) model: Option<String>,
    /// The environment variable that holds the key for --base-url; only its name is saved
    #[arg(long, value_name = "NAME", requires = "base_url")]
    pub(crate) key_from_env: Option<String>,
    /// Change existing settings without asking for confirmation
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Save without asking a question first to try it
    #[arg(long)]
    pub(crate) no_try: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RunArgs {
    /// A file, one line of it (notes.md:3), several lines (notes.md:3-7), or - for standard input
    #[arg(value_name = "FILE[:A[-B]]", conflicts_with = "text")]
    pub(crate) file: Option<OsString>,
    /// The text to ask about
    #[arg(long, value_name = "TEXT")]
    pub(crate) text: Option<String>,
    /// Perspectives to use, by name or title, in display order
    #[arg(long, short, value_name = "A,B", value_delimiter = ',', conflicts_with = "set")]
    pub(crate) perspectives: Option<Vec<String>>,
    /// A set of perspectives: review, decide, readers, premortem, or one of your own
    #[arg(long, short)]
    pub(crate) set: Option<String>,
    /// When to write the focus, the answer made from all views: auto (once they are complete), ask (only when you run `kaizodo retry last focus`) or off
    #[arg(long, value_parser = one_of::<FocusMode>(&["auto", "ask", "off"]), hide_possible_values = true)]
    pub(crate) focus: Option<FocusMode>,
    /// Print only the focus; the perspectives still run
    #[arg(long, conflicts_with_all = ["json", "dry_run", "focus"])]
    pub(crate) focus_only: bool,
    /// Language of the answers: ja or en (default: the language of the text)
    #[arg(long, value_parser = one_of::<Language>(&["ja", "en"]), hide_possible_values = true)]
    pub(crate) lang: Option<Language>,
    /// The model to ask; of several (A,B), the next is asked if one cannot answer
    #[arg(long, short, value_parser = str::parse::<Models>)]
    pub(crate) model: Option<Models>,
    /// Who answers: auto, openai, local or worksheet
    #[arg(long, value_parser = one_of::<ProviderChoice>(&["auto", "openai", "local", "worksheet"]), hide_possible_values = true)]
    pub(crate) provider: Option<ProviderChoice>,
    /// What to do with text that looks like a secret: redact it, allow it, or refuse to send anything
    #[arg(long, value_parser = one_of::<SecretPolicy>(&["redact", "allow", "refuse"]), hide_possible_values = true)]
    pub(crate) secrets: Option<SecretPolicy>,
    /// How much of the rest of the file to send: none, around (nearby lines) or file (all of it)
    #[arg(long, value_parser = one_of::<ContextMode>(&["none", "around", "file"]), hide_possible_values = true)]
    pub(crate) context: Option<ContextMode>,
    /// Show exactly what would be sent, and where; send nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Print the events, one JSON object per line
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) color: ColorArg,
}

#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(crate) struct ColorArg {
    /// When to use styles: auto (on a terminal), always or never
    #[arg(long, value_name = "WHEN", value_parser = one_of::<Color>(&["auto", "always", "never"]), hide_possible_values = true, default_value = "auto", hide_default_value = true)]
    pub(crate) color: Color,
}

#[derive(Debug, clap::Args)]
pub(crate) struct DemoArgs {
    /// Language of the recording: ja or en (default: that of your locale)
    #[arg(long, value_parser = one_of::<Lang>(&["ja", "en"]), hide_possible_values = true)]
    pub(crate) lang: Option<Lang>,
    /// Show the whole run at once
    #[arg(long)]
    pub(crate) fast: bool,
    #[command(flatten)]
    pub(crate) color: ColorArg,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ServeArgs {
    /// The port to listen on (default: 4649, or a free one if that is taken)
    #[arg(long)]
    pub(crate) port: Option<u16>,
    /// The address to listen on (default: 127.0.0.1, reachable only from this computer)
    #[arg(long, value_name = "IP")]
    pub(crate) address: Option<IpAddr>,
    /// Another host name by which browsers may reach the server; can be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) allow_host: Vec<String>,
    /// Open the page in your browser
    #[arg(long)]
    pub(crate) open: bool,
    /// Print address and token as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct EvalArgs {
    /// A folder of texts; a name such as notes.ja.md marks the text as Japanese
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: PathBuf,
    /// Perspectives to use, by name or title, in display order
    #[arg(long, short, value_name = "A,B", value_delimiter = ',', conflicts_with = "set")]
    pub(crate) perspectives: Option<Vec<String>>,
    /// A set of perspectives: review, decide, readers, premortem, or one of your own
    #[arg(long, short)]
    pub(crate) set: Option<String>,
    /// The model to ask; of several (A,B), the next is asked if one cannot answer
    #[arg(long, short, value_parser = str::parse::<Models>)]
    pub(crate) model: Option<Models>,
    /// Take the answers from a file of recorded answers; no model is asked
    #[arg(long, value_name = "FILE")]
    pub(crate) cassette: Option<PathBuf>,
    /// Append the answers to a file; with --cassette, ask only for the answers missing from the cassette
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// Compare with another set, with the answer to one plain question (plain), or with another model (model:NAME)
    #[arg(long, value_name = "SET|plain|model:NAME")]
    pub(crate) against: Option<String>,
    /// Have this model choose the better answer, blind and in both orders; compares with plain unless --against is given
    #[arg(long, value_name = "MODEL")]
    pub(crate) judge: Option<String>,
    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct TrustArgs {
    /// A folder or file of the repository (default: the current folder)
    #[arg(value_name = "PATH", conflicts_with = "list")]
    pub(crate) path: Option<PathBuf>,
    /// Trust the repository without prompting for confirmation
    #[arg(long, short, conflicts_with_all = ["list", "revoke"])]
    pub(crate) yes: bool,
    /// List the repositories that you trust
    #[arg(long, conflicts_with = "revoke")]
    pub(crate) list: bool,
    /// Revoke your trust in the repository
    #[arg(long)]
    pub(crate) revoke: bool,
}

/// A value by its name in the settings, of those that make sense on the command line.
fn one_of<T>(names: &'static [&'static str]) -> impl TypedValueParser<Value = T>
where
    T: DeserializeOwned + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(names)
        .try_map(|name| T::deserialize(name.into_deserializer()) as Result<T, ValueError>)
}

impl RunArgs {
    /// What is asked.
    pub(crate) fn options(&self) -> RunOptions {
        RunOptions {
            set: self.set.clone(),
            perspectives: self.perspectives.clone(),
            focus: self.focus.or(self.focus_only.then_some(FocusMode::Auto)),
            // It is one of the settings here.
            lang: None,
        }
    }

    /// The highest layer of the settings.
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            model: self.model.clone(),
            lang: self.lang,
            provider: self.provider,
            context: self.context,
            secrets: self.secrets,
            ..Settings::default()
        }
    }
}

/// The command line with its help in this language.
pub(crate) fn command(lang: Lang) -> clap::Command {
    localised(Args::command(), "", lang)
}

/// The same for a command below `parent`, and those below it. clap's own flags are made anew, since their texts
/// cannot be changed otherwise.
fn localised(command: clap::Command, parent: &str, lang: Lang) -> clap::Command {
    let flag = |name: &'static str, short, action, text| {
        clap::Arg::new(name).short(short).long(name).action(action).help(text)
    };
    let is_root = command.get_version().is_some();
    let has_facts = is_root || command.get_name() == "run";
    let mut command = command.disable_help_flag(true).disable_version_flag(true).arg(flag(
        "help",
        'h',
        ArgAction::Help,
        lang.pick("使い方を表示する", "Print help"),
    ));
    if is_root {
        let text = lang.pick("バージョンを表示する", "Print version");
        command = command.arg(flag("version", 'V', ArgAction::Version, text));
    }
    if has_facts {
        command = command.after_help(facts::help(lang));
    }
    if lang == Lang::Ja {
        command = ja::translate(command, parent);
    }
    let name = command.get_name().to_owned();
    command.mut_subcommands(|sub| localised(sub, &name, lang))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        for lang in [Lang::Ja, Lang::En] {
            command(lang).debug_assert();
        }
    }

    /// Every text that `--help` may show, of all commands.
    fn texts(command: &clap::Command) -> Vec<(String, String)> {
        let name = command.get_name().to_owned();
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        let args = command.get_arguments().map(|arg| {
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            (format!("{name} {}", arg.get_id()), help)
        });
        let below = command.get_subcommands().flat_map(texts);
        std::iter::once((name.clone(), about)).chain(args).chain(below).collect()
    }

    #[test]
    fn every_text_is_there_in_both_languages() {
        let (ja, en) = (texts(&command(Lang::Ja)), texts(&command(Lang::En)));
        assert!(ja.len() > 20 && ja.len() == en.len());
        for ((name, ja), (_, en)) in ja.iter().zip(&en) {
            let is_japanese = ja.chars().any(|c| ('\u{3041}'..='\u{30ff}').contains(&c));
            assert!(is_japanese && !en.is_empty(), "{name}: {ja} / {en}");
        }
    }

    #[test]
    fn japanese_help_has_no_english_headings() {
        let mut run = command(Lang::Ja);
        let help = run.find_subcommand_mut("run").unwrap().render_help().to_string();
        for english in ["Usage", "OPTIONS", "Options", "Arguments", "Print", "possible"] {
            assert!(!help.contains(english), "{help}");
        }
        let help = run.render_help().to_string();
        assert!(
            help.contains("使い方: kaizodo <コマンド>") && !help.contains("Commands"),
            "{help}"
        );
    }
}
