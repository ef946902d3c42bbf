//! The command-line interface. Each command is a thin shell around a session.

mod args;
mod ask;
mod browser;
mod complete;
mod core_dumps;
mod demo;
mod doctor;
mod eval;
mod guard;
mod input;
mod journal;
mod json;
mod log;
mod look;
mod lsp;
mod manual;
mod markdown;
mod mcp;
mod near;
mod output;
mod pager;
mod perspectives;
mod rows;
mod run;
mod runtime;
mod serve;
mod setup;
mod table;
mod trust;

use crate::config::{Env, SettingsError};
use crate::lang::{Lang, Message};
use args::{Args, Command, PerspectivesCommand};
use clap::FromArgMatches;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Exit status: all answers are complete, or all checks passed.
const OK: u8 = 0;
/// Exit status: an answer is incomplete, or a check failed.
const FAILED: u8 = 1;
/// Exit status: invalid arguments or settings.
const USAGE: u8 = 2;
/// Exit status: interrupted by the user, or broken pipe on stdout. 128 plus the number of SIGINT,
/// as in shells.
const INTERRUPTED: u8 = 130;

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    if !cfg!(debug_assertions) {
        core_dumps::keep_private();
    }
    let mut env = Env::read();
    env.dumb_terminal |= !look::prepare_console();
    let lang = env.locale;
    log::start(env.log.as_deref());
    let words: Vec<_> = std::env::args_os().collect();
    match complete::answer(&words, lang, current_folder().as_deref()) {
        Ok(false) => {}
        Ok(true) => return ExitCode::from(OK),
        Err(error) => return told(&error, lang),
    }
    let mut command = args::command(lang);
    let words = match args::in_full(words, &command, input::is_file, input::is_piped()) {
        Ok(words) => words,
        Err(unknown) => {
            let file = near::near_file(Path::new(&unknown.word));
            return fail(&unknown.message(file.as_deref(), lang));
        }
    };
    let parsed = command.try_get_matches_from_mut(words);
    match parsed.and_then(|matches| Args::from_arg_matches(&matches)) {
        Ok(Args { command: asked }) => match asked {
            Command::Run(args) => run::run(&args, env),
            Command::Retry(args) => run::retry(&args, env),
            Command::Ask(args) => run::ask(&args, env),
            Command::Lsp { .. } => lsp::serve(env),
            Command::Mcp => mcp::serve(env),
            Command::Serve(args) => serve::run(&args, env),
            Command::Demo(args) => demo::run(&args, &env),
            Command::Doctor { json } => doctor::run(json, env),
            Command::Setup(args) => setup::run(&args, env),
            Command::Eval(args) => eval::run(&args, env),
            Command::Perspectives { json, command: None } => perspectives::list(json, env),
            Command::Perspectives { command: Some(PerspectivesCommand::Show { name }), .. } => {
                perspectives::show(&name, env)
            }
            Command::Trust(args) => trust::run(&args, env),
            Command::Journal(asked) => journal::run(&asked, env),
            Command::Guard { program, args } => guard::run(&program, &args),
            Command::Completions { shell } => manual::completions(shell),
            Command::Man { command: page } => manual::page(page.as_deref(), command, lang),
        },
        Err(error) => told(&error, lang),
    }
}

/// Prints clap's output: help and version to stdout, errors to stderr.
fn told(error: &clap::Error, lang: Lang) -> ExitCode {
    let text = crate::panel::show_hidden_lines(&args::explain(error, lang));
    if error.use_stderr() {
        warn_raw(&text);
        return ExitCode::from(USAGE);
    }
    output::print(&text)
}

/// Prints an error to stderr and returns [`USAGE`].
fn fail(message: &str) -> ExitCode {
    warn(message);
    ExitCode::from(USAGE)
}

/// Prints the mistakes in the settings to stderr, each on its own line.
fn warn_of(problems: &[SettingsError], lang: Lang) {
    let each = problems.iter().flat_map(SettingsError::each);
    each.for_each(|mistake| warn(&mistake.message(lang)));
}

/// Prints a message to stderr.
fn warn(message: &str) {
    warn_raw(&format!("kaizodo: {}\n", crate::panel::show_hidden(message)));
}

/// Writes text to stderr. Errors are ignored: a closed stderr is no reason to fail.
fn warn_raw(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// Returns the folder that the program was started in. Texts without a file count as part of this
/// folder.
fn current_folder() -> Option<PathBuf> {
    std::env::current_dir().ok()
}
