//! `kaizodo completions` and `kaizodo man`: print completion scripts and manual pages.

use super::args::facts_in_roff;
use super::{complete, fail, output};
use crate::lang::Lang;
use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;
use std::process::ExitCode;

/// Prints a shell's completion script.
pub(crate) fn completions(shell: Shell) -> ExitCode {
    match complete::script(shell) {
        Ok(script) => print(&script),
        Err(error) => output::lost(&error),
    }
}

/// Prints the manual page of the program or, if `name` is given, of one of its commands.
pub(crate) fn page(name: Option<&str>, mut command: Command, lang: Lang) -> ExitCode {
    // Sets the name of each command's page, such as `kaizodo-run`.
    command.build();
    let page = match name {
        None => Some(command),
        Some(name) => command.find_subcommand(name).cloned(),
    };
    let Some(page) = page else {
        let name = name.unwrap_or_default();
        return fail(&lang.pick(
            format!("`{name}` というコマンドはありません。"),
            format!("There is no command `{name}`."),
        ));
    };
    let mut text = Vec::new();
    let version = concat!("kaizodo ", env!("CARGO_PKG_VERSION"));
    // The manual has separate sections for what the help shows at its end.
    match Man::new(page.after_help(None)).source(version).render(&mut text) {
        Ok(()) => {
            text.extend_from_slice(facts_in_roff(lang).as_bytes());
            print(&text)
        }
        Err(error) => output::lost(&error),
    }
}

fn print(text: &[u8]) -> ExitCode {
    match output::write(text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => output::lost(&error),
    }
}
