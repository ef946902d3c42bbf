//! Shows long texts on a terminal, a screen at a time.
//!
//! `$PAGER` is a command line and is run as man and git run it, by `sh -c`: users write `less -R`
//! and `nvim -R -` there, and also pipes and quotes. Only the variable is part of that command; the
//! text goes to its stdin.

use super::output;
use crate::config::Env;
use console::Term;
use std::convert::Infallible;
use std::io::{self, IsTerminal};
use std::process::{ExitCode, Stdio};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use unicode_width::UnicodeWidthChar;

/// Number of rows left for what follows the text: a question of two rows.
const QUESTION_ROWS: usize = 2;

/// Shows long texts in the pager that the environment configures.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pager {
    /// The pager's command line from `PAGER`, if set. An empty string means no pager.
    command: Option<String>,
    /// Whether `LESS` is set: the user's options then apply.
    has_options: bool,
    /// Whether the terminal cannot move its cursor, which makes less useless.
    is_dumb: bool,
}

impl Pager {
    pub(crate) fn new(env: &Env) -> Self {
        let (command, has_options) = (env.pager.clone(), env.less_options);
        Pager { command, has_options, is_dumb: env.dumb_terminal }
    }

    /// Shows `text`, in the pager if it is longer than the screen. If the pager cannot be run or
    /// fails, prints the text.
    ///
    /// After the first text shown in a pager, an interrupt no longer terminates the process: the
    /// pager uses it to stop a search. Callers that wait for something afterwards must listen for
    /// it themselves.
    pub(crate) async fn show(&self, text: &str) -> ExitCode {
        let (rows, columns) = Term::stdout().size();
        let fits = rows_of(text, columns.into()) + QUESTION_ROWS <= usize::from(rows);
        let command = self.command().filter(|_| !fits && is_terminal());
        let Some(command) = command else { return output::print(text) };
        match run(command, text).await {
            Ok(true) => ExitCode::from(super::OK),
            Ok(false) => output::print(text),
            Err(error) => {
                tracing::debug!(%error, "no pager could be run");
                output::print(text)
            }
        }
    }

    /// Returns the program to run; `None` if the user wants no pager, or if the terminal is too
    /// limited for the default one.
    fn command(&self) -> Option<Command> {
        let mut command = match self.command.as_deref().map(str::trim) {
            Some("" | "cat") => return None,
            Some(line) => {
                let mut shell = Command::new("sh");
                shell.args(["-c", line]);
                shell
            }
            None if self.is_dumb => return None,
            None => {
                let mut less = Command::new("less");
                less.arg("-R");
                less
            }
        };
        if !self.has_options {
            // The default of git: less exits at once if the text fits, and the text stays on the
            // screen above the question.
            command.env("LESS", "FRX");
        }
        Some(command)
    }
}

/// Returns `true` if both stdin and stdout are terminals.
pub(crate) fn is_terminal() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Runs a pager until it exits. Returns whether it succeeded.
async fn run(mut command: Command, text: &str) -> io::Result<bool> {
    let paged = async {
        let mut child = command.stdin(Stdio::piped()).spawn()?;
        if let Some(mut input) = child.stdin.take() {
            // A user who quits the pager early has seen enough.
            match input.write_all(text.as_bytes()).await {
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error),
                _ => {}
            }
        }
        child.wait().await.map(|status| status.success())
    };
    tokio::select! {
        // Polled first, so that the handler is installed before the pager starts.
        biased;
        never = pass_interrupts() => match never {},
        ended = paged => ended,
    }
}

/// Ignores interrupts: the terminal sends them to the pager as well.
async fn pass_interrupts() -> Infallible {
    while tokio::signal::ctrl_c().await.is_ok() {}
    std::future::pending().await
}

/// Returns the number of rows that `text` takes on a terminal with this many columns, or slightly
/// more.
fn rows_of(text: &str, columns: usize) -> usize {
    let width = |line: &str| line.chars().map(|c| c.width_cjk().unwrap_or(1)).sum::<usize>();
    text.lines().map(|line| width(line).div_ceil(columns.max(1)).max(1)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(pager: Option<&str>, has_options: bool) -> Option<Vec<String>> {
        let pager = Pager { command: pager.map(str::to_owned), has_options, is_dumb: false };
        let command = pager.command()?;
        let command = command.as_std();
        let text = |text: &std::ffi::OsStr| text.to_string_lossy().into_owned();
        let words = std::iter::once(command.get_program()).chain(command.get_args()).map(text);
        let less = command.get_envs().filter_map(|(_, value)| value).map(text);
        Some(words.chain(less).collect())
    }

    #[test]
    fn the_variable_is_a_command_line_and_without_it_there_is_less() {
        let words = |words: &[&str]| Some(words.iter().map(|w| (*w).to_owned()).collect());
        assert_eq!(command(None, true), words(&["less", "-R"]));
        assert_eq!(command(None, false), words(&["less", "-R", "FRX"]));
        assert_eq!(command(Some("a 'b c'|d"), true), words(&["sh", "-c", "a 'b c'|d"]));
        assert_eq!((command(Some(" "), true), command(Some("cat"), true)), (None, None));
        assert!(Pager { is_dumb: true, ..Pager::default() }.command().is_none());
    }

    #[test]
    fn rows_are_counted_as_a_terminal_wraps_them() {
        assert_eq!(rows_of("", 10), 0);
        assert_eq!(rows_of("a\n\nb\n", 10), 3);
        assert_eq!(rows_of(&"x".repeat(21), 10), 3);
        assert_eq!(rows_of("会議が長い。", 10), 2);
        assert_eq!(rows_of("ab", 0), 2);
    }
}
