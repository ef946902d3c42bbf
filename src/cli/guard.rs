//! `kaizodo guard`: what stands between us and a model server that must not outlive us.

use super::{FAILED, fail};
use crate::provider;
use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the program until it ends or standard input does.
pub(crate) fn run(program: &OsString, args: &[OsString]) -> ExitCode {
    match provider::guard(program, args) {
        Ok(status) => {
            ExitCode::from(status.and_then(|status| status.try_into().ok()).unwrap_or(FAILED))
        }
        Err(error) => fail(&format!("error: {}: {error}", program.display())),
    }
}
