//! The `kaizodo` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    kaizodo::cli::main()
}
