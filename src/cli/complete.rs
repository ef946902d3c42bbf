//! Completions in the user's shell. The shell's completion script runs this program, so that it can
//! offer the user's runs, perspectives and sets, and the perspectives and sets of a trusted
//! repository.

use super::args;
use crate::config::{Env, Folders, Settings};
use crate::event::Event;
use crate::journal::Folder;
use crate::lang::Lang;
use crate::panel::show_hidden;
use crate::session::{Scope, Setup};
use clap::{Arg, Command, ValueHint};
use clap_complete::env::{CompleteEnv, Shells};
use clap_complete::{ArgValueCandidates, CompletionCandidate, Shell};
use std::ffi::OsString;
use std::io;
use std::path::Path;

/// Environment variable that a completion script sets when it runs this program. Its value is the
/// shell's name.
const VARIABLE: &str = "KAIZODO_COMPLETE";
/// Maximum number of runs that are offered.
const RUNS: usize = 20;

/// Prints the completions if a completion script started the program. Returns whether it did.
/// `words` are the program's arguments, and `here` is the current folder.
///
/// # Errors
/// Fails if the shell is unknown, or if its request cannot be read or answered.
pub(crate) fn answer(
    words: &[OsString],
    lang: Lang,
    here: Option<&Path>,
) -> clap::error::Result<bool> {
    CompleteEnv::with_factory(|| command(lang)).var(VARIABLE).try_complete(words, here)
}

/// Returns the completion script for a shell.
///
/// # Errors
/// Fails if there is no script for the shell.
pub(crate) fn script(shell: Shell) -> io::Result<Vec<u8>> {
    let shells = Shells::builtins();
    let name = shell.to_string();
    let completer = shells.completer(&name).ok_or(io::ErrorKind::Unsupported)?;
    let mut script = Vec::new();
    completer.write_registration(VARIABLE, "kaizodo", "kaizodo", "kaizodo", &mut script)?;
    Ok(script)
}

/// Returns the definition of the command line, with the candidates for its arguments.
fn command(lang: Lang) -> Command {
    let offered = |arg: Arg, candidates: fn() -> Vec<CompletionCandidate>| {
        arg.add(ArgValueCandidates::new(candidates))
    };
    let mut command = args::command(lang)
        // The word `run` may be omitted.
        .arg(Arg::new("file").value_hint(ValueHint::FilePath));
    for name in ["run", "eval"] {
        command = command.mut_subcommand(name, |sub| {
            sub.mut_arg("perspectives", |arg| offered(arg, perspectives))
                .mut_arg("set", |arg| offered(arg, sets))
        });
    }
    command = command.mut_subcommand("run", |sub| {
        sub.mut_arg("file", |arg| arg.value_hint(ValueHint::FilePath))
    });
    let of_runs = |sub: Command| {
        sub.mut_args(|arg| match arg.get_id().as_str() {
            "run" | "runs" => offered(arg, runs),
            "section" | "sections" => offered(arg, sections),
            _ => arg,
        })
    };
    for name in ["retry", "ask"] {
        command = command.mut_subcommand(name, of_runs);
    }
    command = command.mut_subcommand("perspectives", |sub| {
        sub.mut_subcommand("show", |show| {
            show.mut_arg("name", |arg| offered(arg, perspectives_and_focus))
        })
    });
    command.mut_subcommand("journal", |journal| journal.mut_subcommands(of_runs))
}

/// Calls `take` with the settings in force in the shell's current folder, and returns its result.
fn with_scope<T>(take: impl Fn(&Scope, Lang) -> T) -> T {
    let setup = Setup::load(Env::read(), Folders::find(), &Settings::default());
    let session = setup.session(super::current_folder());
    session.settings.reload_for("");
    take(&session.settings.scope(""), setup.lang())
}

fn perspectives() -> Vec<CompletionCandidate> {
    with_scope(|scope, lang| {
        let all = scope.catalog().iter();
        all.map(|p| candidate(&p.name, p.description(lang))).collect()
    })
}

fn perspectives_and_focus() -> Vec<CompletionCandidate> {
    let focus = with_scope(|scope, lang| {
        scope.catalog().focus().map(|focus| candidate(&focus.name, focus.description(lang)))
    });
    perspectives().into_iter().chain(focus).collect()
}

fn sets() -> Vec<CompletionCandidate> {
    with_scope(|scope, _| scope.set_names().iter().map(|name| candidate(name, "")).collect())
}

fn runs() -> Vec<CompletionCandidate> {
    let folder = Folders::find().map(|folders| Folder::new(folders.state));
    let runs = folder.and_then(|folder| folder.list(RUNS).ok()).unwrap_or_default();
    runs.iter().map(|entry| candidate(&entry.run.0, &entry.title)).collect()
}

/// Returns the sections of the last run; the run that the line names is not known here.
fn sections() -> Vec<CompletionCandidate> {
    let folder = Folders::find().map(|folders| Folder::new(folders.state));
    let last = folder.and_then(|folder| {
        let run = folder.find("last").ok()?;
        folder.load(&run).ok().flatten()
    });
    let mut found: Vec<CompletionCandidate> = Vec::new();
    for stamped in last.map(|last| last.events).unwrap_or_default() {
        let named = match stamped.event {
            Event::RunStarted { sections, .. } => sections,
            Event::SectionAdded { section, .. } => vec![section],
            _ => Vec::new(),
        };
        found.extend(named.iter().map(|section| candidate(&section.branch.0, &section.title)));
    }
    found
}

/// Creates a candidate. Hidden characters are made visible, because the texts come from files and
/// the shell prints them.
fn candidate(name: &str, about: &str) -> CompletionCandidate {
    let about = show_hidden(about.trim().lines().next().unwrap_or_default());
    let about = Some(about).filter(|about| !about.is_empty());
    CompletionCandidate::new(show_hidden(name)).help(about.map(Into::into))
}
