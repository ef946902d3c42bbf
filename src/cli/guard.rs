//! `kaizodo guard`: runs a model server that must not outlive the process that started the guard.

use super::{FAILED, fail};
use crate::provider;
use std::ffi::OsString;
use std::process::ExitCode;

/// Runs a program until it exits or standard input ends. Returns the program's exit status.
pub(crate) fn run(program: &OsString, args: &[OsString]) -> ExitCode {
    match provider::guard(program, args) {
        Ok(status) => {
            ExitCode::from(status.and_then(|status| status.try_into().ok()).unwrap_or(FAILED))
        }
        Err(error) => fail(&format!("error: {}: {error}", program.display())),
    }
}
