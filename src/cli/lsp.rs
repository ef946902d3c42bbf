//! `kaizodo lsp`: a language server on stdin and stdout.

use super::runtime;
use crate::config::{Env, Folders};
use crate::lsp;
use std::process::ExitCode;

pub(super) fn serve(env: Env) -> ExitCode {
    runtime::block_on(env.locale, async {
        let exit = lsp::serve(tokio::io::stdin(), tokio::io::stdout(), env, Folders::find()).await;
        ExitCode::from(exit.code())
    })
}
