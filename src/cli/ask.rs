//! Questions to the user on the terminal.

use super::{output, pager};
use std::io;

/// The user's answer to a yes-or-no question.
pub(crate) enum Answer {
    Yes,
    No,
    /// The user has interrupted the program.
    Interrupted,
    /// There is no terminal to ask on, or the answer cannot be read.
    Nobody,
}

/// A line that the user typed in answer to a question.
pub(crate) enum Line {
    /// The line without surrounding white space. Empty if the user accepts the default.
    Text(String),
    /// Standard input has ended or cannot be read.
    Ended,
}

/// Prints `question` and reads a line from standard input. The caller must handle ^C.
pub(crate) async fn line(question: &str) -> Line {
    output::print(&format!("{question} "));
    let answer = tokio::task::spawn_blocking(|| {
        let mut answer = String::new();
        io::stdin().read_line(&mut answer).map(|bytes| (bytes, answer))
    });
    match answer.await {
        Ok(Ok((1.., answer))) => Line::Text(answer.trim().to_owned()),
        _ => Line::Ended,
    }
}

/// Asks a yes-or-no question on the terminal. Anything but a yes counts as [`Answer::No`].
pub(crate) async fn ask(question: &str) -> Answer {
    if !pager::is_terminal() {
        return Answer::Nobody;
    }
    output::print(&format!("{question} [y/N] "));
    let answer = tokio::task::spawn_blocking(|| {
        let mut answer = String::new();
        io::stdin().read_line(&mut answer).map(|_| answer)
    });
    let answer = tokio::select! {
        answer = answer => answer,
        _ = tokio::signal::ctrl_c() => return Answer::Interrupted,
    };
    let Ok(Ok(answer)) = answer else { return Answer::Nobody };
    match ["y", "yes", "はい"].contains(&answer.trim().to_lowercase().as_str()) {
        true => Answer::Yes,
        false => Answer::No,
    }
}
