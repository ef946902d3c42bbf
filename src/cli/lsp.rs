//! `kaizodo lsp`: a language server on stdin and stdout.

use super::{runtime, warn};
use crate::config::{Env, Folders};
use crate::lsp;
use std::io::{self, IsTerminal};
use std::process::ExitCode;

pub(crate) fn serve(env: Env) -> ExitCode {
    if io::stdin().is_terminal() {
        warn(env.locale.pick(
            "これはエディターが起動する言語サーバーです。端末では `kaizodo run FILE` を使ってください(Ctrl-C で終わります)。",
            "This is the language server that editors start. In a terminal, use `kaizodo run FILE` (Ctrl-C ends this).",
        ));
    }
    runtime::block_on(env.locale, async {
        let exit = lsp::serve(tokio::io::stdin(), tokio::io::stdout(), env, Folders::find()).await;
        ExitCode::from(exit.code())
    })
}
