//! `kaizodo mcp`: a server of the Model Context Protocol on stdin and stdout.

use super::{FAILED, OK, runtime, warn, warn_of};
use crate::config::{Env, Folders, Settings};
use crate::lang::Message;
use crate::mcp;
use crate::session::Setup;
use std::io::{self, IsTerminal};
use std::process::ExitCode;
use tokio_util::sync::CancellationToken;

pub(crate) fn serve(env: Env) -> ExitCode {
    if io::stdin().is_terminal() {
        warn(env.locale.pick(
            "これはエージェントが起動する MCP サーバーです。端末では `kaizodo run FILE` を使ってください（Ctrl-C で終わります）。",
            "This is the MCP server that agents start. In a terminal, use `kaizodo run FILE` (Ctrl-C ends this).",
        ));
    }
    let setup = Setup::load(env, Folders::find(), &Settings::default());
    let lang = setup.lang();
    warn_of(&setup.problems, lang);
    runtime::block_on(lang, async {
        let stop = CancellationToken::new();
        let interrupted = stop.clone();
        tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                interrupted.cancel();
            }
        });
        let session = setup.session(super::current_folder());
        session.settings.reload_for("");
        match mcp::serve(tokio::io::stdin(), tokio::io::stdout(), session, stop).await {
            Ok(()) => ExitCode::from(OK),
            Err(error) => {
                warn(&error.message(lang));
                ExitCode::from(FAILED)
            }
        }
    })
}
