//! `kaizodo lsp`: a language server on stdin and stdout.

use super::{runtime, warn};
use crate::config::{Env, Folders, Settings};
use crate::lsp;
use crate::session::Setup;
use std::io::{self, IsTerminal};
use std::process::ExitCode;

pub(crate) fn serve(env: Env) -> ExitCode {
    if io::stdin().is_terminal() {
        warn(env.locale.pick(
            "これはエディターが起動する言語サーバーです。端末では `kaizodo run FILE` を使ってください（Ctrl-C で終わります）。",
            "This is the language server that editors start. In a terminal, use `kaizodo run FILE` (Ctrl-C ends this).",
        ));
    }
    let setup = Setup::load(env, Folders::find(), &Settings::default());
    runtime::block_on(setup.lang(), async {
        let exit = lsp::serve(tokio::io::stdin(), tokio::io::stdout(), &setup).await;
        ExitCode::from(exit.code())
    })
}
