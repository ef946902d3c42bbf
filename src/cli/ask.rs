//! Questions to the user on the terminal.

use super::{output, pager};
use std::io;

/// The answer to a question.
pub(crate) enum Answer {
    Yes,
    No,
    /// The user has interrupted the program.
    Interrupted,
    /// There is no terminal to ask on.
    Nobody,
}

/// A line that is typed at a question.
pub(crate) enum Line {
    /// Without the spaces around it; empty for what is offered.
    Text(String),
    /// The user has ended the input.
    Ended,
}

/// Asks for a line on the terminal. The caller hears ^C.
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

/// Asks on the terminal, with No as the answer to anything but a yes.
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
